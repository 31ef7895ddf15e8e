"""The plan itself: what stops everything, and the rules, of which the one that is due first has the word."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from agent.campaign import Campaign
from agent.gate.pace import RINGING_AT_MOST
from agent.gate.registers import NO_REGISTERS, Registers
from agent.outreach import amends, cadence, calls
from agent.outreach.situation import No, Situation, Step, Wait
from state.effects import Answer, origin
from state.events import EffectRequested
from state.view import View

LOOK_AGAIN = timedelta(hours=1)
"""How long a call may be up before somebody asks whether it still is."""
AFTER_REFUSAL = timedelta(minutes=1)
"""How long a step waits that was refused at the last moment."""

Stop = Callable[[Situation], Wait | None]
Rule = Callable[[Situation], Step | No]


def plan(view: View, campaign: Campaign, now: datetime, registers: Registers = NO_REGISTERS) -> Step | Wait:
    """The next step of outreach; or why there is none, and when to look again."""
    situation = Situation(view, campaign, now, registers)
    for stop in STOPS:
        if (wait := stop(situation)) is not None:
            return wait
    steps = [found for rule in RULES if isinstance(found := rule(situation), Step)]
    steps = [_after_refusal(situation, step) for step in steps]
    return min(steps, key=lambda step: step.due, default=Wait("there is nothing to do but wait for the lead"))


def wanted(view: View, campaign: Campaign, effect_id: str, now: datetime, registers: Registers = NO_REGISTERS) -> bool:
    """Whether an effect that outreach asked for, and that nobody has begun, is what it would ask for now."""
    rest = {key: waiting for key, waiting in view.outbox.items() if key != effect_id}
    step = plan(view.model_copy(update={"outbox": rest}), campaign, now, registers)
    return isinstance(step, Step) and step.id == origin(effect_id)


def effect_event(step: Step, version: int, now: datetime) -> EffectRequested:
    """The event that puts a step into the outbox, decided on a version of the conversation.

    The version tells its attempt from others of the same step, so that what was dropped can be asked for again.
    """
    return EffectRequested(id=f"{step.id}@{version}", at=now, effect=step.effect, due=step.due, planned=True)


@dataclass(frozen=True, slots=True)
class Considered:
    """A stop or rule by name, and what it said; None: it does not stop anything."""

    rule: str
    says: Step | Wait | No | None


def considered(situation: Situation) -> list[Considered]:
    """Every stop and rule and what it says. For explaining, not for deciding."""
    return [Considered(one.__name__, one(situation)) for one in (*STOPS, *RULES)]


def _after_refusal(situation: Situation, step: Step) -> Step:
    tried = situation.view.tries.get(step.id)
    if tried is None or tried.outcome != "refused":
        return step
    return replace(step, due=max(step.due, tried.at + AFTER_REFUSAL))


SETTLED = frozenset({"sold", "booked", "not_interested"})
"""What a person may report after which nobody else of ours gets in touch of his own accord."""

# What stops everything -----------------------------------------------------------------------------------------------


def no_campaign(situation: Situation) -> Wait | None:
    """A paused campaign contacts nobody."""
    return None if situation.campaign.active else Wait("the campaign is not active")


def opted_out(situation: Situation) -> Wait | None:
    """Nor is anybody contacted who does not want it."""
    return Wait("the lead opted out, or the number is somebody else's") if situation.view.suppressed else None


def held(situation: Situation) -> Wait | None:
    """Or about whom a person must decide first."""
    reason = situation.view.held
    return Wait(f"held until a person lifts it: {reason}") if reason else None


def paused(situation: Situation) -> Wait | None:
    """Or whom a person has taken over."""
    by = situation.view.paused
    return Wait(f"paused by {by}") if by else None


def settled(situation: Situation) -> Wait | None:
    """Or with whom a person of ours has come to an end."""
    reports = situation.view.reports
    if not reports or reports[-1].outcome not in SETTLED:
        return None
    return Wait(f"{reports[-1].agent} reported: {reports[-1].outcome.replace('_', ' ')}")


def on_the_phone(situation: Situation) -> Wait | None:
    """Nothing is planned while he talks with us, or his telephone rings."""
    if situation.view.live_call is not None or situation.view.with_human:
        return Wait("the lead is on the telephone with us", situation.now + LOOK_AGAIN)
    for call in situation.view.calls.values():
        if not call.ended and situation.now - call.placed_at < RINGING_AT_MOST:
            return Wait("a call is under way", call.placed_at + RINGING_AT_MOST)
    return None


def under_way(situation: Situation) -> Wait | None:
    """What he wrote is answered first, and one step is taken at a time."""
    for waiting in situation.view.outbox.values():
        if isinstance(waiting.effect, Answer):
            return Wait("the lead's text is being answered")
        if waiting.planned:
            return Wait("a step is under way")
    return None


STOPS: tuple[Stop, ...] = (no_campaign, opted_out, held, paused, settled, on_the_phone, under_way)

RULES: tuple[Rule, ...] = (
    calls.requested_call,
    amends.promised_text,
    amends.apology,
    calls.text_after_cut_off,
    calls.text_after_missed_call,
    cadence.first_contact,
    cadence.same_day_call,
    cadence.nudge,
    cadence.touchpoint,
)
"""Where two are due at once, the earlier one goes first."""
