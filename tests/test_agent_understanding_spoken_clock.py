"""Times of day, and numbers that are none."""

from datetime import time

import pytest

from agent.understanding.spoken_clock import find_clock
from agent.words import clean


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ("at 3", time(15), None),
        ("3:30 works", time(15, 30), None),
        ("1530", time(15, 30), None),
        ("half past four", time(16, 30), None),
        ("quarter to five", time(16, 45), None),
        ("between 4 and 6", time(16), time(18)),
        ("between 6 and 8", time(18), time(20)),
        ("9-11", time(9), time(11)),
        ("10 to 2", time(10), time(14)),
        ("noon to 2", time(12), time(14)),
        ("5 to 7 pm", time(17), time(19)),
        ("midnight", time(0), None),
        ("10pm", time(22), None),
    ],
)
def test_times_of_day(said: str, first: time, last: time | None) -> None:
    """A bare hour from 1 to 7 is in the afternoon; the end of a window decides about its beginning."""
    clock = find_clock(clean(said))
    assert clock is not None
    assert (clock.first, clock.last) == (first, last)


@pytest.mark.parametrize("said", ["around 4", "4ish", "about 5", "5 or so"])
def test_roughly(said: str) -> None:
    """Said so."""
    clock = find_clock(clean(said))
    assert clock is not None
    assert clock.roughly


def test_how_about_is_not_roughly() -> None:
    """A suggestion, not a guess."""
    clock = find_clock("how about 5")
    assert clock is not None
    assert not clock.roughly


def test_a_zone_is_kept() -> None:
    """ "5 eastern" is another time than "5 pacific"."""
    east, west = find_clock("5 eastern"), find_clock("5 pst")
    assert east is not None
    assert west is not None
    assert (str(east.zone), str(west.zone)) == ("America/New_York", "America/Los_Angeles")


@pytest.mark.parametrize(
    "said",
    [
        "I have 3 cars",
        "4 bedrooms",
        "it's a 2015 Honda",
        "60614",
        "$200 a month",
        "about 1800 square feet",
        "my deductible is 500",
        "312 555 0142",
        "1998",
        "I'm 45",
        "",
    ],
)
def test_other_numbers_are_no_times(said: str) -> None:
    """Counts, years, prices, ZIP codes and telephone numbers."""
    assert find_clock(clean(said)) is None
