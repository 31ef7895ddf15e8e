"""The stock Pipecat bot Segue is measured against: its standard Twilio pipeline, with models that run offline.

Built as Pipecat's own Twilio example builds it: FastAPI socket, Twilio serializer, Silero in the user aggregator, the
default turn strategies (VAD and Smart Turn), the Whisper service, a sentence-at-a-time voice, RTVI and metrics on. Its
language model is a stand-in that answers at once with replies it is given, so that what is compared is everything
around the model; or it is Pipecat's own OpenAI service at an endpoint. Whisper reads the very file Segue reads. The
voice is Pipecat's Piper service, or Segue's own voice in Piper's place, which separates the pipeline's share of the
difference from the voice's.

    python -m benchmarks.baselines.pipecat_bot PORT (piper|hibari) REPLIES.json [LLM_BASE_URL]

The file holds an object of lists: the replies of each call, the greeting first, by call SID. It is read anew as each
call begins, so calls can be added to it while the bot runs.
"""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator
from itertools import cycle
from pathlib import Path

import uvicorn
from fastapi import FastAPI, WebSocket
from loguru import logger
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.frames.frames import (
    Frame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMRunFrame,
    LLMTextFrame,
    TTSAudioRawFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import (
    LLMContextAggregatorPair,
    LLMUserAggregatorParams,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.runner.utils import parse_telephony_websocket
from pipecat.serializers.twilio import TwilioFrameSerializer
from pipecat.services.openai.llm import OpenAILLMService
from pipecat.services.piper.tts import PiperTTSService
from pipecat.services.stt_service import STTService
from pipecat.services.tts_service import TTSService
from pipecat.services.whisper.stt import WhisperSTTService
from pipecat.transports.websocket.fastapi import FastAPIWebsocketParams, FastAPIWebsocketTransport
from pipecat.workers.runner import WorkerRunner

from audio.engines import TELEPHONE_RATE
from audio.models import JOE, WHISPER_TINY_EN, verified
from audio.tts.hibari import HibariVoice
from benchmarks.paced_model import MODEL


class Replies(FrameProcessor):  # type: ignore[misc]
    """A language model that knows what it will say: each turn is answered at once with the next reply."""

    def __init__(self, replies: list[str]) -> None:
        super().__init__()
        self._replies = cycle(replies)

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Answers a context; lets everything else pass."""
        await super().process_frame(frame, direction)
        if not isinstance(frame, LLMContextFrame):
            await self.push_frame(frame, direction)
            return
        await self.push_frame(LLMFullResponseStartFrame())
        for word in next(self._replies).split():
            await self.push_frame(LLMTextFrame(f"{word} "))
        await self.push_frame(LLMFullResponseEndFrame())


class HibariTTSService(TTSService):  # type: ignore[misc]
    """Segue's voice as a Pipecat service, hosted as the Piper service hosts its own: a thread per sentence."""

    def __init__(self, voice: HibariVoice) -> None:
        super().__init__(push_start_frame=True, push_stop_frames=True, sample_rate=TELEPHONE_RATE)
        self._voice = voice

    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Frame, None]:
        """Speaks a sentence."""
        pcm = await asyncio.to_thread(self._voice.synthesize, text)
        yield TTSAudioRawFrame(pcm.tobytes(), TELEPHONE_RATE, 1, context_id=context_id)


MODEL_RATE = 16_000
"""Not the 8 kHz of Pipecat's Twilio guide: its Whisper service and Smart Turn read what they are given as 16 kHz, and
would hear every caller at double speed. The serializer resamples."""
PROMPT = {
    "role": "system",
    "content": "You are on the telephone. Answer in short, plain sentences.",
}
UNSCRIPTED = ["Hello, how can I help you?"]
"""What is said in a call the file does not name."""


def create_app(voice: str, replies: Path, llm_base_url: str | None = None) -> FastAPI:
    """The bot's server: one pipeline per socket at /twilio/media, as Pipecat recommends one per call."""
    app = FastAPI()
    hibari = HibariVoice() if voice == "hibari" else None

    def speaker() -> TTSService:
        if hibari is not None:
            return HibariTTSService(hibari)
        model = verified(JOE)
        return PiperTTSService(download_dir=model.parent, settings=PiperTTSService.Settings(voice=model.stem))

    def thinker(call: str) -> FrameProcessor:
        if llm_base_url is not None:
            settings = OpenAILLMService.Settings(model=MODEL)
            return OpenAILLMService(api_key="none", base_url=llm_base_url, settings=settings)
        return Replies(json.loads(replies.read_text()).get(call) or UNSCRIPTED)

    @app.websocket("/twilio/media")  # type: ignore[untyped-decorator]
    async def media(socket: WebSocket) -> None:
        await socket.accept()
        _, call = await parse_telephony_websocket(socket)
        aggregators = LLMContextAggregatorPair(
            LLMContext([PROMPT]), user_params=LLMUserAggregatorParams(vad_analyzer=SileroVADAnalyzer())
        )
        services = (whisper(), thinker(call["call_id"]), speaker())
        await converse(socket, call["stream_id"], services, aggregators, MODEL_RATE)

    return app


def whisper() -> STTService:
    """Pipecat's own service, with the very file Segue reads."""
    return WhisperSTTService(
        device="cpu",
        compute_type="int8",
        settings=WhisperSTTService.Settings(model=str(verified(WHISPER_TINY_EN).parent)),
    )


async def converse(
    socket: WebSocket,
    stream: str,
    services: tuple[STTService, FrameProcessor, TTSService],
    aggregators: LLMContextAggregatorPair,
    heard_rate: int,
) -> None:
    """Runs the standard pipeline around these services until the caller hangs up; they hear `heard_rate` Hz."""
    stt, llm, voice = services
    serializer = TwilioFrameSerializer(stream, params=TwilioFrameSerializer.InputParams(auto_hang_up=False))
    transport = FastAPIWebsocketTransport(
        socket,
        FastAPIWebsocketParams(
            audio_in_enabled=True, audio_out_enabled=True, add_wav_header=False, serializer=serializer
        ),
    )
    pipeline = Pipeline(
        [
            transport.input(),
            stt,
            aggregators.user(),
            llm,
            voice,
            transport.output(),
            aggregators.assistant(),
        ]
    )
    worker = PipelineWorker(
        pipeline,
        params=PipelineParams(
            audio_in_sample_rate=heard_rate,
            audio_out_sample_rate=TELEPHONE_RATE,
            enable_metrics=True,
            enable_usage_metrics=True,
        ),
    )

    @transport.event_handler("on_client_connected")  # type: ignore[untyped-decorator]
    async def greet(transport: FastAPIWebsocketTransport, client: WebSocket) -> None:
        await worker.queue_frames([LLMRunFrame()])

    @transport.event_handler("on_client_disconnected")  # type: ignore[untyped-decorator]
    async def leave(transport: FastAPIWebsocketTransport, client: WebSocket) -> None:
        await worker.cancel()

    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    await runner.run()


def main(port: str, voice: str, replies: str, llm_base_url: str | None = None) -> None:
    """Serves until terminated."""
    logger.remove()
    app = create_app(voice, Path(replies), llm_base_url)
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning", loop="uvloop")


if __name__ == "__main__":
    main(*sys.argv[1:])
