import pytest

from agent.campaign import Question
from agent.understanding.mentions import is_or, mentions
from agent.words import clean

HOME = Question(
    key="property",
    type="enum",
    values=("house", "condo", "other"),
    synonyms={"condo": ("condominium", "condo unit")},
    answers={"house": ("yes", "first")},
    ignore=("condo board", "house phone"),
)


def found(text: str, *, asked: bool = False) -> list[tuple[str, bool]]:
    """Values named, and whether they were denied."""
    return [(mention.value, mention.denied) for mention in mentions(HOME, clean(text), asked=asked)]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("its a condo", [("condo", False)]),
        ("a condominium", [("condo", False)]),
        ("condo unit", [("condo", False)]),
        ("its not a condo its a house", [("condo", True), ("house", False)]),
        ("i dont have a condo", [("condo", True)]),
        ("anything but condo , a house", [("condo", False), ("house", False)]),
        ("the condo board called the house phone", []),
        ("my brother has a condo", []),
        ("we used to live in a condo", []),
        ("do you cover condo", []),
        ("im not sure if its a condo", []),
        ("the other one", []),
        ("condos", []),
    ],
)
def test_values_are_found_where_the_lead_means_himself(text: str, named: list[tuple[str, bool]]) -> None:
    """Own and present, whole words, nothing that a longer phrase explains."""
    assert found(text) == named


def test_answers_count_only_as_answers() -> None:
    """A word like "first" means a value only behind the question, near the start; yes and no are not words here."""
    assert found("the first i guess") == []
    assert found("the first i guess", asked=True) == [("house", False)]
    assert found("we talked about it for a long time and first things first", asked=True) == []
    assert found("yes", asked=True) == []


def test_alternatives_are_told_from_choices() -> None:
    """ "A house or a condo" chooses nothing."""
    text = "a house or a condo"
    first, second = mentions(HOME, text, asked=True)
    assert is_or(text, first, second)
    text = "a house and a condo"
    first, second = mentions(HOME, text, asked=True)
    assert not is_or(text, first, second)
