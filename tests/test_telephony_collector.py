"""The full look for garbage: seldom, when nobody waits, or when there has long been no such moment."""

import asyncio
import gc

import pytest

from telephony import collector
from telephony.collector import NEVER, collecting

pytestmark = pytest.mark.anyio


@pytest.fixture
def collected(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set when everything is looked through, which is due all the time here."""
    happened = asyncio.Event()
    monkeypatch.setattr(collector, "EVERY_S", 0)
    monkeypatch.setattr(collector, "LOOK_S", 0)
    monkeypatch.setattr(collector.gc, "collect", happened.set)
    return happened


async def test_it_waits_for_a_moment_in_which_nobody_waits(collected: asyncio.Event) -> None:
    """However often it has to look for one."""
    asked: list[bool] = []

    def busy() -> bool:
        asked.append(collected.is_set())
        return len(asked) < 5

    async with collecting(busy):
        await collected.wait()
    assert asked[:5] == [False] * 5


async def test_where_there_is_none_it_is_done_all_the_same(
    collected: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or a busy server would fill its memory."""
    monkeypatch.setattr(collector, "WAITS_S", 0)
    async with collecting(lambda: True):
        await collected.wait()


async def test_meanwhile_it_does_not_happen_of_itself() -> None:
    """But the younger objects are looked at as ever; and afterwards everything is as it was."""
    usual = gc.get_threshold()
    async with collecting(lambda: False):
        assert gc.get_threshold() == (*usual[:2], NEVER)
    assert gc.get_threshold() == usual
