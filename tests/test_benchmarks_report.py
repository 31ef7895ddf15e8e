"""The report: what a reader sees."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.report import plot, ratio, show
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
        PIPECAT: turns(960, 1000),
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
    rows = {line.split("│")[1].strip(): line for line in shown(result()).splitlines() if line.count("│") == 10}
    assert set(rows) == {"Segue", "Pipecat", "Pipecat, same voice"}
    assert [cell.strip() for cell in rows["Segue"].split("│")[2:10]] == [
        *("3", "320", "336", "338", "340"),
        *("0.0%", "1", "1.00"),
    ]
    assert rows["Pipecat"].split("│")[9].strip() == "3.06"
    assert [cell.strip() for cell in rows["Pipecat, same voice"].split("│")[2:10]] == [
        *("0", "-", "-", "-", "-"),
        *("100.0%", "0", "-"),
    ]


def test_what_was_not_counted_is_told() -> None:
    """With its reason, and with what went wrong on the line."""
    text = shown(result())
    assert "Segue: 1 not counted: no answer came" in text
    assert "segue, call 1: the server ended the call" in text


@pytest.mark.parametrize(("theirs", "ours", "said"), [(960, 320, "3.00"), (None, 320, "-"), (960, None, "-")])
def test_a_ratio_needs_two_medians(theirs: float | None, ours: float | None, said: str) -> None:
    """Without one of them there is none."""
    assert ratio(theirs, ours) == said


def test_a_picture_is_drawn_where_it_is_wanted(tmp_path: Path) -> None:
    """A folder is made; the picture is a PNG even though one system never answered."""
    picture = tmp_path / "figures" / "turns.png"
    plot(result(), picture)
    assert picture.read_bytes().startswith(b"\x89PNG")
