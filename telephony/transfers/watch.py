"""A second look at a transfer, for when a callback never comes: nobody is left ringing, waiting or alone.

Carriers promise neither the order nor the arrival of their reports. What is due is decided by
`agent.handoff.remedy` on the record; the carrier is asked where the record cannot know.
"""

from datetime import datetime, timedelta

import structlog

from agent.handoff import Cause, Remedy, remedy
from state.effects import CheckTransfer
from state.events import EffectSettled
from state.fold import CALL_OVER
from state.view import Handoff, View
from telephony.carrier import CarrierError
from telephony.instructions import connect
from telephony.services import Services
from telephony.transfers import transfer
from telephony.wake import commit

log = structlog.get_logger(__name__)

ASK_AGAIN = timedelta(seconds=5)
"""After the carrier could not be asked."""


async def check(services: Services, cid: str, effect_id: str, effect: CheckTransfer) -> datetime | None:
    """Looks once, and mends what hangs. Returns when to look again if the carrier did not answer."""
    view = await services.record.view(cid)
    if effect_id not in view.outbox:
        return None
    try:
        done = await _mend(services, cid, view, effect)
    except CarrierError as error:
        log.warning("transfer not checked", conversation=cid, handoff=effect.handoff, code=error.code)
        return services.clock() + ASK_AGAIN
    now = services.clock()
    settled = EffectSettled(id=f"{effect_id}:settled", at=now, effect=effect_id, outcome="done", detail=done.value)
    await commit(services, cid, settled)
    return None


async def _mend(services: Services, cid: str, view: View, effect: CheckTransfer) -> Remedy:
    due, handoff = remedy(view, effect), view.handoff
    if handoff is None or due is Remedy.NONE:
        return Remedy.NONE
    log.info("transfer looked at", conversation=cid, handoff=effect.handoff, remedy=due.value)
    match due:
        case Remedy.GIVE_UP:
            await _give_up(services, cid, handoff)
        case Remedy.ASK_FOR_AGENT:
            if await _agent_is_there(services, handoff):
                return Remedy.NONE
            await transfer.advance(services, cid, handoff.handoff, Cause.AGENT_LEFT, detail="not in the room")
            await _bring_back(services, cid, handoff)
        case Remedy.BRING_BACK:
            await _bring_back(services, cid, handoff)
    return due


async def _give_up(services: Services, cid: str, handoff: Handoff) -> None:
    _, taken = await transfer.advance(services, cid, handoff.handoff, Cause.AGENT_LEFT, detail="nothing heard")
    if taken and handoff.agent_call is not None:
        await transfer.release_agent(services, handoff.handoff, handoff.agent_call)


async def _agent_is_there(services: Services, handoff: Handoff) -> bool:
    if handoff.agent_call is None:
        return False
    return await services.carrier.call_status(handoff.agent_call) not in CALL_OVER


async def _bring_back(services: Services, cid: str, handoff: Handoff) -> None:
    """Takes a lead who is alone in a room back to the persona. One who has hung up is gone, and that is all."""
    try:
        await services.carrier.redirect(handoff.call, await connect(services, cid, handoff.call))
    except CarrierError as error:
        if error.outcome_unknown or error.code is None:
            raise
        log.info("lead not brought back", conversation=cid, call=handoff.call, code=error.code)
        await transfer.lead_left(services, cid, handoff.call)
