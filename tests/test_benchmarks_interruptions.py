"""What is read from a recording of somebody who speaks over the agent."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from calls import Loudness, silent, tone, utterance
from sounds import noise

from audio.engines import Pcm16
from benchmarks.barge_in_figures import as_json
from benchmarks.callers import Utterance
from benchmarks.interruptions import (
    Cut,
    Disturbance,
    Interruption,
    Outcome,
    Recording,
    Undisturbed,
    begins_clearly,
    compare,
    judge_disturbance,
    judge_interruption,
    longest_silence,
)
from benchmarks.verdicts import Placed

START = 3_040
"""ms: where a frame and a window of the voice detector begin together."""
TEXT = "one two three four five six seven eight"
VOICE = noise(8.0, level=0.2)
"""An agent of whom every piece sounds different; each second is a word, and it is over in the middle of it."""
WHOLE = Undisturbed(VOICE, range(500, 8_500, 1_000))


def recording(agent: Sequence[tuple[int, Pcm16]], caller: Sequence[tuple[int, Utterance]]) -> Recording:
    """A call on which each side sounds from the given ms on."""
    stereo = np.zeros((10_000 * 8, 2), np.int16)
    for start, pcm in agent:
        stereo[start * 8 : start * 8 + len(pcm), 1] = pcm
    for start, one in caller:
        stereo[start * 8 : start * 8 + len(one.pcm), 0] = one.pcm
    return Recording.of(stereo, Loudness())


def said_until(ms: int) -> Pcm16:
    """What the agent has said by then."""
    return VOICE[: ms * 8]


def meant(stop_ms: int, more: Sequence[tuple[int, Pcm16]] = ()) -> tuple[Recording, Interruption]:
    """A caller who speaks for a second from START on; the agent stops so long after he began."""
    one = utterance(1_000)
    call = recording([(0, said_until(START + stop_ms)), *more], [(START, one)])
    return call, judge_interruption(call, Placed(one, START * 8), "u")


def test_stopping_is_timed_from_the_callers_first_sound_to_the_agents_last() -> None:
    """And the answer from the caller's last."""
    _, verdict = meant(200, more=[(START + 1_500, tone(400))])
    assert verdict.outcome is Outcome.STOPPED
    assert (verdict.start_ms, verdict.stop_ms, verdict.answer_ms) == (START, 200, 500)


def test_who_speaks_again_while_the_caller_does_had_not_stopped() -> None:
    """His last sound counts."""
    _, verdict = meant(200, more=[(START + 600, tone(200))])
    assert verdict.stop_ms == pytest.approx(800, abs=10)


def test_who_talks_on_is_counted_as_talking_on() -> None:
    """With the time until he was silent."""
    _, verdict = meant(2_000)
    assert (verdict.outcome, verdict.stop_ms, verdict.answer_ms) == (Outcome.WENT_ON, 2_000, None)


