"""Days of outreach in milliseconds: what the hints call for is done in order of time, and the clock jumps in between.

No Docket here: a wake-up is only a quicker way of looking at a hint, and what must not be forgotten has one.
"""

from datetime import UTC, datetime, timedelta

from telephony_kit import TestServices

from state.hints import PLAN
from telephony.workers import Workers

A_WHILE = timedelta(seconds=5)
"""How often the sweeper looks."""
A_MS = timedelta(milliseconds=1)
"""A hint at a plan is due a part of a ms after the event that wrote it."""


async def act(server: TestServices) -> None:
    """Does everything that is due now, and what follows from it at once."""
    workers = Workers(server.services)
    before: list[tuple[str, str]] = []
    # A hint at nothing is only suspected at first, and stays due until it has been for a while.
    while (due := await server.record.due(server.clock() + A_MS)) and due != before:
        before = due
        for cid, effect_id in due:
            if effect_id == PLAN:
                await workers.plan(cid)
            else:
                await workers.deliver(cid, effect_id)


async def live(server: TestServices, until: datetime) -> None:
    """Lets time pass, acting whenever something is due."""
    await act(server)
    while (following := await next_due(server)) is not None and following <= until:
        server.clock.now = following if following > server.clock() else server.clock() + A_WHILE
        await act(server)
    server.clock.now = max(until, server.clock())


async def next_due(server: TestServices) -> datetime | None:
    """When the next hint is due."""
    redis = server.record._redis
    first = await redis.zrange("segue:due", 0, 0, withscores=True)
    return datetime.fromtimestamp(first[0][1] / 1000, UTC) + A_MS if first else None
