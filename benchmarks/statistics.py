"""The figures of a benchmark, from its turns. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

import numpy as np

from benchmarks.verdicts import COUNTED, Outcome, Parts, Turn
from state.events import CallEnded

PERCENTILES = (50, 90, 95, 99)


def gaps_of(turns: Sequence[Turn]) -> list[int]:
    """The measured gaps, ms."""
    return [turn.gap_ms for turn in turns if turn.gap_ms is not None]


def figures(turns: Sequence[Turn]) -> dict[str, Any]:
    """One system's block of the report.

    `n` counts the measured gaps. A cut-off turn has none, but it counts in the rate; a discarded one counts nowhere.
    """
    gaps = gaps_of(turns)
    outcomes = Counter(turn.outcome for turn in turns)
    discarded = {outcome.value: n for outcome, n in sorted(outcomes.items()) if outcome not in COUNTED}
    counted = sum(outcomes[outcome] for outcome in COUNTED)
    cut_off_rate = round(outcomes[Outcome.CUT_OFF] / counted, 4) if counted else None
    return {
        "n": len(gaps),
        **{f"p{q}_ms": percentile(gaps, q) for q in PERCENTILES},
        "cut_off_rate": cut_off_rate,
        "false_cutoff_rate": cut_off_rate,  # the name it had first
        "discarded": sum(discarded.values()),
        "discarded_because": discarded,
    }


def percentile(values: Sequence[float], q: float) -> float | None:
    """Linear between the two nearest; None of nothing."""
    return round(float(np.percentile(values, q)), 1) if values else None


def rate(held: Sequence[bool]) -> float | None:
    """The share of cases in which something held; None of none."""
    return round(sum(held) / len(held), 4) if held else None


COSTS = ("model_tokens", "model_tokens_discarded", "prompt_characters", "prompt_characters_discarded")


def model_costs(ends: Sequence[CallEnded]) -> dict[str, float | None]:
    """What a language model wrote and read in a call, and how much of it for replies that were thrown away: means."""
    return {
        name: round(float(np.mean([getattr(end, name) for end in ends])), 1) if ends else None
        for name in (*COSTS, "discarded")
    }


def parts_at(turns: Sequence[Turn], q: float) -> dict[str, float | None]:
    """A percentile of each part of the gap, over the turns whose parts are known."""
    known = [asdict(turn.parts) for turn in turns if turn.parts is not None]
    return {part.name: percentile([parts[part.name] for parts in known], q) for part in fields(Parts)}
