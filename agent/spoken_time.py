"""When to call, as people say it: "in 20 minutes", "tomorrow after 3", "call me at 5", "not before Monday".

A small grammar instead of a library, because the libraries misread exactly these (POLICY 3.2). Its rules: a bare hour
from 1 to 7 is in the afternoon; a time that has passed is tomorrow's and has to be confirmed; "later" and the like
are no time; a window is clipped to the hours in which we call; a time outside them is said so, never moved silently.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from agent.spoken_date import Span, find_dates
from agent.words import clean

DAY_HOURS = (time(9), time(20))
"""Lead-local hours in which a person who names a day may be called."""
POINT = timedelta(minutes=5)
"""How wide "at 3" is."""


class Meaning(StrEnum):
    """What a phrase about calling means."""

    READY_NOW = "ready_now"
    AT = "at"
    WINDOW = "window"
    NOT_BEFORE = "not_before"
    OUTSIDE_HOURS = "outside_window"
    """A time we may not call at: offer others."""
    VAGUE = "vague"
    """A call is welcome, the time is open: ask."""
    NOT_READY = "not_ready"
    """No call."""


@dataclass(frozen=True, slots=True)
class CallTime:
    """When a lead wants to be called: lead-local, aware. `latest` is None for an open end."""

    meaning: Meaning
    earliest: datetime | None = None
    latest: datetime | None = None
    confirm: bool = False
    """Say it back as a question: the words leave room for another reading."""


def call_time(
    text: str, now: datetime, *, on: date | None = None, hours: tuple[time, time] = DAY_HOURS
) -> CallTime | None:
    """What the text says about when to call; None if it says nothing about it.

    `now` is lead-local and aware. `on` is the day already agreed on, to which a bare "10" belongs. A window's end is
    clipped to `hours`.

    Raises:
        ValueError: if `now` is naive.
    """
    if now.tzinfo is None:
        raise ValueError("the lead's local time needs its zone")
    said = clean(text)
    parser = _Parser(said, now.replace(second=0, microsecond=0), on, hours)
    return parser.read()


@dataclass(frozen=True, slots=True)
class _Clock:
    """One or two times of day in a text."""

    first: time
    last: time | None = None
    roughly: bool = False


_OTHER_ZONE = re.compile(r"\byour time\b")
_NOT_READY = re.compile(
    r"^(?:no ,? ?)?(?:not (?:now|right now|at the moment|today)|maybe (?:later|another time|some other time))\b[ .]*$"
)
_VAGUE = re.compile(
    r"\b(?:later|after work|after dinner|after lunch|when i get (?:home|off)|once the kids|when the kids|in a bit|soon"
    r"|in a while|some other time|another time|another day|cant talk|can not talk|cannot talk|not a good time|bad time"
    r"|whenever|any ?time|sometime|busy (?:right )?now|im driving|at work|in a meeting)\b"
)
_NOW = re.compile(
    r"\b(?:(?:you can |please |pls |just |ok |okay )*(?:call|ring|phone)(?: me)?(?: right)? (?:now|asap|right away)"
    r"|(?:now|right now) (?:works|is (?:good|fine|great|perfect|ok|okay))|ready when you are"
    r"|(?:im|i am) (?:free|available|around)(?: right)? now"
    r"|give me a (?:call|ring|buzz)(?: now)?$|right now$|^now$|asap$|as soon as you can|call now)\b"
)
_NOT_BEFORE = re.compile(r"\b(?:not (?:before|until|till)|no earlier than|nothing before|wait (?:until|till))\b")
_AFTER = re.compile(r"\b(?:after|(?<!half )(?<!quarter )past|from|starting at)\b")
_AFTER_THE_DAY = re.compile(r"\b(?:after|past) (?:the )?$")
_REFUSED = re.compile(r"\b(?:dont|not|cant|cannot|wont|never|no)(?: (?!before|until|till)\S+){0,3} $")
_BEFORE = re.compile(r"\b(?:before|by|until|till|no later than)\b")

_ABOUT = "(?:about |like |around |another )?"
_HOURS_IN = re.compile(
    rf"\b(?:in )?{_ABOUT}(?P<n>\d{{1,2}}|an|a couple(?: of)?|a few|couple(?: of)?) (?:hours?|hrs?)\b"
)
_MINUTES_IN = re.compile(
    rf"\b(?:in |give me ){_ABOUT}(?P<n>\d{{1,3}})(?: ?(?:minutes?|mins?|m))?"
    r"(?! ?(?:hours?|hrs?|days?|weeks?|months?|years?|[ap]m))(?: |$)"
)
_HALF = re.compile(r"\b(?:in )?(?:half an hour|(?:a )?half hour|30 minutes)\b")
_HOUR_AND_HALF = re.compile(r"\b(?:in )?(?:an |1 )?hour and a half\b")
_BARE_MINUTES = re.compile(r"\b(?P<n>\d{1,3}) ?(?:minutes?|mins?)\b")

_ZONE = r"(?: (?:eastern|central|mountain|pacific|est|cst|mst|pst|et|ct|mt|pt))?"
_T = r"(?P<h{0}>[01]?\d|2[0-3])(?:(?::| )?(?P<m{0}>[0-5]\d))? ?(?P<p{0}>am|pm|oclock)?"
_RANGE = re.compile(
    rf"(?<![\w/:-])(?:between |from )?{_T.format(1)}(?: (?:and|to|till|until) | ?- ?){_T.format(2)}(?![\w/:-])"
)
_POINT = re.compile(rf"(?<![\w/:-]){_T.format(1)}(?P<ish> ?ish)?{_ZONE}(?![\w/:-])")
_HALF_PAST = re.compile(r"\b(?P<what>half past|quarter past|quarter to|quarter of) (?P<h>\d{1,2})\b")
_NOON = re.compile(r"\b(?:noon|midday|lunch ?time)\b")

_PARTS: tuple[tuple[str, tuple[time, time]], ...] = (
    ("mid morning", (time(10), time(11, 30))),
    ("morning", (time(9), time(12))),
    ("afternoon", (time(12), time(17))),
    ("evening", (time(17), time(20))),
    ("tonight", (time(18), time(20))),
    ("night", (time(18), time(20))),
)


class _Parser:
    """Reads one phrase. Each reading is tried in turn, the surest first."""

    def __init__(self, text: str, now: datetime, on: date | None, hours: tuple[time, time]) -> None:
        self.text = text
        self.now = now
        self.hours = hours
        self.on = on if on is not None and on > now.date() else None

    def read(self) -> CallTime | None:
        readings: tuple[Callable[[], CallTime | None], ...] = (
            self._unusable,
            self._from_now,
            self._on_a_day,
            self._today_or_agreed,
            self._now,
            self._vague,
        )
        return next((found for reading in readings if (found := reading()) is not None), None)

    def _unusable(self) -> CallTime | None:
        if _OTHER_ZONE.search(self.text):
            return CallTime(Meaning.VAGUE, confirm=True)
        if _NOT_READY.search(self.text):
            return CallTime(Meaning.NOT_READY)
        return None

    def _from_now(self) -> CallTime | None:
        """ "in 20 minutes", "in a couple hours"."""
        if _HOUR_AND_HALF.search(self.text):
            return self._at(self.now + timedelta(minutes=90))
        if _HALF.search(self.text):
            return self._at(self.now + timedelta(minutes=30))
        if match := _HOURS_IN.search(self.text):
            return self._hours_in(match["n"])
        if match := _MINUTES_IN.search(self.text) or _BARE_MINUTES.search(self.text):
            return self._at(self.now + timedelta(minutes=int(match["n"])))
        return None

    def _hours_in(self, count: str) -> CallTime:
        if count.isdigit() or count == "an":
            return self._at(self.now + timedelta(hours=int(count) if count.isdigit() else 1))
        about = self.now + timedelta(hours=3 if "few" in count else 2)
        about = about.replace(minute=about.minute // 15 * 15)
        return self._window(about, about + timedelta(minutes=30))

    def _on_a_day(self) -> CallTime | None:
        """A named day, with or without a time of day."""
        dates = find_dates(self.text, self.now.date())
        # "Don't call me tomorrow, call me Friday" names the day he does not want first.
        mention = next((date for date in dates if not _REFUSED.search(self.text[: date.start])), None)
        if mention is None:
            return None
        span = next((span for span in mention.readings if span.last >= self.now.date()), None)
        if span is None:
            return None
        rest = f"{self.text[: mention.start]}{self.text[mention.end :]}"
        is_tonight = self.text[mention.start : mention.end] == "tonight"
        return self._within(span, f"{rest} tonight" if is_tonight else rest, before=self.text[: mention.start])

    def _within(self, span: Span, rest: str, before: str) -> CallTime:
        day = max(span.first, self.now.date())
        if _NOT_BEFORE.search(before):
            return self._not_before(day, rest)
        timed = self._timed(day, rest, is_named=True)
        if timed is not None:
            return timed if span.is_day else CallTime(timed.meaning, timed.earliest, timed.latest, confirm=True)
        if _AFTER_THE_DAY.search(before):
            return self._not_before(day + timedelta(days=1), rest)
        if day == self.now.date() and span.is_day:
            return self._window(self.now, self._moment(day, self.hours[1]), confirm=True)
        return self._window(self._moment(day, self.hours[0]), self._moment(day, self.hours[1]), confirm=True)

    def _not_before(self, day: date, rest: str) -> CallTime:
        clock = _clock(rest)
        start = clock.first if clock else self.hours[0]
        return CallTime(Meaning.NOT_BEFORE, self._moment(day, start), confirm=clock is None)

    def _today_or_agreed(self) -> CallTime | None:
        return self._timed(self.on or self.now.date(), self.text, is_named=self.on is not None)

    def _timed(self, day: date, text: str, *, is_named: bool) -> CallTime | None:
        """A time of day or a part of the day."""
        clock = _clock(text)
        part = next(((name, span) for name, span in _PARTS if re.search(rf"\b{name}\b", text)), None)
        if clock is not None:
            return self._clocked(day, clock, text, part[0] if part else None, is_named=is_named)
        if part is None:
            return None
        start, end = (self._moment(day, edge) for edge in part[1])
        if end <= self.now:
            start, end = start + timedelta(days=1), end + timedelta(days=1)
        return self._window(max(start, self.now), end)

    def _clocked(self, day: date, clock: _Clock, text: str, part: str | None, *, is_named: bool) -> CallTime:
        first = self._moment(day, _in_part(clock.first, part))
        is_tomorrow = first <= self.now and not is_named and clock.last is None and not _BEFORE.search(text)
        if not is_named and part is None and self._is_nine_tonight(clock, first):
            first, is_tomorrow = self._moment(day, clock.first), True
        if is_tomorrow:
            first += timedelta(days=1)
        if clock.last is not None:
            return self._window(max(first, self.now), self._moment(first.date(), _in_part(clock.last, part)))
        if _NOT_BEFORE.search(text):
            return CallTime(Meaning.NOT_BEFORE, first, confirm=is_tomorrow)
        if _AFTER.search(text):
            return self._window(first, self._moment(first.date(), self.hours[1]), confirm=is_tomorrow)
        if _BEFORE.search(text):
            return self._window(max(self.now, self._moment(first.date(), self.hours[0])), first)
        if clock.roughly:
            return self._window(first - timedelta(minutes=15), first + timedelta(minutes=15), confirm=is_tomorrow)
        return self._at(first, confirm=is_tomorrow)

    def _is_nine_tonight(self, clock: _Clock, first: datetime) -> bool:
        # "at 9" in the afternoon can only mean 9 tonight, when we may not call, or 9 tomorrow.
        return clock.last is None and time(8) <= clock.first < time(12) and first <= self.now

    def _now(self) -> CallTime | None:
        if not _NOW.search(self.text):
            return None
        return CallTime(Meaning.READY_NOW, self.now, self.now + POINT)

    def _vague(self) -> CallTime | None:
        return CallTime(Meaning.VAGUE, confirm=True) if _VAGUE.search(self.text) else None

    def _moment(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self.now.tzinfo)

    def _at(self, moment: datetime, *, confirm: bool = False) -> CallTime:
        if not self.hours[0] <= moment.time() < self.hours[1]:
            return CallTime(Meaning.OUTSIDE_HOURS, moment, moment + POINT, confirm=True)
        return CallTime(Meaning.AT, moment, moment + POINT, confirm=confirm)

    def _window(self, start: datetime, end: datetime, *, confirm: bool = False) -> CallTime:
        end = min(end, self._moment(end.date(), self.hours[1]))
        if end <= start:
            return CallTime(Meaning.OUTSIDE_HOURS, start, start + POINT, confirm=True)
        return CallTime(Meaning.WINDOW, start, end, confirm=confirm)


def _clock(text: str) -> _Clock | None:
    if match := _HALF_PAST.search(text):
        minutes = {"half past": 30, "quarter past": 15, "quarter to": -15, "quarter of": -15}[match["what"]]
        hour = _likely(int(match["h"]), 0, None)
        return _Clock((datetime.combine(date.min + timedelta(days=1), hour) + timedelta(minutes=minutes)).time())
    if match := _RANGE.search(text):
        last = _likely(int(match["h2"]), int(match["m2"] or 0), match["p2"])
        first = _likely(int(match["h1"]), int(match["m1"] or 0), match["p1"] or match["p2"])
        if first > last:
            first = _likely(int(match["h1"]), int(match["m1"] or 0), "am" if match["p1"] is None else match["p1"])
        return _Clock(first, last) if first < last else None
    if match := _POINT.search(text):
        return _Clock(_likely(int(match["h1"]), int(match["m1"] or 0), match["p1"]), roughly=bool(match["ish"]))
    return _Clock(time(12)) if _NOON.search(text) else None


def _likely(hour: int, minute: int, meridiem: str | None) -> time:
    """The time of day meant: a bare hour from 1 to 7 is in the afternoon."""
    if meridiem == "pm" and hour < 12:
        hour += 12
    elif meridiem == "am" and hour == 12:
        hour = 0
    elif meridiem in (None, "oclock") and 1 <= hour <= 7:
        hour += 12
    return time(hour, minute)


def _in_part(clock: time, part: str | None) -> time:
    """ "10 tonight" is at 22:00, "6 in the morning" at 6:00."""
    if part is None:
        return clock
    if part.endswith("morning"):
        return clock.replace(hour=clock.hour - 12) if clock.hour >= 13 else clock
    return clock.replace(hour=clock.hour + 12) if clock.hour < 12 else clock
