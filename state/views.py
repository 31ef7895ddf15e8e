"""The views a process has read lately, so that it need not read and fold again what it knows.

A view is kept with the entry of the log it ends with. Who asks for it again reads that entry and those after it. If the
entry is another by now, so is what came before it: a replica took over without the newest writes, or the log was
rewritten to erase what it said. Then the view is of no use, and the log is folded anew.

What the process itself has appended since is folded on top, apart from what was read: it vouches for nothing that is
below it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cachetools import TTLCache

from state.codec import decode
from state.events import Erased, Event
from state.fold import fold_all
from state.view import View

MOST = 1000
"""Views of one process: those of a few texts are some 20 kB each."""
KEPT_S = 60.0
"""After it was last asked for: while texts go back and forth, not longer."""

Fields = dict[str, str]
"""Of an entry: schema and event."""
Entry = tuple[str, Fields]
"""Of the stream that is a log: its id, `n-0`, and its fields."""


@dataclass(frozen=True, slots=True)
class Held:
    """A view as it was read."""

    view: View
    last: Fields
    """The entry it ends with; empty where there is none."""
    unsaved: int
    """Events after the snapshot that is known to be in Redis."""
    newest: View
    """The view with what this process has appended since it was read."""
    own: tuple[Fields, ...] = ()
    """The entries of that."""

    @classmethod
    def of(cls, snapshot: View, entries: Sequence[Entry]) -> "Held":
        """A snapshot and the entries from the one it ends with, or from the first one on."""
        tail = [(entry, fields) for entry, fields in entries if _version(entry) > snapshot.version]
        view = fold_all(snapshot, [event for _, event in map(read_entry, tail)])
        return cls(view, entries[-1][1] if entries else {}, len(tail), view)

    def onwards(self, entries: Sequence[Entry]) -> "Held | None":
        """The view now, from the entry it ended with and those after it; None if that is another one."""
        if not entries or entries[0] != (f"{self.view.version}-0", self.last):
            return None
        if len(entries) == 1:
            return replace(self, newest=self.view, own=())
        mine = len(self.own)
        if mine and tuple(fields for _, fields in entries[1 : 1 + mine]) == self.own:
            known, fresh = self.newest, entries[1 + mine :]
        else:
            known, fresh = self.view, entries[1:]
        events = [event for _, event in map(read_entry, fresh)]
        if any(isinstance(event, Erased) for event in events):
            return None  # what came before it is rewritten, though the last entry may have been left as it was
        view = fold_all(known, events)
        return Held(view, entries[-1][1], self.unsaved + len(entries) - 1, view)

    def with_own(self, entries: Sequence[Fields], version: int) -> "Held":
        """After an append of this process that made that version; only if it came right after what is known here."""
        if self.newest.version + len(entries) != version:
            return self
        view = fold_all(self.newest, [decode(int(fields["schema"]), fields["event"]) for fields in entries])
        return replace(self, newest=view, own=(*self.own, *entries))

    def saved(self) -> "Held":
        """The same, with a snapshot of it in Redis."""
        return replace(self, unsaved=0)


class Views:
    """Those of one process, the ones last asked for."""

    def __init__(self) -> None:
        self._held: TTLCache[str, Held] = TTLCache(MOST, KEPT_S)

    def get(self, cid: str) -> Held | None:
        """The view of a conversation as it was read last."""
        return self._held.get(cid)

    def keep(self, cid: str, held: Held) -> None:
        """Keeps a view that has been read now. One of a conversation that never began is not worth it."""
        if held.view.version:
            self._held[cid] = held

    def appended(self, cid: str, entries: Sequence[Fields], version: int) -> None:
        """Adds what this process has appended, making that version, to the view it keeps, if it keeps one."""
        held = self._held.get(cid)
        if held is not None and entries:
            self._held[cid] = held.with_own(entries, version)
        elif entries and len(entries) == version:  # it began with them: there is nothing below
            self.keep(cid, Held.of(View(), [(f"{n}-0", fields) for n, fields in enumerate(entries, 1)]))

    def clear(self) -> None:
        """Forgets all."""
        self._held.clear()


def read_entry(entry: Entry) -> tuple[int, Event]:
    """The version an event made, and the event.

    Raises:
        RecordUnreadable: see `decode`.
    """
    return _version(entry[0]), decode(int(entry[1]["schema"]), entry[1]["event"])


def _version(entry: str) -> int:
    return int(entry.partition("-")[0])
