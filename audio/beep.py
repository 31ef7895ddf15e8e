"""Hears the beep of an answering machine: one steady tone, for longer than speech holds one."""

import numpy as np

from audio import mulaw
from audio.engines import TELEPHONE_RATE

FRAME = 160
"""Samples looked at together: 20 ms, a bin of the spectrum every 50 Hz."""
LOWEST_HZ, HIGHEST_HZ = 350, 2_600
LOUD_ENOUGH = 250.0
"""RMS of 32,768: about -42 dBFS; the beeps of machines are far louder."""
PURE = 0.93
"""Share of the energy within a bin of the peak. A voice spreads its energy over harmonics."""
STEADY_BINS = 1
"""By how many bins the peak may wander between frames."""
LONG_ENOUGH_FRAMES = 7
"""140 ms. Vowels that come near a pure tone do not hold one pitch for so long."""
TOO_LONG_FRAMES = 150
"""3 s: a tone that does not end is a fax or the network's."""
_WINDOW = np.hanning(FRAME).astype(np.float32)
_LEAST_ENERGY = FRAME * LOUD_ENOUGH**2 * float((_WINDOW**2).mean())
_PER_BIN = TELEPHONE_RATE / FRAME
_AROUND = np.arange(round(LOWEST_HZ / _PER_BIN) - 3, round(HIGHEST_HZ / _PER_BIN) + 4)
"""The bins a beep can be in, and those beside them."""
_PHASES = 2 * np.pi / FRAME * np.outer(_AROUND, np.arange(FRAME))
_BINS = np.concatenate((np.cos(_PHASES), np.sin(_PHASES))).astype(np.float32)
"""What makes a frame's spectrum there: real parts, then imaginary ones."""
_SAMPLES = mulaw.decode(bytes(range(256))).astype(np.float32)
"""The sample of every byte."""


class BeepDetector:
    """Is fed one call's audio in frames of 20 ms, 8 kHz μ-law."""

    def __init__(self) -> None:
        self._since = 0
        self._bin = 0

    def feed(self, ulaw: bytes) -> bool:
        """Whether a beep has just ended: the moment at which a message may begin."""
        found = _tone(ulaw)
        if found is not None and self._since and abs(found - self._bin) <= STEADY_BINS:
            self._since += 1
            return False
        ended = LONG_ENOUGH_FRAMES <= self._since <= TOO_LONG_FRAMES
        self._since, self._bin = (0, 0) if found is None else (1, found)
        return ended


def _tone(ulaw: bytes) -> int | None:
    """The bin of a frame's tone; None if it is none."""
    if len(ulaw) != FRAME:
        return None
    # Each call of ours is listened to until we know who answered: a whole transform would take four times as long.
    samples = _SAMPLES.take(np.frombuffer(ulaw, np.uint8)) * _WINDOW
    energy = float(samples @ samples)
    if energy < _LEAST_ENERGY:
        return None
    waves = _BINS @ samples
    power = waves[: len(_AROUND)] ** 2 + waves[len(_AROUND) :] ** 2
    peak = int(power.argmax())
    # Parseval: all bins together hold half a frame's length times the energy.
    pure = float(power[max(0, peak - 2) : peak + 3].sum()) >= PURE * energy * FRAME / 2
    at = int(_AROUND[peak])
    return at if pure and LOWEST_HZ <= at * _PER_BIN <= HIGHEST_HZ else None
