"""What a process does itself, at once, because of what has just happened in it.

By way of the queue it would come back over Redis, to any process, and cost more than the work. Nothing depends on an
errand: what is to be done stands in the record, and if its process dies the sweeper of another finds the hint. When a
process has enough to do, the queue takes the rest.

Somebody waits for most of them; what nobody waits for goes behind those.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager, suppress

import structlog

log = structlog.get_logger(__name__)

AT_ONCE = 32
"""Errands a process is at; each may wait for the carrier."""
PATIENT_AT_ONCE = AT_ONCE // 2
"""Of those: the others find room at once."""
MOST = 512
"""Those that wait included: some seconds' work. What comes on top is for whoever has time."""
FINISH_S = 10.0
"""How long a process that ends waits for those it has taken; a carrier's answer takes no longer."""

CALM_WITHIN_S = 2.0
"""How long whoever brings more is kept waiting; nobody's request runs into a time-out for that."""

Work = Callable[..., Awaitable[None]]
Errand = tuple[str, ...]
"""Its name and arguments."""


class Errands:
    """Those of one process. Until it is `open` it takes none."""

    def __init__(self) -> None:
        self._work: Mapping[str, Work] = {}
        self._patient: Collection[str] = ()
        self._is_open = False
        self._waiting: dict[bool, deque[Errand]] = {patient: deque() for patient in (False, True)}
        self._known: set[Errand] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._patient_tasks = 0
        self._calm = asyncio.Event()
        self._calm.set()

    @asynccontextmanager
    async def open(self, work: Mapping[str, Work], patient: Collection[str] = ()) -> AsyncIterator[None]:
        """Takes errands of these names until the block ends, and then finishes those it has taken.

        Those named `patient` begin when none of the others waits.
        """
        self._work, self._patient, self._is_open = work, patient, True
        try:
            yield
        finally:
            self._is_open = False
            await self._finish()

    def start(self, name: str, *args: str) -> bool:
        """Begins an errand, unless the same is about to begin. False if there is no room for it here."""
        errand = (name, *args)
        if errand in self._known:
            return True
        if (
            not self._is_open
            or name not in self._work
            or len(self._tasks) + sum(map(len, self._waiting.values())) >= MOST
        ):
            return False
        self._known.add(errand)
        self._waiting[name in self._patient].append(errand)
        self._begin()
        return True

    @property
    def busy(self) -> bool:
        """Whether it is at one that somebody waits for."""
        return len(self._tasks) > self._patient_tasks

    async def calm(self) -> None:
        """Waits until none waits that somebody waits for, but not for ever: for who would bring more of them."""
        if not self._calm.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(CALM_WITHIN_S):
                    await self._calm.wait()

    def _begin(self) -> None:
        while len(self._tasks) < AT_ONCE and (errand := self._next()):
            task = asyncio.create_task(self._run(errand), name=f"errand {errand[0]}")
            self._tasks.add(task)
            task.add_done_callback(self._done)
        if self._waiting[False]:
            self._calm.clear()
        else:
            self._calm.set()

    def _next(self) -> Errand | None:
        if self._waiting[False]:
            return self._waiting[False].popleft()
        if self._waiting[True] and self._patient_tasks < PATIENT_AT_ONCE:
            self._patient_tasks += 1
            return self._waiting[True].popleft()
        return None

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._begin()

    async def _run(self, errand: Errand) -> None:
        # Before it looks at the record: what is asked for from here on may need another look.
        self._known.discard(errand)
        try:
            await self._work[errand[0]](*errand[1:])
        except Exception:
            log.exception("errand failed, the sweeper will find what is left", errand=errand[0])
        finally:
            self._patient_tasks -= errand[0] in self._patient

    async def _finish(self) -> None:
        try:
            async with asyncio.timeout(FINISH_S):
                while self._tasks:
                    await asyncio.wait(self._tasks)
        except TimeoutError:
            for waiting in self._waiting.values():
                waiting.clear()
            self._calm.set()
            for task in self._tasks:
                task.cancel()
