"""What a brain gets to see: an immutable picture of the conversation at one instant."""

from dataclasses import dataclass
from datetime import datetime

from agent.campaign import Campaign
from agent.gate.zones import lead_zone
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


def local_now(snapshot: Snapshot) -> datetime:
    """The lead's wall clock, as far as his ZIP and number tell."""
    return snapshot.now.astimezone(lead_zone(snapshot.view))


@dataclass(frozen=True, slots=True)
class Utterance:
    """What the lead just said or texted, already masked by the guard."""

    text: str
    event: str
    """Id the record will hold it under; facts learned from it point there."""
