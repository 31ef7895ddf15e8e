"""A conversation played without carriers: what is said becomes events, events become the view."""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta

from pydantic import JsonValue

from agent.brain import Brain
from agent.brain.local import LocalBrain
from agent.campaign import Campaign
from agent.moves import Learn, Move, Say
from agent.snapshot import Snapshot, Utterance
from state.effects import PermitKind
from state.events import (
    CallArrived,
    CallConnected,
    CallEnded,
    CallPlaced,
    Channel,
    ConsentGiven,
    Event,
    FactLearned,
    LeadArrived,
    LeadSaid,
    PersonaSaid,
    Scope,
    TextReceived,
    TextSent,
)
from state.fold import fold_all
from state.view import View


class Conversation:
    """One lead and one brand. `at` is the clock, moved by whoever plays."""

    def __init__(
        self,
        campaign: Campaign,
        at: datetime,
        *,
        number: str = "+13125550142",
        first_name: str | None = "Jordan",
        zip_code: str | None = "60614",
        facts: dict[str, JsonValue] | None = None,
        brain: Brain | None = None,
        scopes: tuple[Scope, ...] = tuple(Scope),
    ) -> None:
        self.campaign = campaign
        self.at = at
        self.brain = brain or LocalBrain()
        self.log: list[tuple[int, Event]] = []
        self.view = View()
        self.call: str | None = None
        self.heard_to_end = True
        self.fold(
            LeadArrived(
                id="lead",
                at=at,
                number=number,
                brand=campaign.brand,
                campaign=campaign.id,
                source="web_form",
                first_name=first_name,
                zip=zip_code,
                facts=facts or {},
            )
        )
        if scopes:
            form = {"basis": "written", "act": "tick", "disclosure": "the form's"}
            self.fold(ConsentGiven(id="lead:consent", at=at, scopes=scopes, **form))

    def fold(self, *events: Event) -> None:
        """Adds events to the record."""
        for event in events:
            self.log.append((len(self.log) + 1, event))
        self.view = fold_all(self.view, events)

    def snapshot(self) -> Snapshot:
        """What a brain sees now."""
        return Snapshot(self.view, self.campaign, self.channel, self.at, self.heard_to_end)

    @property
    def channel(self) -> Channel:
        """The channel of the next turn."""
        return Channel.VOICE if self.call else Channel.SMS

    def start_call(self, *, inbound: bool = False) -> None:
        """A call is up; one that was up before is over."""
        if self.call is not None:
            self.fold(CallEnded(id=f"{self.call}:end", at=self.at, call=self.call, cause="lead_hung_up", heard_ms=1))
        self.call = f"CA{len(self.log)}"
        placed: Event = (
            CallArrived(id=f"{self.call}:in", at=self.at, call=self.call)
            if inbound
            else CallPlaced(
                id=f"{self.call}:out", at=self.at, call=self.call, effect="e", permit=PermitKind.REQUESTED_TIME
            )
        )
        self.fold(placed, CallConnected(id=f"{self.call}:up", at=self.at, call=self.call, stream="MZ1"))

    def persona(self, says: Iterable[Say] | str, *, asks: str | None = None, heard: str | None = None) -> None:
        """The persona says or texts something; `heard` if it was cut short."""
        if not isinstance(says, str):
            words = list(says)
            asks = next((say.asks for say in reversed(words) if say.asks), None)
            says = " ".join(say.text for say in words)
        name, self.heard_to_end = f"p{len(self.log)}", heard is None
        if self.call is None:
            self.fold(
                TextSent(
                    id=name, at=self.at, sid=name, effect="e", body=says, asks=asks, permit=PermitKind.REPLY_TO_LEAD
                )
            )
        else:
            self.fold(
                PersonaSaid(
                    id=name,
                    at=self.at,
                    call=self.call,
                    turn=len(self.log),
                    text=says,
                    heard=says if heard is None else heard,
                    cut_ms=None if heard is None else 1200,
                    asks=asks,
                )
            )

    def lead(self, text: str, *, answer: bool = True) -> list[Move]:
        """The lead says or texts something; the brain's moves are folded, its words said, and all returned."""
        name = f"l{len(self.log)}"
        before = self.view
        said: Event = (
            TextReceived(id=name, at=self.at, sid=name, body=text)
            if self.call is None
            else LeadSaid(id=name, at=self.at, call=self.call, turn=len(self.log), text=text, start_ms=0, end_ms=1)
        )
        if self.call is None:
            self.fold(said)
            before = self.view
        snapshot = Snapshot(before, self.campaign, self.channel, self.at, self.heard_to_end)
        moves = asyncio.run(_all(self.brain, snapshot, Utterance(text, name))) if answer else []
        if self.call is not None:
            self.fold(said)
        self.fold(
            *(
                FactLearned(id=f"{name}:{move.key}", at=self.at, key=move.key, value=move.value, source=name)
                for move in moves
                if isinstance(move, Learn)
            )
        )
        words = [move for move in moves if isinstance(move, Say)]
        if words:
            self.persona(words)
        self.at += timedelta(seconds=5)
        return moves

    def facts(self) -> dict[str, JsonValue]:
        """What is known."""
        return {key: fact.value for key, fact in self.view.facts.items() if fact.value is not None}


async def _all(brain: Brain, snapshot: Snapshot, utterance: Utterance) -> list[Move]:
    return [move async for move in brain.reply(snapshot, utterance)]


def words_of(moves: Iterable[Move]) -> str:
    """Everything the moves say, in one string."""
    return " ".join(move.text for move in moves if isinstance(move, Say))
