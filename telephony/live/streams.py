"""A call's media socket as carriers speak it, without I/O: frames in, events out; audio in, frames out.

    CONNECTING ──connected──► CONNECTED ──start──► STARTED ──stop──► STOPPED
         (a Violation also ends in STOPPED: the socket has to be closed)

What is here, several carriers have in common: JSON in text frames, with `event` saying what kind, and base64 of μ-law
inside. A carrier's own module says how the rest of its messages look. What does not fit is logged once per kind and
dropped: one odd frame must not cost a lead the call.
"""

import binascii
import json
import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, ClassVar, Final

import structlog

from audio.playout import Mark
from telephony.leg import DIGITS, Digit, MarkPlayed, Media, Stopped

log = structlog.get_logger(__name__)

RATE: Final = 8000
CHANNELS: Final = 1
BYTES_PER_MS: Final = RATE // 1000
"""μ-law is one byte a sample."""
FRAME_MS: Final = 20
LOST_MS_LIMIT: Final = 10_000
"""No more silence than this is asked for at once, whatever a message says."""


class State(IntEnum):
    """Where the stream is. It only ever moves forward."""

    CONNECTING = 0
    CONNECTED = 1
    STARTED = 2
    STOPPED = 3


class CloseCode(IntEnum):
    """Why we close the socket (RFC 6455, section 7.4.1)."""

    PROTOCOL_ERROR = 1002
    UNSUPPORTED_DATA = 1003
    POLICY_VIOLATION = 1008


@dataclass(frozen=True, slots=True)
class Started:
    """The stream is open. Check the token among the parameters, or in the socket's URL, before anything else."""

    stream: str
    call: str
    account: str
    parameters: Mapping[str, str]
    encoding: str
    rate: int
    """Hz."""
    channels: int


@dataclass(frozen=True, slots=True)
class Violation:
    """The peer is not a stream we can serve. Close the socket with this code and reason."""

    code: CloseCode
    reason: str


Event = Started | Media | Digit | MarkPlayed | Stopped | Violation


_MARK = re.compile(r"e([0-9]{1,9}):([0-9]{1,9})")


def mark_name(mark: Mark) -> str:
    """The name a mark has on the wire, e.g. `e4:12`: clause 12 of epoch 4."""
    return f"e{mark.epoch}:{mark.clause}"


def parse_mark(name: str) -> Mark | None:
    """The inverse of `mark_name`; None if the name is not one of ours."""
    found = _MARK.fullmatch(name)
    return Mark(int(found[1]), int(found[2])) if found else None


class OddError(Exception):
    """A message to drop; its text says what kind of odd it is."""


