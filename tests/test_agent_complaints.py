"""Complaints among stops."""

import pytest

from agent.complaints import complains


@pytest.mark.parametrize(
    "words", ["This is SPAM, stop", "I will report you to the FCC", "my lawyer will hear of this", "stop harassing me"]
)
def test_a_stop_that_says_more(words: str) -> None:
    """It counts against the campaign twice."""
    assert complains(words)


@pytest.mark.parametrize(
    "words", ["STOP", "not interested, please remove me", "wrong number", "I suspect you are busy"]
)
def test_a_plain_stop_is_none(words: str) -> None:
    """Leaving is not complaining."""
    assert not complains(words)
