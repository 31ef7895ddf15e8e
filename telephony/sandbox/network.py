"""What the telephone network does to a caller's audio before Twilio has it. Pure; decided by a seed."""

import math
import random
from collections import deque

from audio.engines import FRAME_MS


class Network:
    """Loses and delays frames. What arrives is in order, since the media socket is TCP: delay makes bunches.

    `jitter_ms` is the longest delay of a frame, `loss` the share of frames that never arrive. A lost frame leaves a
    gap in the time stamps and none in the sequence numbers, because Twilio numbers only what it sends.
    """

    def __init__(self, seed: int = 0, jitter_ms: float = 0, loss: float = 0.0) -> None:
        self._random = random.Random(seed)
        self._jitter_ms, self._loss = jitter_ms, loss
        self._next = 0
        self._latest = 0
        self._in_flight: deque[tuple[int, int, bytes]] = deque()

    def carry(self, frame: bytes) -> list[tuple[int, bytes]]:
        """Takes the next 20 ms and returns the frames that arrive by its end, each with its number from 0."""
        number, self._next = self._next, self._next + 1
        if self._random.random() >= self._loss:
            delay = math.floor(self._random.uniform(0, self._jitter_ms) / FRAME_MS + 0.5)
            self._latest = max(self._latest, number + delay)
            self._in_flight.append((self._latest, number, frame))
        arrived = []
        while self._in_flight and self._in_flight[0][0] <= number:
            _, spoken, payload = self._in_flight.popleft()
            arrived.append((spoken, payload))
        return arrived
