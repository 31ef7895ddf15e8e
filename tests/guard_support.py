"""A campaign, a lead and a brain that says what it is told, for the tests of the guard and the conversation."""

import csv
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from agent.campaign import Campaign, load_campaign
from agent.moves import Move
from agent.snapshot import Snapshot, Utterance
from state.events import Channel
from state.view import Call, Line, View

NOW = datetime(2026, 11, 18, 20, 5, tzinfo=UTC)
"""A Wednesday, 2:05 pm in Chicago."""
LEAD = "+13125550142"
CAMPAIGN: Campaign = load_campaign(Path(__file__).parents[1] / "campaigns" / "insurance.yaml")
VIEW = View(number=LEAD, brand=CAMPAIGN.brand, campaign=CAMPAIGN.id, first_name="Jordan", zip="60614", arrived_at=NOW)
CALL = Call(call="CA1", direction="outbound", status="in-progress", placed_at=NOW, connected=True, turns=1, ended=False)


def snapshot(channel: Channel = Channel.SMS, campaign: Campaign = CAMPAIGN, **changes: object) -> Snapshot:
    """The conversation with some of it changed; on the telephone the call is up."""
    if channel is Channel.VOICE:
        changes = {"calls": {"CA1": CALL}} | changes
    return Snapshot(VIEW.model_copy(update=changes), campaign, channel, NOW)


def line(text: str, *, who: str = "persona", channel: Channel = Channel.VOICE, **more: object) -> Line:
    """A line of the thread."""
    content = {"text": text, "who": who, "channel": channel, "at": NOW, "event": "e"} | more
    return Line.model_validate(content)


def phrases(name: str) -> list[dict[str, str]]:
    """Rows of a table of phrases: text, label, lang."""
    with (Path(__file__).parent / "data" / f"{name}_phrases.csv").open(encoding="utf-8") as rows:
        return list(csv.DictReader(rows))


@dataclass(slots=True)
class ScriptedBrain:
    """A brain whose reply is given; it remembers what it was asked and whether its stream was closed."""

    moves: tuple[Move, ...] = ()
    asked: list[str] = field(default_factory=list)
    closed: bool = False

    async def reply(self, snapshot: Snapshot, utterance: Utterance) -> AsyncIterator[Move]:
        """The script."""
        self.asked.append(utterance.text)
        try:
            for move in self.moves:
                yield move
        finally:
            self.closed = True
