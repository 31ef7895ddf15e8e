"""The endpointing benchmark on a terminal and as a picture."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

SIGNALS = ("text", "prosody", "both", "either")
GROUP_NAMES = {
    "recorded": "recorded speech",
    "generated": "generated callers",
    "chosen_by": "chosen by",
    "held_out": "held out",
    "between_sentences": "pausing between sentences",
    "hesitant": "with a pause put in",
}
INKS = ("#1f4e79", "#b5651d", "#8a8a8a", "#2e7d32", "#9c27b0")


def show(report: Mapping[str, Any], console: Console) -> None:
    """Prints what the signals tell, what they cost, and what the policy makes of them."""
    console.print(_signals(report["signals"]))
    cost = ", ".join(f"{name.replace('_', ' ')} {taken:.0f}" for name, taken in report["cost_ms"].items())
    console.print(f"What it costs, ms, medians: {cost}")
    console.print(_speculation(report["speculation"]))
    console.print(_policies(report["policies"]))
    console.print(tradeoff(report["tradeoff"]))
    console.print(f"{report['utterances']} pieces of speech; {report['discarded']} whose end is in doubt not counted")


def _speculation(found: Mapping[str, Any]) -> str:
    begun = " / ".join("-" if found[f"begun_p{q}_ms"] is None else f"{found[f'begun_p{q}_ms']:.0f}" for q in (50, 95))
    vain = "-" if found["asked_in_vain_per_pause"] is None else f"{found['asked_in_vain_per_pause']:.2f}"
    return f"The work on an answer begins {begun} ms (p50 / p95) behind the speaker's end; {vain} in vain per pause"


def _signals(signals: Mapping[str, Mapping[str, Any]]) -> Table:
    table = Table(title="Pauses taken for the end of the turn, %", title_justify="left")
    for column in ("", "n", *SIGNALS):
        table.add_column(column, justify="right" if column else "left")
    for place, shares in signals.items():
        table.add_row(place, str(shares["n"]), *(_percent(shares[signal]) for signal in SIGNALS))
    return table


def _policies(policies: Mapping[str, Mapping[str, Any]]) -> Table:
    table = Table(title="Turn gap, ms, and false cut-offs", title_justify="left")
    for column in ("", "", "n", "p50", "p90", "p95", "cut-offs"):
        table.add_column(column, justify="right" if column else "left")
    for group, rows in policies.items():
        for name, row in rows.items():
            table.add_row(GROUP_NAMES[group], name, *_row(row))
    return table


def tradeoff(curves: Mapping[str, Sequence[Mapping[str, Any]]]) -> Table:
    """Gap against false cut-offs, by how patient the policy is; 1.0 is the one that ships."""
    table = Table(title="The trade-off: all waits scaled", title_justify="left")
    for column in ("", "patience", "n", "p50", "p90", "p95", "cut-offs"):
        table.add_column(column, justify="right" if column else "left")
    for group, points in curves.items():
        for point in points:
            table.add_row(GROUP_NAMES.get(group, group), f"{point['patience']:g}", *_row(point))
    return table


def _row(figures: Mapping[str, Any]) -> tuple[str, ...]:
    gaps = ("-" if figures[key] is None else f"{figures[key]:.0f}" for key in ("p50_ms", "p90_ms", "p95_ms"))
    return (str(figures["n"]), *gaps, _percent(figures["cut_off_rate"]))


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"


def draw_tradeoff(axes: Any, curves: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Draws the curves into matplotlib axes: the policy that ships is the filled point."""
    for ink, (group, points) in zip(INKS, curves.items(), strict=False):
        known = [point for point in points if point["p50_ms"] is not None]
        rates = [100 * point["cut_off_rate"] for point in known]
        for key, style in (("p50_ms", "-"), ("p95_ms", ":")):
            label = f"{GROUP_NAMES.get(group, group)}, {key.removesuffix('_ms')}"
            axes.plot([point[key] for point in known], rates, style, color=ink, lw=1.5, label=label)
            ships = [point for point in known if point["patience"] == 1.0]
            axes.plot([point[key] for point in ships], [100 * point["cut_off_rate"] for point in ships], "o", color=ink)
    axes.set(xlabel="turn gap, ms", xlim=(0, None), ylim=(0, None))
    axes.set_ylabel("turns cut off, %")
    axes.set_title("Patience against speed: every wait scaled, the dot is what ships", loc="left", fontsize=10)
    axes.grid(color="#e4e4e4", lw=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8)


def plot(report: Mapping[str, Any], path: Path) -> None:
    """Saves the trade-off as PNG."""
    from matplotlib.figure import Figure  # half a second, and an extra

    figure = Figure(figsize=(8, 4.8), dpi=150, layout="constrained")
    chosen = {group: report["tradeoff"][group] for group in ("recorded", "generated", "held_out")}
    draw_tradeoff(figure.add_subplot(), chosen)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="png")
