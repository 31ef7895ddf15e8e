"""What a benchmark leaves behind."""

import signal
from pathlib import Path

import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.outputs import ended_tidily, make_room


def test_folders_are_made_and_no_file_is_left(tmp_path: Path) -> None:
    """An empty file would look like a result; one that is there already stays as it is."""
    fresh, old = tmp_path / "new" / "turns.json", tmp_path / "old.json"
    old.write_text("{}")
    make_room(fresh, old, None, folder=tmp_path / "audio")
    assert fresh.parent.is_dir()
    assert not fresh.exists()
    assert old.read_text() == "{}"
    assert list((tmp_path / "audio").iterdir()) == []


def test_what_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A folder is no file, and a file is no folder."""
    (tmp_path / "file").touch()
    with pytest.raises(BenchmarkError, match=r"Is a directory.*name another file"):
        make_room(tmp_path)
    with pytest.raises(BenchmarkError, match="name another folder"):
        make_room(folder=tmp_path / "file")


def test_a_terminated_benchmark_ends_like_an_interrupted_one() -> None:
    """So that what it started is stopped; afterwards the signal does what it did before."""
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), ended_tidily():
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before
