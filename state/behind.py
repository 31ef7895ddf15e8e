"""Writes that may come a moment late, and are then one for all that was wanted meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

LAG_S = 0.25
"""How long they are gathered."""


class Behind:
    """Calls `write` a moment after it is wanted."""

    def __init__(self, write: Callable[[], Awaitable[None]], name: str) -> None:
        """`write` writes all that was gathered by then. It never raises: who gathered it has gone on."""
        self._write = write
        self._name = name
        self._wanted = False
        self._closing = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def soon(self) -> None:
        """Something was gathered."""
        self._wanted = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name=self._name)

    async def now(self) -> None:
        """Writes what is still to be written."""
        if self._wanted:
            self._wanted = False
            await self._write()

    async def close(self) -> None:
        """Writes it, and ends. A write that is under way is waited for: what it holds is gathered nowhere else."""
        self._closing.set()
        if self._task is not None:
            await self._task
        await self.now()

    async def _run(self) -> None:
        while self._wanted:
            with suppress(TimeoutError):
                async with asyncio.timeout(LAG_S):
                    await self._closing.wait()
            await self.now()
