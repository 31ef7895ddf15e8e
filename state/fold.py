"""What each event makes of the view: the only place that knows how a log adds up."""

from collections.abc import Iterable
from functools import singledispatch

from state.effects import BriefAgent, Dial, Effect, HandoffStep, PermitKind, SendText, origin
from state.events import (
    AgentEngaged,
    AgentPresence,
    AnswerDetected,
    CallAnsweredBy,
    CallArrived,
    CallConnected,
    CallEnded,
    CallPlaced,
    CallStatus,
    Channel,
    ConsentGiven,
    EffectRequested,
    EffectSettled,
    EffectStarted,
    Erased,
    Event,
    EvidenceSealed,
    FactLearned,
    HandoffAdvanced,
    HandoffReported,
    HoldLifted,
    LeadArrived,
    LeadSaid,
    OutreachHeld,
    Paused,
    PersonaSaid,
    PersonaSaying,
    Promised,
    PromiseSettled,
    Resumed,
    Suppressed,
    TextReceived,
    TextSent,
    TextsResumed,
    TextStatus,
    TransferOrdered,
    Whispered,
)
from state.view import (
    THREAD_KEPT,
    Call,
    Commitment,
    Consent,
    Fact,
    Handoff,
    Line,
    Outbox,
    Report,
    Saying,
    Touch,
    Try,
    View,
)


def fold_all(view: View, events: Iterable[Event]) -> View:
    """Folds several events, oldest first."""
    for event in events:
        view = fold(view, event)
    return view


def fold(view: View, event: Event) -> View:
    """The view after one more event. Total: an event that does not apply changes only the version."""
    changed = _apply(event, view)
    return changed.model_copy(update={"version": view.version + 1})


@singledispatch
def _apply(event: object, view: View) -> View:
    raise AssertionError(f"no fold for {type(event).__name__}: an event kind was added without its meaning")


def _with(view: View, **changes: object) -> View:
    return view.model_copy(update=changes)


def _say(view: View, line: Line) -> View:
    asked = view.asked if line.asks is None or line.who == "lead" else (*view.asked, line.asks)
    return _with(view, thread=(*view.thread, line)[-THREAD_KEPT:], asked=asked)


def _update_call(view: View, call: str, **changes: object) -> View:
    known = view.calls.get(call)
    if known is None:
        return view
    return _with(view, calls=view.calls | {call: known.model_copy(update=changes)})


@_apply.register
def _(event: LeadArrived, view: View) -> View:
    given = {key: Fact(value=value, source=event.id, at=event.at) for key, value in event.facts.items()}
    return _with(
        view,
        number=event.number,
        brand=event.brand,
        campaign=event.campaign,
        source=event.source,
        first_name=event.first_name or view.first_name,
        zip=event.zip or view.zip,
        arrived_at=event.at,
        facts=view.facts | given,
    )


@_apply.register
def _(event: ConsentGiven, view: View) -> View:
    if event.purpose == "informational":
        return view  # evidence all the same, but every contact of ours is a sales contact
    given = {scope: Consent(event=event.id, basis=event.basis, at=event.at) for scope in event.scopes}
    return _with(view, consents=view.consents | given)


@_apply.register
def _(event: Suppressed, view: View) -> View:
    # Whatever was queued is cancelled by the same event that suppresses him; only what is under way has yet to settle.
    outbox = {key: waiting for key, waiting in view.outbox.items() if waiting.started}
    reason = "wrong_number" if view.suppressed_as == "wrong_number" else event.reason
    return _with(view, suppressed=True, voice_suppressed=True, suppressed_as=reason, outbox=outbox)


@_apply.register
def _(event: TextsResumed, view: View) -> View:
    return view if view.suppressed_as == "wrong_number" else _with(view, suppressed=False)


@_apply.register
def _(event: EvidenceSealed, view: View) -> View:
    return view


