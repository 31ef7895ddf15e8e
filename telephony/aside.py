"""Room for work that nobody waits for, in a process in which others wait.

A text's answer goes a dozen times to Redis and back, and each time the event loop first does a piece of whatever else
is under way. With thirty plans under way that is tenths of a second; with two the lead does not notice.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager

AT_ONCE = 2
"""One would wait for Redis half of its time."""
HOLDS_S = 0.1
"""Who takes longer waits for somebody outside, a carrier say, and not for the processor."""


class Aside:
    """Lets a few at a time work."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(AT_ONCE)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Waits until there is room; makes room for the next when the block ends, or has taken HOLDS_S."""
        await self._room.acquire()
        with ExitStack() as held:
            held.callback(self._room.release)
            held.callback(asyncio.get_running_loop().call_later(HOLDS_S, held.close).cancel)
            yield
