"""Errands: begun at once and each once, only while there is room, and finished before the process ends."""

import asyncio

import pytest
from structlog.testing import capture_logs

from telephony.errands import AT_ONCE, MOST, PATIENT_AT_ONCE, Errands

pytestmark = pytest.mark.anyio


class Work:
    """Notes what it is given, and goes on when it is let."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, ...]] = []
        self.done = 0
        self.go = asyncio.Event()

    async def __call__(self, *args: str) -> None:
        self.begun.append(args)
        await self.go.wait()
        self.done += 1


async def test_nothing_is_taken_before_and_after() -> None:
    """A process that has no workers, or whose workers have gone, leaves it to the queue."""
    errands, work = Errands(), Work()
    assert not errands.start("plan", "c1")
    async with errands.open({"plan": work}):
        assert not errands.start("another", "c1")
        assert errands.start("plan", "c1")
        work.go.set()
    assert not errands.start("plan", "c1")
    assert (work.begun, work.done) == ([("c1",)], 1)


async def test_what_is_about_to_begin_is_not_begun_twice() -> None:
    """But what has begun may have looked at the record already."""
    errands, work = Errands(), Work()
    async with errands.open({"plan": work}):
        assert errands.start("plan", "c1")
        assert errands.start("plan", "c1")
        await asyncio.sleep(0)
        assert errands.start("plan", "c1")
        await asyncio.sleep(0)
        assert work.begun == [("c1",), ("c1",)]
        work.go.set()


async def test_there_is_room_for_so_many() -> None:
    """Some begin and some wait; the queue has more, in this process and in others."""
    errands, work = Errands(), Work()
    async with errands.open({"plan": work}):
        assert [n for n in range(MOST) if not errands.start("plan", str(n))] == []
        assert not errands.start("plan", "one more")
        await asyncio.sleep(0)
        assert len(work.begun) == AT_ONCE
        work.go.set()
        await asyncio.wait([task for task in asyncio.all_tasks() if task.get_name() == "errand plan"])
        assert errands.start("plan", "one more")


async def test_what_nobody_waits_for_goes_behind() -> None:
    """However early it came; and it is done too before the process ends."""
    errands, work = Errands(), Work()
    async with errands.open({"plan": work, "deliver": work}, patient={"plan"}):
        for n in range(AT_ONCE):
            errands.start("deliver", str(n))
        assert errands.start("plan", "c1")
        assert errands.start("deliver", "c2")
        work.go.set()
    assert work.begun[AT_ONCE:] == [("c2",), ("c1",)]
    assert work.done == AT_ONCE + 2


async def test_what_nobody_waits_for_leaves_room() -> None:
    """Or whoever waits would wait for one of those to end."""
    errands, work = Errands(), Work()
    async with errands.open({"plan": work, "deliver": work}, patient={"plan"}):
        for n in range(AT_ONCE):
            errands.start("plan", str(n))
        await asyncio.sleep(0)
        assert (len(work.begun), errands.busy) == (PATIENT_AT_ONCE, False)
        errands.start("deliver", "c2")
        await asyncio.sleep(0)
        assert (work.begun[-1], errands.busy) == (("c2",), True)
        work.go.set()
    assert (work.done, errands.busy) == (AT_ONCE + 1, False)


async def test_who_brings_more_waits_until_it_is_calm() -> None:
    """That is, until all have begun that somebody waits for; others may wait on."""
    errands, work = Errands(), Work()
    await errands.calm()
    async with errands.open({"plan": work, "deliver": work}, patient={"plan"}):
        for n in range(AT_ONCE + 1):
            errands.start("deliver", str(n))
            errands.start("plan", str(n))
        bringing = asyncio.create_task(errands.calm())
        await asyncio.sleep(0)
        assert not bringing.done()
        work.go.set()
        await bringing
        assert sum(len(args) for args in work.begun) >= AT_ONCE + 1
    await errands.calm()


async def test_one_that_fails_is_told_of() -> None:
    """And takes nothing else down: the sweeper finds its hint."""

    async def fail() -> None:
        raise ValueError("no")

    errands = Errands()
    with capture_logs() as logs:
        async with errands.open({"fail": fail}):
            assert errands.start("fail")
    assert [(entry["event"], entry["errand"]) for entry in logs] == [
        ("errand failed, the sweeper will find what is left", "fail")
    ]
