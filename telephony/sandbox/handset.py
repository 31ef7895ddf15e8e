"""A telephone: a mouth that speaks queued audio, an ear that plays what arrives, one 20 ms clock, one recording."""

import asyncio
import time
import wave
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from audio import mulaw
from audio.engines import FRAME_SAMPLES, TELEPHONE_RATE, Pcm16
from telephony.sandbox.playout import SAMPLES_PER_MS, SILENCE, PlayOut

LOUD = 400
"""Amplitude, of 32,768, above which a sample counts as sound; about -38 dBFS, well under quiet speech."""
LOUD_SAMPLES = FRAME_SAMPLES // 10
"""Loud samples that make a frame sound: a click is fewer, a vowel far more."""
WORD_GAP = 200 * SAMPLES_PER_MS
"""Silence between the words of somebody who is still speaking."""


def _quiet_codes() -> bytes:
    codes = bytes(range(256))
    return bytes(code for code, level in zip(codes, mulaw.decode(codes), strict=True) if abs(int(level)) < LOUD)


_QUIET = _quiet_codes()


def is_sound(frame: bytes) -> bool:
    """Whether 20 ms of μ-law holds more than line noise."""
    # Deleting the quiet codes costs a third of a microsecond; decoding the frame costs ten times that.
    return len(frame.translate(None, _QUIET)) >= LOUD_SAMPLES


class LineDeadError(Exception):
    """The call ended while somebody was still listening or waiting to speak."""


