"""By which words a sentence has not ended."""

import pytest

from audio.completeness import Ending, ending
from audio.phrasing import is_circumstance, is_condition, is_stranded, leads_up, may_end


@pytest.mark.parametrize(
    "said",
    [
        *("well", "so actually", "let me see", "yeah let me check", "hold on", "one second", "i think", "we need"),
        *("i want to know", "i was wondering", "we're hoping", "and then", "it's, you know", "it's a new", "i'd say"),
        *("i'm actually", "we're closing on december"),
    ],
)
def test_who_announces_something_is_waited_for(said: str) -> None:
    """Nobody says that and leaves it at that."""
    assert leads_up(said.replace(",", "").split(), question=False)


@pytest.mark.parametrize(
    "said",
    [
        *("let me think about it", "yes actually", "monday i think", "that's what i need", "in december", "as well"),
        *("it's older", "i don't want to"),
    ],
)
def test_the_same_words_in_an_answer_announce_nothing(said: str) -> None:
    """They are waited for only where they are all, or the last."""
    assert not leads_up(said.split(), question=False)


def test_a_question_ends_in_words_that_lead_up_elsewhere() -> None:
    """A "Well?" is the exception."""
    assert not leads_up(["do", "you", "know"], question=True)
    assert not leads_up(["is", "that", "what", "you", "were", "wondering"], question=True)
    assert leads_up(["well"], question=True)


@pytest.mark.parametrize(
    "said",
    [
        *("just put me through", "come on in", "i've never been there before", "we're just shopping around", "go on"),
        *("in a week or so", "i don't know who denise is", "i'm talking to a machine aren't i", "end", "not on my end"),
    ],
)
def test_a_preposition_can_be_a_verb_s(said: str) -> None:
    """Then it ends a sentence."""
    assert may_end(said.split(), question=False)


@pytest.mark.parametrize("said", ["someone i can talk to", "not that i know of", "i don't know who i'm talking to"])
def test_a_preposition_may_belong_to_something_said_before(said: str) -> None:
    """It could be the end, but nothing shows it."""
    assert is_stranded(said.split())
    assert ending(f"{said}.") is Ending.UNCLEAR


def test_a_preposition_with_nothing_before_it_leads_on() -> None:
    """As ever."""
    assert not is_stranded(["we", "live", "in", "a", "big", "house", "with"])
    assert ending("We live in a big house with.") is Ending.UNFINISHED


def test_half_a_sentence_is_told_by_its_first_word() -> None:
    """A condition wants its other half; a circumstance may be an answer. With a comma both halves are there."""
    assert is_condition(["if", "it", "rains", "on", "saturday"])
    assert is_circumstance(["so", "when", "my", "husband", "comes", "home"])
    assert not is_condition(["if", "possible"])
    assert not is_circumstance(["before", "christmas"])
    assert ending("If it rains on Saturday.") is Ending.UNFINISHED
    assert ending("When my lease ends.") is Ending.UNCLEAR
    assert ending("If I can, I will.") is Ending.COMPLETE
    assert ending("When do you open?") is Ending.COMPLETE
