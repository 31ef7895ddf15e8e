"""Is the record what it says it is? Folds logs anew and compares, and looks for what no run of the program leaves.

What is wrong (`WRONG`) needs a person: events were lost, written by hand, or the program has a fault. What is only
`left over` is the trace of a crash or a refused append, which the sweeper clears away.
"""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from enum import StrEnum

from state.codec import decode
from state.errors import RecordUnreadable
from state.events import Event
from state.fold import fold_all
from state.store import Record, Stored
from state.view import View


class Finding(StrEnum):
    """What can be found. The values are what a person reads."""

    GAP = "version out of sequence"
    DUPLICATE = "event twice in the log"
    UNREADABLE = "unreadable event"
    LOST = "known as appended, but not in the log"
    UNKNOWN = "in the log, but not known as appended"
    DIFFERENT = "stored view is not the fold of the log"
    UNHINTED = "effect waits without a due hint"
    SETTLED_HINT = "due hint of an effect that has settled"
    ORPHAN_HINT = "due hint without its effect"


LEFT_OVER = frozenset({Finding.SETTLED_HINT, Finding.ORPHAN_HINT})
WRONG = frozenset(Finding) - LEFT_OVER


@dataclass(frozen=True, slots=True)
class Found:
    """One finding; `where` is a version, an event's id or a field of the view, never what a person said."""

    finding: Finding
    where: str


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found in one conversation."""

    cid: str
    events: int
    snapshot: int | None
    """Version of the stored view, if there is one by this program's fold."""
    found: tuple[Found, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong; something may be left over."""
        return not any(found.finding in WRONG for found in self.found)


async def audit(record: Record, cid: str, hinted: Iterable[str] = ()) -> Audit:
    """Examines one conversation, which may be in use meanwhile.

    Args:
        record: where it is.
        cid: the conversation.
        hinted: the effects of it that hints were found for.

    Raises:
        RecordUnavailable: if Redis did not answer.
    """
    stored = await record.stored(cid)
    found, view = examine(stored)
    if view is not None:
        found += await _examine_hints(record, cid, view, hinted)
    version = stored.snapshot.get("version")
    return Audit(cid, len(stored.entries), None if version is None else int(version), tuple(found))


async def audit_all(record: Record) -> AsyncIterator[Audit]:
    """Examines every conversation, and every one that a hint names."""
    hinted: dict[str, list[str]] = {}
    for cid, effect in await record.hints():
        hinted.setdefault(cid, []).append(effect)
    async for cid in record.conversations():
        yield await audit(record, cid, hinted.pop(cid, ()))
    for cid, effects in hinted.items():
        yield await audit(record, cid, effects)


def examine(stored: Stored) -> tuple[list[Found], View | None]:
    """What is wrong with a conversation as stored, and what its log adds up to; None if that cannot be said."""
    found = [Found(Finding.GAP, entry) for n, (entry, _) in enumerate(stored.entries, start=1) if entry != f"{n}-0"]
    events: list[Event] = []
    for entry, fields in stored.entries:
        try:
            events.append(decode(int(fields["schema"]), fields["event"]))
        except (RecordUnreadable, KeyError, ValueError):
            found.append(Found(Finding.UNREADABLE, entry))
    if len(events) < len(stored.entries):
        return found, None
    found += _examine_ids([event.id for event in events], stored.seen)
    found += _examine_snapshot(stored.snapshot, events)
    return found, fold_all(View(), events)


def _examine_ids(ids: list[str], seen: frozenset[str]) -> list[Found]:
    there = set(ids)
    twice = sorted(id for id in there if ids.count(id) > 1) if len(there) < len(ids) else []
    return [
        *(Found(Finding.DUPLICATE, id) for id in twice),
        *(Found(Finding.LOST, id) for id in sorted(seen - there)),
        *(Found(Finding.UNKNOWN, id) for id in sorted(there - seen)),
    ]


def _examine_snapshot(snapshot: dict[str, str], events: list[Event]) -> list[Found]:
    if not snapshot:
        return []
    try:
        view, version = View.model_validate_json(snapshot["view"]), int(snapshot["version"])
    except (KeyError, ValueError):
        return [Found(Finding.DIFFERENT, "does not validate")]
    if not version == view.version <= len(events):
        return [Found(Finding.DIFFERENT, f"version {version}")]
    folded = fold_all(View(), events[:version])
    fields = [name for name in View.model_fields if getattr(view, name) != getattr(folded, name)]
    return [Found(Finding.DIFFERENT, name) for name in fields]


async def _examine_hints(record: Record, cid: str, view: View, hinted: Iterable[str]) -> list[Found]:
    found = [Found(Finding.UNHINTED, effect) for effect in view.outbox if await _is_unhinted(record, cid, effect)]
    for effect in hinted:
        if effect in view.outbox or not await record.is_hinted(cid, effect):
            continue
        now = fold_all(View(), (event for _, event in await record.log(cid)))
        if effect not in now.outbox:
            settled = effect in (await record.stored(cid)).seen
            found.append(Found(Finding.SETTLED_HINT if settled else Finding.ORPHAN_HINT, effect))
    return found


async def _is_unhinted(record: Record, cid: str, effect: str) -> bool:
    if await record.is_hinted(cid, effect):
        return False
    # It may have settled between the two looks. If it waits even now, it was waiting when it had no hint.
    events = [event for _, event in await record.log(cid)]
    return effect in fold_all(View(), events).outbox