class JsonStream(ABC):
    """One bidirectional stream: give it what the socket received, send what it returns."""

    STREAM: ClassVar[str]
    """The field of every message that names the stream."""
    ENCODING: ClassVar[str]
    """What the carrier calls μ-law."""

    def __init__(self) -> None:
        self.state = State.CONNECTING
        self.stream: str | None = None
        self.odd: Counter[str] = Counter()
        """How many messages were dropped, by what was odd about them: a few fixed words."""

    @abstractmethod
    def media(self, ulaw: bytes) -> str:
        """A message that queues audio behind what is queued already. μ-law, 8 kHz, no file header."""

    @abstractmethod
    def mark(self, mark: Mark) -> str:
        """A message that asks for `MarkPlayed(mark)` once the audio queued before it has been played."""

    @abstractmethod
    def clear(self) -> str:
        """A message that throws away what is queued."""

    @abstractmethod
    def _started(self, message: dict[str, Any]) -> Started:
        """Reads a `start`. Raises KeyError, TypeError or ValueError for one that is incomplete."""

    @abstractmethod
    def _heard(self, message: dict[str, Any], ulaw: bytes) -> Media:
        """The event of a frame of the lead's audio."""

    def events(self, frame: str | bytes) -> Sequence[Event]:
        """What a frame lets out, in order: most often one event or none."""
        event = self.receive(frame)
        return () if event is None else (event,)

    def receive(self, frame: str | bytes) -> Event | None:
        """The event in a frame; None if there is nothing to do about it. Never raises, whatever the frame is."""
        try:
            return self._event(_read(frame))
        except OddError as odd:
            self._warn_once(str(odd))
            return None

    def _event(self, message: dict[str, Any]) -> Event | None:
        if self.state is State.STOPPED:
            raise OddError("message after the end")
        event = message.get("event")
        try:
            match event:
                # Media first: it is fifty frames a second, the rest is a handful a call.
                case "media":
                    return self._on_media(message)
                case "mark":
                    return self._on_mark(message)
                case "dtmf":
                    return self._on_digit(message)
                case "connected":
                    return self._on_connected()
                case "start":
                    return self._on_start(message)
                case "stop":
                    return self._on_stop(message)
        except (KeyError, TypeError, ValueError) as flaw:
            raise OddError(f"malformed {event}") from flaw
        raise OddError("unknown event")

    def _on_connected(self) -> Event | None:
        if self.state is not State.CONNECTING:
            raise OddError("second connected")
        self.state = State.CONNECTED
        return None

    def _on_start(self, message: dict[str, Any]) -> Started | Violation:
        if self.state is State.STARTED:
            return self._violation(CloseCode.POLICY_VIOLATION, "second start")
        if self.state is State.CONNECTING:
            raise OddError("start before connected")
        try:
            started = self._started(message)
        except (KeyError, TypeError, ValueError):
            return self._violation(CloseCode.PROTOCOL_ERROR, "start is incomplete")
        if (started.encoding, started.rate, started.channels) != (self.ENCODING, RATE, CHANNELS):
            return self._violation(CloseCode.UNSUPPORTED_DATA, f"media format is not {self.ENCODING}, 8000 Hz, mono")
        self.state = State.STARTED
        self.stream = started.stream
        return started

    def _on_media(self, message: dict[str, Any]) -> Media:
        self._check_ours(message)
        media = message["media"]
        if media["track"] != "inbound":
            raise OddError("track is not inbound")
        return self._heard(message, audio(media["payload"]))

    def _on_mark(self, message: dict[str, Any]) -> MarkPlayed:
        self._check_ours(message)
        mark = parse_mark(text(message["mark"]["name"]))
        if mark is None:
            raise OddError("mark that is not ours")
        return MarkPlayed(mark)

    def _on_digit(self, message: dict[str, Any]) -> Digit:
        self._check_ours(message)
        digit = message["dtmf"]["digit"]
        if digit not in DIGITS:
            raise ValueError("not a key")
        return Digit(digit)

    def _on_stop(self, message: dict[str, Any]) -> Stopped:
        self._check_ours(message)
        self.state = State.STOPPED
        return Stopped()

    def _check_ours(self, message: dict[str, Any]) -> None:
        if self.state is not State.STARTED:
            raise OddError("message before start")
        if message[self.STREAM] != self.stream:
            raise OddError("another stream's name")

    def _check_started(self) -> None:
        if self.stream is None:
            raise RuntimeError("the stream has no name yet: send only after Started")

    def _violation(self, code: CloseCode, reason: str) -> Violation:
        self.state = State.STOPPED
        log.warning("stream violates the protocol", reason=reason, stream=self.stream)
        return Violation(code, reason)

    def _warn_once(self, kind: str) -> None:
        self.odd[kind] += 1
        if self.odd[kind] == 1:
            log.warning("stream message ignored", kind=kind, stream=self.stream)


def base64(ulaw: bytes) -> str:
    """Audio as it goes into a message."""
    return binascii.b2a_base64(ulaw, newline=False).decode("ascii")


def audio(payload: str) -> bytes:
    """The audio of a message. Raises ValueError: base64 that is not quite base64 would be noise in the ear."""
    ulaw = binascii.a2b_base64(payload, strict_mode=True)
    if not ulaw:
        raise ValueError("no audio")
    return ulaw


def _read(frame: str | bytes) -> dict[str, Any]:
    if not isinstance(frame, str):
        raise OddError("binary frame")
    try:
        message = json.loads(frame)
    except (ValueError, RecursionError) as flaw:
        raise OddError("not JSON") from flaw
    if not isinstance(message, dict):
        raise OddError("not an object")
    return message


def text(value: object) -> str:
    """A field that is text, perhaps an empty one."""
    if not isinstance(value, str):
        raise TypeError("not a string")
    return value


def name(value: object) -> str:
    """A field that names something."""
    if not value:
        raise ValueError("empty name")
    return text(value)


def count(value: object) -> int:
    """A counter: carriers send strings, and numbers for the media format."""
    if not isinstance(value, str | int):
        raise TypeError("not a number")
    counted = int(value)
    if counted < 0:
        raise ValueError("negative")
    return counted
