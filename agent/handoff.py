"""The warm transfer as a machine: which step follows which, whatever order its causes arrive in.

    requested → ringing → briefing → accepted → joined → left
         └────────┴──────────┴──────────┴─→ declined · unreached · lead_gone

The lead stays with the persona until `accepted`: nobody says "connecting you" before a person has agreed. A cause
that does not fit the step is late, doubled or overtaken, and changes nothing.
"""

from datetime import datetime
from enum import StrEnum

from agent.campaign import Campaign, HumanAgent
from state.events import BriefAgent, EffectRequested, Event, HandoffAdvanced, HandoffStep, RingAgent
from state.view import Handoff, View


class Cause(StrEnum):
    """What can happen to a transfer."""

    DIALLED = "dialled"
    """The carrier rings the agent."""
    ANSWERED = "answered"
    """The agent picked up and hears the summary."""
    AGREED = "agreed"
    """He takes the call."""
    REFUSED = "refused"
    """He does not, or said nothing."""
    BRIDGED = "bridged"
    """The lead's call was moved into the room where the agent waits."""
    AGENT_LEFT = "agent_left"
    """The agent's leg is over, or never came about."""
    LEAD_LEFT = "lead_left"
    """The lead hung up."""


_NEXT: dict[tuple[HandoffStep, Cause], HandoffStep] = {
    (HandoffStep.REQUESTED, Cause.DIALLED): HandoffStep.RINGING,
    # The carrier's request for the whisper can overtake its answer to our dial.
    (HandoffStep.REQUESTED, Cause.ANSWERED): HandoffStep.BRIEFING,
    (HandoffStep.REQUESTED, Cause.AGENT_LEFT): HandoffStep.UNREACHED,
    (HandoffStep.REQUESTED, Cause.LEAD_LEFT): HandoffStep.LEAD_GONE,
    (HandoffStep.RINGING, Cause.ANSWERED): HandoffStep.BRIEFING,
    (HandoffStep.RINGING, Cause.AGENT_LEFT): HandoffStep.UNREACHED,
    (HandoffStep.RINGING, Cause.LEAD_LEFT): HandoffStep.LEAD_GONE,
    (HandoffStep.BRIEFING, Cause.AGREED): HandoffStep.ACCEPTED,
    (HandoffStep.BRIEFING, Cause.REFUSED): HandoffStep.DECLINED,
    (HandoffStep.BRIEFING, Cause.AGENT_LEFT): HandoffStep.DECLINED,
    (HandoffStep.BRIEFING, Cause.LEAD_LEFT): HandoffStep.LEAD_GONE,
    (HandoffStep.ACCEPTED, Cause.BRIDGED): HandoffStep.JOINED,
    (HandoffStep.ACCEPTED, Cause.AGENT_LEFT): HandoffStep.UNREACHED,
    (HandoffStep.ACCEPTED, Cause.LEAD_LEFT): HandoffStep.LEAD_GONE,
    (HandoffStep.JOINED, Cause.AGENT_LEFT): HandoffStep.LEFT,
    (HandoffStep.JOINED, Cause.LEAD_LEFT): HandoffStep.LEFT,
}

SEEKING = frozenset({HandoffStep.REQUESTED, HandoffStep.RINGING, HandoffStep.BRIEFING, HandoffStep.ACCEPTED})
"""Steps during which a person is being found or waits for the lead."""
OVER = frozenset({HandoffStep.LEFT, HandoffStep.DECLINED, HandoffStep.UNREACHED, HandoffStep.LEAD_GONE})
"""Steps nothing follows."""

FAILED = OVER - {HandoffStep.LEFT}
"""Ways back: the lead was not put through."""


def following(step: HandoffStep, cause: Cause) -> HandoffStep | None:
    """The step that follows, or None if the cause changes nothing."""
    return _NEXT.get((step, cause))


def advanced(handoff: Handoff, cause: Cause, now: datetime, *, agent_call: str | None = None) -> HandoffAdvanced | None:
    """The event that records the next step, or None. Its id is the step's, so a step is taken once."""
    step = following(handoff.step, cause)
    if step is None:
        return None
    return HandoffAdvanced(
        id=f"handoff:{handoff.handoff}:{step}",
        at=now,
        handoff=handoff.handoff,
        step=step,
        call=handoff.call,
        agent_call=agent_call,
    )


def choose(campaign: Campaign, view: View) -> HumanAgent | None:
    """Who takes this lead: the first agent skilled in what he wants, else the first there is."""
    product = str(view.known("product"))
    skilled = (agent for agent in campaign.agents if product in agent.skills)
    return next(skilled, next(iter(campaign.agents), None))


def requested(agent: HumanAgent, call: str, turn: int, card: str, whisper: str, now: datetime) -> list[Event]:
    """The events that start a transfer of a call: its first step, the card, and the agent's telephone."""
    handoff = f"{call}-{turn}"
    brief = BriefAgent(handoff=handoff, to=agent.number, body=card)
    ring = RingAgent(handoff=handoff, agent=agent.name, to=agent.number)
    return [
        HandoffAdvanced(
            id=f"handoff:{handoff}:{HandoffStep.REQUESTED}",
            at=now,
            handoff=handoff,
            step=HandoffStep.REQUESTED,
            call=call,
            agent=agent.name,
            summary=whisper,
        ),
        EffectRequested(id=f"handoff:{handoff}:brief", at=now, effect=brief, due=now),
        EffectRequested(id=f"handoff:{handoff}:ring", at=now, effect=ring, due=now),
    ]
