"""A turn being made, and where its time went."""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import numpy as np
import pytest

from agent.moves import End, Learn, Move, Say
from audio.deadlines import Due
from audio.engines import Pcm16
from audio.playout import Heard
from audio.pool import Engines
from state.view import View
from telephony.live.reply import APOLOGY, Reply, Timeline

pytestmark = pytest.mark.anyio


class Voice:
    """Speaks a sample a word, and notes what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def synthesize(self, text: str, due: Due) -> Pcm16:
        """A sample a word."""
        self.asked.append(text)
        return np.zeros(len(text.split()), np.int16)


async def moves(*made: Move) -> AsyncIterator[Move]:
    """A brain's stream."""
    for move in made:
        yield move


async def settle() -> None:
    """Lets every task that can go on go on."""
    for _ in range(20):
        await asyncio.sleep(0)


@asynccontextmanager
async def prepared(reply: Reply, *made: Move) -> AsyncIterator[tuple[Voice, list[str]]]:
    """Starts the work on a reply, as far as it goes without its release; waits for it to end."""
    voice, played = Voice(), list[str]()
    async with asyncio.TaskGroup() as group:
        reply.start(group, moves(*made), cast("Engines", voice), lambda _, text, __: played.append(text))
        await settle()
        yield voice, played


async def test_a_held_reply_has_its_first_clause_and_plays_nothing() -> None:
    """One clause is synthesised ahead, no more: what is thrown away should be cheap."""
    reply = Reply(1, View())
    async with prepared(reply, Say("Condo, thanks."), Say("When do you close?", "closing_date")) as (voice, played):
        assert voice.asked == ["Condo, thanks."]
        assert played == []
        assert not reply.complete
        reply.end()
    assert played == []


async def test_the_release_lets_it_speak_to_its_end() -> None:
    """In order, clause by clause."""
    reply = Reply(1, View())
    async with prepared(reply, Say("Condo, thanks."), Say("When do you close?", "closing_date")) as (_, played):
        reply.release()
    assert played == ["Condo, thanks.", "When do you close?"]
    assert reply.complete
    assert (reply.text, reply.asks) == ("Condo, thanks. When do you close?", "closing_date")


async def test_facts_alone_make_a_turn_too() -> None:
    """A move that says nothing completes without playing."""
    reply = Reply(1, View())
    async with prepared(reply, Learn("zip", "60614")) as (_, played):
        reply.release()
    assert (reply.complete, played, reply.text) == (True, [], "")


@pytest.mark.parametrize("released", [True, False])
async def test_a_turn_that_is_over_leaves_nothing_to_collect(released: bool) -> None:
    """Whether it was said or thrown away: with many calls the collector's round would hold up their frames."""
    gc.disable()
    try:
        view = View()
        reply, known = Reply(1, view), weakref.ref(view)
        async with prepared(reply, Say("Condo, thanks.")):
            reply.release() if released else reply.end()
        await settle()
        del reply, view
        assert known() is None
    finally:
        gc.enable()


async def test_a_brain_without_moves_apologises() -> None:
    """Silence is never the answer."""
    reply = Reply(1, View())
    async with prepared(reply) as (_, played):
        reply.release()
    assert " ".join(played) == APOLOGY


def test_a_turn_only_moves_forward() -> None:
    """What was thrown away is not said after all, and what is said is not held again."""
    reply = Reply(1, View())
    reply.release()
    reply.settle()
    with pytest.raises(AssertionError, match="SETTLED"):
        reply.release()
    reply.end()
    with pytest.raises(AssertionError, match="OVER"):
        reply.release()


def test_the_rest_of_a_turn_that_was_cut_is_what_was_not_heard() -> None:
    """And the end of the call, if it was to end it."""
    reply = Reply(1, View(), moves=[Say("All right."), Say("Goodbye for now."), End("done")])
    assert reply.rest(Heard("All right. Goodbye", 900, complete=False)) == [Say("for now."), End("done")]
    assert reply.rest(Heard(reply.text, 2000, complete=True)) == []


def test_work_that_was_done_during_the_wait_costs_nothing() -> None:
    """Parts count only what held up the turn, and sum to the gap."""
    times = Timeline(speech_ended=1000, wait_ms=200, transcribed=1120, replied=1122, spoken=1150, sent=1205)
    timing = times.timing()
    assert timing is not None
    assert (timing.gap, timing.wait, timing.transcript, timing.reply, timing.speech, timing.send) == (
        *(205, 200, 0, 0, 0),
        5,
    )


def test_late_work_is_charged_to_the_step_that_was_late() -> None:
    """A slow transcript holds up the turn; the steps after it only by what they take themselves."""
    times = Timeline(speech_ended=1000, wait_ms=200, transcribed=1500, replied=1510, spoken=1540, sent=1542)
    timing = times.timing()
    assert timing is not None
    assert (timing.wait, timing.transcript, timing.reply, timing.speech, timing.send) == (200, 300, 10, 30, 2)


def test_a_turn_of_the_personas_own_has_no_gap() -> None:
    """Nobody waited for it."""
    assert Timeline(sent=5).timing() is None
