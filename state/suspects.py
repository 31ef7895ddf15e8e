"""Sorted sets of hints, which are written before what they hint at: how one is forgotten that hints at nothing.

A member's score is a time in whole ms. Who finds a member without its matter cannot know whether that is still under
way, perhaps tried again after Redis was away. So he first marks it: the time of the mark plus half a ms becomes its
score. Whoever writes the hint anew takes the mark away; only a member that keeps it for HINT_GRACE is removed.
"""

from datetime import datetime, timedelta
from importlib.resources import files

from state.connect import Client
from state.errors import translated

HINT_GRACE = timedelta(seconds=60)
"""How long a hint at nothing keeps its mark: longer than any append takes."""

_MARK = 0.5


class Suspects:
    """The members of one sorted set that may hint at nothing."""

    def __init__(self, redis: Client, key: str) -> None:
        self._redis = redis
        self._key = key
        self._swap = redis.register_script(files("state").joinpath("hint.lua").read_text())

    async def suspect(self, member: str, now: datetime) -> bool:
        """Marks a member, or removes it if it has kept its mark; returns whether it is removed."""
        score = await self.score(member)
        if score is None or score > in_ms(now):
            return False
        if not score % 1:
            await self.replace(member, score, str(in_ms(now) + _MARK))
            return False
        return score <= in_ms(now - HINT_GRACE) + _MARK and await self.replace(member, score, "")

    async def score(self, member: str) -> float | None:
        """A member's score, or None if it is not there."""
        with translated():
            return await self._redis.zscore(self._key, member)

    async def replace(self, member: str, seen: float, score: str) -> bool:
        """Gives a member another score, or removes it if that is empty, unless it was written anew since."""
        with translated():
            return bool(await self._swap(keys=[self._key], args=[member, str(seen), score]))


def in_ms(when: datetime) -> int:
    """A time as a score."""
    return round(when.timestamp() * 1000)
