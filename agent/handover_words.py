"""What the lead is told of a transfer: who takes over, who cannot, and that the persona is back. Each only when true.

Sources: S41 (the hand-over in words, said only if true), S43 (nobody waits in a queue), POLICY section 5 (nobody free:
say so plainly, offer a time).
"""

from datetime import timedelta

from agent.asking import call_time_key, is_ready
from agent.brain.wording import spoken_call_time
from agent.campaign import Campaign
from agent.moves import Say
from agent.pages import instead, is_page
from agent.routing import Bar
from agent.snapshot import Snapshot, local_now
from state.effects import HandoffStep
from state.view import Handoff, View

CUT_SHORT = timedelta(seconds=30)
"""A talk with a person that ended sooner than this was broken off."""

_WHY = {
    Bar.BUSY.value: "Everyone's on another call right now.",
    Bar.HOURS.value: "Our people are off at the moment.",
    Bar.TRIED.value: "I couldn't get hold of anyone just now.",
}


def agent_accepted(view: View, campaign: Campaign) -> list[Say]:
    """Tells the lead who takes over (S41). Only to be said once that person has accepted."""
    handoff = view.handoff
    agent = _name(handoff)
    she = _pronoun(campaign, agent)
    ready = [Say("I have everything I need.")] if is_ready(view, campaign) else []
    # Whoever accepted has heard the summary; the details are his once the card has gone out.
    has_details = handoff is not None and handoff.briefed
    knows = "already has your details" if has_details else "has heard what you told me"
    return [
        *ready,
        Say(f"Connecting you with {agent} now."),
        Say(f"{she} {knows} so you won't need to repeat anything."),
    ]


def trying_next(view: View) -> list[Say]:
    """Another person is being rung, after one who could not come."""
    handoff = view.handoff
    if handoff is None or len(handoff.tried) < 2:
        return []  # the first is rung in silence: the lead was just told that somebody is sought
    return [Say(f"{handoff.tried[-2]} can't take it just now. I'm trying {handoff.tried[-1]} for you.")]


def dropped_off(view: View) -> list[Say]:
    """Somebody had accepted and was announced, and is gone."""
    return [Say(f"Sorry, {_name(view.handoff)} just dropped off. Let me see who else is free.")]


def nobody_free(snapshot: Snapshot) -> list[Say]:
    """Nobody can take the call: says why, and offers a time, or whatever else there is."""
    view = snapshot.view
    if is_page(view.number):
        return [instead(snapshot)]
    handoff = view.handoff
    why = _WHY.get(handoff.why if handoff else "", "Nobody who can help with this is free right now.")
    return [Say(why), _time_offered(snapshot, handoff)]


def _time_offered(snapshot: Snapshot, handoff: Handoff | None) -> Say:
    now, asks = local_now(snapshot), call_time_key(snapshot.view)
    if handoff is None or handoff.offer is None:
        when = "later today or tomorrow" if now.hour < 18 else "tomorrow"
        return Say(f"What time suits you for a call back, {when}?", asks=asks)
    at = handoff.offer.astimezone(now.tzinfo)
    when = spoken_call_time(at, at, now)
    return Say(f"I can have you called back {when}. Does that suit you, or would another time be better?", asks=asks)


def back_again(snapshot: Snapshot) -> list[Say]:
    """The lead comes back from the room: says who speaks again, what happened, and that nothing is forgotten."""
    view, campaign = snapshot.view, snapshot.campaign
    again = Say(f"It's {campaign.persona} again, the virtual assistant.")
    handoff = view.handoff
    if handoff is None or handoff.joined_at is None:
        return [again, *_not_met(snapshot)]
    agent = _name(handoff)
    kept = [Say("What I promised you still stands.")] if view.promises else []
    if snapshot.now - handoff.joined_at < CUT_SHORT:
        sorry = Say(f"Sorry, the line to {agent} broke off. I still have everything you told us.")
        back = Say(f"When should {agent} call you back?", asks=call_time_key(view))
        return [again, sorry, *kept, back]
    return [again, Say(f"{agent} is off the line."), *kept, Say("Is there anything else I can help you with?")]


def _not_met(snapshot: Snapshot) -> list[Say]:
    handoff = snapshot.view.handoff
    if handoff is not None and handoff.step is HandoffStep.NOBODY_FREE:
        return [Say("Sorry, I could not connect you after all."), *nobody_free(snapshot)]
    return dropped_off(snapshot.view)


def _name(handoff: Handoff | None) -> str:
    return handoff.agent if handoff is not None and handoff.agent else "my colleague"


def _pronoun(campaign: Campaign, agent: str) -> str:
    person = next((one for one in campaign.agents if one.name == agent), None)
    return person.pronoun.capitalize() if person and person.pronoun != "they" else agent
