"""Whether an effect may be carried out now, and if not, when again: pure decisions, on the newest view."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, assert_never

from pydantic import JsonValue

from agent.campaign import Campaign
from agent.gate.gate import Refusal, decide, try_again_at
from agent.gate.registers import NO_REGISTERS, Registers
from state.effects import (
    Answer,
    BriefAgent,
    CheckTransfer,
    Dial,
    Effect,
    FindAgent,
    HandoffStep,
    PermitKind,
    RingAgent,
    SendText,
    origin,
)
from state.events import Channel, EffectRequested
from state.view import View
from telephony.carrier import ACCOUNT_FAULTS, TOO_MANY_REQUESTS, CarrierError

RETRY_AFTER: Final = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))
"""Pauses after a carrier that could not be reached."""


@dataclass(frozen=True, slots=True)
class Go:
    """The effect may be carried out, by this rule, on this evidence."""

    rule: str
    evidence: dict[str, JsonValue] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Stop:
    """It must not, or need not."""

    outcome: Literal["refused", "cancelled"]
    why: str
    until: datetime | None = None
    """When it may be tried again, if time alone stands in its way."""


def permission(
    view: View, campaign: Campaign | None, effect: Effect, now: datetime, registers: Registers = NO_REGISTERS
) -> Go | Stop:
    """Whether an effect may be carried out now. Anything that reaches a person is the gate's to decide."""
    if campaign is None:
        return Stop("refused", "campaign: its file is gone")
    if view.paused is not None and is_the_persona_s(effect):
        return Stop("cancelled", "a person has taken over")
    match effect:
        case SendText():
            return _asked(view, campaign, effect, Channel.SMS, now, registers)
        case Dial():
            return _asked(view, campaign, effect, Channel.VOICE, now, registers)
        case BriefAgent():
            # Also when the lead has left: the card is what he is called back with.
            return _asked(view, campaign, effect, Channel.SMS, now, registers)
        case RingAgent():
            if not lead_is_there(view):
                return Stop("cancelled", "the lead has left")
            if not _is_at(view, effect.handoff, HandoffStep.REQUESTED):
                return Stop("cancelled", "the transfer has moved on")
            return _asked(view, campaign, effect, Channel.VOICE, now, registers)
        case Answer() | FindAgent() | CheckTransfer():
            return Stop("cancelled", "it is thought about, not sent")
        case _:
            assert_never(effect)


OWED = frozenset({PermitKind.OPT_OUT_CONFIRMATION, PermitKind.HELP})
"""What the lead gets whoever talks with him."""


def is_the_persona_s(effect: Effect) -> bool:
    """Whether a contact is the persona's part of the talk: no person's, and not owed."""
    return isinstance(effect, Dial) or (
        isinstance(effect, SendText) and effect.by is None and effect.permit not in OWED
    )


def _asked(
    view: View,
    campaign: Campaign,
    effect: SendText | Dial | BriefAgent | RingAgent,
    channel: Channel,
    now: datetime,
    registers: Registers,
) -> Go | Stop:
    answer = decide(view, campaign, channel, effect.permit, now, to=effect.to, registers=registers)
    if isinstance(answer, Refusal):
        return Stop("refused", f"{answer.rule}: {answer.reason}", until=_again(answer, effect.permit, now))
    return Go(answer.rule, answer.evidence)


def _again(refusal: Refusal, permit: PermitKind, now: datetime) -> datetime | None:
    """When to ask the gate once more. An answer is not put off: the words were for that moment."""
    return None if permit is PermitKind.REPLY_TO_LEAD else try_again_at(refusal, now)


def _is_at(view: View, handoff_id: str, step: HandoffStep) -> bool:
    handoff = view.handoff
    return handoff is not None and (handoff.handoff, handoff.step) == (handoff_id, step)


def postponed(
    effect_id: str, effect: Effect, until: datetime | None, now: datetime, *, planned: bool = False
) -> list[EffectRequested]:
    """The same contact at a later time, as an effect of its own, so that the log shows each attempt.

    Only the lead's: nobody rings an agent later for a lead who waits now.
    """
    if until is None or not isinstance(effect, SendText | Dial):
        return []
    again = f"{origin(effect_id)}@{until:%Y%m%dT%H%M%SZ}"
    return [EffectRequested(id=again, at=now, effect=effect, due=until, planned=planned)]


def retry_at(error: CarrierError, failures: int, now: datetime) -> datetime | None:
    """When to try again after a failure; None: not at all.

    Only what the carrier never took, or sent back unlooked-at, may be repeated. `failures` came before this one. While
    our own account is at fault nothing is given up: that it failed is no answer of the lead's.
    """
    if error.code in ACCOUNT_FAULTS:
        return now + RETRY_AFTER[min(failures, len(RETRY_AFTER) - 1)]
    repeatable = (error.code is None or error.code in TOO_MANY_REQUESTS) and not error.outcome_unknown
    return now + RETRY_AFTER[failures] if repeatable and failures < len(RETRY_AFTER) else None


def lead_is_there(view: View) -> bool:
    """Whether the call that is to be handed over is still up."""
    return view.handoff is not None and is_up(view, view.handoff.call)


def is_up(view: View, call: str) -> bool:
    """Whether a call of the lead's goes on, with us or with a person."""
    known = view.calls.get(call)
    return known is not None and not known.ended
