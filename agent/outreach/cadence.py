"""The attempts to reach a lead who has not answered (POLICY section 4). Any answer ends them.

Text first (S18). A call follows on the same day if he asked for something himself, consented to an AI's voice and
leaves the text unanswered (S27); where none will, a short second text does. On later days the campaign's touchpoints
come, each in its turn: at its hour, or at the hour he is known to answer, and never two for one slot.
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from agent.campaign import Touchpoint
from agent.opening import first_text
from agent.outreach import habits, wording
from agent.outreach.situation import No, Situation, Slot, Step
from agent.snapshot import Snapshot
from state.effects import Dial, PermitKind, SendText
from state.events import Channel

SOON = timedelta(minutes=5)
"""A first contact this soon is worth the better channel (S22)."""
JITTER_S = 15 * 60
EVENING = 20
HOT = frozenset({"application_portal", "callback_request", "event_registration", "quote_request", "web_quote_form"})
"""Sources that say: he wants something now, and is worth a call on the same day."""
CALL_ME = frozenset({"callback_request"})
"""Sources by which he asked for a call rather than a text."""
LAST_SLOT = timedelta(days=2)


def first_contact(situation: Situation) -> Step | No:
    """A new lead hears from us at once, by text; whoever wrote or called first is already in conversation."""
    if situation.view.arrived_at is None:
        return No("he has not come to us yet")
    if situation.answered or situation.touches:
        return No("he has been contacted" if situation.touches else "he is in conversation with us")
    text, call = _opening(situation, Channel.SMS), _opening(situation, Channel.VOICE)
    wants_call = situation.view.source in CALL_ME or habits.channel(situation) is Channel.VOICE
    found = _better(*((call, text) if wants_call else (text, call)), situation.now)
    if isinstance(found, No) or not found.held_by or isinstance(found.effect, Dial):
        return found
    return _spread_out(situation, found)


def _opening(situation: Situation, channel: Channel) -> Step | No:
    step = f"first_{'text' if channel is Channel.SMS else 'call'}:{situation.run}"
    slot = situation.slot(channel, PermitKind.INITIATE)
    if slot.at is None or situation.over(step):
        return No(f"no first {'text' if channel is Channel.SMS else 'call'}: {slot.held_by or 'it failed'}")
    effect = _first_text(situation) if channel is Channel.SMS else _dial(situation)
    return Step(step, effect, slot.at, "a new lead", slot.held_by)


def _better(wanted: Step | No, other: Step | No, now: datetime) -> Step | No:
    """The channel that is wanted, unless only the other is open soon."""
    if isinstance(wanted, No) or isinstance(other, No):
        return other if isinstance(wanted, No) else wanted
    return other if wanted.due - now > SOON and other.due < wanted.due else wanted


def _spread_out(situation: Situation, step: Step) -> Step:
    """Those who came by night are not all texted at the stroke of opening."""
    late = situation.slot(Channel.SMS, PermitKind.INITIATE, step.due + situation.spread(JITTER_S))
    return Step(step.id, step.effect, late.at or step.due, step.why, step.held_by)


def nudge(situation: Situation) -> Step | No:
    """A short second text on the first day, where no call will be made on it."""
    if (silence := _silent(situation)) is not None:
        return silence
    began, wait = situation.touches[0], situation.timing.nudge_after_s
    if len(situation.touches) > 1 or began.channel is not Channel.SMS or not wait or situation.undelivered:
        return No("a second text follows only a first that arrived")
    if isinstance(same_day_call(situation), Step):
        return No("a call comes next")
    slot = situation.slot(Channel.SMS, PermitKind.INITIATE, began.at + timedelta(seconds=wait))
    if not _on_first_day(situation, slot) or situation.over(f"nudge:{situation.run}"):
        return No("it is too late in the day for a second text")
    assert slot.at is not None, "on the first day"
    return Step(f"nudge:{situation.run}", wording.nudge(situation), slot.at, "no answer to the first text")


def same_day_call(situation: Situation) -> Step | No:
    """The first text is not answered, or did not arrive: one call, on the same day."""
    if (silence := _silent(situation)) is not None:
        return silence
    step, began = f"call:{situation.run}", situation.touches[0]
    if situation.over(step) or any(touch.channel is Channel.VOICE for touch in situation.touches):
        return No("he has been called")
    if situation.view.source not in HOT and not situation.undelivered:
        return No("he did not ask for anything himself")
    if not situation.timing.call_after_s:
        return No("the campaign makes no such call")
    wait = situation.timing.spacing_s if situation.undelivered else situation.timing.call_after_s
    slot = situation.slot(Channel.VOICE, PermitKind.INITIATE, began.at + timedelta(seconds=wait))
    if slot.at is None or not _on_first_day(situation, slot, until=24):
        return No(f"no call on the first day: {slot.held_by or 'it is over'}")
    why = "the text did not arrive" if situation.undelivered else "no answer to the text"
    return Step(step, _dial(situation), slot.at, why, slot.held_by)


def touchpoint(situation: Situation) -> Step | No:
    """The next attempt on a later day."""
    if (silence := _silent(situation)) is not None:
        return silence
    for point, start, end in _slots(situation):
        if any(touch.at >= start for touch in situation.touches) or situation.now >= end:
            continue
        found = _attempt(situation, point, start)
        if found is not None and found.due < end:
            return found
    return No("every attempt has been made")


def _slots(situation: Situation) -> Iterator[tuple[Touchpoint, datetime, datetime]]:
    """Each touchpoint with the time from which it may be made, and until when: then the next one's begins."""
    points = situation.timing.later
    starts = [_starts(situation, point) for point in points]
    ends = [*starts[1:], *([starts[-1] + LAST_SLOT] if starts else [])]
    yield from zip(points, starts, ends, strict=True)


