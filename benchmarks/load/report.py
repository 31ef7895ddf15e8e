"""The load test's result as a table, as JSON and as a picture."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.load.run import LATE_MS, Result

NAMES = {"segue": "Segue", "pipecat": "Pipecat"}
INKS = {"segue": "#1f4e79", "pipecat": "#b5651d"}


def show(result: Result, console: Console) -> None:
    """Prints the figures."""
    table = Table(title=f"Calls per core, p99 lateness below {LATE_MS:g} ms", title_justify="left")
    for column in ("", "detector", "calls", "p99 lateness", "answer p50", "ratio"):
        table.add_column(column, justify="left" if column in {"", "detector"} else "right")
    for systems in (result.systems, result.same_detector):
        _rows(table, systems)
    console.print(table)
    joining = Table(title="Live calls while others join", title_justify="left")
    for column in ("", "p99 lateness", "longest"):
        joining.add_column(column, justify="right" if column else "left")
    for name, block in result.joining.items():
        joining.add_row(NAMES[name], _ms(block["p99_lateness_ms"]), _ms(block["max_lateness_ms"]))
    console.print(joining)


def _rows(table: Table, systems: Mapping[str, Mapping[str, Any]]) -> None:
    theirs = systems.get("pipecat", {}).get("calls_per_core")
    for name, block in systems.items():
        calls = block["calls_per_core"]
        ratio = f"{calls / theirs:.1f}" if theirs and name == "segue" else ""
        late, answer = _ms(block["p99_lateness_ms"]), _ms(block["p50_answer_ms"])
        table.add_row(NAMES[name], block["detector"], str(calls), late, answer, ratio)


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} ms"


def plot(result: Result, path: Path) -> None:
    """Draws p99 lateness over the number of calls, every probe a point."""
    from matplotlib.figure import Figure  # half a second, and an extra

    figure = Figure(figsize=(8, 4.8), dpi=150)
    axes = figure.add_axes((0.09, 0.17, 0.88, 0.75))
    for style, systems in (("o-", result.systems), ("o--", result.same_detector)):
        for name, block in systems.items():
            _line(
                axes, block, style, INKS[name], f"{NAMES[name]}, {block['detector']}: {block['calls_per_core']} calls"
            )
    axes.axhline(LATE_MS, color="#888888", lw=1, ls=":")
    axes.set(xscale="log", yscale="log", xlabel="calls on one core", ylabel="p99 lateness of audio, ms")
    axes.set_title("How late callers hear it", loc="left", fontsize=11)
    axes.grid(color="#e4e4e4", lw=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="upper left", fontsize=9)
    figure.text(0.09, 0.03, _caption(result), fontsize=7, color="#666666")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="png")


def _line(axes: Any, block: Mapping[str, Any], style: str, ink: str, label: str) -> None:
    heard = [probe for probe in block["probes"] if probe["p99_lateness_ms"]]
    heard.sort(key=lambda probe: probe["calls"])
    calls, late = [probe["calls"] for probe in heard], [probe["p99_lateness_ms"] for probe in heard]
    axes.plot(calls, late, style, color=ink, lw=1.6, ms=4, label=label)


def _caption(result: Result) -> str:
    machine = result.machine
    return f"recorded voices, both systems without inference; one core of {machine['cpus']} × {machine['processor']}"
