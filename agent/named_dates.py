"""Which date is which fact: "we closed last friday we move in on december fifth" holds two."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from agent.campaign import Campaign, Question
from agent.spoken_date import DateMention, Span, find_dates
from agent.words import phrase_pattern

FARTHEST = 40
"""Characters between a date and the word that says what it is."""
_BEHIND = 4
"""A word before its date is likelier than one after it, by so many characters."""
_BREAK = 12
"""So much does a comma, a full stop or an "and" between them count."""


@dataclass(frozen=True, slots=True)
class _Cue:
    question: Question
    start: int
    end: int
    is_past: bool


def dated_facts(
    said: str, campaign: Campaign, asked: str | None, today: date, *, asked_in_past: bool = False
) -> dict[str, str]:
    """The date facts in a cleaned text, as ISO dates (or ISO intervals, where the words leave the day open).

    `asked_in_past`: our question was about something over: "when did that policy run out?".

    Each date goes to the nearest of the campaign's words for a date; one that has none answers the question asked.
    """
    dates = find_dates(said, today)
    if not dates:
        return {}
    cues = [cue for question in campaign.questions if question.type == "date" for cue in _cues(question, said)]
    found: dict[str, str] = {}
    taken: set[int] = set()
    for mention, cue in _nearest_first(said, dates, cues):
        if mention.start not in taken and cue.question.key not in found:
            taken.add(mention.start)
            if span := _reading(cue.question, mention, today, is_past=cue.is_past):
                found[cue.question.key] = span.iso()
    question = campaign.question(asked) if asked else None
    past = _is_past(said) or asked_in_past
    if question is not None and question.type == "date" and question.key not in found:
        free = (_reading(question, mention, today, is_past=past) for mention in dates if mention.start not in taken)
        if span := next((span for span in free if span), None):
            found[question.key] = span.iso()
    return found


def _cues(question: Question, said: str) -> Iterator[_Cue]:
    for match in phrase_pattern(question.cues).finditer(said):
        first = match[0].split()[0]
        yield _Cue(question, match.start(), match.end(), first.endswith("ed") or first in ("got", "ran"))


def _nearest_first(said: str, dates: list[DateMention], cues: list[_Cue]) -> list[tuple[DateMention, _Cue]]:
    pairs = [(_distance(said, mention, cue), mention, cue) for mention in dates for cue in cues]
    near = [(distance, mention, cue) for distance, mention, cue in pairs if distance <= FARTHEST]
    return [(mention, cue) for _, mention, cue in sorted(near, key=lambda pair: pair[0])]


def _distance(said: str, mention: DateMention, cue: _Cue) -> int:
    if cue.end <= mention.start:
        between, gap = said[cue.end : mention.start], mention.start - cue.end
    else:
        between, gap = said[mention.end : cue.start], cue.start - mention.end + _BEHIND
    breaks = sum(word in (",", ".", "?", "and", "but", "then") for word in between.split())
    return gap + breaks * _BREAK


def _is_past(said: str) -> bool:
    return any(word in ("already", "was", "were", "did", "closed", "happened") for word in said.split())


def _reading(question: Question, mention: DateMention, today: date, *, is_past: bool) -> Span | None:
    """The likeliest reading that the campaign's window allows."""
    window = question.validate_
    readings = sorted(mention.readings, key=lambda span: (span.first > today) if is_past else 0)
    for span in readings:
        if window is None or window.allows((span.first - today).days):
            return span
    return None
