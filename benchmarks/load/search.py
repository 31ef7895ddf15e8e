"""The highest number of calls that still meets a limit, found in few probes. Pure."""


class Search:
    """Grows until a probe fails, then halves the interval until it is within `tolerance` of the answer.

    Ask `next` for the number of calls to try, tell `tried` how it went, until `next` is None; then `best` is the
    answer, 0 if not even the smallest number passed.
    """

    def __init__(self, first: int, *, limit: int, growth: float = 1.4, tolerance: float = 0.05) -> None:
        self._first = first
        self._limit = limit
        self._growth = growth
        self._tolerance = tolerance
        self.best = 0
        self._failed: int | None = None

    @property
    def next(self) -> int | None:
        """How many calls to try next; None when the answer is known well enough."""
        if self._failed is None:
            grown = min(self._limit, max(self.best + 1, round(self.best * self._growth)))
            if self.best == 0:
                return min(self._first, self._limit)
            return grown if self.best < self._limit else None
        if self._failed - self.best <= max(1, round(self._tolerance * self._failed)):
            return None
        return (self.best + self._failed) // 2

    def tried(self, calls: int, *, passed: bool) -> None:
        """How the probe went."""
        if passed:
            self.best = max(self.best, calls)
        else:
            self._failed = calls if self._failed is None else min(self._failed, calls)
