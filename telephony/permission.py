"""Whether an effect may be carried out now, and if not, when again: pure decisions, on the newest view."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, assert_never

from agent.campaign import Campaign
from agent.gate.gate import Refusal, decide
from state.events import (
    Answer,
    BriefAgent,
    Channel,
    Dial,
    Effect,
    EffectRequested,
    HandoffStep,
    RingAgent,
    SendText,
)
from state.view import View
from telephony.carrier import CarrierError

TOO_MANY_REQUESTS: Final = 20429
"""Twilio's error for more concurrent requests than the account may make: nothing was done."""
RETRY_AFTER: Final = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))
"""Pauses after a carrier that could not be reached."""


@dataclass(frozen=True, slots=True)
class Go:
    """The effect may be carried out, by this rule."""

    rule: str


@dataclass(frozen=True, slots=True)
class Stop:
    """It must not, or need not."""

    outcome: Literal["refused", "cancelled"]
    why: str
    until: datetime | None = None
    """When it may be tried again, if time alone stands in its way."""


def permission(view: View, campaign: Campaign | None, effect: Effect, now: datetime) -> Go | Stop:
    """Whether an effect may be carried out now. Anything that reaches a person is the gate's to decide."""
    if campaign is None:
        return Stop("refused", "campaign: its file is gone")
    match effect:
        case SendText():
            return _asked(view, campaign, effect, Channel.SMS, now)
        case Dial():
            return _asked(view, campaign, effect, Channel.VOICE, now)
        case BriefAgent():
            # Also when the lead has left: the card is what he is called back with.
            return _asked(view, campaign, effect, Channel.SMS, now)
        case RingAgent():
            if not lead_is_there(view):
                return Stop("cancelled", "the lead has left")
            if not _is_at(view, effect.handoff, HandoffStep.REQUESTED):
                return Stop("cancelled", "the transfer has moved on")
            return _asked(view, campaign, effect, Channel.VOICE, now)
        case Answer():
            return Stop("cancelled", "an answer is thought of, not sent")
        case _:
            assert_never(effect)


def _asked(
    view: View, campaign: Campaign, effect: SendText | Dial | BriefAgent | RingAgent, channel: Channel, now: datetime
) -> Go | Stop:
    answer = decide(view, campaign, channel, effect.permit, now, to=effect.to)
    if isinstance(answer, Refusal):
        return Stop("refused", f"{answer.rule}: {answer.reason}", until=answer.next_allowed)
    return Go(answer.rule)


def _is_at(view: View, handoff_id: str, step: HandoffStep) -> bool:
    handoff = view.handoff
    return handoff is not None and (handoff.handoff, handoff.step) == (handoff_id, step)


def postponed(effect_id: str, effect: Effect, until: datetime | None, now: datetime) -> list[EffectRequested]:
    """The same contact at a later time, as an effect of its own, so that the log shows each attempt.

    Only the lead's: nobody rings an agent later for a lead who waits now.
    """
    if until is None or not isinstance(effect, SendText | Dial):
        return []
    return [EffectRequested(id=f"{origin(effect_id)}@{until:%Y%m%dT%H%M%SZ}", at=now, effect=effect, due=until)]


def origin(effect_id: str) -> str:
    """The id an effect first had, however often it was put off."""
    return effect_id.partition("@")[0]


def retry_at(error: CarrierError, failures: int, now: datetime) -> datetime | None:
    """When to try again after a failure; None: not at all.

    Only what the carrier never took, or sent back unlooked-at, may be repeated. `failures` came before this one.
    """
    repeatable = error.code in {None, TOO_MANY_REQUESTS} and not error.outcome_unknown
    return now + RETRY_AFTER[failures] if repeatable and failures < len(RETRY_AFTER) else None


def lead_is_there(view: View) -> bool:
    """Whether the call that is to be handed over is still up."""
    call = view.calls.get(view.handoff.call) if view.handoff else None
    return call is not None and not call.ended
