"""Work that nobody waits for: a little at a time, and never held up by who waits for somebody outside."""

import asyncio

import pytest

from telephony.aside import AT_ONCE, Aside

pytestmark = pytest.mark.anyio


class Turns:
    """Takes turns that end when they are let."""

    def __init__(self, aside: Aside, names: str) -> None:
        self.begun: list[str] = []
        self.ends = {name: asyncio.Event() for name in names}
        self.changed = asyncio.Condition()
        self.tasks = [asyncio.create_task(self._take(aside, name)) for name in names]

    async def _take(self, aside: Aside, name: str) -> None:
        async with aside.turn():
            async with self.changed:
                self.begun.append(name)
                self.changed.notify_all()
            await self.ends[name].wait()

    async def until(self, begun: int) -> None:
        """Waits until so many have begun."""
        async with self.changed:
            await self.changed.wait_for(lambda: len(self.begun) >= begun)


async def test_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the order in which they came; the next begins when one is done."""
    monkeypatch.setattr("telephony.aside.HOLDS_S", 3600)
    turns = Turns(Aside(), "abcd")
    await turns.until(AT_ONCE)
    for _ in range(10):
        await asyncio.sleep(0)
    assert turns.begun == ["a", "b"]
    turns.ends["b"].set()
    await turns.until(AT_ONCE + 1)
    assert turns.begun == ["a", "b", "c"]
    for end in turns.ends.values():
        end.set()
    await asyncio.gather(*turns.tasks)


async def test_who_waits_for_long_makes_room_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A carrier that does not answer keeps no other plan from being thought of; and his end makes no second room."""
    monkeypatch.setattr("telephony.aside.HOLDS_S", 0)
    aside = Aside()
    turns = Turns(aside, "abcd")
    await turns.until(4)
    for end in turns.ends.values():
        end.set()
    await asyncio.gather(*turns.tasks)
    monkeypatch.setattr("telephony.aside.HOLDS_S", 3600)
    turns = Turns(aside, "efg")
    await turns.until(AT_ONCE)
    for _ in range(10):
        await asyncio.sleep(0)
    assert len(turns.begun) == AT_ONCE
    for end in turns.ends.values():
        end.set()
    await asyncio.gather(*turns.tasks)


async def test_who_fails_makes_room() -> None:
    """As if he had ended."""
    aside = Aside()
    for _ in range(AT_ONCE + 1):
        with pytest.raises(ValueError, match="no"):
            async with aside.turn():
                raise ValueError("no")
