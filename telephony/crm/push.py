"""Telling a CRM: every event to every subscriber, signed, in order, again until it is taken, each under one id.

`Teller` looks at conversations in which something happened (`state.outgoing`) and brings each subscriber what lies
beyond his cursor, one event after the other. What he does not take is tried again with growing pauses, and holds up
only that conversation and only him; after the last attempt it is put aside, and `segue webhooks replay` sends it anew.
An answer that was lost means the same event once more, under the same id, by which the receiver knows it.
"""

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from json import dumps

import httpx
import structlog
from standardwebhooks.webhooks import Webhook

from state.clock import Clock
from state.errors import RecordUnavailable
from state.events import EVENT, Event
from state.outgoing import Cursor, DeadLetter
from state.store import Record
from state.view import View
from telephony.crm.subscriptions import Subscription
from telephony.metrics import EVENTS_TOLD

log = structlog.get_logger(__name__)

TIMEOUT_S = 10.0
PAUSES = tuple(timedelta(seconds=s) for s in (5, 30, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 10 * 3600))
"""After each failed attempt; behind the last the event is given up, more than a day after the first."""
AT_ONCE = 32
"""Conversations that are told of at one time."""
LOOK_EVERY_S = 1.0
"""How often due attempts are looked for when nothing rings."""
GATHER_S = 0.02
"""After a ring, what else happens within this long is told in the same round."""
GONE = 410
"""The receiver wants no more of it, ever."""

Numbered = Sequence[tuple[int, Event]]


@dataclass(frozen=True, slots=True)
class Refused:
    """An attempt that failed: why, when he would rather be asked again, and whether never."""

    why: str
    retry_after: timedelta = timedelta()
    for_good: bool = False


