"""How many people a campaign has contacted of late, and how many of them stopped or complained.

Sorted sets of conversations by when, one each for a campaign; a conversation counts once, by the newest contact and the
first stop. They are derived from views and cheap to be wrong by a few, so nothing depends on their being exact.

    segue:{campaign:ID}:contacted    :stopped    :complained
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from state.connect import Client
from state.errors import translated
from state.suspects import in_ms

KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Counts:
    """People since a time."""

    contacted: int
    stopped: int
    complained: int


class Tallies:
    """The tallies of all campaigns."""

    def __init__(self, redis: Client) -> None:
        self._redis = redis

    async def contacted(self, campaign: str, cid: str, at: datetime) -> None:
        """Somebody was contacted."""
        with translated():
            await self._redis.zadd(_key(campaign, "contacted"), {cid: in_ms(at)}, gt=True)

    async def stopped(self, campaign: str, cid: str, at: datetime, *, complained: bool) -> bool:
        """Somebody wants no more, or even complained. False if that was known."""
        names = ("stopped", "complained") if complained else ("stopped",)
        with translated():
            added = [await self._redis.zadd(_key(campaign, name), {cid: in_ms(at)}, nx=True) for name in names]
        return any(added)

    async def since(self, campaign: str, when: datetime, now: datetime) -> Counts:
        """The counts from a time on. What nobody will ask for any more is let go."""
        names = ("contacted", "stopped", "complained")
        with translated():
            asking = self._redis.pipeline(transaction=False)
            for name in names:
                asking.zremrangebyscore(_key(campaign, name), "-inf", in_ms(now - KEPT))
                asking.zcount(_key(campaign, name), in_ms(when), "+inf")
            found = await asking.execute()
        return Counts(*(int(count) for count in found[1::2]))


def _key(campaign: str, name: str) -> str:
    return f"segue:{{campaign:{campaign}}}:{name}"
