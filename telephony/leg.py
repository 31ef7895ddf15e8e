"""A live call's end at its carrier: what comes in, what goes out, whichever carrier it is."""

from collections.abc import AsyncIterator
from typing import Protocol

from audio.playout import Mark
from telephony.twilio.media import Digit, MarkPlayed, Media, Stopped

LegEvent = Media | Digit | MarkPlayed | Stopped


class LegClosedError(Exception):
    """The carrier's end is gone: nothing can be sent any more."""


class Leg(Protocol):
    """The media of one call, 8 kHz μ-law both ways."""

    call: str
    """The carrier's id of the call."""
    stream: str
    """The carrier's id of this connection."""

    def events(self) -> AsyncIterator[LegEvent]:
        """What the carrier tells us; ends after `Stopped`, or without one when the connection is lost."""
        ...

    async def send(self, item: bytes | Mark) -> None:
        """Sends a 20 ms frame, or a mark behind the frames sent so far.

        Raises:
            LegClosedError: the connection is gone.
        """
        ...

    async def clear(self) -> None:
        """Throws away what the carrier has buffered."""
        ...

    async def close(self) -> None:
        """Ends the media connection; the carrier asks what to do with the call next."""
        ...
