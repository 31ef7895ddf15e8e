"""One voice detector for all live calls: it judges their windows in batches, off the event loop.

    calls ──20 ms of μ-law──► streams ──windows of 32 ms──► batch, at most one each 8 ms ──► one inference in a thread
      ▲                                                                                            │
      └───────────────────────────── a probability for each window, in order ◄─────────────────────┘

Judging fifty calls' windows at once costs a third of judging them one by one. A window that comes alone does not wait.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import structlog

from audio import mulaw
from audio.engines import VoiceModel
from audio.vad import WINDOW

log = structlog.get_logger(__name__)

BATCH_S = 0.008
"""Batches begin at least this far apart: the most a window waits for others. A quarter of its length."""

Heard = Callable[[float], None]
"""Takes the speech probability of a stream's next window, on the event loop."""


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

    def put(self, stream: "LiveStream", window: bytes) -> None:
        """Queues a window."""
        stream.waiting.append(window)
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
        batch = self._take()
        # A stream of which more waits is behind its call: it is not kept waiting as well.
        self._next_at = 0.0 if self._waiting else loop.time() + BATCH_S
        work = loop.run_in_executor(self._pool, self._judge, batch)
        work.add_done_callback(partial(self._judged, [stream for stream, _ in batch]))

    def _take(self) -> list[tuple["LiveStream", bytes]]:
        """The oldest window of each stream: a second one has to wait for what the first does to the model's memory."""
        streams, self._waiting = self._waiting, {}
        batch = [(stream, stream.waiting.popleft()) for stream in streams]
        # Not a look at every window that waits: after a stall that would be a second one.
        self._waiting = {stream: None for stream in streams if stream.waiting}
        return batch

    def _judge(self, batch: Sequence[tuple["LiveStream", bytes]]) -> Sequence[float]:
        samples = mulaw.decode(b"".join(window for _, window in batch)).reshape(-1, WINDOW)
        return self._model.hear([(stream.memory, row) for (stream, _), row in zip(batch, samples, strict=True)])

    def _judged(self, streams: Sequence["LiveStream"], work: asyncio.Future[Sequence[float]]) -> None:
        self._due = False
        if work.cancelled():
            return  # The server is stopping.
        if error := work.exception():
            log.error("voice detection failed", exc_info=error)
        probabilities = [0.0] * len(streams) if error else work.result()
        if self._waiting:
            self._schedule()
        for stream, probability in zip(streams, probabilities, strict=True):
            stream.heard(probability)


class LiveStream:
    """One call's audio on its way through the detector."""

    def __init__(self, detector: Detector, memory: Any, heard: Heard) -> None:
        self._detector = detector
        self.memory = memory
        """The model's stream."""
        self.heard = heard
        self._rest = b""
        self.waiting: deque[bytes] = deque()
        """Windows that are to be judged, oldest first."""

    def feed(self, ulaw: bytes) -> None:
        """Takes any number of 8 kHz μ-law bytes. `heard` is told of each window they complete, soon and in order."""
        self._rest += ulaw
        while len(self._rest) >= WINDOW:
            window, self._rest = self._rest[:WINDOW], self._rest[WINDOW:]
            self._detector.put(self, window)

    def close(self) -> None:
        """Nobody listens any more; what is still being judged is for nobody."""
        self.heard = _nobody


def _nobody(probability: float) -> None:
    pass
