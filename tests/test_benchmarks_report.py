"""The report: what a reader sees."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.report import grown, plot, ratio, show
from benchmarks.turns import PIPECAT, PIPECAT_SAME_VOICE, SEGUE, Options, Result
from benchmarks.verdicts import Outcome, Parts, Turn


def turns(*gaps_ms: int) -> list[Turn]:
    """Answered turns."""
    return [Turn("u", "", Outcome.ANSWERED, 1000, gap, Parts(gap - 60, 0, 10, 20, 30)) for gap in gaps_ms]


def result() -> Result:
    """Three systems, one of which did not answer once."""
    machine = {"cpus": 2, "processor": "Some CPU"}
    systems = {
        SEGUE: [*turns(300, 340, 320), Turn("u", "", Outcome.NO_ANSWER)],
        PIPECAT: [*turns(960, 1000), Turn("u", "", Outcome.UNTRUSTED)],
        PIPECAT_SAME_VOICE: [Turn("u", "", Outcome.CUT_OFF)],
    }
    return Result(
        Options(), "3 utterances, 9 s", machine, systems, troubles=["segue, call 1: the server ended the call"]
    )


def shown(what: Result) -> str:
    """The report as printed."""
    console = Console(record=True, width=160, file=StringIO())
    show(what, console)
    return console.export_text()


def test_how_soon_calls_were_greeted_is_told() -> None:
    """For each system that greeted anybody."""
    what = result()
    what.greetings = {SEGUE: [20, 40], PIPECAT: []}
    assert "Segue's greeting began 30 ms after the start of a call's audio (p95 39 ms)." in shown(what)
    assert "Pipecat's greeting" not in shown(what)


def test_the_table_compares_medians() -> None:
    """Each system has a row; the last column says how many times Segue's median its own is."""
    rows = {line.split("│")[1].strip(): line for line in shown(result()).splitlines() if line.count("│") == 11}
    assert set(rows) == {"Segue", "Pipecat", "Pipecat, same voice"}
    assert [cell.strip() for cell in rows["Segue"].split("│")[2:11]] == [
        *("4", "330", "4302", "5151", "5830"),
        *("1", "0.0%", "0", "1.00"),
    ]
    assert rows["Pipecat"].split("│")[10].strip() == "2.97"
    assert [cell.strip() for cell in rows["Pipecat, same voice"].split("│")[2:11]] == [
        *("0", "-", "-", "-", "-"),
        *("0", "100.0%", "0", "-"),
    ]


def test_what_was_not_counted_is_told() -> None:
    """With its reason, and with what went wrong on the line."""
    text = shown(result())
    assert f"Pipecat: 1 not counted: {Outcome.UNTRUSTED.value}" in text
    assert "segue, call 1: the server ended the call" in text


def test_the_part_that_grew_is_named() -> None:
    """The largest first; what did not grow is left out."""
    parts = {"wait": 120.0, "transcript": 1800.4, "reply": 0.0, "speech": -3.0, "send": None}
    words = grown({"slowest_tenth": {"n": 5, "parts_ms": parts}})
    assert words == (
        "The slowest tenth of the turns took 1920 ms more than the median: transcript 1800, end-of-turn wait 120."
    )
    assert grown({"slowest_tenth": {"n": 0, "parts_ms": dict.fromkeys(parts)}}) == "No turn was slower than the others."


def test_what_the_engines_did_is_shown() -> None:
    """Beside the processors that server and callers had."""
    what = result()
    engine = {"per_turn": 1.8, "waited_ms": 12.0, "took_ms": 91.4, "dropped_late": 0.0, "dropped_unwanted": 7.0}
    idle = {"per_turn": None, "waited_ms": None, "took_ms": None, "dropped_late": 0.0, "dropped_unwanted": 0.0}
    what.work = {
        "server_cores": 0.74,
        "callers_cores": 0.2,
        "callers_late_p99_ms": 3.0,
        "engines": {"transcript": engine, "prosody": idle, "speech": idle},
    }
    text = shown(what)
    [row] = [line for line in text.splitlines() if line.startswith("│ transcript ")]
    assert [cell.strip() for cell in row.split("│")[2:7]] == ["1.8", "12", "91", "0", "7"]
    assert "Of 2 cores the server took 0.74, the callers 0.20; the callers were late by 3 ms (p99)" in text


@pytest.mark.parametrize(("theirs", "ours", "said"), [(960, 320, "3.00"), (None, 320, "-"), (960, None, "-")])
def test_a_ratio_needs_two_medians(theirs: float | None, ours: float | None, said: str) -> None:
    """Without one of them there is none."""
    assert ratio(theirs, ours) == said


def test_a_picture_is_drawn_where_it_is_wanted(tmp_path: Path) -> None:
    """A folder is made; the picture is a PNG even though one system never answered."""
    picture = tmp_path / "figures" / "turns.png"
    plot(result(), picture)
    assert picture.read_bytes().startswith(b"\x89PNG")
