"""Work in the order in which it is wanted."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest

from audio.deadlines import DeadlinePool, Due, Fate, OverloadError, Served, TooLateError

LIMIT = 5


@pytest.fixture
def pool() -> Iterator[DeadlinePool]:
    """One thread, so that everything waits for it."""
    pool = DeadlinePool(1, LIMIT, "test")
    yield pool
    pool.close()


class Busy:
    """Work that keeps the thread until it is let go."""

    def __init__(self, pool: DeadlinePool) -> None:
        self.go = threading.Event()
        self.begun = threading.Event()
        self.task = asyncio.create_task(pool.run(self._work))

    def _work(self) -> None:
        self.begun.set()
        assert self.go.wait(60)

    async def __aenter__(self) -> None:
        await asyncio.to_thread(self.begun.wait, 60)

    async def __aexit__(self, *_: object) -> None:
        self.go.set()
        await self.task


def run(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Runs a test's coroutine."""
    asyncio.run(main())


def test_what_is_due_first_is_done_first(pool: DeadlinePool) -> None:
    """The oldest turn before the guess that is wanted later, whoever asked first; together due, the first asked."""
    done: list[str] = []

    async def main() -> None:
        async with asyncio.TaskGroup() as group, Busy(pool):
            for name, at in (("guess", 30.0), ("turn", 10.0), ("second guess", 30.0), ("old turn", 5.0)):
                group.create_task(pool.run(lambda name=name: done.append(name), Due(at)))
            await asyncio.sleep(0)

    run(main)
    assert done == ["old turn", "turn", "guess", "second guess"]


def test_what_is_late_is_dropped_and_not_served_late(pool: DeadlinePool) -> None:
    """Nobody waits for it any more, and others do."""
    done: list[str] = []

    async def main() -> None:
        late = None
        async with Busy(pool):
            now = asyncio.get_running_loop().time()
            late = asyncio.create_task(pool.run(lambda: done.append("late"), Due(now, until=now)))
            await asyncio.sleep(0)
        with pytest.raises(TooLateError, match="take fewer calls"):
            await late

    run(main)
    assert done == []


def test_what_nobody_awaits_is_never_begun(pool: DeadlinePool) -> None:
    """Speech that resumes throws speculation away, and no time is spent on it."""
    done: list[str] = []

    async def main() -> None:
        async with Busy(pool):
            waiting = asyncio.create_task(pool.run(lambda: done.append("discarded")))
            await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            assert pool.lag(asyncio.get_running_loop().time()) < 5
        await pool.run(lambda: done.append("next"))

    run(main)
    assert done == ["next"]


def test_work_beyond_the_limit_is_refused_at_once(pool: DeadlinePool) -> None:
    """A queue nobody gets to the end of in time helps nobody; afterwards there is room again."""

    async def main() -> None:
        async with asyncio.TaskGroup() as group, Busy(pool):
            for _ in range(LIMIT - 1):
                group.create_task(pool.run(lambda: None))
            await asyncio.sleep(0)
            with pytest.raises(OverloadError, match="take fewer calls"):
                await pool.run(lambda: None)
        await pool.run(lambda: None)

    run(main)


def test_lag_is_the_longest_wait_of_late(pool: DeadlinePool) -> None:
    """Of what still waits, and for some seconds of what waited; then it is forgotten."""

    async def main() -> None:
        clock = asyncio.get_running_loop().time
        began = clock()
        assert pool.lag(began) == 0.0
        async with asyncio.TaskGroup() as group, Busy(pool):
            group.create_task(pool.run(lambda: None))
            await asyncio.sleep(0)
            assert pool.lag(clock() + 3) >= 3
        assert 0 < pool.lag(clock()) <= clock() - began
        assert pool.lag(clock() + 60) == 0.0

    run(main)


def test_an_error_is_raised_where_it_is_awaited(pool: DeadlinePool) -> None:
    """And the thread lives on."""

    async def main() -> None:
        with pytest.raises(ZeroDivisionError):
            await pool.run(lambda: 1 // 0)
        assert await pool.run(lambda: 7) == 7

    run(main)


def test_closing_drops_what_waits() -> None:
    """Nobody is left waiting for an answer that does not come."""
    pool = DeadlinePool(1, LIMIT, "test")

    async def main() -> None:
        async with Busy(pool):
            waiting = asyncio.create_task(pool.run(lambda: None))
            await asyncio.sleep(0)
            closing = asyncio.create_task(asyncio.to_thread(pool.close))
            with pytest.raises(asyncio.CancelledError):
                await waiting
        await closing

    run(main)


def test_what_became_of_each_piece_of_work_is_told() -> None:
    """Done, late or unwanted, how long it waited, and how long it took."""
    told: list[Served] = []
    pool = DeadlinePool(1, LIMIT, "test", told.append)

    async def main() -> None:
        now = asyncio.get_running_loop().time()
        async with Busy(pool):
            late = asyncio.create_task(pool.run(lambda: None, Due(now, until=now), "late"))
            unwanted = asyncio.create_task(pool.run(lambda: None, Due(now + 1), "unwanted"))
            await asyncio.sleep(0)
            unwanted.cancel()
            with pytest.raises(asyncio.CancelledError):
                await unwanted
        with pytest.raises(TooLateError):
            await late
        await pool.run(lambda: None, Due(now + 2))  # By when all that was due before has left the queue.

    run(main)
    pool.close()
    assert [(one.kind, one.fate) for one in told[:3]] == [
        ("work", Fate.DONE),
        ("late", Fate.LATE),
        ("unwanted", Fate.UNWANTED),
    ]
    assert all(one.waited_s >= 0 and one.took_s >= 0 for one in told)