@_apply.register
def _(event: Erased, view: View) -> View:
    # Begun anew, but for what protects him and what the caps count. The consents stay in the log as evidence; whoever
    # was erased is contacted again only on a new one.
    return _with(
        view,
        patience_ms=0,
        first_name=None,
        zip=None,
        facts={key: fact for key, fact in view.facts.items() if fact.value is not None},
        asked=(),
        thread=(),
        consents={},
        outbox={key: waiting for key, waiting in view.outbox.items() if waiting.started},
        ledger=(),
        whispers=(),
        handoff=None,
        reports=(),
        calls={sid: call.model_copy(update={"saying": None}) for sid, call in view.calls.items()},
    )


@_apply.register
def _(event: OutreachHeld, view: View) -> View:
    return _with(view, held=event.reason)


@_apply.register
def _(event: HoldLifted, view: View) -> View:
    return _with(view, held=None)


@_apply.register
def _(event: Paused, view: View) -> View:
    return _with(view, paused=event.by)


@_apply.register
def _(event: Resumed, view: View) -> View:
    return _with(view, paused=None)


@_apply.register
def _(event: Whispered, view: View) -> View:
    known = view.calls.get(event.call)
    return view if known is None or known.ended else _with(view, whispers=(*view.whispers, event.hint))


@_apply.register
def _(event: TransferOrdered, view: View) -> View:
    return view


@_apply.register
def _(event: TextReceived, view: View) -> View:
    line = Line(channel=Channel.SMS, who="lead", text=event.body, at=event.at, event=event.id)
    return _with(_say(view, line), last_lead_text_at=event.at)


@_apply.register
def _(event: TextSent, view: View) -> View:
    line = Line(
        channel=Channel.SMS,
        who="persona",
        text=event.body,
        at=event.at,
        event=event.id,
        asks=event.asks,
        by=event.by,
    )
    touch = Touch(channel=Channel.SMS, at=event.at, permit=event.permit)
    texts = view.texts | {event.sid: view.texts.get(event.sid, "queued")}
    return _with(_say(view, line), touches=(*view.touches, touch), texts=texts)


CALL_OVER = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
"""Statuses after which a call does not come back."""

_TEXT_RANK = {"accepted": 0, "scheduled": 0, "queued": 1, "sending": 2, "sent": 3}
_TEXT_FINAL = 4


@_apply.register
def _(event: TextStatus, view: View) -> View:
    # Reports come in any order; a text never goes back to an earlier state.
    known = view.texts.get(event.sid)
    if known is not None and _TEXT_RANK.get(known, _TEXT_FINAL) >= _TEXT_RANK.get(event.status, _TEXT_FINAL):
        return view
    return _with(view, texts=view.texts | {event.sid: event.status})


@_apply.register
def _(event: CallPlaced, view: View) -> View:
    # A status callback can overtake the answer to our own request: keep what it said.
    call = view.calls.get(event.call) or Call(
        call=event.call, direction="outbound", status="queued", placed_at=event.at
    )
    call = call.model_copy(update={"ours": event.ours})
    touch = Touch(channel=Channel.VOICE, at=event.at, permit=event.permit)
    return _with(view, calls=view.calls | {event.call: call}, touches=(*view.touches, touch))


@_apply.register
def _(event: CallArrived, view: View) -> View:
    # A report of its end may have come first, or have been all that a lost Redis left of it.
    call = view.calls.get(event.call) or Call(
        call=event.call, direction="inbound", status="in-progress", placed_at=event.at
    )
    attestation = event.attestation or call.attestation
    call = call.model_copy(update={"direction": "inbound", "ours": event.ours, "attestation": attestation})
    return _with(view, calls=view.calls | {event.call: call})


@_apply.register
def _(event: CallStatus, view: View) -> View:
    call = view.calls.get(event.call) or Call(
        call=event.call, direction="outbound", status="queued", placed_at=event.at
    )
    if event.sequence > call.sequence:
        call = call.model_copy(update={"status": event.status, "sequence": event.sequence})
    if event.attestation is not None:
        call = call.model_copy(update={"attestation": event.attestation})
    whispers = view.whispers
    if event.status in CALL_OVER:
        over = {"ended": True, "ended_at": call.ended_at or event.at, "saying": None}
        call, whispers = call.model_copy(update=over), ()
    return _with(view, calls=view.calls | {event.call: call}, whispers=whispers)


