"""Voice activity: is anybody speaking right now? Silero decides (AUC .945 on telephone audio)."""

from collections.abc import Sequence

import numpy as np

from audio.engines import TELEPHONE_RATE, Float32, Pcm16
from audio.models import SILERO_8K, open_session
from audio.pcm import require_pcm16

WINDOW = 256
"""Samples the model judges at a time: 32 ms at 8 kHz."""
CONTEXT = 32
"""Samples of the window before, which it wants in front of each."""
UNITS = 128
"""Of its LSTM, whose two states are what it remembers besides."""
MEMORY = CONTEXT + 2 * UNITS

_SCALE = np.float32(1 / 32_768)
_CLEARLY_SILENT = 0.1
_REFRESH_AFTER = 2 * TELEPHONE_RATE // WINDOW
"""Windows."""
_REFRESH_QUIET = 5


class SileroModel:
    """The detector itself: loaded once, shared by every call, safe to use from several threads."""

    def __init__(self) -> None:
        """Raises ModelError if the model file is missing or is not the one that was tested."""
        self._session = open_session(SILERO_8K)

    def stream(self, rate: int = TELEPHONE_RATE) -> "SileroStream":
        """A new call's stream. Raises ValueError on any rate but 8 kHz."""
        if rate != TELEPHONE_RATE:
            raise ValueError(f"the voice detector hears {TELEPHONE_RATE} Hz telephone audio, not {rate} Hz: resample")
        return SileroStream(self)

    def hear(self, streams: Sequence["SileroStream"], windows: Pcm16) -> list[float]:
        """The speech probability of one window of each of these streams, which must differ; `windows` is (n, 256).

        They are judged as one batch, which costs a quarter of judging them one by one.
        """
        samples = windows.astype(np.float32) * _SCALE
        memories = np.concatenate([stream.memory for stream in streams]).reshape(-1, MEMORY)
        found, remembered = self.judge(samples, memories)
        probabilities: list[float] = found.tolist()
        for stream, probability, memory in zip(streams, probabilities, remembered, strict=True):
            stream.judged(probability, memory)
        return probabilities

    def judge(self, samples: Float32, memory: Float32) -> tuple[Float32, Float32]:
        """Speech probabilities, (n,), of windows, (n, 256), and what is remembered of them, (n, 288)."""
        probability, remembered = self._session.run(None, {"samples": samples, "memory": memory})
        return probability[:, 0], remembered


class SileroStream:
    """One call's audio through the detector. Implements VoiceActivity; `SileroModel.hear` judges several at once."""

    def __init__(self, model: SileroModel) -> None:
        self._model = model
        self._rest: Pcm16 = np.zeros(0, np.int16)
        self._quiet = 0
        """Windows of clear silence, so far."""
        self._judged = 0
        """Windows since the memory was cleared."""
        self.memory: Float32 = np.zeros(MEMORY, np.float32)
        """What the model remembers of this call."""

    def feed(self, pcm: Pcm16) -> list[float]:
        """Takes any number of 8 kHz samples; returns the speech probability of each window they completed."""
        samples = np.concatenate((self._rest, require_pcm16(pcm)))
        whole = len(samples) // WINDOW * WINDOW
        self._rest = samples[whole:]
        return [self._model.hear([self], window[np.newaxis])[0] for window in samples[:whole].reshape(-1, WINDOW)]

    def judged(self, probability: float, memory: Float32) -> None:
        """What the model made of the next window.

        Seconds of silence or noise drive its memory where the next word is heard late (8 kHz is worst), so it is
        cleared every two seconds, and only in clear silence: in speech that would hide the speech.
        """
        self._judged += 1
        self._quiet = self._quiet + 1 if probability < _CLEARLY_SILENT else 0
        if self._judged >= _REFRESH_AFTER and self._quiet >= _REFRESH_QUIET:
            self._judged = 0
            memory = np.zeros(MEMORY, np.float32)
        self.memory = memory
