"""What the persona is saying on one call, and how much of it the lead has heard.

The playout is pure: it is told the time, it says which frames and marks to send, and it keeps a model of the carrier's
buffer. Audio leaves at most `ahead_ms` before it is played, so that little is lost when the lead cuts in, and as much
at a time as there is room for, because what a message costs hardly depends on its length::

    queued clauses ──due()──► carrier's buffer (≤ ahead_ms) ──20 ms every 20 ms──► the lead's ear
                                        ▲
                                  mark echoes and the drain model say how far the ear is

Marks carry an epoch. `duck` and `cut` open a new one, because the carrier is told to `clear` then and echoes the marks
of the audio it threw away: an echo from an older epoch is not hearing. Times are ms on any monotonic clock, the same
for every call.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from itertools import takewhile
from math import ceil

import numpy as np

from audio import mulaw
from audio.engines import FRAME_MS, FRAME_SAMPLES, Float32

BYTES_PER_MS = FRAME_SAMPLES // FRAME_MS
_PAUSE = 10**-3.5
"""A frame 35 dB below a clause's loudest is a pause."""
_ROUNDING = 1e-4
MESSAGE_MS = 40
"""There is to be room for so much before more is sent, unless a clause ends with less."""
TOLERANCE_MS = 1
"""Audio may leave this much early, so that a timer that counts in whole milliseconds keeps the pace."""
MARK_GRACE_MS = 1000
"""How long an echo may be overdue before the model of the buffer is believed without it."""


class Playing(Enum):
    """What the playout is doing."""

    IDLE = auto()
    SPEAKING = auto()
    DUCKED = auto()
    """The lead speaks over us: nothing is heard until he has meant it (`cut`) or not (`resume`)."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Asks the carrier to tell when the clause before it has been played."""

    epoch: int
    clause: int


@dataclass(frozen=True, slots=True)
class Heard:
    """How much of a turn reached the lead."""

    text: str
    ms: int
    complete: bool


