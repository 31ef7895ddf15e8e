"""The outreach plan: what we do next of our own accord, and when. Pure: it is asked again after every event.

Text first, voice on intent. A step's id is derived from what causes it, so planning twice is one effect; a step that
waits in the outbox, or is over, is not planned again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.campaign import Campaign
from agent.gate.gate import Permit, decide
from agent.opening import first_text
from agent.snapshot import Snapshot
from state.events import Channel, Dial, Effect, EffectRequested, HandoffStep, PermitKind, SendText
from state.view import Call, Fact, Line, View

CUT_OFF_AFTER = timedelta(seconds=45)
"""How long after a call that broke off its text goes out; POLICY T2 wants 45 to 120 s."""


@dataclass(frozen=True, slots=True)
class Step:
    """An effect to request, when it is due (UTC), and why. `id` is derived from the cause."""

    id: str
    effect: Effect
    due: datetime
    why: str


def plan(view: View, campaign: Campaign, now: datetime) -> Step | None:
    """The next step of outreach, or None when there is nothing to do but wait for the lead."""
    if view.suppressed or view.held is not None or not campaign.active or _on_the_phone(view):
        return None
    for rule in RULES:
        step = rule(view, campaign, now)
        if step is not None:
            return None if _known(view, step) else step
    return None


def effect_event(step: Step, now: datetime) -> EffectRequested:
    """The event that puts a step into the outbox."""
    return EffectRequested(id=step.id, at=now, effect=step.effect, due=step.due)


# The rules, the most pressing first ----------------------------------------------------------------------------------


def opening_text(view: View, campaign: Campaign, now: datetime) -> Step | None:
    """A new lead hears from us at once, by text; whoever wrote or called first is already in conversation."""
    if view.arrived_at is None or view.thread or view.touches or view.calls:
        return None
    due = _allowed(view, campaign, Channel.SMS, PermitKind.INITIATE, now)
    if due is None:
        return None
    say = first_text(Snapshot(view, campaign, Channel.SMS, now))
    text = SendText(permit=PermitKind.INITIATE, to=view.number, body=say.text, asks=say.asks)
    return Step("first_text", text, due, "a new lead")


def requested_call(view: View, campaign: Campaign, now: datetime) -> Step | None:
    """The lead said yes to a call, or named a time for one, and has not been called since."""
    wish = _wish_for_call(view)
    if wish is None or any(call.placed_at >= wish.at for call in view.calls.values()):
        return None
    due = _allowed(view, campaign, Channel.VOICE, PermitKind.REQUESTED_TIME, now)
    if due is None:
        return None
    dial = Dial(permit=PermitKind.REQUESTED_TIME, to=view.number)
    return Step(f"dial:{wish.source}", dial, due, "the lead asked for a call")


def text_after_cut_off(view: View, campaign: Campaign, now: datetime) -> Step | None:
    """A call broke off in mid-conversation: a text takes up where it stopped."""
    call = _last_call(view)
    if call is None or not _broke_off(view, call):
        return None
    due = _allowed(view, campaign, Channel.SMS, PermitKind.VOICEMAIL_FOLLOW_UP, now + CUT_OFF_AFTER)
    if due is None:
        return None
    return Step(f"cut_off:{call.call}", _continuing(view, campaign), due, "the call broke off")


Rule = Callable[[View, Campaign, datetime], Step | None]

RULES: tuple[Rule, ...] = (opening_text, requested_call, text_after_cut_off)


# What the rules look at ----------------------------------------------------------------------------------------------


def _known(view: View, step: Step) -> bool:
    """Whether the step, or another of its kind, is on its way."""
    waiting = (entry.effect for entry in view.outbox.values())
    if isinstance(step.effect, Dial):
        return step.id in view.outbox or any(isinstance(effect, Dial) for effect in waiting)
    proactive = (effect for effect in waiting if isinstance(effect, SendText | Dial))
    return step.id in view.outbox or any(effect.permit is not PermitKind.REPLY_TO_LEAD for effect in proactive)


def _on_the_phone(view: View) -> bool:
    return view.live_call is not None


def _allowed(view: View, campaign: Campaign, channel: Channel, permit: PermitKind, now: datetime) -> datetime | None:
    """`now` if the gate would let it pass, else when it would; None if it would not at all."""
    answer = decide(view, campaign, channel, permit, now)
    return now if isinstance(answer, Permit) else answer.next_allowed


def _wish_for_call(view: View) -> Fact | None:
    """The newest fact that asks for a call: a yes given outside a call, or its time, wherever that was named."""
    yes, time = view.facts.get("ready_to_talk"), view.facts.get("callback_earliest")
    if yes is None or yes.value is not True:
        return None
    if time is not None and time.at >= yes.at:
        return time
    return None if _said_on_a_call(view, yes) else yes


def _said_on_a_call(view: View, fact: Fact) -> bool:
    return any(line.event == fact.source and line.channel is Channel.VOICE for line in view.thread)


def _last_call(view: View) -> Call | None:
    return max(view.calls.values(), key=lambda call: call.placed_at, default=None)


def _broke_off(view: View, call: Call) -> bool:
    """Whether a call that was talked on is over without an end: the line died, or a question hung in the air.

    A line that died leaves the call ended but not connected (`state.view`).
    """
    if not call.ended or call.turns == 0 or _transferred(view, call) or _heard_from_since(view):
        return False
    return not call.connected or _open_question(view) is not None


def _transferred(view: View, call: Call) -> bool:
    done = {HandoffStep.ACCEPTED, HandoffStep.JOINED, HandoffStep.LEFT}
    return view.handoff is not None and view.handoff.call == call.call and view.handoff.step in done


def _heard_from_since(view: View) -> bool:
    """Whether anything was written since the call."""
    return bool(view.thread) and view.thread[-1].channel is not Channel.VOICE


def _open_question(view: View) -> Line | None:
    """The question of ours that the call ended on."""
    line = view.thread[-1] if view.thread else None
    asked = line is not None and line.who == "persona" and (line.cut or line.asks is not None)
    return line if asked else None


def _continuing(view: View, campaign: Campaign) -> SendText:
    name = f", {view.first_name}" if view.first_name else ""
    line = _open_question(view)
    question = campaign.question(line.asks) if line is not None and line.asks else None
    if question is not None and question.ask and view.known(question.key) is None:
        way_on, asks = f"We can go on right here by text. {question.ask}", question.key
    else:
        way_on, asks = "Shall we go on right here by text?", None
    body = f"Looks like we got cut off{name}. {way_on} Reply STOP to opt out."
    return SendText(permit=PermitKind.VOICEMAIL_FOLLOW_UP, to=view.number, body=body, asks=asks)
