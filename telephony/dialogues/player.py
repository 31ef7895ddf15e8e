"""Plays a dialogue through the real conversation code, without carriers and on the dialogue's own clock.

The lead's lines are masked, answered by `respond` and folded into the record as a text's or a call's are. He answers
the script, so in the record the script's line stands where we spoke; what we would have said to each of his lines is
kept beside it, to be judged.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from agent.brain import Brain
from agent.campaign import Campaign
from agent.conversation import events_of, respond
from agent.gate.gate import Permit, Refusal, decide
from agent.guard.inbound import inspect, mask
from agent.handoff import sought
from agent.moves import HandOff, Move, Say
from agent.opening import call_opening, first_text
from agent.outreach import Step, plan
from agent.snapshot import Snapshot, Utterance
from agent.summary import Summary, summarise
from state.effects import HandoffStep, PermitKind
from state.events import (
    CallArrived,
    CallConnected,
    CallEnded,
    CallPlaced,
    Channel,
    ConsentGiven,
    EffectSettled,
    Event,
    HandoffAdvanced,
    LeadArrived,
    LeadSaid,
    PersonaSaid,
    Scope,
    TextReceived,
    TextSent,
)
from state.fold import fold_all
from state.view import View
from telephony.dialogues.question_in import QuestionFinder
from telephony.dialogues.script import Dialogue, Turn

HUNG_UP_AFTER = timedelta(minutes=3)
"""A call on which nothing is said for so long is over."""


@dataclass(frozen=True, slots=True)
class Moment:
    """How things stand after one turn of the script."""

    turn: Turn
    now: datetime
    before: View
    after: View
    moves: tuple[Move, ...] = ()
    """Ours: the answer to a line of the lead's, or how we would have opened."""
    words: str = ""
    """What the lead said, masked."""
    gate: Permit | Refusal | None = None
    """What the gate says to the contact the script makes here; None where it makes none."""
    next_step: Step | None = None
    """What we would do next of our own accord."""
    log: tuple[Event, ...] = ()
    """The record up to here."""

    @property
    def said(self) -> str:
        """Our words."""
        return " ".join(move.text for move in self.moves if isinstance(move, Say))

    @property
    def facts(self) -> dict[str, JsonValue]:
        """What is known, under the names the dialogues use."""
        return facts_of(self.after)


def facts_of(view: View) -> dict[str, JsonValue]:
    """Everything known of a lead; what the record keeps in a form of its own is a fact here too."""
    facts: dict[str, JsonValue] = {key: fact.value for key, fact in view.facts.items() if fact.value is not None}
    if view.suppressed_as is not None:
        facts["opted_out" if view.suppressed_as == "opt_out" else "wrong_number"] = True
    if view.held is not None:
        facts["on_hold"] = True
    return facts


