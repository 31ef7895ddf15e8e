"""A caller's voice for the sandbox and the tests: the male Piper voice "joe", unlike the agent's.

Piper itself is GPL because it embeds espeak-ng. The voice is not, so it is run here directly, with hibari's
pronunciation dictionary (Apache-2.0) and a table from its alphabet, misaki's, to the espeak one the voice was
trained on.
"""

import json
import re
from pathlib import Path

import numpy as np
from hibari.g2p import G2P

from audio.engines import TELEPHONE_RATE, Float32, Pcm16
from audio.models import JOE, locate, open_session
from audio.pcm import to_pcm16, trim
from audio.resample import resample
from audio.tts.verbalise import verbalise

_ESPEAK = {
    "A": "eɪ",
    "I": "aɪ",
    "O": "oʊ",
    "W": "aʊ",
    "Y": "ɔɪ",
    "ʤ": "dʒ",
    "ʧ": "tʃ",
    "T": "ɾ",
    "ᵊ": "ə",
    "ɑ": "ɑː",
    "u": "uː",
    "əɹ": "ɚ",
    "ɜɹ": "ɜː",
    "ɔɹ": "ɔːɹ",
    "ɛə": "ɛh",
}
_MISAKI = re.compile("|".join(sorted(_ESPEAK, key=len, reverse=True)))
_VOWEL = re.compile(r"[AIOWYaiuæɑɒɔəɛɜɪʊʌᵊᵻ]")
_STRESSED_E = re.compile(r"(?<=[ˈˌ])i")

_START, _GAP, _END = "^", "_", "$"
_LENGTH = 1.06
"""A little slower than the voice's own pace: the pace at which the recogniser gets the most lines right."""
_PEAK = 0.7


class JoeVoice:
    """Text to speech in a caller's voice, about 120 ms a line. Implements TextToSpeech; safe to share.

    The voice's random variation is off, so the same words always sound the same.
    """

    def __init__(self, speed: float = 1.0) -> None:
        """`speed` is relative, 1.0 a calm caller. Raises ModelError, with the package to install, if it is missing."""
        self._session = open_session(JOE)
        config = json.loads(Path(f"{locate(JOE)}.json").read_text(encoding="utf-8"))
        self._rate: int = config["audio"]["sample_rate"]
        self._ids: dict[str, list[int]] = config["phoneme_id_map"]
        self._scales = np.array([0.0, _LENGTH / speed, 0.0], np.float32)
        self._pronounce = G2P()

    def synthesize(self, text: str) -> Pcm16:
        """8 kHz samples of the line, without leading or trailing silence. Empty if `text` holds nothing to say."""
        phonemes = to_espeak(self._pronounce(verbalise(text)))
        if not _VOWEL.search(phonemes):
            return np.zeros(0, np.int16)
        voice = trim(self._speak(phonemes), self._rate)
        voice = voice * np.float32(_PEAK / np.abs(voice).max())
        return resample(to_pcm16(voice), self._rate, TELEPHONE_RATE)

    def _speak(self, phonemes: str) -> Float32:
        symbols = [_START, *(symbol for symbol in phonemes if symbol in self._ids), _END]
        ids = [number for symbol in symbols for number in (*self._ids[symbol], *self._ids[_GAP])][:-1]
        inputs = {"input": np.array([ids]), "input_lengths": np.array([len(ids)]), "scales": self._scales}
        return np.asarray(self._session.run(None, inputs)[0], dtype=np.float32).reshape(-1)


def to_espeak(phonemes: str) -> str:
    """misaki's phonemes in espeak-ng's alphabet, for American English."""
    words = " ".join(_lengthen(word) for word in phonemes.split(" "))
    return _MISAKI.sub(lambda match: _ESPEAK[match.group()], words)


def _lengthen(word: str) -> str:
    """espeak writes a long "i" under stress and in words of one syllable ("we"), a short one at the end of "busy"."""
    one_syllable = len(_VOWEL.findall(word)) == 1
    return word.replace("i", "iː") if one_syllable else _STRESSED_E.sub("iː", word)
