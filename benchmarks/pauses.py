"""Speech with pauses in it, for measuring how well the end of a turn is told from a pause. All 8 kHz, after μ-law.

Three kinds: whole utterances as they were said, with whatever pauses they have; the same with a hesitation put into
them; and the same broken off in the middle. Half of the utterances, and of the generated callers' voices, are held out:
the waits were
first chosen without them, but last changed with their figures in sight (`docs/latency.md`).
"""

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
from benchmarks.callers import PAUSE, Utterance, on_the_line

HESITATION_MS = (250, 900)
HOP = TELEPHONE_RATE // 100
BREAKS = (0.4, 0.75)
"""Where in an utterance it is broken off or hesitates: at the quietest place between these shares of it."""

TRAIN_LINES = (
    "Yes this is he.",
    "Yeah that's fine.",
    "It's for home insurance.",
    "We just bought a place in ... Lincoln Park.",
    "We are closing on the ... fifteenth of December.",
    "I'd like to move in ... before Christmas.",
    "I guess I'm mostly looking for ... a better price.",
    "How much is that going to cost me?",
    "I have a twenty nineteen ... Ford.",
    "Could you say that again?",
    "There are four of us in the house.",
    "Next week would be better because ... I'm traveling until Friday.",
    "I'm at work right now but ... go ahead.",
    "We've been renting ... for about six years.",
    "Okay and what happens next?",
    "My zip code is ... six oh six one four.",
    "It's three one two ... five five five ... zero one four two.",
    "My email is jordan ... at gmail dot com.",
    "Um ... I think we have State Farm.",
    "Well, the thing is ... we had a claim last year.",
    "Tuesday works.",
    "No.",
    "Sure.",
    "My wife and ... our two kids.",
)
HELD_OUT_LINES = (
    "Speaking.",
    "Yes, but only if ... it's cheaper than what we have.",
    "The house was built in ... nineteen eighty four.",
    "It's a condo on the third floor.",
    "We want to switch before ... the end of the month.",
    "Can you call me back tomorrow?",
    "I drive a Honda Civic and ... my husband has a truck.",
    "That's M as in Mary ... I L L E R.",
    "Seven eight ... seven zero four.",
    "I was wondering whether ... you cover flood damage.",
    "Not really, no.",
    "Go ahead.",
    "So ... what exactly do you need from me?",
    "Our current premium is about ... two hundred a month.",
    "I'd have to talk to my wife about that.",
    "It's on ... Maple Street.",
    "The reason I ask is ... our roof is twenty years old.",
    "Around five thirty.",
    "I don't know.",
    "Who is this?",
    "We'd like to have it done by ... I don't know, maybe March.",
    "Uh ... two bathrooms.",
    "You can reach me at ... four one five ... two two oh ... one nine one nine.",
    "Thanks, bye.",
)


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
    whole = [Speech(one.name, Kind.WHOLE, one.pcm, index % 2 == 1, False) for index, one in enumerate(recordings)]
    whole += _generated((JoeVoice(0.95), JoeVoice(1.15)), TRAIN_LINES, dice, held_out=False)
    whole += _generated((HibariVoice(),), HELD_OUT_LINES, dice, held_out=True)
    return [variant for one in whole for variant in _variants(one, dice)]


def _generated(
    voices: Sequence[TextToSpeech], lines: Sequence[str], dice: random.Random, *, held_out: bool
) -> Iterator[Speech]:
    for number, line in enumerate(lines):
        voice = voices[number % len(voices)]
        parts = line.split(PAUSE)
        pcm = voice.synthesize(parts[0] + ("," if parts[1:] else ""))
        for index, part in enumerate(parts[1:], 2):
            # A comma, so that the voice does not fall before the pause as if it had finished.
            more = voice.synthesize(part + ("," if index < len(parts) else ""))
            pcm = np.concatenate((pcm, _silence(dice), more))
        gain = 10 ** (dice.uniform(-14, 0) / 20)
        name = f"{'held' if held_out else 'train'}-line-{number:02}"
        yield Speech(name, Kind.WHOLE, on_the_line((pcm * gain).astype(np.int16)), held_out, True)


def _silence(dice: random.Random) -> Pcm16:
    return np.zeros(dice.randint(*HESITATION_MS) * TELEPHONE_RATE // 1000, np.int16)


def _variants(one: Speech, dice: random.Random) -> Iterator[Speech]:
    yield one
    place = quietest(one.pcm)
    if place is None:
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
