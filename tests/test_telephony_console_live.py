"""What keeps a page up to date."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator

import pytest

from state.store import Record
from telephony.console import live
from telephony.console.live import Parts, anywhere, in_conversation, stream
from tests.happenings import lead_arrived, text_received

pytestmark = pytest.mark.anyio


async def changes(*, times: int) -> AsyncGenerator[None, None]:
    """So many changes, then nothing more."""
    for _ in range(times):
        yield
    await asyncio.Event().wait()


def made(*versions: Parts) -> AsyncIterator[Parts]:
    """What the page would look like after each change."""

    async def one_by_one() -> AsyncIterator[Parts]:
        for version in versions:
            yield version

    return one_by_one()


async def sent(*versions: Parts) -> list[Parts]:
    """The messages a browser gets."""
    pages, left = made(*versions), len(versions)

    async def make() -> Parts:
        nonlocal left
        left -= 1
        return await anext(pages)

    response = stream(changes(times=len(versions)), make, lambda: left == 0)
    lines = [str(chunk) async for chunk in response.body_iterator]
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]


async def test_only_what_changed_is_sent() -> None:
    """A part that is as it was stays where it is; a change that shows nowhere is no message."""
    first, second = {"thread": "<li>1", "panel": "p"}, {"thread": "<li>2", "panel": "p"}
    assert await sent(first, second, second) == [first, {"thread": "<li>2"}]


async def test_words_with_line_ends_stay_one_message() -> None:
    """A line end would end a server-sent event."""
    assert await sent({"thread": "a\n\nb\r\nc"}) == [{"thread": "a\n\nb\r\nc"}]


async def test_a_stopping_server_ends_its_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also those that have nothing to say: a server that waits for them would not stop."""
    monkeypatch.setattr(live, "BEAT_S", 0.001)
    beats = iter([False, False, True])

    async def never() -> Parts:
        raise AssertionError("nothing changed")

    response = stream(changes(times=0), never, lambda: next(beats))
    assert [chunk async for chunk in response.body_iterator] == ["retry: 1000\n\n"]


async def test_a_page_hears_of_its_conversation(record: Record) -> None:
    """What lands together is told once, what another conversation adds is not."""
    await record.append("c0", lead_arrived())
    told = in_conversation(record, "c0", 1)
    waiting = asyncio.ensure_future(anext(told))
    await record.append("c1", lead_arrived())
    await record.append("c0", text_received(1), text_received(2))
    await waiting
    again = asyncio.ensure_future(anext(told))
    done, _ = await asyncio.wait([again], timeout=live.GATHER_S * 3)
    assert not done
    again.cancel()
    await asyncio.wait([again])
    await told.aclose()


async def test_the_list_hears_of_every_conversation(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the one subscription that the process has."""
    monkeypatch.setattr(live, "LIST_EVERY_S", 0.0)
    told = anywhere(record)
    await anext(told)  # the subscription stands, and something may have rung before
    waiting = asyncio.ensure_future(anext(told))
    await record.append("c1", lead_arrived())
    await waiting
    await told.aclose()


async def test_the_list_is_told_anew_when_a_page_connects(record: Record) -> None:
    """What changed since the page was made, or while it was cut off, is not waited for until something else does."""
    with record.rings() as rung:
        await rung.wait()  # the subscription stands: nothing rings because of it any more
        told = anywhere(record)
        await anext(told)
        await told.aclose()


async def test_ages_are_told_anew_though_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    """ "Just now" must not stand there for an hour."""
    monkeypatch.setattr(live, "BEAT_S", 0.001)
    monkeypatch.setattr(live, "AGED_AFTER", 2)
    ages = iter(["just now", "1 min ago"])
    told: list[str] = []

    async def make() -> Parts:
        told.append(next(ages))
        return {"rows": told[-1]}

    response = stream(changes(times=0), make, lambda: len(told) == 2)
    lines = [str(chunk) async for chunk in response.body_iterator]
    assert [json.loads(line[6:]) for line in lines if line.startswith("data: ")] == [{"rows": age} for age in told]
