"""What a benchmark leaves behind: its files where they are wanted, and no process."""

import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.errors import BenchmarkError


def make_room(*files: Path | None, folder: Path | None = None) -> None:
    """Makes sure that files can be written, and into the folder, before minutes of measuring are lost for want of it.

    Raises:
        BenchmarkError: if one of them cannot.
    """
    for path in filter(None, files):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            was_there = path.exists()
            path.open("ab").close()
        except OSError as error:
            raise BenchmarkError(f"{path} cannot be written ({error.strerror}): name another file") from None
        if not was_there:
            path.unlink()  # An empty file would look like a result.
    if folder is not None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
        except OSError as error:
            raise BenchmarkError(f"nothing can be saved in {folder} ({error.strerror}): name another folder") from None


@contextmanager
def ended_tidily() -> Iterator[None]:
    """Has a SIGTERM end the block as Ctrl-C does: servers and databases that were started for it are stopped."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Only the main thread is interrupted by signals.
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
