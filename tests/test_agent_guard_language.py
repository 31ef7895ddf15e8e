"""Spanish on a call is recognised by words or by doubt, and offered once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.guard.language import DOUBTS_NEEDED, HARDLY_BELIEVED, Evidence, Proposal, hear, is_spanish

CLEAR, DOUBTFUL = -0.3, HARDLY_BELIEVED - 0.1


@pytest.mark.parametrize(
    "text",
    [
        "no hablo inglés",
        "No ablo ingles.",
        "Habla español?",
        "quiero hablar con alguien",
        "Spanish please",
        "do you speak Spanish",
        "no speak English",
        "Hola, buenas tardes, ¿quién habla?",
        "quiero un seguro para mi casa",
    ],
)
def test_spanish_is_recognised(text: str) -> None:
    """Said, asked for, or spoken, as the English recogniser writes it."""
    assert is_spanish(text)


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "yes, I bought a place in La Mesa",
        "no me, that's my wife",
        "I live in El Paso and I have dos cars",
        "my casa is a condo",
        "It's a condo on San Pedro Street.",
        "I'm in Spanish Fork, Utah",
        "si si",
        "",
    ],
)
def test_english_with_a_spanish_word_is_english(text: str) -> None:
    """Place names and borrowed words prove nothing."""
    assert not is_spanish(text)


def test_words_lead_to_an_offer_at_once_and_once() -> None:
    """The first Spanish utterance is answered with an offer; later ones are not."""
    evidence, proposal = hear(Evidence(), "no hablo inglés", CLEAR)
    assert proposal is Proposal.OFFER_SPANISH
    assert hear(evidence, "no hablo inglés", CLEAR) == (evidence, None)


def test_doubt_has_to_repeat_before_we_ask() -> None:
    """One bad line is a bad line."""
    evidence = Evidence()
    proposals = []
    for _ in range(DOUBTS_NEEDED):
        evidence, proposal = hear(evidence, "key arrow a blar", DOUBTFUL)
        proposals.append(proposal)
    assert proposals == [None] * (DOUBTS_NEEDED - 1) + [Proposal.ASK]


def test_a_clear_utterance_takes_doubt_back() -> None:
    """Doubts count only when they follow one another."""
    evidence, _ = hear(Evidence(), "key arrow a blar", DOUBTFUL)
    evidence, _ = hear(evidence, "yes that's right", CLEAR)
    assert evidence == Evidence()


def test_silence_tells_nothing() -> None:
    """An empty transcript is no doubt."""
    assert hear(Evidence(doubts=1), "  ", DOUBTFUL) == (Evidence(doubts=1), None)


@given(st.lists(st.tuples(st.text(max_size=40), st.floats(-3, 0)), max_size=12))
def test_at_most_one_proposal_in_a_call(utterances: list[tuple[str, float]]) -> None:
    """Whatever is said."""
    evidence, proposals = Evidence(), []
    for text, confidence in utterances:
        evidence, proposal = hear(evidence, text, confidence)
        proposals.append(proposal)
    assert sum(proposal is not None for proposal in proposals) <= 1
