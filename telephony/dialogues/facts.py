"""Whether what is known after a turn is what the dialogue wants to be known."""

import re
from dataclasses import dataclass

from pydantic import JsonValue

from agent.campaign import Campaign
from agent.words import clean
from telephony.dialogues.player import Moment

ALIKE = 0.5
"""Free text is right if so much of the shorter of two wordings stands in the other."""


@dataclass(frozen=True, slots=True)
class Miss:
    """A fact that is not what it should be. `said` is None when nothing was learned."""

    turn: int
    words: str
    key: str
    wanted: JsonValue
    got: JsonValue


@dataclass(frozen=True, slots=True)
class FactScore:
    """One dialogue's facts, after all its turns together."""

    right: int
    wanted: int
    misses: tuple[Miss, ...]
    """Each wrong fact once: at the turn where it went wrong."""
    unexpected: tuple[Miss, ...]
    """Facts of the campaign's own questions that were learned and are not in the dialogue; not counted as wrong."""


def score_facts(moments: list[Moment], campaign: Campaign) -> FactScore:
    """Compares, after every turn of the lead's, all facts the dialogue holds known by then."""
    right = wanted = 0
    misses: dict[tuple[str, str, str], Miss] = {}
    unexpected: dict[str, Miss] = {}
    for moment in moments:
        expected = moment.turn.facts_after
        if moment.turn.who != "lead" or expected is None:
            continue
        facts = moment.facts
        for key, value in expected.items():
            wanted += 1
            got = facts.get(key)
            if is_right(key, value, got, campaign):
                right += 1
            else:
                miss = Miss(moment.turn.n, moment.words, key, value, got)
                misses.setdefault((key, str(value), str(got)), miss)
        for question in campaign.questions:
            if question.key in facts and question.key not in expected:
                miss = Miss(moment.turn.n, moment.words, question.key, None, facts[question.key])
                unexpected.setdefault(question.key, miss)
    return FactScore(right, wanted, tuple(misses.values()), tuple(unexpected.values()))


def is_right(key: str, wanted: JsonValue, got: JsonValue, campaign: Campaign) -> bool:
    """Whether a fact has the value wanted: equal, but for free text, and for days where the words leave one open."""
    if wanted == got:
        return True
    if not isinstance(wanted, str) or not isinstance(got, str):
        return isinstance(wanted, list) and isinstance(got, list) and set(map(str, wanted)) == set(map(str, got))
    question = campaign.question(key)
    kind = question.type if question else "text" if key == "third_party_contact" else None
    if kind == "text":
        return _alike(wanted, got)
    if kind == "date" and "/" in got:
        first, _, last = got.partition("/")
        return wanted in (first, last)
    return False


def _alike(wanted: str, got: str) -> bool:
    ours, theirs = _stems(got), _stems(wanted)
    return bool(ours and theirs) and len(ours & theirs) / min(len(ours), len(theirs)) >= ALIKE


def _stems(text: str) -> set[str]:
    words = re.findall(r"\w+", clean(text))
    return {re.sub(r"(?<=\w{3})(?:ing|ed|es|e|s)$", "", word) for word in words} - {"the", "a", "an", "and", "in", "on"}
