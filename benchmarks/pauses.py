"""Speech with pauses in it, for measuring how well the end of a turn is told from a pause. All 8 kHz, after μ-law.

Three kinds: whole utterances as they were said, with whatever pauses they have; the same with a hesitation put into
them; and the same broken off in the middle. The recordings, and the generated callers of one voice, are held out: the
words and waits of today were chosen without them, though those before were not (`docs/latency.md`).
"""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np

from audio.engines import TELEPHONE_RATE, Pcm16, TextToSpeech
from audio.judge import spans
from audio.tts.hibari import HibariVoice
from audio.tts.joe import JoeVoice
from benchmarks.callers import GAINS_DB, PAUSE, Utterance, on_the_line
from benchmarks.lines import CHOSEN_BY, HELD_OUT

HESITATION_MS = (250, 900)
PAUSE_MS, PAUSE_SPREAD = 420, 0.55
"""Median of the pauses that generated callers make, and the spread of their logarithms: pauses are log-normal, those of
speakers who think mostly of 200 to 1,000 ms (Campione and Véronis, A Large-Scale Multilingual Study of Silent Pause
Duration, 2002)."""
SHORTEST_MS, LONGEST_MS = 130, 1_500
HOP = TELEPHONE_RATE // 100
BREAKS = (0.4, 0.75)
"""Where in an utterance it is broken off or hesitates: at the quietest place between these shares of it."""


class Kind(StrEnum):
    """What was done to an utterance."""

    WHOLE = "whole"
    HESITANT = "hesitant"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class Speech:
    """One thing to listen to. `turn_over` says whether its end is the end of a turn."""

    name: str
    kind: Kind
    pcm: Pcm16
    held_out: bool
    generated: bool
    between_sentences: bool = False
    """Whether its pauses stand where a sentence was complete."""

    @property
    def turn_over(self) -> bool:
        """Whether the speaker has said all when it ends."""
        return self.kind is not Kind.CUT

    @property
    def end_ms(self) -> int:
        """Where the last sound ends."""
        return spans(self.pcm)[-1].end_ms


def speech(recordings: Sequence[Utterance], seed: int) -> list[Speech]:
    """Everything there is to listen to, recorded and generated, in all kinds. The same for the same seed.

    Raises:
        ModelError: if a caller's voice is not installed.
    """
    dice = random.Random(seed)
    whole = [Speech(one.name, Kind.WHOLE, one.pcm, True, False) for one in recordings]
    whole += _generated((JoeVoice(0.95), JoeVoice(1.15)), CHOSEN_BY, dice, held_out=False)
    whole += _generated((HibariVoice(),), HELD_OUT, dice, held_out=True)
    return [variant for one in whole for variant in _variants(one, dice)]


def _generated(
    voices: Sequence[TextToSpeech], lines: Sequence[str], dice: random.Random, *, held_out: bool
) -> Iterator[Speech]:
    for number, line in enumerate(lines):
        voice = voices[number % len(voices)]
        pcm = _spoken(line.split(PAUSE), voice, dice)
        gain = 10 ** (dice.uniform(*GAINS_DB) / 20)
        name = f"{'held-out' if held_out else 'chosen-by'}-{number:02}"
        over = on_the_line((pcm * gain).astype(np.int16))
        yield Speech(name, Kind.WHOLE, over, held_out, True, between_sentences=f".{PAUSE}" in line)


def _spoken(parts: Sequence[str], voice: TextToSpeech, dice: random.Random) -> Pcm16:
    # A comma, so that the voice does not fall before a pause as if it had finished.
    *before, last = parts
    stretches = [piece for part in before for piece in (voice.synthesize(_with_comma(part)), _pause(dice))]
    return np.concatenate([*stretches, voice.synthesize(last)])


def _with_comma(part: str) -> str:
    return part if part.endswith((".", ",", "?")) else f"{part},"


def _pause(dice: random.Random) -> Pcm16:
    ms = dice.lognormvariate(math.log(PAUSE_MS), PAUSE_SPREAD)
    return np.zeros(int(min(max(ms, SHORTEST_MS), LONGEST_MS)) * TELEPHONE_RATE // 1000, np.int16)


def _silence(dice: random.Random) -> Pcm16:
    return np.zeros(dice.randint(*HESITATION_MS) * TELEPHONE_RATE // 1000, np.int16)


def _variants(one: Speech, dice: random.Random) -> Iterator[Speech]:
    yield one
    place = quietest(one.pcm)
    if place is None or not one.held_out:
        return
    hesitant = np.concatenate((one.pcm[:place], on_the_line(_silence(dice)), one.pcm[place:]))
    yield Speech(one.name, Kind.HESITANT, hesitant, one.held_out, one.generated)
    yield Speech(one.name, Kind.CUT, one.pcm[:place], one.held_out, one.generated)


def quietest(pcm: Pcm16) -> int | None:
    """The quietest sample, of 30 ms around it, in the middle of an utterance. None in one that is too short to have a
    middle, or that pauses there by itself."""
    sounds = spans(pcm)
    start, end = sounds[0].start_ms * TELEPHONE_RATE // 1000, sounds[-1].end_ms * TELEPHONE_RATE // 1000
    first, last = (start + int((end - start) * share) for share in BREAKS)
    if end - start < TELEPHONE_RATE or last - first < 3 * HOP:
        return None
    loudness = [float(np.square(pcm[at - HOP : at + 2 * HOP].astype(float)).mean()) for at in range(first, last, HOP)]
    paused = any(later.start_ms > one.end_ms and first < one.end_ms * 8 < last for one, later in pairwise(sounds))
    return None if paused else first + int(np.argmin(loudness)) * HOP
