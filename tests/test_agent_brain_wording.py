from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import JsonValue

from agent.brain.wording import acknowledgement, spoken_call_time, spoken_date
from agent.campaign import load_campaign
from state.events import Channel
from state.view import Fact, Line, View

INSURANCE = load_campaign(Path(__file__).parent.parent / "campaigns" / "insurance.yaml")
NOW = datetime(2026, 11, 18, 14, 5, tzinfo=ZoneInfo("America/Chicago"))


def before(**facts: JsonValue) -> View:
    """The record before the turn."""
    return View(facts={key: Fact(value=value, source="x", at=NOW) for key, value in facts.items()})


@pytest.mark.parametrize(
    ("learned", "known", "said"),
    [
        ({}, {}, None),
        ({"interest": "yes"}, {}, None),
        ({"bought_house": True, "product": "home"}, {}, "Congratulations!"),
        ({"property_type": "townhouse"}, {}, "A townhouse, got it."),
        ({"property_type": "condo"}, {"property_type": "townhouse"}, "Condo, thanks, I've fixed that."),
        (
            {"coverage_start": "within_weeks", "property_type": "condo"},
            {"property_type": "townhouse"},
            "Condo, thanks, I've fixed that.",
        ),
        ({"property_type": None}, {"property_type": "condo"}, "Okay, not condo then."),
        ({"move_in_date": "2026-12-06"}, {"move_in_date": "2026-12-05"}, "December 6th, thanks, I've fixed that."),
        ({"move_in_date": "2026-12-05"}, {}, "December 5th, got it."),
        ({"bought_house": False}, {"bought_house": True}, "Thanks, I've fixed that."),
    ],
)
def test_what_was_learned_is_taken_up(
    learned: dict[str, JsonValue], known: dict[str, JsonValue], said: str | None
) -> None:
    """A correction first, then good news, then a date read back; nothing for what the campaign does not ask."""
    assert acknowledgement(learned, before(**known), INSURANCE) == said


def test_plain_acknowledgements_vary_and_repeat_for_the_same_record() -> None:
    """Not the same word every time, and the same words for the same snapshot."""
    line = Line(channel=Channel.VOICE, who="lead", text="x", at=NOW, event="e")
    said = [acknowledgement({"goal": "compare"}, View(thread=(line,) * n), INSURANCE) for n in range(0, 10, 2)]
    assert len(set(said)) == len(said)
    assert said[0] == acknowledgement({"goal": "compare"}, View(), INSURANCE)


def test_dates_are_said_with_an_ordinal() -> None:
    """As a person reads them out."""
    assert spoken_date(date(2026, 12, 5)) == "December 5th"
    assert spoken_date(date(2027, 3, 1)) == "March 1st"


@pytest.mark.parametrize(
    ("earliest", "minutes", "said"),
    [
        (NOW.replace(hour=17, minute=0), 5, "today at 5 pm Central"),
        (NOW.replace(hour=18, minute=15), 5, "today at 6:15 pm Central"),
        (NOW.replace(day=19, hour=15, minute=0), 300, "tomorrow after 3 pm Central"),
        (NOW.replace(day=19, hour=9, minute=0), 660, "tomorrow"),
        (NOW.replace(day=23, hour=14, minute=0), 120, "Monday between 2 pm and 4 pm Central"),
        (NOW.replace(day=30, hour=9, minute=0), 660, "Monday, November 30th"),
        (NOW.replace(day=23, hour=9, minute=0), None, "Monday from 9 am Central"),
    ],
)
def test_a_call_time_is_said_back_in_the_leads_zone(earliest: datetime, minutes: int | None, said: str) -> None:
    """Day, hour and the zone's name."""
    latest = earliest + timedelta(minutes=minutes) if minutes is not None else None
    assert spoken_call_time(earliest, latest, NOW) == said
