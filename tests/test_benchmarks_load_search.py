"""The search for the highest number of calls."""

import pytest

from benchmarks.load.search import Search


def found(first: int, truth: int, limit: int = 400) -> tuple[int, list[int]]:
    """What the search finds where `truth` calls pass and more do not, and what it tried."""
    search = Search(first, limit=limit)
    tried = []
    while (calls := search.next) is not None:
        tried.append(calls)
        search.tried(calls, passed=calls <= truth)
    return search.best, tried


@pytest.mark.parametrize("truth", [1, 2, 7, 13, 40, 120, 197, 280, 399])
def test_it_finds_the_answer_within_a_twentieth(truth: int) -> None:
    """From any beginning, never claiming more than passed, in few probes: each takes ten seconds."""
    for first in (12, 160):
        best, tried = found(first, truth)
        assert best <= truth
        assert truth - best <= max(1, 0.05 * truth + 1)
        assert len(tried) <= 16


def test_nothing_passes() -> None:
    """Then the answer is 0."""
    assert found(12, 0)[0] == 0


def test_everything_passes() -> None:
    """Then the answer is the limit, which is never exceeded."""
    best, tried = found(160, 10_000, limit=200)
    assert best == 200
    assert max(tried) == 200
    assert found(160, 10_000, limit=8)[0] == 8
