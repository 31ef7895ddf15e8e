"""Measures turns from a call's stereo recording alone; it knows nothing of our logs.

Left is the caller as he sent, right is the agent as it was played to him, both on the caller's clock. A sound is heard
where its energy is; where the voice detector does not agree with the energy, the measurement is not trusted.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from audio.engines import TELEPHONE_RATE, Pcm16, VoiceActivity

FRAME_MS = 10
_FRAME = TELEPHONE_RATE * FRAME_MS // 1000
RANGE_DB = 35.0
"""A frame this far below the loudest one is silence,"""
CLEAN_RANGE_DB = 45.0
"""(or this far, on a side that has no noise: an "s" at the beginning of a reply is that soft on a telephone)"""
FLOOR_DB = -55.0
"""and so is any frame below this level (dB of full scale)."""
JOIN_MS = 250
"""Silences shorter than this lie inside a word or between two."""
SHORTEST_MS = 40
"""Anything shorter is a click,"""
CLICK_MS = 100
"""unless other sound is nearer than this: then it is the burst of a consonant. A click in front of an answer must not
make it an earlier one."""
AGREEMENT_MS = 250
"""How far the end of speech by energy and by voice detection may lie apart."""


class Span(NamedTuple):
    """A stretch of sound, ms from the recording's start."""

    start_ms: int
    end_ms: int


class Gap(NamedTuple):
    """From the caller's last speech sample to the first sample of the answer."""

    end_ms: int
    gap_ms: int


def spans(pcm: Pcm16, join_ms: int = JOIN_MS, range_db: float = RANGE_DB) -> list[Span]:
    """Where one side of an 8 kHz recording sounds; silences shorter than `join_ms` are bridged.

    The agent's side is synthetic and free of noise: `CLEAN_RANGE_DB` finds the first soft consonant there.
    """
    loud = _loud(pcm, range_db)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], loud.astype(np.int8), [0]))))
    runs = [Span(int(start), int(end)) for start, end in edges.reshape(-1, 2) * FRAME_MS]
    return _joined(_joined(runs, min(CLICK_MS, join_ms)), join_ms)


def _joined(runs: Sequence[Span], join_ms: int) -> list[Span]:
    """With the silences between them bridged that are shorter than this, and without what is a click even so."""
    joined: list[Span] = []
    for run in runs:
        if joined and run.start_ms - joined[-1].end_ms < join_ms:
            joined[-1] = Span(joined[-1].start_ms, run.end_ms)
        else:
            joined.append(run)
    return [span for span in joined if span.end_ms - span.start_ms >= SHORTEST_MS]


def _loud(pcm: Pcm16, range_db: float) -> npt.NDArray[np.bool_]:
    frames = pcm[: len(pcm) // _FRAME * _FRAME].reshape(-1, _FRAME).astype(np.float64) / 32768
    if not len(frames):
        return np.zeros(0, np.bool_)
    level = 10 * np.log10((frames**2).mean(axis=1) + 1e-12)
    loud: npt.NDArray[np.bool_] = level > max(FLOOR_DB, float(level.max()) - range_db)
    return loud


def gaps(caller: Sequence[Span], agent: Sequence[Span]) -> list[Gap]:
    """The answered turns: where the caller ended, and how long it took until the agent began.

    A turn the agent spoke over, or one the caller went on from before an answer came, has no gap.
    """
    found: list[Gap] = []
    for index, span in enumerate(caller):
        until = caller[index + 1].start_ms if index + 1 < len(caller) else float("inf")
        onset = next((other.start_ms for other in agent if other.end_ms > span.end_ms), None)
        if onset is not None and span.end_ms <= onset < until:
            found.append(Gap(span.end_ms, onset - span.end_ms))
    return found


def stop_times(caller: Sequence[Span], agent: Sequence[Span]) -> list[int]:
    """For each interruption, how long (ms) the agent went on after the caller began to speak over it."""
    return [
        other.end_ms - span.start_ms
        for span in caller
        for other in agent
        if other.start_ms < span.start_ms < other.end_ms
    ]


def voice_ends(pcm: Pcm16, detector: VoiceActivity) -> list[int]:
    """Where the voice detector hears speech end, ms from the start; a second opinion on `spans`."""
    return [span.end_ms for span in _voiced(pcm, detector)]


def voice_starts(pcm: Pcm16, detector: VoiceActivity) -> list[int]:
    """Where it hears speech begin."""
    return [span.start_ms for span in _voiced(pcm, detector)]


def _voiced(pcm: Pcm16, detector: VoiceActivity, window_ms: int = 32) -> list[Span]:
    """Stretches of speech by the voice detector; one that is not over when the recording ends is left out."""
    found: list[Span] = []
    start = 0
    speaking = False
    for index, probability in enumerate(detector.feed(pcm)):
        if speaking and probability < 0.35:
            found.append(Span(start, index * window_ms))
        loud = probability >= (0.35 if speaking else 0.5)
        if loud and not speaking:
            start = index * window_ms
        speaking = loud
    return found


def agreed_end(end_ms: int, voice_ends_ms: Sequence[int]) -> int | None:
    """Where a caller's turn ended whose last sound by energy is at `end_ms`; None if the detector does not agree.

    The detector may be late, and what still sounds may be breath or noise: the earlier of the two flatters nobody. Of
    two ends that the detector names nearby, the first is a pause in front of the last word.
    """
    near = [end for end in voice_ends_ms if abs(end - end_ms) <= AGREEMENT_MS]
    return min(end_ms, max(near)) if near else None
