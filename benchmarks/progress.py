"""What a benchmark tells while it runs."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

Tell = Callable[[str], None]
"""Takes a line about what is going on."""


@contextmanager
def progress(console: Console) -> Iterator[Tell]:
    """Shows the newest line: in place on a terminal, elsewhere below the others on stderr, with the seconds so far."""
    if console.is_terminal:
        with console.status("") as status:
            yield status.update
        return
    began = time.monotonic()
    yield lambda line: print(f"{time.monotonic() - began:5.0f} s  {line}", file=sys.stderr, flush=True)
