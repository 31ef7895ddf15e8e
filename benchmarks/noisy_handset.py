"""A telephone in a noisy place: what its owner says is known apart from what the line carries."""

import time
from collections.abc import AsyncIterator, Callable

import numpy as np

from audio import mulaw
from audio.engines import FRAME_SAMPLES, TELEPHONE_RATE, Pcm16
from telephony.sandbox.handset import Handset

ECHO_DELAY_MS = 140
"""From the agent's sound at the ear to its echo at the mouth."""


class NoisyHandset(Handset):
    """Lays a background and an echo of the far end over everything that is sent.

    `recording` is what was said and heard, without them; `sent` is what went onto the line.
    """

    def __init__(
        self,
        background: Pcm16 | None = None,
        echo_db: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`background`: 8 kHz, repeated for ever; `echo_db`: loudness of the echo against the far end's own."""
        super().__init__(clock)
        self._background = background if background is not None else np.zeros(FRAME_SAMPLES, np.int16)
        self._echo = 10 ** (echo_db / 20) if echo_db is not None else 0.0
        self._sent = bytearray()

    @property
    def sent(self) -> Pcm16:
        """What went onto the line so far, from the beginning of the recording."""
        return mulaw.decode(bytes(self._sent))

    async def frames(self) -> AsyncIterator[bytes]:
        """The mouth's frames with everything else that sounds."""
        async for frame in super().frames():
            noisy = self._with_noise(mulaw.decode(frame).astype(np.int32), len(self._sent))
            self._sent += noisy
            yield noisy

    def _with_noise(self, frame: "np.ndarray[tuple[int], np.dtype[np.int32]]", start: int) -> bytes:
        at = np.arange(start, start + FRAME_SAMPLES) % len(self._background)
        frame += self._background[at]
        delayed = start - ECHO_DELAY_MS * TELEPHONE_RATE // 1000
        if self._echo and delayed >= 0:
            echo = self.heard_since(delayed)[:FRAME_SAMPLES]
            frame += (echo * self._echo).astype(np.int32)
        return mulaw.encode(np.clip(frame, -32_768, 32_767).astype(np.int16))
