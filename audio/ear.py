"""One call's hearing: decodes what arrives, keeps the last minute of it, and asks the voice detector."""

from typing import NamedTuple

import numpy as np

from audio import mulaw
from audio.engines import TELEPHONE_RATE, Pcm16, VoiceActivity

KEPT_MS = 60_000
"""How far back an utterance may start."""
WINDOW_MS = 32
"""The detector's window."""
_PER_MS = TELEPHONE_RATE // 1000


class Window(NamedTuple):
    """The detector's verdict on 32 ms of audio that end at `end_ms` of the call."""

    probability: float
    end_ms: int


class Ear:
    """Hears one call. Offsets are ms of inbound audio since the call's first frame."""

    def __init__(self, vad: VoiceActivity) -> None:
        self._vad = vad
        self._ring = np.zeros(KEPT_MS * _PER_MS, np.int16)
        self._samples = 0
        self._windows = 0

    @property
    def now_ms(self) -> int:
        """How much audio has been heard."""
        return self._samples // _PER_MS

    def feed(self, ulaw: bytes, lost_ms: int = 0) -> list[Window]:
        """Takes a frame, and silence for what the network lost before it; returns the windows that are complete."""
        if lost_ms:
            ulaw = bytes([mulaw.SILENCE]) * (lost_ms * _PER_MS) + ulaw
        pcm = mulaw.decode(ulaw)
        self._keep(pcm)
        return [self._window(probability) for probability in self._vad.feed(pcm)]

    def _window(self, probability: float) -> Window:
        self._windows += 1
        return Window(probability, self._windows * WINDOW_MS)

    def _keep(self, pcm: Pcm16) -> None:
        size = len(self._ring)
        pcm = pcm[-size:]
        start = self._samples % size
        head = min(len(pcm), size - start)
        self._ring[start : start + head] = pcm[:head]
        self._ring[: len(pcm) - head] = pcm[head:]
        self._samples += len(pcm)

    def slice(self, start_ms: int, end_ms: int) -> Pcm16:
        """The 8 kHz samples between two offsets, as far as they are still kept."""
        oldest = max(0, self._samples - len(self._ring))
        start = max(start_ms * _PER_MS, oldest)
        end = min(end_ms * _PER_MS, self._samples)
        return self._ring[np.arange(start, max(start, end)) % len(self._ring)]
