"""Legal holidays of the states, as the `holidays` package knows them, observed days included, and a few it lacks."""

import re
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from typing import Annotated

from holidays import country_holidays
from pydantic import AfterValidator, Field

from agent.gate.tables import TableRow, read_table

STATES = frozenset(country_holidays("US").subdivisions)
"""Postal codes of the states and territories whose holidays are known."""


def _day(text: str) -> str:
    if not re.fullmatch(r"\d\d-\d\d|[A-Z]{2}/.+", text):
        raise ValueError("write a day as MM-DD, or as another state's holiday: LA/Mardi Gras")
    return text


class Override(TableRow):
    """A holiday that the package does not list."""

    state: str = Field(pattern="^[A-Z]{2}$")
    holiday: str
    day: Annotated[str, AfterValidator(_day)]
    """MM-DD, or the holiday of another state that falls on the same day."""
    citation: str
    confidence: str = Field(pattern="^[HML]$")
    note: str = ""


def is_holiday(state: str, day: date) -> bool:
    """Whether a day, by the local calendar, is a legal holiday in a state.

    Raises:
        NotImplementedError: if the package does not know the state.
    """
    return day in _days(state, day.year)


@lru_cache(maxsize=512)
def _days(state: str, year: int) -> frozenset[date]:
    more = (_falls_on(override, year) for override in overrides() if override.state == state)
    return frozenset(country_holidays("US", subdiv=state, years=year)) | frozenset(more)


def _falls_on(override: Override, year: int) -> date:
    state, like, name = override.day.partition("/")
    if not like:
        return date.fromisoformat(f"{year}-{override.day}")
    return next(day for day, called in country_holidays("US", subdiv=state, years=year).items() if name in called)


@cache
def overrides() -> tuple[Override, ...]:
    """The holidays the package lacks.

    Raises:
        TableError: naming the row that cannot be read.
    """
    name = "holiday_overrides.csv"
    return read_table((files("agent.gate") / "data" / name).read_text(encoding="utf-8"), name, Override)
