"""A benchmark's result as a table, as JSON and as a picture."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks import endpointing_report
from benchmarks.statistics import gaps_of
from benchmarks.turns import PIPECAT, PIPECAT_SAME_VOICE, SEGUE, Result

NAMES = {SEGUE: "Segue", PIPECAT: "Pipecat", PIPECAT_SAME_VOICE: "Pipecat, same voice"}
PARTS = {
    "wait": "end-of-turn wait",
    "transcript": "transcript",
    "reply": "reply",
    "speech": "speech",
    "send": "send",
}
INKS = {SEGUE: "#1f4e79", PIPECAT: "#b5651d", PIPECAT_SAME_VOICE: "#8a8a8a"}


def show(result: Result, console: Console) -> None:
    """Prints the figures, where Segue's gap went, and what was not counted."""
    data = result.as_json()
    console.print(_gaps(data, list(result.turns)))
    console.print(_parts(data[SEGUE]))
    if result.tradeoff:
        console.print(endpointing_report.tradeoff({"these utterances": result.tradeoff}))
    for system in result.greetings:
        waited = data[system]["greeting_ms"]
        if waited["p50"] is not None:
            console.print(
                f"{NAMES[system]}'s greeting began {waited['p50']:g} ms after the start of a call's audio"
                f" (p95 {waited['p95']:g} ms).",
                soft_wrap=True,
            )
    costs = data[SEGUE].get("model_per_call", {})
    if costs.get("model_tokens") is not None:
        console.print(
            f"A call's model wrote {costs['model_tokens']:g} tokens, {costs['model_tokens_discarded']:g} of them for "
            f"replies that were thrown away; of {costs['prompt_characters']:g} characters of prompts "
            f"{costs['prompt_characters_discarded']:g} were for those.",
            soft_wrap=True,
        )
    for system in result.turns:
        for reason, count in data[system]["discarded_because"].items():
            console.print(f"{NAMES[system]}: {count} not counted: {reason}", soft_wrap=True)
    for trouble in result.troubles:
        console.print(trouble, style="yellow")


def _gaps(data: dict[str, Any], systems: Sequence[str]) -> Table:
    table = Table(title="Turn gap at the caller's socket, ms", title_justify="left")
    table.add_column("")
    for column in ("n", "p50", "p90", "p95", "p99", "cut-offs", "not counted", "ratio"):
        table.add_column(column, justify="right")
    for system in systems:
        block = data[system]
        table.add_row(
            NAMES[system],
            str(block["n"]),
            *(number(block[f"p{q}_ms"]) for q in (50, 90, 95, 99)),
            share(block["false_cutoff_rate"]),
            str(block["discarded"]),
            ratio(block["p50_ms"], data[SEGUE]["p50_ms"]),
        )
    return table


def _parts(block: dict[str, Any]) -> Table:
    table = Table(title="Where Segue's gap went, ms", title_justify="left")
    table.add_column("")
    for name in PARTS.values():
        table.add_column(name, justify="right")
    for label, key in (("median", "parts_ms"), ("p90", "parts_p90_ms")):
        table.add_row(label, *(number(block[key][part]) for part in PARTS))
    return table


def number(value: float | None) -> str:
    """A figure without decimals, if there is one."""
    return "-" if value is None else f"{value:.0f}"


def share(value: float | None) -> str:
    """A share in per cent, if there is one."""
    return "-" if value is None else f"{value:.1%}"


def ratio(median: float | None, ours: float | None) -> str:
    """How many times our median another is."""
    return f"{median / ours:.2f}" if median and ours else "-"


def plot(result: Result, path: Path) -> None:
    """Draws, for each system, the share of turns that were answered within a time."""
    from matplotlib.figure import Figure  # half a second, and an extra

    rows = 2 if result.tradeoff else 1
    figure = Figure(figsize=(8, 4.8 * rows), dpi=150)
    figure.subplots_adjust(left=0.09, right=0.97, top=1 - 0.08 / rows, bottom=0.17 / rows, hspace=0.3)
    axes, *below = figure.subplots(rows, squeeze=False)[:, 0]
    for one in below:
        endpointing_report.draw_tradeoff(one, {"these utterances": result.tradeoff})
    draw_waits(axes, {system: gaps_of(turns) for system, turns in result.turns.items()})
    axes.set_xlabel("ms from the caller's last speech to the first sound of the answer")
    axes.set_ylabel("turns answered by then, %")
    axes.set_title("How long a caller waits", loc="left", fontsize=11)
    figure.text(0.09, 0.03 / rows, _caption(result), fontsize=7, color="#666666")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)


def draw_waits(axes: Any, waits: Mapping[str, Sequence[float]]) -> None:
    """Draws, for each system, which share of its waits (ms) were over by when, in per cent."""
    for system, waited in waits.items():
        if not waited:
            continue
        ms = np.sort(waited)
        shares = np.arange(1, len(ms) + 1) / len(ms) * 100
        label = f"{NAMES[system]}: median {np.median(ms):.0f} ms (n = {len(ms)})"
        axes.step(np.r_[ms[0], ms], np.r_[0, shares], where="post", color=INKS[system], lw=1.8, label=label)
    axes.set(xlim=(0, None), ylim=(0, 101))
    axes.grid(color="#e4e4e4", lw=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="lower right", fontsize=9)


def _caption(result: Result) -> str:
    options, machine = result.options, result.machine
    source = options.speech.name if options.speech else "synthetic callers"
    return (
        f"{source}: {result.spoken}; {options.calls} calls, {options.concurrency} at once; "
        f"{machine['cpus']} × {machine['processor']}"
    )
