"""An event loop whose clock runs faster than the world's, so that a minute of conversation takes seconds of test.

What the machine has to do takes no time on it: its clock stands while Redis or a thread works for the loop. So a story
is the same on a busy machine as on a free one, only slower.
"""

import asyncio
import selectors
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager, nullcontext
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from state.connect import Client, connect
from state.store import Record

T = TypeVar("T")
P = ParamSpec("P")

SPEED = 10
"""A loop second lasts a tenth of a real one, or longer on a machine that has others to serve."""
PATIENCE_S = 2.0
"""So long, in the world's seconds, nothing may come of work before time passes all the same."""


class _Impatient(selectors.DefaultSelector):
    """Waits a tenth as long as it is asked to, and keeps the loop's time by it.

    Time passes while the loop waits, and never beyond the moment it waits for: what is scheduled comes at that moment,
    however long the machine took to come back to us, and what the loop has to do meanwhile takes none. While somebody
    works for the loop it waits for him, and no time passes.
    """

    def __init__(self) -> None:
        super().__init__()
        self.passed = 0.0
        self.working = 0
        """How many do."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self.working and timeout != 0:
            return self._wait_for_work(timeout)
        began = time.monotonic()
        ready = super().select(timeout / SPEED if timeout and timeout > 0 else timeout)
        waited = (time.monotonic() - began) * SPEED
        self.passed += waited if timeout is None else min(waited, max(timeout, 0.0))
        return ready

    def _wait_for_work(self, timeout: float | None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(PATIENCE_S)
        if not ready and timeout is not None:
            self.passed += timeout  # who works waits for time to pass himself, as before another attempt
        return ready


class AcceleratedLoop(asyncio.SelectorEventLoop):
    """Sleeps, time-outs and deadlines of `asyncio` pass SPEED times faster."""

    def __init__(self) -> None:
        self._impatient = _Impatient()
        super().__init__(self._impatient)

    def time(self) -> float:
        """Loop seconds, from 0."""
        return self._impatient.passed

    def run_in_executor(self, executor: Any, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:  # type: ignore[override]
        """As usual, and meanwhile no time passes."""
        self._impatient.working += 1
        work = super().run_in_executor(executor, func, *args)
        work.add_done_callback(lambda _: self._stop_working())
        return work

    def _stop_working(self) -> None:
        self._impatient.working -= 1

    @contextmanager
    def standing(self) -> Iterator[None]:
        """No time passes until the block ends."""
        self._impatient.working += 1
        try:
            yield
        finally:
            self._stop_working()


def timeless(work: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """The same work, during which no time passes if the loop is an accelerated one."""

    @wraps(work)
    async def working(*args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        with loop.standing() if isinstance(loop, AcceleratedLoop) else nullcontext():
            return await work(*args, **kwargs)

    return working


def record_at(url: str) -> Record:
    """A record on an accelerated loop, at a Redis that is there all the time: its answers take no time."""
    return Record(_timeless_client(connect(url)))


def _timeless_client(redis: Client) -> Client:
    make = redis.pipeline

    def pipeline(*args: Any, **kwargs: Any) -> Any:
        commands = make(*args, **kwargs)
        commands.execute = timeless(commands.execute)
        return commands

    redis.execute_command = timeless(redis.execute_command)  # type: ignore[method-assign]
    redis.pipeline = pipeline  # type: ignore[method-assign]
    return redis


def run(main: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run` on an accelerated loop."""
    with asyncio.Runner(loop_factory=AcceleratedLoop) as runner:
        return runner.run(main)
