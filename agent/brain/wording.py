"""Small words of the local brain: how it takes up what it heard. Varied, but the same for the same conversation."""

from collections.abc import Mapping
from datetime import date, datetime

from pydantic import JsonValue

from agent.campaign import Campaign, Question
from agent.words import ordinal
from state.view import View

_PLAIN = ("Got it.", "Great, thanks.", "Okay.", "Perfect.", "Thanks.")
NOT_CAUGHT = ("Sorry, I didn't quite get that.", "Sorry, one more time.")
_ZONES = {"C": "Central", "E": "Eastern", "M": "Mountain", "P": "Pacific"}


def turn_of(view: View) -> int:
    """Where the talk stands; picks among equal wordings."""
    return len(view.thread) // 2


def acknowledgement(learned: Mapping[str, JsonValue], before: View, campaign: Campaign) -> str | None:
    """How to take up what was just learned; None if nothing was learned that a campaign asks for."""
    told = {key: value for key, value in learned.items() if campaign.question(key) is not None}
    if not told:
        return None
    for key, value in told.items():
        question = campaign.question(key)
        if question is not None and (said := _of_change(question, value, before.known(key))):
            return said
    for key, value in told.items():
        question = campaign.question(key)
        name = str(value).lower() if isinstance(value, bool) else str(value)
        if question is not None and name in question.acknowledge:
            return question.acknowledge[name]
    dates = [value for key, value in told.items() if isinstance(value, str) and _is_date(campaign.question(key))]
    if len(told) == len(dates) == 1 and "/" not in dates[0]:
        return f"{spoken_date(date.fromisoformat(dates[0]))}, got it."
    return _PLAIN[turn_of(before) % len(_PLAIN)]


def _of_change(question: Question, value: JsonValue, old: JsonValue) -> str | None:
    if old is None or question.multi:
        return None
    if value is None:
        return f"Okay, not {question.label(old)} then."
    if question.type == "bool":
        return "Thanks, I've fixed that."
    label = spoken_date(date.fromisoformat(str(value))) if _is_day(question, value) else question.label(value)
    return f"{label[0].upper()}{label[1:]}, thanks, I've fixed that."


def _is_date(question: Question | None) -> bool:
    return question is not None and question.type == "date"


def _is_day(question: Question, value: JsonValue) -> bool:
    return question.type == "date" and isinstance(value, str) and "/" not in value


def spoken_date(day: date) -> str:
    """ "December 5th"."""
    return f"{day:%B} {ordinal(day.day)}"


def spoken_call_time(earliest: datetime, latest: datetime | None, now: datetime) -> str:
    """ "tomorrow after 3 pm Eastern": a time in the lead's own zone, named (POLICY 3.1)."""
    days = (earliest.date() - now.date()).days
    day = {0: "today", 1: "tomorrow"}.get(
        days, f"{earliest:%A}" if days < 7 else f"{earliest:%A}, {spoken_date(earliest)}"
    )
    zone = _zone(earliest if earliest.tzinfo else now)
    if latest is None:
        return f"{day} from {_clock(earliest)}{zone}"
    width = (latest - earliest).total_seconds() / 60
    if width <= 5:
        return f"{day} at {_clock(earliest)}{zone}"
    if (earliest.hour, latest.hour) == (9, 20):
        return day
    if latest.hour == 20:
        return f"{day} after {_clock(earliest)}{zone}"
    return f"{day} between {_clock(earliest)} and {_clock(latest)}{zone}"


def _clock(moment: datetime) -> str:
    minute = f":{moment:%M}" if moment.minute else ""
    return f"{moment.hour % 12 or 12}{minute} {'am' if moment.hour < 12 else 'pm'}"


def _zone(moment: datetime) -> str:
    name = moment.tzname() or ""
    return f" {_ZONES[name[0]]}" if len(name) == 3 and name[0] in _ZONES else ""
