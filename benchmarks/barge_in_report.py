"""What `segue bench barge-in` found, as tables, as JSON and as a picture."""

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.barge_in import Result
from benchmarks.interruptions import COUNTED
from benchmarks.report import NAMES, caption, draw_waits, number, share
from benchmarks.turns import SEGUE


def show(result: Result, console: Console) -> None:
    """Prints the figures and what was not counted."""
    data = result.as_json()
    console.print(_stops(result, data))
    console.print(_noises(result, data))
    for system in result.verdicts:
        for reason, count in data[system]["discarded_because"].items():
            console.print(f"{NAMES[system]}: {count} not counted: {reason}", soft_wrap=True)
    for trouble in result.troubles:
        console.print(trouble, style="yellow")


def _stops(result: Result, data: dict[str, Any]) -> Table:
    table = Table(title="From the caller's first sound to the agent's last, ms", title_justify="left")
    table.add_column("")
    for column in ("n", "p50", "p95", "p99", "talked on", "answered", "record right", "not counted"):
        table.add_column(column, justify="right")
    for system in result.verdicts:
        block = data[system]
        table.add_row(
            NAMES[system],
            str(block["n"]),
            *(number(block[f"stop_to_silence_p{q}_ms"]) for q in (50, 95, 99)),
            *(share(block[key]) for key in ("missed_interruptions_rate", "answered_rate", "record_matches_heard_rate")),
            str(block["discarded"]),
        )
    return table


def _noises(result: Result, data: dict[str, Any]) -> Table:
    table = Table(title="How often a sound that was nobody's turn stopped the agent", title_justify="left")
    table.add_column("")
    for system in result.verdicts:
        table.add_column(NAMES[system], justify="right")
    for kind in data[SEGUE]["by_noise"]:
        rows = [data[system]["by_noise"].get(kind) for system in result.verdicts]
        table.add_row(kind, *(_of(row) for row in rows))
    table.add_row("all", *(_of({**data[system], "n": data[system]["noises"]}) for system in result.verdicts))
    return table


def _of(row: dict[str, Any] | None) -> str:
    return "-" if row is None else f"{share(row['false_interruptions_rate'])} of {row['n']}"


def plot(result: Result, path: Path) -> None:
    """Draws, for each system, the share of interruptions after which it was silent within a time."""
    from matplotlib.figure import Figure  # half a second, and an extra

    figure = Figure(figsize=(8, 4.5), dpi=150)
    axes = figure.add_axes((0.09, 0.17, 0.88, 0.74))
    stops = {
        system: [one.stop_ms for one in verdicts.interruptions if one.outcome in COUNTED and one.stop_ms is not None]
        for system, verdicts in result.verdicts.items()
    }
    draw_waits(axes, stops)
    axes.set_xlabel("ms from the caller's first sound to the agent's last")
    axes.set_ylabel("silent by then, %")
    axes.set_title("How soon an agent gives way", loc="left", fontsize=11)
    options = result.options
    played = f"{options.calls} calls, {options.concurrency} at once"
    figure.text(0.09, 0.03, caption(options.speech, played, result.machine), fontsize=7, color="#666666")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="png")
