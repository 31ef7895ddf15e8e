"""The sounds that are nobody's turn: as loud as they should be, the same for the same seed."""

from collections.abc import Callable

import numpy as np
import pytest
from sounds import noise

from audio.judge import SHORTEST_MS, spans
from benchmarks.sounds import (
    BETWEEN,
    DTMF_HZ,
    SPEECH_LEVEL,
    Wave,
    at_level,
    babble,
    hiss,
    hold_music,
    key_tone,
    level,
    mm_hm,
    music,
    one_voice,
    street,
    to_pcm,
)


@pytest.mark.parametrize("make", [*BETWEEN.values(), mm_hm], ids=[*BETWEEN, "mm-hm"])
@pytest.mark.parametrize("seed", range(5))
def test_a_sound_is_short_loud_and_the_same_again(make: Callable[[int], Wave], seed: int) -> None:
    """Under a second, loud enough to be judged by, finite, and as it was for the same seed."""
    wave = make(seed)
    assert np.isfinite(wave).all()
    assert len(wave) < 8_000
    assert sum(span.end_ms - span.start_ms for span in spans(to_pcm(wave))) >= SHORTEST_MS
    assert level(wave) > 0.5 * SPEECH_LEVEL
    assert np.array_equal(wave, make(seed))


@pytest.mark.parametrize("key", DTMF_HZ)
def test_a_key_has_its_two_tones(key: str) -> None:
    """The two strongest frequencies are those of its row and its column."""
    wave = key_tone(key, seconds=0.5)
    strongest = np.argsort(np.abs(np.fft.rfft(wave)))[-2:] * 2  # Hz: half a second has bins of 2 Hz
    assert np.allclose(sorted(strongest), DTMF_HZ[key], atol=3)


@pytest.mark.parametrize("make", [hiss, street, music, hold_music])
def test_a_background_lasts(make: Callable[[float, int], Wave]) -> None:
    """It is as long as asked for, and can be set to a level."""
    wave = at_level(make(20.0, 1), 0.02)
    assert len(wave) == 160_000
    assert level(wave) == pytest.approx(0.02, rel=0.05)


def test_hold_music_pauses() -> None:
    """Four seconds after every six."""
    wave = hold_music(20.0, 1)
    assert not wave[8 * 6_100 : 8 * 9_900].any()
    assert wave[8 * 10_100 : 8 * 12_000].any()


def test_babble_is_more_than_one_voice() -> None:
    """It has fewer pauses than a single one."""
    voices = [np.concatenate((noise(0.3, seed=n), np.zeros(2_400, np.int16))) for n in range(4)]
    alone, crowd = one_voice(4.0, 1, voices), babble(4.0, 1, voices)
    assert (crowd == 0).mean() < 0.5 * (alone == 0).mean()
