"""The workers: tasks that wake, look at the record, and do what it says is due.

What is due at once is done by the process in which it came up (`telephony.errands`); Docket wakes for the rest (durable
tasks on the same Redis). What is to be done stands in the conversation's outbox, so a wake-up too many does nothing and
one too few is made up by the sweeper.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import structlog
from docket import Docket, Perpetual, Worker

from state.effects import Answer, CheckTransfer, FindAgent
from state.errors import HistoryChanged
from state.hints import PLAN as PLAN_HINT
from state.view import View
from telephony import sms
from telephony.aside import Aside
from telephony.crm import push
from telephony.door import Door
from telephony.outreach import failover, planning
from telephony.services import Services
from telephony.transfers import search, watch
from telephony.wake import DELIVER, PLAN, queue_effect, queue_plan, wake_for_effect

log = structlog.get_logger(__name__)

SWEEP_EVERY = timedelta(seconds=5)
SWEPT_AT_ONCE = 250
"""Fifty a second: more than a number texts, and while a long list comes in most of a core is left for who writes."""
OVERDUE_AFTER = timedelta(seconds=2)
"""An effect this late has lost its wake-up; a younger one is on its way."""
LISTS_AGAIN_AFTER = timedelta(seconds=10)
"""When an effect is looked at again that found another Redis, and the carrier's lists not to be had."""
REDELIVERY = timedelta(seconds=10)
"""After this a dead worker's task goes to another."""
RESOLUTION = timedelta(milliseconds=100)
"""How late a task that was scheduled for later may start. One for now starts at once: its arrival wakes the worker."""
CONCURRENCY = 32


class Workers:
    """The tasks, bound to the services they use."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._door = Door(services)
        self._aside = Aside()

    def register(self, docket: Docket) -> None:
        """Makes the tasks known under the names that `telephony.wake` schedules."""
        docket.register(self.deliver, names=[DELIVER])
        docket.register(self.plan, names=[PLAN])
        docket.register(self.sweep)

    async def deliver(self, cid: str, effect_id: str) -> None:
        """Carries one effect out, if it is still wanted."""
        record = self._services.record
        # What was asked for a moment ago in this process is known here; whatever follows is appended only if it holds.
        view = await record.seen(cid)
        if effect_id not in view.outbox:
            view = await record.view(cid)
        if effect_id in view.outbox:
            await self._deliver(cid, effect_id, view)
        else:
            await record.settle_hint(cid, effect_id, self._services.clock())

    async def _deliver(self, cid: str, effect_id: str, view: View) -> None:
        again = await self._carry_out(cid, effect_id, view)
        if again is not None:
            await wake_for_effect(self._services, cid, effect_id, again)
            # The sweeper is not to take it for overdue until then, nor to be kept from what is.
            await self._services.record.defer_hint(cid, effect_id, again)

    async def _carry_out(self, cid: str, effect_id: str, view: View) -> datetime | None:
        match view.outbox[effect_id].effect:
            case Answer() as effect:
                answered = await sms.answer(self._services, cid, effect_id, effect, view)
                if isinstance(answered, datetime):
                    return answered
                # Not by a wake-up, for which the lead would wait. If this dies first, the sweeper finds the hint.
                reply = sms.reply_id(effect.text_id)
                if reply in answered.outbox:
                    await self._deliver(cid, reply, answered)
                return None
            case FindAgent() as effect:
                return await search.find(self._services, cid, effect_id, effect)
            case CheckTransfer() as effect:
                return await watch.check(self._services, cid, effect_id, effect)
            case _:
                return await self._send(cid, effect_id, view)

    async def _send(self, cid: str, effect_id: str, view: View | None) -> datetime | None:
        """Through the door, to which a Redis that has not heard of what went out already must not lead."""
        record = self._services.record
        while True:
            if not record.trusted:
                view = None
                await failover.check(self._services)
                if not record.trusted:
                    return self._services.clock() + LISTS_AGAIN_AFTER
            try:
                return await self._door.carry_out(cid, effect_id, view)
            except HistoryChanged:
                continue

    async def plan(self, cid: str) -> None:
        """Thinks of the next step of outreach on the newest view, and takes it if it is due."""
        async with self._aside.turn():
            await planning.think(self._services, cid)

    async def sweep(self, perpetual: Perpetual = Perpetual(every=SWEEP_EVERY, automatic=True)) -> None:  # noqa: B008
        """Wakes what is overdue: its wake-up was lost, or the process that had it died."""
        await failover.check(self._services)
        now = self._services.clock()
        at = self._services.real_time(now)
        for cid, effect_id in await self._services.record.due(now - OVERDUE_AFTER, SWEPT_AT_ONCE):
            # By way of the queue, for whoever has time: what has just come up here goes before it. And one by one until
            # the next sweep, or all of them would be at it at once.
            if effect_id == PLAN_HINT:
                await queue_plan(self._services.docket, cid, at)
            elif not await self._services.record.settle_hint(cid, effect_id, now):
                await queue_effect(self._services.docket, cid, effect_id, at)
            at += SWEEP_EVERY / SWEPT_AT_ONCE


@asynccontextmanager
async def running(services: Services) -> AsyncIterator[None]:
    """Runs a worker beside the server, in the same loop, until the block ends."""
    tasks = Workers(services)
    tasks.register(services.docket)
    async with (
        new_worker(services.docket) as worker,
        _telling(services),
        _beside(worker.run_forever(), "worker"),
        services.errands.open({DELIVER: tasks.deliver, PLAN: tasks.plan}, patient={PLAN}),
    ):
        yield


@asynccontextmanager
async def _telling(services: Services) -> AsyncIterator[None]:
    """Tells subscribers, if there are any."""
    subscriptions = services.settings.webhooks
    if not subscriptions:
        yield
        return
    async with push.new_client() as client:
        teller = push.Teller(services.record, subscriptions, push.Post(client), services.clock)
        async with _beside(teller.run(), "telling"):
            yield


@asynccontextmanager
async def _beside(work: Coroutine[None, None, None], name: str) -> AsyncIterator[None]:
    task = asyncio.create_task(work, name=name)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def new_worker(docket: Docket, *, sweeping: bool = True) -> Worker:
    """A worker with our timings; without the sweeper it can run until there is nothing left to do."""
    return Worker(
        docket,
        concurrency=CONCURRENCY,
        redelivery_timeout=REDELIVERY,
        minimum_check_interval=RESOLUTION,
        scheduling_resolution=RESOLUTION,
        reconnection_delay=timedelta(seconds=1),
        schedule_automatic_tasks=sweeping,
    )
