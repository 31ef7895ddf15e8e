"""One turn of the persona's on a call: moves as a brain makes them, spoken clause by clause, held until released."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import structlog

from agent.moves import Move, Say
from audio import mulaw
from audio.clauses import clauses
from audio.playout import Heard
from audio.pool import Engines
from state.events import LeadSaid, TurnTiming
from state.view import View

log = structlog.get_logger(__name__)

APOLOGY = "Sorry, I lost you for a second. Could you say that again?"
Play = Callable[[str, bytes], None]
"""Queues a clause: its words and its μ-law audio."""


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

    `prepare` may run long before the turn is wanted: it stops when the first clause is synthesised, and goes on when
    the reply is released. A reply that is never released leaves no trace but its cost.
    """

    turn: int
    view: View
    """The view it was thought of with: a reply made for another view is not said."""
    answers: LeadSaid | None = None
    """What the lead said; None for a turn of the persona's own."""
    source: str = ""
    """Id of the event that facts learned in this turn come from."""
    confidence: float = 0.0
    """The recogniser's, in what is answered: mean log-probability per token."""
    timeline: Timeline = field(default_factory=Timeline)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    settled: bool = False
    """The lead's turn stands: what this one answers may be recorded."""
    then: Callable[[Heard], None] | None = None
    """Called when the turn is over, with what was heard of it."""
    moves: list[Move] = field(default_factory=list)
    recorded: int = 0
    """How many of the moves the record has."""
    complete: bool = False
    """Every move is made and every clause queued."""
    task: asyncio.Task[None] | None = None

    @property
    def text(self) -> str:
        """Everything the persona set out to say, so far."""
        return " ".join(move.text for move in self.moves if isinstance(move, Say))

    @property
    def asks(self) -> str | None:
        """The campaign question the turn puts."""
        return next((move.asks for move in reversed(self.moves) if isinstance(move, Say) and move.asks), None)

    async def prepare(self, moves: AsyncIterator[Move], engines: Engines, play: Play) -> None:
        """Makes the moves and speaks them, holding everything until the release.

        A brain or a voice that fails ends the turn, not the call.
        """
        try:
            await self._make(moves, engines, play)
            if not self.moves:
                raise RuntimeError("the brain had nothing to say, do or learn")
        except Exception:
            log.exception("reply failed", turn=self.turn)
            await self._apologise(engines, play)
        await self.released.wait()
        self.complete = True

    async def _make(self, moves: AsyncIterator[Move], engines: Engines, play: Play) -> None:
        async for move in moves:
            self.moves.append(move)
            if isinstance(move, Say):
                self.timeline.replied = self.timeline.replied or _now_ms()
                await self._speak(move.text, engines, play)

    async def _apologise(self, engines: Engines, play: Play) -> None:
        self.moves.append(Say(APOLOGY))
        try:
            await self._speak(APOLOGY, engines, play)
        except Exception:
            log.exception("no voice", turn=self.turn)

    async def _speak(self, text: str, engines: Engines, play: Play) -> None:
        for clause in clauses(text):
            pcm = await engines.synthesize(clause)
            self.timeline.spoken = self.timeline.spoken or _now_ms()
            await self.released.wait()
            play(clause, mulaw.encode(pcm))

    def drop(self) -> None:
        """Stops the work on this turn."""
        if self.task is not None:
            self.task.cancel()


def _now_ms() -> float:
    return asyncio.get_running_loop().time() * 1000
