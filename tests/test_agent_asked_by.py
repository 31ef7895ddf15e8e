"""Which question a sentence is about."""

import pytest

from agent.asked_by import asked_by

ASKABLE = {
    "move_in_date": "When do you plan to move in? move_in_date",
    "product": "Are you looking for auto, home, or both? product auto home bundle",
    "property_type": "Is it a house, a condo or a townhouse? property_type house condo townhouse",
    "coverage_start": "When would you want it in place? coverage_start asap within_weeks",
}


@pytest.mark.parametrize(
    ("sentence", "fact"),
    [
        ("When are you moving in?", "move_in_date"),
        ("Do you want it in place before you move in?", "coverage_start"),
        ("So, house or condo?", "property_type"),
        ("Is this for your home or your auto?", "product"),
        ("Does that sound okay?", None),
        ("How are you today?", None),
    ],
)
def test_a_question_asks_for_the_fact_whose_wording_is_nearest(sentence: str, fact: str | None) -> None:
    """The fact with most words in common is asked for; without any, none is."""
    assert asked_by(sentence, ASKABLE) == fact


def test_the_planned_question_wins_a_tie() -> None:
    """Of two equally near questions it is the first, which the rules planned."""
    assert asked_by("What date?", {"closing_date": "closing date", "policy_date": "policy date"}) == "closing_date"


def test_nothing_is_asked_when_nothing_is_open() -> None:
    """With no open question a clause asks for no fact of the campaign."""
    assert asked_by("When do you move in?", {}) is None
