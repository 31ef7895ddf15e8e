"""What became of a turn, on recordings whose truth is known."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from calls import Loudness, call, silent, utterance

from audio.tts.hibari import HibariVoice
from audio.vad import SileroModel
from benchmarks.callers import Utterance, on_the_line
from benchmarks.verdicts import Outcome, Placed, Turn, judge_call, speech_span

pytest_plugins = ["speech"]

Waveform = npt.NDArray[np.float64]


def rms(wave: Waveform) -> float:
    """How loud it is on average."""
    return float(np.sqrt((wave**2).mean()))


def judged(said: list[tuple[int, Utterance]], agent: list[tuple[int, int]]) -> list[Turn]:
    """The verdicts on a call."""
    return judge_call(*call(said, agent), Loudness())


def test_a_gap_runs_from_the_callers_last_sound_to_the_answer() -> None:
    """Silence at the end of a recording is not speech, and what was said before is not in the gap."""
    [turn] = judged([(2000, utterance(1000, 400))], [(500, 1500), (3400, 4000)])
    assert (turn.outcome, turn.end_ms, turn.gap_ms) == (Outcome.ANSWERED, 3000, 400)


def test_every_turn_has_its_own_answer() -> None:
    """Turns are judged one by one, in the order they were said."""
    turns = judged([(1000, utterance(500)), (4000, utterance(500))], [(1800, 2500), (5000, 5600)])
    assert [turn.gap_ms for turn in turns] == [300, 500]


def test_speaking_into_a_pause_is_a_false_cut_off() -> None:
    """An agent who begins between the caller's first and last sound has cut him off, though he stops again."""
    [turn] = judged([(1000, utterance(800, 600, 800))], [(2000, 2300), (3600, 4200)])
    assert (turn.outcome, turn.gap_ms) == (Outcome.CUT_OFF, None)


def test_speaking_over_the_last_word_is_a_false_cut_off() -> None:
    """It does not matter that the agent goes on after the caller's end."""
    [turn] = judged([(1000, utterance(1000))], [(1950, 3000)])
    assert turn.outcome is Outcome.CUT_OFF


def test_a_pause_that_is_respected_is_no_cut_off() -> None:
    """The gap runs from the end of the whole utterance."""
    [turn] = judged([(1000, utterance(800, 600, 800))], [(3500, 4200)])
    assert (turn.outcome, turn.gap_ms) == (Outcome.ANSWERED, 300)


def test_a_caller_who_interrupts_measures_nothing() -> None:
    """An agent who was still talking when the caller began neither answered nor cut him off."""
    [turn] = judged([(1000, utterance(1000))], [(200, 1300), (2400, 3000)])
    assert turn.outcome is Outcome.TALKING


def test_an_answer_to_the_next_turn_is_none_to_this_one() -> None:
    """If the caller speaks again first, his earlier turn had no answer."""
    turns = judged([(1000, utterance(500)), (4000, utterance(500))], [(5000, 5600)])
    assert [turn.outcome for turn in turns] == [Outcome.NO_ANSWER, Outcome.ANSWERED]


def test_an_agent_who_asks_whether_anybody_is_there_has_not_answered() -> None:
    """What comes more than six seconds later is not about what was said."""
    [turn] = judged([(500, utterance(500))], [(8500, 9000)])
    assert (turn.outcome, turn.gap_ms) == (Outcome.NO_ANSWER, None)


def test_an_end_on_which_the_detectors_disagree_is_discarded() -> None:
    """Also if the agent answered, and also if he cut in: the trust depends on the caller's side alone."""
    # Quiet enough for the detector to hear nothing, loud enough to be sound.
    breath = Utterance("u", "", (utterance(1000, 100, 500).pcm // 20).astype(np.int16))
    spoken = utterance(1000)
    noisy = Utterance("u", "", np.concatenate([spoken.pcm, silent(100), breath.pcm]))
    [turn] = judged([(1000, noisy)], [(5000, 5500)])
    assert (turn.outcome, turn.gap_ms) == (Outcome.UNTRUSTED, None)


def test_the_earlier_end_counts_when_they_nearly_agree() -> None:
    """A little noise behind the last word does not shorten the gap."""
    spoken, tail = utterance(1000), (utterance(150).pcm // 20).astype(np.int16)
    trailing = Utterance("u", "", np.concatenate([spoken.pcm, tail]))
    [turn] = judged([(1000, trailing)], [(2500, 3000)])
    assert turn.end_ms is not None
    assert turn.end_ms <= 2048


def test_what_was_not_said_is_found_nowhere() -> None:
    """A call that ended first leaves its last utterance unsaid."""
    recording, _ = call([], [(0, 500)])
    [turn] = judge_call(recording, [Placed(utterance(500), 8000)], Loudness())
    assert turn.outcome is Outcome.UNSAID


def test_an_utterance_is_found_where_it_was_said() -> None:
    """A caller's clock that lagged puts it a little earlier than it was asked for."""
    one = utterance(500)
    recording, _ = call([(1000, one)], [])
    left = recording[:, 0].copy()
    for late_ms in (0, 7, 160, 900):
        span = speech_span(left, Placed(one, (1000 + late_ms) * 8))
        assert span is not None
        assert span.start_ms == 1000


ENDS: dict[str, Callable[[Waveform], Waveform]] = {
    "as spoken": lambda wave: wave,
    "20 dB softer": lambda wave: wave / 10,
    "fading for 150 ms": lambda wave: wave * np.clip((len(wave) - np.arange(len(wave))) / (150 * 8), 0, 1),
    "noise 40 dB below": lambda wave: wave + np.random.default_rng(1).normal(size=len(wave)) * rms(wave) / 100,
}


@pytest.mark.parametrize("end", ENDS)
def test_a_gap_is_never_found_shorter_than_it_was(end: str, agent_voice: HibariVoice, silero: SileroModel) -> None:
    """Of two opinions on where the caller ended the earlier counts, whatever his last sound is like."""
    answer = agent_voice.synthesize("Sure, got it. Thanks for that.")
    errors = []
    for line in ("It's for home insurance.", "That's nice of us.", "Five five.", "I think, maybe next week."):
        wave = ENDS[end](agent_voice.synthesize(line).astype(np.float64))
        pcm = on_the_line(wave.astype(np.int16))
        end_ms = np.flatnonzero(np.abs(wave) > np.abs(wave).max() * 10 ** (-45 / 20))[-1] / 8
        recording = np.zeros((80_000, 2), np.int16)
        recording[16_000 : 16_000 + len(pcm), 0] = pcm
        onset = round((2_000 + end_ms + 300) * 8)
        recording[onset : onset + len(answer), 1] = answer
        [turn] = judge_call(recording, [Placed(Utterance("u", line, pcm), 16_000)], silero.stream())
        assert turn.gap_ms is not None
        errors.append(turn.gap_ms - 300)
    assert min(errors) >= -10
    assert max(errors) <= 180
