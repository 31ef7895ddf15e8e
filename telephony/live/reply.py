"""One turn of the persona's on a call: moves as a brain makes them, spoken clause by clause, held until released."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from enum import Enum, auto

import structlog

from agent.moves import End, Move, Say
from agent.snapshot import Spent
from audio import mulaw
from audio.clauses import clauses
from audio.deadlines import Due
from audio.engines import TELEPHONE_RATE
from audio.playout import Heard
from audio.pool import Engines
from state.events import LeadSaid, TurnTiming
from state.view import View
from telephony.live.agenda import Item

log = structlog.get_logger(__name__)

APOLOGY = "Sorry, I lost you for a second. Could you say that again?"


class Stage(Enum):
    """How far a turn may go. It only ever moves forward."""

    HELD = auto()
    """Made in advance, for a guess. Nobody may hear of it."""
    RELEASED = auto()
    """Being said; the lead could still turn out not to have finished."""
    SETTLED = auto()
    """It stands: what it answers may be recorded."""
    OVER = auto()
    """Said, cut or thrown away."""


@dataclass(slots=True)
class Timeline:
    """When what happened, in ms on the event loop's clock; None where it has not happened or was not needed."""

    speech_ended: float | None = None
    wait_ms: float = 0.0
    """How long the turn policy wanted silence."""
    transcribed: float | None = None
    replied: float | None = None
    spoken: float | None = None
    sent: float | None = None

    def timing(self) -> TurnTiming | None:
        """The gap and its parts. A part is only the time by which its step held up the turn."""
        if self.speech_ended is None or self.sent is None:
            return None
        at = self.speech_ended + self.wait_ms
        parts = []
        for step in (self.transcribed, self.replied, self.spoken, self.sent):
            later = at if step is None else max(at, step)
            parts.append(later - at)
            at = later
        transcript, reply, speech, send = parts
        gap = self.sent - self.speech_ended
        return TurnTiming(gap=gap, wait=gap - sum(parts), transcript=transcript, reply=reply, speech=speech, send=send)


@dataclass(slots=True, eq=False)
class Reply:
    """A turn on its way from the brain to the ear.

    The work on it may begin long before the turn is wanted: it stops when the first clause is synthesised, and goes on
    when the reply is released. A reply that is never released leaves no trace but its cost.
    """

    turn: int
    view: View
    """The view it was thought of with: a reply made for another view is not said."""
    answers: LeadSaid | None = None
    """What the lead said; None for a turn of the persona's own."""
    item: Item | None = None
    """Why the persona speaks of its own accord."""
    spent: Spent = field(default_factory=Spent)
    """What a language model has cost it so far."""
    confidence: float = 0.0
    """The recogniser's, in what is answered: mean log-probability per token."""
    timeline: Timeline = field(default_factory=Timeline)
    characters: int = 0
    """Synthesised so far."""
    wanted_ms: float | None = None
    """When its first clause may be wanted, on the event loop's clock; None for at once."""
    moves: list[Move] = field(default_factory=list)
    recorded: int = 0
    """How many of the moves the record has."""
    stage: Stage = field(default=Stage.HELD, init=False)
    complete: bool = field(default=False, init=False)
    """Nothing more will be said than is queued already: every move is made, or the work was stopped."""
    _leave: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _work: asyncio.Task[None] | None = field(default=None, init=False)
    _made_ms: float = field(default=0.0, init=False)
    """Length of the clauses synthesised so far."""

    @property
    def source(self) -> str:
        """Id of the event that facts learned in this turn come from."""
        return self.answers.id if self.answers else self.item.source if self.item else ""

    @property
    def text(self) -> str:
        """Everything the persona set out to say, so far."""
        return " ".join(move.text for move in self.moves if isinstance(move, Say))

    @property
    def asks(self) -> str | None:
        """The campaign question the turn puts."""
        return next((move.asks for move in reversed(self.moves) if isinstance(move, Say) and move.asks), None)

    @property
    def ends(self) -> bool:
        """Whether the call ends with it."""
        return self.farewell is not None

    @property
    def farewell(self) -> End | None:
        """The move by which it does."""
        return next((move for move in self.moves if isinstance(move, End)), None)

    def rest(self, heard: Heard) -> list[Move]:
        """What was not heard of it: the words from the cut on, and the end of the call if it was one."""
        unheard = self.text.removeprefix(heard.text).strip()
        return [Say(unheard, self.asks), *(move for move in self.moves if isinstance(move, End))] if unheard else []

    def start(
        self, group: asyncio.TaskGroup, moves: AsyncIterator[Move], engines: Engines, play: "Play"
    ) -> "asyncio.Task[None]":
        """Makes the moves and speaks them, holding everything until the release."""
        self._work = work = group.create_task(self._prepare(moves, engines, play))
        work.add_done_callback(self._finished)
        return work

    def release(self) -> None:
        """Lets it be heard."""
        self._advance(Stage.RELEASED)
        self._leave.set()

    def settle(self) -> None:
        """The lead's turn stands, and so does this one."""
        self._advance(Stage.SETTLED)

    def stop(self) -> None:
        """Ends the work on it: nothing more will be said than is queued already."""
        if self._work is not None:
            self._work.cancel()

    def end(self) -> None:
        """It is over, heard or not."""
        self.stage = Stage.OVER
        self.stop()

    def _finished(self, work: asyncio.Task[None]) -> None:
        # Else a turn and its work would keep each other, and the views they know, for the garbage collector's full
        # round, and with many calls that takes long.
        self.complete, self._work = True, None

    def _advance(self, stage: Stage) -> None:
        if self.stage is Stage.OVER or stage.value < self.stage.value:
            raise AssertionError(f"a turn that is {self.stage.name} cannot be {stage.name}")
        self.stage = stage

    async def _prepare(self, moves: AsyncIterator[Move], engines: Engines, play: "Play") -> None:
        """A brain or a voice that fails ends the turn, not the call."""
        try:
            await self._make(moves, engines, play)
            if not self.moves:
                raise RuntimeError("the brain had nothing to say, do or learn")
        except Exception:
            log.exception("reply failed", turn=self.turn)
            await self._apologise(engines, play)
        await self._leave.wait()

    async def _make(self, moves: AsyncIterator[Move], engines: Engines, play: "Play") -> None:
        async for move in moves:
            self.moves.append(move)
            if isinstance(move, Say):
                self.timeline.replied = self.timeline.replied or now_ms()
                await self._speak(move.text, engines, play)

    async def _apologise(self, engines: Engines, play: "Play") -> None:
        self.moves.append(Say(APOLOGY))
        try:
            await self._speak(APOLOGY, engines, play)
        except Exception:
            log.exception("no voice", turn=self.turn)

    async def _speak(self, text: str, engines: Engines, play: "Play") -> None:
        for clause in clauses(text):
            pcm = await engines.synthesize(clause, self._due())
            self.characters += len(clause)
            self._made_ms += len(pcm) * 1000 / TELEPHONE_RATE
            self.timeline.spoken = self.timeline.spoken or now_ms()
            await self._leave.wait()
            play(self, clause, mulaw.encode(pcm))

    def _due(self) -> Due:
        """The next clause is wanted when those before it have been heard."""
        first_ms = now_ms() if self.wanted_ms is None else self.wanted_ms
        self.wanted_ms = first_ms
        return Due((first_ms + self._made_ms) / 1000)


Play = Callable[[Reply, str, bytes], None]
"""Queues a clause of a turn: its words and its μ-law audio."""


def now_ms() -> float:
    """The event loop's clock."""
    return asyncio.get_running_loop().time() * 1000
