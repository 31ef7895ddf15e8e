import pytest

from agent.understanding.whose import of_himself, others_clauses, third_party


@pytest.mark.parametrize(
    ("said", "own"),
    [
        (
            "just that 1 . my brothers got 3 cars but thats his headache",
            "just that 1 . my brothers but thats his headache",
        ),
        ("he had like 4 i had 1", "i had 1"),
        ("2 . my neighbor has 5 of them lol", "2 . my neighbor"),
        ("my ex had 3 tickets but ive had none", "my ex but ive had none"),
        ("my son got a ticket", "my son got a ticket"),
        ("she has 2", "she has 2"),
        ("they are 15 years old and we need new 1s", "they are 15 years old and we need new 1s"),
    ],
)
def test_what_he_tells_of_others_is_left_out(said: str, own: str) -> None:
    """Up to a stop, a "but" or the next word of himself; who shares the lead's house or stands alone stays."""
    assert of_himself(said) == own


@pytest.mark.parametrize(
    "said",
    [
        "my cousin recommended the nursing program",
        "my brother and i want to do the masters",
        "my friend told me you do home and auto",
        "my sister gave me her civic",
    ],
)
def test_the_clause_that_comes_back_to_him_is_his(said: str) -> None:
    """What others recommend, give or share with him is his matter."""
    assert not others_clauses(said)


@pytest.mark.parametrize(
    ("said", "who"),
    [
        ("my sister wants to apply too , text her ?", "sister"),
        ("can you call my daughter instead", "daughter"),
        ("my friend is looking too , her number is 312 555 0100", "friend"),
        ("this is his mom", "mother"),
        ("ill text my wife about it", None),
        ("let me call my mom 1st", None),
        ("have to talk to my husband before i call him", None),
    ],
)
def test_whom_he_would_have_us_reach(said: str, who: str | None) -> None:
    """Whoever speaks for him or is to be reached; not whom he will reach himself."""
    assert third_party(said) == who
