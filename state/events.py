"""The events of a conversation: everything that happened between one lead and one brand, on any channel.

An event is a fact about the past and never changes. Its `id` is given by its cause (a message SID, a call SID and a
turn number), never drawn at random, so that a cause reported twice is one event. Effects (a send, a dial) are
events too: `EffectRequested` stands in the same append as its cause, and `EffectSettled` answers it.
"""

import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, JsonValue, TypeAdapter

from state.effects import Effect, Frozen, HandoffStep, PermitKind

SCHEMA = 1
"""Version of the event schema; a reader upcasts older events before it folds them."""


class Channel(StrEnum):
    """Where words are exchanged."""

    SMS = "sms"
    VOICE = "voice"


class Scope(StrEnum):
    """What a consent covers."""

    SMS = "sms"
    AI_VOICE = "ai_voice"


def conversation_id(brand: str, number: str) -> str:
    """The id of the one conversation between a brand and an E.164 number.

    Derived, so there is no table to look it up in and no second truth; hashed, so that ids in URLs and logs carry
    no phone number.
    """
    return hashlib.blake2b(f"{brand}\n{number}".encode(), digest_size=10).hexdigest()


def staff_log_id(number: str) -> str:
    """The id of the log of a person who takes calls over, by his E.164 number. Never a conversation's."""
    return hashlib.blake2b(number.encode(), digest_size=10, person=b"staff").hexdigest()


def campaign_log_id(campaign: str) -> str:
    """The id of the log in which a campaign is paused and resumed. Never a conversation's."""
    return hashlib.blake2b(campaign.encode(), digest_size=10, person=b"campaign").hexdigest()


# Events -------------------------------------------------------------------------------------------------------------


class _Event(Frozen):
    id: str
    at: datetime


class LeadArrived(_Event):
    """A form, an import or a first inbound contact made this person a lead."""

    kind: Literal["lead_arrived"] = "lead_arrived"
    number: str
    brand: str
    campaign: str
    source: str
    first_name: str | None = None
    zip: str | None = None
    facts: dict[str, JsonValue] = Field(default_factory=dict)


class ConsentGiven(_Event):
    """Evidence that the lead agreed to be contacted (POLICY 2.11). Append-only; `state.consent` chains it.

    `at` is when the lead agreed, `recorded_at` when we were told. What a source does not say is None, never guessed.
    """

    kind: Literal["consent_given"] = "consent_given"
    scopes: tuple[Scope, ...]
    basis: Literal["written", "oral", "inquiry"]
    act: Literal["tick", "reply", "keypress", "signature", "call"]
    disclosure: str
    """The words the lead agreed to, verbatim."""
    source_url: str | None = None
    ip: str | None = None
    user_agent: str | None = None
    brand: str | None = None
    campaign: str | None = None
    number: str | None = None
    """E.164: a written consent is one for this number."""
    seller: str | None = None
    """The seller's name as it was shown."""
    purpose: Literal["marketing", "informational"] | None = None
    disclosure_version: str | None = None
    language: str | None = None
    """Of the disclosure, as an IETF tag: "en", "es-US"."""
    form: str | None = None
    page_sha256: str | None = None
    """Of the page as the lead saw it; whoever runs the form keeps the copy."""
    certificate: str | None = None
    """Id of the session, or of a certificate of it such as TrustedForm's."""
    source_chain: tuple[str, ...] = ()
    """Through whose hands the lead came, the first first."""
    tz: str | None = None
    """The lead's time zone when he agreed, as an IANA name."""
    recorded_at: datetime | None = None
    actor: str | None = None
    """Who recorded it: "api", "webhook", a person."""


class Suppressed(_Event):
    """Nobody contacts this number for this brand again, on any channel."""

    kind: Literal["suppressed"] = "suppressed"
    reason: Literal["opt_out", "wrong_number"]
    channel: Channel
    words: str
    """What the lead said, masked."""
    detector: str
    by: str | None = None
    """The operator who stopped it; None: the lead did."""


