"""The warm transfer as the lead's call sees it: ask for a person, tell the lead who takes over, give up the line."""

from collections.abc import Sequence
from typing import Protocol

from agent.handoff import is_seeking, sought
from agent.handover_words import agent_accepted, back_again, dropped_off, nobody_free, trying_next
from agent.moves import Move
from audio.playout import Heard
from state.clock import Clock
from state.effects import HandoffStep
from state.events import HandoffAdvanced
from telephony.live.agenda import Item, stream
from telephony.live.scribe import Cause, Scribe


class Persona(Protocol):
    """What the call lets a hand-over do."""

    def plan(self, item: Item) -> None:
        """Says something as soon as nobody speaks."""

    def retract(self, item: Item) -> None:
        """Unsays something: it is not begun any more, or stopped."""

    def leave(self, cause: Cause) -> None:
        """Ends our part of the call."""


class HandOver:
    """Brings the lead and a person together. Nobody is announced before he has accepted, nor after he has left."""

    def __init__(self, persona: Persona, scribe: Scribe, clock: Clock) -> None:
        self._persona = persona
        self._scribe = scribe
        self._clock = clock
        self._announced: Item | None = None

    def is_seeking(self) -> bool:
        """Whether a person is being found."""
        return is_seeking(self._scribe.view)

    def seek(self, turn: int) -> None:
        """Has a person found for the lead. Asked for twice, found once."""
        if not self.is_seeking():
            call = self._scribe.call
            self._scribe.put(sought(f"{call}-{turn}", call, self._clock()))

    def open(self, source: str) -> bool:
        """Begins a call that comes from a transfer; False if this one does not."""
        view = self._scribe.view
        if self._is_accepted():
            self._announce(source)  # It came back on a new connection, and somebody waits.
        elif view.calls[self._scribe.call].returned:
            self._say(back_again(self._scribe.snapshot()), source)
        else:
            return False
        return True

    def advanced(self, event: HandoffAdvanced) -> None:
        """A transfer reached a step."""
        if event.call != self._scribe.call:
            return
        match event.step:
            case HandoffStep.REQUESTED:
                self._say(trying_next(self._scribe.view), event.id)
            case HandoffStep.ACCEPTED:
                self._announce(event.id)
            case HandoffStep.DECLINED | HandoffStep.UNREACHED if self._announced is not None:
                self._unsay()
                self._say(dropped_off(self._scribe.view), event.id)
            case HandoffStep.NOBODY_FREE:
                self._unsay()
                self._say(nobody_free(self._scribe.snapshot()), event.id)

    def forget(self) -> None:
        """The lead wants to be left alone: nobody is announced again."""
        self._announced = None

    def _announce(self, source: str) -> None:
        """Tells the lead who takes over, then puts him through; if he cuts in, tells him again."""

        def bridge(heard: Heard) -> None:
            if self._announced is None or not self._is_accepted():
                return  # The agent has left meanwhile, or the lead wants nobody.
            if heard.complete:
                self._persona.leave("transferred")
            else:
                self._announce(source)

        moves = agent_accepted(self._scribe.view, self._scribe.campaign)
        self._announced = Item(lambda: stream(moves), source, bridge)
        self._persona.plan(self._announced)

    def _unsay(self) -> None:
        """What was announced is not true any more."""
        announced, self._announced = self._announced, None
        if announced is not None:
            self._persona.retract(announced)

    def _is_accepted(self) -> bool:
        """Whether somebody has accepted this call and waits for the lead."""
        transfer = self._scribe.view.handoff
        return transfer is not None and transfer.call == self._scribe.call and transfer.step is HandoffStep.ACCEPTED

    def _say(self, moves: Sequence[Move], source: str) -> None:
        if moves:
            self._persona.plan(Item(lambda: stream(moves), source))
