"""Opening hours: local windows by kind of day, in several places at once. All instants are aware; answers are UTC."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from agent.gate.legal_holidays import is_holiday

HORIZON = timedelta(days=21)
"""How far ahead an opening is looked for: windows of two places may never overlap (Guam and New York, say)."""

SATURDAY, SUNDAY = 5, 6


@dataclass(frozen=True, slots=True)
class Window:
    """Local hours of a day, from `start` up to but without `end`."""

    start: time
    end: time

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads "08:00-21:00".

        Raises:
            ValueError: if it is anything else, or ends before it starts.
        """
        try:
            start, end = (datetime.strptime(part, "%H:%M").time() for part in text.split("-"))  # noqa: DTZ007
        except ValueError:
            raise ValueError(f"{text!r} is no window: write 08:00-21:00, or none for a closed day") from None
        if start >= end:
            raise ValueError(f"the window {text} ends before it starts")
        return cls(start, end)

    def within(self, other: Self) -> bool:
        """Whether no minute of this one lies outside the other."""
        return other.start <= self.start and self.end <= other.end

    def both(self, other: Self) -> Self | None:
        """The hours of both, None if they have none in common."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return type(self)(start, end) if start < end else None

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


def both(one: Window | None, other: Window | None) -> Window | None:
    """The hours that two days have in common; None is a closed day."""
    return one.both(other) if one and other else None


@dataclass(frozen=True, slots=True)
class Schedule:
    """A week of windows; None is a closed day. `state` names whose legal holidays it heeds, if it heeds any."""

    weekday: Window | None
    saturday: Window | None
    sunday: Window | None
    state: str | None = None
    holiday: Window | None = None

    @classmethod
    def daily(cls, window: Window) -> Self:
        """The same hours on every day."""
        return cls(window, window, window)

    def on(self, day: date) -> Window | None:
        """The hours of a day."""
        if self.state is not None and is_holiday(self.state, day):
            return both(self.holiday, self._of_the_week(day))
        return self._of_the_week(day)

    def _of_the_week(self, day: date) -> Window | None:
        return {SATURDAY: self.saturday, SUNDAY: self.sunday}.get(day.weekday(), self.weekday)

    def opening(self, now: datetime, zone: str) -> datetime | None:
        """`now` when it is open in `zone`, else the next instant at which it opens; None: not within HORIZON."""
        tz = ZoneInfo(zone)
        day = now.astimezone(tz).date()
        last = (now + HORIZON).astimezone(tz).date()
        while day <= last:
            window = self.on(day)
            # Compared as instants: on the days the clocks change, the wall's reading has no order.
            if window and now < datetime.combine(day, window.end, tz).astimezone(UTC):
                return max(now, datetime.combine(day, window.start, tz).astimezone(UTC))
            day += timedelta(days=1)
        return None


FEDERAL = Window(time(8), time(21))
"""47 CFR 64.1200(c)(1); 16 CFR 310.4(c)."""

Hours = tuple[Schedule, str]
"""A schedule, and the zone whose clock it is read on."""


def next_open(hours: Iterable[Hours], now: datetime) -> datetime | None:
    """The first instant from `now` on at which all are open; None if there is none within HORIZON."""
    hours = tuple(hours)
    at = now
    while at <= now + HORIZON:
        openings = [schedule.opening(at, zone) for schedule, zone in hours]
        later = max((opening for opening in openings if opening), default=at)
        if None in openings:
            return None
        if later == at:
            return at
        at = later
    return None
