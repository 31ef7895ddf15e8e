"""Business time, passed in.

Only shells read a clock; every decision takes `now`. Media pacing and timers use the event loop's monotonic
clock instead, because a call's milliseconds are real even when the business day is simulated.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Returns the business time as an aware UTC datetime."""


def system_clock() -> datetime:
    """The real time."""
    return datetime.now(UTC)


def clock_from(start: datetime, began: float | None = None) -> Clock:
    """A clock that shows `start` now, or showed it when `time.monotonic` gave `began`, and runs at the real pace.

    The demo and the tests use it to live in a lawful hour whatever the time is outside.

    Raises:
        ValueError: if `start` carries no time zone.
    """
    if start.tzinfo is None:
        raise ValueError("a business clock needs a start with a time zone, such as 2026-11-18T14:05:00-06:00")
    origin = start.astimezone(UTC)
    since = time.monotonic() if began is None else began
    return lambda: origin + timedelta(seconds=time.monotonic() - since)
