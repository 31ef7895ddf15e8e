"""What the record costs: appending, reading, and memory, from a thousand conversations to a million.

A server of its own keeps its data, append-only file and all, in a temporary directory; client and server share the
machine. Two kinds of conversation are told, by events as the server writes them:

    texted    a lead arrived, was texted, and has not answered: what most of a million look like
    talked    the same lead answered, and was called: forty turns of speech, facts, a hand-over

Most conversations are filled in by pipelined calls of the append script, because a million round trips would measure
Python's patience; what is measured goes through `Record`.
"""

import asyncio
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from rich.console import Console
from rich.table import Table

from benchmarks.machine import describe_machine
from benchmarks.progress import measured
from benchmarks.record_stories import AT, talked, texted
from benchmarks.statistics import percentile
from state.codec import encode
from state.connect import connect
from state.embedded import EmbeddedValkey
from state.events import SCHEMA, Event, TextReceived
from state.store import Record

SIZES = (1_000, 10_000, 100_000)
FULL_SIZE = 1_000_000
SAMPLES = 1_000
PIPELINED = 200
TALKED = 200
"""Conversations of that kind that are told to weigh one."""
NEVER = 1_000_000
"""Events after which a snapshot is left: more than there are."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked for."""

    sizes: tuple[int, ...] = SIZES
    writers: int = 32
    samples: int = SAMPLES


async def measure(options: Options, directory: Path, progress: Progress = lambda _: None) -> dict[str, Any]:
    """The figures, as `--json` writes them."""
    with EmbeddedValkey(directory) as valkey:
        redis = connect(valkey.url)
        assert isinstance(redis, Redis)
        bench = _Bench(redis, Record(redis), options.samples)
        try:
            progress("appends")
            figures: dict[str, Any] = {
                "machine": describe_machine(),
                "append": await bench.latency() | await bench.throughput(options.writers),
            }
            progress("views")
            figures["view"] = await bench.views()
            progress("memory")
            talked_bytes = await bench.weigh("talked", talked(), TALKED)
            # In the background, as `flushall` would, it went on while the next are weighed.
            await redis.execute_command("FLUSHALL", "SYNC")  # type: ignore[no-untyped-call] # redis-py has no types here
            figures["by_conversations"] = [await bench.at_size(size, progress) for size in sorted(options.sizes)]
            figures["memory_bytes_per_conversation"] = {
                "texted": figures["by_conversations"][-1]["memory_bytes_per_conversation"],
                "texted_events": len(texted()),
                "talked": talked_bytes,
                "talked_events": len(talked()),
            }
            return figures
        finally:
            await redis.aclose()


def run(options: Options) -> dict[str, Any]:
    """What `segue bench record` does: measures, prints tables, returns the figures."""
    console = Console()
    figures = measured(partial(measure, options), console)
    show(figures, console)
    return figures


