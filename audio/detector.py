"""One voice detector for all live calls: it judges their windows in batches, off the event loop.

    calls ──20 ms of μ-law──► streams ──windows of 32 ms──► batch, at most one each 8 ms ──► one inference in a thread
      ▲                                                                                            │
      └───────────────────────────── a probability for each window, in order ◄─────────────────────┘

Judging thirty calls' windows at once costs a quarter of judging them one by one. A window that comes alone does not
wait.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import structlog

from audio import mulaw
from audio.engines import VoiceModel
from audio.pcm import SILENT_DB, levels_db
from audio.vad import WINDOW

log = structlog.get_logger(__name__)

BATCH_S = 0.008
"""Batches begin at least this far apart: the most a window waits for others. A quarter of its length."""

_NOTHING = (0.0, SILENT_DB)
Heard = Callable[[float, float], None]
"""Takes the speech probability of a stream's next window and its loudness (dB of full scale), on the event loop."""


class Detector:
    """Judges the windows of every stream it has made."""

    def __init__(self, model: VoiceModel) -> None:
        """Starts nothing: the thread begins with the first window."""
        self._model = model
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="detector")
        self._waiting: dict[LiveStream, None] = {}
        """The streams that have windows to judge, as an ordered set."""
        self._due = False
        """A batch is under way, or its start is scheduled."""
        self._next_at = 0.0

    def stream(self, heard: Heard) -> "LiveStream":
        """A new call's stream."""
        return LiveStream(self, self._model.stream(), heard)

    def close(self) -> None:
        """Ends the thread."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def put(self, stream: "LiveStream") -> None:
        """Queues a stream that has a window to judge."""
        self._waiting[stream] = None
        if not self._due:
            self._schedule()

    def _schedule(self) -> None:
        self._due = True
        loop = asyncio.get_running_loop()
        wait = self._next_at - loop.time()
        if wait > 0:
            loop.call_later(wait, self._start)
        else:
            self._start()

    def _start(self) -> None:
        loop = asyncio.get_running_loop()
        # The oldest window of each: a second one has to wait for what the first does to the model's memory.
        batch = list(self._waiting)
        windows = b"".join([stream.take() for stream in batch])
        # A stream of which more waits is behind its call: it is not kept waiting as well.
        self._waiting = {stream: None for stream in batch if stream.has_window}
        self._next_at = 0.0 if self._waiting else loop.time() + BATCH_S
        self._pool.submit(self._work, loop, batch, windows)

    def _work(self, loop: asyncio.AbstractEventLoop, streams: Sequence["LiveStream"], windows: bytes) -> None:
        """In the thread. Tells the loop itself: futures for each batch would cost a tenth of what judging it does."""
        try:
            verdicts = self._judge(streams, windows)
        except Exception:
            log.exception("voice detection failed")
            verdicts = [_NOTHING] * len(streams)
        with suppress(RuntimeError):  # The server has stopped, and its loop is closed.
            loop.call_soon_threadsafe(self._judged, streams, verdicts)

    def _judge(self, streams: Sequence["LiveStream"], windows: bytes) -> list[tuple[float, float]]:
        pcm = mulaw.decode(windows).reshape(-1, WINDOW)
        probabilities = self._model.hear([stream.memory for stream in streams], pcm)
        return list(zip(probabilities, levels_db(pcm), strict=True))

    def _judged(self, streams: Sequence["LiveStream"], verdicts: Sequence[tuple[float, float]]) -> None:
        self._due = False
        if self._waiting:
            self._schedule()
        for stream, (probability, level_db) in zip(streams, verdicts, strict=True):
            stream.heard(probability, level_db)


class LiveStream:
    """One call's audio on its way through the detector."""

    def __init__(self, detector: Detector, memory: Any, heard: Heard) -> None:
        self._detector = detector
        self.memory = memory
        """The model's stream."""
        self.heard = heard
        self._heard = bytearray()
        """What has not been judged yet, oldest first."""

    @property
    def has_window(self) -> bool:
        """Whether a whole window is to be judged."""
        return len(self._heard) >= WINDOW

    def feed(self, ulaw: bytes) -> None:
        """Takes any number of 8 kHz μ-law bytes. `heard` is told of each window they complete, soon and in order."""
        self._heard += ulaw
        if len(self._heard) >= WINDOW:
            self._detector.put(self)

    def take(self) -> bytes:
        """The oldest window."""
        window = bytes(self._heard[:WINDOW])
        del self._heard[:WINDOW]
        return window

    def close(self) -> None:
        """Nobody listens any more; what is still being judged is for nobody."""
        self.heard = _nobody


def _nobody(probability: float, level_db: float) -> None:
    pass
