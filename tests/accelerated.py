"""An event loop whose clock runs faster than the world's, so that a minute of conversation takes seconds of test."""

import asyncio
import selectors
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

SPEED = 10
"""A loop second lasts a tenth of a real one, or longer on a machine that has others to serve."""


class _Impatient(selectors.DefaultSelector):
    """Waits a tenth as long as it is asked to, and keeps the loop's time by it.

    Time passes while the loop waits, and never beyond the moment it waits for: what is scheduled comes at that moment,
    however long the machine took to come back to us, and what the loop has to do meanwhile takes none. So a story is
    the same on a busy machine, only slower. Redis and the engines take the time they take.
    """

    def __init__(self) -> None:
        super().__init__()
        self.passed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        began = time.monotonic()
        ready = super().select(timeout / SPEED if timeout and timeout > 0 else timeout)
        waited = (time.monotonic() - began) * SPEED
        self.passed += waited if timeout is None else min(waited, max(timeout, 0.0))
        return ready


class AcceleratedLoop(asyncio.SelectorEventLoop):
    """Sleeps, time-outs and deadlines of `asyncio` pass SPEED times faster."""

    def __init__(self) -> None:
        self._impatient = _Impatient()
        super().__init__(self._impatient)

    def time(self) -> float:
        """Loop seconds, from 0."""
        return self._impatient.passed


def run(main: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run` on an accelerated loop."""
    with asyncio.Runner(loop_factory=AcceleratedLoop) as runner:
        return runner.run(main)