def _starts(situation: Situation, point: Touchpoint) -> datetime:
    day = situation.local(situation.touches[0].at).date() + timedelta(days=point.day - 1)
    first, last = point.between
    learned = habits.hour(situation)
    if learned is not None:
        first, last = time(learned), time(learned, 30)
    start, end = (datetime.combine(day, edge, situation.zone) for edge in (first, last))
    span = min(int((end - start).total_seconds()), JITTER_S)
    return start + situation.spread(span, salt=str(point.day))


def _attempt(situation: Situation, point: Touchpoint, start: datetime) -> Step | None:
    step, at = f"day{point.day}:{situation.run}", max(start, situation.now)
    if situation.over(step):
        return None
    channel = _channel(situation, point)
    slot = situation.slot(channel, PermitKind.INITIATE, at)
    if slot.at is None and point.channel == "other":
        channel = Channel.SMS if channel is Channel.VOICE else Channel.VOICE
        slot = situation.slot(channel, PermitKind.INITIATE, at)
    if slot.at is None:
        return None
    effect = wording.later(situation, point.say) if channel is Channel.SMS else _dial(situation)
    return Step(step, effect, slot.at, f"no answer by day {point.day}", slot.held_by)


def _channel(situation: Situation, point: Touchpoint) -> Channel:
    if point.channel != "other":
        return Channel(point.channel)
    other = Channel.VOICE if situation.touches[-1].channel is Channel.SMS else Channel.SMS
    return habits.channel(situation) or other


def _silent(situation: Situation) -> No | None:
    """None for a lead who was contacted and has not answered; else why nothing more is tried."""
    if not situation.touches:
        return No("he has not been contacted yet")
    if situation.answered:
        return No("he has answered")
    return No("one of our people has taken over") if situation.taken_over else None


def _on_first_day(situation: Situation, slot: Slot, *, until: int = EVENING) -> bool:
    if slot.at is None:
        return False
    first, at = situation.local(situation.touches[0].at), situation.local(slot.at)
    return at.date() == first.date() and at.hour < until


def _first_text(situation: Situation) -> SendText:
    say = first_text(Snapshot(situation.view, situation.campaign, Channel.SMS, situation.now))
    return SendText(permit=PermitKind.INITIATE, to=situation.view.number, body=say.text, asks=say.asks)


def _dial(situation: Situation) -> Dial:
    return Dial(permit=PermitKind.INITIATE, to=situation.view.number)
