"""A benchmark's result as a table, as JSON and as a picture."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from audio.pool import PROSODY, SPEECH, TRANSCRIPT
from benchmarks import endpointing_report
from benchmarks.statistics import waits_of
from benchmarks.turns import PIPECAT, PIPECAT_SAME_VOICE, SEGUE, Result
from benchmarks.verdicts import LATEST_MS

NAMES = {SEGUE: "Segue", PIPECAT: "Pipecat", PIPECAT_SAME_VOICE: "Pipecat, same voice"}
PARTS = {
    "wait": "end-of-turn wait",
    "transcript": "transcript",
    "reply": "reply",
    "speech": "speech",
    "send": "send",
}
ENGINES = {TRANSCRIPT: "transcript", PROSODY: "how the voice sounded", SPEECH: "clauses spoken"}
INKS = {SEGUE: "#1f4e79", PIPECAT: "#b5651d", PIPECAT_SAME_VOICE: "#8a8a8a"}


def show(result: Result, console: Console) -> None:
    """Prints the figures, where Segue's gap went, and what was not counted."""
    data = result.as_json()
    console.print(_gaps(data, list(result.turns)))
    console.print(_parts(data[SEGUE]))
    console.print(grown(data[SEGUE]), soft_wrap=True)
    if result.work:
        console.print(_engines(result.work["engines"]))
        console.print(_cores(result), soft_wrap=True)
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
    learned = data[SEGUE]["learned_patience_ms"]
    if learned["p90"]:
        console.print(
            f"By the end of a call Segue had learned to wait {learned['p50']:g} ms longer for its caller"
            f" (p90 {learned['p90']:g} ms), of the turns it had cut off.",
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
    for column in ("n", "p50", "p90", "p95", "p99", "no answer", "cut-offs", "not counted", "ratio"):
        table.add_column(column, justify="right")
    for system in systems:
        block = data[system]
        table.add_row(
            NAMES[system],
            str(block["n"]),
            *(number(block[f"p{q}_ms"]) for q in (50, 90, 95, 99)),
            str(block["no_answer"]),
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


def grown(block: Mapping[str, Any]) -> str:
    """Which part of the gap the slowest turns waited for, in words."""
    behind = block["slowest_tenth"]["parts_ms"]
    more = sorted(((ms, PARTS[part]) for part, ms in behind.items() if ms is not None and ms >= 1), reverse=True)
    if not more:
        return "No turn was slower than the others."
    parts = ", ".join(f"{name} {ms:.0f}" for ms, name in more)
    return f"The slowest tenth of the turns took {sum(ms for ms, _ in more):.0f} ms more than the median: {parts}."


def _engines(engines: Mapping[str, Mapping[str, Any]]) -> Table:
    table = Table(title="What Segue's engines did", title_justify="left")
    table.add_column("")
    for column in ("a turn", "waited, ms", "took, ms", "dropped as late", "as unwanted"):
        table.add_column(column, justify="right")
    for kind, one in engines.items():
        per_turn = "-" if one["per_turn"] is None else f"{one['per_turn']:.1f}"
        dropped = (f"{one[key]:.0f}" for key in ("dropped_late", "dropped_unwanted"))
        table.add_row(ENGINES[kind], per_turn, number(one["waited_ms"]), number(one["took_ms"]), *dropped)
    return table


def _cores(result: Result) -> str:
    work = result.work
    server = "-" if work["server_cores"] is None else f"{work['server_cores']:.2f}"
    return (
        f"Of {result.machine['cpus']} cores the server took {server}, the callers {work['callers_cores'] or 0:.2f}; "
        f"the callers were late by {work['callers_late_p99_ms'] or 0:.0f} ms (p99), which is in the gaps."
    )


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
    draw_waits(axes, {system: waits_of(turns) for system, turns in result.turns.items()}, LATEST_MS)
    axes.set_xlabel("ms from the caller's last speech to the first sound of the answer")
    axes.set_ylabel("turns answered by then, %")
    axes.set_title("How long a caller waits", loc="left", fontsize=11)
    options = result.options
    played = f"{result.spoken}; {options.calls} calls, {options.concurrency} at once"
    words = caption(options.speech, played, result.machine)
    figure.text(0.09, 0.03 / rows, words, fontsize=7, color="#666666")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="png")


def draw_waits(axes: Any, waits: Mapping[str, Sequence[float]], latest_ms: float = float("inf")) -> None:
    """Draws, for each system, which share of its waits (ms) were over by when, in per cent; those of `latest_ms` never
    were."""
    for system, waited in waits.items():
        over = np.sort([ms for ms in waited if ms < latest_ms])
        if not len(over):
            continue
        shares = np.arange(1, len(over) + 1) / len(waited) * 100
        label = f"{NAMES[system]}: median {np.median(waited):.0f} ms (n = {len(waited)})"
        axes.step(np.r_[over[0], over], np.r_[0, shares], where="post", color=INKS[system], lw=1.8, label=label)
    axes.set(xlim=(0, None), ylim=(0, 101))
    axes.grid(color="#e4e4e4", lw=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="lower right", fontsize=9)


def caption(speech: Path | None, played: str, machine: Mapping[str, Any]) -> str:
    """What stands below a picture: who spoke, what was played, on what."""
    source = speech.name if speech else "synthetic callers"
    return f"{source}: {played}; {machine['cpus']} × {machine['processor']}"
