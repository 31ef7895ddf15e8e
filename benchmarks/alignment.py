"""When a voice says each word of a text that it is known to say: a recogniser lines the words up with the sound.

What a recogniser makes of a clipped piece of speech is guesswork. Told what all of it says, it finds the words in it to
some 50 ms, by which sound it attends to when it writes each of them.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import ctranslate2
import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer

from audio.engines import TELEPHONE_RATE, Pcm16
from audio.judge import CLEAN_RANGE_DB, Span, spans
from audio.models import WHISPER_TINY_EN, verified
from audio.pcm import to_float
from audio.resample import resample

_RATE = 16_000
LONGEST_S = 30
"""What the recogniser takes at once."""


class Aligner:
    """Whisper, told what is said."""

    def __init__(self) -> None:
        """Raises ModelError if the model file is missing."""
        self._whisper = WhisperModel(str(verified(WHISPER_TINY_EN).parent), device="cpu", compute_type="int8")
        self._tokens = Tokenizer(self._whisper.hf_tokenizer, multilingual=False)

    def word_ends(self, pcm: Pcm16, text: str) -> list[int]:
        """Where each word of `text` (as divided by spaces) is over in 8 kHz `pcm`, ms; half a minute at most."""
        pcm = pcm[: LONGEST_S * TELEPHONE_RATE]
        heard = self._whisper.feature_extractor(to_float(resample(pcm, TELEPHONE_RATE, _RATE)))[np.newaxis]
        encoded = self._whisper.model.encode(ctranslate2.StorageView.from_array(np.ascontiguousarray(heard)))
        tokens = self._tokens.encode(f" {text}")
        (pieces,) = self._whisper.find_alignment(self._tokens, [tokens], encoded, heard.shape[2])
        ends = [round(1000 * end) for end in _of_words([(piece["word"], piece["end"]) for piece in pieces])]
        return _within_sound(ends, spans(pcm, join_ms=0, range_db=CLEAN_RANGE_DB))


def _of_words(pieces: Sequence[tuple[str, float]]) -> Iterator[float]:
    """The ends of words, of which the recogniser makes pieces: a comma is one of its own, and silence belongs to it."""
    starts = [index for index, (piece, _) in enumerate(pieces) if piece.startswith(" ")]
    for first, following in pairwise([*starts, len(pieces)]):
        voiced = [end for piece, end in pieces[first:following] if any(map(str.isalnum, piece))]
        yield voiced[-1] if voiced else pieces[first][1]


def _within_sound(ends: Sequence[int], sounds: Sequence[Span]) -> list[int]:
    """A word is over when its sound is, not at the end of the pause behind it."""
    return [max((min(end, sound.end_ms) for sound in sounds if sound.start_ms < end), default=end) for end in ends]
