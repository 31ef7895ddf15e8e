"""What passes, and how the result is told. The runs themselves take minutes and are no test."""

import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from benchmarks.load import report
from benchmarks.load.run import Options, Result, passes

pytestmark = pytest.mark.alone

GOOD: dict[str, Any] = {
    "calls": 200,
    "p99_lateness_ms": 12.5,
    "max_lateness_ms": 25.0,
    "gap_ms_per_minute": 0.0,
    "p50_answer_ms": 300.0,
    "spoken_to": 0.45,
    "answers": 150,
    "lost": 0,
    "closed": [],
    "silent": 0,
}


def block(calls: int, detector: str = "silero") -> dict[str, Any]:
    """A system's figures."""
    probes = [{**GOOD, "calls": calls}, {**GOOD, "calls": calls * 2, "p99_lateness_ms": 200.0}]
    return {**GOOD, "calls_per_core": calls, "detector": detector, "probes": probes}


@pytest.mark.parametrize(
    "flaw",
    [
        {"p99_lateness_ms": 20.0},
        {"p99_lateness_ms": None},
        {"gap_ms_per_minute": 601.0},
        {"lost": 5},
        {"closed": ["connection lost"]},
        {"silent": 1},
    ],
    ids=str,
)
def test_one_flaw_fails_a_probe(flaw: dict[str, Any]) -> None:
    """Late, broken up, deaf, or gone."""
    assert passes(GOOD)
    assert not passes({**GOOD, **flaw})


def test_the_result_is_told_three_ways(tmp_path: Path) -> None:
    """As JSON with the ratio, as a table, and as a picture."""
    result = Result({"cpus": 2, "processor": "one"}, Options(compare=True), "")
    result.systems = {"segue": block(240), "pipecat": block(16)}
    result.same_detector = {"segue": block(260, "webrtcvad"), "pipecat": block(20, "webrtcvad")}
    result.joining = {"segue": GOOD, "pipecat": {**GOOD, "p99_lateness_ms": 82.0}}
    report.plot(result, tmp_path / "out" / "load.png")
    data = json.loads(json.dumps(result.as_json()))
    assert data["segue"]["calls_per_core"] == 240
    assert data["pipecat"]["calls_per_core"] == 16
    assert data["ratio"] == 15.0
    assert data["same_detector"]["ratio"] == 13.0
    assert data["joining"]["p99_lateness_ms"] == 12.5
    assert data["joining"]["pipecat"]["p99_lateness_ms"] == 82.0
    assert (tmp_path / "out" / "load.png").stat().st_size > 1000
    console = Console(record=True, width=120)
    report.show(result, console)
    shown = console.export_text()
    assert "240" in shown
    assert "15.0" in shown
