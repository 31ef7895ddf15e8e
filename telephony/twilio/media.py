"""Twilio Media Streams for one call, without I/O.

Wire format: https://www.twilio.com/docs/voice/media-streams/websocket-messages. Counters travel as strings.
"""

import json
import re
from collections.abc import Sequence
from typing import Any, ClassVar, Final, NamedTuple

from audio.playout import Mark
from telephony.leg import Media
from telephony.live.streams import (
    BYTES_PER_MS,
    FRAME_MS,
    LOST_MS_LIMIT,
    Event,
    JsonStream,
    Started,
    State,
    audio,
    base64,
    count,
    mark_name,
    name,
    text,
)

WOBBLE_MS: Final = 5
"""Timestamps of consecutive frames are 20 ms apart, give or take a few; real captures show 17 to 23."""


class _Envelope(NamedTuple):
    """What our messages begin with. They differ only in payload or name, so the rest is written once a stream."""

    media: str
    mark: str
    clear: str

    @classmethod
    def of(cls, stream: str) -> "_Envelope":
        quoted = json.dumps(stream)
        return cls(
            media=f'{{"event":"media","streamSid":{quoted},"media":{{"payload":"',
            mark=f'{{"event":"mark","streamSid":{quoted},"mark":{{"name":',
            clear=f'{{"event":"clear","streamSid":{quoted}}}',
        )


_USUAL = re.compile(
    r'\{"event":"media","sequenceNumber":"[0-9]{1,9}","media":\{"track":"inbound",'
    r'"chunk":"([0-9]{1,9})","timestamp":"([0-9]{1,9})","payload":"'
)
"""How a media message begins as Twilio writes it; what follows is its payload and an end that is the same all the time.
Read so, it takes a third of the time it takes to read it as JSON."""
_STARTED: Final = State.STARTED
"""Looking up a member of an enumeration runs Python code, and this is done fifty times a second and call."""


class MediaStream(JsonStream):
    """One bidirectional stream (`<Connect><Stream>`)."""

    STREAM: ClassVar[str] = "streamSid"
    ENCODING: ClassVar[str] = "audio/x-mulaw"

    def __init__(self) -> None:
        super().__init__()
        self._envelope: _Envelope | None = None
        self._usual_end = ""
        """How this stream's media messages end, behind the payload."""
        self._due_ms: int | None = None  # timestamp of the next frame if nothing is lost

    def events(self, frame: str | bytes) -> Sequence[Event]:
        """What a frame lets out, in order: most often the audio in a media message of the usual form, or nothing."""
        if self.state is not _STARTED or not isinstance(frame, str) or not frame.endswith(self._usual_end):
            return super().events(frame)
        if (begins := _USUAL.match(frame)) is None:
            return super().events(frame)
        try:
            ulaw = audio(frame[begins.end() : -len(self._usual_end)])
        except ValueError:  # An escape perhaps, which JSON knows how to read, or a flaw, which is told of there.
            return super().events(frame)
        return (self._placed(ulaw, int(begins[2]), int(begins[1])),)

    def media(self, ulaw: bytes) -> str:
        """A message that queues audio, of any length, behind what is queued already. μ-law, 8 kHz, no file header."""
        return f'{self._open().media}{base64(ulaw)}"}}}}'

    def mark(self, mark: Mark) -> str:
        """A message that asks for `MarkPlayed(mark)` once the audio queued before it has been played."""
        return f'{self._open().mark}"{mark_name(mark)}"}}}}'

    def clear(self) -> str:
        """A message that throws away what is queued. Twilio then echoes every mark that was waiting, as if played."""
        return self._open().clear

    def _open(self) -> _Envelope:
        if self._envelope is None:
            self._check_started()
            assert self.stream is not None, "just checked"
            self._envelope = _Envelope.of(self.stream)
        return self._envelope

    def _started(self, message: dict[str, Any]) -> Started:
        start = message["start"]
        stream = name(start["streamSid"])
        if message["streamSid"] != stream:
            raise ValueError("start has two names for its stream")
        self._usual_end = f'"}},"streamSid":{json.dumps(stream)}}}'
        form = start["mediaFormat"]
        return Started(
            stream=stream,
            call=name(start["callSid"]),
            account=name(start["accountSid"]),
            parameters={text(key): text(value) for key, value in dict(start["customParameters"]).items()},
            encoding=text(form["encoding"]),
            rate=count(form["sampleRate"]),
            channels=count(form["channels"]),
        )

    def _heard(self, message: dict[str, Any], ulaw: bytes) -> Media:
        media = message["media"]
        return self._placed(ulaw, count(media["timestamp"]), count(media["chunk"]))

    def _placed(self, ulaw: bytes, timestamp_ms: int, chunk: int) -> Media:
        """A frame, and how much is missing before it. TCP loses nothing: a jump is a loss on the telephone's side."""
        due_ms = timestamp_ms if self._due_ms is None else self._due_ms
        gap_ms = timestamp_ms - due_ms + WOBBLE_MS
        lost_ms = max(0, gap_ms) // FRAME_MS * FRAME_MS
        # The timeline goes on from what was due, so that wobble does not add up. After a frame that came early it goes
        # on from the frame, else a slow clock would hide the next loss.
        self._due_ms = min(due_ms + lost_ms, timestamp_ms) + len(ulaw) // BYTES_PER_MS
        return Media(ulaw, timestamp_ms, chunk, min(lost_ms, LOST_MS_LIMIT))
