import pytest

from agent.understanding.counting import tally

PEOPLE = ("wife", "husband", "son", "daughter", "kid")
HIMSELF = ("me", "myself", "and i")
INCIDENTS = ("ticket", "speeding ticket", "accident", "claim")


@pytest.mark.parametrize(
    ("said", "count"),
    [
        ("me and my wife", 2),
        ("me , my wife and 2 kids", 4),
        ("just me", 1),
        ("my wife and i", 2),
        ("my wife and my son", None),
        ("we drive a lot", None),
    ],
)
def test_people_are_counted_with_the_speaker(said: str, count: int | None) -> None:
    """A list of people counts if he names himself in it."""
    assert tally(PEOPLE, said, himself=HIMSELF, asked=True) == count


@pytest.mark.parametrize(
    ("said", "asked", "count"),
    [
        ("1 speeding ticket in june and a hail claim last year", True, 2),
        ("1 accident 1 ticket", True, 2),
        ("a couple of tickets", True, 2),
        ("no accidents , 1 ticket", True, 1),
        ("an accident , and the claim for it", True, 1),
        ("no accidents no claims", True, 0),
        ("an accident", False, None),
        ("2 tickets and an accident", False, 3),
    ],
)
def test_things_are_added_up(said: str, asked: bool, count: int | None) -> None:
    """Each counts as many as are said before it, one without; unasked, a number has to be among them."""
    assert tally(INCIDENTS, said, asked=asked) == count
