"""What a carrier asks about the lead's calls: what to do with one, what next when its audio ended, how it stands."""

from enum import Enum

import structlog
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from agent.handoff import Cause
from agent.opening import busy_text
from state.effects import HandoffStep, PermitKind, SendText
from state.events import (
    AnswerDetected,
    Attestation,
    CallArrived,
    CallEnded,
    CallStatus,
    EffectRequested,
    Event,
    LeadArrived,
)
from state.fold import CALL_OVER
from state.store import Conflict
from state.view import View
from telephony.forms import Form, field, whole
from telephony.instructions import TOKEN_TTL_S, connect, render_opening
from telephony.metrics import CALLS_WITHOUT_ROOM
from telephony.process.admission import Full
from telephony.services import Services
from telephony.stir import attestation
from telephony.transfers import transfer
from telephony.wake import commit
from telephony.webhooks import Party, inbound_party, known_view, nothing, party, signed, xml

log = structlog.get_logger(__name__)

RESUMPTIONS = 5
"""How often one call may come back after its audio broke, before it is ended with an apology."""
APOLOGY = "Sorry, we have a technical problem. We will get back to you. Goodbye."
BUSY = "Sorry, all our lines are busy right now. We will text you, or please call again in a few minutes. Goodbye."
BUSY_WITHHELD = "Sorry, all our lines are busy right now. Please call again in a few minutes. Goodbye."

RINGS_S = 1.0
"""Nobody picks up sooner: until then the turns of live calls go before the words for this one."""
UNORDERED = 1_000
"""Sequence of a final report that carries none; real ones stay far below."""


class Next(Enum):
    """What becomes of a call whose media stream ended."""

    HANG_UP = "hang up"
    CONFERENCE = "conference"
    RESUME = "resume"


def after_stream(view: View, call: str) -> Next:
    """Decides it from the record alone, so any process can. A call whose audio broke has not ended."""
    handoff, known = view.handoff, view.calls.get(call)
    if handoff and handoff.call == call and handoff.step in {HandoffStep.ACCEPTED, HandoffStep.JOINED}:
        return Next.CONFERENCE
    if known is None or known.ended:
        return Next.HANG_UP
    # Whoever calls us may be answered even after an opt-out; a call of ours may not go on.
    if view.voice_suppressed and known.direction == "outbound":
        return Next.HANG_UP
    return Next.RESUME


@signed
async def inbound(request: Request, services: Services, form: Form) -> Response:
    """`/twilio/voice`: somebody calls us."""
    call = field(form, "CallSid")
    lead = await inbound_party(services, form, call)
    await welcome(services, lead, call, attested=attestation(form.get("StirVerstat", "")))
    log.info("call arrived", call=call, conversation=lead.cid, number=lead.number)
    full = services.admission.admit(call, TOKEN_TTL_S)
    if full is not None:
        return await _refuse(services, lead, call, full)
    return xml(await connect(services, lead.cid, call), BackgroundTask(render_opening, services, lead.cid, call))


async def _refuse(services: Services, lead: Party, call: str, full: Full) -> Response:
    """Apologises, and goes on by text if the gate lets it: calls in progress are not to suffer for one more."""
    CALLS_WITHOUT_ROOM.labels("inbound", full.name.lower()).inc()
    log.warning("call refused", call=call, conversation=lead.cid, why=full.value)
    now = services.clock()
    events: list[Event] = [
        CallEnded(id=f"refused:{call}", at=now, call=call, cause="we_hung_up", heard_ms=0),
    ]
    if lead.number:
        text = SendText(permit=PermitKind.VOICEMAIL_FOLLOW_UP, to=lead.number, body=busy_text(lead.campaign).text)
        events.append(EffectRequested(id=f"busy:{call}", at=now, effect=text, due=now))
    await commit(services, lead.cid, *events)
    return xml(services.dialect.documents.hang_up(BUSY if lead.number else BUSY_WITHHELD))


@signed
async def answered(request: Request, services: Services, form: Form) -> Response:
    """`/twilio/voice/{cid}`: a call of ours was answered."""
    cid, call = request.path_params["cid"], field(form, "CallSid")
    view = await known_view(services, cid)
    if view.voice_suppressed:
        log.info("call dropped, the lead opted out while it rang", call=call, conversation=cid)
        return xml(services.dialect.documents.hang_up())
    if call not in view.calls:
        # The request overtook the answer to our dial, or that answer was lost: the call is ours all the same.
        await commit(services, cid, _status(services, call, "in-progress", sequence=0))
    return xml(await connect(services, cid, call), BackgroundTask(render_opening, services, cid, call))


