from datetime import UTC, datetime, timedelta, timezone

import pytest

from state.clock import clock_from, system_clock


def test_system_clock_is_aware() -> None:
    """Business time always carries its zone."""
    assert system_clock().tzinfo is UTC


def test_clock_starts_where_it_is_told() -> None:
    """A shifted clock shows its start, in UTC, and never runs backwards."""
    start = datetime(2026, 11, 18, 14, 5, tzinfo=timezone(timedelta(hours=-6)))
    clock = clock_from(start)
    first, second = clock(), clock()
    assert start <= first <= second
    assert first.tzinfo is UTC


def test_clock_refuses_a_start_without_a_zone() -> None:
    """ "Five past two" is no instant."""
    with pytest.raises(ValueError, match="time zone"):
        clock_from(datetime(2026, 11, 18, 14, 5))  # noqa: DTZ001 (the mistake under test)
