from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.understanding.spoken_date import Span, find_dates

WEDNESDAY = date(2026, 11, 18)

TABLE = [
    # named days
    ("today", ["2026-11-18"]),
    ("tonight", ["2026-11-18"]),
    ("tomorrow", ["2026-11-19"]),
    ("yesterday", ["2026-11-17"]),
    ("the day after tomorrow", ["2026-11-20"]),
    ("the day before yesterday", ["2026-11-16"]),
    # weekdays
    ("friday", ["2026-11-20", "2026-11-13"]),
    ("this Friday", ["2026-11-20"]),
    ("last friday", ["2026-11-13"]),
    ("this past friday", ["2026-11-13"]),
    ("next tuesday", ["2026-11-24"]),
    ("next friday", ["2026-11-27"]),
    ("wednesday", ["2026-11-25", "2026-11-11"]),
    ("on fri", ["2026-11-20", "2026-11-13"]),
    ("Fri 2-4", ["2026-11-20", "2026-11-13"]),
    ("wed", ["2026-11-25", "2026-11-11"]),
    ("we'd like that", None),
    ("we sat down", None),
    ("a week from friday", ["2026-11-27"]),
    ("two weeks from today", ["2026-12-02"]),
    ("Thursday the 26th", ["2026-11-26", "2026-10-26"]),
    ("before xmas", ["2026-12-25"]),
    ("by the first week of december", ["2026-12-01/2026-12-07"]),
    ("first quarter of next year", ["2027-01-01/2027-03-31"]),
    ("in the next two or three weeks", ["2026-12-02/2026-12-09"]),
    # month and day
    ("december fifth", ["2026-12-05", "2025-12-05"]),
    ("Dec 5", ["2026-12-05", "2025-12-05"]),
    ("December 5th, 2026", ["2026-12-05"]),
    ("the fifth of december", ["2026-12-05", "2025-12-05"]),
    ("march first", ["2027-03-01", "2026-03-01"]),
    ("may 3", ["2027-05-03", "2026-05-03"]),
    ("i may move", None),
    ("march in", None),
    ("12/5", ["2026-12-05", "2025-12-05"]),
    ("12/5/26", ["2026-12-05"]),
    ("2026-12-05", ["2026-12-05"]),
    ("13/45", None),
    ("february 30", None),
    ("february 29 2028", ["2028-02-29"]),
    # the day alone
    ("the fifth", ["2026-12-05", "2026-11-05"]),
    ("on the 24th", ["2026-11-24", "2026-10-24"]),
    ("twenty third", ["2026-11-23", "2026-10-23"]),
    ("the thirty first", ["2026-12-31", "2026-10-31"]),
    ("the fifth of next month", ["2026-12-05"]),
    ("first thing", None),
    ("the first time", None),
    ("our second home", None),
    # distances
    ("in two weeks", ["2026-12-02"]),
    ("in a week", ["2026-11-25"]),
    ("in 3 days", ["2026-11-21"]),
    ("in a month", ["2026-12-18"]),
    ("two months from now", ["2027-01-18"]),
    ("ten days ago", ["2026-11-08"]),
    ("in a couple of weeks", ["2026-11-29/2026-12-05"]),
    ("a few weeks ago", ["2026-10-18/2026-11-07"]),
    # stretches
    ("next week", ["2026-11-23/2026-11-29"]),
    ("last week", ["2026-11-09/2026-11-15"]),
    ("this weekend", ["2026-11-21/2026-11-22"]),
    ("next month", ["2026-12-01/2026-12-31"]),
    ("end of the month", ["2026-11-30"]),
    ("end of next month", ["2026-12-31"]),
    ("by the end of next week", ["2026-11-27"]),
    ("early december", ["2026-12-01/2026-12-10", "2025-12-01/2025-12-10"]),
    ("in march", ["2027-03-01/2027-03-31", "2026-03-01/2026-03-31"]),
    ("mid January 2027", ["2027-01-10/2027-01-20"]),
    # no date
    ("two cars", None),
    ("60614", None),
    ("it's fine", None),
]


@pytest.mark.parametrize(("text", "readings"), TABLE)
def test_dates_in_words(text: str, readings: list[str] | None) -> None:
    """On Wednesday 18 November 2026: every reading, the likeliest first."""
    found = [[span.iso() for span in mention.readings] for mention in find_dates(text, WEDNESDAY)]
    assert found == ([readings] if readings else [])


def test_two_dates_in_one_breath() -> None:
    """Dates are found in order, and where they stand."""
    text = "we closed last friday we move in on december fifth"
    first, second = find_dates(text, WEDNESDAY)
    assert first.readings[0].first == date(2026, 11, 13)
    assert second.readings[0].first == date(2026, 12, 5)
    assert first.end <= second.start


@given(st.dates(date(2026, 1, 1), date(2030, 12, 31)), st.integers(-300, 300))
def test_a_full_date_is_read_as_itself_whatever_the_day_is(today: date, distance: int) -> None:
    """Month, day and year leave nothing to guess."""
    day = today + timedelta(days=distance)
    (mention,) = find_dates(f"{day:%B} {day.day}, {day.year}", today)
    assert mention.readings == (Span(day, day),)


@given(st.dates(date(2026, 1, 1), date(2030, 12, 31)), st.sampled_from(["monday", "thursday", "saturday"]))
def test_a_weekday_lies_within_a_week_on_either_side(today: date, weekday: str) -> None:
    """A bare weekday is the next one or the one before, never today and never farther."""
    (mention,) = find_dates(weekday, today)
    ahead, behind = (span.first for span in mention.readings)
    assert 1 <= (ahead - today).days <= 7
    assert 1 <= (today - behind).days <= 7
    assert f"{ahead:%A}".lower() == f"{behind:%A}".lower() == weekday


@given(st.text(max_size=80), st.dates(date(2026, 1, 1), date(2030, 12, 31)))
def test_any_text_is_survived(text: str, today: date) -> None:
    """Whatever a lead types, the reader finds dates or none."""
    for mention in find_dates(text, today):
        assert mention.readings
