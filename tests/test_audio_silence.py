"""Silence by loudness, fed windows of 32 ms."""

from collections.abc import Iterable

from audio.silence import REMEMBERED, Silence

WINDOW_MS = 32


def line(levels: Iterable[float]) -> Silence:
    """A line on which windows of these loudnesses were heard."""
    silence = Silence()
    for index, level_db in enumerate(levels):
        silence.hears(index * WINDOW_MS, level_db)
    return silence


def test_a_quiet_line_is_silent_from_where_the_words_fade() -> None:
    """The last of a word, 30 dB below its vowels, still belongs to it."""
    assert line([-20] * 5 + [-50] * 2 + [-58] + [-90] * 3).since_ms() == 7 * WINDOW_MS


def test_a_voice_is_no_silence() -> None:
    """Nor is one that is back after a pause."""
    assert line([-20] * 5).since_ms() is None
    assert line([-20] * 5 + [-90] * 3 + [-25]).since_ms() is None


def test_a_steady_noise_is_silence_where_voices_stand_out() -> None:
    """By its own loudness: it is never so soft as on a quiet line."""
    assert line([-50, -49] * 5 + [-20] * 5 + [-48, -49]).since_ms() == 15 * WINDOW_MS
    assert line([-50, -49] * 5 + [-35] * 5 + [-48, -49]).since_ms() is None


def test_a_noise_that_comes_and_goes_tells_nothing() -> None:
    """The detector decides there."""
    assert line([-52, -44, -40] * 4 + [-20] * 5 + [-45, -40]).since_ms() is None


def test_what_was_louder_long_ago_is_forgotten() -> None:
    """A slammed door makes no silence of a soft voice for ever."""
    assert line([-5] + [-45] * 5).since_ms() == WINDOW_MS
    assert line([-5] + [-45] * REMEMBERED).since_ms() is None
