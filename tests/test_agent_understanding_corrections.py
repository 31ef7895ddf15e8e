import re

import pytest

from agent.understanding.corrections import explained_away, is_withdrawn, last_word


@pytest.mark.parametrize(
    ("between", "withdrawn"),
    [
        (" no sorry ", True),
        (" , or no make that ", True),
        (" . wait no ", True),
        (" actually ", True),
        (" or ", False),
        (" and ", False),
        (" to ", False),
        (" , no earlier than ", False),
    ],
)
def test_the_former_of_two_is_taken_back(between: str, withdrawn: bool) -> None:
    """By a no, a sorry, a wait between them; not by what joins them."""
    assert is_withdrawn(between) is withdrawn


def test_the_last_word_counts_if_it_says_anything() -> None:
    """After a correction only what follows, unless that holds nothing of the kind."""
    assert last_word("5 to 7 no wait i have to go 3 to 5", lambda rest: re.search(r"\d", rest) is not None).endswith(
        "3 to 5"
    )
    assert last_word("5 to 7 no wait my dog", lambda rest: re.search(r"\d", rest) is not None).startswith("5")


@pytest.mark.parametrize(
    ("said", "gone"),
    [
        ("monday no wait monday is my moms thing friday", {"monday"}),
        ("monday no hang on monday was the 9th it was tuesday", {"monday", "9th"}),
        ("monday no wait tuesday", set()),
        ("monday . actually call me tuesday", set()),
        ("monday or tuesday", set()),
    ],
)
def test_what_is_named_again_to_say_why_not_is_taken_back(said: str, gone: set[str]) -> None:
    """With what it is called; a correction that names it no second time is not this rule's."""
    named = [match.span() for match in re.finditer(r"\S+day|9th", said)]
    assert {said[slice(*named[place])] for place in explained_away(said, named)} == gone
