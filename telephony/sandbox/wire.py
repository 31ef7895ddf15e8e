"""The Media Streams messages, from the carrier's end: what it sends, and how strictly it reads. Sans-I/O.

Source: Twilio, "Media Streams - WebSocket Messages"; the order of keys is that of captured traffic.
"""

import base64
import binascii
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from audio.engines import FRAME_MS, TELEPHONE_RATE

BINARY_FRAME = 31950
INVALID_MESSAGE = 31951
BUFFER_FULL = 31931


class MessageError(Exception):
    """A message Twilio would ignore and warn about. `code` is its error code."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(f"{code} {why}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Media:
    """Audio to play: raw μ-law bytes."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Mark:
    """A name to echo once the audio before it has played."""

    name: str


@dataclass(frozen=True, slots=True)
class Clear:
    """Throw away what has not played."""


def parse(message: str | bytes, stream: str) -> Media | Mark | Clear:
    """Reads one message of the server's, exactly as strictly as Twilio does. Raises `MessageError`."""
    if isinstance(message, bytes):
        raise MessageError(BINARY_FRAME, "binary frame: Media Streams are text frames only")
    body = _object(message)
    event = body.get("event")
    if event == "clear":
        _exactly(body, {"event", "streamSid"}, "clear")
    elif event in ("media", "mark"):
        _exactly(body, {"event", "streamSid", event}, event)
    else:
        raise MessageError(INVALID_MESSAGE, f"unknown event {event!r}")
    if body["streamSid"] != stream:
        raise MessageError(INVALID_MESSAGE, f"{event}: streamSid {body['streamSid']!r} is not this stream's")
    match event:
        case "media":
            return Media(_payload(body["media"]))
        case "mark":
            return Mark(_text(body["mark"], "mark", "name"))
        case _:
            return Clear()


def _object(message: str) -> dict[str, Any]:
    try:
        body = json.loads(message)
    except ValueError:
        raise MessageError(INVALID_MESSAGE, "not JSON") from None
    if not isinstance(body, dict):
        raise MessageError(INVALID_MESSAGE, "not a JSON object")
    return body


def _exactly(body: Any, fields: set[str], where: str) -> None:
    if not isinstance(body, dict):
        raise MessageError(INVALID_MESSAGE, f"{where}: not an object")
    if missing := fields - body.keys():
        raise MessageError(INVALID_MESSAGE, f"{where}: missing {', '.join(sorted(missing))}")
    if extra := body.keys() - fields:
        raise MessageError(INVALID_MESSAGE, f"{where}: extra {', '.join(sorted(extra))}")


def _text(body: Any, where: str, field: str) -> str:
    _exactly(body, {field}, where)
    value = body[field]
    if not isinstance(value, str):
        raise MessageError(INVALID_MESSAGE, f"{where}: {field} is not a string")
    return value


def _payload(body: Any) -> bytes:
    encoded = _text(body, "media", "payload")
    try:
        payload = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise MessageError(INVALID_MESSAGE, "media: payload is not base64") from None
    if payload.startswith(b"RIFF"):
        raise MessageError(
            INVALID_MESSAGE, "media: payload begins with a RIFF header, which plays as noise; send raw samples"
        )
    return payload


class Sender:
    """Builds the carrier's messages of one stream: numbers them, and stamps the audio.

    A real stream's first audio is stamped 100 to 170 ms, then steps of 20 ms that wobble by up to 3; `seed` picks them.
    """

    def __init__(self, stream: str, call: str, account: str, seed: int = 0) -> None:
        self._stream, self._call, self._account = stream, call, account
        self._random = random.Random(seed)
        self._sequence = 0
        self._chunk = 0
        self._first_ms = self._random.randint(100, 170)

    def connected(self) -> str:
        """The greeting: the one message without a number."""
        return _compact({"event": "connected", "protocol": "Call", "version": "1.0.0"})

    def start(self, parameters: Mapping[str, str]) -> str:
        """Who is on the stream, in which format, with the `<Parameter>` values of its TwiML."""
        start = {
            "accountSid": self._account,
            "streamSid": self._stream,
            "callSid": self._call,
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": TELEPHONE_RATE, "channels": 1},
            "customParameters": dict(parameters),
        }
        return self._numbered("start", {"start": start, "streamSid": self._stream})

    def media(self, frame: int, payload: bytes) -> str:
        """The caller's `frame`-th 20 ms, counted from 0 whether or not the frames before it arrived."""
        self._chunk += 1
        stamp = self._first_ms + frame * FRAME_MS
        if frame:
            stamp += self._random.randint(-3, 3)
        # Fifty a second on every call: a format string is ten times cheaper than json.dumps.
        return (
            f'{{"event":"media","sequenceNumber":"{self._next()}","media":{{"track":"inbound","chunk":"{self._chunk}",'
            f'"timestamp":"{stamp}","payload":"{base64.b64encode(payload).decode()}"}},"streamSid":"{self._stream}"}}'
        )

    def dtmf(self, digit: str) -> str:
        """One key pressed on the caller's telephone."""
        return _compact(
            {
                "event": "dtmf",
                "streamSid": self._stream,
                "sequenceNumber": self._next(),
                "dtmf": {"track": "inbound_track", "digit": digit},
            }
        )

    def mark(self, name: str) -> str:
        """The echo of a mark."""
        return self._numbered("mark", {"streamSid": self._stream, "mark": {"name": name}})

    def stop(self) -> str:
        """The call is over or was sent elsewhere."""
        stop = {"accountSid": self._account, "callSid": self._call}
        return self._numbered("stop", {"streamSid": self._stream, "stop": stop})

    def _numbered(self, event: str, rest: dict[str, Any]) -> str:
        return _compact({"event": event, "sequenceNumber": self._next(), **rest})

    def _next(self) -> str:
        self._sequence += 1
        return str(self._sequence)


def _compact(message: dict[str, Any]) -> str:
    return json.dumps(message, separators=(",", ":"))
