"""What `/metrics` counts."""

from prometheus_client import REGISTRY

from audio.deadlines import Fate, Served
from telephony.metrics import engine_served


def value(name: str, **labels: str) -> float:
    """A counter's value now."""
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_engines_are_accounted_for_by_kind_of_work() -> None:
    """What was done with its times, what was dropped by why."""
    done = {"work": "transcript"}
    before = [value("segue_engine_wait_seconds_sum", **done), value("segue_engine_seconds_total", **done)]
    late = value("segue_engine_dropped_total", work="prosody", why="late")
    engine_served(Served("transcript", Fate.DONE, waited_s=0.5, took_s=0.25))
    engine_served(Served("prosody", Fate.LATE, waited_s=0.5, took_s=0.0))
    assert value("segue_engine_wait_seconds_sum", **done) == before[0] + 0.5
    assert value("segue_engine_seconds_total", **done) == before[1] + 0.25
    assert value("segue_engine_dropped_total", work="prosody", why="late") == late + 1
