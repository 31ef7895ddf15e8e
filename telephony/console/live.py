"""What keeps a page up to date: server-sent events, each with the parts of the page that changed, ready made."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, suppress

from starlette.responses import StreamingResponse

from state.events import Event
from state.store import Record

Parts = dict[str, str]
"""HTML by the id of the element it goes into."""
Make = Callable[[], Awaitable[Parts]]
Stopping = Callable[[], bool]

GATHER_S = 0.05
"""What lands within this long after the first is shown with it."""
LIST_EVERY_S = 1.0
"""A list that many calls keep changing is made anew no more often."""
BEAT_S = 1.0
"""How often a stream with nothing to say looks whether the server stops."""
COMMENT_EVERY = 15
"""Beats after which it says that it is still there: proxies close what is silent."""
AGED_AFTER = 60
"""Beats after which what a page says of the time is looked at again, if nothing else has happened."""


def stream(changes: AsyncGenerator[None, None], make: Make, stopping: Stopping) -> StreamingResponse:
    """A stream that sends the parts made after each change, those that differ from what was sent before."""
    return StreamingResponse(
        _messages(changes, make, stopping),
        media_type="text/event-stream",
        headers={"x-accel-buffering": "no"},
    )


async def _messages(changes: AsyncGenerator[None, None], make: Make, stopping: Stopping) -> AsyncIterator[str]:
    sent: Parts = {}
    yield "retry: 1000\n\n"
    async with aclosing(changes):
        beats = 0
        upcoming = asyncio.ensure_future(anext(changes))
        try:
            while not stopping():
                done, _ = await asyncio.wait([upcoming], timeout=BEAT_S)
                if not done:
                    beats += 1
                    if beats % COMMENT_EVERY == 0:
                        yield ": still here\n\n"
                    if beats % AGED_AFTER:
                        continue
                else:
                    upcoming.result()
                    upcoming = asyncio.ensure_future(anext(changes))
                parts = await make()
                changed = {name: html for name, html in parts.items() if sent.get(name) != html}
                sent = parts
                if changed:
                    yield f"data: {json.dumps(changed)}\n\n"
        finally:
            upcoming.cancel()
            with suppress(asyncio.CancelledError, StopAsyncIteration):
                await upcoming


async def in_conversation(record: Record, cid: str, after: int) -> AsyncGenerator[None, None]:
    """Tells of every change of a conversation; what lands together is told once."""
    landed, following = asyncio.Event(), record.follow(cid, after)
    task = asyncio.create_task(_note(following, landed), name="console follower")
    try:
        while True:
            await landed.wait()
            await asyncio.sleep(GATHER_S)
            landed.clear()
            yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _note(following: AsyncGenerator[tuple[int, Event], None], landed: asyncio.Event) -> None:
    async with aclosing(following):
        async for _ in following:
            landed.set()


async def anywhere(record: Record) -> AsyncGenerator[None, None]:
    """Tells that anything changed in any conversation, at most once in LIST_EVERY_S.

    It begins by telling: something may have changed since the page was made, or while its connection was lost.
    """
    with record.rings() as rung:
        yield
        while True:
            await rung.wait()
            await asyncio.sleep(LIST_EVERY_S)
            rung.clear()
            yield
