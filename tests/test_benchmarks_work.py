"""What was done meanwhile, from what a server counts."""

import pytest

from benchmarks.work import Work, counts


def exposition(**values: float) -> str:
    """What `/metrics` says."""
    lines = [
        f"process_cpu_seconds_total {values['cpu']}",
        f'segue_engine_wait_seconds_bucket{{work="transcript",le="+Inf"}} {values["done"]}',
        f'segue_engine_wait_seconds_count{{work="transcript"}} {values["done"]}',
        f'segue_engine_wait_seconds_sum{{work="transcript"}} {values["waited"]}',
        f'segue_engine_seconds_total{{work="transcript"}} {values["took"]}',
        f'segue_engine_dropped_total{{work="prosody",why="late"}} {values["late"]}',
        "segue_live_calls 12",
    ]
    return "\n".join(lines) + "\n"


def test_only_what_is_asked_for_is_read() -> None:
    """By name and labels; buckets and gauges are left out."""
    found = counts(exposition(cpu=1.5, done=3, waited=0.2, took=0.3, late=1))
    assert found["process_cpu_seconds_total", "", ""] == 1.5
    assert found["segue_engine_dropped_total", "prosody", "late"] == 1
    assert len(found) == 5


@pytest.mark.anyio
async def test_what_was_done_inside_the_blocks_is_added_up() -> None:
    """Differences of what the server counts; work between two blocks, a comparison's, is left out."""
    said = [
        exposition(cpu=10, done=100, waited=1, took=10, late=2),
        exposition(cpu=11, done=120, waited=2, took=12, late=3),
        exposition(cpu=50, done=500, waited=9, took=90, late=9),
        exposition(cpu=51, done=520, waited=10, took=92, late=10),
    ]

    async def metrics() -> str:
        return said.pop(0)

    work = Work(metrics)
    for _ in range(2):
        async with work.going_on():
            pass
    found = work.as_json(turns=20)
    assert found["server_cores"] > 0
    assert found["callers_cores"] is not None
    assert found["engines"]["transcript"] == {
        "per_turn": 2.0,
        "waited_ms": 50.0,
        "took_ms": 100.0,
        "dropped_late": 0.0,
        "dropped_unwanted": 0.0,
    }
    assert found["engines"]["prosody"]["dropped_late"] == 2
    assert found["engines"]["speech"]["per_turn"] == 0


@pytest.mark.anyio
async def test_what_a_server_does_not_count_is_not_made_up() -> None:
    """Several processes tell no processor time."""

    async def metrics() -> str:
        return ""

    work = Work(metrics)
    async with work.going_on():
        pass
    assert work.as_json(turns=0)["server_cores"] is None
    assert work.as_json(turns=0)["engines"]["transcript"]["per_turn"] is None