class TextsResumed(_Event):
    """The lead wrote START: texts may go on, calls may not."""

    kind: Literal["texts_resumed"] = "texts_resumed"


class EvidenceSealed(_Event):
    """What the chain over the first `rows` rows of evidence comes to (see `state.consent`)."""

    kind: Literal["evidence_sealed"] = "evidence_sealed"
    rows: int
    row_hash: str
    """Of the last of them, which stands for all: 64 hexadecimal digits."""


class Erased(_Event):
    """The words, names and facts of everything before this were taken out of the log (see `state.erasure`)."""

    kind: Literal["erased"] = "erased"
    reason: Literal["request", "retention"]


class OutreachHeld(_Event):
    """Something a person has to look at before anything more goes out."""

    kind: Literal["outreach_held"] = "outreach_held"
    reason: str


class HoldLifted(_Event):
    """A person has looked: outreach may go on, as far as the rules allow."""

    kind: Literal["hold_lifted"] = "hold_lifted"
    by: str


class Paused(_Event):
    """A person has taken over, or wants quiet: the persona sends and dials nothing until `Resumed`.

    In a campaign's own log: nobody is contacted for it until then, and `by` says why.
    """

    kind: Literal["paused"] = "paused"
    by: str


class Resumed(_Event):
    """The persona goes on."""

    kind: Literal["resumed"] = "resumed"
    by: str


class Whispered(_Event):
    """What an operator tells the persona during a call. The lead does not hear it."""

    kind: Literal["whispered"] = "whispered"
    call: str
    hint: str
    by: str


class TransferOrdered(_Event):
    """An operator wants the lead put through to a person now."""

    kind: Literal["transfer_ordered"] = "transfer_ordered"
    call: str
    by: str


class TextReceived(_Event):
    """An inbound SMS, masked."""

    kind: Literal["text_received"] = "text_received"
    sid: str
    body: str
    media: int = 0


class TextSent(_Event):
    """The carrier took a text of ours."""

    kind: Literal["text_sent"] = "text_sent"
    sid: str
    effect: str
    body: str
    asks: str | None = None
    permit: PermitKind
    by: str | None = None
    """Who of the staff wrote it; None: the persona."""


class TextStatus(_Event):
    """A delivery report."""

    kind: Literal["text_status"] = "text_status"
    sid: str
    status: str
    error: int | None = None


Attestation = Literal["A", "B", "C", "failed", "unverified"]
"""What STIR/SHAKEN says of a call's caller id (47 CFR 64.6300): the signing carrier vouches for caller and number (A),
for the caller (B), or for neither (C); its signature did not verify; there was none that could be looked at."""


class CallPlaced(_Event):
    """The carrier took our request to dial."""

    kind: Literal["call_placed"] = "call_placed"
    call: str
    effect: str
    permit: PermitKind
    ours: str | None = None
    """Our number that it was placed from, E.164."""


class CallArrived(_Event):
    """The lead called us."""

    kind: Literal["call_arrived"] = "call_arrived"
    call: str
    ours: str | None = None
    """Our number that he called, E.164."""
    attestation: Attestation | None = None
    """Of his number. None: the carrier said nothing."""


class CallStatus(_Event):
    """A call progress report; `sequence` orders them, their arrival does not."""

    kind: Literal["call_status"] = "call_status"
    call: str
    status: str
    sequence: int
    attestation: Attestation | None = None
    """What a call of ours was signed with. None: this report does not say."""


class CallConnected(_Event):
    """The call's audio reached us: from here on the lead hears the persona."""

    kind: Literal["call_connected"] = "call_connected"
    call: str
    stream: str


