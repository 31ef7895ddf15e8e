"""The figures of a benchmark, from its turns. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, fields
from math import ceil
from typing import Any

import numpy as np

from benchmarks.verdicts import COUNTED, LATEST_MS, Outcome, Parts, Turn
from state.events import CallEnded

PERCENTILES = (50, 90, 95, 99)


def gaps_of(turns: Sequence[Turn]) -> list[int]:
    """The measured gaps, ms."""
    return [turn.gap_ms for turn in turns if turn.gap_ms is not None]


def waits_of(turns: Sequence[Turn]) -> list[int]:
    """How long each caller waited, ms: the gap or, if no answer came, the time after which none is waited for.

    A server that leaves turns unanswered must not look the faster for it.
    """
    return gaps_of(turns) + [LATEST_MS for turn in turns if turn.outcome is Outcome.NO_ANSWER]


def figures(turns: Sequence[Turn]) -> dict[str, Any]:
    """One system's block of the report.

    `n` counts the waits that the percentiles are of, those for answers that never came among them. A cut-off turn has
    none, but it counts in the rate; a discarded one counts nowhere.
    """
    waits = waits_of(turns)
    outcomes = Counter(turn.outcome for turn in turns)
    discarded = {outcome.value: n for outcome, n in sorted(outcomes.items()) if outcome not in COUNTED}
    counted = sum(outcomes[outcome] for outcome in COUNTED)
    cut_off_rate = round(outcomes[Outcome.CUT_OFF] / counted, 4) if counted else None
    return {
        "n": len(waits),
        **{f"p{q}_ms": percentile(waits, q) for q in PERCENTILES},
        "no_answer": outcomes[Outcome.NO_ANSWER],
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


def model_costs(ends: Sequence[CallEnded]) -> dict[str, Any]:
    """What a language model wrote and read in a call, and how much of it for replies that were thrown away: means, and
    under `calls` each call by itself."""
    names = (*COSTS, "discarded")
    calls = [{"call": end.call, **{name: getattr(end, name) for name in names}} for end in ends]
    return {
        **{name: round(float(np.mean([call[name] for call in calls])), 1) if calls else None for name in names},
        "calls": calls,
    }


def slowest_tenth(turns: Sequence[Turn]) -> dict[str, Any]:
    """By how much the slowest tenth of the turns whose parts are known (at least one) is behind the median of all, ms:
    the mean of each part there less its median."""
    known = sorted((turn for turn in turns if turn.parts is not None), key=lambda turn: turn.gap_ms or 0)
    slowest = [asdict(turn.parts) for turn in known[-ceil(len(known) / 10) :] if turn.parts is not None]
    usual = parts_at(known, 50)
    return {
        "n": len(slowest),
        "parts_ms": {
            name: round(float(np.mean([parts[name] for parts in slowest])) - (median or 0), 1) if slowest else None
            for name, median in usual.items()
        },
    }


def parts_at(turns: Sequence[Turn], q: float) -> dict[str, float | None]:
    """A percentile of each part of the gap, over the turns whose parts are known."""
    known = [asdict(turn.parts) for turn in turns if turn.parts is not None]
    return {part.name: percentile([parts[part.name] for parts in known], q) for part in fields(Parts)}
