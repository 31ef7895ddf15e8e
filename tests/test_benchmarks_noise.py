"""Conditions on the caller's line, and the report of them."""

import json
from pathlib import Path

import numpy as np
import pytest
from calls import silent, tone, utterance
from rich.console import Console

from benchmarks import noise as benchmark
from benchmarks import noise_report as report
from benchmarks.caller import Conversation
from benchmarks.callers import Utterance
from benchmarks.errors import BenchmarkError
from benchmarks.noise import CONDITIONS, Condition, Options, Played, Result
from benchmarks.noise_verdicts import CallVerdict
from benchmarks.noisy_handset import NoisyHandset
from benchmarks.sounds import SPEECH_LEVEL, level
from benchmarks.turns import PIPECAT, SEGUE
from benchmarks.verdicts import Outcome, Placed, Turn
from telephony.sandbox.media_leg import MarkMode

pytestmark = pytest.mark.alone

VOICES = [np.concatenate((tone(900), silent(300)))]


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda condition: condition.name)
def test_a_background_is_as_far_below_speech_as_its_condition_says(condition: Condition) -> None:
    """An echo or a quiet line has none."""
    pcm = benchmark._background(condition, 1, VOICES)
    if condition.snr_db is None:
        assert pcm is None
        return
    assert pcm is not None
    below_db = 20 * np.log10(SPEECH_LEVEL / level(pcm / 32_768))
    assert below_db == pytest.approx(condition.snr_db, abs=1)


def test_every_condition_is_played_with_both_ways_of_marks() -> None:
    """And with callers as loud as each other."""
    calls = benchmark._calls(Options(calls=2, turns=1), [Utterance("u", "", VOICES[0])])
    assert {(call.condition, call.marks) for call in calls} == {(one, mode) for one in CONDITIONS for mode in MarkMode}
    said = benchmark._at_speech_level(utterance(500))
    assert level(said.pcm / 32_768) == pytest.approx(SPEECH_LEVEL, rel=0.05)


@pytest.mark.anyio
async def test_some_conditions_can_be_had_alone() -> None:
    """By a part of their name; one that nobody knows is told with those that are."""
    assert [one.echo_db for one in Options(only="own voice").conditions] == [-20, -25, -30]
    with pytest.raises(BenchmarkError, match="'fog': quiet; hiss, 20 dB"):
        await benchmark.run(Options(only="fog"), lambda line: None)


def result() -> Result:
    """Two conditions; in one a turn was missed."""
    answered = CallVerdict([Turn("u", "", Outcome.ANSWERED, 0, 320)], 0, 8_400, opening_whole=True)
    missed = CallVerdict(
        [Turn("u", "", outcome, 0) for outcome in (Outcome.NO_ANSWER, Outcome.UNSAID)], 1, 11_000, True
    )
    calls = {SEGUE: {CONDITIONS[0]: [answered], CONDITIONS[1]: [missed]}}
    calls[PIPECAT] = {CONDITIONS[0]: [missed], CONDITIONS[1]: [answered]}
    return Result(Options(compare=True), "", {"cpus": 2, "processor": "one"}, calls, ["hiss: odd"])


def test_the_report_has_a_row_for_each_condition(tmp_path: Path) -> None:
    """In a table, in JSON and in a picture; what was not counted is told."""
    console = Console(record=True, width=160, file=(tmp_path / "shown").open("w"))
    report.show(result(), console)
    text = console.export_text()
    assert "Segue, hiss, 20 dB: 1 not counted: the call ended before" in text
    assert "hiss: odd" in text
    data = json.loads(json.dumps(result().as_json()))
    assert [row["missed_turns_rate"] for row in data["segue"]["conditions"]] == [0.0, 1.0]
    assert [row["missed_turns_rate"] for row in data["pipecat"]["conditions"]] == [1.0, 0.0]
    assert data["conditions"] == data["segue"]["conditions"]
    assert data["longest_mutual_silence_ms"] == 11_000
    report.plot(result(), tmp_path / "plot.png")
    assert (tmp_path / "plot.png").stat().st_size > 10_000


def test_what_is_kept_is_what_the_line_carried(tmp_path: Path) -> None:
    """Noise and all, under a name that says which condition it was."""
    call = benchmark._calls(Options(calls=1, turns=1), [Utterance("u", "", VOICES[0])])[1]
    one = utterance(200)
    conversation = Conversation([Placed(one, 0)], np.stack([silent(500), silent(500)], axis=1))
    played = Played(call, NoisyHandset(call.background), conversation)
    benchmark._keep(tmp_path, SEGUE, played, CallVerdict([], 0, 0, opening_whole=True))
    assert [path.name for path in sorted(tmp_path.iterdir())] == [
        "002-segue-hiss-20-dB.json",
        "002-segue-hiss-20-dB.wav",
    ]
