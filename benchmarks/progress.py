"""What a benchmark tells while it runs."""

import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvloop
from rich.console import Console

Tell = Callable[[str], None]
"""Takes a line about what is going on."""


class Countdown:
    """Says which of so many calls are being played, and by those before them about how long the rest will take."""

    def __init__(self, calls: int, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock`: seconds."""
        self._calls = calls
        self._clock = clock
        self._began: float | None = None

    def line(self, played: int, batch: int) -> str:
        """For the calls that come next, `batch` of them, when so many are played."""
        now = self._clock()
        self._began = now if self._began is None else self._began
        text = f"calls {played + 1} to {played + batch} of {self._calls}"
        if not played:
            return text
        left_s = (now - self._began) / played * (self._calls - played)
        return f"{text}, {left_s / 60:.0f} min left" if left_s >= 90 else f"{text}, {left_s:.0f} s left"


def measured(measure: Callable[[Path, Tell], Coroutine[Any, Any, dict[str, Any]]], console: Console) -> dict[str, Any]:
    """The figures of a measurement, which gets a folder of its own and a way to tell how far it is."""
    with tempfile.TemporaryDirectory(prefix="segue-bench-") as folder, console.status("") as status:
        figures: dict[str, Any] = uvloop.run(measure(Path(folder), status.update))
    return figures


@contextmanager
def progress(console: Console) -> Iterator[Tell]:
    """Shows the newest line: in place on a terminal, elsewhere below the others on stderr, with the seconds so far."""
    if console.is_terminal:
        with console.status("") as status:
            yield status.update
        return
    began = time.monotonic()
    yield lambda line: print(f"{time.monotonic() - began:5.0f} s  {line}", file=sys.stderr, flush=True)
