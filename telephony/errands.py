"""What a process does itself, at once, because of what has just happened in it.

By way of the queue it would come back over Redis, to any process, and cost more than the work. Nothing depends on an
errand: what is to be done stands in the record, and if its process dies the sweeper of another finds the hint. When a
process has enough to do, the queue takes the rest.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import structlog

log = structlog.get_logger(__name__)

AT_ONCE = 32
"""Errands a process is at; each may wait for the carrier."""
MOST = 256
"""Those that wait included: some seconds' work. What comes on top is for whoever has time."""
FINISH_S = 10.0
"""How long a process that ends waits for those it has begun; a carrier's answer takes no longer."""

Work = Callable[..., Awaitable[None]]


class Errands:
    """Those of one process. Until it is `open` it takes none."""

    def __init__(self) -> None:
        self._work: Mapping[str, Work] = {}
        self._waiting: set[tuple[str, ...]] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(AT_ONCE)

    @asynccontextmanager
    async def open(self, work: Mapping[str, Work]) -> AsyncIterator[None]:
        """Takes errands of these names until the block ends, and then finishes those it has begun."""
        self._work = work
        try:
            yield
        finally:
            self._work = {}
            if self._tasks:
                _, late = await asyncio.wait(self._tasks, timeout=FINISH_S)
                for task in late:
                    task.cancel()

    def start(self, name: str, *args: str) -> bool:
        """Begins an errand, unless the same is about to begin. False if there is no room for it here."""
        errand = (name, *args)
        if errand in self._waiting:
            return True
        if name not in self._work or len(self._tasks) >= MOST:
            return False
        self._waiting.add(errand)
        task = asyncio.create_task(self._run(self._work[name], errand), name=f"errand {name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def _run(self, work: Work, errand: tuple[str, ...]) -> None:
        async with self._room:
            # Before it looks at the record: what is asked for from here on may need another look.
            self._waiting.discard(errand)
            try:
                await work(*errand[1:])
            except Exception:
                log.exception("errand failed, the sweeper will find what is left", errand=errand[0])
