"""Which of a question's values a lead chose: by name, by a sum, score or date in a band of it, or by a yes or no."""

import re
from collections.abc import Iterator
from datetime import date, datetime

from pydantic import JsonValue

from agent.campaign import Question
from agent.understanding.amounts import amount_band
from agent.understanding.figures import day_band, score_band
from agent.understanding.mentions import Mention, is_or, mentions
from agent.understanding.spoken_date import DateMention, find_dates
from agent.understanding.whose import of_himself
from agent.words import Polarity, any_of, clean_wording, is_unsure, polarity
from state.view import View

_CORRECTION = re.compile(
    r"(?<!\S)(?:actually|i meant?|meant|correction|scratch that|instead|rather|changed my mind|make (?:it|that)|its"
    r"|it is|wait|oops|my bad|misspoke|should be|technically)(?!\S)"
)
_ALSO = re.compile(r"(?<!\S)(?:also|too|as well|plus|and|add|both|another|on top)(?!\S)")


def choice(question: Question, said: str, view: View, now: datetime, *, is_asked: bool) -> Iterator[JsonValue]:
    """The value of a question with listed values, or of one with yes and no; None if he takes back what was known."""
    said = of_himself(said) if question.bands_of == "amount" else said
    named = mentions(question, said, asked=is_asked)
    if question.type == "bool":
        if not is_asked and _is_out_of_place(question, view):
            return
        yield from _truth(question, named, said, is_asked)
        return
    known = view.known(question.key)
    if question.multi:
        yield from _several(question, named, known)
        return
    standing = [mention for mention in named if not mention.denied]
    denied = {mention.value for mention in named} - {mention.value for mention in standing}
    value = _pick(question, standing, said, known)
    if not is_asked:
        value = value or _cued_band(question, said, view, now)
    elif value is None and not standing:
        answer = None if denied else next(by_polarity(question, said), None)
        value = _band(question, said, view, now) or _yes_by_then(question, said, view, now) or answer
    elif question.bands_of == "days" and value == question.values[-1]:
        # The last one is the open one, "just looking": a date beside it says more. "No hurry, by the end of March".
        value = _band(question, said, view, now) or value
    if value is not None:
        is_correction = known in denied or _CORRECTION.search(said) or value in question.combine
        if known is None or is_asked or not question.sticky or is_correction:
            yield value
    elif known is not None and known in denied:
        yield None


def _is_out_of_place(question: Question, view: View) -> bool:
    """Whether what is known rules the question out: an owner has no owner to ask."""
    known = {key: view.known(key) for key in question.applies_if}
    return any(value is not None and value not in question.applies_if[key] for key, value in known.items())


def _truth(question: Question, named: list[Mention], said: str, is_asked: bool) -> Iterator[JsonValue]:
    answer = _REPORTED.search(said) if is_asked else None
    if answer and (agreed := polarity(said[answer.end() :])) is not None and _is_last(named, answer.start()):
        yield agreed is Polarity.YES
    elif named:
        yield (named[-1].value == "true") is not named[-1].denied
    elif is_asked and (agreed := polarity(said)) is not None:
        yield agreed is Polarity.YES


_REPORTED = re.compile(
    r"(?<!\S)(?:says|said|wrote back|wrote|texted back|replied|answered|responded|told me|goes|is like)"
    r"(?: (?:that|its|hes|shes|to|me|just|back|says|said|like|[,.]))* "
)
"""What another answered: "he just wrote back, says go ahead"."""


def _is_last(named: list[Mention], start: int) -> bool:
    return all(mention.start < start for mention in named)


def _several(question: Question, named: list[Mention], known: JsonValue) -> Iterator[JsonValue]:
    before = set(known) if isinstance(known, list) else set()
    values = {value for value in before if isinstance(value, str)}
    values |= {mention.value for mention in named if not mention.denied}
    values -= {mention.value for mention in named if mention.denied}
    ordered: list[JsonValue] = [value for value in question.values if value in values]
    if named and ordered:
        yield ordered


def _pick(question: Question, standing: list[Mention], said: str, known: JsonValue) -> str | None:
    standing = [one for one in standing if one.value != "other"] or standing
    values = list(dict.fromkeys(mention.value for mention in standing))
    if len(values) > 1 and is_or(said, standing[-2], standing[-1]):
        return None
    if len(values) > 1 and _CORRECTION.search(said) is None and (alone := _alone(standing, said)):
        return alone
    for whole, parts in question.combine.items():
        if set(parts) <= set(values) or (whole in values and set(values) <= {whole, *parts}):
            return whole
        if known in parts and set(parts) <= {*values, str(known)} and _ALSO.search(said):
            return whole
    return standing[-1].value if standing else None


