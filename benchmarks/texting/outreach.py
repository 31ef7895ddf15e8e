"""`segue bench outreach`: how fast leads get their first text, and what those cost who wait for their next step.

Leads are posted to `/v1/leads` over HTTP; each counts as touched when the carrier has his first text. Then so many
conversations wait, each with its log, its hint and its wake-up in some hours, as the server leaves them; what the
server and Valkey use meanwhile, and how soon a new lead is texted among them, is measured for each size.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
from docket import Docket
from rich.console import Console
from rich.table import Table

from benchmarks.machine import describe_machine
from benchmarks.progress import measured
from benchmarks.record_stories import texted
from benchmarks.statistics import percentile
from benchmarks.texting.stage import Stage, number_of, stage
from state.codec import encode
from state.events import SCHEMA, LeadArrived, conversation_id
from telephony.sandbox.resources import Direction
from telephony.services import DOCKET
from telephony.wake import PLAN

SIZES = (1_000, 10_000, 100_000)
AT_ONCE = 32
PIPELINED = 50
RECORD_BUSY = 503
PATIENCE_S = 60.0
WAIT = timedelta(hours=6)
"""Until the next step of those who wait."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked for."""

    leads: int = 1_000
    sizes: tuple[int, ...] = SIZES
    idle_s: float = 8.0
    """How long the processor is watched at each size."""
    probes: int = 100
    """New leads that are posted before anything is counted, and at each size."""


async def measure(options: Options, folder: Path, progress: Progress = lambda _: None) -> dict[str, Any]:
    """The figures, as `--json` writes them."""
    people = [number_of(1_000_000 + n) for n in range(options.leads + options.probes * (len(options.sizes) + 1))]
    progress("starting")
    async with stage(folder, people) as on:
        await _post(on, people[: options.probes])  # the first ones wait for imports
        at = options.probes
        progress(f"{options.leads} leads")
        cpu = on.cpu_s()
        waits, took = await _post(on, people[at : at + options.leads])
        at += options.leads
        intake = {
            "leads": options.leads,
            "touched": len(waits),
            "leads_per_second": round(len(waits) / took, 1),
            "leads_per_second_and_core": round(len(waits) / max(on.cpu_s() - cpu, 0.01), 1),
            **{f"p{q}_ms": percentile(waits, q) for q in (50, 99)},
        }
        waiting, filled = [], 0
        for size in sorted(set(options.sizes)):
            progress(f"{size:,} conversations wait")
            before = await on.redis_bytes()
            await _fill(on, filled, size)
            weight = (await on.redis_bytes() - before) / (size - filled)
            filled = size
            waiting.append(await _at_size(on, size, weight, options.idle_s, people[at : at + options.probes]))
            at += options.probes
    return {"machine": describe_machine(), "intake": intake, "waiting": waiting}


async def _post(on: Stage, people: Sequence[str]) -> tuple[list[float], float]:
    """Posts leads, AT_ONCE at a time; the ms from each one's posting to his first text, and the seconds in all."""
    posted: dict[str, datetime] = {}
    room, before, began = asyncio.Semaphore(AT_ONCE), len(on.sandbox.texts), time.perf_counter()

    async def post(number: str, client: httpx.AsyncClient) -> None:
        async with room:
            posted[number] = datetime.now(UTC)
            while True:
                answer = await client.post("/v1/leads", json=_lead(number))
                if answer.status_code != RECORD_BUSY:
                    break
                await asyncio.sleep(float(answer.headers["retry-after"]))  # as any client would; it counts as waiting
            answer.raise_for_status()

    async with on.client() as client:
        await asyncio.gather(*(post(number, client) for number in people))
    until = time.perf_counter() + PATIENCE_S
    while True:
        sent = [one for one in on.sandbox.texts[before:] if one.direction is Direction.OUTBOUND_API]
        if len(sent) >= len(people) or time.perf_counter() > until:
            break
        await asyncio.sleep(0.02)
    took = time.perf_counter() - began
    return [(one.created - posted[one.to]).total_seconds() * 1000 for one in sent if one.to in posted], took


