"""Voice activity: is anybody speaking right now?

Silero decides (AUC .945 on telephone audio). webrtcvad, thirty times cheaper but wrong on a tenth of all frames, may
only spare Silero the long silences: it wakes it, and never reports speech itself.
"""

from collections import deque
from collections.abc import Sequence
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

    def hear(self, windows: Sequence[tuple["SileroStream", Pcm16]]) -> list[float]:
        """The speech probability of one window, shape (256,), of each of these streams, which must differ.

        They are judged as one batch, which costs a third of judging them one by one.
        """
        plans = [(stream, stream.plan(window)) for stream, window in windows]
        for step in range(max((len(plan) for _, plan in plans), default=0)):
            self._judge_step([(stream, plan[step]) for stream, plan in plans if step < len(plan)])
        return [stream.verdict() if plan else 0.0 for stream, plan in plans]

    def _judge_step(self, turn: Sequence[tuple["SileroStream", Pcm16]]) -> None:
        samples = np.empty((len(turn), _CONTEXT + WINDOW), np.float32)
        for row, (stream, window) in zip(samples, turn, strict=True):
            row[:_CONTEXT] = stream.context
            row[_CONTEXT:] = to_float(window)
        probabilities, states = self.judge(samples, np.stack([stream.state for stream, _ in turn], axis=1))
        for index, (stream, _) in enumerate(turn):
            stream.judged(float(probabilities[index]), states[:, index], samples[index, -_CONTEXT:])

    def judge(self, windows: Float32, states: Float32) -> tuple[Float32, Float32]:
        """Speech probabilities, (n,), of windows with contexts, (n, 288), and the states after it: (2, n, 128)."""
        output, after = self._session.run(None, {"input": windows, "state": states, "sr": self._rate})
        return output[:, 0], after


class _Watch(Enum):
    LISTENING = auto()
    """Silero judges every window."""
    DOZING = auto()
    """webrtcvad listens; Silero is asleep."""


class SileroStream:
    """One call's audio through the detector. Implements VoiceActivity; `SileroModel.hear` judges several at once."""

    def __init__(self, model: SileroModel) -> None:
        self._model = model
        self._webrtc = webrtcvad.Vad(_WEBRTC_MODE)
        self._watch = _Watch.LISTENING
        self._rest: Pcm16 = np.zeros(0, np.int16)
        self._missed: deque[Pcm16] = deque(maxlen=_PRE_ROLL)
        self._quiet = 0
        self._stirs = False
        self._probability = 0.0
        self.state: Float32
        """The model's memory of this call, shape (2, 128)."""
        self.context: Float32
        self._judged: int
        self._forget()

    def feed(self, pcm: Pcm16) -> list[float]:
        """Takes any number of 8 kHz samples; returns the speech probability of each window they completed."""
        samples = np.concatenate((self._rest, require_pcm16(pcm)))
        whole = len(samples) // WINDOW * WINDOW
        self._rest = samples[whole:]
        return [self._model.hear([(self, window)])[0] for window in samples[:whole].reshape(-1, WINDOW)]

    def plan(self, window: Pcm16) -> list[Pcm16]:
        """The windows the model has to judge, in this order, to know about this one; none while it may sleep."""
        self._stirs = self._webrtc.is_speech(window[-_WEBRTC_FRAME:].tobytes(), TELEPHONE_RATE)
        if self._watch is _Watch.LISTENING:
            return [window]
        if not self._stirs:
            self._missed.append(window)
            return []
        self._watch = _Watch.LISTENING
        self._quiet = 0
        self._forget()
        plan = [*self._missed, window]
        self._missed.clear()
        return plan

    def judged(self, probability: float, state: Float32, context: Float32) -> None:
        """What the model made of the next window of the plan."""
        self._probability, self.state, self.context = probability, state, context
        self._judged += 1

    def verdict(self) -> float:
        """The probability of the plan's last window, once all of it is judged."""
        self._quiet = self._quiet + 1 if self._probability < _CLEARLY_SILENT else 0
        if self._quiet >= _DOZE_AFTER and not self._stirs:
            self._watch = _Watch.DOZING
        elif self._judged >= _REFRESH_AFTER and self._quiet >= _REFRESH_QUIET:
            self._forget()
        return self._probability

    def _forget(self) -> None:
        """Clears the recurrent state. Seconds of silence or noise drive it where the next word is heard late (8 kHz is
        worst), so it is cleared every two seconds, and only in clear silence: in speech that would hide the speech."""
        self.state = np.zeros((2, 128), np.float32)
        self.context = np.zeros(_CONTEXT, np.float32)
        self._judged = 0
