"""Dates as people say them: "last friday", "december fifth", "the fifth", "in two weeks", "12/5".

A date without its year, or a bare weekday, can be the one ahead or the one behind. A mention therefore holds all its
readings, likeliest first; whoever knows what the date is for (a closing that has happened, a move that has not) picks.
"""

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from agent.understanding.spoken_holidays import HOLIDAY, next_holiday
from agent.words import clean


@dataclass(frozen=True, slots=True)
class Span:
    """A day, or the days from `first` to `last`, both included, where the words leave it open."""

    first: date
    last: date

    @property
    def is_day(self) -> bool:
        """Whether it is one day."""
        return self.first == self.last

    def iso(self) -> str:
        """ISO 8601: "2026-12-05", or an interval, "2026-11-23/2026-11-29"."""
        return self.first.isoformat() if self.is_day else f"{self.first.isoformat()}/{self.last.isoformat()}"


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date in a cleaned text: where it stands and what it can mean, likeliest reading first."""

    start: int
    end: int
    readings: tuple[Span, ...]


def find_dates(text: str, today: date) -> list[DateMention]:
    """Every date in the text, in order, without overlaps. `text` may be raw; positions are those of `clean(text)`."""
    text = clean(text)
    found: list[DateMention] = []
    for pattern, read in _RULES:
        for match in pattern.finditer(text):
            readings = tuple(dict.fromkeys(read(match, today)))
            if readings and not any(m.start < match.end() and match.start() < m.end for m in found):
                found.append(DateMention(match.start(), match.end(), readings))
    return sorted(found, key=lambda mention: mention.start)


_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}
_DAYS = {name.lower(): number for number, name in enumerate(calendar.day_name)}
_SHORT_DAYS = {"mon": 0, "tue": 1, "tues": 1, "wed": 2, "thu": 3, "thur": 3, "thurs": 3, "fri": 4, "sat": 5, "sun": 6}

_MONTH = "(?P<month>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + ")"
_WEEKDAY = "(?P<weekday>" + "|".join(_DAYS) + ")s?"
# "wed" is also "we'd" and "sat" a verb: short names count after a preposition or before a time, or alone.
_SHORT = "(?P<weekday>" + "|".join(sorted(_SHORT_DAYS, key=len, reverse=True)) + ")"
_YEAR = r"(?: ?,? (?:of )?(?P<year>20\d\d))?"
_DAY = r"(?P<day>[1-9]|[12]\d|3[01])"
_UNIT_DAYS = {"day": 1, "week": 7}


def _reader(pattern: str, read: Callable[[re.Match[str], date], Iterator[Span]]) -> "_Rule":
    return re.compile(rf"(?<![\w/]){pattern}(?![\w/])"), read


def _day(day: date) -> Span:
    return Span(day, day)


def _try_date(year: int, month: int, day: int) -> Iterator[Span]:
    if 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]:
        yield _day(date(year, month, day))


def _in_year(match: re.Match[str], today: date, month: int, day: int) -> Iterator[Span]:
    year = match.groupdict().get("year")
    if year is not None:
        yield from _try_date(int(year) if len(year) == 4 else 2000 + int(year), month, day)
        return
    readings = [span for y in (today.year, today.year + 1, today.year - 1) for span in _try_date(y, month, day)]
    yield from _nearest_ahead_first(readings, today)


def _nearest_ahead_first(readings: list[Span], today: date) -> list[Span]:
    ahead = sorted((span for span in readings if span.first >= today), key=lambda span: span.first)
    behind = sorted((span for span in readings if span.first < today), key=lambda span: span.first, reverse=True)
    return ahead[:1] + behind[:1]


def _month_day(match: re.Match[str], today: date) -> Iterator[Span]:
    yield from _in_year(match, today, _MONTHS[match["month"]], int(match["day"]))


def _numeric(match: re.Match[str], today: date) -> Iterator[Span]:
    yield from _in_year(match, today, int(match["m"]), int(match["day"]))


def _iso(match: re.Match[str], today: date) -> Iterator[Span]:
    yield from _try_date(int(match["year"]), int(match["m"]), int(match["day"]))


def _add_months(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _day_of_month(match: re.Match[str], today: date) -> Iterator[Span]:
    number, which = int(match["day"]), match.groupdict().get("which")
    first = today.replace(day=1)
    offsets = {"next": (1,), "last": (-1,), "this": (0,)}.get(which or "", (0, 1, 2, -1))
    readings = []
    for offset in offsets:
        month = _add_months(first, offset)
        readings += list(_try_date(month.year, month.month, number))
    yield from _nearest_ahead_first(readings, today)


def _weekday(match: re.Match[str], today: date) -> Iterator[Span]:
    wanted = _DAYS.get(match["weekday"], _SHORT_DAYS.get(match["weekday"], 0))
    which = match.groupdict().get("which") or ""
    ahead = today + timedelta(days=(wanted - today.weekday() - 1) % 7 + 1)
    behind = today - timedelta(days=(today.weekday() - wanted - 1) % 7 + 1)
    if "last" in which or "past" in which:
        yield _day(behind)
    elif "next" in which:
        # The one in the week after this one, weeks beginning on Monday: on a Wednesday, "next Friday" is in nine days.
        yield _day(today - timedelta(days=today.weekday()) + timedelta(days=7 + wanted))
    elif "this" in which or "coming" in which:
        yield _day(ahead)
    else:
        yield from (_day(ahead), _day(behind))


def _weekday_the(match: re.Match[str], today: date) -> Iterator[Span]:
    # "Thursday the 26th": the number decides, the weekday picks among months.
    wanted = _DAYS[match["weekday"]]
    spans = list(_day_of_month(match, today))
    yield from sorted(spans, key=lambda span: span.first.weekday() != wanted)


_NAMED = {"today": 0, "tonight": 0, "tomorrow": 1, "tmrw": 1, "tmr": 1, "tomorow": 1, "2morrow": 1, "yesterday": -1}


def _named(match: re.Match[str], today: date) -> Iterator[Span]:
    yield _day(today + timedelta(days=_NAMED[match["name"]]))


def _after_tomorrow(match: re.Match[str], today: date) -> Iterator[Span]:
    yield _day(today + timedelta(days=2 if "tomorrow" in match.group() else -2))


def _count(words: str) -> tuple[int, int]:
    """How many "two", "a couple of" or "a few" are: at least, at most."""
    if words.isdigit():
        return int(words), int(words)
    if words[0].isdigit():
        least, _, most = words.split()
        return int(least), int(most)
    return {"a couple": (2, 2), "couple": (2, 2), "a few": (2, 4), "few": (2, 4)}.get(words.removesuffix(" of"), (1, 1))


def _distance(match: re.Match[str], today: date) -> Iterator[Span]:
    least, most = _count(match["count"])
    sign = -1 if "ago" in (match.groupdict().get("tail") or "") else 1
    unit = _unit(match)
    ends = [_shift(today, unit, sign * number) for number in (least, most)]
    if "couple" in match["count"] or "few" in match["count"]:
        slack = timedelta(days={"day": 0, "week": 3, "month": 15, "year": 60}[unit])
        ends = [min(ends) - slack, max(ends) + slack]
    yield Span(min(ends), max(ends))


def _unit(match: re.Match[str]) -> str:
    unit: str = match["unit"].removesuffix("s")
    return _UNITS.get(unit, unit)


def _shift(today: date, unit: str, number: int) -> date:
    if unit in _UNIT_DAYS:
        return today + timedelta(days=_UNIT_DAYS[unit] * number)
    return _add_months(today, number * (12 if unit == "year" else 1))


def _week_from(match: re.Match[str], today: date) -> Iterator[Span]:
    weeks = _count(match["count"])[0]
    if match["name"]:
        base = today + timedelta(days=_NAMED[match["name"]])
    else:
        base = today + timedelta(days=(_DAYS[match["weekday"]] - today.weekday() - 1) % 7 + 1)
    yield _day(base + timedelta(weeks=weeks))


def _whole(match: re.Match[str], today: date) -> Iterator[Span]:
    """This, next or last week, weekend, month or year; and its end."""
    offset = {"next": 1, "last": -1}.get((match.groupdict().get("which") or "").strip(), 0)
    unit = _unit(match)
    if unit in ("week", "weekend"):
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=offset)
        first, last = (monday, monday + timedelta(days=6))
        if unit == "weekend":
            first = monday + timedelta(days=5)
    elif unit == "month":
        first = _add_months(today.replace(day=1), offset)
        last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    else:
        first, last = date(today.year + offset, 1, 1), date(today.year + offset, 12, 31)
    if match.groupdict().get("end"):
        first = last = last - timedelta(days=2) if unit == "week" else last
    yield Span(first, last)


def _week_after_next(match: re.Match[str], today: date) -> Iterator[Span]:
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=2)
    yield Span(monday, monday + timedelta(days=6))


_WEEKS = {"1st": 0, "2nd": 1, "3rd": 2, "4th": 3}


def _week_of_month(match: re.Match[str], today: date) -> Iterator[Span]:
    """ "The first week of December": from the first to the seventh."""
    month = _MONTHS[match["month"]]
    for year in (today.year, today.year + 1):
        last = calendar.monthrange(year, month)[1]
        first = last - 6 if match["week"] == "last" else 1 + 7 * _WEEKS[match["week"]]
        span = Span(date(year, month, first), date(year, month, min(first + 6, last)))
        if span.last >= today:
            yield span
            return


def _new_year(match: re.Match[str], today: date) -> Iterator[Span]:
    year = int(match["year"] or 0)
    yield from (_day(date(one, 1, 1)) for one in ((year,) if year else (today.year + 1, today.year)))


def _quarter(match: re.Match[str], today: date) -> Iterator[Span]:
    year = today.year + 1 if "next" in match["of"] else int(match["of"]) if match["of"].isdigit() else today.year
    first = date(year, 3 * _WEEKS[match["quarter"]] + 1, 1)
    yield Span(first, _add_months(first, 3) - timedelta(days=1))


def _month_part(match: re.Match[str], today: date) -> Iterator[Span]:
    month = _MONTHS[match["month"]]
    part = match.groupdict().get("part") or ""
    years = [int(match["year"])] if match["year"] else [today.year, today.year + 1, today.year - 1]
    readings = []
    for year in years:
        last = calendar.monthrange(year, month)[1]
        first_day, last_day = {
            "early": (1, 10),
            "beginning of": (1, 10),
            "start of": (1, 10),
            "mid": (10, 20),
            "middle of": (10, 20),
            "late": (20, last),
            "end of": (last, last),
        }.get(part.removeprefix("the "), (1, last))
        readings.append(Span(date(year, month, first_day), date(year, month, last_day)))
    ahead = sorted((span for span in readings if span.last >= today), key=lambda span: span.first)
    behind = sorted((span for span in readings if span.last < today), key=lambda span: span.first, reverse=True)
    yield from ahead[:1] + behind[:1]


def _holiday(match: re.Match[str], today: date) -> Iterator[Span]:
    yield _day(next_holiday(match, today))


_Rule = tuple[re.Pattern[str], Callable[[re.Match[str], date], Iterator[Span]]]
_WHICH = "(?P<which>this past|this coming|this|next|last|past|coming)"
_COUNT = r"(?P<count>\d{1,2} (?:or|to) \d{1,2}|\d{1,3}|an?|a couple(?: of)?|couple(?: of)?|a few|few)"
_UNIT = "(?P<unit>days?|weeks?|wks?|months?|mos?|years?|yrs?)"
_UNITS = {"wk": "week", "mo": "month", "yr": "year"}

_COUNTED = "(?:thing|things|time|times|one|home|house|place|floor|of all|option|month|year|week|car|party|half|person)"
"""What an ordinal counts when it is no day: "first thing", "second home"."""

_HEDGED = (
    r"(?:(?:um|uh|oh|yeah|so|maybe|probably|prob|i think|i guess|like|sometime|around|about|its|it is|thatd be|its in"
    r"|not (?:until|till)|the month of|[,.]) )*"
)
"""What may come before a month that is an answer by itself: "i think march"."""

# Ordered: a longer or surer form takes its words before a shorter one can.
_RULES: tuple[_Rule, ...] = (
    _reader(r"(?P<year>20\d\d)-(?P<m>\d\d)-(?P<day>\d\d)", _iso),
    _reader(r"(?P<m>\d{1,2})/(?P<day>\d{1,2})(?:/(?P<year>20\d\d|\d\d))?", _numeric),
    _reader(rf"{_MONTH} (?:the )?{_DAY}(?:st|nd|rd|th)?{_YEAR}", _month_day),
    _reader(rf"(?:the )?{_DAY}(?:st|nd|rd|th)? (?:of )?{_MONTH}{_YEAR}", _month_day),
    _reader(r"(?:the )?day (?:after tomorrow|before yesterday)", _after_tomorrow),
    _reader(rf"{_COUNT} weeks? (?:from|after) (?:(?P<name>today|tomorrow)|(?P<weekday>{'|'.join(_DAYS)}))", _week_from),
    _reader(rf"(?:in|within) (?:about |around |like |the next |another )?{_COUNT} {_UNIT}", _distance),
    _reader(rf"(?:about |like )?{_COUNT} {_UNIT} (?P<tail>ago|from now|from today|out|later)", _distance),
    _reader(rf"{_WEEKDAY} (?:the )?{_DAY}(?:st|nd|rd|th)", _weekday_the),
    _reader(rf"(?:on )?{_WHICH} {_WEEKDAY}", _weekday),
    _reader(rf"{_WEEKDAY}", _weekday),
    _reader(rf"(?:on|by|{_WHICH}) {_SHORT}", _weekday),
    _reader(rf"{_SHORT}(?= (?:at |after |before )?\d)", _weekday),
    _reader(rf"^{_SHORT}$", _weekday),
    _reader(rf"(?:on |by )?(?:the )?{_DAY}(?:st|nd|rd|th) of (?P<which>this|next|last|the) month", _day_of_month),
    _reader(
        r"(?:on |by )?(?:the )?1st (?:day )?of (?:the )?(?:(?:new|next|coming|this coming) )*(?:year|(?P<year>20\d\d))",
        _new_year,
    ),
    _reader(r"(?:the )?(?P<quarter>1st|2nd|3rd|4th) quarter of (?P<of>next year|this year|the year|20\d\d)", _quarter),
    _reader(rf"(?:the )?(?P<week>1st|2nd|3rd|4th|last) (?:full )?week (?:of|in) {_MONTH}", _week_of_month),
    _reader(r"(?:the )?(?P<end>end) of (?:the |this )?(?P<which>next )?(?P<unit>week|month|year)", _whole),
    _reader(r"(?:(?:the )?week after (?:next|that)|the one after(?: that)?)", _week_after_next),
    _reader(r"(?P<which>this|next|last) (?P<unit>week|wk|weekend|month|year|yr)", _whole),
    _reader(r"the (?P<unit>weekend)", _whole),
    _reader(rf"(?P<part>early|mid|late|(?:the )?(?:beginning|start|middle|end) of) {_MONTH}{_YEAR}", _month_part),
    _reader(
        rf"(?:(?:in|by|around|sometime in|this|next) |(?<=until )|(?<=till )|(?<=til )|(?<=before )|(?<=after )){_MONTH}{_YEAR}",
        _month_part,
    ),
    _reader(
        rf"^{_HEDGED}{_MONTH}{_YEAR}(?= ?$| (?:i think|i guess|maybe|sometime|probably|or so|ish|[,.?]))", _month_part
    ),
    _reader(rf"(?:(?:on |by )?the |^(?=1st$)|(?!1st)){_DAY}(?:st|nd|rd|th)(?! {_COUNTED})", _day_of_month),
    _reader("(?P<name>" + "|".join(_NAMED) + ")", _named),
    (HOLIDAY, _holiday),
)
