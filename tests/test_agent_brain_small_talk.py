import pytest

from agent.brain.small_talk import SmallTalk, small_talk
from agent.words import clean


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("hello?", SmallTalk.HELLO),
        ("hello hello", SmallTalk.HELLO),
        ("are you still there", SmallTalk.HELLO),
        ("can you hear me", SmallTalk.HELLO),
        ("what", SmallTalk.REPEAT),
        ("sorry what", SmallTalk.REPEAT),
        ("can you repeat that please", SmallTalk.REPEAT),
        ("say that again", SmallTalk.REPEAT),
        ("you're breaking up", SmallTalk.REPEAT),
        ("I didn't catch that", SmallTalk.REPEAT),
        ("hold on", SmallTalk.WAIT),
        ("just a second", SmallTalk.WAIT),
        ("give me a minute", SmallTalk.WAIT),
        ("let me check my papers", SmallTalk.WAIT),
        ("thanks so much", SmallTalk.THANKS),
        ("how are you doing", SmallTalk.HOW_ARE_YOU),
        ("okay bye", SmallTalk.BYE),
        ("i gotta go", SmallTalk.BYE),
        ("been so busy", SmallTalk.BUSY),
        ("i don't know", SmallTalk.SKIP),
        ("I'd rather not say", SmallTalk.SKIP),
        ("no idea", SmallTalk.SKIP),
    ],
)
def test_talk_about_the_talk(text: str, kind: SmallTalk) -> None:
    """Courtesies and repairs are told from answers."""
    assert small_talk(clean(text)) is kind


@pytest.mark.parametrize("text", ["a condo", "yes", "december fifth", "with geico", "we closed last friday", ""])
def test_answers_are_no_small_talk(text: str) -> None:
    """An answer is never taken for a courtesy."""
    assert small_talk(clean(text)) is None
