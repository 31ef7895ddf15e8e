"""All speech engines behind one small thread pool, so that no model ever runs on the event loop."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import structlog
from cachetools import TTLCache
from threadpoolctl import threadpool_limits

from audio.background import give_way
from audio.deadlines import DeadlinePool, Due, Served
from audio.detector import Detector
from audio.endpoint import SmartTurn
from audio.engines import (
    TELEPHONE_RATE,
    HostedRecogniser,
    HostedVoice,
    Pcm16,
    ServiceFailure,
    SpeechToText,
    TextToSpeech,
    Transcript,
    TurnDetector,
    VoiceModel,
)
from audio.stt.whisper import Whisper
from audio.tts.hibari import HibariVoice
from audio.vad import SileroModel

log = structlog.get_logger(__name__)

WORKERS = 2
"""Threads. The models release the GIL and use one core each."""
MAX_WAITING = 64
"""Requests under way or waiting. At 50 ms each the last would wait 1.6 s: beyond that an answer is too late anyway."""

KEPT_CLAUSES = 256
KEPT_SECONDS = 600.0
"""How many clauses are kept as spoken, and how long: what a campaign says on every call, and greetings
that are rendered before the audio comes. Some 15 MB at most; there are names in them, so not for longer."""

ENGLISH = ("en",)

TRANSCRIPT, PROSODY, SPEECH = "transcript", "prosody", "speech"
"""What the local engines are asked for."""


@dataclass
class Engines:
    """The loaded engines, shared by all calls. Voices are detected by `detector`, which has a thread of its own.

    What is due first is done first, whichever call asks: the turn that has waited longest, before a guess that is
    wanted later. Each request may raise OverloadError or, if it was not begun while it was of use, TooLateError.

    A hosted recogniser or voice goes before the local one, which does its work when it fails, if callers speak English
    only: the local ones know nothing else. Then its ServiceFailure is raised.
    """

    stt: SpeechToText
    tts: TextToSpeech
    turn_detector: TurnDetector
    vad: VoiceModel
    hosted_stt: HostedRecogniser | None = None
    hosted_tts: HostedVoice | None = None
    languages: tuple[str, ...] = ENGLISH
    """What is understood and spoken on calls, as two-letter codes."""
    served: Callable[[Served], None] = field(default=lambda served: None)
    """Told, in one of the engines' threads, of each piece of local work that is done or dropped."""

    def __post_init__(self) -> None:
        """Makes the pools; their threads begin with the first work."""
        self.detector = Detector(self.vad)
        self._pool = DeadlinePool(WORKERS, MAX_WAITING, "engine", lambda served: self.served(served))
        self._kept: TTLCache[str, Pcm16] = TTLCache(KEPT_CLAUSES, KEPT_SECONDS)

    async def transcribe(self, pcm: Pcm16, hints: Sequence[str] = (), due: Due | None = None) -> Transcript:
        """What 8 kHz `pcm` says. Cancelling frees the place; a decode that began runs out."""
        if self.hosted_stt is not None:
            try:
                return await self.hosted_stt.transcribe(pcm, hints)
            except ServiceFailure as failure:
                self._take_over(failure)
        return await self._pool.run(lambda: self.stt.transcribe(pcm, hints), due, TRANSCRIPT)

    async def synthesize(self, text: str, due: Due | None = None) -> Pcm16:
        """The clause as 8 kHz samples, not to be written to: the same words are kept for whoever says them next."""
        pcm = self._kept.get(text)
        if pcm is None:
            pcm = self._kept[text] = await self._speak(text, due)
        return pcm

    async def _speak(self, text: str, due: Due | None) -> Pcm16:
        if self.hosted_tts is not None:
            try:
                return await self.hosted_tts.synthesize(text)
            except ServiceFailure as failure:
                self._take_over(failure)
        return await self._pool.run(lambda: self.tts.synthesize(text), due, SPEECH)

    async def turn_probability(self, pcm: Pcm16, due: Due | None = None) -> float:
        """Probability, 0..1, that the speaker of 8 kHz `pcm` has finished."""
        return await self._pool.run(lambda: self.turn_detector.probability(pcm), due, PROSODY)

    def _take_over(self, failure: ServiceFailure) -> None:
        if self.languages != ENGLISH:
            raise failure
        log.warning("speech service failed, local engine takes over", error=str(failure))

    def lag_ms(self) -> float:
        """How long requests have had to wait of late, at worst: what this machine is behind with its calls."""
        return self._pool.lag(asyncio.get_running_loop().time()) * 1000

    def close(self) -> None:
        """Drops what waits and ends the threads once they are done with what runs."""
        self.detector.close()
        self._pool.close()


def load_engines(on_progress: Callable[[str], None] = lambda step: None, whisper: str | None = None) -> Engines:
    """Loads every engine and uses it once, so that the first caller waits for nothing. Blocking, about 2 s.

    `on_progress` is told each step in words for a terminal. `whisper` names another recogniser: see `Whisper`.
    Raises ModelError if a model file is missing or is not the one that was tested.
    """
    # In a thread of its own, because recognisers have threads too, which are as nice as the one that starts them.
    with ThreadPoolExecutor(1, thread_name_prefix="loader", initializer=give_way) as loader:
        return loader.submit(_load, on_progress, whisper).result()


def _load(on_progress: Callable[[str], None], whisper: str | None) -> Engines:
    # After the one matrix product of a spectrogram, numpy's BLAS would keep a second core spinning for 80 ms.
    threadpool_limits(limits=1, user_api="blas")
    on_progress("Loading the voice detector (Silero)")
    vad = SileroModel()
    on_progress("Loading speech recognition (Whisper)")
    stt = Whisper(whisper)
    on_progress("Loading the voice (hibari)")
    tts = HibariVoice()
    on_progress("Loading the turn detector (Smart Turn)")
    turn_detector = SmartTurn()
    on_progress("Warming up")
    _warm_up(vad, stt, tts, turn_detector)
    return Engines(stt, tts, turn_detector, vad)


def _warm_up(vad: SileroModel, stt: SpeechToText, tts: TextToSpeech, turn_detector: TurnDetector) -> None:
    """The first run of each engine allocates, reads its dictionaries and takes several times as long as the next."""
    speech = tts.synthesize("Hello, this is a test.")
    second = np.resize(speech, TELEPHONE_RATE)
    vad.stream().feed(second)
    stt.transcribe(second)
    turn_detector.probability(second)
