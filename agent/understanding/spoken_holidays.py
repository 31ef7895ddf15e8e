"""The holidays on which nobody is called, and as what they are spoken of: "after the holiday", "Christmas Eve"."""

import re
from datetime import date, timedelta
from functools import lru_cache

from holidays import country_holidays

_CLOSED = ("New Year's Day", "Memorial Day", "Independence Day", "Labor Day", "Thanksgiving Day", "Christmas Day")
_SAME = {"xmas": "christmas", "new years": "new year", "turkey": "thanksgiving", "black friday": "thanksgiving"}
HOLIDAY = re.compile(
    r"\b(?:(?P<name>black friday|turkey|thanksgiving|christmas|xmas|new years|memorial|labor|independence)s?"
    r"(?: day| eve(?!\w))?|the (?:4th of july|july 4th)|4th of july|the (?P<plural>holidays)|(?:the|this) holiday)\b"
)
"""On cleaned words (`agent.words.clean`)."""


def is_closed(day: date) -> bool:
    """Whether nobody is called on this day."""
    return day in _closed(day.year)


def dated(said: str, today: date) -> str:
    """The text with each holiday as its next date in ISO form; "the holiday" is the next there is."""
    return HOLIDAY.sub(lambda match: next_holiday(match, today).isoformat(), said)


def next_holiday(match: re.Match[str], today: date) -> date:
    """The next date of a holiday that `HOLIDAY` found."""
    wanted = _SAME.get(match["name"] or "", match["name"] or "")
    if match["plural"]:
        wanted = "new year"
    elif not wanted and "july" in match[0]:
        wanted = "independence"
    days = sorted(item for year in (today.year, today.year + 1) for item in _closed(year).items())
    day = next(day for day, name in days if day >= today and wanted in name.lower())
    shift = -1 if match[0].endswith("eve") else 1 if match["name"] == "black friday" else 0
    return day + timedelta(days=shift)


@lru_cache(maxsize=16)
def _closed(year: int) -> dict[date, str]:
    named = country_holidays("US", years=year, observed=False).items()
    return {day: name for day, name in named if name in _CLOSED}
