"""Recognising that Spanish is spoken, by words and by doubt."""

import pytest

from agent.guard.language import DOUBTS_NEEDED, HARDLY_BELIEVED, Evidence, Proposal, hear, is_spanish


@pytest.mark.parametrize(
    "text", ["No hablo inglés.", "no hablo ingles", "¿Habla español?", "Spanish please", "quiero hablar con alguien"]
)
def test_spanish_words_are_recognised(text: str) -> None:
    """Spanish itself, and the wish for it in either language."""
    assert is_spanish(text)


@pytest.mark.parametrize("text", ["Yeah, that's fine.", "It's a condo on San Pedro Street.", "no", "I have two cars"])
def test_english_is_not_spanish(text: str) -> None:
    """Neither are Spanish names in English."""
    assert not is_spanish(text)


def test_words_are_enough_for_an_offer_and_it_is_made_once() -> None:
    """The second utterance changes nothing."""
    evidence, proposal = hear(Evidence(), "no hablo inglés", -0.3)
    assert proposal is Proposal.OFFER_SPANISH
    assert hear(evidence, "hablo español", -0.3) == (evidence, None)


def test_doubt_alone_has_to_repeat_itself_and_leads_to_a_question() -> None:
    """One utterance that was hardly believed is a bad line."""
    evidence = Evidence()
    for _ in range(DOUBTS_NEEDED - 1):
        evidence, proposal = hear(evidence, "the car is in the a", HARDLY_BELIEVED - 0.1)
        assert proposal is None
    assert hear(evidence, "no ver the hey", HARDLY_BELIEVED - 0.1)[1] is Proposal.ASK


def test_one_clear_utterance_takes_the_doubt_away() -> None:
    """The doubts have to come running."""
    evidence, _ = hear(Evidence(), "the car is in the a", HARDLY_BELIEVED - 0.1)
    evidence, _ = hear(evidence, "it's a condo", -0.2)
    assert evidence.doubts == 0
