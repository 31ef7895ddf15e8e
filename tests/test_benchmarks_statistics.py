"""The figures, from turns whose figures are known."""

from datetime import UTC, datetime

import pytest

from benchmarks.statistics import figures, model_costs, parts_at, percentile, slowest_tenth, waits_of
from benchmarks.verdicts import LATEST_MS, Outcome, Parts, Turn
from state.events import CallEnded


def turns(**outcomes: int) -> list[Turn]:
    """So many turns of each outcome, without gaps."""
    return [Turn("u", "", Outcome[name]) for name, count in outcomes.items() for _ in range(count)]


def answered(*gaps_ms: int) -> list[Turn]:
    """Answered turns."""
    return [Turn("u", "", Outcome.ANSWERED, 1000, gap) for gap in gaps_ms]


def test_percentiles_are_linear() -> None:
    """Between two values, a percentile is in proportion."""
    block = figures(answered(*range(0, 1010, 10)))
    assert (block["n"], block["p50_ms"], block["p95_ms"], block["p99_ms"]) == (101, 500.0, 950.0, 990.0)
    assert percentile([100, 200], 50) == 150.0


def test_a_cut_off_turn_counts_in_the_rate_and_not_in_the_gaps() -> None:
    """One in four was cut off; three gaps are left."""
    block = figures(answered(100, 200, 300) + turns(CUT_OFF=1))
    assert (block["n"], block["p50_ms"], block["false_cutoff_rate"]) == (3, 200.0, 0.25)


def test_discarded_turns_count_nowhere_but_are_told() -> None:
    """Their number and their reasons stand in the report."""
    block = figures(answered(100) + turns(UNSAID=2, UNTRUSTED=1))
    assert (block["n"], block["false_cutoff_rate"], block["discarded"]) == (1, 0.0, 3)
    assert block["discarded_because"] == {Outcome.UNSAID.value: 2, Outcome.UNTRUSTED.value: 1}


def test_a_turn_that_is_not_answered_is_a_slow_one() -> None:
    """It counts with the time after which no answer is waited for: to leave it unanswered improves no percentile."""
    block = figures(answered(100, 200) + turns(NO_ANSWER=1))
    assert (block["n"], block["no_answer"], block["discarded"]) == (3, 1, 0)
    assert (block["p50_ms"], block["p99_ms"]) == (200, percentile([100, 200, LATEST_MS], 99))
    assert waits_of(answered(100) + turns(CUT_OFF=1, NO_ANSWER=1)) == [100, LATEST_MS]


def test_what_the_slowest_turns_waited_for_is_told() -> None:
    """Of twenty turns the two slowest: the mean of each part there, less the median of all."""
    usual = [Turn("u", "", Outcome.ANSWERED, 0, 300, Parts(280, 0, 5, 5, 10)) for _ in range(18)]
    slow = [Turn("u", "", Outcome.ANSWERED, 0, gap, Parts(280, gap - 300, 5, 5, 10)) for gap in (900, 1100)]
    found = slowest_tenth([*slow, *usual, *answered(9000)])
    assert found == {"n": 2, "parts_ms": {"wait": 0, "transcript": 700, "reply": 0, "speech": 0, "send": 0}}
    assert slowest_tenth(answered(300))["n"] == 0


@pytest.mark.parametrize("given", [[], turns(UNSAID=3)])
def test_of_nothing_there_are_no_figures(given: list[Turn]) -> None:
    """No number is made up where nothing was measured."""
    block = figures(given)
    assert block["n"] == 0
    assert [block[name] for name in ("p50_ms", "p95_ms", "p99_ms", "false_cutoff_rate")] == [None] * 4


def test_parts_are_medians_over_the_turns_that_have_them() -> None:
    """A turn the record knows nothing of changes no part."""
    known = [Turn("u", "", Outcome.ANSWERED, 0, 300, Parts(wait, 10, 20, 30, 40)) for wait in (200, 210, 500)]
    assert parts_at(known + answered(9000), 50) == {
        "wait": 210,
        "transcript": 10,
        "reply": 20,
        "speech": 30,
        "send": 40,
    }
    assert parts_at([], 50)["wait"] is None


def test_what_discarded_replies_cost_is_told_per_call() -> None:
    """Means over the calls; of no call, nothing."""
    ends = [
        CallEnded(
            id=f"e{tokens}",
            at=datetime(2026, 11, 18, tzinfo=UTC),
            call="CA1",
            cause="lead_hung_up",
            heard_ms=1000,
            discarded=1,
            model_tokens=tokens,
            model_tokens_discarded=tokens // 2,
        )
        for tokens in (20, 40)
    ]
    assert model_costs(ends)["model_tokens"] == 30
    assert model_costs(ends)["model_tokens_discarded"] == 15
    assert [call["model_tokens_discarded"] for call in model_costs(ends)["calls"]] == [10, 20]
    assert model_costs([])["model_tokens"] is None
