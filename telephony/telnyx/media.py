"""Telnyx media streaming for one call, without I/O.

Wire format: https://developers.telnyx.com/api-reference/websockets/stream-call-media-over-websocket. It is Twilio's but
for its names, and for this: frames may come in another order than they were spoken in, so `chunk` puts them right.
"""

from collections.abc import Sequence
from typing import Any, ClassVar, Final

import structlog

from audio.playout import Mark
from telephony.leg import Media, Stopped
from telephony.live.streams import (
    BYTES_PER_MS,
    FRAME_MS,
    LOST_MS_LIMIT,
    Event,
    JsonStream,
    OddError,
    Started,
    Violation,
    base64,
    count,
    mark_name,
    name,
)

log = structlog.get_logger(__name__)

HELD: Final = 3
"""Frames that wait for one that is late: 60 ms. After that it is lost, and the ear hears silence in its place."""

_CLEAR: Final = '{"event":"clear"}'


class TelnyxStream(JsonStream):
    """One bidirectional stream (`<Connect><Stream bidirectionalMode="rtp">`)."""

    STREAM: ClassVar[str] = "stream_id"
    ENCODING: ClassVar[str] = "PCMU"

    def __init__(self) -> None:
        super().__init__()
        self._held: dict[int, Media] = {}
        """Frames ahead of their time, by chunk."""
        self._next: int | None = None
        """The chunk that is due."""
        self._heard_ms = 0

    def media(self, ulaw: bytes) -> str:
        """A message that queues audio, 20 ms to 30 s of it, behind what is queued already."""
        self._check_started()
        return f'{{"event":"media","media":{{"payload":"{base64(ulaw)}"}}}}'

    def mark(self, mark: Mark) -> str:
        """A message that asks for `MarkPlayed(mark)` once the audio queued before it has been played."""
        self._check_started()
        return f'{{"event":"mark","mark":{{"name":"{mark_name(mark)}"}}}}'

    def clear(self) -> str:
        """A message that throws away what is queued."""
        self._check_started()
        return _CLEAR

    def events(self, frame: str | bytes) -> Sequence[Event]:
        """What a frame lets out: audio in the order it was spoken in, anything else at once."""
        match self.receive(frame):
            case None:
                return ()
            case Media() as media:
                self._held[media.chunk] = media
                return self._in_order(HELD)
            case Stopped() | Violation() as end:
                return (*self._in_order(0), end)
            case event:
                return (event,)

    def _in_order(self, may_wait: int) -> list[Media]:
        """The frames whose turn it is. More than `may_wait` of them wait for nobody."""
        out: list[Media] = []
        while self._held and (self._next in self._held or len(self._held) > may_wait or self._next is None):
            chunk = min(self._held)
            media = self._held.pop(chunk)
            missing = chunk - (self._next if self._next is not None else chunk)
            lost_ms = min(missing * FRAME_MS, LOST_MS_LIMIT)
            out.append(Media(media.ulaw, self._heard_ms + lost_ms, chunk, lost_ms))
            self._heard_ms += lost_ms + len(media.ulaw) // BYTES_PER_MS
            self._next = chunk + 1
        return out

    def _event(self, message: dict[str, Any]) -> Event | None:
        if message.get("event") == "error":
            payload = message.get("payload")
            code = payload.get("code") if isinstance(payload, dict) else None
            log.error("stream refused a message", code=code, stream=self.stream)
            return None
        return super()._event(message)

    def _started(self, message: dict[str, Any]) -> Started:
        start = message["start"]
        form = start["media_format"]
        return Started(
            stream=name(message["stream_id"]),
            call=name(start["call_control_id"]),
            account=name(start["user_id"]),
            parameters={},
            encoding=name(form["encoding"]),
            rate=count(form["sample_rate"]),
            channels=count(form["channels"]),
        )

    def _heard(self, message: dict[str, Any], ulaw: bytes) -> Media:
        chunk = count(message["media"]["chunk"])
        if self._next is not None and chunk < self._next:
            raise OddError("frame that came too late")
        if chunk in self._held:
            raise OddError("frame that came twice")
        return Media(ulaw, self._heard_ms, chunk)