class AnswerDetected(_Event):
    """What the carrier takes whoever picked up for: evidence, which the call weighs with what it hears itself."""

    kind: Literal["answer_detected"] = "answer_detected"
    call: str
    verdict: str
    """The carrier's word: human, machine_end_beep, machine_end_silence, machine_end_other, fax, unknown."""
    after_ms: int | None = None
    """How long it listened."""


class CallAnsweredBy(_Event):
    """Who picked up a call of ours: a machine's words are not the lead's."""

    kind: Literal["call_answered_by"] = "call_answered_by"
    call: str
    who: Literal["person", "machine", "screener"]
    message_left: bool = False
    """Whether our message was heard to its end after the beep."""


class LeadSaid(_Event):
    """One turn of the lead's on a call, as recognised and masked. Offsets are ms of call audio."""

    kind: Literal["lead_said"] = "lead_said"
    call: str
    turn: int
    text: str
    start_ms: int
    end_ms: int


class TurnTiming(Frozen):
    """Where a voice turn's gap went, in ms (see docs/architecture.md).

    `gap` runs from the caller's last speech sample to the first sample of the reply on the socket; the parts sum to
    it. Work that ran while the turn machine still waited costs nothing and shows as 0.
    """

    gap: float
    wait: float
    transcript: float
    reply: float
    speech: float
    send: float


class PersonaSaying(_Event):
    """How far a turn of the persona's has come while it is being said: a process that dies in it leaves this behind.

    Written when the turn stands, when more of it is known, and at each clause the carrier says was played.
    """

    kind: Literal["persona_saying"] = "persona_saying"
    call: str
    turn: int
    text: str
    """All of it that is known so far."""
    heard: str
    """The clauses of it that were played to their end."""
    heard_ms: int
    asks: str | None = None
    ends: bool = False
    """The call ends with this turn."""


class PersonaSaid(_Event):
    """What the persona said on a call, and how much of it was heard."""

    kind: Literal["persona_said"] = "persona_said"
    call: str
    turn: int
    text: str
    heard: str
    cut_ms: int | None = None
    """Where the lead cut in, in ms from the first sample of the turn; None when it was heard to the end."""
    asks: str | None = None
    timing: TurnTiming | None = None


class CallEnded(_Event):
    """The call's audio is over. `cause` tells who ended it."""

    kind: Literal["call_ended"] = "call_ended"
    call: str
    stream: str | None = None
    """The connection that ended; a call may have had an earlier one, whose end comes late."""
    cause: Literal["lead_hung_up", "we_hung_up", "silence", "transferred", "dropped"]
    """`silence`: we hung up because the lead was not heard any more."""
    heard_ms: int
    """Length of the call's audio."""
    discarded: int = 0
    """Speculative replies that were thrown away."""
    model_tokens: int = 0
    """What a language model wrote in this call, those of discarded replies included,"""
    model_tokens_discarded: int = 0
    """and in discarded replies alone, as far as it was received."""
    prompt_characters: int = 0
    """What it was given to read in this call; four make about one token,"""
    prompt_characters_discarded: int = 0
    """and for discarded replies alone."""
    decodes_discarded: int = 0
    """Utterances that were recognised for a guess, before the lead spoke on;"""
    characters_discarded: int = 0
    """and characters synthesised in discarded replies."""
    patience_ms: int = 0
    """How much longer than others this lead was waited for by then: he had been taken to have finished and had not."""


class FactLearned(_Event):
    """The lead told us something. A correction is a later event with the same key."""

    kind: Literal["fact_learned"] = "fact_learned"
    key: str
    value: JsonValue
    source: str
    """Id of the event it was learned from."""


class Promised(_Event):
    """The persona committed us to something. Its id is the promise's."""

    kind: Literal["promised"] = "promised"
    what: str
    due: datetime | None = None
    until: datetime | None = None
    """End of the time that was agreed on, if it was a span."""
    by: Literal["call", "text", "person"] | None = None
    """What keeps it: a call of ours, a text, or one of our people. None: nothing that the record could show."""
    body: str | None = None
    """What the text says, where a text keeps it."""


