"""Texts: taken in by a webhook that only records them, answered by a worker that only asks for a send.

An opt-out is honoured in the webhook itself: its suppression is in the same append as the text, so it holds on both
channels before the carrier has its answer.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from starlette.datastructures import ImmutableMultiDict
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from agent.conversation import events_of, respond
from agent.guard.inbound import inspect, mask
from agent.guard.plain import plain
from agent.guard.questions import is_help
from agent.handoff import sought
from agent.moves import HandOff, Move, Say, Suppress
from agent.opening import introduced
from agent.snapshot import Snapshot, Utterance
from agent.texting import gsm7
from state.effects import Answer, FindAgent, PermitKind, SendText
from state.events import (
    Channel,
    ConsentGiven,
    EffectRequested,
    EffectSettled,
    Event,
    OutreachHeld,
    Promised,
    Scope,
    Suppressed,
    TextReceived,
    TextStatus,
)
from state.fold import fold_all
from state.store import Conflict
from state.view import View
from telephony.carrier import OPTED_OUT
from telephony.door import opted_out_with_carrier
from telephony.forms import Form, field, whole
from telephony.numbers import bare, e164, is_elsewhere
from telephony.permission import is_the_persona_s
from telephony.services import Services
from telephony.transfers import staff
from telephony.voice import arrival
from telephony.wake import commit
from telephony.webhooks import Party, inbound_party, leads_at, no_reply, nothing, party, signed

log = structlog.get_logger(__name__)

LEFT_TO_CALL = timedelta(minutes=15)
"""How long a text is left to a live call. A call that has not answered it by then has lost its process, or its mind."""
LOOK_AGAIN = timedelta(seconds=10)
"""A call that ends wakes what it left; this is for one whose end nobody has told us of."""


@signed
async def inbound(request: Request, services: Services, form: Form) -> Response:
    """`/twilio/sms`: a text to one of our numbers. A repeated webhook finds the text there and adds nothing."""
    sid = field(form, "MessageSid")
    if await staff.take_in(services, form, sid):
        return no_reply(services)
    if is_elsewhere(form.get("From", "")):
        return await _elsewhere(services, form, sid)
    lead = await inbound_party(services, form, sid)
    if not lead.number:
        raise HTTPException(400, "From is no telephone number: a text that cannot be answered is not taken")
    await take_in(services, lead, sid, form)
    log.info("text received", conversation=lead.cid, text_sid=sid, number=lead.number)
    return no_reply(services)


async def take_in(services: Services, lead: Party, sid: str, form: Form) -> None:
    """Records a text and what it means at once. Taken in twice, it is there once."""
    known = lead.view
    while True:
        view, known = known or await services.record.view(lead.cid), None
        events = received(services, view, lead, sid, form)
        try:
            await commit(services, lead.cid, *events, expect=view.version if view.arrived_at is None else None)
        except Conflict:
            continue  # another contact of his came first and made him a lead
        if stops := [event for event in events if isinstance(event, Suppressed)]:
            await _stop_the_others(services, lead, sid, field(form, "To"), stops)
        return


async def _elsewhere(services: Services, form: Form, sid: str) -> Response:
    """A message over another of the carrier's channels, `whatsapp:+13125550142` say. Nobody has agreed to be answered
    there, nor, by writing there, to texts: it is refused. That somebody wants no more holds wherever he says it."""
    sides = {side: bare(field(form, side)) for side in ("From", "To")}
    lead = await inbound_party(services, ImmutableMultiDict(sides), sid)
    view = await services.record.view(lead.cid)
    text = TextReceived(id=f"sms:{sid}", at=services.clock(), sid=sid, body=mask(form.get("Body", "")))
    stops = [event for event in _at_once(services, view, lead, text) if isinstance(event, Suppressed | OutreachHeld)]
    if view.arrived_at is None or not stops:
        raise HTTPException(400, "only texts and calls are answered; send this number no messages of other channels")
    await commit(services, lead.cid, *stops)
    await _stop_the_others(services, lead, sid, sides["To"], [one for one in stops if isinstance(one, Suppressed)])
    log.info("stop over another channel", conversation=lead.cid, text_sid=sid)
    return no_reply(services)


async def _stop_the_others(services: Services, lead: Party, sid: str, ours: str, stops: Sequence[Suppressed]) -> None:
    """A stop is said to a number: it counts for every brand that talks with him from it."""
    for other in await leads_at(services, services.campaigns_at(e164(ours)), lead.number, sid):
        if other.cid != lead.cid and stops:
            await commit(services, other.cid, *stops)


def received(services: Services, view: View, lead: Party, sid: str, form: Form) -> list[Event]:
    """What a text adds to the record: itself, what it makes of an unknown texter, an opt-out, and an answer to give."""
    now, cause, body = services.clock(), f"sms:{sid}", mask(form.get("Body", ""), view.said_last)
    media = whole(form.get("NumMedia", "")) or 0
    text = TextReceived(id=cause, at=now, sid=sid, body=body, media=media)
    known = [] if view.arrived_at else _inquiry(services, lead, cause, sid)
    answer = EffectRequested(id=f"answer:{sid}", at=now, effect=Answer(text_id=cause), due=now)
    # The suppression empties the outbox, so the answer, which may have to confirm it, is asked for after it.
    return [*known, text, *_at_once(services, view, lead, text), answer]


def _inquiry(services: Services, lead: Party, cause: str, sid: str) -> list[Event]:
    """Who texts us first asks something, and may be answered: no more (the gate wants written consent for more)."""
    now = services.clock()
    consent = ConsentGiven(
        id=f"{cause}:consent",
        at=now,
        scopes=(Scope.SMS,),
        basis="inquiry",
        act="reply",
        disclosure="",  # he was shown nothing; what he wrote is in the text the certificate names
        brand=lead.campaign.brand,
        campaign=lead.campaign.id,
        number=lead.number,
        certificate=sid,
        source_chain=("inbound_sms",),
        recorded_at=now,
        actor="webhook",
    )
    return [arrival(services, lead, source="inbound_sms", cause=cause), consent]


def _at_once(services: Services, view: View, lead: Party, text: TextReceived) -> list[Event]:
    """What the guard decides about the words whatever is said to them: a suppression, a hold, a resumption."""
    finding = inspect(text.body, Snapshot(view, lead.campaign, Channel.SMS, text.at))
    return events_of(finding.moves, text.id, text.at) if finding else []


async def answer(
    services: Services, cid: str, effect_id: str, effect: Answer, known: View | None = None
) -> datetime | View:
    """Thinks of the reply to one text and asks for it to be sent, in one append on the view it was thought of with.

    `known` is the newest view as far as the caller knows: what is thought of with it is appended only if it is.

    During a call the persona answers there, and settles the effect. Returns when to look again whether it has; or the
    view with the answer in it: then `reply_id` is for the caller to carry out, as nobody is woken for it.
    """
    while True:
        view, known, now = known or await services.record.view(cid), None, services.clock()
        waiting = view.outbox.get(effect_id)
        if waiting is None:
            return view
        if view.live_call is not None and now < waiting.due + LEFT_TO_CALL:
            return now + LOOK_AGAIN
        events = await _reply(services, view, effect)
        settled = EffectSettled(id=f"{effect_id}:settled", at=services.clock(), effect=effect_id, outcome="done")
        try:
            await commit(services, cid, *events, settled, expect=view.version, in_hand=reply_id(effect.text_id))
            return fold_all(view, [*events, settled])
        except Conflict:
            continue  # he wrote again, or something was sent: think again


async def _reply(services: Services, view: View, effect: Answer) -> list[Event]:
    campaign, now = services.campaign_of(view), services.clock()
    line = next((line for line in reversed(view.thread) if line.event == effect.text_id), None)
    if line is None:
        return []  # so many texts ago that the view has let it go
    snapshot = Snapshot(view, campaign, Channel.SMS, now)
    reply = [move async for move in respond(services.brain, snapshot, Utterance(line.text, effect.text_id))]
    moves = introduced(reply, snapshot)
    events = [*events_of(moves, effect.text_id, now), *sends(view, moves, effect.text_id, now)]
    if any(isinstance(move, HandOff) for move in moves):
        events.append(sought(effect.text_id, None, now))
    return [event for event in events if view.paused is None or not _is_talk(event)]


def _is_talk(event: Event) -> bool:
    """What the persona leaves to the person who has taken over. It goes on learning facts, and obeying a stop."""
    if isinstance(event, EffectRequested):
        return isinstance(event.effect, FindAgent) or is_the_persona_s(event.effect)
    return isinstance(event, Promised)


def reply_id(cause: str) -> str:
    """The effect that sends what is said to the event `cause`."""
    return f"reply:{cause}"


def sends(view: View, moves: Sequence[Move], cause: str, now: datetime) -> list[Event]:
    """The one text that says everything the moves say. A last word after an opt-out has a permit of its own, and so
    has the answer to HELP."""
    said = [move for move in moves if isinstance(move, Say)]
    if not said:
        return []
    effect = SendText(
        permit=_permit(view, moves, cause),
        to=view.number,
        body=gsm7(" ".join(say.text for say in said)),
        asks=next((say.asks for say in reversed(said) if say.asks), None),
    )
    return [EffectRequested(id=reply_id(cause), at=now, effect=effect, due=now)]


def _permit(view: View, moves: Sequence[Move], cause: str) -> PermitKind:
    if any(isinstance(move, Suppress) for move in moves):
        return PermitKind.OPT_OUT_CONFIRMATION
    answered = next((line.text for line in view.thread if line.event == cause), "")
    return PermitKind.HELP if is_help(plain(answered)) else PermitKind.REPLY_TO_LEAD


@signed
async def status(request: Request, services: Services, form: Form) -> Response:
    """`/twilio/sms/status/{cid}`, or without the id for a messaging service's own callback: how a text stands."""
    sid, state = field(form, "MessageSid"), field(form, "MessageStatus")
    to = field(form, "To")
    cid = request.path_params.get("cid") or (await party(services, lead=to, ours=field(form, "From"), contact=sid)).cid
    error = whole(form.get("ErrorCode", ""))
    report = TextStatus(id=f"sms:{sid}:{state}", at=services.clock(), sid=sid, status=state, error=error)
    view = await services.record.seen(cid)
    if view.arrived_at is None:
        view = await services.record.view(cid)
    if view.arrived_at is None:
        log.warning("report about a text we know nothing of", text_sid=sid)
        return nothing()
    # An agent's text is reported here too: his opting out is not the lead's.
    to_lead = error in OPTED_OUT and to == view.number
    learned = [opted_out_with_carrier(f"sms:{sid}", error, services.clock())] if to_lead else []
    await commit(services, cid, report, *learned)
    return nothing()
