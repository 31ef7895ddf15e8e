"""The warm transfer as a machine: which step follows which, whatever order its causes arrive in.

    requested → ringing → briefing → accepted → joined → left
         └────────┴──────────┴──────────┴─→ lead_gone · declined · unreached
                                                            └────────┴─→ the next person, or nobody_free

Each person who is asked is a hand-off of his own, with an id of his own, so whatever is still reported of an earlier
one changes nothing. The lead stays with the persona until `accepted`: nobody says "connecting you" before a person
has agreed. A cause that does not fit the step is late, doubled or overtaken, and changes nothing.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from agent.campaign import HumanAgent
from state.effects import BriefAgent, CheckTransfer, FindAgent, HandoffStep, RingAgent
from state.events import EffectRequested, Event, HandoffAdvanced
from state.view import Handoff, View


class Cause(StrEnum):
    """What can happen to a transfer."""

    DIALLED = "dialled"
    """The carrier rings the agent."""
    NOT_DIALLED = "not dialled"
    """The carrier would not, or nobody knows whether it did and nothing was heard of the call."""
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
    (HandoffStep.REQUESTED, Cause.NOT_DIALLED): HandoffStep.UNREACHED,
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
OVER = frozenset(HandoffStep) - SEEKING - {HandoffStep.JOINED}
"""Steps nothing follows."""

FAILED = OVER - {HandoffStep.LEFT}
"""Ways back: the lead was not put through."""

PATIENCE = {
    HandoffStep.REQUESTED: timedelta(seconds=90),
    HandoffStep.ACCEPTED: timedelta(seconds=45),
    HandoffStep.JOINED: timedelta(seconds=5),
    HandoffStep.LEFT: timedelta(seconds=3),
}
"""When to look again at a transfer that stands at a step: a callback may be lost, and somebody waits for it. From
`requested` it takes the telephone's ringing, the whisper and the answer; whoever accepted waits for the lead."""


def following(step: HandoffStep, cause: Cause) -> HandoffStep | None:
    """The step that follows, or None if the cause changes nothing."""
    return _NEXT.get((step, cause))


def advanced(
    handoff: Handoff, cause: Cause, now: datetime, *, agent_call: str | None = None, detail: str = ""
) -> HandoffAdvanced | None:
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
        detail=detail,
    )


def following_events(handoff: Handoff, event: HandoffAdvanced) -> list[Event]:
    """What a step asks for: the next person after one who did not come, a second look at what must not hang."""
    if event.step in {HandoffStep.DECLINED, HandoffStep.UNREACHED}:
        search = handoff.search or handoff.handoff
        return [sought(search, event.call, event.at, attempt=len(handoff.tried) + 1)]
    patience = PATIENCE.get(event.step)
    return [look_again(event, patience)] if patience is not None else []


def sought(search: str, call: str | None, now: datetime, *, attempt: int = 1) -> EffectRequested:
    """The request that a person be found. Whoever asks twice for the same attempt asks once."""
    effect = FindAgent(search=search, call=call, attempt=attempt)
    return EffectRequested(id=f"find:{search}:{attempt}", at=now, effect=effect, due=now)


def look_again(event: HandoffAdvanced, after: timedelta) -> EffectRequested:
    """The request to look whether a step was the last thing that was heard of a transfer."""
    effect = CheckTransfer(handoff=event.handoff, step=event.step)
    return EffectRequested(id=f"check:{event.handoff}:{event.step}", at=event.at, effect=effect, due=event.at + after)


def is_seeking(view: View) -> bool:
    """Whether a person is being found for the lead on the line, or waits for him."""
    if view.handoff is not None and view.handoff.step in SEEKING:
        return True
    effects = [waiting.effect for waiting in view.outbox.values()]
    return any(isinstance(effect, FindAgent) and effect.call is not None for effect in effects)


def requested(effect: FindAgent, call: str, agent: HumanAgent, card: str, whisper: str, now: datetime) -> list[Event]:
    """The events that ask one person: the first step of his hand-off, the card, and his telephone."""
    handoff = handoff_id(effect)
    brief = BriefAgent(handoff=handoff, to=agent.number, body=card)
    ring = RingAgent(handoff=handoff, agent=agent.name, to=agent.number)
    step = HandoffAdvanced(
        id=f"handoff:{handoff}:{HandoffStep.REQUESTED}",
        at=now,
        handoff=handoff,
        step=HandoffStep.REQUESTED,
        call=call,
        agent=agent.name,
        summary=whisper,
        search=effect.search,
    )
    return [
        step,
        EffectRequested(id=f"handoff:{handoff}:brief", at=now, effect=brief, due=now),
        EffectRequested(id=f"handoff:{handoff}:ring", at=now, effect=ring, due=now),
        look_again(step, PATIENCE[step.step]),
    ]


def nobody(effect: FindAgent, call: str, why: str, offer: datetime | None, now: datetime) -> HandoffAdvanced:
    """The event that ends a search without a person."""
    return HandoffAdvanced(
        id=f"handoff:{handoff_id(effect)}:{HandoffStep.NOBODY_FREE}",
        at=now,
        handoff=handoff_id(effect),
        step=HandoffStep.NOBODY_FREE,
        call=call,
        search=effect.search,
        detail=why,
        offer=offer,
    )


def handoff_id(effect: FindAgent) -> str:
    """The hand-off to the person who is asked in an attempt: the first has the search's own id."""
    return effect.search if effect.attempt == 1 else f"{effect.search}.{effect.attempt}"


# A second look -------------------------------------------------------------------------------------------------------


class Remedy(StrEnum):
    """What is due about a transfer that may hang."""

    NONE = "none"
    GIVE_UP = "give up"
    """Nothing was heard of the agent: he is let go, and the next one asked."""
    ASK_FOR_AGENT = "ask for the agent"
    """The lead was sent into the room: whether the agent is still there, only the carrier knows."""
    BRING_BACK = "bring back"
    """The agent has left, and the lead sits in the room alone."""


def remedy(view: View, check: CheckTransfer) -> Remedy:
    """What is due when a transfer is looked at again."""
    handoff = view.handoff
    if handoff is None or (handoff.handoff, handoff.step) != (check.handoff, _reached(handoff.step, check.step)):
        return Remedy.NONE
    if handoff.step in SEEKING:
        return Remedy.GIVE_UP
    call = view.calls.get(handoff.call)
    if call is None or call.ended or call.connected:
        return Remedy.NONE
    return {HandoffStep.JOINED: Remedy.ASK_FOR_AGENT, HandoffStep.LEFT: Remedy.BRING_BACK}.get(
        handoff.step, Remedy.NONE
    )


def _reached(step: HandoffStep, checked: HandoffStep) -> HandoffStep:
    """The step a check is about: the one from `requested` covers everything until somebody has accepted."""
    covered = {HandoffStep.REQUESTED, HandoffStep.RINGING, HandoffStep.BRIEFING}
    return step if {step, checked} <= covered else checked
