"""An event loop whose clock runs faster than the world's, so that a minute of conversation takes seconds of test."""

import asyncio
import selectors
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

SPEED = 10
"""A loop second lasts a tenth of a real one. Redis and the engines still take the time they take."""


class _Impatient(selectors.DefaultSelector):
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(timeout / SPEED if timeout and timeout > 0 else timeout)


class AcceleratedLoop(asyncio.SelectorEventLoop):
    """Sleeps, time-outs and deadlines of `asyncio` pass SPEED times faster."""

    def __init__(self) -> None:
        super().__init__(_Impatient())

    def time(self) -> float:
        """Loop seconds."""
        return time.monotonic() * SPEED


def run(main: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run` on an accelerated loop."""
    with asyncio.Runner(loop_factory=AcceleratedLoop) as runner:
        return runner.run(main)
