"""The persona's mouth on one call: it says one turn at a time, paced onto the leg, and knows what was heard of it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from agent.moves import Move
from audio.echo import Echo
from audio.playout import BYTES_PER_MS, Heard, Mark, Playout
from audio.pool import Engines
from telephony.faults import guarded
from telephony.leg import Leg, LegClosedError
from telephony.live.pacer import Pacer
from telephony.live.reply import Reply, Stage, now_ms

Over = Callable[[Reply, Heard], None]
"""Takes a turn that is over, said to its end or cut, with what was heard of it."""
Progress = Callable[[Reply, Heard], None]
"""Takes a turn that is being said and stands, with the clauses of it that were surely heard."""


class Mouth:
    """Says what it is given leave to say.

    Only the clauses of the turn that is being said reach the leg: whatever another turn still queues is thrown away.
    `cut` and `withdraw` act at once, without an await, so that nothing can come between them and their account;
    `flush` then empties the carrier's buffer.
    """

    def __init__(
        self,
        leg: Leg,
        group: asyncio.TaskGroup,
        engines: Engines,
        pacer: Pacer,
        echo: Echo,
        over: Over,
        progress: Progress,
    ) -> None:
        self._leg = leg
        self._group = group
        self._engines = engines
        self._echo = echo
        self._over = over
        self._progress = progress
        self._playout = Playout()
        self._beat = pacer.beat(guarded(group, self._pace))
        self._buffered = False
        """The carrier holds audio that is not to be heard."""
        self.saying: Reply | None = None
        """The turn that has leave to be said, until it is over."""

    @property
    def speaking(self) -> bool:
        """Whether a turn is being said: the lead hears it, or would if the persona had not ducked, or is about to."""
        return self.saying is not None

    @property
    def remaining_ms(self) -> float:
        """How much of what is queued the lead has still to hear."""
        return self._playout.remaining_ms(now_ms())

    def prepare(self, reply: Reply, moves: AsyncIterator[Move]) -> None:
        """Starts the work on a turn: its first clause is synthesised and held until it has leave to be said."""
        reply.start(self._group, moves, self._engines, self._queue).add_done_callback(lambda _: self._made(reply))

    def say(self, reply: Reply) -> None:
        """Gives a turn leave to be said. What was being said must be over."""
        assert self.saying is None, "two turns cannot be said at once"
        self.saying = reply
        reply.release()
        self._beat.stir()

    def settle(self) -> Reply | None:
        """The turn that is being said stands."""
        if self.saying is not None:
            self.saying.settle()
            self._beat.stir()
        return self.saying

    def duck(self) -> None:
        """The lead speaks over the persona: it falls silent at once, and forgets nothing."""
        self._buffered = self._buffered or self._playout.buffered_ms(now_ms()) > 0
        self._playout.duck(now_ms())
        self.flush()

    def resume(self) -> None:
        """It was nothing: goes on from the start of the word."""
        self._playout.resume()
        self._beat.stir()

    def leave_off(self) -> None:
        """Ends the turn behind the clause that is being said."""
        if self.saying is not None:
            self.saying.stop()
            self._playout.leave_off()
            self._beat.stir()

    def cut(self) -> None:
        """Ends the turn here, as far as it was heard."""
        heard = self._silence()
        if self.saying is not None:
            self._end(self.saying, replace(heard, complete=heard.complete and self.saying.complete))

    def withdraw(self) -> Reply | None:
        """Ends the turn here as if it had not been: nobody accounts for it."""
        self._silence()
        reply, self.saying = self.saying, None
        if reply is not None:
            reply.end()
        return reply

    def flush(self) -> None:
        """Has the carrier throw away what it has buffered of a turn that was cut."""
        if self._buffered:
            self._buffered = False
            self._echo.cleared(now_ms())
            try:
                self._leg.clear()
            except LegClosedError:
                pass  # Nobody hears it any more.

    def played(self, mark: Mark) -> None:
        """The carrier has played up to here."""
        self._playout.played(mark.epoch, mark.clause)
        self.tell()
        self._beat.stir()

    def tell(self) -> None:
        """Tells how far the turn that is being said has come, if it stands."""
        if self.saying is not None and self.saying.stage is Stage.SETTLED:
            self._progress(self.saying, self._playout.confirmed())

    def close(self) -> None:
        """Sends nothing any more."""
        self._beat.close()

    def _pace(self) -> float | None:
        """Keeps the carrier's buffer filled just far enough; returns when there is more to do."""
        now = now_ms()
        try:
            self._send_due(now)
        except LegClosedError:
            self.close()
            return None
        self._finish(now)
        return self._playout.next_due(now)

    def _made(self, reply: Reply) -> None:
        if reply is self.saying:
            self.tell()
        self._beat.stir()

    def _queue(self, reply: Reply, text: str, ulaw: bytes) -> None:
        if reply is self.saying:
            self._playout.add(text, ulaw)
            self._beat.stir()

    def _send_due(self, now: float) -> None:
        plays_at = now + self._playout.buffered_ms(now)
        for item in self._playout.due(now):
            if self.saying is not None and self.saying.timeline.sent is None:
                self.saying.timeline.sent = now_ms()
            self._leg.send(item)
            if isinstance(item, bytes):
                self._echo.sent(item, plays_at)
                plays_at += len(item) / BYTES_PER_MS

    def _silence(self) -> Heard:
        self._buffered = self._buffered or self._playout.buffered_ms(now_ms()) > 0
        return self._playout.cut(now_ms())

    def _finish(self, now: float) -> None:
        reply = self.saying
        if reply and reply.complete and reply.stage is Stage.SETTLED and self._playout.over(now):
            self._end(reply, self._playout.finish(now))

    def _end(self, reply: Reply, heard: Heard) -> None:
        self.saying = None
        reply.end()
        self._over(reply, heard)
