"""What people who take calls say and text to us."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from agent.staff_words import Presence, Said, read_text, takes_it

CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 18, 14, 5, tzinfo=CHICAGO)


@pytest.mark.parametrize(
    ("speech", "takes"),
    [
        ("Yes, put him through.", True),
        ("yeah", True),
        ("Sure, I'll take it", True),
        ("okay go ahead", True),
        ("Put Jordan through", True),
        ("No.", False),
        ("I can’t right now, I'm driving", False),
        ("somebody else please", False),
        ("Hi, you've reached Sarah. Please leave a message after the tone.", False),
        ("Hello?", None),
        ("Yes?", None),
        ("Good morning, this is Sarah", None),
        ("yeah hello who is it", None),
        ("well you know I was just about to go and see whether the other one had come in", None),
    ],
)
def test_only_a_clear_yes_takes_a_call(speech: str, takes: bool | None) -> None:
    """No greeting does, and no recording."""
    assert takes_it(speech) is takes


@pytest.mark.parametrize(("body", "available"), [("on", True), ("I'm back!", True), ("OFF", False), ("Stop", False)])
def test_on_and_off_duty(body: str, available: bool) -> None:
    """Whole texts only; a carrier's stop word is "off", too."""
    assert read_text(body, NOW) == Presence(available)


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ("sold", "sold"),
        ("Sold! home policy", "sold"),
        ("not sold yet", "other"),
        ("not interested, has an agent", "not_interested"),
        ("no answer", "unreachable"),
        ("appointment tuesday 10am", "booked"),
        ("on the fence about the deductible", "other"),
    ],
)
def test_what_came_of_a_lead(body: str, outcome: str) -> None:
    """The first words that say it; the text itself is kept as notes."""
    assert read_text(body, NOW) == Said(outcome, body)  # type: ignore[arg-type]


def test_a_day_to_call_back_is_read_in_the_leads_clock() -> None:
    """Friday at three is his."""
    assert read_text("call back Friday at 3", NOW) == Said(
        "call_back", "call back Friday at 3", datetime(2026, 11, 20, 15, tzinfo=CHICAGO)
    )
