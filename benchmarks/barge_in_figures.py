"""The figures of `segue bench barge-in`, from its verdicts. Pure."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from benchmarks.interruptions import COUNTED, Disturbance, Interruption, Outcome
from benchmarks.statistics import PERCENTILES, percentile, rate


def as_json(interruptions: Sequence[Interruption], disturbances: Sequence[Disturbance]) -> dict[str, Any]:
    """One system's block of the report.

    An agent who talked on through a whole interruption counts with the time until he fell silent. What was discarded
    counts nowhere.
    """
    meant = [one for one in interruptions if one.outcome in COUNTED]
    noises = [one for one in disturbances if one.outcome in COUNTED]
    stops = [one.stop_ms for one in meant if one.stop_ms is not None]
    recorded = [one.record_matches for one in meant if one.record_matches is not None]
    discarded = _discarded([*interruptions, *disturbances])
    return {
        "n": len(meant),
        **{f"stop_to_silence_p{q}_ms": percentile(stops, q) for q in PERCENTILES},
        "missed_interruptions_rate": rate([one.outcome is Outcome.WENT_ON for one in meant]),
        "answered_rate": rate([one.answer_ms is not None for one in meant]),
        "record_matches_heard_rate": rate(recorded),
        "record_compared": len(recorded),
        "false_interruptions_rate": rate([one.outcome is Outcome.STOPPED for one in noises]),
        "noises": len(noises),
        "dip_p50_ms": percentile([one.dip_ms for one in noises if one.dip_ms is not None], 50),
        "by_noise": {kind: _of_kind([one for one in noises if one.kind == kind]) for kind in _kinds(noises)},
        "discarded": sum(discarded.values()),
        "discarded_because": discarded,
    }


def _of_kind(noises: Sequence[Disturbance]) -> dict[str, Any]:
    return {
        "n": len(noises),
        "false_interruptions_rate": rate([one.outcome is Outcome.STOPPED for one in noises]),
        "dip_p50_ms": percentile([one.dip_ms for one in noises if one.dip_ms is not None], 50),
    }


def _kinds(noises: Sequence[Disturbance]) -> list[str]:
    return sorted({one.kind for one in noises})


def _discarded(verdicts: Sequence[Interruption | Disturbance]) -> dict[str, int]:
    outcomes = Counter(one.outcome for one in verdicts)
    return {outcome.value: n for outcome, n in sorted(outcomes.items()) if outcome not in COUNTED}
