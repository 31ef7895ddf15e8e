"""Plots as numbers for a template to draw: scales, ticks, and curves as points. Pure.

The templates draw them as SVG in the page, so they take its colours, light or dark, and need no script and no image.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from math import ceil, floor, log10

WIDTH, HEIGHT = 520, 200
LEFT, RIGHT, TOP, BOTTOM = 44, 8, 8, 22
"""Room for the ticks' words."""
DATES = 6
"""At most so many dates under a plot."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: where, in the drawing's units, and what it says."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Curve:
    """One series: its pieces as SVG points, broken where there is no value, and every point with its words."""

    name: str
    pieces: tuple[str, ...]
    dots: tuple[tuple[float, float, str], ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot ready to be drawn. Without any value it has no curves."""

    id: str
    title: str
    unit: str
    curves: tuple[Curve, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]


Series = tuple[str, Sequence[float | None]]
"""A name, and a value for each day; None where there is none."""


def plot(id: str, title: str, unit: str, days: Sequence[date], series: Sequence[Series]) -> Plot:
    """Curves over days, from 0 up to a round number above the highest value."""
    known = [value for _, values in series for value in values if value is not None]
    step = round_step(max(known, default=0.0))
    if all(value == int(value) for value in known):
        step = ceil(step)  # there is no half lead
    top = step * 4
    xs = [LEFT + (WIDTH - LEFT - RIGHT) * n / max(1, len(days) - 1) for n in range(len(days))]
    every = -(-len(days) // DATES)
    return Plot(
        id,
        title,
        unit,
        tuple(_curve(name, values, xs, top, unit, days) for name, values in series) if known else (),
        tuple(Tick(xs[n], f"{day:%b %-d}") for n, day in enumerate(days) if n % every == 0),
        tuple(Tick(_y(step * n, top), label(step * n)) for n in range(5)),
    )


def _curve(
    name: str, values: Sequence[float | None], xs: Sequence[float], top: float, unit: str, days: Sequence[date]
) -> Curve:
    placed = [
        None if value is None else (round(x, 1), round(_y(value, top), 1), f"{day:%b %-d}: {label(value)} {unit}")
        for x, value, day in zip(xs, values, days, strict=True)
    ]
    pieces = [list(piece) for there, piece in groupby(placed, lambda point: point is not None) if there]
    return Curve(
        name,
        tuple(" ".join(f"{point[0]},{point[1]}" for point in piece if point) for piece in pieces if len(piece) > 1),
        tuple(point for point in placed if point is not None),
    )


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top


def round_step(highest: float) -> float:
    """A quarter of the scale: 1, 2, 2.5 or 5 times a power of ten, so that four of them hold the highest value."""
    if highest <= 0:
        return 1.0
    power = 10.0 ** floor(log10(highest / 4))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power * 4 >= highest * 0.999)


def label(value: float) -> str:
    """A value in as few figures as tell it."""
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.2g}"
