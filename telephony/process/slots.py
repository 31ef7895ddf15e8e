"""The slots of a server's calls: a small table, in memory, or in a file that the processes of one server share.

SQLite keeps it because a process may die at any moment: what it was writing must not spoil the table for the others.
"""

import os
import sqlite3
from math import inf
from pathlib import Path

BUSY_S = 1.0
"""How long one process waits for another that writes; a write takes a tenth of a millisecond."""

_TABLE = "CREATE TABLE IF NOT EXISTS slot (key TEXT PRIMARY KEY, until REAL NOT NULL, owner INTEGER NOT NULL)"
_HOLD = (
    "INSERT INTO slot VALUES (?, ?, ?) "
    "ON CONFLICT (key) DO UPDATE SET until = max(until, excluded.until)"  # a live call's slot has no end
)
_TAKE = "INSERT INTO slot SELECT ?, ?, ? WHERE (SELECT count(*) FROM slot) < ?"
_LIVE = "INSERT OR REPLACE INTO slot VALUES (?, ?, ?)"


class Slots:
    """Until when each slot is held, and by which process. Times are seconds on a clock that all processes share.

    Args:
        file: the table of several processes; without it this one has a table of its own.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._me = os.getpid()
        # Statements are transactions of their own; who calls may be another thread than who opened, never two at once.
        self._table = sqlite3.connect(file or ":memory:", isolation_level=None, timeout=BUSY_S, check_same_thread=False)
        self._table.execute("PRAGMA journal_mode = WAL")  # survives a process that is killed while it writes
        self._table.execute("PRAGMA synchronous = OFF")  # and need not survive the machine
        self._table.execute(_TABLE)

    def close(self) -> None:
        """Lets go of the table."""
        self._table.close()

    def forget(self, now: float) -> None:
        """Frees what nobody holds any more."""
        self._table.execute("DELETE FROM slot WHERE until <= ?", (now,))

    def taken(self) -> int:
        """How many slots are held, by all processes."""
        return self._number("SELECT count(*) FROM slot")

    def live(self) -> int:
        """How many calls have their audio in this process."""
        return self._number("SELECT count(*) FROM slot WHERE until = ? AND owner = ?", inf, self._me)

    def has(self, key: str) -> bool:
        """Whether a slot is held under this name."""
        return bool(self._number("SELECT count(*) FROM slot WHERE key = ?", key))

    def take(self, key: str, until: float, most: int) -> bool:
        """Takes a slot of so many, in one step; False if none is free. Nothing may be held under this name."""
        return self._table.execute(_TAKE, (key, until, self._me, most)).rowcount == 1

    def hold(self, key: str, until: float) -> None:
        """Holds a slot, room or not, at least so long."""
        self._table.execute(_HOLD, (key, until, self._me))

    def begin(self, key: str) -> None:
        """The call's audio is in this process from here on."""
        self._table.execute(_LIVE, (key, inf, self._me))

    def end(self, key: str, until: float) -> None:
        """The call's audio is gone; its slot is kept for so long, unless it is released or live elsewhere by now."""
        self._table.execute("UPDATE slot SET until = ? WHERE key = ? AND owner = ?", (until, key, self._me))

    def rename(self, key: str, name: str) -> None:
        """The slot goes by another name now, unless one is held under that already."""
        self._table.execute("UPDATE OR IGNORE slot SET key = ? WHERE key = ?", (name, key))
        self.release(key)

    def release(self, key: str) -> None:
        """The slot is free."""
        self._table.execute("DELETE FROM slot WHERE key = ?", (key,))

    def bereave(self, owner: int, until: float) -> None:
        """A process has died: the slots of its live calls are kept for so long, in which the calls may come back."""
        self._table.execute("UPDATE slot SET until = ? WHERE owner = ? AND until = ?", (until, owner, inf))

    def _number(self, question: str, *values: str | float) -> int:
        number: int = self._table.execute(question, values).fetchone()[0]
        return number
