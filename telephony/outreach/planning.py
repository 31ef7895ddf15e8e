"""Thinking of what comes next in a conversation, and writing down what follows by now.

Nothing of a plan is kept but when to think again: a hint in Redis, and a wake-up in Docket that the sweeper makes anew
from the hint if it is lost. Whoever died in between has lost no more than a moment.
"""

from datetime import datetime

import structlog

from agent.campaign import Campaign
from agent.outreach import Step, effect_event, plan
from agent.promises import next_look, settle
from state.effects import Answer
from state.events import Event
from state.store import Conflict
from state.view import View
from telephony.carrier import CarrierError
from telephony.outreach import halts, reconcile
from telephony.services import Services
from telephony.transfers import transfer
from telephony.wake import commit, wake_for_effect, wake_for_plan

log = structlog.get_logger(__name__)


async def think(services: Services, cid: str) -> None:
    """Decides the next step of outreach on the newest view, takes it if it is due, and sees to being woken again."""
    while True:
        seen = await services.record.plan_hint(cid)
        view = await services.record.view(cid)
        if view.arrived_at is None:  # nobody's: the log of a campaign that was paused, say
            await services.record.planned(cid, seen, None)
            return
        await transfer.let_go_if_left(services, cid, view)
        await _stop_ringing(services, cid, view)
        await _answer_what_the_call_left(services, cid, view)
        campaign = services.campaigns.get(view.campaign)
        if campaign is None:
            log.error("no plan without its campaign", conversation=cid, campaign=view.campaign)
            await services.record.planned(cid, seen, None)
            return
        if await reconcile.calls(services, cid, view):
            continue
        await halts.count(services.record, cid, view, campaign, services.clock())
        try:
            events, again = _decide(services, view, campaign)
            if events:
                await commit(services, cid, *events, expect=view.version)
        except Conflict:
            continue  # something has happened since: think anew
        if await services.record.planned(cid, seen, again):
            if again is not None:
                await wake_for_plan(services, cid, again)
            return


def _decide(services: Services, view: View, campaign: Campaign) -> tuple[list[Event], datetime | None]:
    """What to write down, and when to think again if nothing happens until then."""
    now = services.clock()
    if settled := settle(view, now):
        for one in settled:
            log.info("promise settled", outcome=one.outcome, detail=one.detail)
        return [*settled], now
    step = plan(view, campaign, now, services.registers())
    if isinstance(step, Step) and step.due <= now:
        return [effect_event(step, view.version, now)], next_look(view)
    again = step.due if isinstance(step, Step) else step.until
    asked = now + reconcile.ASK_AGAIN if reconcile.overdue(view, now) else None
    return [], min((at for at in (again, next_look(view), asked) if at is not None), default=None)


async def _stop_ringing(services: Services, cid: str, view: View) -> None:
    """Who opts out while his telephone rings is not to pick it up for nothing. A call that is up hears of it itself."""
    if not view.voice_suppressed:
        return
    for call in view.calls.values():
        if call.direction == "outbound" and not (call.connected or call.away or call.ended):
            try:
                await services.carrier.hang_up(call.call)
            except CarrierError as error:
                log.warning("ringing not stopped", conversation=cid, call=call.call, code=error.code)


async def _answer_what_the_call_left(services: Services, cid: str, view: View) -> None:
    """Texts are left to a live call; when it is over, what it did not come to is answered at once."""
    for effect_id, waiting in view.outbox.items():
        if isinstance(waiting.effect, Answer) and view.live_call is None:
            await wake_for_effect(services, cid, effect_id, waiting.due)
