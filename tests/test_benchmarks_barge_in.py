"""Who speaks over the agent when, and what comes of it."""

import os
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from calls import Loudness, silent, tone, utterance
from happenings import NOW
from rich.console import Console
from sounds import noise

from audio.engines import Pcm16
from benchmarks import barge_in as benchmark
from benchmarks import barge_in_report as report
from benchmarks.barge_in import BACKCHANNEL, HEADLINE, KEY, Bench, Heard, Options, Result, Script, Verdicts, write
from benchmarks.caller import Conversation
from benchmarks.callers import Utterance
from benchmarks.errors import BenchmarkError
from benchmarks.interruptions import Disturbance, Interruption, Outcome
from benchmarks.servers import Pipecat, Segue, call_sid
from benchmarks.sounds import BETWEEN
from benchmarks.turns import PIPECAT, SEGUE
from benchmarks.verdicts import Placed
from state.events import Event, PersonaSaid
from telephony.sandbox.media_leg import MarkMode

pytestmark = pytest.mark.alone

CALL = call_sid(1)
TEXT = "Good morning to you"
VOICE = noise(6.0, level=0.2)
START = 3_040


class Joe:
    """A voice without a model."""

    def synthesize(self, text: str) -> Pcm16:
        return tone(400)


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> list[Script]:
    """What is played in 24 calls."""
    monkeypatch.setattr(benchmark, "JoeVoice", Joe)
    return write(Options(calls=24), [utterance(500, name=name) for name in "abc"])


def test_every_noise_and_both_ways_of_marks_take_turns(scripts: list[Script]) -> None:
    """Half of the noises are sounds of listening; keys are pressed as well as heard."""
    kinds = [script.noise.kind for script in scripts]
    assert set(kinds) == {*BETWEEN, BACKCHANNEL, KEY}
    assert kinds.count(BACKCHANNEL) >= 10
    assert {script.marks for script in scripts} == set(MarkMode)
    assert all((script.noise.digit is not None) == (script.noise.kind == KEY) for script in scripts)
    for kind in (BACKCHANNEL, "cough"):
        assert {script.marks for script in scripts if script.noise.kind == kind} == set(MarkMode)


def test_every_utterance_comes_over_the_agent(scripts: list[Script]) -> None:
    """The pack is dealt to its end before one comes again."""
    assert {script.interruption.name for script in scripts[:3]} == set("abc")


class System:
    """A server whose calls are known before they are made."""

    def __init__(self, log: list[Event]) -> None:
        self.events = log
        self.replies: dict[str, list[str]] = {}

    async def answer(self, call: str) -> str:
        return "alone"

    async def invite(self, call: str) -> "System":
        return self

    def leg(self, marks: MarkMode) -> str:
        return "disturbed"

    async def log(self, call: str) -> list[Event]:
        return self.events

    def prepare(self, replies: dict[str, list[str]]) -> None:
        self.replies = replies


class Ears:
    """A detector that needs no model."""

    def stream(self) -> Loudness:
        return Loudness()


class Words:
    """Knows when the words of VOICE are over."""

    def word_ends(self, pcm: Pcm16, text: str) -> list[int]:
        return [1_000, 2_000, 3_000, 5_000]


@pytest.mark.anyio
async def test_recordings_become_figures(
    monkeypatch: pytest.MonkeyPatch, scripts: list[Script], tmp_path: Path
) -> None:
    """The bot is told what Segue said; only Segue's record is compared; recordings are kept."""

    async def alone(*_: object) -> Conversation:
        return Conversation(recording=np.stack([silent(6_000), VOICE], axis=1))

    async def disturbed(_: str, script: Script) -> Heard:
        left, right = silent(6_000), VOICE.copy()
        right[(START + 160) * 8 :] = 0
        left[START * 8 : START * 8 + len(script.interruption.pcm)] = script.interruption.pcm
        left[8_000 : 8_000 + len(script.noise.sound.pcm)] = script.noise.sound.pcm
        noise, meant = Placed(script.noise.sound, 8_000), Placed(script.interruption, START * 8)
        return Heard(noise, meant, np.stack([left, right], axis=1))

    monkeypatch.setattr(benchmark, "converse", alone)
    monkeypatch.setattr(benchmark, "listen", disturbed)
    monkeypatch.setattr(benchmark, "SileroModel", Ears)
    monkeypatch.setattr(benchmark, "Aligner", Words)
    heard = "Good morning to"
    said = PersonaSaid(id="p", at=NOW, call=CALL, turn=1, text=TEXT, heard=heard, cut_ms=START + 160)
    segue, bot = System([said]), System([])
    options = Options(calls=1, compare=True, keep_audio=tmp_path)
    bench = Bench(cast(Segue, segue), cast(Pipecat, bot), options)
    await bench.warm_up()
    assert bot.replies == {call_sid(0): [TEXT]}
    await bench.play({CALL: scripts[0]})
    assert bot.replies == {CALL: [TEXT]}
    verdicts = bench.judge()
    [ours], [theirs] = verdicts[SEGUE].interruptions, verdicts[PIPECAT].interruptions
    assert (ours.stop_ms, ours.record_matches, theirs.record_matches) == (160, True, None)
    assert [one.outcome for one in verdicts[SEGUE].disturbances] == [Outcome.WENT_ON]
    kept = {f"001-{name}.{kind}" for name in (SEGUE, PIPECAT) for kind in ("json", "wav")}
    assert set(os.listdir(tmp_path)) == kept


def test_callers_speak_from_their_first_sound_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has no clear beginning is not played, and named."""
    monkeypatch.setattr(benchmark, "SileroModel", Ears)
    late = Utterance("late", "", np.concatenate((silent(800), tone(600))))
    soft = Utterance("soft", "", np.concatenate((tone(400) // 40, silent(300), tone(600))))
    [kept], left_out = benchmark.clear([late, soft])
    assert (kept.name, len(kept.pcm) // 8, left_out) == ("late", 600, ["soft"])
    with pytest.raises(BenchmarkError, match="bring others"):
        benchmark.clear([soft])


def test_the_report_tells_stops_noises_and_what_was_not_counted(tmp_path: Path) -> None:
    """In a table, in JSON with the main figures on top, and in a picture."""
    noises = [Disturbance("c", "cough", outcome, 0, 90) for outcome in (Outcome.STOPPED, Outcome.WENT_ON)]
    verdicts = Verdicts([Interruption("u", Outcome.STOPPED, 0, 180, 300, record_matches=True)], noises)
    quiet = Verdicts([Interruption("u", Outcome.QUIET)], [])
    result = Result(
        Options(), "", {"cpus": 2, "processor": "one"}, {SEGUE: verdicts, PIPECAT: quiet}, ["segue, call 1: odd"]
    )
    console = Console(record=True, width=160, file=(tmp_path / "shown").open("w"))
    report.show(result, console)
    text = console.export_text()
    assert "50.0% of 2" in text
    assert "Pipecat: 1 not counted: the agent was not speaking when it began" in text
    assert "segue, call 1: odd" in text
    data = result.as_json()
    assert {key: data[key] for key in HEADLINE} == {key: data[SEGUE][key] for key in HEADLINE}
    assert data["stop_to_silence_p95_ms"] == 180
    report.plot(result, tmp_path / "plot.png")
    assert (tmp_path / "plot.png").stat().st_size > 10_000
