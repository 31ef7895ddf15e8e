"""Pipecat's recognisers, voices and language models behind contracts of ours, each on a pool of hosted services."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pipecat.adapters.llm.schemas.function_schema import FunctionSchema
from pipecat.adapters.llm.schemas.tools_schema import ToolsSchema
from pipecat.frames.frames import (
    FunctionCallResultProperties,
    FunctionCallsStartedFrame,
    InputAudioRawFrame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    LLMTextFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
    TTSSpeakFrame,
    TTSStoppedFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.services.llm_service import FunctionCallParams

from audio.engines import TELEPHONE_RATE, Pcm16, ServiceFailure, Transcript
from audio.pcm import require_pcm16, to_float, to_pcm16, trim
from audio.pipecat_host import Pool, ServiceHost
from audio.resample import resample
from audio.tts.verbalise import verbalise

CHUNK_MS = 100
"""How much audio goes into one frame."""
STOP_S = 0.2
"""The silence a recogniser is told it has heard; without one, some do not finish what they have."""
SETTLE_S = 0.1
"""After a final transcript of a service that does not say which is its last: so long for another one."""
SLACK_S = 0.5
"""Beyond the time in which a recogniser has nearly always answered: its option `ttfs_p99_latency`, which Pipecat knows
for most vendors."""
SILENT_IN_A_ROW = 2
"""Utterances without an answer after which a recogniser is not taken to have heard nothing, but to be gone."""
SPOKEN_S = 10.0


class _NoAnswerError(ServiceFailure):
    """A recogniser has said nothing about an utterance. What it may yet say must not be taken for the next one's."""


class PipecatRecogniser:
    """Any Pipecat STT service, an utterance at a time. Implements HostedRecogniser."""

    def __init__(self, make: Callable[[], Any]) -> None:
        """`make` gives a new service."""
        self._pool = Pool(make)
        self._silent = 0
        """How many utterances in a row have had no answer."""

    async def open(self) -> None:
        """Connects. Raises ServiceFailure or ModelError."""
        await self._pool.open()

    async def close(self) -> None:
        """Disconnects."""
        await self._pool.close()

    async def transcribe(self, pcm: Pcm16, hints: Sequence[str] = ()) -> Transcript:
        """`pcm` is 8 kHz telephone audio; `hints` belong into the service's options (keyterms and the like).

        Cancelled, it hears the utterance to its end and drops it: a recogniser has no way to forget half of one.

        Raises:
            ServiceFailure: if the service fails, or has said nothing for several utterances. One that says nothing
                about a single one has heard nothing.
        """
        try:
            return await asyncio.shield(self._pool.spawn(self._hear(require_pcm16(pcm))))
        except _NoAnswerError:
            self._silent += 1
            if self._silent >= SILENT_IN_A_ROW:
                raise
            return Transcript("", confidence=0.0, no_speech=1.0)

    async def _hear(self, pcm: Pcm16) -> Transcript:
        async with self._pool.lease() as host:
            rate = rate_of(host)
            audio = resample(pcm, TELEPHONE_RATE, rate)
            await host.send(VADUserStartedSpeakingFrame(start_secs=STOP_S))
            step = rate * CHUNK_MS // 1000
            for start in range(0, len(audio), step):
                await host.send(InputAudioRawFrame(audio[start : start + step].tobytes(), rate, 1))
            await host.send(VADUserStoppedSpeakingFrame(stop_secs=STOP_S))
            text = await _final_text(host)
        self._silent = 0
        return Transcript(text, confidence=0.0, no_speech=0.0 if text else 1.0)


async def _final_text(host: ServiceHost) -> str:
    """Everything it heard: up to the transcript marked as the last, or until no other comes.

    Raises _NoAnswerError if none came at all.
    """
    parts: list[str] = []
    patience_s = host.service.service_metadata_frame().ttfs_p99_latency + SLACK_S
    while True:
        try:
            async with asyncio.timeout(SETTLE_S if parts else patience_s):
                frame = await host.receive()
        except TimeoutError:
            if not parts:
                raise _NoAnswerError(f"{host.service.name} gave no transcript within {patience_s:g} s") from None
            break
        if isinstance(frame, TranscriptionFrame):
            parts.append(frame.text.strip())
            if frame.finalized:
                break
    return " ".join(part for part in parts if part)


