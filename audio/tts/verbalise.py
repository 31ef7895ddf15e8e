"""Writes text out the way it is spoken."""


def verbalise(text: str) -> str:
    """`text` as a voice should read it."""
    return text
