"""What server, speech engines and callers had to do meanwhile: a gap that grew is to be seen beside it."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from audio.deadlines import Fate
from audio.pool import PROSODY, SPEECH, TRANSCRIPT
from benchmarks.statistics import percentile

KINDS = (TRANSCRIPT, PROSODY, SPEECH)
EVERY_S = 0.02
"""How often the callers' clock is looked at: once a frame."""

_SERVER = "process_cpu_seconds_total"
_DONE, _WAITED = "segue_engine_wait_seconds_count", "segue_engine_wait_seconds_sum"
_TOOK, _DROPPED = "segue_engine_seconds_total", "segue_engine_dropped_total"

Counts = Mapping[tuple[str, str, str], float]
"""A server's counters, by name and by the labels `work` and `why` ("" without them)."""


def counts(exposition: str) -> dict[tuple[str, str, str], float]:
    """The counters in what `/metrics` says."""
    return {
        (sample.name, sample.labels.get("work", ""), sample.labels.get("why", "")): sample.value
        for family in text_string_to_metric_families(exposition)
        for sample in family.samples
        if sample.name in {_SERVER, _DONE, _WAITED, _TOOK, _DROPPED}
    }


class Work:
    """Adds up what was done while callers were on the line."""

    def __init__(self, metrics: Callable[[], Awaitable[str]]) -> None:
        """`metrics` gets what the server's `/metrics` says."""
        self._metrics = metrics
        self._sums: dict[tuple[str, str, str], float] = {}
        self._seconds = self._callers_s = 0.0
        self._late_ms: list[float] = []

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """Counts what is done inside the block."""
        before = counts(await self._metrics())
        began, callers_s = time.monotonic(), time.process_time()
        watch = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watch.cancel()
        self._seconds += time.monotonic() - began
        self._callers_s += time.process_time() - callers_s
        for key, value in counts(await self._metrics()).items():
            self._sums[key] = self._sums.get(key, 0.0) + value - before.get(key, 0.0)

    async def _watch(self) -> None:
        """A caller whose process comes late sends late, and hears late: that is in the gap, too."""
        while True:
            due = time.monotonic() + EVERY_S
            await asyncio.sleep(EVERY_S)
            self._late_ms.append((time.monotonic() - due) * 1000)

    def as_json(self, turns: int) -> dict[str, Any]:
        """Cores in use, how late the callers were, and what the engines did for that many turns."""
        server_s = self._of(_SERVER) if (_SERVER, "", "") in self._sums else None
        return {
            "server_cores": self._cores(server_s),
            "callers_cores": self._cores(self._callers_s),
            "callers_late_p99_ms": percentile(self._late_ms, 99),
            "engines": {kind: self._engine(kind, turns) for kind in KINDS},
        }

    def _engine(self, kind: str, turns: int) -> dict[str, float | None]:
        done = self._of(_DONE, kind)
        return {
            "per_turn": round(done / turns, 2) if turns else None,
            "waited_ms": _mean_ms(self._of(_WAITED, kind), done),
            "took_ms": _mean_ms(self._of(_TOOK, kind), done),
            "dropped_late": self._of(_DROPPED, kind, Fate.LATE.value),
            "dropped_unwanted": self._of(_DROPPED, kind, Fate.UNWANTED.value),
        }

    def _of(self, name: str, work: str = "", why: str = "") -> float:
        return self._sums.get((name, work, why), 0.0)

    def _cores(self, cpu_s: float | None) -> float | None:
        return round(cpu_s / self._seconds, 2) if cpu_s is not None and self._seconds else None


def _mean_ms(seconds: float, times: float) -> float | None:
    return round(1000 * seconds / times, 1) if times else None
