"""By how much an agreed time is moved."""

from datetime import timedelta

import pytest

from agent.understanding.shifts import shift_in
from agent.words import clean


@pytest.mark.parametrize(
    ("said", "minutes"),
    [
        ("can we do an hour later", 60),
        ("make it thirty minutes earlier", -30),
        ("an hour and a half later works better", 90),
        ("half an hour later?", 30),
        ("could you push it half an hour", 30),
        ("push it back a couple hours pls", 120),
        ("move it up an hour", -60),
        ("bump the call by 15 mins", 15),
        ("two hours sooner if you can", -120),
        ("move me back 45 min", 45),
        ("call me in an hour", None),
        ("later", None),
        ("an hour later today", None),
        ("the policy is 2 years old", None),
        ("push it to 5", None),
    ],
)
def test_by_how_much(said: str, minutes: int | None) -> None:
    """A length and a direction move what stands; a time by itself, or a length from now, does not."""
    assert shift_in(clean(said)) == (None if minutes is None else timedelta(minutes=minutes))