@_apply.register
def _(event: CallConnected, view: View) -> View:
    # A call whose socket died comes back by its action URL and connects again.
    known = view.calls.get(event.call)
    back = {"away": False, "returned": known is not None and known.away}
    return _update_call(view, event.call, connected=True, ended=False, ended_at=None, stream=event.stream, **back)


@_apply.register
def _(event: AnswerDetected, view: View) -> View:
    return _update_call(view, event.call, detected=event.verdict)  # the call says who answered, once it knows


@_apply.register
def _(event: CallAnsweredBy, view: View) -> View:
    return _update_call(view, event.call, answered_by=event.who, message_left=event.message_left)


@_apply.register
def _(event: LeadSaid, view: View) -> View:
    line = Line(channel=Channel.VOICE, who="lead", text=event.text, at=event.at, event=event.id)
    return _update_call(_say(view, line), event.call, turns=event.turn, saying=None)


@_apply.register
def _(event: PersonaSaying, view: View) -> View:
    saying = Saying(
        turn=event.turn,
        text=event.text,
        heard=event.heard,
        heard_ms=event.heard_ms,
        asks=event.asks,
        ends=event.ends,
    )
    return _update_call(view, event.call, turns=event.turn, saying=saying)


@_apply.register
def _(event: PersonaSaid, view: View) -> View:
    cut = event.cut_ms is not None
    # A question that was cut off was not asked: it stays open.
    line = Line(
        channel=Channel.VOICE,
        who="persona",
        text=event.heard,
        at=event.at,
        event=event.id,
        asks=None if cut else event.asks,
        cut=cut,
    )
    return _update_call(_say(view, line), event.call, turns=event.turn, saying=_left_over(event, view))


def _left_over(event: PersonaSaid, view: View) -> Saying | None:
    """What a turn that was cut leaves to be said, should the audio break before the lead has spoken."""
    call = view.calls.get(event.call)
    begun = call.saying if call is not None else None
    if begun is None or begun.turn != event.turn or event.cut_ms is None:
        return None
    return begun.model_copy(
        update={"text": event.text, "heard": event.heard, "heard_ms": event.cut_ms, "accounted": True}
    )


@_apply.register
def _(event: CallEnded, view: View) -> View:
    view = _with(view, patience_ms=event.patience_ms)
    # A connection that broke is not the end: the carrier asks what next, and the call comes back.
    known = view.calls.get(event.call)
    if known is not None and event.stream not in {None, known.stream}:
        return view  # An earlier connection's end, after the call has come back on another.
    over = known is not None and known.status in CALL_OVER
    if event.cause == "transferred" and not over:
        return _update_call(view, event.call, connected=False, away=True)
    if event.cause != "dropped":
        ended_at = (known.ended_at if known else None) or event.at
        ended: dict[str, object] = {
            "ended": True,
            "ended_at": ended_at,
            "fell_silent": event.cause == "silence",
            "saying": None,
        }
        return _with(_update_call(view, event.call, **ended), whispers=())
    return _update_call(view, event.call, connected=False, ended=over)


@_apply.register
def _(event: FactLearned, view: View) -> View:
    fact = Fact(value=event.value, source=event.source, at=event.at)
    return _with(view, facts=view.facts | {event.key: fact})


@_apply.register
def _(event: Promised, view: View) -> View:
    said = event.model_dump(include={"what", "due", "until", "by", "body"})
    made = Commitment(promise=event.id, made_at=event.at, **said)
    return _with(view, ledger=(*view.ledger, made))


@_apply.register
def _(event: PromiseSettled, view: View) -> View:
    end = {"outcome": event.outcome, "settled_at": event.at}
    settled = (one.model_copy(update=end) if one.promise == event.promise else one for one in view.ledger)
    return _with(view, ledger=tuple(settled))


@_apply.register
def _(event: HandoffAdvanced, view: View) -> View:
    last = view.handoff
    known = last if last and last.handoff == event.handoff else Handoff(handoff=event.handoff, step=event.step, call="")
    handoff = Handoff(
        handoff=event.handoff,
        step=event.step,
        call=event.call,
        agent=event.agent or known.agent,
        agent_call=event.agent_call or known.agent_call,
        summary=event.summary or known.summary,
        search=event.search or known.search,
        tried=_tried(event, last),
        briefed=known.briefed,
        joined_at=event.at if event.step is HandoffStep.JOINED else known.joined_at,
        why=event.detail,
        offer=event.offer or known.offer,
    )
    return _with(view, handoff=handoff)


