"""What the parts of a campaign have in common: frozen, no unknown keys; times of day and days of the week."""

from datetime import time
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict

Scalar = str | int | bool


class Part(BaseModel):
    """A part of a campaign's file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _clock_time(value: object) -> object:
    # pydantic would read the number 10 as ten seconds past midnight.
    if isinstance(value, str | time):
        return value
    raise ValueError('write a time of day as "10:00"')


ClockTime = Annotated[time, BeforeValidator(_clock_time)]

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
