"""The vendors' services an operator has chosen, opened for the server: recogniser, voice and language model."""

import os
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from dotenv import dotenv_values
from pydantic import JsonValue

from agent.brain.model_stream import AnswerError, Failure, ToolChoice
from audio.engines import ModelError, ServiceFailure
from audio.pipecat_services import Kind, ServiceChoice, make, parse
from audio.pool import ENGLISH, Engines
from telephony.settings import Settings

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam
    from openai.types.chat.chat_completion_chunk import ChoiceDelta


def choices(settings: Settings) -> dict[Kind, ServiceChoice]:
    """The services that are set, by kind."""
    named: dict[Kind, tuple[str | None, Mapping[str, JsonValue]]] = {
        "stt": (settings.stt, settings.stt_options),
        "tts": (settings.tts, settings.tts_options),
        "llm": (settings.llm, settings.llm_options),
    }
    return {kind: parse(kind, name, options) for kind, (name, options) in named.items() if name}


def maker(choice: ServiceChoice) -> Callable[[], Any]:
    """Makes the service, with its key from the environment or `.env`. Raises ModelError when called."""
    return partial(make, choice, {**dotenv_values(".env"), **os.environ})


async def front_with_services(engines: Engines, settings: Settings, stack: AsyncExitStack) -> None:
    """Puts the recogniser and the voice that are set in front of the engines' own.

    Raises:
        ModelError, ServiceFailure: if one of them cannot be had.
    """
    chosen = choices(settings)
    if chosen.keys() & {"stt", "tts"}:
        from audio.pipecat_speech import PipecatRecogniser, PipecatVoice  # a second of imports that few want

        engines.languages = settings.engine_languages
        if "stt" in chosen:
            engines.hosted_stt = await _opened(PipecatRecogniser(maker(chosen["stt"])), stack)
        if "tts" in chosen:
            english = settings.engine_languages == ENGLISH
            engines.hosted_tts = await _opened(PipecatVoice(maker(chosen["tts"]), english=english), stack)


async def try_services(settings: Settings) -> dict[Kind, str]:
    """Connects each service that is set and lets it go again; what is wrong with which, by kind."""
    from audio.pipecat_host import Pool

    faults: dict[Kind, str] = {}
    for kind, choice in choices(settings).items():
        pool = Pool(maker(choice))
        try:
            await pool.open()
        except (ModelError, ServiceFailure) as error:
            faults[kind] = str(error)
        finally:
            await pool.close()
    return faults


async def hosted_model(settings: Settings, stack: AsyncExitStack) -> "HostedModel | None":
    """The language model that is set as a service, if one is.

    Raises:
        ModelError, ServiceFailure: if it cannot be had.
    """
    choice = choices(settings).get("llm")
    if choice is None:
        return None
    from audio.pipecat_speech import PipecatModel

    return HostedModel(await _opened(PipecatModel(maker(choice)), stack))


class _Service(Protocol):
    async def open(self) -> None: ...

    async def close(self) -> None: ...


S = TypeVar("S", bound=_Service)


async def _opened(service: S, stack: AsyncExitStack) -> S:
    stack.push_async_callback(service.close)
    await service.open()
    return service


class HostedModel:
    """A hosted service as the brain wants its models. Implements `agent.brain.model_stream.Model`."""

    def __init__(self, service: Any) -> None:
        """`service` is an open `audio.pipecat_speech.PipecatModel`."""
        self._service = service

    async def warm_up(self) -> None:
        """It is connected as soon as it is open."""

    async def close(self) -> None:
        """Whoever opened the service closes it."""

    async def stream(
        self,
        messages: "Sequence[ChatCompletionMessageParam]",
        tools: "Sequence[ChatCompletionToolParam]",
        tool_choice: ToolChoice,
    ) -> "AsyncGenerator[ChoiceDelta | None, None]":
        """See `Model.stream`."""
        from openai.types.chat.chat_completion_chunk import (
            ChoiceDelta,
            ChoiceDeltaToolCall,
            ChoiceDeltaToolCallFunction,
        )

        calls = 0
        try:
            async with aclosing(self._service.stream(messages, tools, tool_choice)) as pieces:
                async for piece in pieces:
                    if isinstance(piece, str):
                        yield ChoiceDelta(content=piece)
                        continue
                    function = ChoiceDeltaToolCallFunction(name=piece.name, arguments=piece.arguments)
                    yield ChoiceDelta(tool_calls=[ChoiceDeltaToolCall(index=calls, id=piece.id, function=function)])
                    calls += 1
        except ServiceFailure as failure:
            raise AnswerError(Failure.BROKEN) from failure
        yield None
