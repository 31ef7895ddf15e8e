"""Appends that set to work whoever has to act on them. The record is the truth; a wake-up that is lost only costs the
sweeper's period."""

import asyncio
from datetime import datetime

import structlog
from docket import Docket

from agent.campaign import Campaign
from agent.outreach import Step, effect_event, plan
from state.consent import EVIDENCE, sealing
from state.errors import REDIS_ERRORS
from state.events import EffectRequested, Event, EvidenceSealed
from state.hints import replans
from state.store import Appended, RecordError
from state.view import View
from telephony.services import Services

log = structlog.get_logger(__name__)

DELIVER = "deliver"
PLAN = "plan"
"""Names of the workers' tasks."""

WAKE_SECONDS = 2.0
"""How long waking may take. Docket itself would wait for a Redis that does not answer without end, and with it the
writer of a call that has more to write."""


async def commit(
    services: Services, cid: str, *events: Event, expect: int | None = None, in_hand: str | None = None
) -> Appended:
    """Appends, then wakes whoever has to act on it; not for the effect `in_hand`, which the caller carries out.

    Raises:
        Conflict: if `expect` is given and the conversation is at another version.
        RecordUnavailable: if nothing could be written.
    """
    appended = await services.record.append(cid, *events, expect=expect)
    await wake(services, cid, *events, in_hand=in_hand)
    return appended


async def wake(services: Services, cid: str, *events: Event, in_hand: str | None = None) -> None:
    """Schedules what these events, already appended, call for. Never raises: the sweeper finds what is missed."""
    requested = [event for event in events if isinstance(event, EffectRequested)]
    if any(isinstance(event, EVIDENCE) for event in events) and not isinstance(events[-1], EvidenceSealed):
        await _seal(services, cid)
    try:
        async with asyncio.timeout(WAKE_SECONDS):
            for event in requested:
                if event.id != in_hand:
                    await wake_for_effect(services, cid, event.id, event.due)
            # What is requested here is settled later, and planned after then: no need to plan twice.
            if not requested and any(map(replans, events)):
                await wake_for_plan(services, cid, services.clock())
    except REDIS_ERRORS as error:
        log.warning("wake-up lost, the sweeper will find it", conversation=cid, error=type(error).__name__)


async def _seal(services: Services, cid: str) -> None:
    """Seals new rows of the consent ledger. One that fails is made up for with the next row, and shows until then."""
    try:
        seal = sealing(await services.record.log(cid), services.clock())
        if seal is not None:
            await services.record.append(cid, seal)
            log.info("evidence sealed", conversation=cid, rows=seal.rows, head=seal.row_hash)
    except RecordError as error:
        log.warning("evidence not sealed yet", conversation=cid, error=type(error).__name__)


async def wake_for_effect(services: Services, cid: str, effect_id: str, due: datetime) -> None:
    """Has one effect carried out: here and now if it is due and there is room, else by a wake-up for its time."""
    if due <= services.clock() and services.errands.start(DELIVER, cid, effect_id):
        return
    await queue_effect(services.docket, cid, effect_id, services.real_time(due))


async def wake_for_plan(services: Services, cid: str, at: datetime) -> None:
    """Has the conversation's plan thought of: here and now, or by a wake-up that takes the place of any earlier one."""
    if at <= services.clock() and services.errands.start(PLAN, cid):
        return
    await queue_plan(services.docket, cid, services.real_time(at))


async def queue_effect(docket: Docket, cid: str, effect_id: str, at: datetime) -> None:
    """The wake-up for an effect alone, at a time on the wall clock."""
    await docket.replace(DELIVER, at, f"{DELIVER}:{cid}:{effect_id}")(cid, effect_id)


async def queue_plan(docket: Docket, cid: str, at: datetime) -> None:
    """The same for a plan."""
    await docket.replace(PLAN, at, f"{PLAN}:{cid}")(cid)


def step_due(services: Services, view: View, campaign: Campaign) -> EffectRequested | None:
    """The step of outreach that is to be taken now, as an event to append."""
    now = services.clock()
    step = plan(view, campaign, now, services.registers())
    return effect_event(step, view.version, now) if isinstance(step, Step) and step.due <= now else None
