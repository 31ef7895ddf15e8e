"""What `segue bench noise` found, as a table, as JSON and as a picture."""

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.noise import Result
from benchmarks.report import number, share

COLUMNS = ("n", "p50 ms", "p95 ms", "missed", "cut off", "false turns a call", "opening whole", "longest silence, s")
INK = "#1f4e79"


def show(result: Result, console: Console) -> None:
    """Prints a row for each condition, and what was not counted."""
    rows = result.as_json()["conditions"]
    table = Table(title="With this on the caller's line", title_justify="left")
    table.add_column("")
    for column in COLUMNS:
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(row["condition"], *_cells(row))
    console.print(table)
    for row in rows:
        for reason, count in row["discarded_because"].items():
            console.print(f"{row['condition']}: {count} not counted: {reason}", soft_wrap=True)
    for trouble in result.troubles:
        console.print(trouble, style="yellow")


def _cells(row: dict[str, Any]) -> list[str]:
    return [
        str(row["n"]),
        number(row["p50_ms"]),
        number(row["p95_ms"]),
        share(row["missed_turns_rate"]),
        share(row["cut_off_rate"]),
        f"{row['false_turns_per_call']:g}",
        share(row["openings_heard_whole_rate"]),
        f"{row['longest_mutual_silence_ms'] / 1000:.1f}",
    ]


def plot(result: Result, path: Path) -> None:
    """Draws the shares of missed and cut-off turns and the longest silence of each condition."""
    from matplotlib.figure import Figure  # half a second, and an extra

    rows = result.as_json()["conditions"][::-1]
    figure = Figure(figsize=(9, 5.5), dpi=150)
    places = range(len(rows))
    wanted = (
        ("missed turns, %", [100 * (row["missed_turns_rate"] or 0) for row in rows]),
        ("cut-off turns, %", [100 * (row["cut_off_rate"] or 0) for row in rows]),
        ("longest silence of both, s", [row["longest_mutual_silence_ms"] / 1000 for row in rows]),
    )
    for index, (title, values) in enumerate(wanted):
        axes = figure.add_axes((0.21 + 0.265 * index, 0.08, 0.235, 0.82))
        axes.barh(places, values, color=INK, height=0.6)
        axes.set_yticks(places, [row["condition"] for row in rows] if index == 0 else [], fontsize=8)
        axes.set_title(title, loc="left", fontsize=9)
        axes.set_xlim(0, max(10, *values))
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="x", color="#e4e4e4", lw=0.6)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
