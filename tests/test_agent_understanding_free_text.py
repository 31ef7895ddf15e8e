from pathlib import Path

import pytest

from agent.campaign import load_campaign
from agent.understanding.free_text import free_text
from state.view import View

CARRIER = load_campaign(Path(__file__).parent.parent / "campaigns" / "insurance.yaml").question("current_carrier")


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("oh ask me your questions it was with big lake casualty by the way", "big lake casualty"),
        ("im with prairie states mutual right now", "prairie states mutual"),
        ("we have homeowners through granite valley insurance", "granite valley insurance"),
        ("im with usa a", "USAA"),
        ("i want to compare with my car insurance", None),
        ("looking for the mutual discount", None),
        ("i have to buy insurance", None),
        ("a friend with cheap insurance", None),
    ],
)
def test_a_name_is_told_by_how_such_names_end(said: str, name: str | None) -> None:
    """A company that no list holds is noted unasked if it ends like one, and is not just some insurance."""
    assert CARRIER is not None
    assert next(free_text(CARRIER, said, View(), is_asked=False), None) == name
