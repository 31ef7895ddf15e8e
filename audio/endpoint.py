"""Has the speaker finished? Two independent opinions, one from the words and one from the voice."""

import re

import numpy as np
from faster_whisper.feature_extractor import FeatureExtractor

from audio.engines import TELEPHONE_RATE, Float32, Pcm16
from audio.models import SMART_TURN, open_session
from audio.pcm import require_pcm16, to_float
from audio.resample import resample

_DANGLING = frozenset(
    {"a", "an", "the", "my", "your", "his", "our", "their", "i'm", "we're", "they're", "you're", "it's", "that's"}
    | {"and", "but", "or", "nor", "because", "cause", "if", "unless", "although", "whether", "than", "gonna", "wanna"}
    | {"um", "uh", "er", "erm", "uhm", "so", "there's", "what's", "i'd", "we'd", "i'll", "we'll", "i've", "we've"}
)
"""Nothing a caller means to say ends in one of these, whatever full stop the recogniser put behind it."""
_LEADING = frozenset(
    {"to", "of", "for", "from", "with", "in", "on", "at", "by", "into", "about", "between", "until", "before", "after"}
    | {"i", "we", "they", "very", "just", "like"}
)
"""These end only a question: "Where are you calling from?"."""
_AUXILIARIES = frozenset(
    {"is", "are", "was", "were", "am", "be", "have", "has", "had", "will", "would", "can", "could", "should", "might"}
)
"""These end a question or a short answer: "Yes, we are."."""
_OPINION = frozenset({"think", "guess", "hope", "believe", "suppose", "afraid"})
"""What makes "so" an ending: "I think so."."""
_SHORT_ANSWERS = frozenset(
    {"yes", "yeah", "yep", "yup", "no", "nope", "nah", "ok", "okay", "sure", "right", "correct", "exactly", "fine"}
    | {"hello", "hi", "hey", "thanks", "bye", "goodbye", "stop", "maybe", "none", "both", "neither", "really", "not"}
)
"""Complete as they stand, with or without punctuation."""
_SHORT = 4

_TRAILS_OFF = re.compile(r"(\.\.+|…|[,;:–—-])$")
_PUNCTUATION = re.compile(r"[.,?!;:]")
_WORD = re.compile(r"\w+(?:['’@.-]\w+)*")


def text_complete(text: str) -> bool:
    """Whether these words, as recognised so far, are something a speaker would stop after.

    A full stop alone proves little: recognisers put one behind every fragment. Wrong either way it costs a little
    patience or a merged turn, never words.
    """
    text = text.strip(" \"'”’)")
    words = [word.lower().replace("’", "'") for word in _WORD.findall(text)]
    if not words or _TRAILS_OFF.search(text):
        return False
    if len(words) <= 2 and words[-1] in _SHORT_ANSWERS:
        return True
    return _is_closed(text) and _may_end(words, question=text.endswith("?"))


def _is_closed(text: str) -> bool:
    """Whether the punctuation says so. Whisper at times writes none and no capitals; then it says nothing either way,
    except after a digit: more may follow."""
    if text[0].islower() and not _PUNCTUATION.search(text):
        return not text[-1].isdigit()
    return text.endswith((".", "?", "!"))


def _may_end(words: list[str], question: bool) -> bool:
    before, last = (words[-2] if len(words) > 1 else ""), words[-1]
    if last == "so":
        return before in _OPINION
    if last in _AUXILIARIES:
        return question or 1 < len(words) <= _SHORT
    if last in _LEADING:
        return question
    return last not in _DANGLING


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
