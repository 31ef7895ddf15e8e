"""A live call's end at its carrier: what comes in, what goes out, whichever carrier it is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from audio.playout import Mark

DIGITS: Final = frozenset("0123456789*#ABCD")
"""The keys there are."""


class Media(NamedTuple):
    """What the lead's telephone sent, normally 160 bytes of μ-law: 20 ms at 8 kHz."""

    ulaw: bytes
    timestamp_ms: int
    """Since the stream began; the first is seldom 0."""
    chunk: int
    lost_ms: int = 0
    """Audio missing before this frame, in whole frames. The ear hears it as silence, so that its time stays true."""


@dataclass(frozen=True, slots=True)
class Digit:
    """A key the lead pressed, one of `0-9 * # A-D`."""

    digit: str


@dataclass(frozen=True, slots=True)
class MarkPlayed:
    """The carrier played up to this mark, or threw it away in a `clear`: the mark's epoch tells which."""

    mark: Mark


@dataclass(frozen=True, slots=True)
class Stopped:
    """The call is over, or its instructions were replaced. Nothing more will come."""


LegEvent = Media | Digit | MarkPlayed | Stopped


class LegClosedError(Exception):
    """The carrier's end is gone: nothing can be sent any more."""


class Leg(Protocol):
    """The media of one call, 8 kHz μ-law both ways."""

    call: str
    """The carrier's id of the call."""
    stream: str
    """The carrier's id of this connection."""

    async def listen(self, hear: Callable[[LegEvent], None]) -> None:
        """Passes on what the carrier tells us. Returns after `Stopped`, or without one when the connection is lost."""
        ...

    def send(self, item: bytes | Mark) -> None:
        """Sends audio, whole frames of 20 ms, or a mark behind what was sent so far.

        Raises:
            LegClosedError: the connection is gone.
        """
        ...

    def clear(self) -> None:
        """Throws away what the carrier has buffered.

        Raises:
            LegClosedError: the connection is gone.
        """
        ...

    async def close(self) -> None:
        """Ends the media connection; the carrier asks what to do with the call next."""
        ...
