"""The judge, on recordings whose truth is known."""

import numpy as np

from audio.engines import Pcm16
from audio.judge import CLEAN_RANGE_DB, Gap, Span, agreed_end, gaps, spans, stop_times, voice_ends


def tone(*stretches: tuple[int, int], length_ms: int = 5000, level: int = 8000) -> Pcm16:
    """A recording that sounds between the given ms."""
    pcm = np.zeros(length_ms * 8, np.int16)
    for start, end in stretches:
        at = np.arange((end - start) * 8)
        pcm[start * 8 : end * 8] = (level * np.sin(at * 0.3)).astype(np.int16)
    return pcm


def test_sounds_are_found_to_the_frame() -> None:
    """Edges are right to 10 ms."""
    assert spans(tone((500, 1500), (2500, 3000))) == [Span(500, 1500), Span(2500, 3000)]


def test_short_silences_are_inside_a_turn() -> None:
    """A stop consonant is not a turn's end."""
    assert spans(tone((500, 1000), (1200, 1500))) == [Span(500, 1500)]


def test_clicks_and_quiet_noise_are_not_speech() -> None:
    """Neither 20 ms of anything nor noise 40 dB down counts."""
    pcm = tone((500, 1500), (3000, 3020))
    pcm[16000:20000] += np.random.default_rng(1).integers(-30, 30, 4000).astype(np.int16)
    assert spans(pcm) == [Span(500, 1500)]


def test_a_soft_beginning_is_heard_on_a_clean_side() -> None:
    """An "s" 40 dB below the vowel behind it begins the agent's answer; on a caller's side it could be noise."""
    pcm = tone((700, 1500))
    pcm[4800:5600] = tone((600, 700), level=100)[4800:5600]
    assert spans(pcm) == [Span(700, 1500)]
    assert spans(pcm, range_db=CLEAN_RANGE_DB) == [Span(600, 1500)]


def test_silence_has_no_turns() -> None:
    """Nothing is found in nothing."""
    assert spans(np.zeros(8000, np.int16)) == []
    assert spans(np.zeros(0, np.int16)) == []


def test_a_gap_runs_from_the_callers_end_to_the_agents_start() -> None:
    """One gap for each answered turn."""
    caller = [Span(1000, 2000), Span(6000, 7000)]
    agent = [Span(0, 800), Span(2320, 5000), Span(7400, 8000)]
    assert gaps(caller, agent) == [Gap(2000, 320), Gap(7000, 400)]


def test_turns_spoken_over_or_continued_have_no_gap() -> None:
    """An agent already speaking at the end, or a caller who goes on, is no answer."""
    assert gaps([Span(1000, 2000)], [Span(1800, 3000)]) == []
    assert gaps([Span(1000, 2000), Span(2500, 3000)], [Span(3300, 4000)]) == [Gap(3000, 300)]


def test_stop_time_runs_from_the_callers_start() -> None:
    """An interruption is a caller's start inside the agent's speech."""
    assert stop_times([Span(1000, 2000)], [Span(0, 1180), Span(2500, 3000)]) == [180]


class Counter:
    """A detector that says speech in the windows it is given."""

    def __init__(self, windows: list[float]) -> None:
        self.windows = windows

    def feed(self, pcm: Pcm16) -> list[float]:
        return self.windows


def test_an_end_the_detector_disagrees_with_is_none() -> None:
    """Energy and voice detection must name the same end; of the two the earlier counts."""
    ends = voice_ends(tone(), Counter([0.1, 0.9, 0.9, 0.4, 0.2, 0.1]))
    assert ends == [4 * 32]
    assert agreed_end(100, ends) == 100
    assert agreed_end(300, ends) == 4 * 32
    assert agreed_end(1000, ends) is None


def test_a_pause_before_the_last_word_is_not_its_end() -> None:
    """The detector heard a pause, then the word, a little long: the word's end by energy is the end."""
    assert agreed_end(1000, [400, 810, 1200]) == 1000


def test_a_click_before_an_answer_does_not_begin_it() -> None:
    """Less than 40 ms of sound, with silence behind it; the burst of a consonant right before its vowel does."""
    assert spans(tone((500, 520), (700, 1500))) == [Span(700, 1500)]
    assert spans(tone((640, 660), (700, 1500))) == [Span(640, 1500)]
