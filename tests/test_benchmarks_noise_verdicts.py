"""What noise did to a call, by its recording."""

import numpy as np
import pytest
from calls import Loudness, call, utterance
from sounds import noise

from audio.judge import Span
from benchmarks.interruptions import Undisturbed
from benchmarks.noise_verdicts import CallVerdict, false_turns, figures, judge, mutual_silence
from benchmarks.verdicts import Outcome, Turn


def test_an_answer_and_a_question_after_a_long_silence_are_no_false_turns() -> None:
    """Nor is what goes on after a breath."""
    agent = [Span(0, 3_000), Span(3_400, 4_000), Span(7_400, 8_000), Span(16_500, 17_000)]
    assert false_turns([Span(6_000, 7_000)], agent) == 0


def test_a_turn_that_answers_nobody_is_false() -> None:
    """The agent spoke of his own accord, sooner than one asks whether anybody is there."""
    agent = [Span(0, 3_000), Span(5_000, 6_000), Span(9_400, 9_900), Span(12_000, 12_500)]
    assert false_turns([Span(8_000, 9_000)], agent) == 2


def test_mutual_silence_is_when_neither_speaks() -> None:
    """From the agent's first word to the end of the call."""
    assert mutual_silence([Span(5_000, 6_000)], [Span(1_000, 4_000), Span(8_500, 9_000)], 10_000) == 2_500
    assert mutual_silence([], [Span(1_000, 4_000)], 10_000) == 6_000
    assert mutual_silence([], [], 10_000) == 10_000


def test_a_call_is_judged_by_what_was_said_without_the_noise() -> None:
    """One turn is answered, one is not, one was not come to."""
    one, other = utterance(500, name="a"), utterance(500, name="b")
    recording, placed = call([(2_000, one), (4_000, other)], [(500, 1_500), (2_800, 3_300)])
    opening = Undisturbed(np.ascontiguousarray(recording[500 * 8 : 1_500 * 8, 1]))
    verdict = judge(recording, placed, ["a", "b", "c"], opening, Loudness())
    assert [turn.outcome for turn in verdict.turns] == [Outcome.ANSWERED, Outcome.NO_ANSWER, Outcome.UNSAID]
    assert verdict.opening_whole
    assert verdict.mutual_silence_ms == 5_500
    longer = Undisturbed(np.concatenate((opening.pcm, noise(1.0, level=0.2))))
    assert not judge(recording, placed, ["a", "b"], longer, Loudness()).opening_whole


def test_a_missed_turn_counts_here() -> None:
    """It is what is looked for; what was not said or not agreed upon is discarded."""
    outcomes = (Outcome.ANSWERED, Outcome.NO_ANSWER, Outcome.CUT_OFF, Outcome.ANSWERED, Outcome.UNSAID)
    turns = [Turn("u", "", outcome, 0, 300 if outcome is Outcome.ANSWERED else None) for outcome in outcomes]
    row = figures([CallVerdict(turns, 1, 4_000, opening_whole=True), CallVerdict([], 0, 9_000, opening_whole=False)])
    assert (row["n"], row["missed_turns_rate"], row["cut_off_rate"], row["discarded"]) == (4, 0.25, 0.25, 1)
    assert row["false_turns_per_call"] == pytest.approx(0.5)
    assert row["longest_mutual_silence_ms"] == 9_000
    assert row["openings_heard_whole_rate"] == 0.5
    assert np.isclose(row["p50_ms"], 300)
