"""One caller of the load test, without I/O: when he speaks, when he listens, and how late what he hears comes.

    SPEAKING ──his utterance is over──► WAITING ──first audio──► LISTENING ──the turn was played, a pause──► SPEAKING

Whoever is interrupted speaks on: an agent that takes a pause for the end has gained nothing. An agent's turn is known
to last a whole number of `turn_ms`, so that a stall in the middle of one is told from its end.
"""

from dataclasses import dataclass, field
from enum import Enum, auto


class Phase(Enum):
    """What the caller does."""

    SPEAKING = auto()
    WAITING = auto()
    LISTENING = auto()


@dataclass(frozen=True, slots=True)
class Manners:
    """How callers behave, in ms."""

    turn_ms: int
    """The agent's turns last this long, or a multiple."""
    pause_ms: float = 300.0
    """What a caller thinks about after the agent's turn."""
    patience_ms: float = 4_000.0
    """A caller who is not answered for so long speaks again; a turn that stalls for so long is lost."""


@dataclass(slots=True)
class Heard:
    """What callers heard. Lists in ms."""

    lateness: list[float] = field(default_factory=list)
    """Of each message with audio."""
    audio_ms: float = 0.0
    gaps_ms: float = 0.0
    """Silence in the middle of turns, because audio came after the last of it had been played."""
    answers: list[float] = field(default_factory=list)
    """From the end of the caller's utterance to the first audio of the answer."""
    lost: int = 0
    """Utterances that were not answered, and turns that stalled."""


class Line:
    """One caller. Times are ms on any monotonic clock.

    Lateness is measured against the sender's own schedule: audio that arrives ahead moves the schedule forward, audio
    that arrives late does not move it back. Only after an audible gap does the schedule begin anew, because from then
    on the listener is later by that gap.
    """

    def __init__(self, manners: Manners, now: float) -> None:
        self._manners = manners
        self.phase = Phase.WAITING
        """It begins with the agent's greeting."""
        self.heard = Heard()
        self._since = now
        self._due = 0.0
        self._drained_at = 0.0
        self._turn_ms = 0.0

    def audio(self, ms: float, now: float) -> None:
        """The agent's audio arrived, `ms` of it."""
        if self.phase is Phase.WAITING:
            self.heard.answers.append(now - self._since)
            self.phase = Phase.LISTENING
            self._begin(now)
        elif self.phase is Phase.SPEAKING and now >= self._drained_at:
            self._begin(now)
        self.heard.lateness.append(max(0.0, now - self._due))
        gap = now - self._drained_at
        if gap > 0:
            self.heard.gaps_ms += gap
            self._due = now
        self._due = min(self._due, now) + ms
        self._drained_at = max(self._drained_at, now) + ms
        self._turn_ms += ms
        self.heard.audio_ms += ms

    def _begin(self, now: float) -> None:
        self._turn_ms = 0.0
        self._due = self._drained_at = now

    def clear(self, now: float) -> None:
        """The agent takes back what has not been played: it will answer anew."""
        self._drained_at = min(self._drained_at, now)
        if self.phase is Phase.LISTENING:
            self._enter(Phase.WAITING, now)

    @property
    def playing_until(self) -> float:
        """When everything that has arrived will have been played."""
        return self._drained_at

    def tick(self, now: float, *, utterance_over: bool) -> Phase:
        """Time has passed; `utterance_over` says that the caller has nothing left to say of this utterance."""
        match self.phase:
            case Phase.SPEAKING if utterance_over:
                talked_over = now < self._drained_at
                self._enter(Phase.LISTENING if talked_over else Phase.WAITING, now)
            case Phase.WAITING if now - self._since >= self._manners.patience_ms:
                self.heard.lost += 1
                self._enter(Phase.SPEAKING, now)
            case Phase.LISTENING:
                self._listen(now - self._drained_at, now)
        return self.phase

    def _listen(self, silent_ms: float, now: float) -> None:
        whole = self._turn_ms % self._manners.turn_ms == 0
        if whole and silent_ms >= self._manners.pause_ms:
            self._enter(Phase.SPEAKING, now)
        elif silent_ms >= self._manners.patience_ms:
            self.heard.lost += 1
            self._enter(Phase.SPEAKING, now)

    def _enter(self, phase: Phase, now: float) -> None:
        self.phase, self._since = phase, now

    def take(self) -> Heard:
        """What was heard since the last time this was asked."""
        heard, self.heard = self.heard, Heard()
        return heard
