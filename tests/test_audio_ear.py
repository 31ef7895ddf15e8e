"""The ear, with a detector that only counts."""

import numpy as np

from audio import mulaw
from audio.ear import KEPT_MS, Ear
from audio.engines import Pcm16


class Counter:
    """A detector that completes a window every 256 samples."""

    def __init__(self) -> None:
        self.samples = 0

    def feed(self, pcm: Pcm16) -> list[float]:
        before = self.samples // 256
        self.samples += len(pcm)
        return [0.5] * (self.samples // 256 - before)


def ramp(samples: int, start: int = 0) -> Pcm16:
    """Samples that differ, at levels μ-law keeps."""
    return (np.arange(start, start + samples) % 200 * 100).astype(np.int16)


def test_windows_end_where_their_audio_ends() -> None:
    """Frames of 20 ms complete windows of 32 ms."""
    ear = Ear(Counter())
    ends = [window.end_ms for _ in range(8) for window in ear.feed(bytes([mulaw.SILENCE]) * 160)]
    assert ends == [32, 64, 96, 128, 160]
    assert ear.now_ms == 160


def test_a_slice_is_what_was_heard() -> None:
    """Offsets are ms of the call's audio."""
    ear = Ear(Counter())
    sound = mulaw.decode(mulaw.encode(ramp(1600)))
    ear.feed(mulaw.encode(ramp(1600)))
    np.testing.assert_array_equal(ear.slice(50, 100), sound[400:800])


def test_lost_audio_is_silence_and_keeps_the_clock() -> None:
    """A gap in the timestamps must not pull two words together."""
    ear = Ear(Counter())
    ear.feed(mulaw.encode(ramp(160)))
    ear.feed(mulaw.encode(ramp(160)), lost_ms=40)
    assert ear.now_ms == 80
    assert not ear.slice(20, 60).any()


def test_only_the_last_minute_is_kept() -> None:
    """A slice that starts too early is cut, not filled with something else."""
    ear = Ear(Counter())
    for _ in range(KEPT_MS // 1000 + 1):
        ear.feed(mulaw.encode(ramp(8000)))
    assert len(ear.slice(0, 2000)) == 8000
    assert len(ear.slice(ear.now_ms - 500, ear.now_ms + 500)) == 4000
