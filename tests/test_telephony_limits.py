"""The rate limit of the API."""

from hypothesis import given
from hypothesis import strategies as st

from telephony.limits import RateLimit


def test_a_burst_passes_and_the_next_waits() -> None:
    """After `burst` requests at once, one more has to wait for its token."""
    limit = RateLimit(burst=3, per_second=2)
    assert [limit.take("a", 10.0) for _ in range(3)] == [0, 0, 0]
    assert limit.take("a", 10.0) == 0.5


def test_waiting_as_told_is_enough() -> None:
    """The answer is what Retry-After says, so it has to be true."""
    limit = RateLimit(burst=1, per_second=4)
    limit.take("a", 0.0)
    wait = limit.take("a", 0.0)
    assert limit.take("a", wait) == 0


def test_callers_do_not_share_a_bucket() -> None:
    """One who floods does not lock out another."""
    limit = RateLimit(burst=1, per_second=1)
    limit.take("a", 0.0)
    assert limit.take("a", 0.0) > 0
    assert limit.take("b", 0.0) == 0


def test_a_flood_of_addresses_does_not_grow_the_memory() -> None:
    """The oldest key is forgotten first, the one in use is kept."""
    limit = RateLimit(burst=1, per_second=0.001, keys_kept=2)
    for key in ("a", "b", "a", "c"):
        limit.take(key, 0.0)
    assert limit.take("a", 0.0) > 0
    assert limit.take("b", 0.0) == 0


@given(st.lists(st.floats(0, 5), max_size=60))
def test_the_long_run_rate_is_kept(pauses: list[float]) -> None:
    """However requests are spaced, no more pass than burst plus time times rate."""
    limit, now, passed = RateLimit(burst=5, per_second=2), 0.0, 0
    for pause in pauses:
        now += pause
        passed += limit.take("a", now) == 0
    assert passed <= 5 + now * 2 + 1e-6


def test_looking_takes_nothing() -> None:
    """The wait can be asked for without a token being spent, and by somebody nobody knows yet."""
    limit = RateLimit(burst=1, per_second=2)
    assert limit.wait("a", 0.0) == 0
    assert limit.wait("a", 0.0) == limit.take("a", 0.0) == 0
    assert limit.wait("a", 0.25) == 0.25
    assert limit.wait("a", 5.0) == 0
