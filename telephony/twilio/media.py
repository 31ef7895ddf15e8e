"""Twilio Media Streams for one call, without I/O: frames in, events out; audio in, frames out.

    CONNECTING ──connected──► CONNECTED ──start──► STARTED ──stop──► STOPPED
         (a Violation also ends in STOPPED: the socket has to be closed)

Wire format: https://www.twilio.com/docs/voice/media-streams/websocket-messages. Counters travel as strings.
What does not fit is logged once per kind and dropped, as Twilio does with what it does not understand from us:
one odd frame must not cost a lead the call.
"""

import binascii
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final, NamedTuple

import structlog

from audio.playout import Mark
from telephony.leg import DIGITS, Digit, MarkPlayed, Media, Stopped

log = structlog.get_logger(__name__)

ENCODING: Final = "audio/x-mulaw"
RATE: Final = 8000
CHANNELS: Final = 1
BYTES_PER_MS: Final = RATE // 1000
"""μ-law is one byte a sample."""

FRAME_MS: Final = 20
WOBBLE_MS: Final = 5
"""Timestamps of consecutive frames are 20 ms apart, give or take a few; real captures show 17 to 23."""
LOST_MS_LIMIT: Final = 10_000
"""No more silence than this is asked for at once, whatever a timestamp says."""


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
    """The stream is open. `parameters` are those of the TwiML: check the token among them before anything else."""

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


class _OddError(Exception):
    """A message to drop; its text says what kind of odd it is."""


class _Envelope(NamedTuple):
    """What our messages begin with. They differ only in payload or name, so the rest is written once a stream."""

    media: str
    mark: str
    clear: str

    @classmethod
    def of(cls, stream: str) -> "_Envelope":
        name = json.dumps(stream)
        return cls(
            media=f'{{"event":"media","streamSid":{name},"media":{{"payload":"',
            mark=f'{{"event":"mark","streamSid":{name},"mark":{{"name":',
            clear=f'{{"event":"clear","streamSid":{name}}}',
        )


