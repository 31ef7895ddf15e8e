"""How often one caller of the API may ask: a token bucket per caller, pure, on a clock that is passed in."""

from collections import OrderedDict
from dataclasses import dataclass


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class RateLimit:
    """Allows `burst` requests at once and `per_second` in the long run, for each key.

    Kept in this process: with several processes behind a balancer the limit holds for each of them. Keys are
    forgotten oldest first, so a flood from many addresses cannot grow the memory.
    """

    def __init__(self, *, burst: int, per_second: float, keys_kept: int = 10_000) -> None:
        self._burst = burst
        self._per_second = per_second
        self._keys_kept = keys_kept
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def wait(self, key: str, now: float) -> float:
        """Seconds until there will be a token; 0 if there is one. Takes none."""
        bucket = self._buckets.get(key)
        if bucket is None:
            return 0.0
        return max(0.0, (1 - bucket.tokens) / self._per_second - (now - bucket.at))

    def take(self, key: str, now: float) -> float:
        """Takes one token. Returns 0 if there was one, else the seconds until there will be (`now` in seconds)."""
        bucket = self._buckets.setdefault(key, _Bucket(self._burst, now))
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._keys_kept:
            self._buckets.popitem(last=False)
        bucket.tokens = min(self._burst, bucket.tokens + (now - bucket.at) * self._per_second)
        bucket.at = now
        if bucket.tokens < 1:
            return (1 - bucket.tokens) / self._per_second
        bucket.tokens -= 1
        return 0.0
