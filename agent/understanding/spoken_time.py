"""When to call, as people say it: "in 20 minutes", "tomorrow after 3", "call me at 5", "not before Monday".

A small grammar instead of a library, because the libraries misread exactly these (POLICY 3.2). Its rules: a bare hour
from 1 to 7 is in the afternoon; a time that has passed is tomorrow's and has to be confirmed; "later" and the like
are no time; a window is clipped to the hours in which we call; a time outside them, or on a holiday, is said so, never
moved silently.

A message is first brought into full words (`spoken_shorthand`), Spanish among them. Then its readings are tried,
the surest first: a distance from now, a day, a time of today's, and, where there is no time in it, what it says of
calling at all (`spoken_calling`). Dates and hours are found by `spoken_date` and `spoken_clock`.
"""

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from agent.understanding import spoken_calling as calling
from agent.understanding.corrections import last_word
from agent.understanding.spoken_clock import Clock, find_clock
from agent.understanding.spoken_date import DateMention, Span, find_dates
from agent.understanding.spoken_holidays import is_closed
from agent.understanding.spoken_shorthand import in_full

DAY_HOURS = (time(9), time(20))
"""Lead-local hours in which a person who names a day may be called."""
POINT = timedelta(minutes=5)
"""How wide "at 3" is."""
ROUGHLY = timedelta(minutes=15)
"""How far off "around 3" may be, either way."""


class Meaning(StrEnum):
    """What a phrase about calling means."""

    READY_NOW = "ready_now"
    AT = "at"
    WINDOW = "window"
    NOT_BEFORE = "not_before"
    OUTSIDE_HOURS = "outside_window"
    """A time we may not call at: offer others."""
    VAGUE = "vague"
    """A call is welcome, the time is open: ask. Where nothing is to be confirmed, the lead is going to call us."""
    NOT_READY = "not_ready"
    """No call."""
    TEXT_ONLY = "text_only"
    """No call until the lead asks for one; texts are welcome."""


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
    now = now.replace(second=0, microsecond=0)
    said = _as_corrected(in_full(text, now.date()), now.date())
    return _Parser(said, now, on, hours).read()


# What is taken back -----------------------------------------------------------------------------------------------------

_INTO_A_TIME = re.compile(
    r"(?:(?:no|on|at|the|its|it|like|about|around|make|that|it|maybe|how|what|lets|do|say|call|me|try|[,.]) )*"
)
_FIGURE = re.compile(r"\d{1,2}(?::\d\d)?(?: ?[ap]m)?(?= ?$| [,.?]| please| works| is| on | tomorrow| today)")


def _as_corrected(said: str, today: date) -> str:
    """The text as he leaves it: "tomorrow at 3, sorry 4" is "tomorrow 4", "5 on thursday, no, friday" "friday 5pm"."""

    def begins_with_a_time(rest: str) -> bool:
        rest = _INTO_A_TIME.sub("", rest, count=1)
        return _FIGURE.match(rest) is not None or any(one.start == 0 for one in find_dates(rest, today))

    rest = last_word(said, begins_with_a_time)
    former = said[: len(said) - len(rest)]
    if not former.strip():
        return said
    rest = _INTO_A_TIME.sub("", rest, count=1)
    if not find_dates(rest, today):
        return " ".join([*(former[one.start : one.end] for one in find_dates(former, today)[:1]), "at", rest])
    clock = find_clock(former) if find_clock(rest) is None else None
    return f"{rest} at {clock.first:%I:%M%p}".lower() if clock is not None and clock.last is None else rest


# Days and hours that are wanted, refused, or only bounds --------------------------------------------------------------

