"""The agent's voice: hibari, a distilled Kokoro that speaks a clause in about 16 ms on one core."""

import numpy as np
from hibari import Hibari

from audio.engines import TELEPHONE_RATE, Pcm16
from audio.models import HIBARI, verified
from audio.pcm import amplify, to_pcm16, trim
from audio.resample import resample
from audio.tts.verbalise import verbalise

_GAIN = 2.5
"""hibari peaks at a third of full scale; a telephone line wants speech louder than that."""
_SEED = 0
"""The model draws its breath noise at random; one seed makes the same words sound the same, so tests can compare."""


class HibariVoice:
    """Text to speech. Implements TextToSpeech; safe to use from several threads."""

    def __init__(self) -> None:
        """Raises ModelError if the voice's file is missing or is not the one that was tested."""
        self._hibari = Hibari(model=str(verified(HIBARI)), threads=1)

    def synthesize(self, text: str) -> Pcm16:
        """8 kHz samples of the clause, without leading or trailing silence, at telephone level.

        Empty if `text` holds nothing that can be said.
        """
        if not any(character.isalnum() for character in text):
            return np.zeros(0, np.int16)  # hibari would breathe for it
        rate = self._hibari.sample_rate
        spoken = self._hibari(verbalise(text), seed=_SEED)
        return resample(to_pcm16(amplify(trim(spoken, rate), _GAIN)), rate, TELEPHONE_RATE)
