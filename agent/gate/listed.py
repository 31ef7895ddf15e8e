"""Rules that look a number or a place up in the registers."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from agent.gate.contact import Contact, Objection
from agent.gate.inquiry import inquired
from agent.gate.registers import Emergency
from agent.gate.zones import zip_of
from state.events import Channel

COPY_GOOD_FOR = timedelta(days=31)
"""47 CFR 64.1200(c)(2)(i)(D)."""
CONSENT_FRESH_FOR = timedelta(days=30)
"""A number that was given this long ago may have been given to somebody else since (POLICY 2.5)."""


def switched_off(contact: Contact) -> Objection | None:
    """The operator has stopped everything, or the registers cannot be read."""
    registers = contact.registers
    if registers.fault is not None:
        return Objection("registers_unreadable", why=registers.fault)
    return None if registers.kill_switch is None else Objection("kill_switch", why=registers.kill_switch)


def paused(contact: Contact) -> Objection | None:
    """The campaign had too many opt-outs or complaints, or an operator paused it."""
    why = contact.registers.paused.get(contact.campaign.id)
    return None if why is None else Objection("campaign_paused", why=why)


def barred(contact: Contact) -> Objection | None:
    """The company's own list of people who are never contacted."""
    row = contact.registers.barred.get(contact.to)
    return None if row is None else Objection("internal_list", why=f"since {row.added}: {row.reason}")


def do_not_call(contact: Contact) -> Objection | None:
    """The registry: written consent lifts it; an own inquiry lifts it for texts, never for an artificial voice."""
    copy = contact.registers.do_not_call
    if copy is not None and not timedelta(days=-1) <= contact.now.date() - copy.copied_on <= COPY_GOOD_FOR:
        return Objection("dnc_copy_stale", why=f"the copy is of {copy.copied_on}; it is good for 31 days")
    if contact.consent is not None and contact.consent.basis == "written":
        return None
    if contact.channel is Channel.SMS and inquired(contact.view, contact.now):
        return None
    if copy is None:
        return Objection("dnc_unknown", why="there is no copy of the registry, and no written consent")
    return Objection("dnc_registered") if contact.to in copy else None


def reassigned(contact: Contact) -> Objection | None:
    """The number may belong to somebody else by now, who agreed to nothing."""
    consent, row = contact.consent, contact.registers.reassigned.get(contact.to)
    if consent is None:
        return None  # the consent rule has spoken
    asked = row is not None and row.asked_on >= consent.at.date()
    if row is not None and asked and row.answer == "yes":
        return Objection("number_reassigned", why=f"the database said so on {row.asked_on}")
    if contact.channel is Channel.SMS or contact.now - consent.at <= CONSENT_FRESH_FOR or _has_talked(contact):
        return None
    if row is not None and asked and row.answer == "no" and contact.now.date() - row.asked_on <= COPY_GOOD_FOR:
        return None
    return Objection("rnd_unchecked", why="the consent is older than 30 days: ask the Reassigned Numbers Database")


def _has_talked(contact: Contact) -> bool:
    """Whether the lead has been on the telephone with us since he agreed: then it is his."""
    agreed = contact.consent.at if contact.consent else contact.now
    return any(call.turns > 0 and call.placed_at >= agreed for call in contact.view.calls.values())


def emergency(contact: Contact) -> Objection | None:
    """Solicitation is suspended where an emergency was declared."""
    code = zip_of(contact.view)
    found = [row for row in contact.registers.emergencies if _in_force(row, contact.days)]
    row = next((row for row in found if row.covers(contact.place.states, code)), None)
    if row is None:
        return None
    return Objection("emergency", _over(row, contact), why=f"{row.area or row.state}: {row.source}")


def _in_force(row: Emergency, days: frozenset[date]) -> bool:
    return any(row.starts <= day and (row.ends is None or day <= row.ends) for day in days)


def _over(row: Emergency, contact: Contact) -> datetime | None:
    """The midnight after its last day, in the zone that reaches it last."""
    if row.ends is None:
        return None
    after = row.ends + timedelta(days=1)
    return max(datetime.combine(after, time(), ZoneInfo(zone)).astimezone(UTC) for zone in contact.place.zones)
