"""Who takes a campaign's leads over, and when."""

from datetime import datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from agent.campaign.part import WEEKDAYS, ClockTime, Part, Weekday


class Shift(Part):
    """When a person takes calls, on his own clock: {zone: America/Chicago, start: "09:00", end: "17:30"}."""

    zone: str
    """An IANA name."""
    days: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
    start: ClockTime
    end: ClockTime

    def covers(self, moment: datetime) -> bool:
        """Whether he works at a moment (aware)."""
        local = moment.astimezone(ZoneInfo(self.zone))
        return WEEKDAYS[local.weekday()] in self.days and self.start <= local.time() < self.end


class HumanAgent(Part):
    """A person who takes calls over. What is left out of `verticals`, `states` and `hours` does not bind him."""

    name: str
    number: str
    pronoun: Literal["she", "he", "they"] = "they"
    verticals: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    """Values of the campaign's enum questions: who wants one of them is his."""
    languages: tuple[str, ...] = ("en",)
    """As `preferred_language` has them: "en", "es"."""
    states: tuple[str, ...] = ()
    """Postal codes of the states he is licensed in."""
    hours: Shift | None = None


class Routing(Part):
    """Whom to ask first when a lead is to be put through, and how many."""

    order: Literal["listed", "round_robin"] = "listed"
    """As the file lists them, or whoever was asked longest ago."""
    widen: bool = True
    """When nobody with the skill can be had, to ask somebody without it. Licence and language are never dropped."""
    tries: Annotated[int, Field(ge=1, le=10)] = 3
    """How many people are rung for one lead, one after the other, before he is offered a time."""
