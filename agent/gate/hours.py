"""Local hours in several time zones at once. All instants are aware; the answer is UTC."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

_ROUNDS = 14
"""Openings to try before giving up: the windows of two places may never overlap (Guam and New York, say)."""


@dataclass(frozen=True, slots=True)
class Window:
    """Local hours of a day, from `start` up to but without `end`."""

    start: time
    end: time

    def is_open(self, now: datetime, zone: str) -> bool:
        """Whether the clock on the wall in `zone` is inside."""
        return self.start <= now.astimezone(ZoneInfo(zone)).time() < self.end

    def opening(self, now: datetime, zone: str) -> datetime:
        """`now` when it is inside, else the next instant at which the window opens in `zone`."""
        if self.is_open(now, zone):
            return now
        local = now.astimezone(ZoneInfo(zone))
        day = local.date() if local.time() < self.start else local.date() + timedelta(days=1)
        return datetime.combine(day, self.start, ZoneInfo(zone)).astimezone(UTC)


FEDERAL = Window(time(8), time(21))
"""47 CFR 64.1200(c)(1); 16 CFR 310.4(c)."""


def next_open(window: Window, now: datetime, zones: Iterable[str]) -> datetime | None:
    """The first instant from `now` on at which the window is open in every zone; None if there is none soon."""
    zones = tuple(zones)
    at = now
    for _ in range(_ROUNDS):
        later = max((window.opening(at, zone) for zone in zones), default=at)
        if later == at:
            return at
        at = later
    return None
