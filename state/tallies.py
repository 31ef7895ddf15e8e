"""How many people a campaign has contacted of late, and how many of them stopped or complained.

Sorted sets of conversations by when, one each for a campaign; a conversation counts once, by the newest contact and the
first stop. They are derived from views and cheap to be wrong by a few, so nothing depends on their being exact.

    segue:{campaign:ID}:contacted    :stopped    :complained
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from state.behind import Behind
from state.connect import Client
from state.errors import RecordUnavailable, translated
from state.suspects import in_ms

log = structlog.get_logger(__name__)

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
        self._contacted: dict[str, dict[str, int]] = {}
        self._behind = Behind(self._write_contacted, "tallies")

    def contacted(self, campaign: str, cid: str, at: datetime) -> None:
        """Somebody was contacted. It is written a moment later, with others."""
        self._contacted.setdefault(campaign, {})[cid] = in_ms(at)
        self._behind.soon()

    async def close(self) -> None:
        """Writes what is still to be written."""
        await self._behind.close()

    async def _write_contacted(self) -> None:
        contacted, self._contacted = self._contacted, {}
        try:
            with translated():
                writing = self._redis.pipeline(transaction=False)
                for campaign, when in contacted.items():
                    writing.zadd(_key(campaign, "contacted"), when, gt=True)
                await writing.execute()
        except RecordUnavailable as error:
            log.warning("contacts not counted", conversations=sum(map(len, contacted.values())), error=str(error))

    async def stopped(self, campaign: str, cid: str, at: datetime, *, complained: bool) -> bool:
        """Somebody wants no more, or even complained. False if that was known."""
        names = ("stopped", "complained") if complained else ("stopped",)
        with translated():
            added = [await self._redis.zadd(_key(campaign, name), {cid: in_ms(at)}, nx=True) for name in names]
        return any(added)

    async def since(self, campaign: str, when: datetime, now: datetime) -> Counts:
        """The counts from a time on. What nobody will ask for any more is let go."""
        await self._behind.now()
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