def _tried(event: HandoffAdvanced, last: Handoff | None) -> tuple[str, ...]:
    """Who was asked so far in the event's search."""
    same = last is not None and event.handoff == last.handoff
    same |= last is not None and event.search is not None and event.search == last.search
    tried = last.tried if last is not None and same else ()
    asked = event.agent if event.step is HandoffStep.REQUESTED else None
    return tried if asked is None or asked in tried else (*tried, asked)


@_apply.register
def _(event: HandoffReported, view: View) -> View:
    report = Report(agent=event.agent, outcome=event.outcome, notes=event.notes, at=event.at)
    return _with(view, reports=(*view.reports, report))


@_apply.register
def _(event: AgentPresence, view: View) -> View:
    duty = view.duty.model_copy(update={"available": event.available})
    return _with(view, number=event.number, brand=event.brand, campaign=event.campaign, duty=duty)


@_apply.register
def _(event: AgentEngaged, view: View) -> View:
    engaged = {"conversation": event.conversation, "handoff": event.handoff, "engaged_at": event.at}
    return _with(view, duty=view.duty.model_copy(update=engaged))


@_apply.register
def _(event: EffectRequested, view: View) -> View:
    waiting = Outbox(effect=event.effect, due=event.due, planned=event.planned)
    return _with(view, outbox=view.outbox | {event.id: waiting})


@_apply.register
def _(event: EffectStarted, view: View) -> View:
    waiting = view.outbox.get(event.effect)
    if waiting is None:
        return view
    confirms = isinstance(waiting.effect, SendText) and waiting.effect.permit is PermitKind.OPT_OUT_CONFIRMATION
    return _with(
        view,
        outbox=view.outbox | {event.effect: waiting.model_copy(update={"started": True, "started_at": event.at})},
        confirmation=event.effect if confirms else view.confirmation,
    )


@_apply.register
def _(event: EffectSettled, view: View) -> View:
    # Only what surely did not reach him may be tried again; of an unknown outcome he may have it already.
    waiting = view.outbox.get(event.effect)
    undone = event.effect == view.confirmation and event.outcome not in {"done", "unknown"}
    return _with(
        view,
        touches=(*view.touches, *_may_have_touched(event, view)),
        tries=view.tries | _attempted(event, view),
        outbox={key: value for key, value in view.outbox.items() if key != event.effect},
        confirmation=None if undone else view.confirmation,
        handoff=_briefed(event, waiting.effect if waiting else None, view.handoff),
    )


def _briefed(event: EffectSettled, effect: Effect | None, handoff: Handoff | None) -> Handoff | None:
    """The transfer, with the card delivered if that is what settled."""
    is_card = isinstance(effect, BriefAgent) and handoff is not None and effect.handoff == handoff.handoff
    return handoff.model_copy(update={"briefed": True}) if handoff and is_card and event.outcome == "done" else handoff


def _attempted(event: EffectSettled, view: View) -> dict[str, Try]:
    waiting = view.outbox.get(event.effect)
    if waiting is None or not waiting.planned:
        return {}
    if any(other != event.effect and origin(other) == origin(event.effect) for other in view.outbox):
        return {}  # another attempt is on its way
    return {origin(event.effect): Try(at=event.at, outcome=event.outcome, detail=event.detail)}


def _may_have_touched(event: EffectSettled, view: View) -> list[Touch]:
    """An attempt whose outcome nobody knows counts against the caps as if it had reached him."""
    waiting = view.outbox.get(event.effect)
    if event.outcome != "unknown" or waiting is None or not isinstance(waiting.effect, SendText | Dial):
        return []
    channel = Channel.SMS if isinstance(waiting.effect, SendText) else Channel.VOICE
    return [Touch(channel=channel, at=event.at, permit=waiting.effect.permit)]
