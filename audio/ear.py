"""One call's hearing: keeps the last minute of what arrives, and has it judged for voice."""

from collections.abc import Callable
from typing import NamedTuple

from audio import mulaw
from audio.detector import Detector
from audio.engines import TELEPHONE_RATE, Pcm16

KEPT_MS = 60_000
"""How far back an utterance may start."""
WINDOW_MS = 32
"""The detector's window."""
_PER_MS = TELEPHONE_RATE // 1000
_KEPT = KEPT_MS * _PER_MS
_SILENT_MS = bytes([mulaw.SILENCE]) * _PER_MS


class Window(NamedTuple):
    """The detector's verdict on 32 ms of audio that end at `end_ms` of the call."""

    probability: float
    level_db: float
    """Loudness, dB of full scale."""
    end_ms: int


class Ear:
    """Hears one call. Offsets are ms of inbound audio since the call's first frame.

    What is heard is kept as it came, a byte a sample: most of it is never asked for, so most of it is never decoded.
    """

    def __init__(self, detector: Detector, heard: Callable[[Window], None]) -> None:
        """`heard` is told of each window, in order, shortly after its last sample was fed."""
        self._voice = detector.stream(self._judged)
        self._heard = heard
        self._kept = bytearray()
        self._forgotten = 0
        self._windows = 0

    @property
    def now_ms(self) -> int:
        """How much audio has been heard."""
        return (self._forgotten + len(self._kept)) // _PER_MS

    def feed(self, ulaw: bytes, lost_ms: int = 0) -> None:
        """Takes a frame, and silence for what the network lost before it."""
        if lost_ms:
            ulaw = _SILENT_MS * lost_ms + ulaw
        self._kept += ulaw
        if (excess := len(self._kept) - _KEPT) > 0:
            del self._kept[:excess]  # Cheap: a bytearray gives up its front without moving the rest.
            self._forgotten += excess
        self._voice.feed(ulaw)

    def close(self) -> None:
        """Nobody is to be told of what is still being judged."""
        self._voice.close()

    def _judged(self, probability: float, level_db: float) -> None:
        self._windows += 1
        self._heard(Window(probability, level_db, self._windows * WINDOW_MS))

    def slice(self, start_ms: int, end_ms: int) -> Pcm16:
        """The 8 kHz samples between two offsets, as far as they are still kept."""
        start = max(0, start_ms * _PER_MS - self._forgotten)
        end = max(start, end_ms * _PER_MS - self._forgotten)
        return mulaw.decode(bytes(self._kept[start:end]))
