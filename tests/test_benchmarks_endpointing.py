"""The offline evaluation of turn ends: what is told from what, in the machine's own time."""

from dataclasses import replace

import numpy as np
import pytest

from audio.ear import Window
from audio.engines import Pcm16
from benchmarks.endpointing import (
    AFTER_MS,
    BEFORE_MS,
    SEND_MS,
    Heard,
    Pause,
    curve,
    patient,
    signals,
    speculation,
    take,
)
from benchmarks.pauses import Kind, Speech, quietest

WINDOW_MS = 32


def sound(*parts: tuple[int, int]) -> Pcm16:
    """Stretches of a tone, with so many ms of silence behind each."""
    square = np.where(np.arange(80_000) % 16 < 8, 6000, -6000).astype(np.int16)
    pieces = [piece for voice, rest in parts for piece in (square[: voice * 8], np.zeros(rest * 8, np.int16))]
    return np.concatenate(pieces)


def heard(text: str, probability: float, *, pause: tuple[str, float] | None = None) -> Heard:
    """An utterance of 960 ms, or one with a pause of 448 ms in its middle, as engines that take 50 ms found it."""
    parts = [(960, 448), (960, 0)] if pause else [(960, 0)]
    speech = Speech("u", Kind.WHOLE, sound(*parts), held_out=True, generated=True)
    start = -(-BEFORE_MS // WINDOW_MS) * WINDOW_MS
    spans = [(start, start + 960), (start + 1408, start + 2368)][: len(parts)]
    windows = [
        Window(0.95, -20.0, end) if any(first < end <= last for first, last in spans) else Window(0.02, -60.0, end)
        for end in range(WINDOW_MS, spans[-1][1] + AFTER_MS, WINDOW_MS)
    ]
    found = [*([pause] if pause else []), (text, probability)]
    pauses = {
        last: Pause(first, last, last + WINDOW_MS, words, likely, 50, 50, 15)
        for (first, last), (words, likely) in zip(spans, found, strict=True)
    }
    return Heard(speech, windows, pauses)


def test_a_turn_waits_as_the_machine_waits() -> None:
    """The gap is the policy's wait, as the caller has it."""
    one = heard("It's a condo.", 0.9)
    assert take(one, patient(1.0)).gap_ms == pytest.approx(224 + SEND_MS, abs=WINDOW_MS)
    assert take(one, patient(1.0), prosody=False).gap_ms == pytest.approx(320 + SEND_MS, abs=WINDOW_MS)


def test_who_is_answered_in_a_pause_was_cut_off() -> None:
    """Words that lead on are waited for; a pause after a sentence that was complete is taken for the end."""
    assert take(heard("My ZIP is 60614.", 0.9, pause=("My zip is.", 0.9)), patient(1.0)).gap_ms is not None
    assert take(heard("We rent. In town.", 0.9, pause=("We rent.", 0.9)), patient(1.0)).gap_ms is None


def test_more_patience_costs_time_and_saves_cut_offs() -> None:
    """The curve has both, for each policy it tries."""
    points = curve([heard("Yes.", 0.9), heard("We rent, in town.", 0.1, pause=("We rent,", 0.9))])
    first, last = points[0], points[-1]
    assert first["p50_ms"] < last["p50_ms"]
    assert first["cut_off_rate"] == 0.5 > last["cut_off_rate"]
    assert [point["n"] for point in points] == [2] * len(points)


def test_signals_are_counted_where_the_pause_was() -> None:
    """Ends and pauses apart, by what each signal took them for."""
    found = signals([heard("My ZIP is 60614.", 0.9, pause=("My zip is.", 0.9))])
    assert found["ends"] == {"n": 1, "text": 1.0, "prosody": 1.0, "both": 1.0, "either": 1.0}
    assert found["pauses of their own"] == {"n": 1, "text": 0.0, "prosody": 1.0, "both": 0.0, "either": 1.0}
    assert found["broken off"]["n"] == 0


def test_work_that_no_pause_came_of_is_counted() -> None:
    """A voice that only faded costs a decode; what counts for the caller is when the last work began."""
    one = heard("My ZIP is 60614.", 0.9, pause=("My zip is.", 0.9))
    first = next(iter(one.pauses))
    one.pauses[first] = replace(one.pauses[first], stood=False)
    found = speculation([one])
    assert (found["pauses"], found["asked_in_vain_per_pause"]) == (1, 1.0)
    assert found["begun_p50_ms"] == pytest.approx(WINDOW_MS, abs=WINDOW_MS)


def test_an_utterance_is_broken_where_it_is_quietest() -> None:
    """Not where it pauses by itself, and not in one too short to have a middle."""
    soft = sound((2000, 0))
    soft[9_600:9_840] //= 10
    place = quietest(soft)
    assert place is not None
    assert 9_500 < place < 9_900
    assert quietest(sound((900, 400), (900, 0))) is None
    assert quietest(sound((500, 0))) is None
