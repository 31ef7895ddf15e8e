"""Steps around calls: the call he asked for, and the text after one that broke off or did not reach him."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.gate.wishes import STILL_MEANT, callback_earliest
from agent.outreach import wording
from agent.outreach.situation import No, Situation, Step
from agent.promises import GRACE
from state.effects import Dial, HandoffStep, PermitKind
from state.events import Channel
from state.view import Call, Fact, Line

AFTER_CALLS = timedelta(days=2)
"""A call that was over so long ago is not taken up by text any more."""


@dataclass(frozen=True, slots=True)
class _Wish:
    """A call the lead asked for: `source` is where he did."""

    source: str
    at: datetime
    earliest: datetime
    latest: datetime


def requested_call(situation: Situation) -> Step | No:
    """He said yes to a call, or named a time for one, and has not been called since."""
    wish = _wish(situation)
    if wish is None:
        return No("he has not asked for a call")
    step = f"dial:{wish.source}"
    calls = situation.view.calls.values()
    if situation.over(step) or any(call.placed_at >= wish.at for call in calls):
        return No("the call he asked for was made")
    slot = situation.slot(Channel.VOICE, PermitKind.REQUESTED_TIME, wish.earliest)
    if slot.at is None:
        return No(f"he asked for a call, but none may be made: {slot.held_by}")
    if slot.at > wish.latest:
        return No("the time he named for a call has passed")
    dial = Dial(permit=PermitKind.REQUESTED_TIME, to=situation.view.number)
    return Step(step, dial, slot.at, "the lead asked for a call", slot.held_by)


def text_after_cut_off(situation: Situation) -> Step | No:
    """A call broke off in mid-conversation: a text takes up where it stopped."""
    call = situation.last_call
    if call is None or not _is_recent(situation, call):
        return No("no call is just over")
    if situation.unanswered(call) and call.direction == "outbound":
        return No("nobody talked with us on the last call")
    if not _broke_off(situation, call):
        return No("the last call came to its end")
    step = f"cut_off:{call.call}"
    if situation.over(step) or _in_touch_since(situation, call):
        return No("there was contact since the last call")
    due = _ended_at(situation, call) + timedelta(seconds=situation.timing.cut_off_text_s)
    slot = situation.slot(Channel.SMS, PermitKind.VOICEMAIL_FOLLOW_UP, due)
    if slot.at is None:
        return No(f"the call broke off, but no text may be sent: {slot.held_by}")
    text = wording.continuing(situation, call, PermitKind.VOICEMAIL_FOLLOW_UP)
    return Step(step, text, slot.at, "the call broke off", slot.held_by)


def text_after_missed_call(situation: Situation) -> Step | No:
    """A call of ours reached a machine or nobody: a text mentions it and offers an easier way.

    After a voicemail, or a call he had asked for, it follows at once; any other keeps the distance between channels.
    """
    call = situation.last_call
    if call is None or call.direction != "outbound" or not _is_recent(situation, call):
        return No("no call of ours is just over")
    if not situation.unanswered(call):
        return No("the last call reached him")
    step = f"missed:{call.call}"
    if situation.over(step) or _in_touch_since(situation, call):
        return No("there was contact since the call that he missed")
    at_once = situation.voicemail(call) or _was_requested(situation, call)
    permit = PermitKind.VOICEMAIL_FOLLOW_UP if at_once else PermitKind.INITIATE
    wait = situation.timing.missed_call_text_s if at_once else situation.timing.spacing_s
    slot = situation.slot(Channel.SMS, permit, _ended_at(situation, call) + timedelta(seconds=wait))
    if slot.at is None:
        return No(f"he missed a call, but no text may be sent: {slot.held_by}")
    text = wording.missed_call(situation, call, permit)
    return Step(step, text, slot.at, "he missed our call", slot.held_by)


def _wish(situation: Situation) -> _Wish | None:
    """The newest request for a call: a promise of one, a yes given outside a call, or its time, wherever named."""
    found = [wish for wish in (_promised(situation), _said(situation)) if wish is not None]
    return max(found, key=lambda wish: wish.at, default=None)


def _promised(situation: Situation) -> _Wish | None:
    open_ones = [one for one in situation.view.ledger if one.by == "call" and one.due and one.outcome is None]
    if not open_ones:
        return None
    last = open_ones[-1]
    assert last.due is not None, "chosen for having one"
    source = last.promise.partition(":promise:")[0]
    return _Wish(source, last.made_at, last.due, (last.until or last.due) + GRACE)


def _said(situation: Situation) -> _Wish | None:
    view = situation.view
    yes, time = view.facts.get("ready_to_talk"), view.facts.get("callback_earliest")
    if yes is None or yes.value is not True:
        return None
    if time is not None and time.at >= yes.at:
        earliest = callback_earliest(view)
        kept = any(one.promise.startswith(f"{time.source}:") and one.outcome for one in view.ledger)
        return None if earliest is None or kept else _Wish(time.source, time.at, earliest, earliest + STILL_MEANT)
    return None if _said_on_a_call(situation, yes) else _Wish(yes.source, yes.at, yes.at, yes.at + STILL_MEANT)


def _said_on_a_call(situation: Situation, fact: Fact) -> bool:
    lines = situation.view.thread
    return any(line.event == fact.source and line.channel is Channel.VOICE for line in lines)


def _ended_at(situation: Situation, call: Call) -> datetime:
    return call.ended_at or situation.now


def _is_recent(situation: Situation, call: Call) -> bool:
    return call.ended and situation.now - _ended_at(situation, call) <= AFTER_CALLS


def _in_touch_since(situation: Situation, call: Call) -> bool:
    """Whether either side has written since the call began."""
    view = situation.view
    texts = [line.at for line in view.thread if line.channel is Channel.SMS]
    texts += [touch.at for touch in view.touches if touch.channel is Channel.SMS]
    return any(at >= _ended_at(situation, call) for at in texts) or _ends_with_text(view.thread, call)


def _ends_with_text(thread: tuple[Line, ...], call: Call) -> bool:
    """A text that arrived during the call and was never talked about is an open thread of its own."""
    last = thread[-1] if thread else None
    return last is not None and last.channel is Channel.SMS and last.at > call.placed_at


def _was_requested(situation: Situation, call: Call) -> bool:
    voice = [one for one in situation.view.touches if one.channel is Channel.VOICE and one.at <= call.placed_at]
    return bool(voice) and voice[-1].permit is PermitKind.REQUESTED_TIME


def _broke_off(situation: Situation, call: Call) -> bool:
    """Whether a call that was talked on is over without an end: the line died, he fell silent, or a question was open.

    A line that died leaves the call ended but not connected (`state.fold`).
    """
    if call.turns == 0 or _transferred(situation, call):
        return False
    return not call.connected or call.fell_silent or wording.hanging_question(situation.view) is not None


def _transferred(situation: Situation, call: Call) -> bool:
    handoff = situation.view.handoff
    done = {HandoffStep.ACCEPTED, HandoffStep.JOINED, HandoffStep.LEFT}
    return handoff is not None and handoff.call == call.call and handoff.step in done
