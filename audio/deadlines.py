"""A few threads that do what is wanted soonest first, and not at all what is wanted no longer."""

import asyncio
import math
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from queue import Empty, PriorityQueue
from typing import Any, NamedTuple, TypeVar

from audio.background import give_way

LAG_SECONDS = 5.0
"""How far back `lag` looks."""

_T = TypeVar("_T")


class Due(NamedTuple):
    """When an answer is wanted, and when it is of no use any more. Seconds on the event loop's clock."""

    at: float
    until: float = math.inf


class Fate(StrEnum):
    """What became of a piece of work."""

    DONE = "done"
    LATE = "late"
    """It could not be begun while it was of use."""
    UNWANTED = "unwanted"
    """Nobody awaited it any more when its turn came."""


class Served(NamedTuple):
    """One piece of work, when it has left the queue."""

    kind: str
    fate: Fate
    waited_s: float
    took_s: float
    """By the clock: more than its share of a processor when other work wants that too."""


class OverloadError(Exception):
    """More work waits for the engines than could be done in time: this machine carries too many calls."""


class TooLateError(Exception):
    """The work was not begun while it was of use, and was not done."""


@dataclass(order=True, slots=True)
class _Job:
    """Ordered by when it is due; of two that are due together the older comes first."""

    at: float
    number: int
    kind: str = field(compare=False)
    until: float = field(compare=False)
    work: Callable[[], Any] = field(compare=False)
    clock: Callable[[], float] = field(compare=False)
    asked: float = field(compare=False)
    result: "Future[Any]" = field(default_factory=Future, compare=False)


class DeadlinePool:
    """Runs blocking work in `workers` threads, by deadline. They give way to the event loop.

    Cancelling who awaits takes the work out of the queue; what has begun runs to its end. At most `limit` pieces of
    work are under way or waiting. For use from event loops, one or several.
    """

    def __init__(
        self, workers: int, limit: int, name: str, served: Callable[[Served], None] = lambda served: None
    ) -> None:
        """`served` is told of each piece of work that leaves the queue, in the thread that took it out."""
        self._served = served
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix=name, initializer=give_way)
        self._limit = limit
        self._jobs: PriorityQueue[_Job] = PriorityQueue()
        self._numbers = count()
        self._under_way = 0
        self._waiting: dict[int, float] = {}
        """By job, since when it waits."""
        self._waits: deque[tuple[float, float]] = deque(maxlen=limit)
        """When work was begun, and how long it had waited by then. Threads write it, and appending is atomic."""

    async def run(self, work: Callable[[], _T], due: Due | None = None, kind: str = "work") -> _T:
        """What `work` returns or raises. Without a `due` it is wanted now; `kind` is what `served` is told it is.

        Raises:
            OverloadError: if too much waits already.
            TooLateError: if it could not be begun before `due.until`.
        """
        if self._under_way >= self._limit:
            raise OverloadError(f"{self._limit} requests already wait for the speech engines: take fewer calls at once")
        clock = asyncio.get_running_loop().time
        due = due or Due(clock())
        job = _Job(due.at, next(self._numbers), kind, due.until, work, clock, clock())
        self._under_way += 1
        self._waiting[job.number] = job.asked
        try:
            self._jobs.put(job)
            self._threads.submit(self._serve_next)
            done: _T = await asyncio.wrap_future(job.result)
            return done
        finally:
            self._under_way -= 1
            self._waiting.pop(job.number, None)

    def lag(self, now: float) -> float:
        """How long, in seconds, work has had to wait of late: the longest wait of what was begun in the last
        `LAG_SECONDS` or still waits. `now` is on the event loop's clock."""
        begun = (waited for at, waited in self._waits if now - at <= LAG_SECONDS)
        waiting = (now - asked for asked in self._waiting.values())
        return max([*begun, *waiting], default=0.0)

    def close(self) -> None:
        """Drops what waits and ends the threads once they are done with what runs."""
        with suppress(Empty):
            while True:
                self._jobs.get_nowait().result.cancel()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _serve_next(self) -> None:
        """Does one job, whichever is due first by now: there are as many of these calls as there are jobs."""
        try:
            job = self._jobs.get_nowait()
        except Empty:
            return  # The pool was closed meanwhile.
        now = job.clock()
        fate = self._serve(job, now)
        self._served(Served(job.kind, fate, now - job.asked, job.clock() - now))

    def _serve(self, job: _Job, now: float) -> Fate:
        if not job.result.set_running_or_notify_cancel():
            return Fate.UNWANTED
        self._waiting.pop(job.number, None)
        self._waits.append((now, now - job.asked))
        if now > job.until:
            job.result.set_exception(TooLateError("the speech engines are behind: take fewer calls at once"))
            return Fate.LATE
        try:
            job.result.set_result(job.work())
        except BaseException as error:
            job.result.set_exception(error)
        return Fate.DONE
