"""One streamed answer of a model: the contract of models, how long they may take, and the one kind of error."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam
    from openai.types.chat.chat_completion_chunk import ChoiceDelta

T = TypeVar("T")

ToolChoice = Literal["auto", "none"]


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


class Model(Protocol):
    """A language model, wherever it runs. Holds connections, but nothing of any conversation."""

    def stream(
        self,
        messages: "Sequence[ChatCompletionMessageParam]",
        tools: "Sequence[ChatCompletionToolParam]",
        tool_choice: ToolChoice,
    ) -> "AsyncGenerator[ChoiceDelta | None, None]":
        """The pieces of one answer that carry text or tool calls; None last, when the model has finished.

        A stream that ends without the None is an answer that broke off. Closing it stops the model.

        Raises:
            AnswerError: if no complete answer can be had.
        """
        ...

    async def warm_up(self) -> None:
        """Makes the next request as quick as those after it. Whether the model answers is not its concern."""
        ...

    async def close(self) -> None:
        """Closes the connections."""
        ...


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


async def deltas(
    stream: "AsyncGenerator[ChoiceDelta | None, None]", patience: Patience
) -> "AsyncGenerator[ChoiceDelta, None]":
    """The pieces of an answer, each in its time, until the model has finished. Closing it closes the stream.

    Raises:
        AnswerError: if the model does not come to that, or not in time.
    """
    patience.expect_first()
    async with aclosing(stream):
        while True:
            try:
                piece = await patience.wait(anext(stream))
            except StopAsyncIteration:
                raise AnswerError(Failure.BROKEN) from None
            if piece is None:
                return
            patience.heard()
            yield piece
