"""Holidays: which days are closed, and what people call them."""

from datetime import date

import pytest

from agent.understanding.spoken_holidays import dated, is_closed

TODAY = date(2026, 11, 18)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("the holiday", "2026-11-26"),
        ("turkey day", "2026-11-26"),
        ("black friday", "2026-11-27"),
        ("christmas eve", "2026-12-24"),
        ("the holidays", "2027-01-01"),
        ("4th of july", "2027-07-04"),
    ],
)
def test_a_holiday_is_its_next_date(said: str, day: str) -> None:
    """By whatever name, counted from the lead's today."""
    assert dated(said, TODAY) == day


def test_only_the_great_holidays_are_closed() -> None:
    """Nobody is called on Thanksgiving; Veterans Day is a day like any other."""
    assert is_closed(date(2026, 11, 26))
    assert not is_closed(date(2026, 11, 11))
