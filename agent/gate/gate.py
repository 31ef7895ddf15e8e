"""The contact gate: nobody is called or texted but by a `Permit` from here.

`decide` is pure and denies by default: whatever it does not know, cannot read or fails at is a no. It is asked twice,
when a contact is planned and again at the moment it is made, so that a STOP that lands in between wins.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from traceback import extract_tb
from zoneinfo import ZoneInfo

import structlog
from pydantic import JsonValue

from agent.campaign import Campaign
from agent.gate.contact import Contact, Objection, Rule
from agent.gate.law import current_law
from agent.gate.registers import NO_REGISTERS, Registers
from agent.gate.rules import RULES
from state.effects import PermitKind
from state.events import Channel
from state.view import View

log = structlog.get_logger(__name__)

OPERATORS_TO_LIFT = frozenset({"kill_switch", "registers_unreadable", "dnc_copy_stale", "emergency", "campaign_paused"})
"""Refusals that end when an operator says so. What they hold up is tried again after RECHECK."""
RECHECK = timedelta(hours=1)

_ROUNDS = 64
"""Waits to follow when several rules hold a contact one after the other."""


@dataclass(frozen=True, slots=True)
class Permit:
    """The contact may be made, now. `zones` are the time zones it was found lawful in."""

    rule: str
    """What goes on the record with the effect: the kind of permit."""
    reason: str
    citation: str
    zones: tuple[str, ...] = ()
    next_allowed: datetime | None = None
    evidence: dict[str, JsonValue] = field(default_factory=dict)
    """What it was decided on, for the record (POLICY 2.11)."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The contact must not be made now.

    `next_allowed` (UTC) is when no rule would object any more, were nothing to change until then: keep the effect and
    ask again. None: not at all.
    """

    rule: str
    reason: str
    citation: str
    zones: tuple[str, ...] = ()
    next_allowed: datetime | None = None
    why: str = ""
    """A sentence for a person."""


@dataclass(frozen=True, slots=True)
class Look:
    """One rule, as it was looked at. One that does not bind the kind of contact has no say."""

    rule: Rule
    binds: bool
    objection: Objection | None = None


def decide(
    view: View,
    campaign: Campaign,
    channel: Channel,
    permit: PermitKind,
    now: datetime,
    *,
    to: str | None = None,
    registers: Registers = NO_REGISTERS,
) -> Permit | Refusal:
    """Whether a contact of the named kind may be made at `now` (aware). Never raises.

    `to` is the E.164 number that would be contacted: the lead's when left out. `STAFF` needs it.
    """
    try:
        number = view.number if to is None else to
        return answer(Contact(view, campaign, channel, permit, now, number, registers, current_law()))
    except Exception as error:
        # Whatever went wrong, the person at the other end must not pay for it. The place alone is logged: a traceback
        # may show what the conversation holds.
        place = extract_tb(error.__traceback__)[-1]
        log.error("gate failed, contact refused", error=type(error).__name__, function=place.name, line=place.lineno)
        return Refusal(rule="gate", reason="gate_error", citation="company policy: when in doubt, no")


def try_again_at(refusal: Refusal, now: datetime) -> datetime | None:
    """When to ask once more; None: not at all, as things stand."""
    if refusal.next_allowed is None and refusal.reason in OPERATORS_TO_LIFT:
        return now + RECHECK
    return refusal.next_allowed


def answer(contact: Contact) -> Permit | Refusal:
    """The same for a contact that is put together by hand, in a place it names itself, say.

    Raises:
        Exception: whatever a rule raises. Nobody may be contacted then: to make a contact, ask `decide`.
    """
    if contact.now.tzinfo is None:
        raise ValueError("the gate needs a time with a zone: pass an aware datetime")
    found = _first_objection(contact)
    if found is None:
        return _permit(contact)
    free, (rule, objection) = _wait_out(contact, found)
    return Refusal(
        rule=rule.name,
        reason=objection.reason,
        citation=objection.citation or rule.citation,
        zones=contact.place.zones,
        next_allowed=free,
        why=objection.why,
    )


def looks(contact: Contact) -> list[Look]:
    """Every rule in its order, whether it binds, and what it says. For explaining, not for deciding.

    Raises:
        Exception: whatever a rule raises.
    """
    place_known = bool(contact.place.zones)
    found = []
    for rule in RULES:
        # Without a place the rules of place have nothing to look at: "zone" has said so.
        binds = rule.binds(contact) and (place_known or rule.name not in _OF_PLACE)
        found.append(Look(rule, binds, rule.check(contact) if binds else None))
    return found


_OF_PLACE = frozenset({"emergency", "federal_hours", "state_hours", "call_window", "morning_after", "own_request"})


def _permit(contact: Contact) -> Permit:
    kind = contact.kind
    return Permit(
        rule=kind.value,
        reason="ok" if kind is PermitKind.INITIATE else kind.value,
        citation="; ".join(dict.fromkeys(rule.citation for rule in RULES if rule.binds(contact))),
        zones=contact.place.zones,
        evidence=_evidence(contact),
    )


def _evidence(contact: Contact) -> dict[str, JsonValue]:
    copy = contact.registers.do_not_call
    return {
        "edition": contact.law.edition,
        "states": list(contact.place.states),
        "local_times": {zone: _wall_clock(contact.now, zone) for zone in contact.place.zones},
        "consent": contact.consent.event if contact.consent else None,
        "touches": len(contact.view.touches),
        "version": contact.view.version,
        "dnc_copy": copy.copied_on.isoformat() if copy else None,
    }


def _wall_clock(now: datetime, zone: str) -> str:
    return now.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes")


Found = tuple[Rule, Objection]


def _first_objection(contact: Contact) -> Found | None:
    for rule in RULES:
        objection = rule.check(contact) if rule.binds(contact) else None
        if objection is not None:
            return rule, objection
    return None


def _wait_out(contact: Contact, first: Found) -> tuple[datetime | None, Found]:
    """The first instant at which nobody objects, and what stands in the way until then.

    Waiting may lead to an objection that no time lifts: then there is no such instant, and that objection is the one
    to name.
    """
    found = first
    at = contact.now
    for _ in range(_ROUNDS):
        until = found[1].until
        if until is None or until <= at:
            break
        at = until
        later = _first_objection(contact.at(at))
        if later is None:
            return at, first
        found = later
    return None, found