class Post:
    """Brings one event to one endpoint."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def __call__(self, to: Subscription, cid: str, view: View, version: int, event: Event) -> Refused | None:
        """One attempt; None: it was taken."""
        body = payload(cid, view, version, event)
        # By the world's clock: a receiver refuses what seems old.
        headers = signed(to, f"{cid}:{event.id}", body, datetime.now(UTC))
        try:
            answer = await self._client.post(to.url, content=body, headers=headers)
        except httpx.HTTPError as error:
            return Refused(type(error).__name__)
        if answer.is_success:
            return None
        after = answer.headers.get("retry-after", "")
        wait = timedelta(seconds=int(after)) if after.isdecimal() and len(after) < 6 else timedelta()
        return Refused(f"HTTP {answer.status_code}", wait, answer.status_code == GONE)


def new_client() -> httpx.AsyncClient:
    """A client for endpoints: it follows no redirections, which could lead anywhere."""
    limits = httpx.Limits(max_connections=2 * AT_ONCE)
    return httpx.AsyncClient(timeout=TIMEOUT_S, limits=limits, follow_redirects=False, trust_env=False)


def payload(cid: str, view: View, version: int, event: Event) -> str:
    """The body: `type`, `timestamp`, and in `data` the event with the conversation it belongs to."""
    about = {"conversation": cid, "campaign": view.campaign, "brand": view.brand, "number": view.number}
    told = EVENT.dump_python(event, mode="json")
    return dumps({"type": event.kind, "timestamp": told["at"], "data": {**about, "version": version, "event": told}})


def signed(to: Subscription, id: str, body: str, now: datetime) -> dict[str, str]:
    """The headers of one attempt."""
    signature = Webhook(to.secret.get_secret_value()).sign(id, now, body)
    return {
        "content-type": "application/json",
        "user-agent": "segue",
        "webhook-id": id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }


def pause(tries: int, refused: Refused, luck: float) -> timedelta | None:
    """How long to wait after so many failed attempts, `luck` being in [0, 1); None: it is given up."""
    if refused.for_good or tries > len(PAUSES):
        return None
    return max(PAUSES[tries - 1] * (0.75 + 0.5 * luck), refused.retry_after)


class Teller:
    """Tells all subscribers, until it is cancelled. Any number of processes may have one."""

    def __init__(self, record: Record, subscriptions: Sequence[Subscription], post: Post, clock: Clock) -> None:
        self._record = record
        self._out = record.outgoing
        self._subscriptions = subscriptions
        self._post = post
        self._clock = clock
        self._under_way: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Looks whenever something happens anywhere, and for what is due."""
        try:
            with self._record.rings() as rung:
                while True:
                    rung.clear()
                    await self._begin(rung)
                    with suppress(TimeoutError):
                        async with asyncio.timeout(LOOK_EVERY_S):
                            await rung.wait()
                    await asyncio.sleep(GATHER_S)
        finally:
            tasks = list(self._under_way.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def tell_due(self) -> None:
        """Tells of every conversation that is due now, once."""
        for cid, seen in await self._out.due(self._clock(), AT_ONCE):
            await self.tell(cid, seen)

    async def _begin(self, rung: asyncio.Event) -> None:
        try:
            due = await self._out.due(self._clock(), AT_ONCE + len(self._under_way))
        except RecordUnavailable:
            return
        for cid, seen in due:
            if cid not in self._under_way and len(self._under_way) < AT_ONCE:
                self._under_way[cid] = asyncio.create_task(self._safely(cid, seen, rung), name="telling")

    async def _safely(self, cid: str, seen: float, done: asyncio.Event) -> None:
        try:
            await self.tell(cid, seen)
        except RecordUnavailable as error:
            log.warning("telling waits for the record", conversation=cid, error=str(error))
            await asyncio.sleep(LOOK_EVERY_S)
        except Exception:
            log.exception("telling failed", conversation=cid)
            await asyncio.sleep(LOOK_EVERY_S)
        finally:
            del self._under_way[cid]
            done.set()

    async def tell(self, cid: str, seen: float) -> None:
        """Brings every subscriber what he has not had of a conversation, as far as he takes it."""
        async with self._out.alone(cid) as alone:
            if not alone:
                await self._out.look_again(cid, seen, self._clock() + timedelta(seconds=LOOK_EVERY_S))
                return
            view, cursors = await self._record.view(cid), await self._out.cursors(cid)
            # Logs of people of ours are nobody's business.
            to = self._subscriptions if view.arrived_at else ()
            events = await self._record.log(cid, min((_at(cursors, one).version for one in to), default=view.version))
            waits = await asyncio.gather(*(self._bring(one, cid, view, events, _at(cursors, one)) for one in to))
            again = min((at for at in waits if at is not None), default=None)
            if again is None:
                await self._out.looked(cid, seen, self._clock())
            else:
                await self._out.look_again(cid, seen, again)

    async def _bring(self, to: Subscription, cid: str, view: View, events: Numbered, cursor: Cursor) -> datetime | None:
        """Brings one subscriber what is beyond his cursor; returns when to come again, None if he has everything."""
        if cursor.next_try is not None and self._clock() < cursor.next_try:
            return cursor.next_try
        tries, had, passed = cursor.tries, cursor.version, cursor.version
        for version, event in events:
            if version <= had:
                continue
            passed = version
            if not to.wants(event, view.campaign):
                continue
            refused = await self._post(to, cid, view, version, event)
            EVENTS_TOLD.labels("refused" if refused else "taken").inc()
            if refused is not None:
                tries += 1
                wait = pause(tries, refused, random.random())
                if wait is not None:
                    await self._out.failed(cid, to.name, tries, again := self._clock() + wait)
                    log.info("event not taken", conversation=cid, endpoint=to.name, tries=tries, why=refused.why)
                    return again
                await self._out.bury(DeadLetter(to.name, cid, version, self._clock(), refused.why))
                EVENTS_TOLD.labels("given_up").inc()
                log.warning("event given up", conversation=cid, endpoint=to.name, version=version, why=refused.why)
            await self._out.told(cid, to.name, had := version)
            tries = 0
        if passed > had:
            await self._out.told(cid, to.name, passed)
        return None


def _at(cursors: dict[str, Cursor], to: Subscription) -> Cursor:
    return cursors.get(to.name, Cursor())
