"""Whether one more call may begin: by the slots there are, and by how late this process runs already.

A call that begins holds a slot before its audio comes: an inbound one from the webhook on, one of ours from before it
is dialled. What is refused has a way on: an inbound call an apology and a text, one of ours a later time. A call that
has its slot is never refused, so those in progress are unharmed.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from telephony.process.slots import Slots

CALLS_PER_CORE = 10
"""With the engines on this machine: twelve at once on two cores answer as fast as one, forty do not."""
LOOP_LATE_MS = 20.0
"""An event loop this late sends frames late."""
ENGINES_LATE_MS = 500.0
"""Engines this late answer after the pause in which the answer was to be ready."""
RESUME_SECONDS = 30.0
"""A call whose audio broke keeps its slot for so long: the carrier brings it back."""


class Full(StrEnum):
    """Why there is no room."""

    SLOTS = "every slot is taken"
    LOOP = "the event loop is late"
    ENGINES = "the engines are late"
    DRAINING = "this process is about to end"


@dataclass(frozen=True, slots=True)
class Lag:
    """How late this process runs, ms."""

    loop_ms: float = 0.0
    engines_ms: float = 0.0


def most_calls(cores: int) -> int:
    """How many calls a machine with the engines on it takes, unless it is told otherwise."""
    return CALLS_PER_CORE * cores


class Admission:
    """What one process lets begin.

    Args:
        most: how many slots there are, in all processes that share `slots`.
        lag: asked when a call wants to begin.
        clock: seconds, monotonic, the same in all those processes.
        slots: where they are kept; a table of this process's own if None.
    """

    def __init__(
        self,
        most: int = most_calls(os.cpu_count() or 1),
        lag: Callable[[], Lag] = Lag,
        clock: Callable[[], float] = time.monotonic,
        slots: Slots | None = None,
    ) -> None:
        self.most = most
        """How many slots there are."""
        self._lag = lag
        self._clock = clock
        self._slots = slots or Slots()
        self.draining = False
        """No call begins any more."""

    @property
    def taken(self) -> int:
        """How many slots are held."""
        self._slots.forget(self._clock())
        return self._slots.taken()

    @property
    def live_calls(self) -> int:
        """How many calls have their audio in this process."""
        return self._slots.live()

    def close(self) -> None:
        """Lets no call begin from here on."""
        self.draining = True

    def admit(self, key: str, seconds: float) -> Full | None:
        """Holds a slot for a call that may begin within so long; None, or why not. One that has a slot keeps it."""
        now = self._clock()
        self._slots.forget(now)
        if self._slots.has(key):
            self._slots.hold(key, now + seconds)
            return None
        full = self._unfit()
        if full is None and not self._slots.take(key, now + seconds, self.most):
            full = Full.SLOTS
        return full

    def hold(self, key: str, seconds: float) -> None:
        """Holds a slot for a call that is already up, room or not."""
        self._slots.hold(key, self._clock() + seconds)

    def rename(self, key: str, call: str) -> None:
        """A call of ours has got its name."""
        self._slots.rename(key, call)

    def release(self, key: str) -> None:
        """The call is over, or was never begun."""
        self._slots.release(key)

    @contextmanager
    def live(self, call: str) -> Iterator[None]:
        """Holds the slot while the call's audio is here, and a little longer."""
        self._slots.begin(call)
        try:
            yield
        finally:
            self._slots.end(call, self._clock() + RESUME_SECONDS)

    def _unfit(self) -> Full | None:
        """Why this process takes no call, slots or not."""
        if self.draining:
            return Full.DRAINING
        if self._slots.live() == 0:
            return None  # nobody is harmed, and a late answer is better than none
        lag = self._lag()
        if lag.loop_ms > LOOP_LATE_MS:
            return Full.LOOP
        return Full.ENGINES if lag.engines_ms > ENGINES_LATE_MS else None


class LoopLag:
    """Measures how late an event loop is, by how late it wakes from short sleeps."""

    EVERY_SECONDS = 0.1
    FADES = 0.8
    """What is left of a moment's lag a tenth of a second later: a stall of 100 ms counts for three quarters of one."""

    def __init__(self) -> None:
        self.ms = 0.0

    def woke(self, late_ms: float) -> None:
        """The loop woke so much later than it should."""
        self.ms = max(late_ms, self.ms * self.FADES)

    async def watch(self) -> None:
        """Measures until it is cancelled."""
        clock = asyncio.get_running_loop().time
        while True:
            due = clock() + self.EVERY_SECONDS
            await asyncio.sleep(self.EVERY_SECONDS)
            self.woke((clock() - due) * 1000)
