"""What is done with calls once they are played: parts from the record, batches alike for all, results kept."""

import json
import random
import wave
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from calls import Loudness, call, utterance

from benchmarks import turns as benchmark
from benchmarks.caller import Conversation
from benchmarks.callers import Utterance
from benchmarks.servers import Pipecat, Segue, call_sid
from benchmarks.turns import PIPECAT, SEGUE, Bench, Options, Result, with_parts
from benchmarks.verdicts import Outcome, Parts, Turn
from state.events import Event, LeadSaid, PersonaSaid, TurnTiming

pytestmark = pytest.mark.alone

NOW = datetime(2026, 11, 18, tzinfo=UTC)
CALL = call_sid(1)


def exchange(turn: int, end_ms: int, timing: TurnTiming | None, text: str = "Right.") -> list[Event]:
    """A turn of the lead's and its answer, as the record has them."""
    return [
        LeadSaid(id=f"l{turn}", at=NOW, call=CALL, turn=turn, text="x", start_ms=end_ms - 500, end_ms=end_ms),
        PersonaSaid(id=f"p{turn}", at=NOW, call=CALL, turn=turn, text=text, heard=text, timing=timing),
    ]


def timing(**parts: float) -> TurnTiming:
    """A timing of the server's."""
    return TurnTiming(**{"gap": 0, "wait": 0, "transcript": 0, "reply": 0, "speech": 0, "send": 0, **parts})


def answered(end_ms: int, gap_ms: int) -> Turn:
    """A turn by the recording."""
    return Turn("u", "words", Outcome.ANSWERED, end_ms, gap_ms)


def test_parts_sum_to_the_gap_the_caller_had() -> None:
    """The server's detector hears the end late; that is waiting too."""
    log = exchange(2, 3080, timing(gap=260, wait=220, transcript=10, reply=5, speech=20, send=5))
    assert with_parts(answered(3000, 340), log).parts == Parts(wait=300, transcript=10, reply=5, speech=20, send=5)


def test_parts_are_those_of_the_same_turn() -> None:
    """The record's turn that ended nearest is the one."""
    log = exchange(2, 3080, timing(speech=20)) + exchange(3, 9060, timing(speech=50))
    found = with_parts(answered(9000, 300), log).parts
    assert found is not None
    assert found.speech == 50


def test_a_turn_the_record_does_not_know_has_no_parts() -> None:
    """Nor has one whose timing it does not know, nor one without an answer."""
    log = exchange(2, 3080, timing(speech=20)) + exchange(3, 9060, None)
    assert with_parts(answered(6000, 300), log).parts is None
    assert with_parts(answered(9000, 300), log).parts is None
    assert with_parts(Turn("u", "", Outcome.NO_ANSWER, 3000), log).parts is None


class Line:
    """A line whose call is known before it is made."""

    def __init__(self, system: str, call: str) -> None:
        self.system, self.call = system, call