def test_over_a_silent_agent_nothing_is_measured() -> None:
    """Also not where energy and voice detector disagree, or nothing was said."""
    one = utterance(1_000)
    call = recording([(0, said_until(2_000))], [(START, one)])
    assert judge_interruption(call, Placed(one, START * 8), "u").outcome is Outcome.QUIET
    soft = Utterance("s", "", np.concatenate((tone(400) // 40, silent(300), tone(600))))
    call = recording([(0, said_until(5_000))], [(START, soft)])
    assert judge_interruption(call, Placed(soft, START * 8), "s").outcome is Outcome.UNTRUSTED
    assert judge_interruption(call, None, "u").outcome is Outcome.UNSAID


@pytest.mark.parametrize(
    ("record", "right"),
    [
        (Cut("one two three", 3_200), True),
        (Cut("one two three four", 3_240), True),
        (Cut("one two three four five", 3_200), False),
        (Cut("one", 3_200), False),
        (Cut("one two three", 3_400), False),
        (Cut(TEXT, None), False),
    ],
)
def test_the_record_is_compared_with_what_was_audible(record: Cut, right: bool) -> None:
    """Words to within the one he was cut in, and ms to within three frames."""
    call, verdict = meant(160)
    compared = compare(verdict, call, WHOLE, record)
    assert compared.heard_ms == pytest.approx(3_200, abs=10)
    assert compared.record_matches is right


def test_a_cut_between_two_sentences_may_lie_anywhere_in_the_silence() -> None:
    """Nothing sounds there, so nobody heard where it was."""
    whole = Undisturbed(np.concatenate((said_until(3_200), silent(400), VOICE[3_200 * 8 :])), WHOLE.word_ends)
    call, verdict = meant(160)
    assert compare(verdict, call, whole, Cut("one two three", 3_550)).record_matches
    assert not compare(verdict, call, whole, Cut("one two three", 3_700)).record_matches


def disturbed(after: Sequence[tuple[int, Pcm16]]) -> Disturbance:
    """A noise at 2 s over an agent who is silent from 2.2 s until he says this."""
    one = utterance(300, name="cough")
    call = recording([(0, said_until(2_200)), *after], [(2_000, one)])
    return judge_disturbance(call, Placed(one, 16_000), "cough", WHOLE, 9_000)


def test_who_goes_on_with_his_words_was_not_interrupted() -> None:
    """However long he was silent; that is reported."""
    verdict = disturbed([(3_000, VOICE[2_000 * 8 : 6_000 * 8])])
    assert (verdict.outcome, verdict.dip_ms) == (Outcome.WENT_ON, 800)


def test_who_says_something_else_or_nothing_was_interrupted() -> None:
    """A new sentence answers the noise; silence waits for it."""
    assert disturbed([(3_000, noise(3.0, level=0.2, seed=9))]).outcome is Outcome.STOPPED
    assert disturbed([]).outcome is Outcome.STOPPED
    assert disturbed([(3_000, said_until(6_000))]).outcome is Outcome.STOPPED, "he began anew"
    assert disturbed([(6_000, VOICE[2_000 * 8 : 5_000 * 8])]).outcome is Outcome.STOPPED


def test_a_piece_is_found_where_it_was_said() -> None:
    """Whatever was said before and behind it; what was not said is not found, and silence is nowhere."""
    assert WHOLE.find(VOICE[16_000:19_200]) == 2_400
    assert WHOLE.find(noise(0.4, level=0.2, seed=9)) is None
    assert WHOLE.find(silent(400)) is None
    assert Undisturbed(VOICE[:800]).find(VOICE[:3_200]) is None


def test_how_much_of_a_text_was_audible() -> None:
    """Said with a pause in it, it was all there but the piece the pause fell into."""
    assert WHOLE.share_in(np.concatenate((VOICE[:25_600], silent(900), VOICE[24_800:]))) > 0.9
    assert WHOLE.share_in(VOICE[:32_000]) == pytest.approx(0.5, abs=0.05)
    assert Undisturbed(silent(1_000)).share_in(VOICE) == 0.0


def test_a_recording_must_begin_clearly() -> None:
    """A beginning that only one of energy and voice detector hears cannot be timed."""
    quiet = silent(480)
    assert begins_clearly(np.concatenate((quiet, tone(600), quiet)), Loudness())
    assert not begins_clearly(np.concatenate((quiet, tone(400) // 40, silent(300), tone(600), quiet)), Loudness())


def test_the_longest_silence_may_lie_at_either_end() -> None:
    """Or in between."""
    call = recording([(1_000, tone(500)), (3_000, tone(500))], [])
    assert longest_silence(call.agent, 500, 5_500) == pytest.approx(2_000, abs=10)
    assert longest_silence(call.agent, 1_200, 3_200) == pytest.approx(1_500, abs=10)


def test_figures_count_what_counts() -> None:
    """Rates are of what was measured, and None where nothing was."""
    stops = [Interruption("u", Outcome.STOPPED, 0, ms, 300, record_matches=ms < 250) for ms in (100, 200, 300)]
    talked = Interruption("u", Outcome.WENT_ON, 0, 2_000)
    unsaid = Interruption("u", Outcome.UNSAID)
    noises = [Disturbance("c", "cough", outcome, 0, 90) for outcome in (Outcome.STOPPED, Outcome.WENT_ON)]
    block: dict[str, Any] = as_json([*stops, talked, unsaid], noises)
    assert (block["n"], block["stop_to_silence_p50_ms"], block["discarded"]) == (4, 250.0, 1)
    assert (block["missed_interruptions_rate"], block["answered_rate"]) == (0.25, 0.75)
    assert (block["record_matches_heard_rate"], block["record_compared"]) == (pytest.approx(2 / 3, abs=1e-4), 3)
    assert block["false_interruptions_rate"] == block["by_noise"]["cough"]["false_interruptions_rate"] == 0.5
    assert as_json([], [])["false_interruptions_rate"] is None