@dataclass(slots=True)
class Player:
    """One dialogue being played."""

    dialogue: Dialogue
    campaign: Campaign
    brain: Brain
    log: list[Event] = field(default_factory=list)
    view: View = field(default_factory=View)
    call: str | None = None
    """The call that is up."""
    search: str | None = None
    """The search for a person that is under way."""
    finder: QuestionFinder = field(init=False)

    def __post_init__(self) -> None:
        self.campaign = self.dialogue.dressed(self.campaign)
        self.finder = QuestionFinder(self.campaign)

    async def play(self) -> list[Moment]:
        """Every turn of the script, and what came of it."""
        self._fold(*self._arrival())
        moments = []
        for place, turn in enumerate(self.dialogue.turns):
            self._hang_up_before(turn)
            before, now = self.view, self._now(turn)
            following = self.dialogue.turns[place + 1] if place + 1 < len(self.dialogue.turns) else None
            moves: Sequence[Move] = ()
            gate, words = None, ""
            match turn.who:
                case "lead":
                    words = mask(turn.text)
                    moves = await self._lead(turn, words, now)
                case "bot":
                    gate, moves = self._bot(turn, following, now)
                case "agent":
                    self._agent(now)
                case "sys":
                    self._circumstance(turn, now)
            planned = plan(self.view, self.campaign, now)
            step = planned if isinstance(planned, Step) else None
            moments.append(Moment(turn, now, before, self.view, tuple(moves), words, gate, step, tuple(self.log)))
        return moments

    def summary(self) -> Summary:
        """What a person would be told at the end."""
        return summarise(self.view, self.campaign, list(enumerate(self.log, 1)))

    # The record ------------------------------------------------------------------------------------------------------

    def _now(self, turn: Turn) -> datetime:
        return self.dialogue.moment(turn).astimezone(UTC)

    def _fold(self, *events: Event) -> None:
        self.log += events
        self.view = fold_all(self.view, events)

    def _arrival(self) -> Iterator[Event]:
        lead, at = self.dialogue.lead, self._now(self.dialogue.turns[0])
        yield LeadArrived(
            id="lead",
            at=at,
            number=lead.phone,
            brand=self.campaign.brand,
            campaign=self.campaign.id,
            source=lead.source,
            first_name=lead.first_name,
            zip=lead.zip,
            facts=lead.known,
        )
        written = tuple(Scope(scope) for scope, basis in lead.consent.items() if basis == "written")
        if written:
            yield ConsentGiven(
                id="consent", at=at, scopes=written, basis="written", act="tick", disclosure="the form's",
                brand=self.campaign.brand, number=lead.phone,
            )  # fmt: skip

    def _name(self, turn: Turn) -> str:
        return f"turn:{turn.n}"

    # The lead --------------------------------------------------------------------------------------------------------

    async def _lead(self, turn: Turn, words: str, now: datetime) -> list[Move]:
        name, spoken = self._name(turn), turn.ch == "voice"
        said: Event
        if spoken:
            self._connect(turn, now, inbound=True)
            said = LeadSaid(id=name, at=now, call=self.call or "", turn=turn.n, text=words, start_ms=0, end_ms=1)
        else:
            said = TextReceived(id=name, at=now, sid=name, body=words)
            finding = inspect(words, Snapshot(self.view, self.campaign, Channel.SMS, now))
            # As the webhook does: what the guard decides is in the record before any answer is thought of.
            self._fold(said, *(events_of(finding.moves, name, now) if finding else ()))
        channel = Channel.VOICE if spoken else Channel.SMS
        snapshot = Snapshot(self.view, self.campaign, channel, now, turn.barge_in is None)
        moves = [move async for move in respond(self.brain, snapshot, Utterance(words, name))]
        known = {event.id for event in self.log}
        fresh = [event for event in events_of(moves, name, now) if event.id not in known]
        self._fold(*((said, *fresh) if spoken else fresh))
        if spoken and any(isinstance(move, HandOff) for move in moves):
            self._seek(turn, now)
        return moves

    def _seek(self, turn: Turn, now: datetime) -> None:
        self.search = f"{self.call}-{turn.n}"
        self._fold(sought(self.search, self.call, now))

    # We --------------------------------------------------------------------------------------------------------------

    def _bot(self, turn: Turn, following: Turn | None, now: datetime) -> tuple[Permit | Refusal | None, list[Move]]:
        if turn.ch == "voice":
            return self._speak(turn, following, now)
        permit = self._permit_to_text(now)
        gate = decide(self.view, self.campaign, Channel.SMS, permit, now)
        snapshot = Snapshot(self.view, self.campaign, Channel.SMS, now)
        opening = [first_text(snapshot)] if not self.view.thread else []
        asks = self.finder.asked_in(turn.text, self.view)
        name = self._name(turn)
        self._fold(TextSent(id=name, at=now, sid=name, effect=name, body=turn.text, asks=asks, permit=permit))
        return gate, [*opening]

    def _permit_to_text(self, now: datetime) -> PermitKind:
        view, last = self.view, self.view.thread[-1] if self.view.thread else None
        if view.suppressed:
            return PermitKind.OPT_OUT_CONFIRMATION
        if last is not None and last.who == "lead" and last.channel is Channel.SMS:
            return PermitKind.REPLY_TO_LEAD
        call = max(view.calls.values(), key=lambda one: one.placed_at, default=None)
        recent = call is not None and now - call.placed_at < timedelta(minutes=20)
        return PermitKind.VOICEMAIL_FOLLOW_UP if recent else PermitKind.INITIATE

    def _speak(self, turn: Turn, following: Turn | None, now: datetime) -> tuple[Permit | Refusal | None, list[Move]]:
        is_new = self.call is None
        gate, opening = None, []
        if is_new:
            wished = self.view.known("ready_to_talk") is True
            kind = PermitKind.REQUESTED_TIME if wished else PermitKind.INITIATE
            gate = decide(self.view, self.campaign, Channel.VOICE, kind, now)
            self._connect(turn, now, inbound=False, permit=kind)
        if is_new or not any(isinstance(event, PersonaSaid) and event.call == self.call for event in self.log):
            opening = call_opening(Snapshot(self.view, self.campaign, Channel.VOICE, now))
        if turn.text.startswith("(voicemail)"):
            self._end_call(now)
            return gate, [*opening]
        heard = following.barge_in.heard if following is not None and following.barge_in else turn.text
        self._fold(
            PersonaSaid(
                id=self._name(turn),
                at=now,
                call=self.call or "",
                turn=turn.n,
                text=turn.text,
                heard=heard,
                cut_ms=None if heard == turn.text and not turn.cut_short else 1,
                asks=self.finder.asked_in(turn.text, self.view),
            )
        )
        return gate, [*opening]

    def _agent(self, now: datetime) -> None:
        """A person is on the line: the search for one is over, and our part of the call with it."""
        if self.search is not None and self.call is not None:
            found = f"handoff:{self.search}:{HandoffStep.JOINED}"
            self._fold(
                EffectSettled(id=f"{found}:found", at=now, effect=f"find:{self.search}:1", outcome="done"),
                HandoffAdvanced(id=found, at=now, handoff=self.search, step=HandoffStep.JOINED, call=self.call),
            )
        self.search = None
        self._end_call(now)

    # Calls -----------------------------------------------------------------------------------------------------------

    def _circumstance(self, turn: Turn, now: datetime) -> None:
        if turn.ch == "voice" or "inbound call" in turn.text:
            self._connect(turn, now, inbound=True)

    def _connect(
        self, turn: Turn, now: datetime, *, inbound: bool, permit: PermitKind = PermitKind.REQUESTED_TIME
    ) -> None:
        if self.call is not None:
            return
        self.call = f"call-{turn.n}"
        begun: Event = CallPlaced(id=f"{self.call}:placed", at=now, call=self.call, effect=self.call, permit=permit)
        if inbound:
            begun = CallArrived(id=f"{self.call}:arrived", at=now, call=self.call)
        self._fold(begun, CallConnected(id=f"{self.call}:up", at=now, call=self.call, stream=self.call))

    def _hang_up_before(self, turn: Turn) -> None:
        """A text after a call means that the call is over, and so does a long silence on it."""
        last = self.log[-1].at if self.log else None
        if self.call is not None and last is not None:
            now = self._now(turn)
            if turn.ch == "sms" or now - last > HUNG_UP_AFTER:
                self._end_call(last)

    def _end_call(self, now: datetime) -> None:
        if self.call is not None:
            end = CallEnded(id=f"{self.call}:end", at=now, call=self.call, cause="lead_hung_up", heard_ms=1)
            self._fold(end)
            self.call = None


async def play(dialogue: Dialogue, campaign: Campaign, brain: Brain) -> tuple[list[Moment], Summary]:
    """Plays a dialogue; returns every turn and the summary at its end."""
    player = Player(dialogue, campaign, brain)
    moments = await player.play()
    return moments, player.summary()
