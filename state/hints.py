"""Due hints: which conversations to look at, and when. They span conversations, so no append can write them in its one
step: a hint is written before its append and removed after its effect has settled. A crash leaves a hint too many,
never one too few.

A hint's score is the time it is due in whole ms. A sweeper that finds no effect to a hint suspects it: see
`state.suspects`.

Beside its effects a conversation has one hint for its plan: when to think again about what comes next. Every event
that could change the plan writes it anew, and only who has planned since may move it on: its score has a random part
below a ms, so that a hint written in the meantime, even for the same ms, is another one.
"""

import random
from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import structlog

from state.behind import Behind
from state.connect import Client, Commands
from state.errors import RecordUnavailable, translated
from state.events import (
    CallAnsweredBy,
    CallEnded,
    CallStatus,
    ConsentGiven,
    EffectRequested,
    EffectSettled,
    Event,
    HandoffAdvanced,
    HoldLifted,
    LeadArrived,
    OutreachHeld,
    Paused,
    Promised,
    PromiseSettled,
    Resumed,
    Suppressed,
    TextReceived,
    TextsResumed,
    TextStatus,
)
from state.fold import CALL_OVER
from state.suspects import HINT_GRACE, Suspects, in_ms

__all__ = ["HINT_GRACE", "Backlog", "Hint", "Hints"]

log = structlog.get_logger(__name__)

PLAN = "plan"
"""Stands in a hint where an effect's id would: the conversation's plan is to be thought of again."""

_DUE = "segue:due"

_REPLANNING = (
    LeadArrived,
    ConsentGiven,
    Suppressed,
    TextsResumed,
    OutreachHeld,
    HoldLifted,
    Paused,
    Resumed,
    TextReceived,
    CallAnsweredBy,
    CallEnded,
    Promised,
    PromiseSettled,
    HandoffAdvanced,
    EffectSettled,
)
_NOT_DELIVERED = frozenset({"failed", "undelivered"})


def replans(event: Event) -> bool:
    """Whether the next step of outreach may be another after this event."""
    if isinstance(event, CallStatus):
        return event.status in CALL_OVER
    if isinstance(event, TextStatus):
        return event.status in _NOT_DELIVERED
    return isinstance(event, _REPLANNING)


Hint = tuple[str, str]
"""Conversation and effect."""

LOOKED_AT = 1_000
"""Of so many that are overdue longest, the oldest of each kind is sought."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is hinted at, in all conversations."""

    due: int
    """By now, and not done yet."""
    later: int
    effect_age_s: float
    """How long the oldest effect that is due has been, s; 0 if none is."""
    plan_age_s: float
    """The same of plans."""


class Hints:
    """All due hints of a Redis."""

    def __init__(self, redis: Client) -> None:
        self._redis = redis
        self._suspects = Suspects(redis, _DUE)
        self._over: set[str] = set()
        self._behind = Behind(self._remove_over, "hints")

    def put(self, writing: Commands, cid: str, events: Iterable[Event]) -> None:
        """Hints at the effects that these events, not yet appended, request, and at the plan they may change."""
        hints: dict[str, float] = {}
        for event in events:
            if isinstance(event, EffectRequested):
                hints[_member(cid, event.id)] = in_ms(event.due)
            elif replans(event):
                hints[_member(cid, PLAN)] = _unlike_others(event.at)
        if hints:
            writing.zadd(_DUE, hints)

    async def settled(self, cid: str, events: Iterable[Event], waited: Container[str]) -> None:
        """Removes the hints of effects that these events, now appended, have settled.

        Of those that are known to have `waited` before, a moment later and many at once; who asks here finds them gone.
        Nobody hints at them any more. Others may yet be requested, late and by somebody else.
        """
        over = [event.effect for event in events if isinstance(event, EffectSettled)]
        if not over:
            return
        self._over.update(_member(cid, effect) for effect in over)
        if all(effect in waited for effect in over):
            self._behind.soon()
        else:
            await self._remove_over()

    async def close(self) -> None:
        """Removes what is still to be removed."""
        await self._behind.close()

    async def _remove_over(self) -> None:
        over, self._over = self._over, set()
        if not over:
            return
        try:
            with translated():
                await self._redis.zrem(_DUE, *over)
        except RecordUnavailable as error:
            # The appends have taken place. A hint too many is found by the sweeper.
            log.warning("hints of settled effects stay", hints=len(over), error=str(error))

    async def due(self, now: datetime, limit: int) -> list[Hint]:
        """The hints that may be due, longest overdue first."""
        await self._behind.now()
        with translated():
            members = await self._redis.zrange(_DUE, "-inf", str(in_ms(now)), byscore=True, offset=0, num=limit)
        return [_split(member) for member in cast(list[str], members)]

    async def backlog(self, now: datetime) -> Backlog:
        """How much there is to do, and how late it is."""
        await self._behind.now()
        by_now = in_ms(now)
        with translated():
            due = await self._redis.zcount(_DUE, "-inf", by_now)
            total = await self._redis.zcard(_DUE)
            oldest = await self._redis.zrange(
                _DUE, "-inf", str(by_now), byscore=True, offset=0, num=LOOKED_AT, withscores=True
            )
        since = {True: by_now, False: by_now}
        for member, score in reversed(cast(list[tuple[str, float]], oldest)):
            since[_split(member)[1] == PLAN] = int(score)
        return Backlog(due, total - due, (by_now - since[False]) / 1000, (by_now - since[True]) / 1000)

    async def all(self) -> list[Hint]:
        """Every hint at an effect, due or not."""
        await self._behind.now()
        with translated():
            members = await self._redis.zrange(_DUE, 0, -1)
        hints = (_split(member) for member in cast(list[str], members))
        return [(cid, effect) for cid, effect in hints if effect != PLAN]

    async def plan(self, cid: str) -> float | None:
        """The hint at a conversation's plan as it stands, to be given to `planned`; None: there is none."""
        return await self._suspects.score(_member(cid, PLAN))

    async def planned(self, cid: str, seen: float | None, again: datetime | None) -> bool:
        """Moves the hint at a plan to when it is to be thought of again, or removes it.

        False if the hint is not the one that was `seen`: something has happened since, and the plan is to be made anew.
        """
        member = _member(cid, PLAN)
        if seen is not None:
            return await self._suspects.replace(member, seen, str(_unlike_others(again)) if again else "")
        if again is None:
            return await self.plan(cid) is None
        with translated():
            return bool(await self._redis.zadd(_DUE, {member: _unlike_others(again)}, nx=True))

    async def exists(self, cid: str, effect_id: str) -> bool:
        """Whether an effect is hinted at."""
        await self._behind.now()
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


def _unlike_others(when: datetime) -> float:
    # A double has 12 bits below a ms, for as long as anybody will care.
    return in_ms(when) + random.randrange(1, 4096) / 4096
