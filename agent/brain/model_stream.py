"""One streamed request to a model: strict time-outs in, pieces of the answer or one kind of error out."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

import openai
from openai.types.chat import ChatCompletionChunk
from openai.types.chat.chat_completion_chunk import ChoiceDelta

T = TypeVar("T")

_DRAIN_S = 0.05
"""After the model has finished, the end of the body is awaited this long: then the connection can be used again."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a model may take, in seconds, and how much it may write, in characters, before the rules take over.

    Only time spent waiting for the model counts, not what the consumer of the moves does between them.
    """

    connect_s: float = 0.5
    first_token_s: float = 1.2
    """From the request to the first text or tool call; a role or a thought is none."""
    between_tokens_s: float = 0.8
    total_s: float = 8.0
    characters: int = 800
    """Of text and tool calls. A longer answer ends there, after its last complete clause."""


class Failure(StrEnum):
    """Why an answer could not be used, or not to its end."""

    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    SLOW_START = "slow_start"
    STALLED = "stalled"
    TOO_SLOW = "too_slow"
    BROKEN = "broken"
    MALFORMED = "malformed"
    EMPTY = "empty"
    NONSENSE = "nonsense"
    """Not the protocol at all; the log has the traceback."""


class AnswerError(Exception):
    """The model's answer ends here and is not complete."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.value)
        self.failure = failure


class Patience:
    """Bounds every wait of one turn: for the first token, between two tokens, and in total over all requests."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._left_s = limits.total_s
        self.expect_first()

    def expect_first(self) -> None:
        """A new request: its first token may take longer than later ones."""
        self._quiet_s, self._late = self._limits.first_token_s, Failure.SLOW_START

    def heard(self) -> None:
        """A token came."""
        self._quiet_s, self._late = self._limits.between_tokens_s, Failure.STALLED

    async def wait(self, awaitable: Awaitable[T]) -> T:
        """Awaits the model's next sign of life.

        Raises:
            AnswerError: when it takes too long.
        """
        loop = asyncio.get_running_loop()
        before = loop.time()
        failure = self._late if self._quiet_s <= self._left_s else Failure.TOO_SLOW
        try:
            async with asyncio.timeout(min(self._quiet_s, self._left_s)):
                return await awaitable
        except TimeoutError:
            raise AnswerError(failure) from None
        finally:
            # What carried no token used the same patience up: keep-alives do not hold a caller.
            waited = loop.time() - before
            self._left_s -= waited
            self._quiet_s -= waited


Request = Awaitable[openai.AsyncStream[ChatCompletionChunk]]


async def deltas(request: Request, patience: Patience) -> AsyncGenerator[ChoiceDelta, None]:
    """The pieces of an answer that carry text or tool calls, until the model says that it has finished.

    Closing the iterator closes the request.

    Raises:
        AnswerError: if the model does not come to that, or not in time.
    """
    patience.expect_first()
    with _failing_as(Failure.UNREACHABLE):
        stream = await patience.wait(request)
    async with stream:
        finished = False
        while not finished:
            with _failing_as(Failure.BROKEN):
                chunk = await patience.wait(anext(stream))
            for choice in chunk.choices or ():
                if choice.delta.content or choice.delta.tool_calls:
                    patience.heard()
                    yield choice.delta
                finished = finished or choice.finish_reason is not None
        await _drain(stream)


async def _drain(stream: openai.AsyncStream[ChatCompletionChunk]) -> None:
    try:
        async with asyncio.timeout(_DRAIN_S):
            async for _ in stream:
                pass
    except (TimeoutError, openai.OpenAIError, ValueError):
        pass  # the answer is complete; only the connection is lost


@contextmanager
def _failing_as(failure: Failure) -> Iterator[None]:
    """Turns what the client raises into the one error of ours. `failure` names a lost connection."""
    try:
        yield
    except openai.APIStatusError as error:
        raise AnswerError(Failure.REFUSED) from error
    except (openai.OpenAIError, ValueError, StopAsyncIteration) as error:
        # ValueError: a piece that is no JSON. StopAsyncIteration: the body ended before the model had finished.
        raise AnswerError(failure) from error
