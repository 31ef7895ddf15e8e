"""What a scripted person understands of what he heard."""

import asyncio

import numpy as np

from audio.engines import FRAME_SAMPLES, TELEPHONE_RATE, Pcm16, SpeechToText

LONGEST_PIECE = 7 * TELEPHONE_RATE
"""Samples the recogniser takes at once; its window is 8 s."""
SHORTEST_PIECE = TELEPHONE_RATE // 4
"""Less than this is a click, and recognisers make up words for those."""


class Ears:
    """Recognises whole turns, one at a time, off the event loop."""

    def __init__(self, stt: SpeechToText) -> None:
        self._stt = stt
        self._one_at_a_time = asyncio.Lock()

    async def understand(self, pcm: Pcm16) -> str:
        """The words of 8 kHz audio of any length; empty if there are none."""
        async with self._one_at_a_time:
            words = [(await asyncio.to_thread(self._stt.transcribe, piece)).text for piece in pieces(pcm)]
        return " ".join(word.strip() for word in words if word.strip())


def pieces(pcm: Pcm16) -> list[Pcm16]:
    """Cuts a turn into pieces a recogniser takes, each at the quietest moment of its last two seconds."""
    rest = _trimmed(pcm)
    cut = []
    while len(rest) > LONGEST_PIECE:
        at = _quietest(rest, LONGEST_PIECE - 2 * TELEPHONE_RATE, LONGEST_PIECE)
        cut.append(rest[:at])
        rest = rest[at:]
    cut.append(rest)
    return [piece for piece in cut if len(piece) >= SHORTEST_PIECE]


def _levels(pcm: Pcm16) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    frames = pcm[: len(pcm) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES).astype(np.float64)
    return np.asarray(np.sqrt(np.mean(frames**2, axis=1)))


def _trimmed(pcm: Pcm16) -> Pcm16:
    """Without the silence before and after, but for a tenth of a second of it."""
    loud = np.flatnonzero(_levels(pcm) > 150)
    if not len(loud):
        return pcm[:0]
    margin = TELEPHONE_RATE // 10
    return pcm[max(0, int(loud[0]) * FRAME_SAMPLES - margin) : (int(loud[-1]) + 1) * FRAME_SAMPLES + margin]


def _quietest(pcm: Pcm16, start: int, end: int) -> int:
    """The middle of the quietest 200 ms between two positions."""
    levels = np.convolve(_levels(pcm[start:end]), np.ones(10), mode="valid")
    return start + (int(np.argmin(levels)) + 5) * FRAME_SAMPLES
