"""What others are still to be told: where each subscriber is in each conversation, and what he could not be brought.

A subscriber has had the events of a conversation up to a version, his cursor, which is kept beside the conversation.
Which conversations to look at spans them all, so it is a hint like those of `state.hints`: written before the append,
and taken away only by who has looked since. Because an append may land a moment after it was looked for, who finds
nothing looks once more after LOOK_SOON and once after HINT_GRACE; the fraction of a score says which look comes next.

    segue:{out}:due     sorted set, conversation by when to look at it, in ms
    segue:{out}:dead    hash of what was given up: "subscriber/conversation/version" to when and why
    segue:{cid}:told    hash, subscriber to his cursor; with ":tries" and ":next" behind his name, failed attempts
"""

import json
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from redis.exceptions import LockError

from state.connect import Client, Commands
from state.errors import translated
from state.events import Event
from state.suspects import HINT_GRACE, Suspects, in_ms

LOOK_SOON = timedelta(seconds=1)
LEASE_S = 60.0
"""How long one process may be at a conversation before another takes it up."""

_DUE, _DEAD = "segue:{out}:due", "segue:{out}:dead"
_FRESH_BELOW = 0.25
_LOOKED_ONCE, _LOOKED_TWICE = 0.5, 0.75


@dataclass(frozen=True, slots=True)
class Cursor:
    """How a subscriber stands in a conversation."""

    version: int = 0
    """What he has had."""
    tries: int = 0
    """Attempts at the next event that failed,"""
    next_try: datetime | None = None
    """and when to try again."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that was given up for a subscriber."""

    subscriber: str
    cid: str
    version: int
    at: datetime
    why: str


class Outgoing:
    """The cursors of all subscribers."""

    def __init__(self, redis: Client) -> None:
        self._redis = redis
        self._due = Suspects(redis, _DUE)

    def put(self, writing: Commands, cid: str, events: Sequence[Event]) -> None:
        """Has a conversation looked at for these events, which are not yet appended."""
        if events:
            writing.zadd(_DUE, {cid: _fresh(min(event.at for event in events))})

    async def due(self, now: datetime, limit: int) -> list[tuple[str, float]]:
        """Conversations to look at, longest overdue first, each with the score to hand back."""
        with translated():
            found = await self._redis.zrange(
                _DUE, "-inf", in_ms(now) + 1, byscore=True, offset=0, num=limit, withscores=True
            )
        return cast(list[tuple[str, float]], found)

    async def waiting(self) -> int:
        """How many conversations are to be looked at, now or later."""
        with translated():
            return int(await self._redis.zcard(_DUE))

    async def look_again(self, cid: str, seen: float, at: datetime) -> None:
        """Has a conversation looked at later, unless something was appended since."""
        await self._due.replace(cid, seen, str(_fresh(at)))

    async def looked(self, cid: str, seen: float, now: datetime) -> None:
        """All is told: looks again after a while, and forgets the conversation when that has happened twice."""
        fraction = seen % 1
        if fraction < _FRESH_BELOW:
            again = str(in_ms(now + LOOK_SOON) + _LOOKED_ONCE)
        else:
            again = "" if fraction >= _LOOKED_TWICE else str(in_ms(now + HINT_GRACE) + _LOOKED_TWICE)
        await self._due.replace(cid, seen, again)

    async def cursors(self, cid: str) -> dict[str, Cursor]:
        """How each subscriber stands who was told anything, or whom we tried to tell."""
        with translated():
            told = cast(dict[str, str], await self._redis.hgetall(_told(cid)))
        return {name: _cursor(told, name) for name in {field.partition(":")[0] for field in told}}

    async def told(self, cid: str, subscriber: str, version: int) -> None:
        """He has had, or does not want, everything up to a version."""
        with translated():
            writing = self._redis.pipeline(transaction=False)
            writing.hset(_told(cid), subscriber, str(version))
            writing.hdel(_told(cid), f"{subscriber}:tries", f"{subscriber}:next")
            await writing.execute()

    async def failed(self, cid: str, subscriber: str, tries: int, next_try: datetime) -> None:
        """Another attempt failed, the last of so many `tries`; the next is not made before its time."""
        fields = {f"{subscriber}:tries": str(tries), f"{subscriber}:next": str(in_ms(next_try))}
        with translated():
            await self._redis.hset(_told(cid), mapping=cast(Any, fields))

    async def bury(self, letter: DeadLetter) -> None:
        """Gives an event up for a subscriber, until somebody sends it anew."""
        with translated():
            value = json.dumps({"at": letter.at.isoformat(), "why": letter.why})
            await self._redis.hset(_DEAD, _name(letter), value)

    async def revived(self, letter: DeadLetter) -> None:
        """It was delivered after all."""
        with translated():
            await self._redis.hdel(_DEAD, _name(letter))

    async def dead(self) -> AsyncIterator[DeadLetter]:
        """Everything that was given up, in no order; not all at once in memory."""
        with translated():
            async for name, value in self._redis.hscan_iter(_DEAD, count=500):
                subscriber, cid, version = name.split("/")
                told = json.loads(value)
                yield DeadLetter(subscriber, cid, int(version), datetime.fromisoformat(told["at"]), told["why"])

    async def dead_count(self) -> int:
        """How much was given up."""
        with translated():
            return int(await self._redis.hlen(_DEAD))

    @asynccontextmanager
    async def alone(self, cid: str) -> AsyncIterator[bool]:
        """Whether nobody else tells of this conversation while the block runs: its events go out one by one."""
        lock = self._redis.lock(f"segue:{{{cid}}}:telling", timeout=LEASE_S, blocking=False)
        with translated():
            held = await lock.acquire()
        try:
            yield held
        finally:
            if held:
                try:
                    with translated():
                        await lock.release()
                except LockError:
                    pass  # it took longer than the lease; the receiver knows by the ids what he has had


def _told(cid: str) -> str:
    return f"segue:{{{cid}}}:told"


def _name(letter: DeadLetter) -> str:
    return f"{letter.subscriber}/{letter.cid}/{letter.version}"


def _cursor(told: dict[str, str], name: str) -> Cursor:
    next_try = told.get(f"{name}:next")
    return Cursor(
        version=int(told.get(name, 0)),
        tries=int(told.get(f"{name}:tries", 0)),
        next_try=datetime.fromtimestamp(int(next_try) / 1000, UTC) if next_try else None,
    )


def _fresh(when: datetime) -> float:
    # Unlike what anybody has seen of it, even for the same ms (see `state.hints`).
    return in_ms(when) + random.randrange(1, 1024) / 4096
