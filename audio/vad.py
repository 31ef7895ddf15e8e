"""Voice activity: is anybody speaking right now?

Silero decides (AUC .945 on telephone audio). webrtcvad, thirty times cheaper but wrong on a tenth of all frames, may
only spare Silero the long silences: it wakes it, and never reports speech itself.
"""

from collections import deque
from enum import Enum, auto

import numpy as np
import webrtcvad

from audio.engines import TELEPHONE_RATE, Float32, Pcm16
from audio.models import SILERO, open_session
from audio.pcm import require_pcm16, to_float

WINDOW = 256
"""Samples the model judges at a time: 32 ms at 8 kHz."""

_CONTEXT = 32
"""Samples of the window before, which the ONNX export of v5 and later wants in front of each window."""
_CLEARLY_SILENT = 0.1
_DOZE_AFTER = -(-TELEPHONE_RATE // WINDOW)
"""Windows of clear non-speech, one second, after which Silero may be spared."""
_PRE_ROLL = 10
"""Windows, 320 ms, that Silero judges again when it wakes, so that its state is warm and the onset is in it."""
_REFRESH_AFTER = 2 * TELEPHONE_RATE // WINDOW
_REFRESH_QUIET = 5
_WEBRTC_MODE = 1
"""Of 0..3, the second most eager to hear speech: a false alarm costs 1 ms, a missed onset costs a word."""
_WEBRTC_FRAME = 240
"""Samples, 30 ms: the longest frame webrtcvad takes."""


class SileroModel:
    """The detector itself: loaded once, shared by every call, safe to use from several threads."""

    def __init__(self) -> None:
        """Raises ModelError if the model file is missing or is not the one that was tested."""
        self._session = open_session(SILERO)
        self._rate = np.array(TELEPHONE_RATE, dtype=np.int64)

    def stream(self, rate: int = TELEPHONE_RATE) -> "SileroStream":
        """A new call's stream. Raises ValueError on any rate but 8 kHz."""
        if rate != TELEPHONE_RATE:
            raise ValueError(f"the voice detector hears {TELEPHONE_RATE} Hz telephone audio, not {rate} Hz: resample")
        return SileroStream(self)

    def judge(self, window: Float32, state: Float32) -> tuple[float, Float32]:
        """Speech probability of one window with its context, shape (288,), and the state after it, (2, 1, 128)."""
        output, after = self._session.run(None, {"input": window[np.newaxis], "state": state, "sr": self._rate})
        return float(output[0, 0]), after


class _Watch(Enum):
    LISTENING = auto()
    """Silero judges every window."""
    DOZING = auto()
    """webrtcvad listens; Silero is asleep."""


class SileroStream:
    """One call's audio through the detector. Implements VoiceActivity."""

    def __init__(self, model: SileroModel) -> None:
        self._model = model
        self._webrtc = webrtcvad.Vad(_WEBRTC_MODE)
        self._watch = _Watch.LISTENING
        self._rest: Pcm16 = np.zeros(0, np.int16)
        self._missed: deque[Pcm16] = deque(maxlen=_PRE_ROLL)
        self._quiet = 0
        self._state: Float32
        self._context: Float32
        self._judged: int
        self._forget()

    def feed(self, pcm: Pcm16) -> list[float]:
        """Takes any number of 8 kHz samples; returns the speech probability of each window they completed."""
        samples = np.concatenate((self._rest, require_pcm16(pcm)))
        whole = len(samples) // WINDOW * WINDOW
        self._rest = samples[whole:]
        return [self._hear(window) for window in samples[:whole].reshape(-1, WINDOW)]

    def _hear(self, window: Pcm16) -> float:
        stirs = self._webrtc.is_speech(window[-_WEBRTC_FRAME:].tobytes(), TELEPHONE_RATE)
        if self._watch is _Watch.DOZING:
            if not stirs:
                self._missed.append(window)
                return 0.0
            self._wake()
        probability = self._judge(window)
        self._quiet = self._quiet + 1 if probability < _CLEARLY_SILENT else 0
        if self._quiet >= _DOZE_AFTER and not stirs:
            self._watch = _Watch.DOZING
        elif self._judged >= _REFRESH_AFTER and self._quiet >= _REFRESH_QUIET:
            self._forget()
        return probability

    def _wake(self) -> None:
        self._watch = _Watch.LISTENING
        self._quiet = 0
        self._forget()
        for window in self._missed:
            self._judge(window)
        self._missed.clear()

    def _judge(self, window: Pcm16) -> float:
        samples = to_float(window)
        probability, self._state = self._model.judge(np.concatenate((self._context, samples)), self._state)
        self._context = samples[-_CONTEXT:]
        self._judged += 1
        return probability

    def _forget(self) -> None:
        """Clears the recurrent state. Seconds of silence or noise drive it where the next word is heard late (8 kHz is
        worst), so it is cleared every two seconds, and only in clear silence: in speech that would hide the speech."""
        self._state = np.zeros((2, 1, 128), np.float32)
        self._context = np.zeros(_CONTEXT, np.float32)
        self._judged = 0
