"""Turns at a sender: a step apart, kept by who waits, and counted by who does not."""

from collections.abc import Callable
from datetime import datetime, timedelta
from heapq import heappop, heappush

import pytest
from happenings import NOW

from state.store import Record
from state.turns import LATEST, PROMPT

pytestmark = pytest.mark.anyio

OURS = "+13125550100"
SEND = timedelta(milliseconds=40)
"""From leave to leaving, where nothing is held up."""


async def leave_at_once(record: Record, who: str, now: datetime, per_second: float) -> timedelta:
    """Takes a turn, and leaves if it has come."""
    wait = await record.turns.take(OURS, who, now, per_second=per_second)
    if not wait:
        await record.turns.left(OURS, who, now, now)
    return wait


async def test_turns_are_a_step_apart(record: Record) -> None:
    """However many come at once; another sender has turns of its own. A second of them takes PROMPT longer."""
    waits = [await record.turns.take(OURS, str(n), NOW, per_second=4) for n in range(5)]
    assert [wait / timedelta(milliseconds=1) for wait in waits] == [0, 262.5, 525, 787.5, 1050]
    assert waits[-1] == timedelta(seconds=1) + PROMPT
    assert await record.turns.take("+13125550199", "0", NOW, per_second=4) == timedelta()


async def test_who_waits_keeps_his_turn(record: Record) -> None:
    """He comes back for it, early or late, and takes no second one."""
    await leave_at_once(record, "first", NOW, 1)
    assert await leave_at_once(record, "second", NOW, 1) == timedelta(seconds=1) + PROMPT
    early = await leave_at_once(record, "second", NOW + timedelta(milliseconds=400), 1)
    assert early == timedelta(milliseconds=600) + PROMPT
    assert await leave_at_once(record, "second", NOW + timedelta(seconds=3), 1) == timedelta()


async def test_an_answer_does_not_wait_but_counts(record: Record) -> None:
    """Who has no turn yet is moved back."""
    for n in range(3):
        assert await record.turns.take(OURS, f"answer{n}", NOW, per_second=1, at_once=True) == timedelta()
    assert await record.turns.take(OURS, "first text", NOW, per_second=1) == 3 * (timedelta(seconds=1) + PROMPT)


def prompt(at: datetime) -> datetime:
    """A process that is never held up."""
    return at


def stalled(at: datetime) -> datetime:
    """One whose loop stands still from a third of a second on, for three seconds."""
    stall = NOW + timedelta(seconds=1 / 3)
    return max(at, stall + timedelta(seconds=3)) if at >= stall else at


async def departures(
    record: Record,
    per_second: float,
    coming: dict[str, datetime],
    runs: Callable[[str], Callable[[datetime], datetime]],
) -> list[datetime]:
    """When each has left, who comes at a time to a process of his, and comes back for his turn as he is told."""
    happens = [(runs(who)(at), who, None) for who, at in coming.items()]
    happens.sort()
    left: list[datetime] = []
    while happens:
        now, who, leave = heappop(happens)
        if leave is not None:
            left.append(now)
            await record.turns.left(OURS, who, leave, now)
        elif wait := await record.turns.take(OURS, who, now, per_second=per_second):
            heappush(happens, (runs(who)(now + wait), who, None))
        else:
            heappush(happens, (runs(who)(now + SEND), who, now))
    return left


def kept(left: list[datetime], most: int, window: timedelta) -> bool:
    """Whether no more than so many have left in any window."""
    return all(later - earlier >= window for earlier, later in zip(left, left[most:], strict=False))


@pytest.mark.parametrize(("per_second", "most", "window"), [(4, 4, 1.0), (2.5, 2, 0.8), (0.5, 1, 2.0)])
async def test_who_comes_late_does_not_crowd_the_sender(
    record: Record, per_second: float, most: int, window: float
) -> None:
    """Ten come back a minute after their turns, all at once, as when a server was away: they leave at the pace."""
    for n in range(10):
        await leave_at_once(record, str(n), NOW, per_second)
    late = {str(n): NOW + timedelta(minutes=1) for n in range(1, 10)}
    left = await departures(record, per_second, late, lambda who: prompt)
    assert kept(left, most, timedelta(seconds=window))
    assert left[-1] - left[0] <= timedelta(seconds=20 / per_second)


@pytest.mark.parametrize("per_second", [1, 10])
async def test_a_process_that_stalls_between_leave_and_leaving_bunches_nothing(record: Record, per_second: int) -> None:
    """What had leave when its loop stood still goes late, and the others', who were not held up, wait for it."""
    coming = {f"{n:02d}": NOW for n in range(30)}
    left = await departures(record, per_second, coming, lambda who: stalled if int(who) % 2 else prompt)
    assert len(left) == len(coming)
    assert kept(left, per_second, timedelta(seconds=1))


async def test_who_never_says_that_he_left_holds_the_others_up_for_a_while(record: Record) -> None:
    """His process died: nothing of his leaves after LATEST."""
    await record.turns.take(OURS, "dead", NOW, per_second=1)
    now, wait = NOW, timedelta(microseconds=1)
    while wait:
        now += wait
        wait = await record.turns.take(OURS, "next", now, per_second=1)
    assert LATEST < now - NOW < LATEST + timedelta(seconds=3)
