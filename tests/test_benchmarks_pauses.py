"""What the endpointing benchmark listens to: who is held out, and where the pauses are."""

import numpy as np
import pytest

from audio.engines import TELEPHONE_RATE, Pcm16
from benchmarks import pauses
from benchmarks.callers import PAUSE, Utterance
from benchmarks.lines import CHOSEN_BY, HELD_OUT
from benchmarks.pauses import LONGEST_MS, SHORTEST_MS, Kind, Speech, speech


class Tone:
    """A voice that says every line in 40 ms a letter."""

    def __init__(self, speed: float = 1.0) -> None:
        """Any speed sounds the same."""

    def synthesize(self, text: str) -> Pcm16:
        """A square wave."""
        samples = len(text) * TELEPHONE_RATE // 25
        return np.where(np.arange(samples) % 16 < 8, 6000, -6000).astype(np.int16)


@pytest.fixture
def spoken(monkeypatch: pytest.MonkeyPatch) -> list[Speech]:
    """Everything there is, with one recording of two seconds."""
    monkeypatch.setattr(pauses, "JoeVoice", Tone)
    monkeypatch.setattr(pauses, "HibariVoice", Tone)
    return speech([Utterance("a.wav", "", Tone().synthesize("x" * 50))], seed=1)


def test_recordings_and_one_voice_are_held_out(spoken: list[Speech]) -> None:
    """And no line is on both sides. What the policy was chosen by is not broken off or made to hesitate."""
    assert {one.held_out for one in spoken if not one.generated} == {True}
    whole = [one for one in spoken if one.kind is Kind.WHOLE and one.generated]
    assert sum(one.held_out for one in whole) == len(HELD_OUT)
    assert sum(not one.held_out for one in whole) == len(CHOSEN_BY)
    assert not set(CHOSEN_BY) & set(HELD_OUT)
    assert {one.kind for one in spoken if not one.held_out} == {Kind.WHOLE}
    assert {one.kind for one in spoken if not one.generated} == set(Kind)


def test_pauses_stand_where_the_line_has_them(spoken: list[Speech]) -> None:
    """As long as people's, and known to be between sentences where they are."""
    whole = [one for one in spoken if one.kind is Kind.WHOLE and one.generated]
    for one, line in zip(whole, [*CHOSEN_BY, *HELD_OUT], strict=True):
        sounds = np.flatnonzero(np.abs(one.pcm) > 100)
        gaps = np.diff(sounds)[np.diff(sounds) > 1] * 1000 / TELEPHONE_RATE
        assert len(gaps) == line.count(PAUSE)
        assert all(SHORTEST_MS <= gap <= LONGEST_MS + 1 for gap in gaps)
        assert one.between_sentences is (f".{PAUSE}" in line)
