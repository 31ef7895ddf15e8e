"""What a brain gets to see: an immutable picture of the conversation at one instant."""

from dataclasses import dataclass, field
from datetime import datetime

from agent.campaign import Campaign
from agent.gate.zones import lead_zone
from agent.routing import colleague
from state.events import Channel
from state.view import View


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything a reply may depend on. Two equal snapshots and the same words give the same reply.

    `now` is business time, UTC. `heard_to_end` is False when the lead cut in, so the brain must not assume that the
    end of its last turn was heard.
    """

    view: View
    campaign: Campaign
    channel: Channel
    now: datetime
    heard_to_end: bool = True

    def fill(self, words: str) -> str:
        """A wording of the campaign's with its names; `{agent}` is who would take this lead over."""
        named = colleague(self.view, self.campaign, self.now) if "{agent}" in words else None
        return self.campaign.fill(words, named)


def local_now(snapshot: Snapshot) -> datetime:
    """The lead's wall clock, as far as his ZIP and number tell."""
    return snapshot.now.astimezone(lead_zone(snapshot.view))


@dataclass(slots=True)
class Spent:
    """What a language model was given and gave for one reply. What was spent on a reply nobody heard counts too."""

    prompt_characters: int = 0
    """Of the messages sent; the tools' schemas are not counted. Four make about one token."""
    tokens: int = 0
    """Pieces received: a token each, with every server that streams."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """What the lead just said or texted, already masked by the guard."""

    text: str
    event: str
    """Id the record will hold it under; facts learned from it point there."""
    spent: Spent = field(default_factory=Spent, compare=False, repr=False)
    """The bill for answering it, which a brain adds to as it goes. No part of what a reply may depend on."""
