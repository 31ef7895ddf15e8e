"""Whisper on telephone audio, fast enough for conversation.

faster-whisper loads the model, but its `transcribe` pads every utterance to 30 s (390 ms for tiny.en). Here the
CTranslate2 model is called with the shortest window that costs no accuracy, 8 s (about 50 ms). Short windows make
Whisper repeat itself, which five guards prevent; each is marked below with its letter:

(a) the window is never shorter than 8 s, nor than the speech plus 2 s;
(b) it is filled up with an empty spectrogram, not with silent audio;
(c) the number of tokens is capped by the length of the speech;
(d) a phrase said twice verbatim is said once;
(e) under 1.5 s of speech, no token may come twice.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import ctranslate2
import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.utils import download_model

from audio.engines import TELEPHONE_RATE, Float32, ModelError, Pcm16, Transcript
from audio.models import WHISPER_TINY_EN, verified
from audio.pcm import require_pcm16, to_float
from audio.resample import resample

_RATE = 16_000
_FRAMES_PER_S = 100
_MIN_WINDOW_S = 8.0
_MARGIN_S = 2.0
_MAX_PIECE_S = 20.0
"""Longer speech is cut at its quietest moment: the cost of a window grows faster than its length."""
_MIN_PIECE_S = 10.0
_SHORT_S = 1.5
_TOKENS_PER_S = 6
_SPARE_TOKENS = 10
_MAX_HINT_TOKENS = 100

_CERTAIN_ANSWERS = frozenset(
    {"yes", "yeah", "yep", "yup", "no", "nope", "nah", "ok", "okay", "sure", "right", "correct"}
    | {"hello", "hi", "thanks", "bye", "goodbye", "stop", "help"}
)
"""Whole utterances that are kept however unsure the model is: on real calls "yes" scores like noise."""
_PHANTOMS = frozenset({"", "you", "thank you", "thanks for watching", "thank you for watching", "bye-bye"})
"""What Whisper, trained on video subtitles, writes for noise."""
_PHANTOM_STARTS = ("i'm going to go ahead", "thanks for watching", "subtitles by")
_DOUBTFUL_SILENCE = 0.6
_HOPELESS_LOGPROB = -1.5


class Whisper:
    """Speech to text. Implements SpeechToText; two utterances are decoded at a time, one thread each."""

    def __init__(self, model: str | None = None) -> None:
        """`model`: None for the bundled tiny.en, a directory holding a CTranslate2 Whisper model, or a size ("base.en")
        or id on the Hugging Face hub, which is downloaded on first use. Raises ModelError if it cannot be had."""
        directory = _directory(model)
        try:
            self._whisper = WhisperModel(directory, device="cpu", compute_type="int8", cpu_threads=1, num_workers=2)
        except (RuntimeError, ValueError, OSError) as error:
            raise ModelError(f"Whisper: {directory} is not a CTranslate2 Whisper model: {error}") from error
        self._tokens = Tokenizer(
            self._whisper.hf_tokenizer, self._whisper.model.is_multilingual, task="transcribe", language="en"
        )

    def transcribe(self, pcm: Pcm16, hints: Sequence[str] = ()) -> Transcript:
        """`pcm` is 8 kHz telephone audio; `hints` are names worth recognising, given to the model as a prompt.

        Give none where digits are expected: a prompt makes those worse."""
        parts = [self._decode(piece, self._prompt(hints)) for piece in pieces(require_pcm16(pcm))]
        heard = [part for part in parts if part.text]
        if not heard:
            return Transcript("", 0.0, max((part.no_speech for part in parts), default=1.0))
        return Transcript(
            text=" ".join(part.text for part in heard),
            confidence=sum(part.confidence for part in heard) / len(heard),
            no_speech=min(part.no_speech for part in heard),
        )

    def _prompt(self, hints: Sequence[str]) -> list[int]:
        before: list[int] = []
        if hints:
            before = [self._tokens.sot_prev, *self._tokens.encode(" " + ", ".join(hints) + ".")[:_MAX_HINT_TOKENS]]
        return [*before, *self._tokens.sot_sequence, self._tokens.no_timestamps]

    def _decode(self, pcm: Pcm16, prompt: list[int]) -> Transcript:
        seconds = len(pcm) / TELEPHONE_RATE
        cap = int(_TOKENS_PER_S * seconds) + _SPARE_TOKENS
        model = self._whisper.model
        encoded = model.encode(ctranslate2.StorageView.from_array(self._spectrogram(pcm)[np.newaxis]))
        result = model.generate(
            encoded,
            [prompt],
            beam_size=1,
            # CTranslate2 stops at half of this, or at this less the prompt, whichever comes first.  (c)
            max_length=max(2 * cap, cap + len(prompt)),
            no_repeat_ngram_size=1 if seconds < _SHORT_S else 0,  # (e)
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        tokens = result.sequences_ids[0]
        logprob = result.scores[0] * len(tokens) / (len(tokens) + 1)
        text = collapse(self._tokens.decode(tokens).strip(), ran_over=len(tokens) >= cap)
        if is_phantom(text, logprob, result.no_speech_prob):
            text = ""
        return Transcript(text, logprob, result.no_speech_prob)

    def _spectrogram(self, pcm: Pcm16) -> Float32:
        """Log-mel frames of `pcm`, shape (80, 100 a second), filled up to the window with zeros."""
        mel = self._whisper.feature_extractor(to_float(resample(pcm, TELEPHONE_RATE, _RATE)))
        window_s = max(_MIN_WINDOW_S, len(pcm) / TELEPHONE_RATE + _MARGIN_S)  # (a)
        missing = max(int(window_s * _FRAMES_PER_S) - mel.shape[1], 0)
        return np.ascontiguousarray(np.pad(mel, ((0, 0), (0, missing))), dtype=np.float32)  # (b)


def _directory(model: str | None) -> str:
    """Where the model lies, downloaded first if it is one of the hub's."""
    if model is None:
        return str(verified(WHISPER_TINY_EN).parent)
    if Path(model).is_dir():
        return model
    try:
        path: str = download_model(model)
    except Exception as error:  # the hub's client raises its own, httpx's and OSError
        raise ModelError(
            f"Whisper: '{model}' is no directory here, and fetching it from the Hugging Face hub failed: {error}. "
            "Check the name and the connection, or leave the setting out to use the bundled tiny.en."
        ) from error
    return path


