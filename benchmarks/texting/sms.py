"""`segue bench sms`: how long a lead who texts waits until our answer is with the carrier.

Signed webhooks come in over HTTP at a set pace, whatever becomes of them; the server records them, thinks of an answer
with the local brain and asks the carrier to send it, over HTTP as well. A wait runs from the moment the carrier has the
lead's text to the moment it has ours, by the carrier's clock, so both requests are in it.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.machine import describe_machine
from benchmarks.progress import measured
from benchmarks.record_stories import texted
from benchmarks.statistics import percentile
from benchmarks.texting.stage import OURS, Stage, number_of, stage
from state.events import LeadArrived, Scope, conversation_id
from telephony.sandbox.resources import Direction, Message

LINES = (
    "Yeah I am, just busy",
    "It's for a home we just bought",
    "We move in on the fifth of December",
    "Do you also do condos?",
    "How long will the call take?",
)
"""What each lead texts, one after the other."""
PATIENCE_S = 10.0
"""How long the last answers are waited for."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked for."""

    per_second: int = 50
    seconds: int = 30
    warm_up: int = 100


async def measure(options: Options, folder: Path, progress: Progress = lambda _: None) -> dict[str, Any]:
    """The figures, as `--json` writes them."""
    texts = options.per_second * options.seconds
    leads = -(-texts // len(LINES))
    people = [number_of(n) for n in range(leads + options.warm_up)]
    progress("starting")
    async with stage(folder, people) as on:
        for number in people:
            await _known(on, number)
        progress("warming up")
        await _text(on, people[leads:], options.warm_up, options.per_second)
        warmed = len(on.sandbox.texts)
        cpu, redis_cpu, commands, own, began = *(await _used(on)), time.process_time(), time.perf_counter()
        progress(f"{texts} texts, {options.per_second} a second")
        await _text(on, people[:leads], texts, options.per_second)
        took = time.perf_counter() - began
        own, after = time.process_time() - own, await _used(on)
        cpu, redis_cpu, commands = after[0] - cpu, after[1] - redis_cpu, after[2] - commands
        waits = waits_of(on.sandbox.texts[warmed:])
    return {
        "machine": describe_machine(),
        "texts": texts,
        "offered_per_second": options.per_second,
        "answered": len(waits),
        "unanswered": texts - len(waits),
        **{f"p{q}_ms": percentile(waits, q) for q in (50, 95, 99)},
        "max_ms": percentile(waits, 100),
        "texts_per_second_and_core": round(len(waits) / cpu, 1) if cpu else None,
        "server_cpu_ms_per_text": round(1000 * cpu / texts, 1),
        "redis_cpu_ms_per_text": round(1000 * redis_cpu / texts, 1),
        "own_cpu_ms_per_text": round(1000 * own / texts, 1),
        "server_cores": round(cpu / took, 3),
        "redis_cores": round(redis_cpu / took, 3),
        "redis_commands_per_text": round(commands / len(waits), 1) if waits else None,
    }


async def _used(on: Stage) -> tuple[float, float, int]:
    """Seconds of processor of the server and of Valkey, and commands given to that, so far."""
    return on.cpu_s(), await on.redis_cpu_s(), await on.redis_commands()


async def _known(on: Stage, number: str) -> None:
    """A lead who was texted a moment ago, has not answered, and agreed to texts alone: so that nobody is called."""
    arrived, consent, *rest = [event.model_copy(update={"at": on.started}) for event in texted()]
    assert isinstance(arrived, LeadArrived)
    mine = arrived.model_copy(update={"number": number})
    await on.record.append(
        conversation_id(arrived.brand, number), mine, consent.model_copy(update={"scopes": (Scope.SMS,)}), *rest
    )


async def _text(on: Stage, people: Sequence[str], texts: int, per_second: int) -> None:
    """Texts at a set pace, each person in turn, and waits until all are answered, or PATIENCE_S."""
    before = len(on.sandbox.texts)
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for n in range(texts):
            await asyncio.sleep(max(0.0, began + n / per_second - time.perf_counter()))
            turn, who = divmod(n, len(people))
            group.create_task(on.sandbox.text(people[who], OURS, LINES[turn % len(LINES)]))
    until = time.perf_counter() + PATIENCE_S
    while len(waits_of(on.sandbox.texts[before:])) < texts and time.perf_counter() < until:  # noqa: ASYNC110
        await asyncio.sleep(0.1)


def waits_of(messages: Sequence[Message]) -> list[float]:
    """For each text of a lead's that was answered before his next: ms from it to our first after it."""
    threads: dict[str, list[Message]] = defaultdict(list)
    for message in messages:
        threads[message.sender if message.direction is Direction.INBOUND else message.to].append(message)
    waits = []
    for thread in threads.values():
        for said, answer in pairwise(thread):
            if said.direction is Direction.INBOUND and answer.direction is Direction.OUTBOUND_API:
                waits.append((answer.created - said.created).total_seconds() * 1000)
    return waits


def run(options: Options) -> dict[str, Any]:
    """What `segue bench sms` does: measures, prints a table, returns the figures."""
    console = Console()
    figures = measured(partial(measure, options), console)
    show(figures, console)
    return figures


def show(figures: dict[str, Any], console: Console) -> None:
    """Prints the figures."""
    table = Table(title="From a lead's text to our answer at the carrier", title_justify="left", show_header=False)
    table.add_column("")
    table.add_column("", justify="right")
    waits = " / ".join("-" if figures[f"p{q}_ms"] is None else f"{figures[f'p{q}_ms']:g}" for q in (50, 95, 99))
    table.add_row("p50 / p95 / p99", f"{waits} ms")
    table.add_row("texts, a second", f"{figures['texts']}, {figures['offered_per_second']}")
    table.add_row("not answered", str(figures["unanswered"]))
    table.add_row("texts a second and core", str(figures["texts_per_second_and_core"]))
    parts = " / ".join(str(figures[f"{who}_cpu_ms_per_text"]) for who in ("server", "redis", "own"))
    table.add_row("processor time of a text: server / Valkey / leads and carrier", f"{parts} ms")
    table.add_row("cores used by the server, by Valkey", f"{figures['server_cores']}, {figures['redis_cores']}")
    table.add_row("commands to Valkey for a text and its answer", str(figures["redis_commands_per_text"]))
    console.print(table)
