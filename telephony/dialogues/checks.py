"""What a dialogue wants of each turn beyond facts, as far as a rule can check it.

Always: one question a turn at most, about nothing that is known; no text over two segments; and where the script makes
a contact, that the gate permits it. Then every `must` and `must_not`, clause by clause, by the first rule whose words
it has; one that has none is unchecked, never passed. At the end what the summary must hold.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from agent.campaign import Campaign
from agent.gate.gate import Refusal
from agent.summary import Summary
from agent.texting import MOST_SEGMENTS, gsm7, segments
from agent.words import clean
from telephony.dialogues.player import Moment
from telephony.dialogues.rules import MUST, MUST_NOT, Seen, asks_of
from telephony.dialogues.script import Dialogue


class Verdict(StrEnum):
    """What came of a check."""

    PASSED = "passed"
    FAILED = "failed"
    UNCHECKED = "unchecked"
    """No rule can say."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check. `where` is the turn's number, or "summary"; `detail` says what happened instead."""

    where: str
    check: str
    verdict: Verdict
    detail: str = ""


def checked(script: Dialogue, moments: list[Moment], summary: Summary, campaign: Campaign) -> Iterator[Finding]:
    """Every check of a dialogue that was played."""
    dressed = script.dressed(campaign)
    for moment in moments:
        seen = Seen(moment, dressed, script)
        if moment.turn.who == "lead":
            yield from _conduct(seen)
        if moment.gate is not None:
            yield _gate(moment)
        for text in moment.turn.must:
            yield from _by_rules(seen, text, forbidden=False)
        for text in moment.turn.must_not:
            yield from _by_rules(seen, text, forbidden=True)
    yield from _summary(script, summary)


def _finding(where: str, check: str, fault: str | None) -> Finding:
    return Finding(where, check, Verdict.FAILED if fault else Verdict.PASSED, fault or "")


def _conduct(seen: Seen) -> Iterator[Finding]:
    moment = seen.moment
    where, said = str(moment.turn.n), moment.said
    yield _finding(where, "one question at most", said if said.count("?") > 1 else None)
    known = {key for key in asks_of(moment) if moment.after.known(key) is not None and seen.campaign.question(key)}
    yield _finding(where, "nothing known is asked", f"asks {', '.join(sorted(known))}" if known else None)
    if moment.turn.ch == "sms" and said:
        long = segments(gsm7(said)) > MOST_SEGMENTS
        yield _finding(where, f"{MOST_SEGMENTS} segments at most", said if long else None)


def _gate(moment: Moment) -> Finding:
    refusal = moment.gate if isinstance(moment.gate, Refusal) else None
    fault = f"refused: {refusal.reason}" if refusal else None
    return _finding(str(moment.turn.n), "the gate permits the contact", fault)


def _by_rules(seen: Seen, text: str, *, forbidden: bool) -> Iterator[Finding]:
    where, mark = str(seen.moment.turn.n), "must not" if forbidden else "must"
    for clause in filter(None, (part.strip() for part in text.split(";"))):
        rule = next((check for words, check in (MUST_NOT if forbidden else MUST) if words.search(clause)), None)
        # Our own words are judged where we answer the lead; the script's lines are its author's.
        if rule is None or not (seen.moment.turn.who == "lead" or rule.anywhere):
            yield Finding(where, f"{mark}: {clause}", Verdict.UNCHECKED)
        else:
            yield _finding(where, f"{mark}: {clause}", rule.fault(seen, clause))


# The summary ---------------------------------------------------------------------------------------------------------

_IDLE_WORDS = "a an the of to and or is was in for at on by if he she they product present"
_IDLE = frozenset(_IDLE_WORDS.split())
_FIGURE = re.compile(r"[$€£]\s?\d|\d\s?%|\d\s?(?:dollars|percent)")


def _summary(script: Dialogue, summary: Summary) -> Iterator[Finding]:
    text = f"{summary.headline}\n{summary.full}\n{summary.card}"
    words = _stems(text)
    for item in script.summary_must_have:
        missing = sorted(_stems(item) - words)
        yield _finding("summary", f"has: {item}", f"lacks {', '.join(missing)}" if missing else None)
    for item in script.summary_must_not_have:
        yield _finding("summary", f"has not: {item}", "it has" if _holds(text, item) else None)


def _holds(text: str, item: str) -> bool:
    if re.fullmatch(r"an? (?:price|rate|premium|apr)", item):
        return _FIGURE.search(text) is not None
    words = [word for word in clean(item).split() if word not in _IDLE]
    return bool(words) and re.search(rf"\b{' '.join(map(re.escape, words))}", clean(text)) is not None


def _stems(text: str) -> set[str]:
    words = re.findall(r"[\w:]+", clean(text.replace("_", " ").replace("-", " ")))
    return {re.sub(r"(?<=\w{3})(?:ing|ed|es|e|s)$", "", word) for word in words} - _IDLE
