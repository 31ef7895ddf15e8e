"""`segue bench import`: a long list of leads comes in while the server texts them, no faster than the carrier takes it.

`segue leads import` runs in a process of its own, as an operator would run it; its peak memory is the kernel's figure.
The sandbox, which is the carrier, notes when each text reaches it.
"""

import asyncio
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.errors import BenchmarkError
from benchmarks.machine import describe_machine
from benchmarks.progress import measured
from benchmarks.texting.stage import Stage, cpu_s, memory_bytes, number_of, stage
from telephony.sandbox.resources import Direction, Message

ROWS = 100_000
HEADER = "number,first_name,zip,consent,disclosure,product"
LOOK_S = 0.1

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked for."""

    rows: int = ROWS
    texts_per_second: int = 10
    """What the carrier takes."""
    watch_s: float = 20.0
    """How long the texts are watched once the list is in."""


async def measure(options: Options, folder: Path, progress: Progress = lambda _: None) -> dict[str, Any]:
    """The figures, as `--json` writes them."""
    people = [number_of(3_000_000 + n) for n in range(options.rows)]
    path = folder / "leads.csv"
    path.write_text(
        "\n".join([HEADER, *(f"{one},Jordan,60614,sms,I agree to be texted.,home" for one in people)]) + "\n"
    )
    progress("starting")
    async with stage(folder, people, texts_per_second=options.texts_per_second) as on:
        before, began = await on.redis_bytes(), time.perf_counter()
        progress(f"{options.rows:,} rows")
        peak_bytes, used_s = await _import(on, path)
        took = time.perf_counter() - began
        weight = (await on.redis_bytes() - before) / options.rows
        progress("watching the texts")
        await asyncio.sleep(options.watch_s)
        watched = time.perf_counter() - began
        texts = [one for one in on.sandbox.texts if one.direction is Direction.OUTBOUND_API]
    return {
        "machine": describe_machine(),
        "rows": options.rows,
        "seconds": round(took, 1),
        "rows_per_second": round(options.rows / took),
        "import_cpu_s": round(used_s, 1),
        "import_peak_mb": round(peak_bytes / 1e6, 1),
        "redis_bytes_per_lead": round(weight),
        "texts_per_second_allowed": options.texts_per_second,
        "texts": len(texts),
        "texts_per_second": round(len(texts) / watched, 2),
        "most_in_a_second": most_within(texts, 1.0),
    }


async def _import(on: Stage, path: Path) -> tuple[int, float]:
    """Runs the command; its peak memory and the processor time it used.

    Raises:
        BenchmarkError: if it does not take the list in.
    """
    command = [sys.executable, "-m", "telephony.cli", "leads", "import", str(path), "--campaign", "insurance"]
    output = path.with_suffix(".log")
    with output.open("wb") as told:
        running = await asyncio.create_subprocess_exec(*command, cwd=path.parent, env=on.env, stdout=told, stderr=told)
    peak, used, ended = 0, 0.0, asyncio.ensure_future(running.wait())
    while not ended.done():
        with suppress(FileNotFoundError):  # it has just ended
            peak, used = memory_bytes(running.pid, "VmHWM") or peak, cpu_s(running.pid)
        await asyncio.wait([ended], timeout=LOOK_S)
    if running.returncode:
        raise BenchmarkError(f"the import ended with {running.returncode}: {output.read_text(errors='replace')[-500:]}")
    return peak, used


def most_within(texts: Sequence[Message], seconds: float) -> int:
    """The most texts in any stretch of time of this length, by the carrier's clock."""
    at = sorted(one.created.timestamp() for one in texts)
    most, first = 0, 0
    for last, when in enumerate(at):
        while when - at[first] >= seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


def run(options: Options) -> dict[str, Any]:
    """What `segue bench import` does: measures, prints what it found, returns the figures."""
    console = Console()
    figures = measured(partial(measure, options), console)
    show(figures, console)
    return figures


def show(figures: dict[str, Any], console: Console) -> None:
    """Prints the figures."""
    console.print(
        f"{figures['rows']:,} rows in {figures['seconds']:g} s ({figures['rows_per_second']:,} a second), with at most "
        f"{figures['import_peak_mb']:g} MB and {figures['import_cpu_s']:g} s of a core; "
        f"{figures['redis_bytes_per_lead']:,} bytes each in Valkey.\n"
        f"{figures['texts']:,} texts went out meanwhile, {figures['texts_per_second']:g} a second of the "
        f"{figures['texts_per_second_allowed']} the carrier takes, "
        f"at most {figures['most_in_a_second']} in any second.",
        soft_wrap=True,
    )
