"""The stock Pipecat bot under the load test: its standard Twilio pipeline with its inference taken out, on one core.

    python -m benchmarks.baselines.pipecat_load CORE PORT VOICE.ulaw (silero|webrtcvad) (timer|smart_turn)

Recognition, language model and voice answer at once with what was recorded before, as in `benchmarks.load.server`.
Everything else is Pipecat's own and as it comes: FastAPI socket, Twilio serializer at 8 kHz, the aggregators with the
voice detector in them, RTVI and metrics on, 40 ms of audio to a message. With `timer` its speech timeout decides a
turn's end in place of Smart Turn, which is inference too; with `smart_turn` it is as it comes, for what a new call
does to the others.
"""

import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import uvicorn
import webrtcvad
from fastapi import FastAPI, WebSocket
from loguru import logger
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.audio.vad.vad_analyzer import VADAnalyzer
from pipecat.frames.frames import Frame, TranscriptionFrame, TTSAudioRawFrame
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair, LLMUserAggregatorParams
from pipecat.runner.utils import parse_telephony_websocket
from pipecat.services.stt_service import SegmentedSTTService
from pipecat.services.tts_service import TTSService
from pipecat.turns.user_stop import SpeechTimeoutUserTurnStopStrategy
from pipecat.turns.user_turn_strategies import UserTurnStrategies
from pipecat.utils.time import time_now_iso8601

from audio import mulaw
from audio.engines import TELEPHONE_RATE
from benchmarks.baselines.pipecat_bot import Replies, converse
from benchmarks.load.core import take
from benchmarks.load.detectors import FRAME, MODE
from benchmarks.load.inference import HEARD, REPLY

CHUNK_MS = 200
"""Of audio from the voice, as vendors stream it."""


class Recognised(SegmentedSTTService):  # type: ignore[misc]
    """Speech recognition that knows what was said."""

    async def run_stt(self, audio: bytes) -> AsyncGenerator[Frame, None]:
        """The sentence."""
        yield TranscriptionFrame(HEARD, "", time_now_iso8601())


class Recorded(TTSService):  # type: ignore[misc]
    """A voice that was recorded before."""

    def __init__(self, pcm: bytes) -> None:
        super().__init__(push_start_frame=True, push_stop_frames=True, sample_rate=TELEPHONE_RATE)
        self._pcm = pcm

    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Frame, None]:
        """The recording, whatever the text."""
        size = TELEPHONE_RATE * CHUNK_MS // 1000 * 2
        for at in range(0, len(self._pcm), size):
            yield TTSAudioRawFrame(self._pcm[at : at + size], TELEPHONE_RATE, 1, context_id=context_id)


class WebRtcAnalyzer(VADAnalyzer):  # type: ignore[misc]
    """webrtcvad where Silero stands, in windows of its longest frame."""

    def __init__(self) -> None:
        super().__init__(sample_rate=TELEPHONE_RATE)
        self._webrtc = webrtcvad.Vad(MODE)

    def num_frames_required(self) -> int:
        """Samples of a window."""
        return FRAME

    def voice_confidence(self, buffer: bytes) -> float:
        """1 or 0."""
        return float(self._webrtc.is_speech(buffer, TELEPHONE_RATE))


def create_app(voice: Path, detector: str, turn_end: str) -> FastAPI:
    """The bot's server: one pipeline per socket, as Pipecat recommends one per call."""
    app = FastAPI()
    pcm = mulaw.decode(voice.read_bytes()).tobytes()

    @app.websocket("/twilio/media")  # type: ignore[untyped-decorator]
    async def media(socket: WebSocket) -> None:
        await socket.accept()
        _, call = await parse_telephony_websocket(socket)
        services = (Recognised(), Replies([REPLY]), Recorded(pcm))
        await converse(socket, call["stream_id"], services, _aggregators(detector, turn_end), TELEPHONE_RATE)

    return app


def _aggregators(detector: str, turn_end: str) -> LLMContextAggregatorPair:
    params = LLMUserAggregatorParams(vad_analyzer=SileroVADAnalyzer() if detector == "silero" else WebRtcAnalyzer())
    if turn_end == "timer":
        params.user_turn_strategies = UserTurnStrategies(stop=[SpeechTimeoutUserTurnStopStrategy()])
    return LLMContextAggregatorPair(LLMContext(), user_params=params)


def main(core: str, port: str, voice: str, detector: str, turn_end: str) -> None:
    """Serves until terminated, on the given core."""
    take(int(core))
    logger.remove()
    app = create_app(Path(voice), detector, turn_end)
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning", loop="uvloop")


if __name__ == "__main__":
    main(*sys.argv[1:])
