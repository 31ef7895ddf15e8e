"""Changes of sample rate, each said out loud: 8 kHz audio read as 16 kHz is this field's classic bug."""

import av
import numpy as np
import soxr

from audio.engines import Pcm16
from audio.pcm import require_pcm16

RATES = frozenset({8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000})
"""Hz that occur here: telephone, speech models, voices, browsers."""


def _require_rate(rate: int) -> int:
    if rate not in RATES:
        raise ValueError(f"{rate} Hz is no sample rate used here: expected one of {sorted(RATES)}")
    return rate


def resample(pcm: Pcm16, from_hz: int, to_hz: int) -> Pcm16:
    """A whole utterance at another rate. Raises ValueError on an unknown rate or samples that are not mono int16."""
    _require_rate(from_hz)
    _require_rate(to_hz)
    require_pcm16(pcm)
    if from_hz == to_hz or not len(pcm):
        return pcm
    converted: Pcm16 = soxr.resample(pcm, from_hz, to_hz, quality="HQ")
    return converted


class Resampler:
    """A live stream at another rate: chunks in, chunks out, no seam between them.

    It runs libswresample, whose filter holds back 2 ms. soxr's stream sounds no better over a telephone, but saves
    up 40 ms ("LQ") to 145 ms ("HQ") before it lets go of any.
    """

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self.from_hz = _require_rate(from_hz)
        self.to_hz = _require_rate(to_hz)
        self._swr = av.AudioResampler(format="s16", layout="mono", rate=to_hz)

    def feed(self, pcm: Pcm16) -> Pcm16:
        """The samples this chunk completes, at `to_hz`; 2 ms come with the next chunk."""
        require_pcm16(pcm)
        if self.from_hz == self.to_hz or not len(pcm):
            return pcm
        frame = av.AudioFrame.from_ndarray(pcm[np.newaxis], format="s16", layout="mono")
        frame.sample_rate = self.from_hz
        return self._join(self._swr.resample(frame))

    def flush(self) -> Pcm16:
        """The samples held back. The stream is over after this."""
        if self.from_hz == self.to_hz:
            return np.zeros(0, np.int16)
        return self._join(self._swr.resample(None))

    @staticmethod
    def _join(frames: list[av.AudioFrame]) -> Pcm16:
        parts = [frame.to_ndarray()[0] for frame in frames]
        return np.concatenate(parts).astype(np.int16, copy=False) if parts else np.zeros(0, np.int16)
