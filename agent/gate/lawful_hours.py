"""Rules of place and hour: every zone the lead could be in, under every state's rule."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from agent.gate.contact import Contact, Objection
from agent.gate.hours import FEDERAL, Hours, Schedule, Window, next_open
from agent.gate.inquiry import inquired
from agent.gate.law import CENTRAL_FLAG, INQUIRY_FLAGS, StateRule
from agent.gate.wishes import named_time
from state.effects import PermitKind
from state.events import Channel

CENTRAL = "America/Chicago"
EVENING, MID_MORNING = time(20), time(10)
"""Who writes at or after eight in the evening is not called before ten (POLICY section 4)."""


def zone(contact: Contact) -> Objection | None:
    """Where nothing is known there is no lawful hour."""
    if contact.place.zones:
        return None
    return Objection("zone_unknown", why="neither the number nor a ZIP says where the lead is")


def federal_hours(contact: Contact) -> Objection | None:
    """No solicitation before 8 am or after 9 pm at the called party's."""
    return _outside([(Schedule.daily(FEDERAL), name) for name in contact.place.zones], contact, "quiet_hours")


def state_hours(contact: Contact) -> Objection | None:
    """Hours, Sundays and legal holidays of every state the lead could be in."""
    hours = {pair: row for row in contact.state_rules for pair in _hours_of(row, contact)}
    objection = _outside(list(hours), contact, "quiet_hours")
    if objection is None:
        return None
    shut = [hours[pair] for pair in hours if pair[0].opening(contact.now, pair[1]) != contact.now]
    named = list(dict.fromkeys(row.name for row in shut))
    citation = "; ".join(dict.fromkeys(row.citation for row in shut[:3]))
    return Objection("quiet_hours", objection.until, why=f"closed in {_few(named)}", citation=citation)


def _hours_of(row: StateRule, contact: Contact) -> list[Hours]:
    zones = contact.place.zones
    if CENTRAL_FLAG in row.special_flags and CENTRAL not in zones:
        zones = (*zones, CENTRAL)
    return [(row.schedule(contact.channel), name) for name in zones]


def _few(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def own_request(contact: Contact) -> Objection | None:
    """Some states bar an artificial voice, or calls to cell phones, unless the person asked for it himself."""
    if contact.channel is not Channel.VOICE or inquired(contact.view, contact.now):
        return None
    for row in contact.state_rules:
        if flag := next((flag for flag in row.special_flags if flag in INQUIRY_FLAGS), None):
            why = f"{row.name}: {INQUIRY_FLAGS[flag]}, and the lead has not asked"
            return Objection("no_inquiry", why=why, citation=row.citation)
    return None


def call_window(contact: Contact) -> Objection | None:
    """The campaign's hours for calls that nobody asked for just now."""
    if contact.channel is not Channel.VOICE or _asked_for_now(contact):
        return None
    window = Schedule.daily(Window(*contact.campaign.timing.call_window))
    return _outside([(window, name) for name in contact.place.zones], contact, "call_window")


def _asked_for_now(contact: Contact) -> bool:
    """Whether the lead asked for a call just now, or named its time. A yes in the evening is no yes to 8 am."""
    if contact.permit is not PermitKind.REQUESTED_TIME:
        return False
    if named_time(contact.view, contact.now):
        return True
    asked = contact.view.facts.get("ready_to_talk")
    return asked is not None and contact.now - asked.at <= timedelta(seconds=contact.campaign.timing.reply_grace_s)


def morning_after(contact: Contact) -> Objection | None:
    """Who texted late in the evening is not called early in the morning, unless he named the hour himself."""
    said = contact.view.last_lead_text_at
    if contact.channel is not Channel.VOICE or said is None or contact.now - said > timedelta(hours=24):
        return None
    if _asked_for_now(contact):
        return None
    frees = [_mid_morning_after(said, name) for name in contact.place.zones]
    free = max((at for at in frees if at is not None), default=contact.now)
    return Objection("quiet_hours", free, why="the lead wrote late in the evening") if contact.now < free else None


def _mid_morning_after(said: datetime, name: str) -> datetime | None:
    """Ten o'clock after an evening's or a night's text; None if it came by day."""
    tz = ZoneInfo(name)
    local = said.astimezone(tz)
    if EVENING > local.time() >= FEDERAL.start:
        return None
    day = local.date() + timedelta(days=1 if local.time() >= EVENING else 0)
    return datetime.combine(day, MID_MORNING, tz).astimezone(UTC)


def _outside(hours: list[Hours], contact: Contact, reason: str) -> Objection | None:
    opening = next_open(hours, contact.now)
    return None if opening == contact.now else Objection(reason, opening)
