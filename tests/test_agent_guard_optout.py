"""The rules of stopping: what stands around a phrase decides whether it is meant."""

import pytest

from agent.guard.optout import Stop, read
from agent.guard.plain import plain


def is_stop(text: str) -> bool:
    """Whether a rule is certain."""
    reading = read(plain(text))
    return reading is not None and reading.stop is Stop.CERTAIN


@pytest.mark.parametrize(
    ("stop", "other"),
    [
        ("stop calling me", "my ex won't stop calling me"),
        ("stop texting me before I call my lawyer", "don't text me until I talk to my wife"),
        ("I still want you to stop calling me", "stop emailing me, I still want the texts"),
        ("take me off your list", "take me off the newsletter only"),
        ("no me llame más", "no me llame, escríbame"),
        ("stop calling, call someone else", "stop calling the house, call my cell"),
        ("quit it or I report you", "quit it guys! sorry, what was the question"),
    ],
)
def test_the_same_words_may_mean_an_end_or_not(stop: str, other: str) -> None:
    """Whom they are said of, until when, which channel, and what goes on."""
    assert is_stop(stop)
    assert not is_stop(other)


@pytest.mark.parametrize("text", ["not interested thanks", "this is spam", "ya tengo seguro gracias", "🙅"])
def test_an_unclear_no_is_held(text: str) -> None:
    """Neither a stop nor nothing."""
    reading = read(plain(text))
    assert reading is not None
    assert reading.stop is Stop.UNCLEAR


def test_a_bare_word_on_a_call_may_answer() -> None:
    """ "Cancel" by text is a stop; spoken, it may be what we asked for."""
    assert is_stop("cancel")
    assert read(plain("cancel"), spoken=True) is None
