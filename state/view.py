"""The view: what the log of one conversation adds up to (`state.fold` adds it up)."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

from state.effects import Effect, HandoffStep, PermitKind
from state.events import Attestation, Channel, Outcome, Scope

THREAD_KEPT = 200
"""Lines of the thread the view carries; the log has them all."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Fact(_Frozen):
    """What the lead told us, and where."""

    value: JsonValue
    source: str
    at: datetime


class Line(_Frozen):
    """One message or utterance of the thread. `text` is what was heard, where that is less than what was said."""

    channel: Channel
    who: Literal["lead", "persona"]
    text: str
    at: datetime
    event: str
    asks: str | None = None
    cut: bool = False
    by: str | None = None
    """Who of the staff wrote it, where our side was not the persona."""


class Consent(_Frozen):
    """The newest evidence for one scope."""

    event: str
    basis: Literal["written", "oral", "inquiry"]
    at: datetime


class Outbox(_Frozen):
    """An effect that has not settled."""

    effect: Effect
    due: datetime
    started: bool = False
    started_at: datetime | None = None
    planned: bool = False


class Try(_Frozen):
    """How the last attempt of a step of outreach ended."""

    at: datetime
    outcome: Literal["done", "refused", "failed", "cancelled", "unknown"]
    detail: str = ""


class Saying(_Frozen):
    """A turn of the persona's that is being said, or was cut: what may have to be taken up again."""

    turn: int
    text: str
    heard: str
    heard_ms: int
    asks: str | None = None
    ends: bool = False
    """The call ends with it."""
    accounted: bool = False
    """The thread has what was heard of it."""

    @property
    def rest(self) -> str:
        """The words nobody has heard yet."""
        return self.text.removeprefix(self.heard).strip()


class Call(_Frozen):
    """One telephone call with the lead."""

    call: str
    direction: Literal["inbound", "outbound"]
    status: str
    sequence: int = -1
    placed_at: datetime
    connected: bool = False
    stream: str | None = None
    """The newest connection of its audio."""
    ended: bool = False
    away: bool = False
    """In a room with a person, or on the way there."""
    returned: bool = False
    """From there: its newest connection took it back."""
    ended_at: datetime | None = None
    fell_silent: bool = False
    """We hung up because he was not heard any more."""
    turns: int = 0
    saying: Saying | None = None
    """The persona's newest turn, unless it was heard out or the lead has spoken since."""
    answered_by: Literal["person", "machine", "screener"] | None = None
    """None: nobody has said."""
    message_left: bool = False
    detected: str | None = None
    """What the carrier takes whoever answered for, in its own word."""
    ours: str | None = None
    """Our number at its other end, E.164."""
    attestation: Attestation | None = None
    """Of the caller's number, whoever called."""


class Touch(_Frozen):
    """One contact of ours, as the caps and the spacing rule count it."""

    channel: Channel
    at: datetime
    permit: PermitKind


class Commitment(_Frozen):
    """A promise of ours and what became of it; `outcome` is None while it is open."""

    promise: str
    what: str
    made_at: datetime
    due: datetime | None = None
    until: datetime | None = None
    by: Literal["call", "text", "person"] | None = None
    body: str | None = None
    outcome: Literal["kept", "broken", "released"] | None = None
    settled_at: datetime | None = None


class Handoff(_Frozen):
    """A warm transfer."""

    handoff: str
    step: HandoffStep
    call: str
    agent: str | None = None
    agent_call: str | None = None
    summary: str | None = None
    search: str | None = None
    tried: tuple[str, ...] = ()
    """Names of those who were asked in this search, this one among them."""
    briefed: bool = False
    """The carrier took the card for the agent."""
    joined_at: datetime | None = None
    why: str = ""
    """What the newest step said of its reason."""
    offer: datetime | None = None
    """When somebody could call back, if nobody was free."""


class Report(_Frozen):
    """What a person who took the lead over says came of it."""

    agent: str
    outcome: Outcome
    notes: str
    at: datetime


class Duty(_Frozen):
    """How a person who takes calls over stands; the view of his own log has it."""

    available: bool = True
    conversation: str | None = None
    """The lead he was last chosen for,"""
    handoff: str | None = None
    """in which hand-off,"""
    engaged_at: datetime | None = None
    """and when."""


class View(_Frozen):
    """One conversation, as of `version` events."""

    version: int = 0
    number: str = ""
    brand: str = ""
    campaign: str = ""
    source: str = ""
    first_name: str | None = None
    zip: str | None = None
    arrived_at: datetime | None = None
    facts: dict[str, Fact] = {}
    asked: tuple[str, ...] = ()
    """Campaign questions put to the lead so far, in order, on any channel."""
    thread: tuple[Line, ...] = ()
    consents: dict[Scope, Consent] = {}
    suppressed: bool = False
    voice_suppressed: bool = False
    """Stays true when START resumes texts."""
    suppressed_as: Literal["opt_out", "wrong_number"] | None = None
    """Why, if ever. A wrong number stays one: its new owner's START does not give the old one's consent back."""
    confirmation: str | None = None
    """The effect that confirmed an opt-out, or may have. There is one in a conversation's life."""
    held: str | None = None
    paused: str | None = None
    """The operator who took over; the persona neither writes nor dials meanwhile."""
    whispers: tuple[str, ...] = ()
    """What operators told the persona during the call that is on."""
    touches: tuple[Touch, ...] = ()
    last_lead_text_at: datetime | None = None
    texts: dict[str, str] = {}
    """Delivery status of each text of ours, by SID."""
    calls: dict[str, Call] = {}
    outbox: dict[str, Outbox] = {}
    tries: dict[str, Try] = {}
    """By origin, each step of outreach that was attempted and how that ended."""
    ledger: tuple[Commitment, ...] = ()
    """Every promise of ours, in order."""
    patience_ms: int = 0
    """How much longer than others this lead is waited for when he pauses, as of his last call."""
    handoff: Handoff | None = None
    reports: tuple[Report, ...] = ()
    duty: Duty = Duty()

    @property
    def promises(self) -> tuple[str, ...]:
        """What we have promised and neither done nor failed at."""
        return tuple(one.what for one in self.ledger if one.outcome is None)

    @property
    def live_call(self) -> Call | None:
        """The call whose audio is with us, if any."""
        return next((call for call in self.calls.values() if call.connected and not call.ended), None)

    @property
    def with_human(self) -> bool:
        """Whether a person has the lead on the line now."""
        return any(call.away and not call.ended for call in self.calls.values())

    def known(self, key: str) -> JsonValue:
        """The value of a fact, or None."""
        fact = self.facts.get(key)
        return fact.value if fact else None

    def last_line(self, who: Literal["lead", "persona"]) -> Line | None:
        """The newest line of one side."""
        return next((line for line in reversed(self.thread) if line.who == who), None)

    @property
    def said_last(self) -> str:
        """What the lead said last, on any channel; empty if he has said nothing."""
        line = self.last_line("lead")
        return line.text if line is not None else ""
