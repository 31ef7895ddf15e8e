"""`segue bench record`, on a small scale: what it counts is there, and what it fills in is a record."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from benchmarks import cli, record
from benchmarks.record import Options, measure, show
from benchmarks.record_stories import TURNS, talked, texted
from state.audit import Audit, audit
from state.embedded import EmbeddedValkey
from state.fold import fold_all
from state.store import Record
from state.view import View

SMALL = Options(sizes=(30, 10), writers=4, samples=20)


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A run with a few conversations."""
    return asyncio.run(measure(SMALL, tmp_path_factory.mktemp("bench")))


def test_appends_are_timed(figures: dict[str, Any]) -> None:
    """One by one for the percentiles, by several writers at once for the rate."""
    append = figures["append"]
    assert (append["n"], append["writers"]) == (20, 4)
    assert 0 < append["p50_ms"] <= append["p99_ms"]
    assert append["per_second"] > 0


def test_views_are_timed_cold_and_warm(figures: dict[str, Any]) -> None:
    """Of a conversation that was talked in: folded anew, from a snapshot, and by a process that knows it."""
    view = figures["view"]
    assert view["events"] == len(talked())
    assert min(view[f"{kind}_p50_ms"] for kind in ("cold", "snapshot", "warm")) > 0


def test_each_size_is_weighed_and_timed(figures: dict[str, Any]) -> None:
    """Smallest first, whatever the order they were asked for in: conversations add up."""
    rows = figures["by_conversations"]
    assert [row["conversations"] for row in rows] == [10, 30]
    for row in rows:
        assert row["memory_bytes_per_conversation"] > 0
        assert 0 < row["append_p50_ms"] <= row["append_p99_ms"]


def test_memory_is_given_for_both_kinds(figures: dict[str, Any]) -> None:
    """A conversation weighs at least what was said in it."""
    memory = figures["memory_bytes_per_conversation"]
    assert memory["talked"] > memory["texted"] > 0
    assert (memory["texted_events"], memory["talked_events"]) == (len(texted()), len(talked()))


def test_figures_are_json_and_name_the_machine(figures: dict[str, Any]) -> None:
    """Without it they mean little."""
    assert json.loads(json.dumps(figures))["machine"]["cpus"] >= 1


def test_tables_show_every_size(figures: dict[str, Any]) -> None:
    """What is saved is what is shown."""
    console = Console(width=120)
    with console.capture() as shown:
        show(figures, console)
    assert f"{figures['append']['per_second']:,} a second" in shown.get()
    for row in figures["by_conversations"]:
        assert f"{row['memory_bytes_per_conversation']:,}" in shown.get()


def test_what_is_filled_in_is_a_record(tmp_path: Path) -> None:
    """Told by the record itself, the same conversation passes an audit, and nothing in it is left to do."""

    async def tell(url: str) -> Audit:
        told = Record.connect(url)
        await told.append("talked", *talked())
        result = await audit(told, "talked")
        await told.close()
        return result

    with EmbeddedValkey(tmp_path) as valkey:
        assert asyncio.run(tell(valkey.url)) == Audit("talked", len(talked()), None, ())
    view = fold_all(View(), talked())
    assert view.outbox == {}
    assert len(view.thread) == 2 + 2 * TURNS
    assert view.calls.popitem()[1].ended


def test_command_saves_the_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As JSON, beside the tables."""
    monkeypatch.setattr(record, "SIZES", (5,))
    monkeypatch.setattr(record, "FULL_SIZE", 15)
    monkeypatch.setattr(record, "Options", lambda **given: Options(samples=10, **given))
    assert cli.record(writers=2, full=True, json=tmp_path / "out.json") == 0
    saved = json.loads((tmp_path / "out.json").read_text())
    assert [row["conversations"] for row in saved["by_conversations"]] == [5, 15]
    assert "The record on this machine" in capsys.readouterr().out
