"""One clock for all calls' audio: a wheel whose slots hold what is due, and one timer of the event loop behind it.

A timer, a task and a wake-up for every frame of every call would cost more than sending the frame. Slots are a whole
part of a frame apart, so that a call that is due every 20 ms is served at the same place of each 20 ms.
"""

import asyncio
from collections.abc import Callable
from heapq import heappop, heappush
from math import ceil, floor

from audio.engines import FRAME_MS

SLOT_MS = FRAME_MS // 10
EARLY_MS = 0.5
"""Work may be done this much early: event loops count in whole milliseconds, and floats are not exact."""

Work = Callable[[], float | None]
"""Does what is due; returns when to come back, in ms on the event loop's clock, or None: not before it is stirred."""


class Pacer:
    """Serves all beats of one event loop."""

    def __init__(self) -> None:
        self._slots: dict[int, list[Beat]] = {}
        self._order: list[int] = []
        """A heap of the slots that hold something."""
        self._timer: asyncio.TimerHandle | None = None
        self._timer_slot = 0
        self._stirred: list[Beat] = []

    def beat(self, work: Work) -> "Beat":
        """A place on the wheel for a call's work. It begins at rest."""
        return Beat(self, work)

    def stir(self, beat: "Beat") -> None:
        """Serves a beat in the loop's next turn, once however often it is stirred until then."""
        if not self._stirred:
            asyncio.get_running_loop().call_soon(self._serve_stirred)
        self._stirred.append(beat)

    def _serve_stirred(self) -> None:
        beats, self._stirred = self._stirred, []
        clock = asyncio.get_running_loop().time
        for beat in beats:
            beat.slot = None
        for beat in beats:
            if beat.slot is None:
                self._serve(beat, clock)
        self._arm()

    def _serve(self, beat: "Beat", clock: Callable[[], float]) -> None:
        """`clock` is the loop's: asking for the running loop is a system call, and this is done for every message."""
        beat.slot = None
        due_ms = beat.work() if beat.work is not None else None
        # It may have been stirred by its own work; then it is served again, and says again when.
        if due_ms is not None:
            # Not at the slot that is being served: what is due a fraction later would be asked again and again.
            later = floor((clock() * 1000 + EARLY_MS) / SLOT_MS) + 1
            self._put(beat, max(ceil((due_ms - EARLY_MS) / SLOT_MS), later))

    def _put(self, beat: "Beat", slot: int) -> None:
        beat.slot = slot
        if slot not in self._slots:
            self._slots[slot] = []
            heappush(self._order, slot)
        self._slots[slot].append(beat)

    def _arm(self) -> None:
        """Has the loop's timer stand at the next slot that holds something."""
        if not self._order or (self._timer is not None and self._timer_slot <= self._order[0]):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_slot = self._order[0]
        self._timer = asyncio.get_running_loop().call_at(self._timer_slot * SLOT_MS / 1000, self._turn)

    def _turn(self) -> None:
        self._timer = None
        clock = asyncio.get_running_loop().time
        now = clock() * 1000 + EARLY_MS
        while self._order and self._order[0] * SLOT_MS <= now:
            slot = heappop(self._order)
            for beat in self._slots.pop(slot):
                if beat.slot == slot:  # Else it was stirred meanwhile, and is due at another time.
                    self._serve(beat, clock)
        self._arm()


class Beat:
    """One call's place on the wheel."""

    def __init__(self, pacer: Pacer, work: Work) -> None:
        self._pacer = pacer
        self.work: Work | None = work
        self.slot: int | None = None
        """Where on the wheel it stands."""

    def stir(self) -> None:
        """There may be something to do: the work is done soon, whenever it was due."""
        if self.work is not None:
            self._pacer.stir(self)

    def close(self) -> None:
        """The work is never done again."""
        self.work = None
