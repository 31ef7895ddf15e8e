"""What one telephone plays: audio queued behind a clock that drains 8 bytes a millisecond. Pure; time is passed in."""

from collections import deque

import numpy as np

from audio import mulaw

SILENCE = b"\xff"
"""One μ-law sample of nothing."""
SAMPLES_PER_MS = 8
MOST_BUFFERED = 10 * 60 * 1000 * SAMPLES_PER_MS
"""Samples Twilio holds for a stream (10 minutes); what comes on top is thrown away (warning 31931)."""


class PlayOut:
    """One listener's timeline of μ-law samples: past what was heard, future what is still queued.

    A position counts samples from the start of the timeline. Audio is placed where the queue ends, or at the position
    it arrived at when nothing is queued, so the buffer is the queue and the recording at once, exact to the sample.
    """

    def __init__(self) -> None:
        self._track = bytearray()
        self._marks: deque[tuple[int, str]] = deque()

    def play(self, payload: bytes, at: int) -> bool:
        """Queues audio that arrived at `at`. False: the buffer is full and the audio was thrown away."""
        if self.queued(at) + len(payload) > MOST_BUFFERED:
            return False
        if at > len(self._track):
            self._track += SILENCE * (at - len(self._track))
        self._track += payload
        return True

    def mix(self, payload: bytes, at: int) -> None:
        """Lays audio over what plays at `at`, as a conference does."""
        total = mulaw.decode(self.heard(at, at + len(payload))).astype(np.int32) + mulaw.decode(payload)
        mixed = mulaw.encode(np.clip(total, -32_768, 32_767).astype(np.int16))
        if at > len(self._track):
            self._track += SILENCE * (at - len(self._track))
        self._track[at : at + len(payload)] = mixed

    def queued(self, at: int) -> int:
        """Samples not played yet."""
        return max(0, len(self._track) - at)

    def mark(self, name: str, at: int) -> None:
        """Queues a mark behind the audio queued so far."""
        self._marks.append((max(at, len(self._track)), name))

    def reached(self, at: int) -> list[str]:
        """Takes the marks whose audio has played by `at`, in order."""
        names = []
        while self._marks and self._marks[0][0] <= at:
            names.append(self._marks.popleft()[1])
        return names

    def clear(self, at: int) -> list[str]:
        """Throws away what has not played, and takes every pending mark, in order."""
        del self._track[at:]
        names = [name for _, name in self._marks]
        self._marks.clear()
        return names

    def heard(self, start: int, end: int) -> bytes:
        """The samples of `start..end`, silence where nothing was played."""
        return bytes(self._track[start:end]).ljust(end - start, SILENCE)
