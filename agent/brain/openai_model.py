"""Any endpoint that speaks OpenAI's chat completions, as a model."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import contextmanager

import openai
from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam, ChatCompletionToolParam
from openai.types.chat.chat_completion_chunk import ChoiceDelta

from agent.brain.model_stream import AnswerError, Failure, Limits, ToolChoice

_CONNECTIONS = type(openai.DEFAULT_CONNECTION_LIMITS)(
    max_connections=openai.DEFAULT_CONNECTION_LIMITS.max_connections,
    max_keepalive_connections=openai.DEFAULT_CONNECTION_LIMITS.max_keepalive_connections,
    keepalive_expiry=300.0,
)
"""The client drops an unused connection after 5 s, and leads think longer: every turn would begin with a handshake."""
_DRAIN_S = 0.05
"""After the model has finished, the end of the body is awaited this long: then the connection can be used again."""


class OpenAiModel:
    """Implements `agent.brain.model_stream.Model`. Closing a stream closes the request, which stops the model."""

    def __init__(self, base_url: str, model: str, api_key: str | None, limits: Limits | None = None) -> None:
        limits = limits or Limits()
        self._model = model
        self._client = openai.AsyncOpenAI(
            base_url=base_url,
            api_key=api_key or "none",  # local servers want none, the client wants some
            max_retries=0,
            timeout=openai.Timeout(limits.total_s, connect=limits.connect_s),
            http_client=openai.DefaultAsyncHttpxClient(limits=_CONNECTIONS),
        )

    async def warm_up(self) -> None:
        """Opens a connection. Any answer will do: not every endpoint can list its models."""
        try:
            await self._client.models.list()
        except openai.OpenAIError:
            pass  # the first turn will find out what is wrong, and say so

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.close()

    async def stream(
        self,
        messages: Sequence[ChatCompletionMessageParam],
        tools: Sequence[ChatCompletionToolParam],
        tool_choice: ToolChoice,
    ) -> AsyncGenerator[ChoiceDelta | None, None]:
        """See `Model.stream`."""
        with _failing_as(Failure.UNREACHABLE):
            stream = await self._client.chat.completions.create(
                model=self._model, messages=messages, tools=tools, tool_choice=tool_choice, stream=True
            )
        async with stream:
            finished = False
            while not finished:
                with _failing_as(Failure.BROKEN):
                    chunk = await anext(stream)
                for choice in chunk.choices or ():
                    if choice.delta.content or choice.delta.tool_calls:
                        yield choice.delta
                    finished = finished or choice.finish_reason is not None
            try:
                yield None
            finally:
                await _drain(stream)  # by now the last clause is on its way to the voice


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