class System:
    """A server that leaves no trace but who called it; `log` is what its record says."""

    def __init__(self, name: str, log: Sequence[Event] = ()) -> None:
        self.name = name
        self.events = list(log)
        self.replies: dict[str, list[str]] = {}

    async def answer(self, call: str) -> Line:
        return Line(self.name, call)

    async def log(self, call: str) -> list[Event]:
        return self.events

    async def metrics(self) -> str:
        return ""

    def prepare(self, replies: dict[str, list[str]]) -> None:
        self.replies = replies


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, float]]:
    """Replaces the calls by recordings; lists who was called, on which call, and the first roll of its dice."""
    rolls: list[tuple[str, str, float]] = []

    async def converse(line: Line, script: Sequence[Utterance], dice: random.Random) -> Conversation:
        rolls.append((line.system, line.call, dice.random()))
        gap = 300 if line.system == SEGUE else 900
        said = [(1000 + 3000 * index, one) for index, one in enumerate(script[:2])]
        agent = [(start + len(one.pcm) // 8 + gap, start + len(one.pcm) // 8 + gap + 500) for start, one in said]
        recording, placed = call(said, agent)
        return Conversation(placed, recording, violations=["31951 odd"] * 2, trouble=None)

    class Silero:
        def stream(self) -> Loudness:
            return Loudness()

    monkeypatch.setattr(benchmark, "converse", converse)
    monkeypatch.setattr(benchmark, "SileroModel", Silero)
    return rolls


def bench(segue: System, bots: dict[str, System], options: Options | None = None) -> Bench:
    """The bench around systems that are none."""
    return Bench(cast(Segue, segue), cast(dict[str, Pipecat], bots), options or Options())


@pytest.mark.anyio
async def test_every_system_gets_the_same_calls(played: list[tuple[str, str, float]]) -> None:
    """The same utterances on the same call with the same pauses; the bot answers with what Segue said."""
    log = exchange(1, 1580, timing(speech=7), text="Hello.") + exchange(2, 4580, timing(speech=9), text="Fine.")
    bot = System(PIPECAT)
    played_by = bench(System(SEGUE, log), {PIPECAT: bot})
    await played_by.play({CALL: [utterance(500), utterance(500)]})
    (_, first, roll), (_, second, other_roll) = played
    assert (first, roll) == (second, other_roll)
    assert bot.replies == {CALL: ["Hello.", "Fine."]}
    assert [turn.gap_ms for turn in played_by.turns[SEGUE]] == [300, 300]
    assert [turn.gap_ms for turn in played_by.turns[PIPECAT]] == [900, 900]
    assert [turn.parts.speech for turn in played_by.turns[SEGUE] if turn.parts] == [7, 9]


@pytest.mark.anyio
async def test_what_was_not_said_is_counted_too(played: list[tuple[str, str, float]]) -> None:
    """A call that broke off leaves no turn out of the count; what Twilio would ignore is told once."""
    broken = bench(System(SEGUE), {})
    await broken.play({CALL: [utterance(500, name=name) for name in "abc"]})
    assert [turn.outcome for turn in broken.turns[SEGUE]] == [Outcome.ANSWERED, Outcome.ANSWERED, Outcome.UNSAID]
    assert broken.troubles == ["segue, call 1: Twilio would ignore: 31951 odd"]


@pytest.mark.anyio
async def test_warming_up_measures_nothing(played: list[tuple[str, str, float]]) -> None:
    """Every system has one call before the first that counts."""
    cold = bench(System(SEGUE), {PIPECAT: System(PIPECAT)})
    await cold.warm_up()
    assert [(system, number) for system, number, _ in played] == [(SEGUE, call_sid(0)), (PIPECAT, call_sid(0))]
    assert cold.turns == {SEGUE: [], PIPECAT: []}


@pytest.mark.anyio
async def test_recordings_are_kept_with_their_verdicts(played: list[tuple[str, str, float]], tmp_path: Path) -> None:
    """One can listen to every figure."""
    kept = tmp_path / "audio"
    await bench(System(SEGUE), {}, Options(keep_audio=kept)).play({CALL: [utterance(500, name="a.wav")]})
    with wave.open(str(kept / "001-segue.wav")) as file:
        assert (file.getnchannels(), file.getframerate(), file.getnframes()) == (2, 8000, 80_000)
    [turn] = json.loads((kept / "001-segue.json").read_text())
    assert (turn["utterance"], turn["outcome"], turn["gap_ms"]) == ("a.wav", "answered", 300)


def result(**systems: list[Turn]) -> Result:
    """A result of these turns."""
    return Result(Options(speech=Path("/a/b")), "2 utterances, 3 s", {"cpus": 2}, {SEGUE: [], **systems})


def test_the_report_has_its_shape() -> None:
    """The keys others read; only Segue's gap has parts."""
    turn = Turn("u", "", Outcome.ANSWERED, 1000, 300, Parts(200, 10, 20, 30, 40))
    data: dict[str, Any] = json.loads(json.dumps(result(segue=[turn], pipecat=[answered(0, 900)]).as_json()))
    figures = {"n", "p50_ms", "p90_ms", "p95_ms", "p99_ms", "discarded", "discarded_because"}
    figures |= {"cut_off_rate", "false_cutoff_rate", "no_answer"}
    assert set(data) == {"segue", "pipecat", "machine", "settings"}
    assert set(data["segue"]) == figures | {"parts_ms", "parts_p90_ms", "slowest_tenth", "learned_patience_ms"}
    assert set(data["pipecat"]) == figures
    assert data["segue"]["parts_ms"] == {"wait": 200, "transcript": 10, "reply": 20, "speech": 30, "send": 40}
    assert data["settings"]["speech"] == "/a/b"
    assert data["settings"]["spoken"] == "2 utterances, 3 s"


def test_recordings_survive_being_kept(tmp_path: Path) -> None:
    """Left stays left, right stays right, sample by sample."""
    recording = np.arange(400, dtype=np.int16).reshape(-1, 2)
    benchmark.keep(tmp_path / "x", recording, [])
    with wave.open(str(tmp_path / "x.wav")) as file:
        assert np.array_equal(np.frombuffer(file.readframes(200), "<i2").reshape(-1, 2), recording)
