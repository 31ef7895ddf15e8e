"""When Python's garbage collector looks through everything there is.

Of itself it does so whenever there is a quarter more than the last time. With some hundred conversations in mind that
takes thirty or forty ms, several times a minute and in the middle of whatever goes on, and it finds next to nothing:
what is done with has been freed by its count of references. So it is done seldom, and when nobody waits.
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

EVERY_S = 60.0
WAITS_S = 10.0
"""How long a moment is sought in which nobody waits. On a busy server there is none, and it is done all the same."""
LOOK_S = 0.01
NEVER = 1_000_000_000
"""In collections of the younger objects, which go on as ever: they take a few ms."""


@asynccontextmanager
async def collecting(busy: Callable[[], bool]) -> AsyncIterator[None]:
    """Has it done so until the block ends. `busy` says whether somebody waits now."""
    usual = gc.get_threshold()
    gc.set_threshold(*usual[:2], NEVER)
    task = asyncio.create_task(_collect(busy), name="garbage")
    try:
        yield
    finally:
        task.cancel()
        gc.set_threshold(*usual)


async def _collect(busy: Callable[[], bool]) -> None:
    clock = asyncio.get_running_loop().time
    while True:
        await asyncio.sleep(EVERY_S)
        late = clock() + WAITS_S
        while busy() and clock() < late:  # noqa: ASYNC110
            await asyncio.sleep(LOOK_S)
        gc.collect()
