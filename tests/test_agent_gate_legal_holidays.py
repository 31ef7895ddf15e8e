from datetime import date

import pytest
from pydantic import ValidationError

from agent.gate.legal_holidays import STATES, Override, is_holiday, overrides


@pytest.mark.parametrize(
    ("state", "day", "what"),
    [
        ("RI", date(2026, 8, 10), "Victory Day"),
        ("UT", date(2026, 7, 24), "Pioneer Day"),
        ("AL", date(2026, 4, 27), "Confederate Memorial Day"),
        ("LA", date(2026, 2, 17), "Mardi Gras"),
        ("LA", date(2026, 4, 3), "Good Friday"),
        ("PA", date(2026, 11, 27), "the day after Thanksgiving"),
        ("RI", date(2026, 7, 3), "Independence Day, observed"),
        ("AL", date(2027, 12, 24), "Christmas, observed"),
        ("UT", date(2026, 11, 26), "Thanksgiving"),
    ],
)
def test_states_have_holidays_of_their_own(state: str, day: date, what: str) -> None:
    """Observed days count as the day itself."""
    assert is_holiday(state, day), what


@pytest.mark.parametrize(
    ("state", "day"), [("IL", date(2026, 8, 10)), ("TX", date(2026, 7, 24)), ("RI", date(2026, 8, 11))]
)
def test_another_states_holiday_is_none(state: str, day: date) -> None:
    """Victory Day is Rhode Island's, Pioneer Day Utah's."""
    assert not is_holiday(state, day)


@pytest.mark.parametrize(
    ("state", "day"),
    [("LA", date(2027, 11, 1)), ("AL", date(2026, 2, 17)), ("AL", date(2027, 2, 9))],
)
def test_what_the_package_lacks_is_added(state: str, day: date) -> None:
    """All Saints' Day in Louisiana, Mardi Gras in Alabama: by their rows, in every year."""
    assert is_holiday(state, day)
    assert not is_holiday("TX", day)


def test_an_unknown_state_is_an_error() -> None:
    """Not a state without holidays: the gate turns an error into a no."""
    with pytest.raises(NotImplementedError):
        is_holiday("ZZ", date(2026, 1, 1))


def test_the_states_are_the_ones_on_an_envelope() -> None:
    """With the District and the territories."""
    assert {"AL", "DC", "PR", "WY"} <= STATES
    assert "CA" in STATES
    assert "ON" not in STATES


def test_the_rows_of_ours_have_sources() -> None:
    """Every row says where it is written and how sure that is."""
    assert {row.state for row in overrides()} == {"LA", "AL"}
    assert all(row.citation and row.confidence in "HML" for row in overrides())


@pytest.mark.parametrize("day", ["1 November", "11-1", "easter", "LA/"])
def test_a_day_is_written_in_one_of_two_ways(day: str) -> None:
    """MM-DD, or another state's holiday."""
    with pytest.raises(ValidationError, match="MM-DD"):
        Override(state="LA", holiday="x", day=day, citation="x", confidence="M")
