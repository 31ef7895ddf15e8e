"""What a question asks for, by the campaign and by its words."""

import pytest

from agent.campaign import Question
from audio.completeness import Asked
from telephony.live.asked import asked_for


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Got it. What's the best e-mail for the quote?", Asked.EMAIL),
        ("Could I have your email address?", Asked.EMAIL),
        ("What's a good phone number for you?", Asked.TELEPHONE),
        ("And your ZIP?", Asked.ZIP),
        ("Could you spell that for me?", Asked.SPELLING),
        ("Is there a good number to reach you?", Asked.TELEPHONE),
        ("Did you get our e-mail?", Asked.ASSENT),
        ("Can I email you the quote?", Asked.ASSENT),
        ("Would you like it at your email address?", Asked.ASSENT),
        ("What number of cars is it?", Asked.ANYTHING),
        ("Is this the best number?", Asked.ASSENT),
        ("Okay, do you own the place?", Asked.ASSENT),
        ("Is it a house or a condo?", Asked.ANYTHING),
        ("When do you close?", Asked.ANYTHING),
        ("Could you tell me when you close?", Asked.ANYTHING),
        ("Is there anything else I can do?", Asked.ANYTHING),
        ("I'll send you an e-mail.", Asked.ANYTHING),
        ("Is now a good time? Great.", Asked.ASSENT),
        ("Could you", Asked.ANYTHING),
        ("", Asked.ANYTHING),
    ],
)
def test_the_last_question_tells_what_it_wants(said: str, expected: Asked) -> None:
    """Whoever asked it: a language model's questions are known by their words alone."""
    assert asked_for(None, said) is expected


def test_a_campaign_s_type_goes_before_the_words() -> None:
    """Digits are expected where the campaign wants digits, however it asks for them."""
    said = "And where is the property?"
    assert asked_for(Question(key="zip", type="zip"), said) is Asked.ZIP
    assert asked_for(Question(key="cars", type="int"), said) is Asked.COUNT
    assert asked_for(Question(key="owns", type="bool"), "Do you own it?") is Asked.ASSENT
    assert asked_for(Question(key="goal", type="enum"), said) is Asked.ANYTHING
