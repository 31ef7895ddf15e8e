"""Whether it is the lead who picked up. Some campaigns want him to say so before anything is said that we know of him.

A number is shared, or has somebody else's by now: `confirm_identity` in the campaign's file has a call of ours ask.
"""

import re

from agent.asking import name_to_say
from agent.moves import Learn, Say
from agent.snapshot import Snapshot
from agent.words import Polarity, any_of, clean, polarity
from state.events import Channel

ASKS = "identity"
"""What the question is about."""
_FACT = "identity_confirmed"
CONFIRMED = Learn(_FACT, True)
"""He said that it is he; it counts for the call that is up."""


def is_open(snapshot: Snapshot) -> bool:
    """Whether this is a call of ours on which nothing may be said of the lead yet."""
    view, call = snapshot.view, snapshot.view.live_call
    if not snapshot.campaign.confirm_identity or snapshot.channel is not Channel.VOICE or call is None:
        return False
    said = view.facts.get(_FACT)
    return call.direction == "outbound" and (said is None or said.at < call.placed_at)


def question(snapshot: Snapshot) -> Say:
    """Asks whether it is he, by his first name alone."""
    name = name_to_say(snapshot.view.first_name)
    return Say(f"Am I speaking with {name or f'the person who {snapshot.campaign.reason}'}?", asks=ASKS)


_IT_IS_HE = any_of(
    r"speaking",
    r"this is (?:he|she|him|her|me)",
    r"thats me",
    r"its me",
    r"you(?:ve)? (?:got|found|reached) (?:me|him|her)",
)
_NOT_HE = any_of(r"(?:im|i am|this is|its|it is) not", r"this isnt", r"(?:hes|shes) not", r"not (?:him|her|me)")


def answer(said: str, snapshot: Snapshot) -> bool | None:
    """Whether cleaned words say that it is he; None if they tell neither."""
    if _NOT_HE.search(said):
        return False
    name = clean(name_to_say(snapshot.view.first_name) or "")
    named = name and re.search(rf"^(?:(?:yes|yeah|hi|hello|hey|this is|its|[,.]) )*{re.escape(name)}\b", said)
    if named or _IT_IS_HE.search(said):
        return True
    yes_or_no = polarity(said)
    return None if yes_or_no is None else yes_or_no is Polarity.YES
