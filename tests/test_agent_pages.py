"""What a lead on the browser phone is told, who can be neither rung nor put through."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from conversation import Conversation, words_of
from happenings import NOW

from agent.brain.local import LocalBrain
from agent.campaign import load_campaign
from agent.conversation import respond
from agent.handover_words import nobody_free
from agent.moves import HandOff, Move, Promise
from agent.pages import PREFIX, is_page, offers_contact
from agent.snapshot import Snapshot, Utterance

INSURANCE = load_campaign(Path("campaigns/insurance.yaml"))
PAGE, TELEPHONE = f"{PREFIX}0142", "+13125550142"


class Whole:
    """The local brain with the guards around it, as the server runs it."""

    def reply(self, snapshot: Snapshot, utterance: Utterance) -> AsyncIterator[Move]:
        """The moves."""
        return respond(LocalBrain(), snapshot, utterance)


def talk(number: str, *, called: bool) -> Conversation:
    """A lead who is on a call, or texts."""
    conversation = Conversation(INSURANCE, NOW, number=number, brain=Whole())
    if called:
        conversation.start_call(inbound=True)
        conversation.persona("This is Ava on a recorded line.", asks="recording_ok")
    return conversation


TOLD = {
    True: "From this page I can't put you through or have you rung. Call us from a telephone and I can.",
    False: "Nobody can ring this page. Press Call to talk to me; for a person, call us from a telephone.",
}
ASKS_FOR_A_PERSON = [
    "Let me talk to a real person please",
    "home, no insurance now, in a few weeks",
    "Can somebody call me back tomorrow at five?",
    "Not a good time, call me later",
]


@pytest.mark.parametrize("words", ASKS_FOR_A_PERSON)
@pytest.mark.parametrize("called", [True, False])
def test_nobody_is_offered_to_a_page(words: str, called: bool) -> None:
    """No search, no promise of a call, and no word of either: only what the lead can do himself."""
    moves = talk(PAGE, called=called).lead(words)
    assert not [move for move in moves if isinstance(move, HandOff)]
    assert not [move for move in moves if isinstance(move, Promise) and move.by in {"call", "person"}]
    said = words_of(moves).removesuffix(TOLD[called])
    assert not offers_contact(said), said


def test_a_telephone_is_offered_what_it_was() -> None:
    """The same words from a telephone find a person."""
    moves = talk(TELEPHONE, called=True).lead(ASKS_FOR_A_PERSON[0])
    assert [move for move in moves if isinstance(move, HandOff)]
    assert "Let me find someone for you." in words_of(moves)


@pytest.mark.parametrize("called", [True, False])
def test_a_page_is_told_once_and_told_how(called: bool) -> None:
    """On a call the way is a telephone, in the pane the page's own call is another."""
    assert words_of(talk(PAGE, called=called).lead(ASKS_FOR_A_PERSON[0])) == TOLD[called]


def test_the_ai_still_says_that_it_is_one() -> None:
    """Without the person it would offer anybody else."""
    said = words_of(talk(PAGE, called=True).lead("Are you a robot?"))
    assert said.startswith("I'm an AI assistant with Harbor Lane.")


def test_an_operator_s_transfer_ends_in_the_same_words() -> None:
    """Who is at the console may try it; the lead hears the truth."""
    assert words_of(nobody_free(talk(PAGE, called=True).snapshot())) == TOLD[True]


def test_no_telephone_is_a_page() -> None:
    """An unknown number neither."""
    assert [is_page(number) for number in (PAGE, TELEPHONE, "", None)] == [True, False, False, False]