_TODAY = re.compile(r"\b(?:today|tonight|this (?:afternoon|evening|morning))\b")
_IN_HOURS = re.compile(r"^(?:\w+ )?in (?:an|a couple(?: of)?|a few|\d+|half an) (?:hours?|minutes?)\b")
_NOT_BEFORE = re.compile(
    r"\b(?:not (?:before|until|till?)|no earlier than|nothing before|(?:wait|hold off|hold on|no calls?|"
    r"(?:dont|do not|cant|cannot|no) (?:call|ring|phone|talk)(?: me| us)?|please wait|cant talk|cant|not free|not available|busy|out of town|away|gone|at work|working|work|in class|teaching|tied up|driving)"
    r"(?: \w+)? (?:until|till?)|(?:dont|do not|no) (?:call|ring|phone|calls)(?: me| us)? before|"
    r"(?:cant|cannot|can not|wont|not able to|not) (?:\w+ ){0,3}before|"
    r"earliest (?:is|i can do is|would be))\b"
)
_NOT_AFTER = re.compile(
    r"\b(?:no (?:more )?(?:phone )?calls?|nothing|not|(?:dont|do not|never|cant|cannot) (?:call|ring|phone|talk)(?: me| us)?)"
    r"(?: any ?time| at all)? (?:after|past)\b"
)
_AFTER = re.compile(
    r"\b(?:(?<!quarter )(?<!\d )after|(?<!half )(?<!quarter )(?<!\d )past|from|starting(?: at)?|any ?time from|(?<!no )later than|"
    r"onwards?|or (?:later|after)|(?:im|i am|i get|we are|were) (?:out|home|done|through) (?:at|by))\b"
)
_AFTER_THE_DAY = re.compile(r"\b(?:after|past) (?:the )?$")
_REFUSED = re.compile(
    r"\b(?:dont|not|cant|cannot|wont|never|no|out|away|gone|nothing|traveling|travelling|slammed|swamped|booked|busy|vacation|came up)"
    r"(?: (?!before|until|till?\b|but\b|[,.?](?= ))\S+){0,3} $"
)
_REFUSED_AFTER = re.compile(
    r"^s? (?:(?:is|are|was|will be|looks|ya|just|really|totally|pretty) )*(?:out(?! at| by)\b|no good|bad|impossible|slammed|booked|full|terrible|"
    r"busy|hectic|crazy|wont|doesnt|does not|isnt|not(?! bad| before| until| till?\b)|no(?! later| problem| earlier)(?= |$))"
)
"""What follows a day that does not suit."""
_ANY_TIME = re.compile(r"\b(?:any ?time|whenever|all day) $")
_BEFORE = re.compile(r"\b(?:before|by|until|till?|no later than|prior to|earlier than)\b")

# From now on ---------------------------------------------------------------------------------------------------------

_ABOUT = "(?P<about>about |like |around |roughly |approximately |maybe )?(?:another )?"
_HOURS_IN = re.compile(
    rf"\b(?:in |give me )?{_ABOUT}(?P<n>\d{{1,2}}|an|a couple(?: of)?|a few|couple(?: of)?|few) (?:hours?|hrs?|"
    rf"h)\b(?P<so> or so)?"
)
_AN_HOUR = re.compile(r"\b(?P<about>about )?(?P<n>an )?hour from now(?P<so> or so)?\b")
_MINUTES_IN = re.compile(
    rf"\b(?:in |give me ){_ABOUT}(?P<n>\d{{1,3}})(?: ?(?:minutes?|mins?|m))?"
    r"(?! ?(?:hours?|hrs?|days?|weeks?|months?|years?|[ap]m))(?: |$)(?! ?(?:cars?|kids|days?|weeks?|months?|years?))"
)
_HALF = re.compile(r"\b(?:in )?(?:a |about )?(?:half an hour|(?:a )?half hour|30 minutes|1/2 hour)\b")
_AND_A_HALF = re.compile(
    r"\b(?:in )?(?:about )?(?:(?P<n>\d{1,2}|an?|a couple) )?(?:hours?|"
    r"hrs?)? ?and a half(?: hours?| hrs?)?\b"
)
_BARE_MINUTES = re.compile(r"\b(?P<n>\d{1,3}) ?(?:minutes?|mins?)\b")

_PARTS: tuple[tuple[str, tuple[time, time]], ...] = (
    ("mid morning", (time(10), time(11, 30))),
    ("morning", (time(9), time(12))),
    ("mornings", (time(9), time(12))),
    ("afternoon", (time(12), time(17))),
    ("afternoons", (time(12), time(17))),
    ("aft", (time(12), time(17))),
    ("evening", (time(17), time(20))),
    ("evenings", (time(17), time(20))),
    ("tonight", (time(18), time(20))),
    ("tonite", (time(18), time(20))),
    ("night", (time(18), time(20))),
)

