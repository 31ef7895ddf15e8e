"""What `/metrics` shows of how things stand at the moment it is asked: what is due, whether Redis answers, slots.

All servers of a record show the same of it, so these are not to be added up over servers. None of it waits for Redis
longer than any command does; when Redis does not answer, that is what is shown.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from state.errors import RecordUnavailable
from telephony.services import Services


class _Found(Collector):
    """What was found, for a registry to show."""

    def __init__(self, found: Iterable[GaugeMetricFamily]) -> None:
        self._found = found

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield from self._found


@dataclass(frozen=True, slots=True)
class _Gauge:
    """One that is asked for anew each time; `label` tells its values apart, if it has several."""

    name: str
    means: str
    label: str | None = None

    def of(self, value: float | None = None, **values: float) -> GaugeMetricFamily:
        """What it is now."""
        family = GaugeMetricFamily(self.name, self.means, value=value, labels=[self.label] if self.label else None)
        for name, one in values.items():
            family.add_metric([name], one)
        return family


_SLOTS = _Gauge("segue_call_slots", "Calls this server carries at most.")
_TAKEN = _Gauge("segue_call_slots_taken", "Of these slots, those held by a call or for one.")
_UP = _Gauge("segue_record_up", "Whether Redis answers.")
_ANSWER = _Gauge("segue_record_answer_seconds", "How long Redis took to answer.")
_MEMORY = _Gauge("segue_record_memory_bytes", "What Redis has in use, in all primaries.")
_DUE = _Gauge("segue_due", "Effects and plans that wait: due by now and not done, or later.", "when")
_OLDEST = _Gauge("segue_due_oldest_seconds", "How long the oldest of those that are due has been.", "what")
_WAKEUPS = _Gauge("segue_wakeups", "Wake-ups in Docket: next or under way, or later.", "when")


async def gauges(services: Services) -> bytes:
    """All of it in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Found([*_of_server(services), *await _of_record(services)]))
    return generate_latest(registry)


def _of_server(services: Services) -> list[GaugeMetricFamily]:
    return [_SLOTS.of(services.admission.most), _TAKEN.of(services.admission.taken)]


async def _of_record(services: Services) -> list[GaugeMetricFamily]:
    record, docket = services.record, services.docket
    asked = time.monotonic()
    try:
        await record.ping()
        took = time.monotonic() - asked
        backlog, memory = await record.backlog(services.clock()), await record.memory()
        async with docket.redis() as redis:
            now, later = await redis.xlen(docket.stream_key), await redis.zcard(docket.queue_key)
    except (RecordUnavailable, RedisError, OSError):
        return [_UP.of(0)]
    return [
        _UP.of(1),
        _ANSWER.of(took),
        _MEMORY.of(memory),
        _DUE.of(now=backlog.due, later=backlog.later),
        _OLDEST.of(effect=backlog.effect_age_s, plan=backlog.plan_age_s),
        _WAKEUPS.of(now=now, later=later),
    ]