class PromiseSettled(_Event):
    """A promise was kept or broken, or is no longer expected."""

    kind: Literal["promise_settled"] = "promise_settled"
    promise: str
    outcome: Literal["kept", "broken", "released"]
    detail: str = ""


class HandoffAdvanced(_Event):
    """A warm transfer reached a step; each step is claimed once (`handoff:{id}:{step}`)."""

    kind: Literal["handoff_advanced"] = "handoff_advanced"
    handoff: str
    step: HandoffStep
    call: str
    """The lead's call."""
    agent: str | None = None
    agent_call: str | None = None
    summary: str | None = None
    """What the agent is told; set by `requested`."""
    search: str | None = None
    """Which search for a person it belongs to: whoever is asked after another declined is of the same one."""
    detail: str = ""
    """Why, for a step that leads back: an agent's words, or the carrier's."""
    offer: datetime | None = None
    """With `nobody_free`: when somebody could call back."""


Outcome = Literal["sold", "booked", "call_back", "not_interested", "unreachable", "other"]
"""What came of a lead, in the words of the person who took him over."""


class HandoffReported(_Event):
    """The person who took the lead over says what came of it."""

    kind: Literal["handoff_reported"] = "handoff_reported"
    agent: str
    outcome: Outcome
    notes: str
    """Masked."""
    by: Literal["text", "page"]


class AgentPresence(_Event):
    """A person who takes calls over is there for them, or away. Stands in a log of his own."""

    kind: Literal["agent_presence"] = "agent_presence"
    number: str
    brand: str
    campaign: str
    available: bool
    by: Literal["text", "command"]


class AgentEngaged(_Event):
    """A person was chosen for a lead. Stands in his own log, where only one search at a time can put it."""

    kind: Literal["agent_engaged"] = "agent_engaged"
    conversation: str
    """The lead's."""
    handoff: str


class EffectRequested(_Event):
    """Something is to be done in the world, not before `due`. Its id is the effect's id."""

    kind: Literal["effect_requested"] = "effect_requested"
    effect: Effect
    due: datetime
    planned: bool = False
    """Outreach asked for it: it is dropped if, at the moment of doing it, outreach would no longer."""


class EffectStarted(_Event):
    """A worker holds the permit and is about to act. An outcome missing after this is unknown, not undone."""

    kind: Literal["effect_started"] = "effect_started"
    effect: str
    rule: str
    """The gate rule that allowed it."""
    evidence: dict[str, JsonValue] = Field(default_factory=dict)
    """What the gate decided on: edition of the rules, states, local times, consent, registers."""


class EffectSettled(_Event):
    """An effect is over."""

    kind: Literal["effect_settled"] = "effect_settled"
    effect: str
    outcome: Literal["done", "refused", "failed", "cancelled", "unknown"]
    detail: str = ""


Event = Annotated[
    LeadArrived
    | ConsentGiven
    | Suppressed
    | TextsResumed
    | EvidenceSealed
    | Erased
    | OutreachHeld
    | HoldLifted
    | Paused
    | Resumed
    | Whispered
    | TransferOrdered
    | TextReceived
    | TextSent
    | TextStatus
    | CallPlaced
    | CallArrived
    | CallStatus
    | CallConnected
    | AnswerDetected
    | CallAnsweredBy
    | LeadSaid
    | PersonaSaying
    | PersonaSaid
    | CallEnded
    | FactLearned
    | Promised
    | PromiseSettled
    | HandoffAdvanced
    | HandoffReported
    | AgentPresence
    | AgentEngaged
    | EffectRequested
    | EffectStarted
    | EffectSettled,
    Field(discriminator="kind"),
]

EVENT: TypeAdapter[Event] = TypeAdapter(Event)
"""Reads an event from JSON: `EVENT.validate_json(data)`."""
