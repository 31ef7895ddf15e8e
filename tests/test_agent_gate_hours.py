from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.gate.hours import FEDERAL, HORIZON, Schedule, Window, both, next_open

NOON = datetime(2026, 11, 18, 18, tzinfo=UTC)
"""A Wednesday, noon in Chicago."""
CHICAGO, NEW_YORK, DENVER = "America/Chicago", "America/New_York", "America/Denver"
DAILY = Schedule.daily(FEDERAL)
OFFICE = Window(time(9), time(17))


def local(text: str, zone: str = CHICAGO) -> datetime:
    """An instant by the clock on a wall."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def test_a_window_is_read_as_it_is_written() -> None:
    """Its end is not part of it."""
    window = Window.parse("09:00-17:30")
    assert (window.start, window.end, str(window)) == (time(9), time(17, 30), "09:00-17:30")


@pytest.mark.parametrize("text", ["9-5", "09:00", "09:00-09:00", "21:00-08:00", "08:00-24:00", "closed", ""])
def test_what_is_no_window_is_refused(text: str) -> None:
    """A typing error must not open a night."""
    with pytest.raises(ValueError, match="window"):
        Window.parse(text)


def test_two_windows_have_their_common_hours() -> None:
    """None is a closed day, and hours that do not meet make one."""
    assert both(OFFICE, Window(time(12), time(20))) == Window(time(12), time(17))
    assert both(OFFICE, Window(time(17), time(20))) is None
    assert both(OFFICE, None) is None


def test_an_open_window_opens_now() -> None:
    """Nothing to wait for, to the microsecond."""
    now = NOON + timedelta(microseconds=1)
    assert next_open([(DAILY, CHICAGO), (DAILY, NEW_YORK)], now) == now


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("2026-11-18T07:59:59", "2026-11-18T08:00:00"),
        ("2026-11-18T08:00:00", "2026-11-18T08:00:00"),
        ("2026-11-18T20:59:59", "2026-11-18T20:59:59"),
        ("2026-11-18T21:00:00", "2026-11-19T08:00:00"),
        ("2026-11-18T00:30:00", "2026-11-18T08:00:00"),
    ],
)
def test_the_edges_of_a_window(at: str, opens: str) -> None:
    """It opens on the minute and is shut on the minute."""
    assert next_open([(DAILY, CHICAGO)], local(at)) == local(opens)


def test_days_have_hours_of_their_own() -> None:
    """A closed Sunday waits for Monday, a late one for its noon."""
    closed = Schedule(OFFICE, OFFICE, None)
    late = Schedule(OFFICE, OFFICE, Window(time(12), time(17)))
    saturday_evening = local("2026-11-21T18:00")
    assert next_open([(closed, CHICAGO)], saturday_evening) == local("2026-11-23T09:00")
    assert next_open([(late, CHICAGO)], saturday_evening) == local("2026-11-22T12:00")


def test_a_legal_holiday_is_closed_where_it_is_heeded() -> None:
    """Thanksgiving in Rhode Island; and a state that gives it other hours has those."""
    banned = Schedule(OFFICE, OFFICE, None, state="RI")
    assert banned.on(date(2026, 11, 26)) is None
    assert next_open([(banned, NEW_YORK)], local("2026-11-25T17:00", NEW_YORK)) == local("2026-11-27T09:00", NEW_YORK)
    late = Schedule(OFFICE, OFFICE, OFFICE, state="NE", holiday=Window(time(13), time(21)))
    assert late.on(date(2026, 11, 26)) == Window(time(13), time(17))
    assert late.on(date(2026, 11, 30)) == OFFICE


def test_the_holiday_is_the_one_of_the_local_date() -> None:
    """Past midnight in New York it is still Thanksgiving in Denver."""
    banned = Schedule.daily(Window(time(0), time(23, 59)))
    banned = Schedule(banned.weekday, banned.saturday, banned.sunday, state="UT")
    now = local("2026-11-27T00:30", NEW_YORK)
    assert banned.opening(now, NEW_YORK) == now
    assert banned.opening(now, DENVER) == local("2026-11-27T00:00", DENVER)


@pytest.mark.parametrize(
    ("at", "opens", "utc"),
    [
        ("2026-10-31T22:00", "2026-11-01T08:00", "2026-11-01T14:00"),
        ("2026-11-01T00:30", "2026-11-01T08:00", "2026-11-01T14:00"),
        ("2027-03-13T22:00", "2027-03-14T08:00", "2027-03-14T13:00"),
        ("2027-03-14T01:59", "2027-03-14T08:00", "2027-03-14T13:00"),
    ],
)
def test_opening_follows_the_wall_clock_over_a_change_of_time(at: str, opens: str, utc: str) -> None:
    """1 November 2026 and 14 March 2027: eight o'clock by the wall, whatever the night's length was."""
    opening = next_open([(DAILY, CHICAGO)], local(at))
    assert opening == local(opens) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


def test_a_window_over_a_skipped_or_repeated_hour_is_open_as_instants_go() -> None:
    """In the hour that comes twice a wall clock runs back; the window does not shut again."""
    night = Schedule.daily(Window(time(1, 30), time(4)))
    first, second = datetime(2026, 11, 1, 6, 30, tzinfo=UTC), datetime(2026, 11, 1, 7, 15, tzinfo=UTC)
    assert night.opening(first, CHICAGO) == first  # 1:30 before the clocks go back
    assert night.opening(second, CHICAGO) == second  # 1:15 after they went back
    gap = Schedule.daily(Window(time(2, 30), time(4)))
    assert gap.opening(datetime(2027, 3, 14, 7, tzinfo=UTC), CHICAGO) == datetime(2027, 3, 14, 8, 30, tzinfo=UTC)


def test_windows_that_never_overlap_never_open() -> None:
    """Guam's day is New York's night."""
    office = Schedule.daily(Window(time(10), time(12)))
    assert next_open([(office, "Pacific/Guam"), (office, NEW_YORK)], NOON) is None
    assert next_open([(Schedule(None, None, None), CHICAGO)], NOON) is None


def test_without_anything_to_wait_for_it_is_open() -> None:
    """No schedule, no objection; the rule of the zone has seen to it that there is one."""
    assert next_open([], NOON) == NOON


windows = st.one_of(
    st.none(),
    st.tuples(st.integers(8, 14), st.integers(15, 21)).map(lambda hours: Window(time(hours[0]), time(hours[1]))),
)
schedules = st.builds(Schedule, windows, windows, windows, st.sampled_from([None, "RI", "LA", "UT"]))
hours = st.tuples(schedules, st.sampled_from([CHICAGO, NEW_YORK, DENVER, "America/Phoenix", "Pacific/Honolulu"]))
START = datetime(2026, 10, 25, tzinfo=UTC)
moments = st.timedeltas(timedelta(0), timedelta(days=146)).map(lambda later: START + later)


@given(given_hours=st.lists(hours, max_size=4), now=moments)
def test_what_opens_is_open_and_nothing_was_open_before(given_hours: list[tuple[Schedule, str]], now: datetime) -> None:
    """All are open at the answer; a quarter of an hour before it, and all the way from now, one was shut."""
    opening = next_open(given_hours, now)
    if opening is None:
        return
    assert now <= opening <= now + HORIZON + timedelta(days=1)
    assert all(schedule.opening(opening, zone) == opening for schedule, zone in given_hours)
    earlier = [now + part * (opening - now) / 16 for part in range(16)] if opening > now else []
    for at in earlier:
        assert any(schedule.opening(at, zone) != at for schedule, zone in given_hours)


@given(some=st.lists(hours, max_size=3), more=st.lists(hours, max_size=3), now=moments)
def test_more_to_heed_never_opens_more(
    some: list[tuple[Schedule, str]], more: list[tuple[Schedule, str]], now: datetime
) -> None:
    """Adding a zone or a state closes earlier or opens later."""
    fewer, all_of_them = next_open(some, now), next_open([*some, *more], now)
    assert all_of_them is None or (fewer is not None and fewer <= all_of_them)
