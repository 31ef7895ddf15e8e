"""The same phrase said otherwise: with a greeting or a farewell, with a slip of the finger, stumbling, in one breath.

What a phrase asks for does not change by it, so each variant carries its phrase's label and teaches the guard's models
what does not matter. Which variant a phrase gets is drawn with a seed, the same every time.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from agent.guard.plain import Plain
from agent.guard.spelling import corrected
from benchmarks.guard_phrases import Phrase

VARIANT_WEIGHT = 0.3
"""What a variant counts for, next to the phrase that a person wrote."""

_OPENINGS = (
    "hi|hello|hey there|yes hi|good morning|um|uh|ok|ok fine|yeah|no|well|so|and|look|listen|sorry|sir|dear|please|"
    "honestly|i said|uh huh|oye|bueno|hola"
)
_CLOSINGS = (
    "thanks so much|thank you|thanks again|please|good night|bye|take care|have a good day|god bless|regards|sincerely|"
    "i mean it|seriously|ok|all right|sent from my iphone|lol|haha|smh|dude|man|yall|sorry|love|gracias|por favor"
)
_NAMES = (
    "harold|shirley|marlene|dot|peg|ruth|arthur|vern|alma|olga|dorothy|nell|earl|walt|joan|wendell|mabel|gwen|clyde|"
    "otto|irma|lupe|ernesto|teresa|chuy|ramiro|elena|gail|lloyd|stan"
)
_SIGNED = 0.3
"""How many of the farewells are followed by a name."""

Clauses = tuple[str, ...]


def varied(phrases: Sequence[Phrase], seed: int = 1) -> list[Phrase]:
    """One variant of every phrase that has words."""
    chance = random.Random(seed)
    return [
        replace(phrase, message=Plain(chance.choice(_WAYS)(phrase.message.clauses, chance)), weight=VARIANT_WEIGHT)
        for phrase in phrases
        if phrase.message.clauses
    ]


def _opened(clauses: Clauses, chance: random.Random) -> Clauses:
    opening = _one_of(_OPENINGS, chance)
    return (opening, *clauses) if chance.random() < 0.5 else (f"{opening} {clauses[0]}", *clauses[1:])


def _closed(clauses: Clauses, chance: random.Random) -> Clauses:
    closing = _one_of(_CLOSINGS, chance)
    ended = (*clauses, closing) if chance.random() < 0.5 else (*clauses[:-1], f"{clauses[-1]} {closing}")
    return (*ended, _one_of(_NAMES, chance)) if chance.random() < _SIGNED else ended


def _slipped(clauses: Clauses, chance: random.Random) -> Clauses:
    """One word with a letter left out, doubled, changed or swapped, as the guard's spelling reads it."""
    return _at_a_word(clauses, chance, lambda word: [corrected(_slip(word, chance))])


def _stumbled(clauses: Clauses, chance: random.Random) -> Clauses:
    """One word said twice, with or without an "um" between."""
    return _at_a_word(clauses, chance, lambda word: chance.choice(([word, word], [word, "um", word])))


def _in_one_breath(clauses: Clauses, chance: random.Random) -> Clauses:
    """Without punctuation, as recognisers write it."""
    return (" ".join(clauses),)


_WAYS: tuple[Callable[[Clauses, random.Random], Clauses], ...] = (
    _opened,
    _closed,
    _slipped,
    _slipped,
    _stumbled,
    _stumbled,
    _in_one_breath,
    _in_one_breath,
)


def _at_a_word(clauses: Clauses, chance: random.Random, change: Callable[[str], list[str]]) -> Clauses:
    place = chance.randrange(len(clauses))
    words = clauses[place].split()
    at = chance.randrange(len(words))
    changed = " ".join([*words[:at], *change(words[at]), *words[at + 1 :]])
    return (*clauses[:place], changed, *clauses[place + 1 :])


def _one_of(listed: str, chance: random.Random) -> str:
    return chance.choice(listed.split("|"))


def _slip(word: str, chance: random.Random) -> str:
    if len(word) < 4:
        return word
    at = chance.randrange(1, len(word) - 1)
    return chance.choice(
        (
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + chance.choice("aeiostnrl") + word[at + 1 :],
        )
    )
