"""Who takes a lead over: the right person first, and never one who may not. Pure.

Vertical, licence, language and hours bind; skill is preferred, and dropped when nobody who has it can be had (POLICY
section 5: widen skill, then pool). Who is away or has somebody on the line is not asked. The same record gives the
same answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from agent.campaign import Campaign, HumanAgent
from agent.gate.gate import Permit, decide
from agent.gate.zones import place_of_zip, possible_place, zip_of
from agent.handoff import OVER
from state.effects import PermitKind
from state.events import Channel
from state.view import Duty, View

LONGEST_TALK = timedelta(hours=4)
"""Twilio ends a dialled call after this; whoever was engaged before then is free, whatever was not reported."""
CLAIM_GRACE = timedelta(seconds=10)
"""How long a person who was chosen counts as engaged before the lead's own record says so."""
OFFER_STEP = timedelta(minutes=30)
OFFER_WITHIN = timedelta(days=3)


class Bar(StrEnum):
    """Why somebody is not asked. The first that applies."""

    VERTICAL = "another vertical"
    LICENCE = "no licence for the lead's state"
    LANGUAGE = "another language"
    TRIED = "asked already"
    HOURS = "off duty"
    AWAY = "away"
    BUSY = "with somebody else"
    SKILL = "another skill"


BINDING = frozenset({Bar.VERTICAL, Bar.LICENCE, Bar.LANGUAGE})
"""What no waiting changes."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One person as he stands now."""

    agent: HumanAgent
    available: bool = True
    busy: bool = False
    last_engaged: datetime | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """Whom to ask, or nobody; and of everybody else why not."""

    agent: HumanAgent | None
    barred: Mapping[str, Bar] = field(default_factory=dict)


def route(
    view: View, campaign: Campaign, roster: Sequence[Standing], now: datetime, tried: Sequence[str] = ()
) -> Route:
    """Who is asked to take this lead. `tried` names those who were asked already."""
    barred = {one.agent.name: bar for one in roster if (bar := _bar(view, campaign, one, now, tried))}
    free = [one for one in roster if one.agent.name not in barred]
    skilled = [one for one in free if _is_skilled(one.agent, view, campaign)]
    if not skilled and not campaign.routing.widen:
        return Route(None, barred | {one.agent.name: Bar.SKILL for one in free})
    chosen = _in_order(skilled or free, campaign)
    return Route(chosen[0].agent if chosen else None, barred)


def addressee(view: View, campaign: Campaign, roster: Sequence[Standing], now: datetime) -> HumanAgent | None:
    """Who gets the card of a lead whom nobody is rung for: who would be asked now, else who could be later."""
    found = route(view, campaign, roster, now)
    if found.agent is not None:
        return found.agent
    fitting = [one for one in roster if found.barred.get(one.agent.name) not in BINDING]
    skilled = [one for one in fitting if _is_skilled(one.agent, view, campaign)]
    chosen = _in_order(skilled or fitting, campaign)
    return chosen[0].agent if chosen else None


def colleague(view: View, campaign: Campaign, now: datetime) -> str | None:
    """The name of the person a lead is told of: who has him or is being asked, else whom he would be put through to.

    Who is busy or away just now is not known here; None: nobody of the campaign's may take him.
    """
    if view.handoff is not None and view.handoff.agent and view.handoff.step not in OVER:
        return view.handoff.agent
    found = addressee(view, campaign, [Standing(agent) for agent in campaign.agents], now)
    return found.name if found is not None else None


def is_busy(duty: Duty, lead: View | None, now: datetime) -> bool:
    """Whether a person has somebody on the line, or is being asked. `lead` is the view he was last chosen for.

    What his log says is only that he was chosen; whether that lasts, the lead's own record knows.
    """
    if duty.engaged_at is None or now - duty.engaged_at > LONGEST_TALK:
        return False
    handoff = lead.handoff if lead is not None else None
    if handoff is not None and handoff.handoff == duty.handoff:
        return handoff.step not in OVER
    return now - duty.engaged_at < CLAIM_GRACE


def offer(view: View, campaign: Campaign, now: datetime) -> datetime | None:
    """The next half hour at which somebody who may take the lead works, and the lead may be called; None: unknown."""
    # The call that is on now does not stand in the way of a later one.
    later = view.model_copy(update={"calls": {}})
    able = [one for one in campaign.agents if _bound(view, campaign, one) is None]
    at = _next_half_hour(now + OFFER_STEP)
    while able and at <= now + OFFER_WITHIN:
        on_duty = any(one.hours is None or one.hours.covers(at) for one in able)
        if on_duty and isinstance(decide(later, campaign, Channel.VOICE, PermitKind.REQUESTED_TIME, at), Permit):
            return at
        at += OFFER_STEP
    return None


def _next_half_hour(moment: datetime) -> datetime:
    seconds = OFFER_STEP.total_seconds()
    return datetime.fromtimestamp(-(-moment.timestamp() // seconds) * seconds, UTC)


def _bar(view: View, campaign: Campaign, one: Standing, now: datetime, tried: Sequence[str]) -> Bar | None:
    agent = one.agent
    if (bound := _bound(view, campaign, agent)) is not None:
        return bound
    if agent.name in tried:
        return Bar.TRIED
    if agent.hours is not None and not agent.hours.covers(now):
        return Bar.HOURS
    if not one.available:
        return Bar.AWAY
    return Bar.BUSY if one.busy else None


def _bound(view: View, campaign: Campaign, agent: HumanAgent) -> Bar | None:
    if agent.verticals and campaign.vertical not in agent.verticals:
        return Bar.VERTICAL
    if agent.states and not _is_licensed(agent, view):
        return Bar.LICENCE
    wanted = str(view.known("preferred_language") or "en")
    return None if wanted in agent.languages else Bar.LANGUAGE


def _is_licensed(agent: HumanAgent, view: View) -> bool:
    """A licence is needed in every state the lead may be in: his ZIP says it, else his number. Unknown is a no."""
    code = zip_of(view)
    by_zip = place_of_zip(code).states if code else ()
    states = by_zip or possible_place(view).states
    return bool(states) and set(states) <= set(agent.states)


def _is_skilled(agent: HumanAgent, view: View, campaign: Campaign) -> bool:
    """Whether he has a skill the lead calls for; when he calls for none, everybody has."""
    known = {str(view.known(question.key)) for question in campaign.questions if question.type == "enum"}
    needed = known & {skill for other in campaign.agents for skill in other.skills}
    return not agent.skills or not needed or bool(needed & set(agent.skills))


def _in_order(standings: Sequence[Standing], campaign: Campaign) -> list[Standing]:
    if campaign.routing.order == "listed":
        return list(standings)
    longest_ago = datetime.min.replace(tzinfo=UTC)
    return sorted(standings, key=lambda one: one.last_engaged or longest_ago)
