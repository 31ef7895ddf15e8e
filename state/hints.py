"""Due hints: which conversations to look at, and when. They span conversations, so no append can write them in its one
step: a hint is written before its append and removed after its effect has settled. A crash leaves a hint too many,
never one too few.

A hint's score is the time it is due in whole ms. A sweeper that finds no effect to a hint suspects it: see
`state.suspects`.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from state.connect import Client
from state.errors import translated
from state.events import EffectRequested, Event
from state.suspects import HINT_GRACE, Suspects, in_ms

__all__ = ["HINT_GRACE", "Hint", "Hints"]

_DUE = "segue:due"

Hint = tuple[str, str]
"""Conversation and effect."""


class Hints:
    """All due hints of a Redis."""

    def __init__(self, redis: Client) -> None:
        self._redis = redis
        self._suspects = Suspects(redis, _DUE)

    async def write(self, cid: str, events: Iterable[Event]) -> None:
        """Hints at the effects that these events, not yet appended, request."""
        hints = {_member(cid, event.id): in_ms(event.due) for event in events if isinstance(event, EffectRequested)}
        if hints:
            with translated():
                await self._redis.zadd(_DUE, hints)

    async def due(self, now: datetime, limit: int) -> list[Hint]:
        """The hints that may be due, longest overdue first."""
        with translated():
            members = await self._redis.zrange(_DUE, "-inf", str(in_ms(now)), byscore=True, offset=0, num=limit)
        return [_split(member) for member in cast(list[str], members)]

    async def all(self) -> list[Hint]:
        """Every hint there is, due or not."""
        with translated():
            members = await self._redis.zrange(_DUE, 0, -1)
        return [_split(member) for member in cast(list[str], members)]

    async def exists(self, cid: str, effect_id: str) -> bool:
        """Whether an effect is hinted at."""
        return await self._suspects.score(_member(cid, effect_id)) is not None

    async def defer(self, cid: str, effect_id: str, until: datetime) -> None:
        """Moves a hint, if it is there, to a later time."""
        with translated():
            await self._redis.zadd(_DUE, {_member(cid, effect_id): in_ms(until)}, xx=True)

    async def remove(self, cid: str, effect_id: str) -> None:
        """Removes the hint of an effect that has settled, which is for good."""
        with translated():
            await self._redis.zrem(_DUE, _member(cid, effect_id))

    async def suspect(self, cid: str, effect_id: str, now: datetime) -> bool:
        """Marks a hint that has no effect, or removes it if it has kept its mark; returns whether it is removed."""
        return await self._suspects.suspect(_member(cid, effect_id), now)


def _member(cid: str, effect_id: str) -> str:
    return f"{cid}/{effect_id}"


def _split(member: str) -> Hint:
    cid, _, effect = member.partition("/")
    return cid, effect
