"""Has the speaker finished, by his voice? `audio/completeness.py` has the opinion of the words."""

import numpy as np
from faster_whisper.feature_extractor import FeatureExtractor

from audio.engines import TELEPHONE_RATE, Float32, Pcm16
from audio.models import SMART_TURN, open_session
from audio.pcm import require_pcm16, to_float
from audio.resample import resample

_RATE = 16_000
_HEARD_S = 8
_FEATURES = (80, 800)
"""Mel bands; frames of 10 ms."""
_VARIANCE_FLOOR = 1e-7


class SmartTurn:
    """Smart Turn v3: whether intonation and pace sound finished. Implements TurnDetector; safe to share.

    About 50 ms. Ask it once, some 100 ms into the silence: with more silence it gets worse.
    """

    def __init__(self) -> None:
        """Raises ModelError if the model file is missing or is not the one that was tested."""
        self._session = open_session(SMART_TURN)
        self._extractor = FeatureExtractor(chunk_length=_HEARD_S)

    def probability(self, pcm: Pcm16) -> float:
        """Probability, 0..1, that the turn is over. `pcm` is 8 kHz audio, of which the last 8 s count."""
        features = self._features(require_pcm16(pcm)[-_HEARD_S * TELEPHONE_RATE :])
        output = self._session.run(None, {"input_features": features[np.newaxis]})[0]
        return float(output[0, 0])

    def _features(self, pcm: Pcm16) -> Float32:
        """Log-mel frames as the model was trained on: silence on the left, zero mean and unit variance over all 8 s."""
        heard = to_float(resample(pcm, TELEPHONE_RATE, _RATE))
        samples = np.pad(heard, (_HEARD_S * _RATE - len(heard), 0))
        samples = (samples - samples.mean()) / np.sqrt(samples.var() + _VARIANCE_FLOOR)
        mel = np.asarray(self._extractor(samples, padding=0), dtype=np.float32)
        assert mel.shape == _FEATURES, (
            f"Smart Turn wants {_FEATURES} features, these are {mel.shape}: wrong sample rate?"
        )
        return mel
