"""Gaps in recordings whose truth is known, found without being told what was said."""

import wave
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from calls import Loudness, call, utterance
from rich.console import Console

from benchmarks.errors import BenchmarkError
from benchmarks.recordings import figures, judge, run
from benchmarks.turns import keep


def test_gaps_are_those_that_were_put_in() -> None:
    """To the window of the voice detector, of which the earlier end counts; a pause inside a turn is none."""
    recording, _ = call(
        [(2000, utterance(1000)), (6000, utterance(800, 600, 800))], [(500, 1500), (3400, 5000), (8500, 9000)]
    )
    found = judge("a", recording, Loudness())
    assert len(found.gaps_ms) == 2
    assert np.allclose(found.gaps_ms, [400, 300], atol=32)
    assert (found.spoken_over, found.disagreed) == (0, 0)


def test_an_agent_who_begins_while_the_caller_speaks_is_told() -> None:
    """Such an end has no gap."""
    recording, _ = call([(1000, utterance(1000))], [(1700, 3000)])
    found = judge("a", recording, Loudness())
    assert (found.gaps_ms, found.spoken_over) == ([], 1)


def test_a_folder_is_judged_file_by_file(tmp_path: Path) -> None:
    """What `segue bench turns --keep-audio` saves can be judged again."""
    said = [(1000, utterance(1000))]
    for name, answered_ms in (("001-segue", 2300), ("002-segue", 2900)):
        keep(tmp_path / name, call(said, [(answered_ms, answered_ms + 800)])[0], [])
    console = Console(file=StringIO(), record=True, width=120)
    data = run(tmp_path, console)
    assert [one["name"] for one in data["recordings"]] == ["001-segue", "002-segue"]
    assert "Gaps in the recordings" in console.export_text()


@pytest.mark.parametrize(("channels", "rate"), [(1, 8000), (2, 16000)])
def test_what_is_no_recording_of_a_call_is_refused(tmp_path: Path, channels: int, rate: int) -> None:
    """By name, and with what it should be."""
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(bytes(3200))
    with pytest.raises(BenchmarkError, match=r"a\.wav has .* the caller left and the agent right"):
        run(tmp_path, Console(file=StringIO()))


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    """With a word on what belongs there."""
    with pytest.raises(BenchmarkError, match="holds no WAV files"):
        run(tmp_path, Console(file=StringIO()))


def test_of_nothing_there_are_no_figures() -> None:
    """No number is made up."""
    assert figures([])["p50_ms"] is None
