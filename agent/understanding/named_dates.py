"""Which date is which fact: "we closed last friday we move in on december fifth" holds two."""

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from types import MappingProxyType

from pydantic import JsonValue

from agent.campaign import Campaign, Question
from agent.understanding.corrections import explained_away, is_withdrawn
from agent.understanding.spoken_date import DateMention, Span, find_dates
from agent.words import phrase_pattern

_DENIED = re.compile(r"(?<!\S)(?:not|instead of|rather than) (?:on |the )?$")
""" "The eighteenth, not the twenty-third"."""
_OF_MONTH = re.compile(r"(?:on |by )?(?:the )?(?P<day>\d{1,2})(?:st|nd|rd|th)")
_BESIDE_A_HOLIDAY = re.compile(
    r"(?:day|days|weekend) (?:after|before) (?:thanksgiving|christmas|xmas|new years?|easter|labor day|memorial day)"
)
"""Which day that is, nothing here works out; better no date than the holiday's."""
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
    said: str,
    campaign: Campaign,
    asked: str | None,
    today: date,
    *,
    asked_in_past: bool = False,
    known: Mapping[str, JsonValue] = MappingProxyType({}),
) -> dict[str, str]:
    """The date facts in a cleaned text, as ISO dates (or ISO intervals, where the words leave the day open).

    `asked_in_past`: our question was about something over: "when did that policy run out?". `known`: the dates told
    before; "sorry, the eighteenth" corrects the day of one, not its month.

    Each date goes to the nearest of the campaign's words for a date; one that has none answers the question asked.
    """
    dates = _standing(said, find_dates(said, today))
    cues = [cue for question in campaign.questions if question.type == "date" for cue in _cues(question, said)]
    dates = [one for one in dates if not any(_is_counted_from(said, one, cue) for cue in cues)]
    if not dates:
        return {}
    found: dict[str, str] = {}
    taken: set[int] = set()
    for mention, cue in _nearest_first(said, dates, cues):
        if mention.start not in taken and cue.question.key not in found:
            taken.add(mention.start)
            text = said[mention.start : mention.end]
            span = _corrected(text, known.get(cue.question.key)) or _reading(
                cue.question, mention, today, is_past=cue.is_past
            )
            if span:
                found[cue.question.key] = span.iso()
    question = campaign.question(asked) if asked else None
    past = _is_past(said) or asked_in_past
    if question is not None and question.type == "date" and question.key not in found:
        left = sorted((one for one in dates if one.start not in taken), key=lambda one: _is_bound(said, one))
        free = (_reading(question, mention, today, is_past=past) for mention in left)
        if span := min((span for span in free if span), key=lambda span: not span.is_day, default=None):
            found[question.key] = span.iso()
    return found


_BOUND = re.compile(r"(?<!\S)(?:after|before|until|till?|past)(?: the)? $")


def _is_bound(said: str, mention: DateMention) -> bool:
    """ "Not till after the holidays, the eighth": the holidays only bound the day that is named."""
    return _BOUND.search(said[: mention.start]) is not None


def _standing(said: str, dates: list[DateMention]) -> list[DateMention]:
    """Without the dates that are denied, or taken back for the next: "tuesday, no sorry, wednesday"."""
    if _BESIDE_A_HOLIDAY.search(said):
        return []
    withdrawn = {one.start for one, after in pairwise(dates) if is_withdrawn(said[one.end : after.start])}
    spans = [(one.start, one.end) for one in dates]
    withdrawn |= {spans[place][0] for place in explained_away(said, spans)}
    return [one for one in dates if one.start not in withdrawn and not _DENIED.search(said[: one.start])]


_COUNTED_FROM = re.compile(r" (?:right )?(?:after|before|following|from|past)(?: (?:the|we|our|my|i|it))* ")


def _is_counted_from(said: str, mention: DateMention, cue: _Cue) -> bool:
    """ "The weekend after closing": no date of this calendar, and none of the closing."""
    return cue.start > mention.end and _COUNTED_FROM.fullmatch(said[mention.end : cue.start]) is not None


def _cues(question: Question, said: str) -> Iterator[_Cue]:
    others = [match.span() for match in phrase_pattern(question.ignore).finditer(said)]
    for match in phrase_pattern(question.cues).finditer(said):
        if any(start <= match.start() and match.end() <= end for start, end in others):
            continue
        first = match[0].split()[0]
        until = match[0].split()[-1] in ("until", "till", "til", "through", "thru")
        is_past = not until and (first.endswith("ed") or first in ("got", "ran"))
        yield _Cue(question, match.start(), match.end(), is_past)


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


def _corrected(text: str, known: JsonValue) -> Span | None:
    """A bare day of the month said of a date that is known: the same month, another day."""
    match = _OF_MONTH.fullmatch(text)
    if match is None or not isinstance(known, str) or "/" in known:
        return None
    before = date.fromisoformat(known)
    day = int(match["day"])
    if not 1 <= day <= monthrange(before.year, before.month)[1]:
        return None
    return Span(before.replace(day=day), before.replace(day=day))


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
