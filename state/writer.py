"""Writes a live call's events to the record, in order, without ever making the call wait."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

import structlog

from state.errors import RecordUnavailable
from state.events import Event
from state.follow import pause
from state.store import Record

log = structlog.get_logger(__name__)

BATCH = 100
"""Events in one append: what piled up goes together, but one script should not hold Redis for long."""


class RecordWriter:
    """The one way from a call to the record.

        async with RecordWriter(record, cid) as writer:
            writer.put(event)

    It owns its task, so cancelling what put an event (a barge-in, a hang-up) never cancels the write. An event
    leaves the queue only after Redis has confirmed it; one that Redis took without the answer arriving is repeated,
    which the record notices.

    Memory: nothing is dropped while Redis is away, so the queue is bounded by what one call can say: a few events a
    turn of about 1 KB each, some megabytes for an hour-long call that never reaches Redis.
    """

    def __init__(
        self, record: Record, cid: str, appended: Callable[[Sequence[Event]], Awaitable[None]] | None = None
    ) -> None:
        self._record = record
        self._cid = cid
        self._appended = appended
        """Told of what the record has just taken, in order."""
        self._pending: deque[Event] = deque()
        self._wake = asyncio.Event()
        self._writing = asyncio.Lock()
        self._closing = False
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "RecordWriter":
        self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def pending(self) -> int:
        """Events not yet confirmed by the record."""
        return len(self._pending)

    def put(self, *events: Event) -> None:
        """Queues events; never blocks.

        Raises:
            RuntimeError: after `close`.
        """
        if self._closing:
            raise RuntimeError("the writer is closed: put every event before closing it")
        self._pending.extend(events)
        self._wake.set()

    def start(self) -> None:
        """Runs the writer in a task of its own, until `close`."""
        if self._task is None:
            self._task = asyncio.create_task(self.run(), name=f"record writer {self._cid}")

    async def run(self) -> None:
        """Writes what is put until `close`. `start` runs it; run it yourself to supervise it."""
        while not self._closing:
            await self._wake.wait()
            self._wake.clear()
            await self._drain()

    async def flush(self) -> None:
        """Returns when what was put so far is in the record."""
        await self._drain()

    async def close(self) -> None:
        """Takes no more events and returns when all are in the record, however long Redis is away.

        Cancelling the wait does not stop a started writer: it goes on until it is done. To bound the wait, put it
        in `asyncio.timeout` and look at `pending`.
        """
        self._closing = True
        self._wake.set()
        if self._task is not None:
            # Unlike awaiting the task, this neither cancels it nor raises because somebody else did.
            await asyncio.wait([self._task])
            if not self._task.cancelled():
                self._task.result()
        await self._drain()

    async def _drain(self) -> None:
        # The lock keeps the order when `close` drains while `run` still does.
        async with self._writing:
            attempt = 0
            while self._pending:
                batch = [event for event, _ in zip(self._pending, range(BATCH), strict=False)]
                try:
                    await self._record.append(self._cid, *batch)
                except RecordUnavailable as error:
                    if attempt == 0:
                        log.warning("events wait for the record", conversation=self._cid, error=str(error))
                    await asyncio.sleep(pause(attempt))
                    attempt += 1
                    continue
                attempt = 0
                for _ in batch:
                    self._pending.popleft()
                if self._appended is not None:
                    await self._appended(batch)
