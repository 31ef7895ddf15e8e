"""Rules of how often: caps and spacing over both channels and all numbers of ours."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from agent.campaign import Campaign
from agent.gate.contact import ANSWERS, Contact, Objection
from agent.gate.law import Cap
from state.effects import Dial, PermitKind, SendText
from state.events import Channel
from state.view import Call, Touch, View

STRICTEST_CAP = 3
"""Attempts in 24 h that the strictest states allow; a campaign may set fewer, never more (POLICY 2.3)."""
DAY_H, WEEK_H, TOTAL_H = 24, 7 * 24, 90 * 24
RINGING_AT_MOST = timedelta(minutes=2)
"""A call that neither connected nor ended by then was lost track of, and holds nothing up."""


def attempts(contact: Contact) -> Objection | None:
    """So many contacts a day by law, and a week and in all by policy. Answers to the lead do not count."""
    made = sorted(touch.at for touch in _touches(contact) if touch.permit not in ANSWERS)
    waits = [(_room(made, cap, contact.now), cap, citation) for cap, citation in _caps(contact)]
    full = [(until, cap, citation) for until, cap, citation in waits if until != contact.now]
    if not full:
        return None
    until = None if any(at is None for at, _, _ in full) else max(at for at, _, _ in full if at is not None)
    _, cap, citation = full[0]
    return Objection("attempts_cap", until, why=f"{cap.count} contacts in {cap.hours} h", citation=citation)


def _caps(contact: Contact) -> Iterator[tuple[Cap, str]]:
    timing, requested = contact.campaign.timing, contact.kind is PermitKind.REQUESTED_TIME
    yield Cap(count=min(timing.attempts_24h, STRICTEST_CAP), hours=DAY_H), ""
    for row in contact.state_rules:
        if row.cap is not None:
            yield row.cap, row.citation
        # Maine's: an answer to an inquiry of the person's own is excepted.
        if row.automated_cap is not None and contact.channel is Channel.VOICE and not requested:
            yield row.automated_cap, row.citation
    if not requested:
        yield Cap(count=timing.attempts_7d, hours=WEEK_H), "company policy"
        yield Cap(count=timing.attempts_total, hours=TOTAL_H), "company policy"


def _room(made: list[datetime], cap: Cap, now: datetime) -> datetime | None:
    """`now` if there is room under a cap, else when there will be; None for a cap of nothing."""
    span = timedelta(hours=cap.hours)
    recent = [at for at in made if now - at < span]
    if len(recent) < cap.count:
        return now
    return recent[-cap.count] + span if cap.count > 0 else None


def _touches(contact: Contact) -> Iterator[Touch]:
    """Every contact made, and those that are under way: claimed, and not yet known to have been made."""
    yield from contact.view.touches
    for waiting in contact.view.outbox.values():
        if waiting.started and isinstance(waiting.effect, SendText | Dial):
            channel = Channel.SMS if isinstance(waiting.effect, SendText) else Channel.VOICE
            yield Touch(channel=channel, at=contact.asked_at or contact.now, permit=waiting.effect.permit)


def spacing(contact: Contact) -> Objection | None:
    """A text and a call keep their distance; so do two calls, and two texts without a word in between."""
    frees = [touch.at + _distance(contact, touch) for touch in _touches(contact)]
    free = max(frees, default=contact.now)
    return Objection("min_spacing", free) if contact.now < free else None


def _distance(contact: Contact, touch: Touch) -> timedelta:
    timing, said = contact.campaign.timing, contact.view.last_lead_text_at
    if touch.channel is not contact.channel:
        return timedelta(seconds=timing.spacing_s)
    if touch.channel is Channel.VOICE:
        return timedelta(seconds=timing.call_spacing_s)
    answered = touch.permit in ANSWERS or (said is not None and said >= touch.at)
    return timedelta(seconds=0 if answered else timing.text_spacing_s)


def follow_up(contact: Contact) -> Objection | None:
    """A text that follows a call: one for each call, and only once it is over."""
    if contact.permit is not PermitKind.VOICEMAIL_FOLLOW_UP:
        return None
    last = _last_call(contact.view)
    if contact.channel is not Channel.SMS or last is None or not last.ended:
        return Objection("no_call_to_follow")
    sent = [touch.at for touch in contact.view.touches if touch.permit is PermitKind.VOICEMAIL_FOLLOW_UP]
    return Objection("already_followed_up") if any(at >= last.placed_at for at in sent) else None


def _last_call(view: View) -> Call | None:
    return max(view.calls.values(), key=lambda call: call.placed_at, default=None)


def may_leave_message(view: View, campaign: Campaign, now: datetime) -> bool:
    """Whether a machine that answers may be left a message: one in 24 h at most (POLICY section 4)."""
    day = timedelta(hours=DAY_H)
    left = [call for call in view.calls.values() if call.message_left and now - call.placed_at < day]
    return len(left) < campaign.timing.voicemails_24h


def on_the_phone(contact: Contact) -> Objection | None:
    """Nothing of ours arrives while the lead talks with us."""
    busy = any(not call.ended and _active(call, contact.now) for call in contact.view.calls.values())
    return Objection("call_in_progress", contact.now + timedelta(minutes=1)) if busy else None


def _active(call: Call, now: datetime) -> bool:
    return call.connected or call.away or now - call.placed_at < RINGING_AT_MOST
