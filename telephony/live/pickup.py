"""Who picked up, as a call of ours sees it: gates what may be said, answers screeners, leaves the message."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from agent.answering import (
    Answering,
    AnsweringMachine,
    Beep,
    Do,
    Happened,
    MessageOver,
    Noise,
    Sound,
    Verdict,
    Words,
    is_recorded,
)
from agent.gate.pace import may_leave_message
from agent.moves import Say, Suppress
from agent.opening import outbound_opening, screening_answer, voicemail
from audio.beep import BeepDetector
from audio.engines import FRAME_MS
from audio.playout import Heard
from state.clock import Clock
from state.events import CallAnsweredBy
from telephony.live.agenda import Item, Moves, stream
from telephony.live.reply import Reply
from telephony.live.scribe import Cause, Scribe

VOICE = 0.5
"""Probability from which a window counts as voice."""
DECIDE_MS = 900
"""So long before the greeting's last sound it is decided what follows, so that no gap is heard."""


class Persona(Protocol):
    """What the call lets a pick-up do."""

    def plan(self, item: Item) -> None:
        """Says something as soon as nobody speaks."""

    def hush(self) -> None:
        """Falls silent, and forgets what was to be said."""

    def leave(self, cause: Cause) -> None:
        """Ends our part of the call."""

    @property
    def remaining_ms(self) -> float:
        """How much of what is queued has still to be heard."""


class Pickup:
    """Watches a call of ours from its first sound; inert on any other, and on one that came back."""

    def __init__(self, persona: Persona, scribe: Scribe, clock: Clock) -> None:
        call = scribe.view.calls.get(scribe.call)
        watched = call is not None and call.direction == "outbound" and call.answered_by is None and not call.turns
        leaves = may_leave_message(scribe.view, scribe.campaign, clock())
        self._machine = AnsweringMachine(leaves_message=leaves) if watched else None
        self._beeps = BeepDetector()
        self._persona, self._scribe, self._clock = persona, scribe, clock
        self._decided = asyncio.Event()
        self._said = self._noted = self._now_ms = 0
        self.wonders = watched
        """Whether what is heard can still tell something."""

    @property
    def watches(self) -> bool:
        """Whether it matters here who picked up."""
        return self._machine is not None

    @property
    def withholds(self) -> bool:
        """Whether nothing is said but what is for the machine."""
        return self._machine is not None and self._machine.withholds

    async def opening(self) -> Moves:
        """The greeting at once; what we know of the lead only when a person is there."""
        opening = outbound_opening(self._scribe.snapshot())
        yield opening.greeting
        while self._machine is not None and not self._decided.is_set():
            left_ms = self._persona.remaining_ms - DECIDE_MS
            if left_ms <= 0:
                break
            try:
                # No less than a frame: a loop's clock may never get quite there.
                await asyncio.wait_for(self._decided.wait(), max(left_ms, FRAME_MS) / 1000)
            except TimeoutError:
                continue
        known = self._machine is None or self._machine.state is Answering.PERSON
        for say in opening.to_a_person if known else opening.to_anybody:
            yield say

    def audio(self, ulaw: bytes, now_ms: int) -> None:
        """20 ms of what comes in, while it wonders."""
        if self._beeps.feed(ulaw):
            self._on(Beep(), now_ms)

    def window(self, probability: float, end_ms: int) -> None:
        """What the voice detector makes of it, while it wonders."""
        self._on(Sound(probability >= VOICE), end_ms)

    def overhears(self, text: str | None) -> None:
        """What they have said so far, and may go on from; None: a voice without words."""
        if self.wonders:
            self._on(Words(text) if text is not None else Noise(), self._now_ms)

    def verdict(self, value: str, now_ms: int) -> None:
        """What the carrier makes of it."""
        self._on(Verdict(value), now_ms)

    def takes(self, reply: Reply, now_ms: int) -> bool:
        """Whether the words are a machine's, which the persona does not answer. A stop is always answered, whoever says
        it; but neither an assistant that asks why we are calling nor a greeting has stopped anybody."""
        if self._machine is None or reply.answers is None:
            return False
        if any(isinstance(move, Suppress) for move in reply.moves) and not is_recorded(reply.answers.text):
            return False
        do = self._on(Words(reply.answers.text, whole=True), now_ms)
        return Do.BEGIN_ANEW in do or self.withholds

    def _on(self, event: Happened, now_ms: int) -> Sequence[Do]:
        if self._machine is None:
            return ()
        self._now_ms = now_ms
        before = (self._machine.who, self._machine.message_left)
        actions = self._machine.on(event, now_ms)
        self.wonders = self._machine.state is not Answering.PERSON
        if (self._machine.who, self._machine.message_left) != before and self._machine.who is not None:
            self._decided.set()
            self._note()
        for do in actions:
            self._carry_out(do)
        return actions

    def _carry_out(self, do: Do) -> None:
        snapshot = self._scribe.snapshot()
        match do:
            case Do.KNOWN_PERSON:
                pass  # the opening is waiting for it
            case Do.BEGIN_ANEW | Do.GREET_ANEW:
                opening = outbound_opening(snapshot)
                self._say([opening.greeting, *(opening.to_a_person if do is Do.BEGIN_ANEW else opening.to_anybody)])
            case Do.HUSH:
                self._persona.hush()
            case Do.TELL_SCREENER:
                self._say([screening_answer(snapshot)])
            case Do.LEAVE_MESSAGE:
                self._persona.plan(Item(lambda: stream([voicemail(snapshot)]), self._source(), self._message_over))
            case Do.HANG_UP:
                self._persona.leave("we_hung_up")

    def _say(self, says: Sequence[Say]) -> None:
        self._persona.plan(Item(lambda: stream(says), self._source()))

    def _message_over(self, heard: Heard) -> None:
        if self._machine is not None:
            self._on(MessageOver(heard.complete), self._now_ms)

    def _source(self) -> str:
        self._said += 1
        return f"pickup:{self._scribe.call}:{self._said}"

    def _note(self) -> None:
        """Into the record with who answered, once for each thing we come to know."""
        machine = self._machine
        assert machine is not None
        assert machine.who is not None, "somebody answered"
        self._noted += 1
        answered = CallAnsweredBy(
            id=f"call:{self._scribe.call}:answered_by:{self._noted}",
            at=self._clock(),
            call=self._scribe.call,
            who=machine.who,
            message_left=machine.message_left,
        )
        self._scribe.put(answered)
