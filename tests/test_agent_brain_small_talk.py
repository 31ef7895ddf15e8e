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
        ("Sorry, I have to go now.", SmallTalk.BYE),
        ("I've got to run, thanks.", SmallTalk.BYE),
        ("I need to go pick up my kids.", SmallTalk.BYE),
        ("I have to go to work.", SmallTalk.BYE),
        ("I have to hop on another call", SmallTalk.BYE),
        ("Well, have a good one.", SmallTalk.BYE),
        ("You have a nice day now", SmallTalk.BYE),
        ("Take care, Ava.", SmallTalk.BYE),
        ("We'll talk later.", SmallTalk.BYE),
        ("Yeah, one sec.", SmallTalk.WAIT),
        ("Wait a minute, let me get it", SmallTalk.WAIT),
        ("been so busy", SmallTalk.BUSY),
        ("i don't know", SmallTalk.SKIP),
        ("I'd rather not say", SmallTalk.SKIP),
        ("no idea", SmallTalk.SKIP),
        ("next question", SmallTalk.SKIP),
        ("ask me another question", SmallTalk.SKIP),
        ("Wait, I have another question.", SmallTalk.QUESTION),
        ("I got a quick question for you", SmallTalk.QUESTION),
        ("Okay, quick question.", SmallTalk.QUESTION),
        ("Can I ask you something?", SmallTalk.QUESTION),
        ("I'm here", SmallTalk.HERE),
        ("Yes, I'm still here.", SmallTalk.HERE),
        ("Sorry, I was on mute.", SmallTalk.HERE),
        ("I'll call you back later.", SmallTalk.BYE),
    ],
)
def test_talk_about_the_talk(text: str, kind: SmallTalk) -> None:
    """Courtesies and repairs are told from answers."""
    assert small_talk(clean(text)) is kind


@pytest.mark.parametrize(
    "text",
    [
        "a condo",
        "yes",
        "december fifth",
        "with geico",
        "we closed last friday",
        "",
        "I have to run it by my wife first",
        "We have to go with the cheapest one",
        "I need to go through my agent for that",
        "I got to go home tonight and measure it",
        "I have to go to work at five, so mornings",
        "I want you to take care of my roof",
        "I already have a good one",
        "We have a nice one bedroom condo",
        "We can talk later about the price",
        "It takes a minute to heat up",
        "We have a second car",
        "It made a noise just a minute ago",
        "I have a question about the price",
        "No more questions",
        "I'm here in Chicago",
    ],
)
def test_answers_are_no_small_talk(text: str) -> None:
    """An answer is never taken for a courtesy."""
    assert small_talk(clean(text)) is None
