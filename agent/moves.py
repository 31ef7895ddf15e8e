"""What a brain can do in a turn. Moves are data: the channels turn them into speech, texts and events."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import JsonValue

from state.events import Channel


@dataclass(frozen=True, slots=True)
class Say:
    """A clause to speak or a sentence to text. `asks` names the campaign question it puts, if it puts one."""

    text: str
    asks: str | None = None


@dataclass(frozen=True, slots=True)
class Learn:
    """The lead told us a fact, or corrected one."""

    key: str
    value: JsonValue


@dataclass(frozen=True, slots=True)
class Promise:
    """A commitment for `due`, or a time from then `until`; `by` is what keeps it (see `state.events.Promised`)."""

    what: str
    due: datetime | None = None
    until: datetime | None = None
    by: Literal["call", "text", "person"] | None = None
    body: str | None = None
    """What the text says, where a text keeps it. Without, nothing can be sent and the promise will be broken."""


@dataclass(frozen=True, slots=True)
class HandOff:
    """Find a human for this lead. The lead is told only once one has accepted."""

    reason: Literal["qualified", "requested", "emergency"]


@dataclass(frozen=True, slots=True)
class Suppress:
    """Stop everything, on every channel. Only the guard makes this move."""

    reason: Literal["opt_out", "wrong_number"]
    detector: str
    channel: Channel = Channel.VOICE
    words: str = ""
    """What the lead said, masked: the evidence that is kept with the suppression."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Send nothing more until a person has looked."""

    reason: str


@dataclass(frozen=True, slots=True)
class Resume:
    """START: texts may go on."""


@dataclass(frozen=True, slots=True)
class End:
    """End the call after what was said has been heard. On SMS it means: nothing more to say now."""

    reason: str


Move = Say | Learn | Promise | HandOff | Suppress | Hold | Resume | End
