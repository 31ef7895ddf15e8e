"""Slips are put right, words are left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.guard.spelling import corrected


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("stpo", "stop"),
        ("sotp", "stop"),
        ("dtop", "stop"),
        ("stiop", "stop"),
        ("stopl", "stop"),
        ("xstop", "stop"),
        ("quitt", "quit"),
        ("unsubsribe", "unsubscribe"),
        ("unsubscrbe", "unsubscribe"),
        ("remvoe", "remove"),
        ("representitive", "representative"),
        ("reprasentative", "representative"),
        ("mesaging", "messaging"),
        ("numbr", "number"),
        ("removr", "remove"),
    ],
)
def test_a_slip_is_put_right(typed: str, meant: str) -> None:
    """Swapped, doubled, missing and neighbouring letters, and one too many of a stop."""
    assert corrected(typed) == meant


@pytest.mark.parametrize(
    "word",
    [
        "step",
        "shop",
        "stoop",
        "stops",
        "stomp",
        "test",
        "contract",
        "cancer",
        "spending",
        "massage",
        "removed",
        "numbers",
        "humane",
        "remote",
        "connecting",
        "reporting",
        "steak",
        "superior",
        "humano",
        "operador",
        "fall",
        "quite",
        "agency",
    ],
)
def test_words_of_their_own_stay(word: str) -> None:
    """What is an English or Spanish word is no slip, however near it lies; nor is another form of a word."""
    assert corrected(word) == word


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", max_size=15))
def test_correcting_twice_is_correcting_once(word: str) -> None:
    """What has been put right is right."""
    assert corrected(corrected(word)) == corrected(word)
