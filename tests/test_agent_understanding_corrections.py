import re

import pytest

from agent.understanding.corrections import is_withdrawn, last_word


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
