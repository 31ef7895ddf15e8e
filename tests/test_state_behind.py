"""Writes that may come a moment late."""

import asyncio

import pytest

from state.behind import Behind

pytestmark = pytest.mark.anyio


class Written:
    """What was gathered, and what of it was written at each time."""

    def __init__(self) -> None:
        self.gathered: list[int] = []
        self.writes: list[list[int]] = []
        self.behind = Behind(self.write, "test")

    def add(self, one: int) -> None:
        self.gathered.append(one)
        self.behind.soon()

    async def write(self) -> None:
        written, self.gathered = self.gathered, []
        self.writes.append(written)


async def test_what_is_gathered_is_one_write() -> None:
    """However often it was wanted; and it is written once."""
    written = Written()
    written.add(1)
    written.add(2)
    await written.behind.now()
    await written.behind.now()
    assert written.writes == [[1, 2]]
    await written.behind.close()


async def test_the_end_writes_what_is_left() -> None:
    """Closing does not wait for the moment to pass, and forgets nothing."""
    written = Written()
    written.add(1)
    await written.behind.now()
    written.add(2)
    await written.behind.close()
    assert written.writes == [[1], [2]]


async def test_the_end_waits_for_a_write_under_way() -> None:
    """What it has taken over is gathered nowhere else: to cancel it would lose that."""
    may, begun, kept = asyncio.Event(), asyncio.Event(), []

    async def write() -> None:
        begun.set()
        await may.wait()
        kept.append(1)

    behind = Behind(write, "test")
    behind.soon()
    await begun.wait()
    closed = asyncio.create_task(behind.close())
    await asyncio.sleep(0)
    may.set()
    await closed
    assert kept == [1]