_JUST = r"(?:(?:yes|yeah|yep|no|its|it is|just|a|an|the|um|uh|,) )*"


def _alone(standing: list[Mention], said: str) -> str | None:
    """The one value that is a sentence of its own: "House. The sign out front says condos"."""
    sentences = [
        one.value
        for one in standing
        if re.search(rf"(?:^|[.?] ){_JUST}$", said[: one.start]) and re.match(r" ?(?:$|[.?])", said[one.end :])
    ]
    return sentences[0] if len(set(sentences)) == 1 else None


_NOT_KNOWN = frozenset({"unsure", "not_sure"})


def by_polarity(question: Question, said: str) -> Iterator[str]:
    """The value that a yes, a no or an "I don't know" means, by the campaign's data."""
    agreed = polarity(said)
    if agreed is None and is_unsure(said):
        yield from (value for value in question.values if value in _NOT_KNOWN)
    if agreed is not None:
        yield from (value for value, words in question.answers.items() if agreed.value in words)


def _cued_band(question: Question, said: str, view: View, now: datetime) -> str | None:
    """The band of a sum, score or day that he volunteers: the words have to say what it is of."""
    match question.bands_of:
        case "amount":
            is_open = question.required and view.known(question.key) is None
            in_thousands = _in_thousands(question, view)
            return amount_band(question, said, cued=True, in_thousands=in_thousands, alone=is_open)
        case "score":
            return score_band(question, said, asked=False)
        case "days":
            return _cued_day(question, said, now)
    return None


def _band(question: Question, said: str, view: View, now: datetime) -> str | None:
    """The band of a sum, score or day with which he answers."""
    match question.bands_of:
        case "amount":
            return amount_band(question, said, cued=False, in_thousands=_in_thousands(question, view))
        case "score":
            return score_band(question, said, asked=True)
        case "days":
            return next((_day_band(question, mention, now) for mention in _ahead(said, now.date())), None)
    return None


def _in_thousands(question: Question, view: View) -> bool:
    holding = question.in_thousands_if
    return bool(holding) and all(view.known(key) in allowed for key, allowed in holding.items())


_DURATION = re.compile(
    r"(?<!\S)(?:\d{1,3}|(?:a )?couple(?: of)?|(?:a )?few)(?: (?:or|to|maybe) \d{1,3})?"
    r" (?:days?|weeks?|wks?|months?|mos?)(?!\S)"
)


def _ahead(said: str, today: date) -> list[DateMention]:
    """The days named; asked when, "ten days or so" is in ten days."""
    return find_dates(said, today) or find_dates(_DURATION.sub(r"in \g<0>", said, count=1), today)


_BY_THEN = any_of(
    r"(?:need|needs|want|wants|have|get|done|fixed|ready)(?: \S+){0,3} (?:by|before) (?:then|that(?: day| date)?)"
)


def _cued_day(question: Question, said: str, now: datetime) -> str | None:
    """The band of a day that stands behind one of the question's cues: "in place by friday"."""
    days = find_dates(said, now.date())
    if by_then := _BY_THEN.search(said):
        # "He wants his deposit on december 10, so I need it by then."
        before = [mention for mention in days if mention.end <= by_then.start()]
        return _day_band(question, before[-1], now) if before else None
    for mention in days:
        if any(said[: mention.start].rstrip().endswith(clean_wording(cue)) for cue in question.cues):
            return _day_band(question, mention, now)
    return None


def _day_band(question: Question, mention: DateMention, now: datetime) -> str | None:
    """The band of the middle of what was named: "in february" is about the fourteenth."""
    ahead = [span for span in mention.readings if span.last >= now.date()]
    if not ahead:
        return None
    middle = max(ahead[0].first, now.date()) + (ahead[0].last - max(ahead[0].first, now.date())) / 2
    return day_band(question, (middle - now.date()).days)


def _yes_by_then(question: Question, said: str, view: View, now: datetime) -> str | None:
    """A yes to "before you move in?" means by that date."""
    if polarity(said) is not Polarity.YES:
        return None
    for wording in question.ask_when:
        known = view.known(wording.known)
        if isinstance(known, str):
            if not wording.yes_means_by_then:
                return None
            last = datetime.fromisoformat(known.rpartition("/")[2]).date()
            return day_band(question, (last - now.date()).days)
    return None
