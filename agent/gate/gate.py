"""The contact gate: nobody is called or texted but by a `Permit` from here.

`decide` is pure and denies by default: whatever it does not know, cannot read or fails at is a no. It is asked twice,
when a contact is planned and again at the moment it is made, so that a STOP that lands in between wins.
"""

from dataclasses import dataclass
from datetime import datetime
from traceback import extract_tb

import structlog

from agent.campaign import Campaign
from agent.gate.rules import RULES, Contact, Objection, Rule
from state.events import Channel, PermitKind
from state.view import View

log = structlog.get_logger(__name__)

_ROUNDS = 8
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


def decide(
    view: View, campaign: Campaign, channel: Channel, permit: PermitKind, now: datetime, *, to: str | None = None
) -> Permit | Refusal:
    """Whether a contact of the named kind may be made at `now` (aware). Never raises.

    `to` is the E.164 number that would be contacted: the lead's when left out. `STAFF` needs it.
    """
    try:
        if now.tzinfo is None:
            raise ValueError("the gate needs a time with a zone: pass an aware datetime")
        return _decide(Contact(view, campaign, channel, permit, now, view.number if to is None else to))
    except Exception as error:
        # Whatever went wrong, the person at the other end must not pay for it. The place alone is logged: a traceback
        # may show what the conversation holds.
        place = extract_tb(error.__traceback__)[-1]
        log.error("gate failed, contact refused", error=type(error).__name__, function=place.name, line=place.lineno)
        return Refusal(rule="gate", reason="gate_error", citation="company policy: when in doubt, no")


def _decide(contact: Contact) -> Permit | Refusal:
    found = _first_objection(contact)
    if found is None:
        return _permit(contact)
    rule, objection = found
    return Refusal(
        rule=rule.name,
        reason=objection.reason,
        citation=rule.citation,
        zones=contact.place.zones,
        next_allowed=_free_from(contact, objection),
    )


def _permit(contact: Contact) -> Permit:
    kind = contact.permit
    return Permit(
        rule=kind.value,
        reason="ok" if kind is PermitKind.INITIATE else kind.value,
        citation="; ".join(dict.fromkeys(rule.citation for rule in RULES if kind not in rule.exempt)),
        zones=contact.place.zones,
    )


def _first_objection(contact: Contact) -> tuple[Rule, Objection] | None:
    for rule in RULES:
        if contact.permit in rule.exempt:
            continue
        objection = rule.check(contact)
        if objection is not None:
            return rule, objection
    return None


def _free_from(contact: Contact, objection: Objection | None) -> datetime | None:
    """The first instant at which nobody objects, found by waiting out one objection after the other."""
    at = contact.now
    for _ in range(_ROUNDS):
        if objection is None:
            return at
        if objection.until is None or objection.until <= at:
            return None
        at = objection.until
        found = _first_objection(contact.at(at))
        objection = found[1] if found else None
    return None
