"""A Redis that may have lost its newest writes is noticed by its lineage, and what is missing is taken from the
carrier's lists: texts and calls of ours that the record does not know, and those of leads that were lost with it.
"""

from datetime import datetime, timedelta

import structlog
from starlette.datastructures import ImmutableMultiDict
from starlette.exceptions import HTTPException

from state.effects import Dial, PermitKind, SendText
from state.events import CallPlaced, EffectSettled, Event, TextSent
from state.fold import CALL_OVER
from state.view import View
from telephony import sms, voice
from telephony.carrier import CarrierError, PlacedCall, SentText
from telephony.outreach import reconcile
from telephony.services import Services
from telephony.wake import commit
from telephony.webhooks import inbound_party, leads_at

log = structlog.get_logger(__name__)

LOOK_BACK = timedelta(minutes=15)
"""How far back the carrier's lists are compared: more than any Redis loses that is watched at all."""


async def check(services: Services) -> int | None:
    """Compares the record with the carrier's lists if its history is another than last time.

    Returns how many texts and calls were missing; None if there was no need to look.
    """
    lineage, last = await services.record.lineage(), await services.record.last_lineage()
    if lineage == last:
        services.record.trust(lineage)
        return None
    found = 0
    if last is not None:
        try:
            found = await recover(services, services.real_time_of(services.clock()) - LOOK_BACK)
        except CarrierError as error:
            log.warning("lists not compared yet", code=error.code)
            return None
        log.warning("another Redis answers than before, or it was started anew", missing=found)
    await services.record.vouch_for(lineage)
    return found


async def recover(services: Services, since: datetime) -> int:
    """Adds to the record what the carrier's lists have since then (by its clock) and it lacks; returns how much."""
    numbers = {ours for one in services.campaigns.values() if one.active and (ours := services.number_of(one))}
    found = 0
    for ours in sorted(numbers):
        for text in await services.carrier.sent_from(ours, since):
            found += await _sent(services, ours, text)
        for call in await services.carrier.placed_from(ours, since):
            found += await _placed(services, ours, call)
        for text in await services.carrier.find_texts(ours, since):
            found += await _received(services, ours, text)
        for call in await services.carrier.find_calls(ours, since):
            found += await _arrived(services, ours, call)
    return found


async def _sent(services: Services, ours: str, text: SentText) -> bool:
    cid, view = await _conversation(services, ours, text.to, text.sid)
    if view.arrived_at is None or text.sid in view.texts:
        return False
    effect_id, effect = next(
        ((key, one.effect) for key, one in view.outbox.items() if _says(one.effect, text.body)), ("", None)
    )
    permit = effect.permit if isinstance(effect, SendText) else PermitKind.INITIATE
    asks = effect.asks if isinstance(effect, SendText) else None
    at = services.clock()
    sent = TextSent(
        id=f"sms:{text.sid}", at=at, sid=text.sid, effect=effect_id, body=text.body, asks=asks, permit=permit
    )
    return await _add(services, cid, sent, effect_id, at)


async def _placed(services: Services, ours: str, call: PlacedCall) -> bool:
    cid, view = await _conversation(services, ours, call.to, call.sid)
    if view.arrived_at is None or call.sid in view.calls:
        return False
    effect_id, effect = next(
        ((key, one.effect) for key, one in view.outbox.items() if isinstance(one.effect, Dial)), ("", None)
    )
    permit = effect.permit if isinstance(effect, Dial) else PermitKind.INITIATE
    at = services.clock()
    placed = CallPlaced(
        id=f"call:{call.sid}:placed", at=at, call=call.sid, effect=effect_id, permit=permit, ours=call.caller_id
    )
    return await _add(services, cid, placed, effect_id, at)


async def _received(services: Services, ours: str, text: SentText) -> bool:
    """A text of a lead's, taken in as its webhook would be: its ids are the same, so it is there once."""
    if any(text.sender == agent.number for one in services.campaigns.values() for agent in one.agents):
        return False  # one of our own people
    form = ImmutableMultiDict({"From": text.sender, "To": ours, "Body": text.body, "MessageSid": text.sid})
    try:
        lead = await inbound_party(services, form, text.sid)
    except HTTPException:
        return False  # no number that could be answered
    before = (await services.record.view(lead.cid)).version
    await sms.take_in(services, lead, text.sid, form)
    return (await services.record.view(lead.cid)).version > before


async def _arrived(services: Services, ours: str, call: PlacedCall) -> bool:
    """A call of a lead's, recorded as its webhooks would have had it: that he called, and that it is over if it is.

    What was said on it is lost with the rest, but for what a process that has it on the line still writes.
    """
    try:
        lead = await inbound_party(services, ImmutableMultiDict({"From": call.caller_id, "To": ours}), call.sid)
    except HTTPException:
        return False  # the campaign whose number it was is not active any more
    known = (await services.record.view(lead.cid)).calls.get(call.sid)
    if known is not None and known.direction == "inbound":
        return False
    await voice.welcome(services, lead, call.sid)
    if call.status in CALL_OVER:
        await voice.reported(services, lead.cid, reconcile.as_listed(services, call))
    return True


async def _conversation(services: Services, ours: str, lead: str, sid: str) -> tuple[str, View]:
    """Whose a text or call of ours is, with the view; the empty one for whoever is no lead."""
    known = await leads_at(services, services.campaigns_at(ours), lead, sid)
    return (known[0].cid, await services.record.view(known[0].cid)) if known else ("", View())


def _says(effect: object, body: str) -> bool:
    return isinstance(effect, SendText) and body.strip().endswith(effect.body.strip())


async def _add(services: Services, cid: str, event: Event, effect_id: str, at: datetime) -> bool:
    settled = EffectSettled(
        id=f"{effect_id}:settled", at=at, effect=effect_id, outcome="done", detail="by the carrier's list"
    )
    await commit(services, cid, event, *([settled] if effect_id else []))
    return True
