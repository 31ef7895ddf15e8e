"""Backchannels."""

import pytest

from agent.listening import is_backchannel


@pytest.mark.parametrize(
    "text", ["Mm-hm.", "Uh huh", "Okay.", "yeah", "Yeah, okay.", "Right.", "I see.", "Got it.", "Hello?"]
)
def test_sounds_of_listening_do_not_take_the_floor(text: str) -> None:
    """Short assents and greetings under the persona's speech are listening."""
    assert is_backchannel(text)


@pytest.mark.parametrize("text", ["Stop.", "No.", "Wait.", "Yeah but I have a question", "Who is this?", "", "Sarah"])
def test_words_take_the_floor(text: str) -> None:
    """Anything with content, however short, is an interruption; silence is neither."""
    assert not is_backchannel(text)
