"""The warm transfer as the lead's call sees it: ask for a person, tell the lead who takes over, give up the line."""

from typing import Protocol

from agent import handoff
from agent.opening import agent_accepted, nobody_free
from agent.summary import summarise
from audio.playout import Heard
from state.clock import Clock
from state.events import HandoffStep
from telephony.agenda import Item, stream
from telephony.scribe import Cause, Scribe


class Persona(Protocol):
    """What the call lets a hand-over do."""

    def plan(self, item: Item) -> None:
        """Says something as soon as nobody speaks."""

    async def retract(self, item: Item) -> None:
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
        transfer = self._scribe.view.handoff
        return transfer is not None and transfer.step in handoff.SEEKING

    @property
    def awaited(self) -> bool:
        """Whether somebody has accepted this call and waits for the lead."""
        transfer = self._scribe.view.handoff
        return transfer is not None and transfer.call == self._scribe.call and transfer.step is HandoffStep.ACCEPTED

    async def seek(self, turn: int) -> None:
        """Finds a person for the lead. Runs beside the talk: it reads the whole log."""
        view, campaign = self._scribe.view, self._scribe.campaign
        if self.is_seeking():
            return  # Asked for twice, found once.
        agent = handoff.choose(campaign, view)
        if agent is None:
            self._say_nobody_is_free(f"nobody:{self._scribe.call}:{turn}")
            return
        summary = summarise(view, campaign, await self._scribe.log())
        if self.is_seeking():
            return
        now = self._clock()
        self._scribe.put(*handoff.requested(agent, self._scribe.call, turn, summary.card, summary.whisper, now))

    def announce(self, source: str) -> None:
        """Tells the lead who takes over, then puts him through; if he cuts in, tells him again."""

        def bridge(heard: Heard) -> None:
            if self._announced is None or not self._is_accepted():
                return  # The agent has left meanwhile, or the lead wants nobody.
            if heard.complete:
                self._persona.leave("transferred")
            else:
                self.announce(source)

        transfer = self._scribe.view.handoff
        agent = (transfer and transfer.agent) or "a colleague"
        moves = agent_accepted(self._scribe.campaign, agent)
        self._announced = Item(lambda: stream(moves), source, bridge)
        self._persona.plan(self._announced)

    async def take_back(self, source: str) -> None:
        """Nobody takes the lead over, or no longer: what was announced is not true any more."""
        announced, self._announced = self._announced, None
        if announced is not None:
            await self._persona.retract(announced)
        self._say_nobody_is_free(source)

    def forget(self) -> None:
        """The lead wants to be left alone: nobody is announced again."""
        self._announced = None

    def _is_accepted(self) -> bool:
        transfer = self._scribe.view.handoff
        return transfer is not None and transfer.step is HandoffStep.ACCEPTED

    def _say_nobody_is_free(self, source: str) -> None:
        self._persona.plan(Item(lambda: stream(nobody_free(self._scribe.snapshot())), source))
