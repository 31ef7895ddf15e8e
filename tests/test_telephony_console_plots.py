"""Plots: scales that hold what they show, curves that break where nothing is known."""

from datetime import date, timedelta

import pytest

from telephony.console.plots import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, label, plot, round_step

DAYS = [date(2026, 11, 1) + timedelta(days=n) for n in range(30)]


@pytest.mark.parametrize(
    ("highest", "step"), [(0, 1), (0.5, 0.2), (3, 1), (4, 1), (4.1, 2), (330, 100), (796, 200), (3520, 1000)]
)
def test_a_scale_is_four_round_steps_high(highest: float, step: float) -> None:
    """Just high enough for the highest value."""
    assert round_step(highest) == pytest.approx(step)
    assert round_step(highest) * 4 >= highest


def test_a_curve_fills_the_plot() -> None:
    """From the first day to the last, from zero to the highest value."""
    made = plot("x", "X", "ms", DAYS[:2], [("a", [0, 400])])
    assert made.curves[0].pieces == (
        f"{LEFT},{HEIGHT - BOTTOM}.0 {WIDTH - RIGHT}.0,{TOP}.0".replace(f"{LEFT},", f"{LEFT}.0,"),
    )
    assert [tick.label for tick in made.up] == ["0", "100", "200", "300", "400"]
    assert made.curves[0].dots[1][2] == "Nov 2: 400 ms"


def test_there_is_no_half_of_what_is_counted() -> None:
    """A scale of whole numbers has whole steps."""
    assert [tick.label for tick in plot("x", "X", "", DAYS[:2], [("a", [0, 1])]).up] == ["0", "1", "2", "3", "4"]
    assert [tick.label for tick in plot("x", "X", "s", DAYS[:2], [("a", [0, 0.9])]).up][1] == "0.25"


def test_where_nothing_is_known_the_curve_breaks() -> None:
    """A day without calls has no gap; it is not one of zero."""
    [curve] = plot("x", "X", "ms", DAYS[:5], [("a", [1, 2, None, 4, None])]).curves
    assert (len(curve.pieces), len(curve.dots)) == (1, 3)


def test_without_any_value_there_is_no_curve() -> None:
    """The page says so instead."""
    assert plot("x", "X", "ms", DAYS, [("a", [None] * 30)]).curves == ()


def test_dates_do_not_crowd() -> None:
    """Six at most, the first among them."""
    ticks = plot("x", "X", "ms", DAYS, [("a", [1.0] * 30)]).across
    assert (len(ticks), ticks[0].label) == (6, "Nov 1")


@pytest.mark.parametrize(
    ("value", "words"), [(0, "0"), (0.25, "0.25"), (0.075, "0.075"), (3, "3"), (2.5, "2.5"), (1234.6, "1,235")]
)
def test_values_are_short(value: float, words: str) -> None:
    """As many figures as tell them."""
    assert label(value) == words
