"""Due hints: which conversations to look at, and when. They span conversations, so no append can write them in its one
step: a hint is written before its append and removed after its effect has settled. A crash leaves a hint too many,
never one too few.

A hint's score is the time it is due in whole ms. A sweeper that finds no effect to a hint cannot know whether its
append is still under way, perhaps tried again after Redis was away. So it first marks the hint: the time of the mark
plus half a ms becomes its score. Whoever appends writes the hint anew, and the mark is gone; only a hint that keeps
its mark for HINT_GRACE, longer than any append takes, is forgotten.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from importlib.resources import files
from typing import cast

from state.connect import Client
from state.errors import translated
from state.events import EffectRequested, Event

HINT_GRACE = timedelta(seconds=60)
"""How long a hint without its effect keeps its mark: longer than any append takes."""

_DUE = "segue:due"
_MARK = 0.5

Hint = tuple[str, str]
"""Conversation and effect."""


class Hints:
    """All due hints of a Redis."""

    def __init__(self, redis: Client) -> None:
        self._redis = redis
        self._swap = redis.register_script(files("state").joinpath("hint.lua").read_text())

    async def write(self, cid: str, events: Iterable[Event]) -> None:
        """Hints at the effects that these events, not yet appended, request."""
        hints = {_member(cid, event.id): _ms(event.due) for event in events if isinstance(event, EffectRequested)}
        if hints:
            with translated():
                await self._redis.zadd(_DUE, hints)

    async def due(self, now: datetime, limit: int) -> list[Hint]:
        """The hints that may be due, longest overdue first."""
        with translated():
            members = await self._redis.zrange(_DUE, "-inf", str(_ms(now)), byscore=True, offset=0, num=limit)
        return [_split(member) for member in cast(list[str], members)]

    async def all(self) -> list[Hint]:
        """Every hint there is, due or not."""
        with translated():
            members = await self._redis.zrange(_DUE, 0, -1)
        return [_split(member) for member in cast(list[str], members)]

    async def exists(self, cid: str, effect_id: str) -> bool:
        """Whether an effect is hinted at."""
        return await self._score(_member(cid, effect_id)) is not None

    async def defer(self, cid: str, effect_id: str, until: datetime) -> None:
        """Moves a hint, if it is there, to a later time."""
        with translated():
            await self._redis.zadd(_DUE, {_member(cid, effect_id): _ms(until)}, xx=True)

    async def remove(self, cid: str, effect_id: str) -> None:
        """Removes the hint of an effect that has settled, which is for good."""
        with translated():
            await self._redis.zrem(_DUE, _member(cid, effect_id))

    async def suspect(self, cid: str, effect_id: str, now: datetime) -> bool:
        """Marks a hint that has no effect, or removes it if it has kept its mark; returns whether it is removed."""
        member = _member(cid, effect_id)
        score = await self._score(member)
        if score is None or score > _ms(now):
            return False
        if not score % 1:
            await self._replace(member, score, str(_ms(now) + _MARK))
            return False
        return score <= _ms(now - HINT_GRACE) + _MARK and await self._replace(member, score, "")

    async def _score(self, member: str) -> float | None:
        with translated():
            return await self._redis.zscore(_DUE, member)

    async def _replace(self, member: str, seen: float, score: str) -> bool:
        with translated():
            return bool(await self._swap(keys=[_DUE], args=[member, str(seen), score]))


def _member(cid: str, effect_id: str) -> str:
    return f"{cid}/{effect_id}"


def _split(member: str) -> Hint:
    cid, _, effect = member.partition("/")
    return cid, effect


def _ms(when: datetime) -> int:
    return round(when.timestamp() * 1000)
