"""An event loop whose time passes only while it has nothing to do, and then at once."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


STANDSTILL = 100_000
"""Turns of the loop without time passing, after which it is held to spin."""


class _Instant(selectors.DefaultSelector):
    passed = 0.0
    idle_turns = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.passed += max(0.0, timeout or 0.0)
        self.idle_turns = 0 if timeout else self.idle_turns + 1
        if self.idle_turns > STANDSTILL:
            self.idle_turns = 0
            raise RuntimeError(f"time stands still at {self.passed} s: something asks again without waiting")
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """Sleeps take no time, and everything happens at exactly the moment it was scheduled for."""

    def __init__(self) -> None:
        self._instant = _Instant()
        super().__init__(self._instant)

    def time(self) -> float:
        """Seconds, from 0."""
        return self._instant.passed


def run(main: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run` in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