class _Bench:
    def __init__(self, redis: Redis, record: Record, samples: int) -> None:
        self._redis = redis
        self._record = record
        self._samples = samples
        self._script = redis.register_script(files("state").joinpath("append.lua").read_text())
        self._filled = 0
        self._texts = 0

    async def latency(self) -> dict[str, Any]:
        """One writer, one event an append, one conversation."""
        times = [await self._timed_append("one") for _ in range(self._samples)]
        return {"n": len(times), "p50_ms": _ms(times, 50), "p99_ms": _ms(times, 99)}

    async def throughput(self, writers: int) -> dict[str, Any]:
        """So many writers at once in one process, each to a conversation of its own and without a pause."""

        async def write(who: int) -> None:
            for _ in range(self._samples * 4 // writers):
                await self._timed_append(f"writer{who}")

        began = time.perf_counter()
        await asyncio.gather(*(write(who) for who in range(writers)))
        done = self._samples * 4 // writers * writers
        return {"writers": writers, "per_second": round(done / (time.perf_counter() - began))}

    async def views(self) -> dict[str, Any]:
        """Reading a conversation that was talked in: by a process that meets it anew, and by one that has read it."""
        await self._record.append("viewed", *talked())
        folded = await self._timed_views(anew=True)
        await Record(self._redis, snapshot_after=1).view("viewed")  # leaves a snapshot behind
        from_snapshot = await self._timed_views(anew=True)
        kept = await self._timed_views(anew=False)
        return {
            "events": len(talked()),
            "cold_p50_ms": _ms(folded, 50),
            "snapshot_p50_ms": _ms(from_snapshot, 50),
            "warm_p50_ms": _ms(kept, 50),
        }

    async def _timed_views(self, *, anew: bool) -> list[float]:
        """Seconds of each reading. A `Record` keeps what it has read: one that meets the conversation anew is new."""
        reader = Record(self._redis, snapshot_after=NEVER)
        await reader.view("viewed")
        times = []
        for _ in range(max(1, self._samples // 10)):
            reader = Record(self._redis, snapshot_after=NEVER) if anew else reader
            times.append(await _timed(partial(reader.view, "viewed")))
        return times

    async def at_size(self, size: int, progress: Progress) -> dict[str, Any]:
        """What an append costs, and a conversation weighs, when there are so many."""
        started_with = self._filled
        before = await self._used_memory()
        progress(f"{size:,} conversations")
        await self._fill((f"lead{n}" for n in range(started_with, size)), texted())
        self._filled = size
        weight = (await self._used_memory() - before) / (size - started_with)
        chosen = random.Random(size)
        times = [await self._timed_append(f"lead{chosen.randrange(size)}") for _ in range(self._samples)]
        return {
            "conversations": size,
            "memory_bytes_per_conversation": round(weight),
            "append_p50_ms": _ms(times, 50),
            "append_p99_ms": _ms(times, 99),
        }

    async def weigh(self, name: str, story: list[Event], conversations: int) -> int:
        """Bytes of one conversation of a kind."""
        before = await self._used_memory()
        await self._fill((f"{name}{n}" for n in range(conversations)), story)
        return round((await self._used_memory() - before) / conversations)

    async def _fill(self, cids: Iterable[str], story: list[Event]) -> None:
        stored = [part for event in story for part in (event.id, encode(event))]
        cid, pipeline = "", self._redis.pipeline(transaction=False)
        for n, cid in enumerate(cids, start=1):
            bell, *keys = (f"segue:{{{cid}}}:{part}" for part in ("bell", "log", "seen"))
            await self._script(keys=keys, args=[bell, "", f"{n:012x}", SCHEMA, "", *stored], client=pipeline)
            if n % PIPELINED == 0:
                await pipeline.execute()
        await pipeline.execute()
        # The keys are spelled out above; this is what notices if the record comes to use others.
        assert len(await self._record.log(cid)) == len(story), "the record does not find what was filled in"

    async def _timed_append(self, cid: str) -> float:
        self._texts += 1
        text = TextReceived(id=f"sms:{self._texts}", at=AT, sid=f"SM{self._texts:032x}", body="Yeah I am, just busy")
        return await _timed(lambda: self._record.append(cid, text))

    async def _used_memory(self) -> int:
        memory = await self._redis.info("memory")
        return int(memory["used_memory"] - memory["mem_clients_normal"] - memory["mem_aof_buffer"])


async def _timed(act: Callable[[], Any]) -> float:
    began = time.perf_counter()
    await act()
    return time.perf_counter() - began


def _ms(seconds: list[float], q: float) -> float:
    return round((percentile([one * 1e6 for one in seconds], q) or 0.0) / 1e3, 3)


# The tables ----------------------------------------------------------------------------------------------------------


def show(figures: dict[str, Any], console: Console) -> None:
    """Prints the figures."""
    append, view, memory = figures["append"], figures["view"], figures["memory_bytes_per_conversation"]
    table = Table(title="The record on this machine", title_justify="left")
    table.add_column("")
    table.add_column("", justify="right")
    table.add_row("append, one writer, p50 / p99", f"{append['p50_ms']} / {append['p99_ms']} ms")
    table.add_row(f"appends, {append['writers']} writers at once", f"{append['per_second']:,} a second")
    table.add_row(f"view of {view['events']} events, folded anew", f"{view['cold_p50_ms']} ms")
    table.add_row("the same from a snapshot", f"{view['snapshot_p50_ms']} ms")
    table.add_row("the same by a process that has read it before", f"{view['warm_p50_ms']} ms")
    for kind in ("texted", "talked"):
        table.add_row(f"memory of a lead {kind} ({memory[f'{kind}_events']} events)", f"{memory[kind]:,} bytes")
    console.print(table)
    sizes = Table(title="With so many conversations", title_justify="left")
    for column in ("conversations", "append p50, ms", "append p99, ms", "bytes each"):
        sizes.add_column(column, justify="right")
    for row in figures["by_conversations"]:
        sizes.add_row(
            f"{row['conversations']:,}",
            str(row["append_p50_ms"]),
            str(row["append_p99_ms"]),
            f"{row['memory_bytes_per_conversation']:,}",
        )
    console.print(sizes)
