import asyncio
import math
from collections.abc import AsyncGenerator

import pytest
from openai.types.chat.chat_completion_chunk import ChoiceDelta

from agent.brain.model_stream import AnswerError, Failure, Limits, Patience, deltas

pytestmark = pytest.mark.anyio

PATIENT = 60.0


def limits(first: float = PATIENT, between: float = PATIENT, total: float = PATIENT) -> Limits:
    """Limits of which only these matter."""
    return Limits(connect_s=PATIENT, first_token_s=first, between_tokens_s=between, total_s=total)


def never() -> asyncio.Future[str]:
    """A model that says nothing."""
    return asyncio.get_running_loop().create_future()


def at_once() -> asyncio.Future[str]:
    """A model that has answered already."""
    answer = never()
    answer.set_result("token")
    return answer


async def failure_of(patience: Patience) -> Failure:
    """How waiting for a silent model ends."""
    with pytest.raises(AnswerError) as error:
        await patience.wait(never())
    return error.value.failure


async def test_the_first_token_has_its_own_limit() -> None:
    """Silence before anything was said is a slow start."""
    assert await failure_of(Patience(limits(first=0.01))) is Failure.SLOW_START


async def test_silence_after_a_token_is_a_stall() -> None:
    """From the first token on, the limit between tokens counts."""
    patience = Patience(limits(between=0.01))
    assert await patience.wait(at_once()) == "token"
    patience.heard()
    assert await failure_of(patience) is Failure.STALLED


async def test_the_total_goes_before_what_is_left_of_it() -> None:
    """When the turn's time is nearly used up, that is what is reported."""
    assert await failure_of(Patience(limits(total=0.01))) is Failure.TOO_SLOW


async def test_signs_of_life_without_a_token_use_the_same_patience() -> None:
    """Keep-alives do not make the first token's limit start anew."""
    patience = Patience(limits(first=0.05))

    async def keep_alive() -> None:
        for _ in range(100):
            await patience.wait(asyncio.sleep(0.01))

    with pytest.raises(AnswerError) as error:
        await keep_alive()
    assert error.value.failure is Failure.SLOW_START


async def test_a_new_request_waits_for_its_first_token_again() -> None:
    """The second request of a turn gets the limit of a first token, within the same total."""
    patience = Patience(limits(first=0.01))
    patience.heard()
    patience.expect_first()
    assert await failure_of(patience) is Failure.SLOW_START


async def test_only_waiting_for_the_model_counts() -> None:
    """What the consumer does between two tokens takes nothing from the model's time."""
    patience = Patience(limits(total=0.02))
    await patience.wait(at_once())
    await asyncio.sleep(0.03)
    assert await patience.wait(at_once()) == "token"


async def test_being_cancelled_is_not_being_late() -> None:
    """A cancelled turn stays cancelled: it must not be finished by the rules."""
    waiting = asyncio.create_task(Patience(limits()).wait(never()))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


def test_the_defaults_fit_a_telephone_call() -> None:
    """Every limit is set, and each wait fits into the whole."""
    chosen = Limits()
    assert chosen.connect_s <= chosen.first_token_s <= chosen.total_s
    assert chosen.between_tokens_s <= chosen.total_s < math.inf


async def test_an_answer_without_its_end_broke_off() -> None:
    """Only a model that says it has finished has finished."""

    async def cut() -> AsyncGenerator[ChoiceDelta | None, None]:
        yield ChoiceDelta(content="So")

    with pytest.raises(AnswerError) as error:
        assert [piece.content async for piece in deltas(cut(), Patience(limits()))]
    assert error.value.failure is Failure.BROKEN