def _lead(number: str) -> dict[str, Any]:
    return {
        "campaign": "insurance",
        "number": number,
        "source": "web_quote_form",
        "first_name": "Jordan",
        "zip": "60614",
        "consent": {
            "scopes": ["sms"],
            "basis": "written",
            "act": "tick",
            "disclosure": "I agree to be texted by an automated assistant.",
        },
    }


async def _fill(on: Stage, start: int, end: int) -> None:
    """Conversations that were texted and wait, as the server leaves them: pipelined, or Python would be measured."""
    arrived, *rest = texted()
    assert isinstance(arrived, LeadArrived)
    script = on.redis.register_script(files("state").joinpath("append.lua").read_text())
    due = on.started + WAIT
    since = [part for event in rest for part in (event.id, encode(event))]
    async with Docket(name=DOCKET, url=on.redis_url) as docket:
        docket.register(_plan, names=[PLAN])
        for at in range(start, end, PIPELINED):
            numbers = [number_of(2_000_000 + n) for n in range(at, min(at + PIPELINED, end))]
            pipeline = on.redis.pipeline(transaction=False)
            cids = [conversation_id(arrived.brand, number) for number in numbers]
            for number, cid in zip(numbers, cids, strict=True):
                first = encode(arrived.model_copy(update={"number": number}))
                bell, *keys = (f"segue:{{{cid}}}:{part}" for part in ("bell", "log", "seen"))
                stored = [arrived.id, first, *since]
                await script(keys=keys, args=[bell, "", cid[:12], SCHEMA, "", *stored], client=pipeline)
            pipeline.zadd("segue:due", {f"{cid}/{PLAN}": due.timestamp() * 1000 + 0.001 for cid in cids})
            pipeline.zadd("segue:{list}:recent", {cid: on.started.timestamp() * 1000 for cid in cids})
            await pipeline.execute()
            await asyncio.gather(*(_sleep_until(docket, cid) for cid in cids))
    assert await on.record.plan_hint(cids[-1]) is not None, "the record does not find what was filled in"


async def _sleep_until(docket: Docket, cid: str) -> None:
    await docket.add(PLAN, datetime.now(UTC) + WAIT, f"{PLAN}:{cid}")(cid)


async def _plan(cid: str) -> None:
    """Stands for the server's own task of this name."""


async def _at_size(on: Stage, size: int, weight: float, idle_s: float, people: Sequence[str]) -> dict[str, Any]:
    await asyncio.sleep(1)
    cpu, redis_cpu = on.cpu_s(), await on.redis_cpu_s()
    await asyncio.sleep(idle_s)
    used, redis_used = on.cpu_s() - cpu, await on.redis_cpu_s() - redis_cpu
    waits, _ = await _post(on, people)
    return {
        "conversations": size,
        "redis_bytes_per_conversation": round(weight),
        "server_memory_mb": round(on.memory_bytes() / 1e6, 1),
        "server_cpu_percent": round(100 * used / idle_s, 2),
        "redis_cpu_percent": round(100 * redis_used / idle_s, 2),
        "first_text_p50_ms": percentile(waits, 50),
    }


def run(options: Options) -> dict[str, Any]:
    """What `segue bench outreach` does: measures, prints tables, returns the figures."""
    console = Console()
    figures = measured(partial(measure, options), console)
    show(figures, console)
    return figures


def show(figures: dict[str, Any], console: Console) -> None:
    """Prints the figures."""
    intake = figures["intake"]
    console.print(
        f"{intake['touched']} of {intake['leads']} leads were texted, {intake['leads_per_second']:g} a second "
        f"({intake['leads_per_second_and_core']:g} for each core of the server): "
        f"{intake['p50_ms']} ms after being posted, p99 {intake['p99_ms']} ms.",
        soft_wrap=True,
    )
    table = Table(title="While so many conversations wait for their next step", title_justify="left")
    for column in ("conversations", "bytes each", "server", "its core", "Valkey's core", "a new lead's text, p50"):
        table.add_column(column, justify="right")
    for row in figures["waiting"]:
        table.add_row(
            f"{row['conversations']:,}",
            f"{row['redis_bytes_per_conversation']:,}",
            f"{row['server_memory_mb']:g} MB",
            f"{row['server_cpu_percent']:g} %",
            f"{row['redis_cpu_percent']:g} %",
            f"{row['first_text_p50_ms']} ms",
        )
    console.print(table)