class Handset:
    """One person's telephone for the length of a call, whatever the call is connected to.

    Positions count samples at 8 kHz from the start of the recording. Exactly one task at a time consumes `frames`
    (a media socket, a conference, or an idle line), and that is what makes the clock run.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._origin: float | None = None
        self._to_say = bytearray()
        self._said = bytearray()
        self._playout = PlayOut()
        self._loud_from = -1
        self._loud_until = 0
        self._finished_at = 0
        self._waiting: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []
        self._dead = False

    # The clock

    @property
    def position(self) -> int:
        """Now, in samples from the start of the recording; 0 before it starts."""
        if self._origin is None:
            return 0
        return int((self._clock() - self._origin) * TELEPHONE_RATE)

    async def frames(self) -> AsyncIterator[bytes]:
        """Yields each 20 ms of the mouth when it is over, on absolute deadlines: a stall is caught up, never added.

        What was said before this began, while nothing was connected, is recorded but not yielded.
        """
        if self._origin is None:
            self._origin = self._clock()
        while self._frame_due() <= 0:
            self.tick()
        while not self._dead:
            if (wait := self._frame_due()) > 0:
                await asyncio.sleep(wait)  # and look again: timers may fire a little early
            else:
                yield self.tick()

    def _frame_due(self) -> float:
        assert self._origin is not None
        return self._origin + (len(self._said) + FRAME_SAMPLES) / TELEPHONE_RATE - self._clock()

    def tick(self) -> bytes:
        """Lets 20 ms pass: takes what the mouth says in it, listens to what the ear plays in it."""
        frame = bytes(self._to_say[:FRAME_SAMPLES]).ljust(FRAME_SAMPLES, SILENCE)
        del self._to_say[:FRAME_SAMPLES]
        start = len(self._said)
        self._said += frame
        self._listen(start, start + FRAME_SAMPLES)
        self._wake()
        return frame

    def put_down(self) -> None:
        """Ends the call for everybody who waits on it; what was recorded stays."""
        self._dead = True
        self._wake()

    # The mouth

    def speak(self, pcm: Pcm16) -> None:
        """Queues 8 kHz audio behind what is still to be said."""
        self._to_say += mulaw.encode(pcm)

    def hush(self) -> None:
        """Stops speaking at once; what was queued is not said."""
        self._to_say.clear()

    @property
    def speaking(self) -> bool:
        """Whether the mouth still has something to say."""
        return bool(self._to_say)

    async def said(self) -> None:
        """Waits until everything queued has been said. Raises `LineDeadError` when the call ends first."""
        await self._until(lambda: not self._to_say)

    # The ear

    def play(self, payload: bytes) -> bool:
        """Queues μ-law audio from the far end; False when ten minutes are waiting already."""
        return self._playout.play(payload, self.position)

    def say_to_ear(self, pcm: Pcm16) -> None:
        """Queues 8 kHz samples for the ear, as `<Say>` does."""
        self.play(mulaw.encode(pcm))

    def mix(self, frame: bytes, after: int) -> int:
        """Lays one voice of a conference over the others; returns the position it ends at, for its next frame.

        `after` is where its last frame ended. A voice that has fallen behind starts one frame ahead of the ear, so that
        the wobble of two clocks does not tear it.
        """
        start = after if after >= self.position else self.position + FRAME_SAMPLES
        self._playout.mix(frame, start)
        return start + len(frame)

    def mark(self, name: str) -> list[str]:
        """Queues a mark behind the audio; returns the marks that are reached already."""
        self._playout.mark(name, self.position)
        return self.marks_reached()

    def marks_reached(self) -> list[str]:
        """Takes the marks whose audio has played."""
        return self._playout.reached(self.position)

    def clear(self) -> list[str]:
        """Stops the ear: throws away what has not played yet and takes every pending mark."""
        return self._playout.clear(self.position)

    @property
    def queued_ms(self) -> float:
        """Far-end audio that has not played yet."""
        return self._playout.queued(self.position) / SAMPLES_PER_MS

    @property
    def far_speaking(self) -> bool:
        """Whether sound is being played out, gaps between words included."""
        return self._loud_from >= 0 and len(self._said) - self._loud_until <= WORD_GAP

    async def far_started(self, since: int | None = None) -> int:
        """Waits until the far end is speaking, or has spoken after the position `since`; returns where its sound began.

        Raises `LineDeadError` when the call ends first.
        """
        await self._until(lambda: self.far_speaking if since is None else self._loud_until > since)
        return self._loud_from

    async def far_finished(self, silence_ms: int = 700, since: int | None = None) -> int:
        """Waits until the far end has spoken after `since` and then been silent for `silence_ms`.

        `since` is a position; by default the end of the turn this last returned. Returns the position the sound ended
        at. Raises `LineDeadError` when the call ends first.
        """
        after = self._finished_at if since is None else since
        silence = silence_ms * SAMPLES_PER_MS
        await self._until(lambda: self._loud_until > after and len(self._said) - self._loud_until >= silence)
        self._finished_at = self._loud_until
        return self._finished_at

    def heard_since(self, position: int) -> Pcm16:
        """What the ear has played from `position` until now, 8 kHz."""
        return mulaw.decode(self._playout.heard(position, max(position, len(self._said))))

    # The recording

    @property
    def seconds(self) -> float:
        """How long the recording is so far."""
        return len(self._said) / TELEPHONE_RATE

    @property
    def recording(self) -> npt.NDArray[np.int16]:
        """Both sides of the call so far, shape (n, 2), 8 kHz: left is the mouth, right is the ear."""
        spoken = bytes(self._said)
        return np.stack([mulaw.decode(spoken), mulaw.decode(self._playout.heard(0, len(spoken)))], axis=1)

    def save(self, path: Path) -> None:
        """Writes the recording as a stereo WAV file."""
        with wave.open(str(path), "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(TELEPHONE_RATE)
            file.writeframes(self.recording.astype("<i2").tobytes())

    def _listen(self, start: int, end: int) -> None:
        if not is_sound(self._playout.heard(start, end)):
            return
        if self._loud_from < 0 or start - self._loud_until > WORD_GAP:
            self._loud_from = start
        self._loud_until = end

    async def _until(self, condition: Callable[[], bool]) -> None:
        if self._dead:
            raise LineDeadError
        if condition():
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (condition, woken)
        self._waiting.append(entry)
        try:
            await woken
        finally:
            if entry in self._waiting:
                self._waiting.remove(entry)

    def _wake(self) -> None:
        for entry in list(self._waiting):
            condition, woken = entry
            if woken.done():
                continue
            if self._dead:
                woken.set_exception(LineDeadError())
            elif condition():
                woken.set_result(None)
