"""The wheel that paces all calls, in virtual time."""

import asyncio
from collections.abc import Callable

import pytest
from virtual_time import run

from telephony.live.pacer import SLOT_MS, Beat, Pacer


def now_ms() -> float:
    """The loop's clock."""
    return asyncio.get_running_loop().time() * 1000


def every(ms: float, served: list[float], times: int) -> Callable[[], float | None]:
    """Work that is due again after so long, so often."""

    def work() -> float | None:
        served.append(round(now_ms(), 3))
        return now_ms() + ms if len(served) < times else None

    return work


def test_a_call_is_served_every_frame() -> None:
    """Once it has begun, at once, it keeps its place in each 20 ms."""

    async def story() -> list[float]:
        served: list[float] = []
        pacer = Pacer()
        await asyncio.sleep(0.02)
        pacer.beat(every(20, served, 5)).stir()
        await asyncio.sleep(1)
        return served

    assert run(story()) == [20, 40, 60, 80, 100]


def test_calls_that_are_due_in_one_slot_share_a_timer() -> None:
    """Two hundred calls cost the loop no more timers than there are slots."""

    async def story() -> tuple[int, int]:
        loop, pacer = asyncio.get_running_loop(), Pacer()
        timers: list[float] = []
        ordinary = loop.call_at

        def counted(when: float, *args: object, **named: object) -> asyncio.TimerHandle:
            timers.append(when)
            return ordinary(when, *args, **named)  # type: ignore[arg-type]

        loop.call_at = counted  # type: ignore[method-assign, assignment]
        served: list[list[float]] = [[] for _ in range(200)]
        for one in served:
            pacer.beat(every(20, one, 50)).stir()
        await asyncio.sleep(2)
        return len(timers), sum(map(len, served))

    timers, served = run(story())
    assert served == 200 * 50
    assert timers <= 2 * 1000 / SLOT_MS


def test_stirring_serves_at_once_and_once() -> None:
    """However often something happens in one turn of the loop, the work is done once, and the old date is void."""

    async def story() -> list[float]:
        served: list[float] = []
        beat = Pacer().beat(every(500, served, 3))
        beat.stir()
        await asyncio.sleep(0.1)
        beat.stir()
        beat.stir()
        await asyncio.sleep(5)
        return served

    assert run(story()) == [0, 100, 600]


def test_work_may_stir_itself() -> None:
    """A turn that ends while it is paced makes the next one begin, which is another reason to look."""

    async def story() -> int:
        served: list[float] = []
        beats: list[Beat] = []

        def work() -> float | None:
            served.append(now_ms())
            if len(served) == 1:
                beats[0].stir()
            return now_ms() + 20 if len(served) < 4 else None

        beats.append(Pacer().beat(work))
        beats[0].stir()
        await asyncio.sleep(1)
        return len(served)

    assert run(story()) == 4


@pytest.mark.parametrize("stirred", [False, True])
def test_a_closed_beat_is_never_served(stirred: bool) -> None:
    """A call that is over sends nothing, whatever was still on the wheel."""

    async def story() -> list[float]:
        served: list[float] = []
        beat = Pacer().beat(every(20, served, 9))
        beat.stir()
        await asyncio.sleep(0.03)
        beat.close()
        if stirred:
            beat.stir()
        await asyncio.sleep(1)
        return served

    assert run(story()) == [0, 20]


def test_a_late_loop_serves_everything_that_was_due() -> None:
    """Nothing is skipped, and nothing is served twice, when the loop was busy for a while."""

    async def story() -> tuple[list[float], list[float]]:
        early: list[float] = []
        late: list[float] = []
        pacer, loop = Pacer(), asyncio.get_running_loop()
        pacer.beat(every(20, early, 3)).stir()
        pacer.beat(every(35, late, 2)).stir()
        await asyncio.sleep(0.01)
        loop._instant.passed += 0.2  # type: ignore[attr-defined]
        await asyncio.sleep(1)
        return early, late

    early, late = run(story())
    assert early == [0, 210, 230]
    assert late == [0, 210]
