"""A browser's sound as a telephone's, and back, without I/O: WebRTC frames in, 20 ms of μ-law out, and the reverse."""

from collections import deque
from fractions import Fraction
from typing import Final

import numpy as np
from av import AudioFrame

from audio import mulaw
from audio.playout import Mark
from audio.resample import Resampler
from telephony.leg import Media

RATE: Final = 8_000
FRAME_MS: Final = 20
FRAME_BYTES: Final = RATE * FRAME_MS // 1000
LOST_MS_LIMIT: Final = 10_000
"""No more silence than this is asked for at once, whatever a timestamp says."""
_SILENCE: Final = bytes([0xFF]) * FRAME_BYTES
"""μ-law of zeros."""


class Microphone:
    """What comes from the browser, as the frames a telephone would have sent."""

    def __init__(self) -> None:
        self._resampler: Resampler | None = None
        self._held = b""
        self._due: int | None = None
        self._chunk = 0
        self._lost_ms = 0
        self._elapsed_ms = 0

    def feed(self, frame: AudioFrame) -> list[Media]:
        """The whole 20 ms that a frame completes. The frame holds packed int16 of any channels and rate."""
        self._note_loss(frame)
        if self._resampler is None or self._resampler.from_hz != frame.sample_rate:
            self._resampler = Resampler(frame.sample_rate, RATE)
        # A microphone has one channel; Opus shows it on both.
        mono = np.ascontiguousarray(frame.to_ndarray()[0, :: frame.layout.nb_channels], np.int16)
        self._held += mulaw.encode(self._resampler.feed(mono))
        whole = len(self._held) // FRAME_BYTES
        return [self._media() for _ in range(whole)]

    def _note_loss(self, frame: AudioFrame) -> None:
        pts = frame.pts or 0
        missing = pts - (pts if self._due is None else self._due)
        lost_ms = max(0, missing * 1000 // frame.sample_rate) // FRAME_MS * FRAME_MS
        self._lost_ms = min(self._lost_ms + lost_ms, LOST_MS_LIMIT)
        self._due = pts + frame.samples

    def _media(self) -> Media:
        ulaw, self._held = self._held[:FRAME_BYTES], self._held[FRAME_BYTES:]
        lost_ms, self._lost_ms = self._lost_ms, 0
        self._chunk += 1
        self._elapsed_ms += lost_ms
        media = Media(ulaw, self._elapsed_ms, self._chunk, lost_ms)
        self._elapsed_ms += FRAME_MS
        return media


class Loudspeaker:
    """What goes to the browser: frames in their order, silence when there are none, and which marks were reached."""

    def __init__(self) -> None:
        self._queue: deque[bytes | Mark] = deque()
        self._sent = 0

    def put(self, item: bytes | Mark) -> None:
        """Queues μ-law, whole frames of 20 ms, or a mark behind what is queued."""
        if isinstance(item, Mark):
            self._queue.append(item)
        else:
            self._queue.extend(item[at : at + FRAME_BYTES] for at in range(0, len(item), FRAME_BYTES))

    def clear(self) -> None:
        """Throws the audio away. The marks that were waiting count as reached, as with Twilio: their epoch is over."""
        self._queue = deque(item for item in self._queue if isinstance(item, Mark))

    def next(self) -> tuple[list[Mark], AudioFrame]:
        """The marks whose audio has gone out by now, and the next 20 ms: mono, 8 kHz."""
        reached: list[Mark] = []
        ulaw = _SILENCE
        while self._queue:
            item = self._queue.popleft()
            if isinstance(item, bytes):
                ulaw = item
                break
            reached.append(item)
        return reached, self._frame(ulaw)

    def _frame(self, ulaw: bytes) -> AudioFrame:
        frame = AudioFrame.from_ndarray(mulaw.decode(ulaw)[np.newaxis], format="s16", layout="mono")
        frame.sample_rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), self._sent
        self._sent += frame.samples
        return frame
