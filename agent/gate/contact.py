"""What a rule of the gate looks at, and what it may say."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from agent.campaign import Campaign
from agent.gate.law import Law, StateRule, current_law
from agent.gate.registers import NO_REGISTERS, Registers
from agent.gate.zones import Place, possible_place
from state.effects import PermitKind
from state.events import Channel, Scope
from state.view import Consent, View

NOT_TO_THE_LEAD = frozenset({PermitKind.STAFF})
ANSWERS = frozenset({PermitKind.REPLY_TO_LEAD, PermitKind.OPT_OUT_CONFIRMATION, PermitKind.HELP, PermitKind.STAFF})
"""Contacts that react to the lead, or do not reach him: no attempt of ours."""


@dataclass(frozen=True)
class Contact:
    """A contact somebody wants to make, with all a rule may look at. `now` is aware."""

    view: View
    campaign: Campaign
    channel: Channel
    permit: PermitKind
    now: datetime
    to: str
    registers: Registers = NO_REGISTERS
    law: Law = field(default_factory=current_law)
    where: Place | None = None
    """Where the lead is taken to be; None: wherever his number and ZIP allow."""
    asked_at: datetime | None = None
    """When the gate was asked, where `now` is a later time that is tried."""

    @cached_property
    def place(self) -> Place:
        """Where the lead could be."""
        return possible_place(self.view) if self.where is None else self.where

    @cached_property
    def kind(self) -> PermitKind:
        """What the contact really is: an answer that comes too late, or by telephone, is one we initiate."""
        late = self.permit is PermitKind.REPLY_TO_LEAD and not self._answers
        return PermitKind.INITIATE if late else self.permit

    @property
    def _answers(self) -> bool:
        said = self.view.last_lead_text_at
        grace = timedelta(seconds=self.campaign.timing.reply_grace_s)
        return self.channel is Channel.SMS and said is not None and self.now - said <= grace

    @cached_property
    def days(self) -> frozenset[date]:
        """The date at the lead's: two, where it is past midnight in one of his zones."""
        return frozenset(self.now.astimezone(ZoneInfo(zone)).date() for zone in self.place.zones)

    @cached_property
    def state_rules(self) -> tuple[StateRule, ...]:
        """The rows of every state the lead could be in; all rows there are, if that is unknown."""
        return self.law.rules_for(self.place.states, self.days)

    @property
    def scope(self) -> Scope:
        """The consent it needs."""
        return Scope.SMS if self.channel is Channel.SMS else Scope.AI_VOICE

    @property
    def consent(self) -> Consent | None:
        """The newest consent of that scope."""
        return self.view.consents.get(self.scope)

    def at(self, now: datetime) -> "Contact":
        """The same contact at another instant."""
        return replace(self, now=now, asked_at=self.asked_at or self.now)


@dataclass(frozen=True, slots=True)
class Objection:
    """Why not. `until` is when this rule would no longer object; None means never, as things stand."""

    reason: str
    until: datetime | None = None
    why: str = ""
    """A sentence for a person."""
    citation: str = ""
    """The source that objects, where it is narrower than the rule's."""


Check = Callable[[Contact], Objection | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """A named rule with its source and the kinds of contact it does not bind."""

    name: str
    citation: str
    check: Check
    exempt: frozenset[PermitKind] = frozenset()

    def binds(self, contact: Contact) -> bool:
        """Whether the contact is of a kind it speaks to."""
        return contact.kind not in self.exempt
