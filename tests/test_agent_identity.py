"""Nothing is said of the lead to somebody who has not said that it is he, where the campaign wants it so."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from agent.brain.llm import LlmBrain
from agent.brain.local import LocalBrain
from agent.campaign import load_campaign
from agent.moves import End, Move, Say
from agent.opening import call_opening, outbound_opening
from tests.conversation import Conversation, words_of

AT = datetime(2026, 11, 18, 14, 5, tzinfo=ZoneInfo("America/Chicago"))
INSURANCE = load_campaign(Path(__file__).parents[1] / "campaigns" / "insurance.yaml")
CAREFUL = INSURANCE.model_copy(update={"confirm_identity": True})
TEXTED = "just bought a place"
"""What the lead said over text, as a call takes it up."""


class NoModel:
    """A language model that must not be asked."""

    def stream(self, *_: object) -> None:
        """Fails."""
        raise AssertionError("asked a model about somebody who may be a stranger")


def called(*, careful: bool = True, brain: LlmBrain | None = None) -> Conversation:
    """Jordan texted, and we call him; what the persona opens with has been heard."""
    talk = Conversation(CAREFUL if careful else INSURANCE, AT, brain=brain)
    talk.lead("hi, home please, we just bought a house")
    talk.start_call()
    talk.persona([say for say in call_opening(talk.snapshot()) if isinstance(say, Say)])
    return talk


def asks(moves: Sequence[Move]) -> list[str]:
    """What is asked."""
    return [move.asks for move in moves if isinstance(move, Say) and move.asks]


def test_a_call_asks_who_is_there_and_says_nothing_else() -> None:
    """Neither what he told us nor why we call, also while nobody knows who listens."""
    opening = outbound_opening(called().snapshot())
    assert opening.to_a_person == opening.to_anybody == (Say("Am I speaking with Jordan?", asks="identity"),)
    assert TEXTED in words_of(outbound_opening(called(careful=False).snapshot()).to_a_person)


@pytest.mark.parametrize("said", ["Yes.", "Yeah, this is he.", "Speaking.", "This is Jordan.", "Jordan, yes"])
def test_who_says_that_it_is_he_is_told_why_we_call(said: str) -> None:
    """And asked whether he agrees to the recording: his yes was to his name."""
    talk = called()
    moves = talk.lead(said)
    assert TEXTED in words_of(moves)
    assert asks(moves) == ["recording_ok"]
    assert asks(talk.lead("yes, that's fine")) == ["closing_date"]


@pytest.mark.parametrize("said", ["No.", "No, I'm not.", "This isn't him."])
def test_somebody_else_is_told_nothing(said: str) -> None:
    """But how the lead finds us."""
    moves = called().lead(said)
    assert moves[-1] == End("lead_away")
    assert TEXTED not in words_of(moves)


def test_who_does_not_say_is_asked_once_more_and_then_left() -> None:
    """Whatever he says instead: it is not answered from what we know."""
    talk = called()
    first = talk.lead("Who is this? What do you want from him?")
    assert asks(first) == ["identity"]
    assert INSURANCE.reason not in words_of(first)
    assert talk.lead("What do you know about the house?")[-1] == End("lead_away")


def test_he_is_asked_on_every_call_of_ours() -> None:
    """Telephones change hands."""
    talk = called()
    talk.lead("yes")
    talk.start_call()
    assert asks(call_opening(talk.snapshot())) == ["identity"]


def test_a_model_is_not_asked_before_he_has_said_so() -> None:
    """Its prompt would hold all we know."""
    moves = called(brain=LlmBrain(NoModel(), LocalBrain())).lead("What is this about?")  # type: ignore[arg-type]
    assert asks(moves) == ["identity"]


def test_a_caller_with_a_known_number_has_to_say_who_he_is() -> None:
    """Though he has just texted from it."""
    talk = Conversation(CAREFUL, AT)
    talk.lead("hi, home please, we just bought a house")
    talk.start_call(inbound=True)
    assert asks(call_opening(talk.snapshot())) == ["first_name"]
