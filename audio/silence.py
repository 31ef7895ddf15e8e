"""Since when a line is silent, by its loudness.

The voice detector still hears a voice for some 100 ms when the last sound of it is over. Where the line is quiet behind
the words, their loudness tells sooner; where it is not, it tells nothing, and the detector has the word.

Pure: a loudness is that of the detector's window, dB of full scale, and time is ms of the call's audio.
"""

from collections import deque
from itertools import takewhile

REMEMBERED = 96
"""Windows, three seconds."""
BELOW_DB = 36.0
"""So far below the loudest window of that time nobody speaks: what is left of a word is softer than its consonants."""
FLOOR_DB = 3.0
"""Nor does anybody in a window hardly louder than the softest of that time: it is a steady noise,"""
STANDS_OUT_DB = 18.0
"""if the loudest was so much louder."""


class Silence:
    """Remembers how loud one line was."""

    def __init__(self) -> None:
        self._windows: deque[tuple[int, float]] = deque(maxlen=REMEMBERED)
        """Where each began, and its loudness."""

    def hears(self, start_ms: int, level_db: float) -> None:
        """The next window."""
        self._windows.append((start_ms, level_db))

    def since_ms(self) -> int | None:
        """Where the silence began that lasts now; None if there is none. For whenever it matters, not for every window:
        it looks at all of them."""
        levels = [level_db for _, level_db in self._windows]
        loudest = max(levels)
        silent_db = max(loudest - BELOW_DB, min(min(levels) + FLOOR_DB, loudest - STANDS_OUT_DB))
        silent = takewhile(lambda window: window[1] <= silent_db, reversed(self._windows))
        return min((start_ms for start_ms, _ in silent), default=None)
