"""The warm transfer's web side: the agent's leg, and the steps each of its callbacks takes.

The agent is called first, hears the summary alone, and agrees by a key or a word; only then is the lead told and moved
into the room. Steps are decided by `agent.handoff` and claimed in the record, so doubled, late and racing callbacks
have one winner and the loser's leg hears one sentence. `telephony.transfers.search` finds whom to ask, and the next one
after who did not come; `telephony.transfers.watch` looks again where a callback may have been lost.
"""

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from agent.guard.sensitive import mask
from agent.handoff import OVER, Cause, advanced, following_events
from agent.staff_words import takes_it
from state.effects import HandoffStep
from state.events import CallEnded
from state.fold import CALL_OVER
from state.store import Conflict
from state.view import Handoff, View
from telephony.carrier import CarrierError
from telephony.forms import Form, field
from telephony.permission import lead_is_there
from telephony.services import Services
from telephony.wake import commit
from telephony.webhooks import known_view, nothing, signed, xml

log = structlog.get_logger(__name__)

CALLER_LEFT = "The caller has left. Thank you."
NOT_TAKEN = "All right. Goodbye."
NO_LONGER = "This call is no longer waiting. Thank you."
AGREEMENT = "1"
"""The key that takes the call."""
ASK = "Press 1 or say yes to take it."
NOT_CLEAR = "Sorry, was that a yes?"
REPEATS = 2
"""How often an agent is asked again whose words were neither yes nor no: many pick up with a hello."""
WAITS = {"agent": "One moment, the caller is on the way.", "lead": "One moment please, they're just joining us."}
"""What each side hears who is in the room alone."""


async def advance(
    services: Services, cid: str, handoff_id: str, cause: Cause, *, agent_call: str | None = None, detail: str = ""
) -> tuple[View, bool]:
    """Takes the step that follows the cause, if one does. Returns the view after it and whether it was taken here."""
    while True:
        view = await services.record.view(cid)
        handoff = view.handoff
        if handoff is None or handoff.handoff != handoff_id:
            return view, False
        if cause is Cause.AGREED and not lead_is_there(view):
            cause = Cause.LEAD_LEFT
        event = advanced(handoff, cause, services.clock(), agent_call=agent_call, detail=detail)
        if event is None:
            return view, False
        try:
            appended = await commit(services, cid, event, *following_events(handoff, event), expect=view.version)
        except Conflict:
            continue  # something else happened meanwhile: the cause may mean another step now, or none
        log.info("transfer", handoff=handoff_id, conversation=cid, step=event.step.value)
        return await services.record.view(cid), event.id in appended.added


# The lead's side -----------------------------------------------------------------------------------------------------


async def lead_left(services: Services, cid: str, call: str) -> None:
    """The lead's call is over: whoever was being rung for it is let go."""
    handoff = (await services.record.view(cid)).handoff
    if handoff is None or handoff.call != call:
        return
    view, taken = await advance(services, cid, handoff.handoff, Cause.LEAD_LEFT)
    agent_call = view.handoff.agent_call if view.handoff else None
    if taken and agent_call:
        await release_agent(services, handoff.handoff, agent_call)


async def let_go_if_left(services: Services, cid: str, view: View) -> None:
    """The same, from the record: for calls whose end no status callback tells us of."""
    handoff = view.handoff
    if handoff is None or handoff.step in OVER or lead_is_there(view):
        return
    ended = await last_ended(services, cid, handoff.call)
    if ended is not None and ended.cause == "lead_hung_up":
        await lead_left(services, cid, handoff.call)


async def last_ended(services: Services, cid: str, call: str) -> CallEnded | None:
    """The newest account of a call's audio having ended; a call that is taken up again has several."""
    events = [event for _, event in await services.record.log(cid)]
    return next((one for one in reversed(events) if isinstance(one, CallEnded) and one.call == call), None)


async def release_agent(services: Services, handoff_id: str, agent_call: str) -> None:
    """Ends the agent's leg, ringing or not."""
    try:
        await services.carrier.hang_up(agent_call)
    except CarrierError as error:
        # He finds out at the latest when he presses the key.
        log.warning("agent not released", handoff=handoff_id, call=agent_call, code=error.code)


async def lead_joins(services: Services, cid: str, view: View) -> str | None:
    """The document that puts the lead into the room, for a call whose stream ended with an agent waiting.

    None if nobody waits there any more: the agent dropped off while the lead was being told of him.
    """
    assert view.handoff is not None, "only after `after_stream` said conference"
    after, _ = await advance(services, cid, view.handoff.handoff, Cause.BRIDGED)
    joined = after.handoff is not None and after.handoff.step is HandoffStep.JOINED
    return _in_room(services, cid, view.handoff.handoff, "lead") if joined else None


def _in_room(services: Services, cid: str, handoff_id: str, who: str) -> str:
    """The document for one leg of the conference. The room ends with either of them."""
    url = services.webhook
    return services.dialect.documents.join_conference(
        room(handoff_id),
        who,
        end_on_exit=True,
        action_url=url(path(cid, handoff_id, "lead" if who == "lead" else "done")),
        wait_url=url(path(cid, handoff_id, f"wait/{who}")),
        waiting=WAITS[who],
    )