@dataclass(slots=True)
class _Clause:
    number: int
    text: str
    ulaw: bytes
    sent: int = 0
    """Bytes sent so far; goes back to what was heard when the lead speaks over it."""
    heard_ms: float = 0.0

    @property
    def ms(self) -> float:
        return len(self.ulaw) / BYTES_PER_MS

    @property
    def unsent_ms(self) -> int:
        return (len(self.ulaw) - self.sent) // BYTES_PER_MS

    def words_within(self, ms: float) -> str:
        """The words that were over by `ms`, taking every character to sound equally long."""
        if ms >= self.ms:
            return self.text
        position = len(self.text) * _sound_before(self.ulaw)[int(ms * BYTES_PER_MS) // FRAME_SAMPLES] + _ROUNDING
        return " ".join(word for word, end in _words(self.text) if end <= position)

    def word_start_before(self, sent: int) -> int:
        """The byte, on a frame boundary, where the word at `sent` begins; `sent` itself if no word was cut."""
        before, frame = _sound_before(self.ulaw), sent // FRAME_SAMPLES
        position = len(self.text) * before[frame] + _ROUNDING
        start = next((end - len(word) for word, end in _words(self.text) if end > position), len(self.text))
        # The last frame by which no more than that has sounded: a pause before the word is not said again.
        first = int(np.searchsorted(before, start / len(self.text) + _ROUNDING, side="right")) - 1
        return min(first, frame) * FRAME_SAMPLES


def _sound_before(ulaw: bytes) -> Float32:
    """Which share of a clause's sound lies before each of its frames, and 1 at its end: pauses hold no words."""
    frames = mulaw.decode(ulaw).reshape(-1, FRAME_SAMPLES).astype(np.float32)
    power = (frames**2).mean(axis=1)
    loud = power > power.max(initial=0.0) * _PAUSE
    return np.concatenate((np.zeros(1, np.float32), np.cumsum(loud) / max(1, loud.sum())), dtype=np.float32)


def _words(text: str) -> Iterator[tuple[str, int]]:
    end = 0
    for word in text.split():
        end = text.index(word, end) + len(word)
        yield word, end


class Playout:
    """Paces one call's clauses and keeps account of what was heard.

    Args:
        ahead_ms: how much audio may wait in the carrier's buffer.
    """

    def __init__(self, ahead_ms: int = 160) -> None:
        self._ahead_ms = ahead_ms
        self._message_ms = min(MESSAGE_MS, ahead_ms)
        self._clauses: list[_Clause] = []
        """The clauses of this turn, heard ones included."""
        self._next = 0
        self._in_flight: deque[_Clause] = deque()
        """The clause of each frame that the carrier has buffered, oldest first."""
        self._drained_at = 0.0
        """When the carrier's buffer runs empty."""
        self._state = Playing.IDLE
        self._marks: set[int] = set()
        self._left_off = False
        """Whether clauses of this turn were dropped before they began."""
        self.epoch = 0

    @property
    def state(self) -> Playing:
        """What the playout is doing."""
        return self._state

    def add(self, text: str, ulaw: bytes) -> None:
        """Queues a clause: its words and its μ-law audio at 8 kHz, one byte a sample."""
        frames = max(1, ceil(len(ulaw) / FRAME_SAMPLES))
        padded = ulaw.ljust(frames * FRAME_SAMPLES, bytes([mulaw.SILENCE]))
        self._clauses.append(_Clause(len(self._clauses), text, padded))
        if self._state is Playing.IDLE:
            self._state = Playing.SPEAKING

    def due(self, now: float) -> list[bytes | Mark]:
        """Audio, in whole frames, and marks to send now, in order."""
        self._drain(now)
        out: list[bytes | Mark] = []
        while (clause := self._unsent) and self._room_ms(now) >= self._least_ms(clause):
            frames = min(int(self._room_ms(now)), clause.unsent_ms) // FRAME_MS
            out.append(clause.ulaw[clause.sent : clause.sent + frames * FRAME_SAMPLES])
            self._sent(clause, frames, now)
            if not clause.unsent_ms:
                out.append(Mark(self.epoch, clause.number))
                self._next += 1
        return out

    def next_due(self, now: float) -> float | None:
        """When to look again: for the next frame, or whether the turn is over. None: not before something happens."""
        if self._state is not Playing.SPEAKING:
            return None
        if (clause := self._unsent) is not None:
            return self._drained_at - self._ahead_ms + self._least_ms(clause)
        ends = (self._drained_at, self._drained_at + MARK_GRACE_MS)
        return next((end for end in ends if end > now), None)

    @property
    def _unsent(self) -> _Clause | None:
        """The clause that is to be sent, or the rest of it."""
        speaking = self._state is Playing.SPEAKING and self._next < len(self._clauses)
        return self._clauses[self._next] if speaking else None

    def _room_ms(self, now: float) -> float:
        """How much more the carrier may have now."""
        return self._ahead_ms + TOLERANCE_MS - self.buffered_ms(now)

    def _least_ms(self, clause: _Clause) -> int:
        """How much of a clause is worth a message."""
        return min(self._message_ms, clause.unsent_ms)

    def _sent(self, clause: _Clause, frames: int, now: float) -> None:
        clause.sent += frames * FRAME_SAMPLES
        self._drained_at = max(self._drained_at, now) + frames * FRAME_MS
        self._in_flight.extend([clause] * frames)

    def _drain(self, now: float) -> None:
        """Moves what the carrier must have played by now from the buffer to the ear."""
        buffered_ms = max(0.0, self._drained_at - now)
        while self._in_flight and (len(self._in_flight) - 1) * FRAME_MS >= buffered_ms:
            self._in_flight.popleft().heard_ms += FRAME_MS

    def played(self, epoch: int, clause: int) -> None:
        """The carrier echoed a mark: one of an older epoch only says that the audio is gone, one of what has not been
        sent says nothing."""
        if epoch == self.epoch and clause < self._next:
            self._marks.add(clause)

    def confirmed(self) -> Heard:
        """The clauses of this turn that the carrier says were played, as far as none is missing before them."""
        played = list(takewhile(lambda clause: clause.number in self._marks, self._clauses))
        return Heard(" ".join(clause.text for clause in played), round(sum(clause.ms for clause in played)), False)

    def remaining_ms(self, now: float) -> float:
        """How much of the turn the lead has still to hear."""
        self._drain(now)
        return sum(clause.unsent_ms for clause in self._clauses[self._next :]) + self.buffered_ms(now)

    def buffered_ms(self, now: float) -> float:
        """How much of that the carrier has."""
        return max(0.0, self._drained_at - now)

    def over(self, now: float) -> bool:
        """Whether every clause queued so far has been played, by the carrier's word or, failing that, by the model."""
        if self._state is Playing.DUCKED or self.remaining_ms(now) > 0:
            return False
        echoed = not self._clauses or self._clauses[-1].number in self._marks
        return echoed or now - self._drained_at >= MARK_GRACE_MS

    def duck(self, now: float) -> None:
        """The lead speaks over us: fall silent. The caller sends `clear`; what that throws away counts as not sent.
        A turn whose first clause is still being made is held, too."""
        if self._state is Playing.DUCKED:
            return
        self._drain(now)
        self._state = Playing.DUCKED
        # Whose echo is still on its way was heard all the same; that echo is going to be of an older epoch.
        self._marks.update(clause.number for clause in self._clauses if clause.heard_ms >= clause.ms)
        self._next = next((c.number for c in self._clauses if c.number not in self._marks), len(self._clauses))
        for clause in self._clauses[self._next :]:
            clause.sent = round(clause.heard_ms * BYTES_PER_MS)
        self._empty(now)

    def resume(self) -> None:
        """It was a cough or an "mm-hm": go on from the last word heard, from its start if it was cut."""
        if self._state is not Playing.DUCKED:
            return
        self._state = Playing.SPEAKING
        if self._next < len(self._clauses):
            clause = self._clauses[self._next]
            start = clause.word_start_before(clause.sent)
            # Said twice, heard once.
            clause.heard_ms = min(clause.heard_ms, start / BYTES_PER_MS)
            clause.sent = start

    def leave_off(self) -> None:
        """Drops what has not begun; the clause under way is still said to its end."""
        under_way = self._next + (self._next < len(self._clauses) and self._clauses[self._next].sent > 0)
        self._left_off = self._left_off or under_way < len(self._clauses)
        del self._clauses[under_way:]

    def finish(self, now: float) -> Heard:
        """Ends a turn that was played to its end, and forgets it."""
        return self._end(now, complete=not self._left_off)

    def cut(self, now: float) -> Heard:
        """Ends a turn where the lead cut in. The caller sends `clear`; marks of this epoch are void."""
        return self._end(now, complete=self.remaining_ms(now) <= 0 and not self._left_off)

    def _empty(self, now: float) -> None:
        """The carrier's buffer is thrown away, and the marks in it are void."""
        self._in_flight.clear()
        self._drained_at = min(self._drained_at, now)
        self.epoch += 1

    def _end(self, now: float, *, complete: bool) -> Heard:
        self._drain(now)
        heard_ms = sum(self._heard_ms(clause) for clause in self._clauses)
        words = (clause.words_within(self._heard_ms(clause)) for clause in self._clauses)
        text = " ".join(part for part in words if part)
        self._clauses, self._next, self._state, self._left_off = [], 0, Playing.IDLE, False
        self._marks.clear()
        # Also after a turn that was heard out: its last echo may still be on its way.
        self._empty(now)
        return Heard(text, round(heard_ms), complete)

    def _heard_ms(self, clause: _Clause) -> float:
        """Our model of the buffer, or the carrier's word for it where it has given it."""
        return clause.ms if clause.number in self._marks else clause.heard_ms
