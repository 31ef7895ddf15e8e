"""The shared detector, with a model that notes what it was asked."""

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest

from audio import mulaw
from audio.detector import Detector, Heard
from audio.engines import Pcm16
from audio.pcm import SILENT_DB
from audio.vad import WINDOW

pytestmark = pytest.mark.anyio


class Noting:
    """A model that takes a window's level for its probability, and notes the batches."""

    def __init__(self) -> None:
        self.batches: list[list[object]] = []
        self.fails = False

    def stream(self) -> object:
        """A call's memory: nothing."""
        return object()

    def hear(self, streams: Sequence[object], windows: Pcm16) -> list[float]:
        """The levels."""
        self.batches.append(list(streams))
        if self.fails:
            raise OSError("the model is gone")
        return [round(float(np.abs(window).mean()) / 8000, 2) for window in windows]


def window(level: float) -> bytes:
    """32 ms of a constant level, as a share of a quarter of full scale."""
    return mulaw.encode(np.full(WINDOW, level * 8000, np.int16))


def into(heard: list[float]) -> Heard:
    """Keeps the probabilities it is told."""
    return lambda probability, level_db: heard.append(probability)


async def settled(heard: list[float], count: int) -> None:
    """Until so many verdicts have come."""
    async with asyncio.timeout(60):
        while len(heard) < count:  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.001)


async def test_each_call_hears_of_its_own_windows_in_order() -> None:
    """Also of several that were fed at once: the model's memory needs the first before the second."""
    model = Noting()
    detector = Detector(model)
    first: list[float] = []
    second: list[float] = []
    one, other = detector.stream(into(first)), detector.stream(into(second))
    one.feed(window(0.1) + window(0.5) + window(0.9))
    other.feed(window(0.7)[:100])
    other.feed(window(0.7)[100:])
    await settled(first, 3)
    detector.close()
    assert np.allclose(first, [0.1, 0.5, 0.9], atol=0.03)
    assert np.allclose(second, [0.7], atol=0.03)
    assert all(len(set(batch)) == len(batch) for batch in model.batches)


async def test_windows_that_come_together_are_judged_together() -> None:
    """The first does not wait; what comes while it is judged, or right after, is one batch."""
    model = Noting()
    detector = Detector(model)
    heard: list[float] = []
    for _ in range(20):
        detector.stream(into(heard)).feed(window(0.3))
    await settled(heard, 20)
    detector.close()
    assert [len(batch) for batch in model.batches] == [1, 19]


async def test_a_failing_model_leaves_the_calls_their_time() -> None:
    """Every window gets a verdict, nobody speaking, so that later ones are not taken for earlier ones."""
    model = Noting()
    detector = Detector(model)
    heard: list[float] = []
    stream = detector.stream(into(heard))
    model.fails = True
    stream.feed(window(0.9))
    await settled(heard, 1)
    model.fails = False
    stream.feed(window(0.5))
    await settled(heard, 2)
    detector.close()
    assert heard[0] == 0.0
    assert np.isclose(heard[1], 0.5, atol=0.03)


async def test_a_closed_stream_is_told_nothing() -> None:
    """A call that is over is not disturbed by what was still being judged."""
    detector = Detector(Noting())
    heard: list[float] = []
    others: list[float] = []
    stream = detector.stream(into(heard))
    stream.feed(window(0.9))
    stream.close()
    detector.stream(into(others)).feed(window(0.2))
    await settled(others, 1)
    detector.close()
    assert heard == []


async def test_each_window_comes_with_its_loudness() -> None:
    """By which those behind the lead are told from him; silence has one too."""
    detector = Detector(Noting())
    heard: list[float] = []
    stream = detector.stream(lambda probability, level_db: heard.append(level_db))
    stream.feed(window(0.5) + window(0.05) + window(0.0))
    await settled(heard, 3)
    detector.close()
    assert np.allclose(heard, [-18.3, -38.3, SILENT_DB], atol=0.5)
