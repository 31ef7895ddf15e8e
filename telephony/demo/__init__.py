"""`segue demo`: the whole story on one machine, and a verdict on whether it really happened."""

from telephony.demo.play import play

__all__ = ["play"]
