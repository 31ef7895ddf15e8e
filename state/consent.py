"""The consent ledger: what the lead agreed to and took back, chained so that a later change shows.

Its rows are the events of EVIDENCE in the conversation's log, in the log's order. Each row's hash covers the row and
the hash before it. The chain is derived from the log, not written into the rows: a STOP has to be recorded at once,
whatever else is being appended at that instant, so no row may wait to learn which one comes before it. Once a row has
its place, `sealing` makes the event that writes down what the chain has come to. Any number of processes may seal:
they read the same log, so they find the same hash, and the seal's id makes one event of them.

Whoever can write to Redis can also write a whole new chain with new seals. That shows against a head kept elsewhere:
every seal is logged when it is made, and every export carries it.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from state.events import ConsentGiven, Event, EvidenceSealed, Suppressed, TextsResumed

Evidence = ConsentGiven | Suppressed | TextsResumed
EVIDENCE = (ConsentGiven, Suppressed, TextsResumed)
"""The kinds of event that are rows of the ledger. They are never redacted, not even when the person is erased."""

GENESIS = "0" * 64
"""What stands before the first row."""

Log = Sequence[tuple[int, Event]]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the ledger. `version` is the one the event made."""

    version: int
    event: Evidence
    prev_hash: str
    row_hash: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the ledger is as it was written."""

    rows: int
    sealed: int
    """Rows that a seal vouches for; the others are so new that theirs is still to come, or a seal is missing."""
    head: str
    """The hash of the last row: it stands for all of them."""
    faults: tuple[str, ...]

    @property
    def intact(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.faults


def rows_of(log: Log) -> list[Row]:
    """The ledger of a whole log, with its chain."""
    rows: list[Row] = []
    for version, event in log:
        if isinstance(event, EVIDENCE):
            prev = rows[-1].row_hash if rows else GENESIS
            rows.append(Row(version, event, prev, row_hash(prev, event)))
    return rows


def row_hash(prev_hash: str, event: Evidence) -> str:
    """SHA-256 over the hash before and the row, in hexadecimal."""
    return hashlib.sha256(prev_hash.encode() + b"\n" + canonical(event)).hexdigest()


def canonical(event: Evidence) -> bytes:
    """The row as JSON in one form only: keys sorted, no spaces, ASCII, fields at their default left out.

    Without defaults, because a field added to the event later must not change the hash of rows written before it.
    """
    fields = {**event.model_dump(mode="json", exclude_defaults=True), "kind": event.kind}
    return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode("ascii")


def sealing(log: Log, now: datetime) -> EvidenceSealed | None:
    """The seal a log lacks, or None if its newest row is sealed."""
    rows = rows_of(log)
    sealed = max((event.rows for _, event in log if isinstance(event, EvidenceSealed)), default=0)
    if sealed >= len(rows):
        return None
    return EvidenceSealed(id=f"seal:{len(rows)}", at=now, rows=len(rows), row_hash=rows[-1].row_hash)


def verify_chain(log: Log) -> Verdict:
    """Computes the chain of a whole log anew and holds every seal against it."""
    rows = rows_of(log)
    seals = [event for _, event in log if isinstance(event, EvidenceSealed)]
    return Verdict(
        rows=len(rows),
        sealed=min(len(rows), max((seal.rows for seal in seals), default=0)),
        head=rows[-1].row_hash if rows else GENESIS,
        faults=(*_gaps(log), *_broken(rows, seals)),
    )


def _gaps(log: Log) -> Iterator[str]:
    for place, (version, _) in enumerate(log, 1):
        if version != place:
            yield f"event {place} is missing from the log"
            return


def _broken(rows: Sequence[Row], seals: Sequence[EvidenceSealed]) -> Iterator[str]:
    good = 0
    for seal in seals:
        if seal.rows > len(rows):
            yield f"{seal.rows} rows were sealed, {len(rows)} are there"
            return
        if rows[seal.rows - 1].row_hash != seal.row_hash:
            suspects = ", ".join(str(row.version) for row in rows[good : seal.rows])
            yield f"a row was changed, put in or removed after it was sealed: look at the events {suspects}"
            return
        good = seal.rows