def pieces(pcm: Pcm16) -> Iterator[Pcm16]:
    """Cuts 8 kHz speech longer than 20 s at the quietest fifth of a second between 10 and 20 s, again and again."""
    longest, shortest = int(_MAX_PIECE_S * TELEPHONE_RATE), int(_MIN_PIECE_S * TELEPHONE_RATE)
    hop = TELEPHONE_RATE // 5
    while len(pcm) > longest:
        loudness = np.abs(pcm[shortest:longest].astype(np.int32)).reshape(-1, hop).sum(axis=1)
        cut = shortest + int(loudness.argmin()) * hop + hop // 2
        yield pcm[:cut]
        pcm = pcm[cut:]
    if len(pcm):
        yield pcm


def collapse(text: str, ran_over: bool) -> str:
    """`text` without the repetitions of a looping decoder.  (c, d)

    A phrase of four or more words that comes twice in a row is said once, whatever its punctuation. If the decoder
    ran into its cap, so is one of two words, and a last repetition that the cap cut short goes too. Digits stay: a
    number may well repeat itself.
    """
    words = text.split()
    start = 0
    while start < len(words):
        if repeat := _repetition(words, start, ran_over):
            del words[repeat]
        else:
            start += 1
    return " ".join(words)


def _repetition(words: list[str], start: int, ran_over: bool) -> slice | None:
    """The words that only repeat the phrase which begins at `start`, if any do."""
    plain = [word.lower().strip(".,!?;:…-") for word in words]
    for length in range(2 if ran_over else 4, len(words) - start):
        again = start + length
        same = 0
        while again + same < len(words) and plain[start + same] == plain[again + same]:
            same += 1
        cut_short = ran_over and same >= 2 and again + same == len(words)
        spelled = all(word.isdigit() for word in plain[start:again])
        if (same >= length or cut_short) and not spelled:
            return slice(again, again + min(same, length))
    return None


def is_phantom(text: str, logprob: float, no_speech: float) -> bool:
    """Whether `text` is what Whisper writes for noise.

    The no-speech probability alone decides nothing: a real "yes" over a telephone scored 0.88.
    """
    plain = text.lower().strip(" .,!?…-")
    if plain in _CERTAIN_ANSWERS or "stop" in plain:
        return False
    if no_speech > _DOUBTFUL_SILENCE and (plain in _PHANTOMS or plain.startswith(_PHANTOM_STARTS)):
        return True
    return not plain or logprob < _HOPELESS_LOGPROB