_SPARED = "".join(
    rf"(?<!{word} )" for word in ("but", "except", "not", "no", "but the", "except the", "besides", "but not")
)
"""What stands before a part of the day that does not suit: "anytime but mornings"."""

# The grammar ---------------------------------------------------------------------------------------------------------


class _Parser:
    """Reads one phrase. Each reading is tried in turn, the surest first."""

    def __init__(self, text: str, now: datetime, on: date | None, hours: tuple[time, time]) -> None:
        self.text = text
        self.now = now
        self.hours = hours
        self.on = on if on is not None and on > now.date() else None

    def read(self) -> CallTime | None:
        if calling.is_about_something_else(self.text):
            return self._from_now() if _IN_HOURS.search(self.text) else None
        if calling.only_mentions_calls(self.text):
            return None
        readings: tuple[Callable[[], CallTime | None], ...] = (
            self._unusable,
            self._from_now,
            self._on_a_day,
            self._today_or_agreed,
            self._no_time,
            self._now,
            self._vague,
        )
        return next((found for reading in readings if (found := reading()) is not None), None)

    def _unusable(self) -> CallTime | None:
        if calling.names_no_hour_of_ours(self.text):
            return CallTime(Meaning.VAGUE, confirm=True)
        is_undecided = calling.is_undecided(self.text) and not find_dates(self.text, self.now.date())
        if calling.refuses(self.text) or (is_undecided and find_clock(self.text) is None):
            return CallTime(Meaning.NOT_READY)
        return None

    def _no_time(self) -> CallTime | None:
        """What is said of calling, and no time with it."""
        if calling.wants_texts(self.text):
            return CallTime(Meaning.TEXT_ONLY)
        return CallTime(Meaning.VAGUE) if calling.will_call_us(self.text) else None

    def _from_now(self) -> CallTime | None:
        """ "in 20 minutes", "in a couple hours"."""
        if match := _AND_A_HALF.search(self.text):
            whole = int(match["n"]) if (match["n"] or "").isdigit() else 2 if match["n"] == "a couple" else 1
            return self._at(self.now + timedelta(hours=whole, minutes=30))
        if _HALF.search(self.text):
            return self._at(self.now + timedelta(minutes=30))
        if match := _HOURS_IN.search(self.text) or _AN_HOUR.search(self.text):
            return self._hours_in(match["n"] or "an", roughly=bool(match["so"] or match["about"]))
        if match := _MINUTES_IN.search(self.text) or _BARE_MINUTES.search(self.text):
            return self._at(self.now + timedelta(minutes=int(match["n"])))
        return None

    def _hours_in(self, count: str, *, roughly: bool) -> CallTime:
        hours = int(count) if count.isdigit() else 1 if count == "an" else 3 if "few" in count else 2
        about = self.now + timedelta(hours=hours)
        if (count == "an" or count.isdigit()) and not roughly:
            return self._at(about)
        about = about.replace(minute=about.minute // 15 * 15)
        return self._window(about, about + timedelta(minutes=30))

    def _on_a_day(self) -> CallTime | None:
        """A named day, with or without a time of day."""
        dates = find_dates(self.text, self.now.date())
        # "Don't call me tomorrow, call me Friday" names the day he does not want first.
        mention = next((date for date in dates if not self._is_refused(date)), None)
        if mention is None:
            return self._refused(dates[0]) if dates else None
        span = next((span for span in mention.readings if span.last >= self.now.date()), None)
        if span is None:
            return None
        said = self.text[mention.start : mention.end]
        rest = " ".join(f"{self.text[: mention.start]}{self.text[mention.end :]}".split())
        if not span.is_day and mention is not dates[0]:
            # "Not this week. Next week.": from then on.
            return self._not_before(max(span.first, self.now.date()), "")
        return self._within(span, f"tonight {rest}" if said == "tonight" else rest, before=self.text[: mention.start])

    def _is_refused(self, mention: DateMention) -> bool:
        before, after = self.text[: mention.start], self.text[mention.end :]
        return bool(_REFUSED.search(before) or _REFUSED_AFTER.search(after))

    def _refused(self, mention: DateMention) -> CallTime | None:
        """ "Not today": the day after is the first that may do."""
        span = mention.readings[0]
        if (span.last - self.now.date()).days > 14 or self._timed_today() is not None:
            return None
        return self._not_before(span.last + timedelta(days=1), "")

    def _timed_today(self) -> Clock | None:
        return find_clock(self.text)

    def _within(self, span: Span, rest: str, before: str) -> CallTime:
        day = max(span.first, self.now.date())
        if _NOT_BEFORE.search(before):
            return self._not_before(day, rest)
        if _AFTER_THE_DAY.search(before):
            return self._not_before(span.last + timedelta(days=1), rest)
        timed = self._timed(day, rest, is_named=True)
        if timed is not None:
            return timed if span.is_day and not _is_sunday(timed) else replace(timed, confirm=True)
        if (span.last - span.first).days >= _MONTH_DAYS and span.first > self.now.date():
            return self._not_before(span.first, "")
        start = self.now if day == self.now.date() else self._moment(day, self.hours[0])
        is_any_time = day == self.now.date() and _ANY_TIME.search(before) is not None
        if _BEFORE.search(before):
            return self._window(self.now, self._moment(day - timedelta(days=1), self.hours[1]), confirm=True)
        return self._window(start, self._moment(day, self.hours[1]), confirm=not is_any_time)

    def _not_before(self, day: date, rest: str) -> CallTime:
        clock = find_clock(rest)
        start = clock.first if clock else self.hours[0]
        return CallTime(Meaning.NOT_BEFORE, self._moment(day, start), confirm=clock is None)

    def _today_or_agreed(self) -> CallTime | None:
        return self._timed(self.on or self.now.date(), self.text, is_named=self.on is not None)

    def _timed(self, day: date, text: str, *, is_named: bool) -> CallTime | None:
        """A time of day or a part of the day."""
        text = _about_the_call(text)
        clock = find_clock(text)
        part = next(((name, span) for name, span in _PARTS if re.search(rf"{_SPARED}\b{name}\b", text)), None)
        if clock is not None:
            return self._clocked(day, clock, text, part[0] if part else None, is_named=is_named)
        return self._part_of_day(day, part[0]) if part else None

    def _part_of_day(self, day: date, part: str) -> CallTime:
        start, end = (self._moment(day, edge) for edge in dict(_PARTS)[part])
        has_passed = end <= self.now
        if has_passed:
            start, end = start + timedelta(days=1), end + timedelta(days=1)
        return self._window(max(start, self.now), end, confirm=has_passed)

    def _clocked(self, day: date, clock: Clock, text: str, part: str | None, *, is_named: bool) -> CallTime:
        clock = replace(
            clock, first=_in_part(clock.first, part), last=_in_part(clock.last, part) if clock.last else None
        )
        first, is_tomorrow = self._ahead(day, clock, is_named=is_named or bool(_TODAY.search(text)))
        if clock.last is not None:
            return self._window(max(first, self.now), self._moment(first.date(), clock.last), confirm=is_tomorrow)
        if _NOT_BEFORE.search(text):
            return CallTime(Meaning.NOT_BEFORE, first, confirm=is_tomorrow)
        is_the_last = _is_the_last(text)
        if _AFTER.search(text) and not is_the_last:
            return self._window(first, self._moment(first.date(), self.hours[1]), confirm=is_tomorrow)
        if _BEFORE.search(text) or is_the_last:
            start = dict(_PARTS)[part][0] if part else self.hours[0]
            if part and first.time() <= start:
                # "Saturday afternoon, they have soccer till noon": the time is about something else.
                return self._part_of_day(day, part)
            return self._window(max(self.now, self._moment(first.date(), start)), first, confirm=is_tomorrow)
        if clock.roughly:
            return self._window(first - ROUGHLY, first + ROUGHLY, confirm=is_tomorrow)
        return self._at(first, confirm=is_tomorrow)

    def _ahead(self, day: date, clock: Clock, *, is_named: bool) -> tuple[datetime, bool]:
        """The moment of a clock time, and whether it had to be moved to tomorrow because today's has passed.

        "At 9" in the afternoon can only mean 9 tonight, when we may not call, or 9 tomorrow.
        """
        first = self._moment(day, clock.first)
        if clock.zone is not None:
            first = first.replace(tzinfo=clock.zone).astimezone(self.now.tzinfo)
        ends = self._moment(day, clock.last) if clock.last is not None else first
        if is_named or ends > self.now:
            return first, False
        return first + timedelta(days=1), True

    def _now(self) -> CallTime | None:
        return CallTime(Meaning.READY_NOW, self.now, self.now + POINT) if calling.is_ready_now(self.text) else None

    def _vague(self) -> CallTime | None:
        return CallTime(Meaning.VAGUE, confirm=True) if calling.is_vague(self.text) else None

    def _moment(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self.now.tzinfo)

    def _at(self, moment: datetime, *, confirm: bool = False) -> CallTime:
        if not self.hours[0] <= moment.time() < self.hours[1] or is_closed(moment.date()):
            return CallTime(Meaning.OUTSIDE_HOURS, moment, moment + POINT, confirm=True)
        return CallTime(Meaning.AT, moment, moment + POINT, confirm=confirm)

    def _window(self, start: datetime, end: datetime, *, confirm: bool = False) -> CallTime:
        end = min(end, self._moment(end.date(), self.hours[1]))
        if end <= start:
            return CallTime(Meaning.OUTSIDE_HOURS, start, start + POINT, confirm=True)
        if is_closed(start.date()) and start.date() == end.date():
            return CallTime(Meaning.OUTSIDE_HOURS, start, end, confirm=True)
        return CallTime(Meaning.WINDOW, start, end, confirm=confirm)


_CALL_AT = re.compile(
    r"(?<!dont )(?<!not )(?<!never )(?<!cant )\b(?:call|ring|try|reach|phone|buzz|text)(?: me| us)?(?: back)?"
    r"(?: at| around| about| after| by)? (?=\d)"
)
_SO_AT = re.compile(
    r"(?<= so) (?:(?:like|maybe|about|around|at|say) )*\d{1,2}(?::\d\d)?(?: ?[ap]m)?(?= ?$| works| [,.?])"
)
""" "Off at 4 so 4:15": what follows from the other hour is meant."""
_THEN = re.compile(r"(?<!or )(?<!and )(?<!but )\b(?:before|after|when|once|because|since|as|if) (?!that\b|this\b)\w")


def _is_the_last(text: str) -> bool:
    """Whether no call may come after the time: "no calls after 7", but not "off after 5, not after 8"."""
    match = _NOT_AFTER.search(text)
    return match is not None and _AFTER.search(text[: match.start()]) is None


def _about_the_call(text: str) -> str:
    """What of a text tells the time of the call: "off at 6 so call me 6:15", "7am before I leave for work"."""
    if match := _CALL_AT.search(text):
        text = text[match.start() :]
    if match := _SO_AT.search(text):
        return text[match.start() :].strip()
    match = _THEN.search(text)
    if match and (find_clock(text[: match.start()]) is not None and find_clock(text[match.start() :]) is None):
        return text[: match.start()].strip()
    return text


_MONTH_DAYS = 27
"""The first and the last of a month are at least so far apart: "next month" is no window, only its beginning is meant."""


def _is_sunday(when: CallTime) -> bool:
    """Not every state lets us call on a Sunday: the day is said back."""
    return when.earliest is not None and when.earliest.weekday() == calendar.SUNDAY


def _in_part(clock: time, part: str | None) -> time:
    """ "10 tonight" is at 22:00, "6 in the morning" at 6:00."""
    if part is None:
        return clock
    if "morning" in part:
        return clock.replace(hour=clock.hour - 12) if clock.hour >= 13 else clock
    return clock.replace(hour=clock.hour + 12) if clock.hour < 12 else clock
