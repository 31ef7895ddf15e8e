"""The ear, with a detector that only counts."""

from typing import cast

import numpy as np

from audio import mulaw
from audio.detector import Detector, Heard
from audio.ear import KEPT_MS, Ear, Window
from audio.engines import Pcm16


class Counting:
    """A detector, and its stream, that judges every 256 samples at once."""

    def __init__(self) -> None:
        self._samples = 0

    def stream(self, heard: Heard) -> "Counting":
        """Itself."""
        self._heard = heard
        return self

    def feed(self, ulaw: bytes) -> None:
        """Counts."""
        before = self._samples // 256
        self._samples += len(ulaw)
        for _ in range(self._samples // 256 - before):
            self._heard(0.5, -20.0)


def new_ear(windows: list[Window] | None = None) -> Ear:
    """An ear that tells of its windows in a list."""
    return Ear(cast(Detector, Counting()), ([] if windows is None else windows).append)


def ramp(samples: int, start: int = 0) -> Pcm16:
    """Samples that differ, at levels μ-law keeps."""
    return (np.arange(start, start + samples) % 200 * 100).astype(np.int16)


def test_windows_end_where_their_audio_ends() -> None:
    """Frames of 20 ms complete windows of 32 ms."""
    windows: list[Window] = []
    ear = new_ear(windows)
    for _ in range(8):
        ear.feed(bytes([mulaw.SILENCE]) * 160)
    assert [window.end_ms for window in windows] == [32, 64, 96, 128, 160]
    assert ear.now_ms == 160


def test_a_slice_is_what_was_heard() -> None:
    """Offsets are ms of the call's audio."""
    ear = new_ear()
    sound = mulaw.decode(mulaw.encode(ramp(1600)))
    ear.feed(mulaw.encode(ramp(1600)))
    np.testing.assert_array_equal(ear.slice(50, 100), sound[400:800])


def test_lost_audio_is_silence_and_keeps_the_clock() -> None:
    """A gap in the timestamps must not pull two words together."""
    ear = new_ear()
    ear.feed(mulaw.encode(ramp(160)))
    ear.feed(mulaw.encode(ramp(160)), lost_ms=40)
    assert ear.now_ms == 80
    assert not ear.slice(20, 60).any()


def test_only_the_last_minute_is_kept() -> None:
    """A slice that starts too early is cut, not filled with something else."""
    ear = new_ear()
    for second in range(KEPT_MS // 1000 + 1):
        ear.feed(mulaw.encode(ramp(8000, start=second)))
    assert len(ear.slice(0, 2000)) == 8000
    assert len(ear.slice(ear.now_ms - 500, ear.now_ms + 500)) == 4000
    np.testing.assert_array_equal(
        ear.slice(KEPT_MS, KEPT_MS + 1000), mulaw.decode(mulaw.encode(ramp(8000, start=KEPT_MS // 1000)))
    )