def rate_of(host: ServiceHost) -> int:
    """The Hz a service works at. Raises ServiceFailure for one that is not set, rather than guess."""
    rate: int = host.service.sample_rate
    if rate < TELEPHONE_RATE:
        raise ServiceFailure(f"{host.service.name} names no sample rate it could be given")
    return rate


class PipecatVoice:
    """Any Pipecat TTS service, a clause at a time. Implements HostedVoice."""

    def __init__(self, make: Callable[[], Any], *, english: bool = True) -> None:
        """`make` gives a new service. Numbers are written out for a voice that speaks `english` only."""
        self._pool = Pool(make)
        self._english = english

    async def open(self) -> None:
        """Connects. Raises ServiceFailure or ModelError."""
        await self._pool.open()

    async def close(self) -> None:
        """Disconnects."""
        await self._pool.close()

    async def synthesize(self, text: str) -> Pcm16:
        """8 kHz samples of the clause, without leading or trailing silence. Cancelling it stops the vendor's work.

        Raises:
            ServiceFailure: if the service fails or takes too long.
        """
        if not any(character.isalnum() for character in text):
            return np.zeros(0, np.int16)
        async with self._pool.lease() as host:
            await host.send(TTSSpeakFrame(verbalise(text) if self._english else text, append_to_context=False))
            try:
                async with asyncio.timeout(SPOKEN_S):
                    frames = await _sound(host)
            except TimeoutError:
                raise ServiceFailure(f"{host.service.name} did not speak within {SPOKEN_S:g} s") from None
        rate = frames[0].sample_rate
        spoken = to_float(np.concatenate([np.frombuffer(frame.audio, np.int16) for frame in frames]))
        return resample(to_pcm16(trim(spoken, rate)), rate, TELEPHONE_RATE)


async def _sound(host: ServiceHost) -> list[TTSAudioRawFrame]:
    """The frames of one clause, of one rate and one channel."""
    frames: list[TTSAudioRawFrame] = []
    while not isinstance(frame := await host.receive(), TTSStoppedFrame):
        if isinstance(frame, TTSAudioRawFrame):
            frames.append(frame)
    formats = {(frame.sample_rate, frame.num_channels) for frame in frames}
    if len(formats) != 1 or {channels for _, channels in formats} != {1}:
        raise ServiceFailure(f"{host.service.name} gave no sound in one format: {sorted(formats)}")
    return frames


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A tool the model calls; `arguments` is JSON."""

    id: str
    name: str
    arguments: str


class PipecatModel:
    """Any Pipecat LLM service: text and tool calls as they come."""

    def __init__(self, make: Callable[[], Any]) -> None:
        """`make` gives a new service."""
        self._pool = Pool(lambda: _with_tools(make()))

    async def open(self) -> None:
        """Connects. Raises ServiceFailure or ModelError."""
        await self._pool.open()

    async def close(self) -> None:
        """Disconnects."""
        await self._pool.close()

    async def stream(
        self, messages: Sequence[Any], tools: Sequence[dict[str, Any]], tool_choice: str
    ) -> AsyncGenerator[str | ToolUse, None]:
        """One answer, to messages and tools as OpenAI's chat completions has them. Ends when the model has finished.

        Closing it interrupts the model.

        Raises:
            ServiceFailure: if the service fails.
        """
        schema = ToolsSchema(standard_tools=[_schema(tool["function"]) for tool in tools])
        context = LLMContext(list(messages), tools=schema, tool_choice=tool_choice)
        async with self._pool.lease() as host:
            await host.send(LLMContextFrame(context))
            while not isinstance(frame := await host.receive(), LLMFullResponseEndFrame):
                if isinstance(frame, LLMTextFrame):
                    yield frame.text
                elif isinstance(frame, FunctionCallsStartedFrame):
                    for call in frame.function_calls:
                        yield ToolUse(call.tool_call_id, call.function_name, json.dumps(dict(call.arguments)))


def _schema(function: dict[str, Any]) -> FunctionSchema:
    parameters = function["parameters"]
    return FunctionSchema(
        name=function["name"],
        description=function.get("description", ""),
        properties=parameters.get("properties", {}),
        required=parameters.get("required", []),
    )


def _with_tools(service: Any) -> Any:
    """What a call means is not the service's to decide: it is taken note of, and the model is not asked again."""

    async def noted(call: FunctionCallParams) -> None:
        await call.result_callback("noted", properties=FunctionCallResultProperties(run_llm=False))

    service.register_function(None, noted)
    return service
