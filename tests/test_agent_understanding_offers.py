from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from agent.campaign import load_campaign
from agent.understanding.offers import offered, offers_in, taken
from agent.words import clean

NOW = datetime(2026, 11, 18, 12, 40, tzinfo=ZoneInfo("America/Detroit"))
HOME = load_campaign(Path(__file__).parent.parent / "campaigns" / "home_services.yaml")
TODAY = "We have 2-4 or 4-6 today, which is better?"
DAYS = "Would Thursday 9-11 or Friday 1-3 work?"
CALLS = "Priya can ring you at 6:15 tonight or 9:30 tomorrow, which is better?"


@pytest.mark.parametrize(
    ("line", "answer", "start"),
    [
        (TODAY, "2-4", "2026-11-18T14:00"),
        (TODAY, "4", "2026-11-18T16:00"),
        (TODAY, "four to six", "2026-11-18T16:00"),
        (TODAY, "the later one", "2026-11-18T16:00"),
        (TODAY, "first one please", "2026-11-18T14:00"),
        (TODAY, "either works", "2026-11-18T14:00"),
        (DAYS, "friday", "2026-11-20T13:00"),
        (DAYS, "the morning one", "2026-11-19T09:00"),
        (DAYS, "thursday is good", "2026-11-19T09:00"),
        (DAYS, "thursday I am free", "2026-11-19T09:00"),
        (DAYS, "thursday is my day off", "2026-11-19T09:00"),
        (DAYS, "thursday isn't bad", "2026-11-19T09:00"),
        (DAYS, "thursday is my mom's birthday, friday", "2026-11-20T13:00"),
        (CALLS, "615", "2026-11-18T18:15"),
        (CALLS, "9:30", "2026-11-19T09:30"),
        (CALLS, "tomorrow", "2026-11-19T09:30"),
        (TODAY, "hmm not sure", None),
        (DAYS, "neither, what about saturday", None),
        ("It is 2-4 or 4-6.", "2", None),
    ],
)
def test_an_answer_takes_one_of_the_times_offered(line: str, answer: str, start: str | None) -> None:
    """By hour, day, part of day or place in the list; what is none of them takes nothing."""
    offer = taken(clean(answer), offers_in(line, NOW), NOW)
    assert (f"{offer.start:%Y-%m-%dT%H:%M}" if offer else None) == start


def test_the_next_visits_are_offered_with_notice() -> None:
    """Two slots of the campaign's hours, none within two hours, none on a day without hours."""
    assert offered(HOME, NOW) == "tomorrow 9-11 or tomorrow 1-3"
    assert offered(HOME, NOW.replace(day=20, hour=10)) == "today 1-3 or Monday 9-11"