class MediaStream:
    """One bidirectional stream (`<Connect><Stream>`): give it what the socket received, send what it returns."""

    def __init__(self) -> None:
        self.state = State.CONNECTING
        self.stream: str | None = None
        self.odd: Counter[str] = Counter()
        """How many messages were dropped, by what was odd about them: a few fixed words."""
        self._envelope: _Envelope | None = None
        self._due_ms: int | None = None  # timestamp of the next frame if nothing is lost

    def receive(self, frame: str | bytes) -> Event | None:
        """The event in a frame; None if there is nothing to do about it. Never raises, whatever the frame is."""
        try:
            return self._event(_read(frame))
        except _OddError as odd:
            self._warn_once(str(odd))
            return None

    def _event(self, message: dict[str, Any]) -> Event | None:
        if self.state is State.STOPPED:
            raise _OddError("message after the end")
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
            raise _OddError(f"malformed {event}") from flaw
        raise _OddError("unknown event")

    def media(self, ulaw: bytes) -> str:
        """A message that queues audio, of any length, behind what is queued already. μ-law, 8 kHz, no file header."""
        payload = binascii.b2a_base64(ulaw, newline=False).decode("ascii")
        return f'{self._started().media}{payload}"}}}}'

    def mark(self, mark: Mark) -> str:
        """A message that asks for `MarkPlayed(mark)` once the audio queued before it has been played."""
        return f'{self._started().mark}"{mark_name(mark)}"}}}}'

    def clear(self) -> str:
        """A message that throws away what is queued. Twilio then echoes every mark that was waiting, as if played."""
        return self._started().clear

    def _started(self) -> _Envelope:
        if self._envelope is None:
            raise RuntimeError("the stream has no name yet: send only after Started")
        return self._envelope

    def _on_connected(self) -> Event | None:
        if self.state is not State.CONNECTING:
            raise _OddError("second connected")
        self.state = State.CONNECTED
        return None

    def _on_start(self, message: dict[str, Any]) -> Started | Violation:
        if self.state is State.STARTED:
            return self._violation(CloseCode.POLICY_VIOLATION, "second start")
        if self.state is State.CONNECTING:
            raise _OddError("start before connected")
        try:
            started = _read_start(message)
        except (KeyError, TypeError, ValueError):
            return self._violation(CloseCode.PROTOCOL_ERROR, "start is incomplete")
        if (started.encoding, started.rate, started.channels) != (ENCODING, RATE, CHANNELS):
            return self._violation(CloseCode.UNSUPPORTED_DATA, "media format is not audio/x-mulaw, 8000 Hz, mono")
        self.state = State.STARTED
        self.stream = started.stream
        self._envelope = _Envelope.of(started.stream)
        return started

    def _on_media(self, message: dict[str, Any]) -> Media:
        self._check_ours(message)
        media = message["media"]
        if media["track"] != "inbound":
            raise _OddError("track is not inbound")
        # Strict, because base64 that is not quite base64 would be noise in the ear.
        ulaw = binascii.a2b_base64(media["payload"], strict_mode=True)
        if not ulaw:
            raise ValueError("no audio")
        timestamp_ms = _count(media["timestamp"])
        chunk = _count(media["chunk"])
        return Media(ulaw, timestamp_ms, chunk, self._lost_before(timestamp_ms, len(ulaw) // BYTES_PER_MS))

    def _on_mark(self, message: dict[str, Any]) -> MarkPlayed:
        self._check_ours(message)
        mark = parse_mark(_text(message["mark"]["name"]))
        if mark is None:
            raise _OddError("mark that is not ours")
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
            raise _OddError("message before start")
        if message["streamSid"] != self.stream:
            raise _OddError("another stream's name")

    def _lost_before(self, timestamp_ms: int, length_ms: int) -> int:
        """How much audio is missing before a frame. TCP loses nothing: a jump is a loss on the telephone's side."""
        due_ms = timestamp_ms if self._due_ms is None else self._due_ms
        gap_ms = timestamp_ms - due_ms + WOBBLE_MS
        lost_ms = max(0, gap_ms) // FRAME_MS * FRAME_MS
        # The timeline goes on from what was due, so that wobble does not add up. After a frame that came early it goes
        # on from the frame, else a slow clock would hide the next loss.
        self._due_ms = min(due_ms + lost_ms, timestamp_ms) + length_ms
        return min(lost_ms, LOST_MS_LIMIT)

    def _violation(self, code: CloseCode, reason: str) -> Violation:
        self.state = State.STOPPED
        log.warning("stream violates the protocol", reason=reason, stream=self.stream)
        return Violation(code, reason)

    def _warn_once(self, kind: str) -> None:
        self.odd[kind] += 1
        if self.odd[kind] == 1:
            log.warning("stream message ignored", kind=kind, stream=self.stream)


def _read(frame: str | bytes) -> dict[str, Any]:
    if not isinstance(frame, str):
        raise _OddError("binary frame")
    try:
        message = json.loads(frame)
    except (ValueError, RecursionError) as flaw:
        raise _OddError("not JSON") from flaw
    if not isinstance(message, dict):
        raise _OddError("not an object")
    return message


def _read_start(message: dict[str, Any]) -> Started:
    start = message["start"]
    stream = _name(start["streamSid"])
    if message["streamSid"] != stream:
        raise ValueError("start has two names for its stream")
    form = start["mediaFormat"]
    return Started(
        stream=stream,
        call=_name(start["callSid"]),
        account=_name(start["accountSid"]),
        parameters={_text(name): _text(value) for name, value in dict(start["customParameters"]).items()},
        encoding=_text(form["encoding"]),
        rate=_count(form["sampleRate"]),
        channels=_count(form["channels"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a string")
    return value


def _name(value: object) -> str:
    if not value:
        raise ValueError("empty name")
    return _text(value)


def _count(value: object) -> int:
    """A counter. Twilio sends strings, and numbers for the media format."""
    if not isinstance(value, str | int):
        raise TypeError("not a number")
    count = int(value)
    if count < 0:
        raise ValueError("negative")
    return count
