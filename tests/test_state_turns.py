"""Turns at a sender: a step apart, kept by who waits, and counted by who does not."""

from datetime import timedelta

import pytest
from happenings import NOW

from state.store import Record

pytestmark = pytest.mark.anyio

OURS = "+13125550100"


async def test_turns_are_a_step_apart(record: Record) -> None:
    """However many come at once; another sender has turns of its own."""
    waits = [await record.turns.take(OURS, str(n), NOW, per_second=4) for n in range(4)]
    assert [wait / timedelta(milliseconds=1) for wait in waits] == [0, 250, 500, 750]
    assert await record.turns.take("+13125550199", "0", NOW, per_second=4) == timedelta()


async def test_who_waits_keeps_his_turn(record: Record) -> None:
    """He comes back for it, early or late, and takes no second one."""
    await record.turns.take(OURS, "first", NOW, per_second=1)
    assert await record.turns.take(OURS, "second", NOW, per_second=1) == timedelta(seconds=1)
    early = await record.turns.take(OURS, "second", NOW + timedelta(milliseconds=400), per_second=1)
    assert early == timedelta(milliseconds=600)
    assert await record.turns.take(OURS, "second", NOW + timedelta(seconds=3), per_second=1) == timedelta()


async def test_an_answer_does_not_wait_but_counts(record: Record) -> None:
    """Who has no turn yet is moved back."""
    for n in range(3):
        assert await record.turns.take(OURS, f"answer{n}", NOW, per_second=1, at_once=True) == timedelta()
    assert await record.turns.take(OURS, "first text", NOW, per_second=1) == timedelta(seconds=3)


@pytest.mark.parametrize(("per_second", "window"), [(4, 1.0), (2.5, 0.8), (0.5, 2.0)])
async def test_who_comes_late_does_not_crowd_the_sender(record: Record, per_second: float, window: float) -> None:
    """Ten come back a minute after their turns, all at once, as when a server was away: they leave at the pace."""
    waiting = {str(n): NOW + await record.turns.take(OURS, str(n), NOW, per_second=per_second) for n in range(10)}
    waiting = {who: NOW + timedelta(minutes=1) for who in waiting}
    left = []
    while waiting:
        who, at = min(waiting.items(), key=lambda one: one[1])
        wait = await record.turns.take(OURS, who, at, per_second=per_second)
        if wait:
            waiting[who] = at + wait
        else:
            left.append(at)
            del waiting[who]
    most = max(1, int(per_second))
    assert all(later - earlier >= timedelta(seconds=window) for earlier, later in zip(left, left[most:], strict=False))
    assert left[-1] - left[0] <= timedelta(seconds=20 / per_second)
