"""Backchannels."""

import pytest

from agent.listening import is_backchannel


@pytest.mark.parametrize(
    "text",
    [
        "Mm-hm.",
        "Uh huh",
        "Okay.",
        "yeah",
        "Yeah, okay.",
        "Right.",
        "I see.",
        "Got it.",
        "Hello?",
        "Aha.",
        "Makes sense.",
    ],
)
def test_sounds_of_listening_do_not_take_the_floor(text: str) -> None:
    """Short assents and greetings under the persona's speech are listening."""
    assert is_backchannel(text)


@pytest.mark.parametrize("text", ["Stop.", "No.", "Wait.", "Yeah but I have a question", "Who is this?", "", "Sarah"])
def test_words_take_the_floor(text: str) -> None:
    """Anything with content, however short, is an interruption; silence is neither."""
    assert not is_backchannel(text)


@pytest.mark.parametrize(
    ("text", "listening"), [("I help...", True), ("M", True), ("No... no-", False), ("Stop!", False)]
)
def test_of_a_mumble_only_words_that_take_the_floor_count(text: str, listening: bool) -> None:
    """A recogniser makes some words or other of an "uh-huh"; a clear "I help" is one."""
    assert is_backchannel(text, mumbled=True) is listening
    assert not is_backchannel("I help...")
