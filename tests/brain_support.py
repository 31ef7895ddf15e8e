"""A small campaign, snapshots of it, and a brain of rules small enough to see through."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime

from pydantic import JsonValue

from agent.campaign import Campaign, Digression, Question
from agent.moves import Learn, Move, Say
from agent.snapshot import Snapshot, Utterance
from state.events import Channel
from state.view import Commitment, Fact, Line, View

NOW = datetime(2026, 11, 18, 20, 11, tzinfo=UTC)

CAMPAIGN = Campaign(
    id="insurance",
    brand="Harbor Lane Insurance",
    brand_short="Harbor Lane",
    persona="Ava",
    vertical="insurance",
    callback_contact="help@harborlane.example",
    reason="asked for a quote online",
    opening_question="Still looking for coverage?",
    goal="warm transfer to a licensed agent",
    questions=(
        Question(key="product", type="enum", values=("auto", "home"), ask="Are you looking for auto or home?"),
        Question(key="bought_house", type="bool"),
        Question.model_validate(
            {
                "key": "closing_date",
                "type": "date",
                "ask": "When do you close?",
                "validate": {"min_days": -60, "max_days": 240},
            }
        ),
        Question(
            key="property_type",
            type="enum",
            values=("house", "condo"),
            ask="Is it a house or a condo?",
            applies_if={"product": ("home",)},
        ),
        Question(key="vehicles", type="int", min=1, max=12, ask="How many cars?", applies_if={"product": ("auto",)}),
        Question(key="current_carrier", type="text", max_len=20, ask="Who are you with?"),
        Question(key="purposes", type="enum", values=("price", "coverage"), multi=True),
        Question(key="callback", type="datetime"),
        Question(key="zip", type="zip", ask="What is the ZIP?"),
    ),
    ready_when=("product", "property_type"),
    digressions=(Digression(name="price", patterns=("how much",), answer="{agent} will price it with you."),),
    never_ask=("ssn",),
    never_say=("a price",),
)


def snapshot(
    facts: Mapping[str, JsonValue] | None = None,
    *,
    thread: Sequence[Line] = (),
    channel: Channel = Channel.VOICE,
    heard_to_end: bool = True,
    promises: tuple[str, ...] = (),
) -> Snapshot:
    """The campaign's lead Jordan, of whom these facts are known."""
    known = {key: Fact(value=value, source="sms:1", at=NOW) for key, value in (facts or {}).items()}
    view = View(
        number="+13125550142",
        zip="60614",
        first_name="Jordan",
        facts=known,
        thread=tuple(thread),
        ledger=tuple(Commitment(promise=what, what=what, made_at=NOW) for what in promises),
    )
    return Snapshot(view, CAMPAIGN, channel, NOW, heard_to_end)


def said(text: str) -> Utterance:
    """The lead's words in this turn."""
    return Utterance(text, "turn:CA1:3")


class Rules:
    """A brain that gives back the moves it was made with, but asks nothing that the snapshot already answers."""

    def __init__(self, *moves: Move) -> None:
        self.moves = moves

    async def reply(self, snapshot: Snapshot, utterance: Utterance) -> AsyncIterator[Move]:
        """Streams the moves."""
        for move in self.moves:
            if not (isinstance(move, Say) and move.asks in snapshot.view.facts):
                yield move


CLOSED: tuple[Move, ...] = (
    Learn("closing_date", "2026-11-13"),
    Say("Congratulations!"),
    Say("Is it a house or a condo?", "property_type"),
)
"""What the rules make of "we closed last Friday"."""