@signed
async def answered_by(request: Request, services: Services, form: Form) -> Response:
    """`/twilio/voice/answered/{cid}`: the verdict of asynchronous machine detection on a call of ours.

    It is one witness of several, so it is only written down: the call follows its record and weighs it. It may come
    before the media stream starts, and it comes on whichever server.
    """
    cid, call = request.path_params["cid"], field(form, "CallSid")
    await known_view(services, cid)
    found = AnswerDetected(
        id=f"call:{call}:detected",
        at=services.clock(),
        call=call,
        verdict=field(form, "AnsweredBy"),
        after_ms=whole(form.get("MachineDetectionDuration", "")),
    )
    await commit(services, cid, found)
    return nothing()


@signed
async def proceed(request: Request, services: Services, form: Form) -> Response:
    """`/twilio/voice/continue/{cid}`: the call's media stream ended, for whatever reason."""
    cid, call = request.path_params["cid"], field(form, "CallSid")
    attempt = int(request.path_params["attempt"])
    view = await known_view(services, cid)
    step = after_stream(view, call)
    log.info("media stream over", call=call, conversation=cid, next=step.value, attempt=attempt)
    if step is Next.CONFERENCE and (room := await transfer.lead_joins(services, cid, view)):
        return xml(room)
    if step is Next.HANG_UP:
        return xml(services.dialect.documents.hang_up())
    if attempt > RESUMPTIONS:
        return xml(services.dialect.documents.hang_up(APOLOGY))
    return xml(await connect(services, cid, call, attempt + 1))


@signed
async def left_room(request: Request, services: Services, form: Form) -> Response:
    """`/twilio/agent/{cid}/{handoff}/lead`: the room closed and the lead is still there. The persona takes him back."""
    cid, call = request.path_params["cid"], field(form, "CallSid")
    await known_view(services, cid)
    view, _ = await transfer.advance(services, cid, request.path_params["handoff"], Cause.AGENT_LEFT)
    if after_stream(view, call) is Next.HANG_UP:
        return xml(services.dialect.documents.hang_up())
    return xml(await connect(services, cid, call))


@signed
async def status(request: Request, services: Services, form: Form) -> Response:
    """`/twilio/voice/status/{cid}`, or without the id for a number's own callback: how a call stands."""
    call, state = field(form, "CallSid"), field(form, "CallStatus")
    cid = request.path_params.get("cid") or await _conversation(services, form, call)
    sequence = form.get("SequenceNumber", "")
    fallback = UNORDERED if state in CALL_OVER else 0
    if (await services.record.view(cid)).arrived_at is None:
        log.warning("report about a call we know nothing of", call=call)
        return nothing()
    counted = whole(sequence)
    number = fallback if counted is None else counted
    signed_with = attestation(form.get("StirStatus", ""))
    await reported(services, cid, _status(services, call, state, number, known_by=sequence, attested=signed_with))
    # Whoever picks up is greeted by words that were spoken while it rang.
    return nothing(BackgroundTask(render_opening, services, cid, call, in_s=RINGS_S) if state == "ringing" else None)


async def reported(services: Services, cid: str, event: CallStatus) -> None:
    """Records how a call stands. One that is over lets go of its slot, and of whoever was being rung for it."""
    await commit(services, cid, event)
    if event.status in CALL_OVER:
        services.admission.release(event.call)
        await transfer.lead_left(services, cid, event.call)


async def _conversation(services: Services, form: Form, call: str) -> str:
    sides = {"lead": field(form, "From"), "ours": field(form, "To")}
    if form.get("Direction", "inbound").startswith("outbound"):
        sides = {"lead": sides["ours"], "ours": sides["lead"]}
    return (await party(services, **sides, contact=call)).cid


def _status(
    services: Services,
    call: str,
    state: str,
    sequence: int,
    *,
    known_by: str = "",
    attested: Attestation | None = None,
) -> CallStatus:
    event_id = f"call:{call}:{known_by or state}"
    now = services.clock()
    return CallStatus(id=event_id, at=now, call=call, status=state, sequence=sequence, attestation=attested)


async def welcome(
    services: Services, lead: Party, call: str, source: str = "inbound_call", attested: Attestation | None = None
) -> None:
    """Records the call; a caller we do not know becomes a lead by calling."""
    while True:
        view = await services.record.view(lead.cid)
        arrived = CallArrived(
            id=f"call:{call}:arrived",
            at=services.clock(),
            call=call,
            ours=services.number_of(lead.campaign),
            attestation=attested,
        )
        events: list[Event] = [arrived]
        new = view.arrived_at is None
        if new:
            events.insert(0, arrival(services, lead, source=source, cause=f"call:{call}"))
        try:
            await commit(services, lead.cid, *events, expect=view.version if new else None)
            return
        except Conflict:
            continue  # another contact of his came first and made him a lead


def arrival(services: Services, lead: Party, *, source: str, cause: str) -> LeadArrived:
    """The event that makes an unknown caller or texter a lead."""
    return LeadArrived(
        id=f"{cause}:lead",
        at=services.clock(),
        number=lead.number,
        brand=lead.campaign.brand,
        campaign=lead.campaign.id,
        source=source,
    )