def room(handoff_id: str) -> str:
    """Name of the conference; it shows in the carrier's console, so it holds nothing personal."""
    return f"segue-{handoff_id}"


def path(cid: str, handoff_id: str, leaf: str = "") -> str:
    """Path of a transfer's webhook, below the carrier's."""
    return f"/agent/{cid}/{handoff_id}" + (f"/{leaf}" if leaf else "")


@signed
async def wait(request: Request, services: Services, form: Form) -> Response:
    """`/twilio/agent/{cid}/{handoff}/wait/{who}`: somebody is in the room alone; nobody waits in silence."""
    cid, handoff_id = _ids(request)
    who = request.path_params["who"]
    if who not in WAITS:
        raise HTTPException(404, f"nobody called {who!r} waits here")
    again = services.webhook(path(cid, handoff_id, f"wait/{who}"))
    return xml(services.dialect.documents.wait_in_room(WAITS[who], again))


# The agent's side ----------------------------------------------------------------------------------------------------


@signed
async def whisper(request: Request, services: Services, form: Form) -> Response:
    """`/twilio/agent/{cid}/{handoff}`: the agent picked up; he hears who it is about and is asked."""
    cid, handoff_id = _ids(request)
    agent_call = field(form, "CallSid")
    await known_view(services, cid)
    view, _ = await advance(services, cid, handoff_id, Cause.ANSWERED, agent_call=agent_call)
    handoff = view.handoff
    if handoff is None or handoff.handoff != handoff_id or handoff.step is not HandoffStep.BRIEFING:
        return xml(services.dialect.documents.hang_up(_farewell(handoff)))
    if not lead_is_there(view):
        await advance(services, cid, handoff_id, Cause.LEAD_LEFT)
        return xml(services.dialect.documents.hang_up(CALLER_LEFT))
    return xml(_asked(services, cid, handoff))


@signed
async def accept(request: Request, services: Services, form: Form) -> Response:
    """`/twilio/agent/{cid}/{handoff}/accept/{asked}`: what the agent pressed or said; `asked` counts how often he was
    asked by then. A repeated request gets the same answer."""
    cid, handoff_id = _ids(request)
    asked = int(request.path_params.get("asked", 1))
    agent_call, speech = field(form, "CallSid"), form.get("SpeechResult", "")
    view = await known_view(services, cid)
    takes = form["Digits"] == AGREEMENT if form.get("Digits") else takes_it(speech) if speech else False
    if takes is None and asked <= REPEATS and lead_is_there(view) and _is_briefing(view, handoff_id):
        assert view.handoff is not None
        return xml(_asked(services, cid, view.handoff, asked + 1))
    cause = Cause.AGREED if takes else Cause.REFUSED
    view, _ = await advance(services, cid, handoff_id, cause, agent_call=agent_call, detail=mask(speech))
    handoff = view.handoff
    if handoff and handoff.step in {HandoffStep.ACCEPTED, HandoffStep.JOINED} and handoff.agent_call == agent_call:
        return xml(_in_room(services, cid, handoff_id, "agent"))
    return xml(services.dialect.documents.hang_up(_farewell(handoff)))


def _asked(services: Services, cid: str, handoff: Handoff, asked: int = 1) -> str:
    """The whisper and the question; asked again in full, as whoever talked over it has not heard it."""
    words = f"{handoff.summary or ''} {ASK}".strip()
    said = words if asked == 1 else f"{NOT_CLEAR} {words}"
    return services.dialect.documents.agent_whisper(
        said, services.webhook(path(cid, handoff.handoff, f"accept/{asked}"))
    )


def _is_briefing(view: View, handoff_id: str) -> bool:
    handoff = view.handoff
    return handoff is not None and (handoff.handoff, handoff.step) == (handoff_id, HandoffStep.BRIEFING)


@signed
async def agent_status(request: Request, services: Services, form: Form) -> Response:
    """`/twilio/agent/{cid}/{handoff}/status`: how the agent's leg stands."""
    cid, handoff_id = _ids(request)
    if field(form, "CallStatus") in CALL_OVER:
        leg = {"agent_call": field(form, "CallSid"), "detail": field(form, "CallStatus")}
        await advance(services, cid, handoff_id, Cause.AGENT_LEFT, **leg)
    return nothing()


@signed
async def agent_done(request: Request, services: Services, form: Form) -> Response:
    """`/twilio/agent/{cid}/{handoff}/done`: the agent's leg left the room."""
    cid, handoff_id = _ids(request)
    await advance(services, cid, handoff_id, Cause.AGENT_LEFT)
    return xml(services.dialect.documents.hang_up())


def _ids(request: Request) -> tuple[str, str]:
    return request.path_params["cid"], request.path_params["handoff"]


def _farewell(handoff: Handoff | None) -> str:
    if handoff is None:
        return NO_LONGER
    return {HandoffStep.LEAD_GONE: CALLER_LEFT, HandoffStep.DECLINED: NOT_TAKEN}.get(handoff.step, NO_LONGER)
