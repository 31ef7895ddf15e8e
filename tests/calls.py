"""Recordings of calls whose truth is known, and a voice detector that needs no model."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from audio.engines import Pcm16
from benchmarks.callers import Utterance, on_the_line
from benchmarks.verdicts import Placed

WINDOW = 256


class Loudness:
    """A voice detector for test tones: what is loud is speech. Implements VoiceActivity."""

    def feed(self, pcm: Pcm16) -> list[float]:
        windows = pcm[: len(pcm) // WINDOW * WINDOW].reshape(-1, WINDOW).astype(np.float64)
        return [0.9 if level > 300 else 0.0 for level in np.sqrt((windows**2).mean(axis=1))]


def utterance(*stretches_ms: int, name: str = "u") -> Utterance:
    """Sound and silence in turn, beginning with sound."""
    parts = [tone(ms) if index % 2 == 0 else silent(ms) for index, ms in enumerate(stretches_ms)]
    return Utterance(name, f"the words of {name}", on_the_line(np.concatenate(parts)))


def tone(ms: int) -> Pcm16:
    """500 Hz at speech level."""
    return (6_000 * np.sin(2 * np.pi * 500 * np.arange(ms * 8) / 8_000)).astype(np.int16)


def silent(ms: int) -> Pcm16:
    """Digital silence."""
    return np.zeros(ms * 8, np.int16)


def call(
    said: Sequence[tuple[int, Utterance]], agent: Sequence[tuple[int, int]], length_ms: int = 10_000
) -> tuple[npt.NDArray[np.int16], list[Placed]]:
    """A recording on which utterances begin, and the agent sounds between, the given ms; and where each was placed."""
    recording = np.zeros((length_ms * 8, 2), np.int16)
    for start, one in said:
        recording[start * 8 : start * 8 + len(one.pcm), 0] = one.pcm
    for start, end in agent:
        recording[start * 8 : end * 8, 1] = tone(end - start)
    return recording, [Placed(one, start * 8) for start, one in said]
