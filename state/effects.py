"""Effects: what is to be done for a conversation, once, by whoever claims it. Recorded like everything else.

An effect is asked for in the same append as its cause (`EffectRequested`), carried out by a worker, and answered by an
event. One that reaches a person names the permit it was asked for under.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Frozen(BaseModel):
    """What is said once and never changes; a part it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PermitKind(StrEnum):
    """Why a contact is allowed; every effect that reaches a person names one."""

    INITIATE = "initiate"
    REPLY_TO_LEAD = "reply_to_lead"
    REQUESTED_TIME = "requested_time"
    VOICEMAIL_FOLLOW_UP = "voicemail_follow_up"
    OPT_OUT_CONFIRMATION = "opt_out_confirmation"
    HELP = "help"
    STAFF = "staff"


class HandoffStep(StrEnum):
    """The states of a warm transfer, in order; behind `left` are its ways back."""

    REQUESTED = "requested"
    RINGING = "ringing"
    BRIEFING = "briefing"
    ACCEPTED = "accepted"
    JOINED = "joined"
    LEFT = "left"
    DECLINED = "declined"
    UNREACHED = "unreached"
    LEAD_GONE = "lead_gone"
    NOBODY_FREE = "nobody_free"
    """Nobody is left who could be asked."""


class Answer(Frozen):
    """Think of a reply to a text of the lead's."""

    kind: Literal["answer"] = "answer"
    text_id: str


class SendText(Frozen):
    """Hand a text to the carrier; `asks` is the campaign question it puts, if any."""

    kind: Literal["send_text"] = "send_text"
    permit: PermitKind
    to: str
    body: str
    asks: str | None = None
    by: str | None = None
    """Who of the staff wrote it; None: the persona."""


class Dial(Frozen):
    """Call the lead."""

    kind: Literal["dial"] = "dial"
    permit: PermitKind
    to: str


class BriefAgent(Frozen):
    """Text a human agent the summary, before his telephone rings."""

    kind: Literal["brief_agent"] = "brief_agent"
    permit: PermitKind = PermitKind.STAFF
    handoff: str
    to: str
    body: str


class RingAgent(Frozen):
    """Call a human agent and brief him privately before the lead is put through."""

    kind: Literal["ring_agent"] = "ring_agent"
    permit: PermitKind = PermitKind.STAFF
    handoff: str
    agent: str
    to: str


class FindAgent(Frozen):
    """Choose a person for the lead and ask for the next step: to ring him, or just to send him the card."""

    kind: Literal["find_agent"] = "find_agent"
    search: str
    """Id of the search; each person who is asked for it is a hand-off of its own."""
    call: str | None = None
    """The lead's call. None: he texted, so nobody's telephone rings."""
    attempt: int = 1


class CheckTransfer(Frozen):
    """Look whether a transfer has moved on from a step by now: a callback may have been lost."""

    kind: Literal["check_transfer"] = "check_transfer"
    handoff: str
    step: HandoffStep


def origin(effect_id: str) -> str:
    """What an effect's id says of its cause. Each attempt has an id of its own: the cause, `@`, and what tells it."""
    return effect_id.partition("@")[0]


Effect = Annotated[
    Answer | SendText | Dial | BriefAgent | RingAgent | FindAgent | CheckTransfer, Field(discriminator="kind")
]
