from datetime import date
from pathlib import Path

import pytest

from agent.campaign import load_campaign
from agent.understanding.named_dates import dated_facts
from agent.words import clean

INSURANCE = load_campaign(Path(__file__).parent.parent / "campaigns" / "insurance.yaml")
TODAY = date(2026, 11, 18)


@pytest.mark.parametrize(
    ("text", "asked", "facts"),
    [
        ("closed friday moving in december fifth", None, {"closing_date": "2026-11-13", "move_in_date": "2026-12-05"}),
        ("the closing is friday", None, {"closing_date": "2026-11-20"}),
        ("we closed on friday", None, {"closing_date": "2026-11-13"}),
        ("move in on the 5th, closing on the 1st", None, {"move_in_date": "2026-12-05", "closing_date": "2026-12-01"}),
        (
            "on the fifth we move in and closing was last friday",
            None,
            {"move_in_date": "2026-12-05", "closing_date": "2026-11-13"},
        ),
        ("the policy runs out on january 15th", None, {"policy_end_date": "2027-01-15"}),
        ("the fifth", "move_in_date", {"move_in_date": "2026-12-05"}),
        ("the fifth", "product", {}),
        ("the fifth", None, {}),
        ("moving in march", None, {"move_in_date": "2027-03-01/2027-03-31"}),
        ("we close in june 2028", None, {}),
        ("we close soon", "closing_date", {}),
    ],
)
def test_each_date_goes_to_the_word_that_explains_it(text: str, asked: str | None, facts: dict[str, str]) -> None:
    """Nearest cue, tense and the campaign's window; without a cue, the question asked; else nobody's."""
    assert dated_facts(clean(text), INSURANCE, asked, TODAY) == facts


def test_a_day_beside_a_holiday_is_left_open() -> None:
    """The day after Thanksgiving is not Thanksgiving: no date rather than a wrong one."""
    for said in ("day after thanksgiving", "the tuesday after thanksgiving", "weekend before christmas"):
        assert dated_facts(said, INSURANCE, "closing_date", TODAY) == {}
