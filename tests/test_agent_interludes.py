"""The persona's small courtesies."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent import interludes
from agent.campaign import load_campaign
from agent.guard.language import Proposal
from agent.moves import End, Move, Say
from state.events import Channel
from state.view import Line, View

CAMPAIGN = load_campaign(Path("campaigns/insurance.yaml"))
AT = datetime(2026, 11, 18, 20, 5, tzinfo=UTC)


def asked(key: str | None) -> View:
    """A view in which the persona's last turn put a question."""
    line = Line(channel=Channel.VOICE, who="persona", text="…", at=AT, event="turn:1", asks=key)
    return View(thread=(line,))


def words(moves: list[Move]) -> str:
    """What is said."""
    return " ".join(move.text for move in moves if isinstance(move, Say))


@pytest.mark.parametrize("proposal", Proposal)
def test_spanish_is_offered_by_text_or_with_a_person(proposal: Proposal) -> None:
    """The voice itself speaks English only."""
    said = words(interludes.in_spanish(proposal))
    assert "Spanish" in said
    assert "by text" in said
    assert "who speaks Spanish" in said or "with a person" in said


def test_the_first_silence_repeats_the_open_question() -> None:
    """In the campaign's words, and it counts as asked."""
    moves = interludes.still_there(asked("property_type"), CAMPAIGN, 1)
    assert isinstance(moves[-1], Say)
    assert moves[-1].asks == "property_type"
    assert words(moves).startswith("Take your time.")


def test_without_a_question_the_line_is_checked() -> None:
    """So it is at the second silence."""
    assert words(interludes.still_there(asked(None), CAMPAIGN, 1)) == "Are you still there?"
    assert words(interludes.still_there(asked("property_type"), CAMPAIGN, 2)) == "Are you still there?"
    assert words(interludes.still_there(asked(None), CAMPAIGN, 2)) == "Hello? Can you hear me?"


def test_the_last_silence_ends_the_call() -> None:
    """Politely, and with a way back."""
    moves = interludes.still_there(View(), CAMPAIGN, interludes.IDLE_LIMIT)
    assert isinstance(moves[-1], End)
    assert "text me" in words(moves)


def test_what_was_not_understood_is_asked_again() -> None:
    """With the question that was open, if one was."""
    assert words(interludes.unheard(View(), CAMPAIGN)) == "Sorry, I didn't catch that."
    assert words(interludes.unheard(asked("property_type"), CAMPAIGN)).endswith("?")


def test_the_wait_for_an_agent_is_filled_without_repeating_itself() -> None:
    """Two silences in a row hear different words, and none is a question."""
    said = [words(interludes.finding_agent(times)) for times in (1, 2, 3)]
    assert len(set(said)) == 3
    assert not any("?" in text for text in said)


def test_a_stop_is_acknowledged_and_the_call_is_over() -> None:
    """One sentence, no question."""
    moves = interludes.stopped()
    assert isinstance(moves[-1], End)
    assert "?" not in words(moves)
