"""Whether what is known is what a dialogue wants: equal, but where words leave a value open."""

from pathlib import Path

import pytest
from pydantic import JsonValue

from agent.campaign import load_campaigns
from telephony.dialogues.facts import is_right

CAMPAIGNS = load_campaigns(Path(__file__).parent.parent / "campaigns")


@pytest.mark.parametrize(
    ("vertical", "key", "wanted", "got", "right"),
    [
        ("insurance", "product", "home", "home", True),
        ("insurance", "product", "home", "bundle", False),
        ("insurance", "product", "home", None, False),
        ("insurance", "bought_house", True, False, False),
        ("lending", "loan_purpose", ["cash_out", "lower_rate"], ["lower_rate", "cash_out"], True),
        ("lending", "loan_purpose", ["cash_out"], ["cash_out", "lower_rate"], False),
        ("home_services", "issue", "furnace stopped working", "the furnace has stopped", True),
        ("home_services", "issue", "furnace stopped working", "roof leaks", False),
        ("insurance", "closing_date", "2026-11-20", "2026-11-19/2026-11-20", True),
        ("insurance", "closing_date", "2026-11-21", "2026-11-19/2026-11-20", False),
        ("insurance", "no_such_question", "a", "b", False),
    ],
)
def test_a_fact_is_right_if_it_says_the_same(
    vertical: str, key: str, wanted: JsonValue, got: JsonValue, right: bool
) -> None:
    """Choices must be the same, several in any order; free text shares its words; one of two days may be meant."""
    assert is_right(key, wanted, got, CAMPAIGNS[vertical]) is right
