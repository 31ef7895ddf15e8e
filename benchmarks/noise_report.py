"""What `segue bench noise` found, as a table, as JSON and as a picture."""

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.noise import Result
from benchmarks.report import INKS, NAMES, caption, number, share
from benchmarks.turns import SEGUE

COLUMNS = ("n", "p50 ms", "p95 ms", "missed", "cut off", "false turns a call", "opening whole", "longest silence, s")
DRAWN = (
    ("missed turns, %", "missed_turns_rate", 100),
    ("cut-off turns, %", "cut_off_rate", 100),
    ("longest silence of both, s", "longest_mutual_silence_ms", 0.001),
)
"""Title, key in a condition's row, and what it is multiplied by."""


def show(result: Result, console: Console) -> None:
    """Prints a row for each condition, and what was not counted."""
    data = result.as_json()
    for system in result.calls:
        _show(NAMES[system], data[system]["conditions"], console)
    for trouble in result.troubles:
        console.print(trouble, style="yellow")


def _show(name: str, rows: list[dict[str, Any]], console: Console) -> None:
    table = Table(title=f"{name}, with this on the caller's line", title_justify="left")
    table.add_column("")
    for column in COLUMNS:
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(row["condition"], *_cells(row))
    console.print(table)
    for row in rows:
        for reason, count in row["discarded_because"].items():
            console.print(f"{name}, {row['condition']}: {count} not counted: {reason}", soft_wrap=True)


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

    data = result.as_json()
    blocks = {system: data[system]["conditions"][::-1] for system in result.calls}
    figure = Figure(figsize=(9, 5.5), dpi=150)
    for index, (title, key, unit) in enumerate(DRAWN):
        axes = figure.add_axes((0.21 + 0.265 * index, 0.08, 0.235, 0.82))
        names = [row["condition"] for row in data[SEGUE]["conditions"][::-1]]
        most = 10.0
        for place, (system, rows) in enumerate(blocks.items()):
            values = [(row[key] or 0) * unit for row in rows]
            height = 0.7 / len(blocks)
            places = [at - height * (place - (len(blocks) - 1) / 2) for at in range(len(rows))]
            axes.barh(places, values, color=INKS[system], height=height, label=NAMES[system])
            most = max(most, *values)
        axes.set_yticks(range(len(names)), names if index == 0 else [], fontsize=8)
        axes.set_title(title, loc="left", fontsize=9)
        axes.set_xlim(0, most)
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="x", color="#e4e4e4", lw=0.6)
        axes.set_axisbelow(True)
    if len(blocks) > 1:
        figure.legend(*axes.get_legend_handles_labels(), loc="upper right", fontsize=7, frameon=False)
    options = result.options
    played = f"{options.calls} calls of {options.turns} turns in each condition, {options.concurrency} at once"
    figure.text(0.21, 0.015, caption(options.speech, played, result.machine), fontsize=7, color="#666666")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="png")
