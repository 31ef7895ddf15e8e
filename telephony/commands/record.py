"""`segue record`: whether the record is what it says it is, and what one conversation's log holds."""

import asyncio
from collections.abc import Iterator
from typing import Annotated, Any

from cyclopts import App, Parameter
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn
from rich.table import Table

from state.audit import WRONG, Audit, audit, audit_all
from state.events import Event
from state.store import Record
from telephony.commands.people import Files, InputError, find, open_files, refused
from telephony.log import redacted

app = App(name="record", help="Verify the record, or show the log of one conversation.")

Flag = Annotated[bool, Parameter(negative=())]

# fmt: off
SHOWN = frozenset({
    "act", "agent_call", "asks", "basis", "brand", "call", "campaign", "cause", "channel", "cut_ms", "detector",
    "discarded", "due", "effect", "end_ms", "error", "gap", "handoff", "heard_ms", "key", "kind", "media", "outcome",
    "permit", "reason", "reply", "row_hash", "rows", "rule", "scopes", "send", "sequence", "sid", "source", "speech",
    "start_ms", "status", "step", "stream", "text_id", "timing", "transcript", "turn", "wait",
})
# fmt: on
"""Fields that say nothing about a person. All others are redacted, so also those that are added some day."""


@app.command
def verify(conversation: str | None = None, *, all: Flag = False) -> int:
    """Fold logs anew and compare them with the stored views, event ids and due hints. The server may be running.

    Exits with 1 if anything is wrong. What a crash left over is told too; the server clears it away by itself.

    Parameters
    ----------
    conversation
        The id of a conversation, or a telephone number. Default: every conversation there is.
    all
        Every conversation there is.
    """
    if conversation is not None and all:
        return refused(InputError("name one conversation, by its id or number, or say --all: not both"))
    try:
        audits = asyncio.run(_verify(conversation))
    except InputError as error:
        return refused(error)
    console = Console(highlight=False, soft_wrap=True)
    if any(one.found for one in audits):
        console.print(_table(audits))
    console.print(verdict(audits), markup=False)
    return int(not all_passed(audits))


@app.command
def show(conversation: str, *, plain: Flag = False) -> int:
    """Print the log of a conversation, an event a line, without what was said and who it was.

    Parameters
    ----------
    conversation
        The id of a conversation, or a telephone number.
    plain
        Print everything. Mind who reads it.
    """
    try:
        log = asyncio.run(_log(conversation))
    except InputError as error:
        return refused(error)
    console = Console(highlight=False, soft_wrap=True)
    for cid, entries in log.items():
        console.print(f"conversation {cid}", markup=False)
        for version, event in entries:
            console.print(line(version, event, plain=plain), markup=False)
    return 0


@app.command
def relist() -> int:
    """Make the console's list of conversations anew, from all there are. The server may be running."""
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"{asyncio.run(_relist())} conversations listed.")
    return 0


async def _relist() -> int:
    async with open_files() as files:
        count = 0
        async for cid in files.record.conversations():
            await files.record.listing.write(cid, [event for _, event in await files.record.log(cid)])
            count += 1
        return count


async def _verify(conversation: str | None) -> list[Audit]:
    async with open_files() as files:
        if conversation is None:
            return await _verify_all(files.record)
        hints = await files.record.hints()
        cids = await _conversations(files, conversation)
        return [await audit(files.record, cid, [effect for named, effect in hints if named == cid]) for cid in cids]


async def _verify_all(record: Record) -> list[Audit]:
    audits: list[Audit] = []
    progress = Progress(
        SpinnerColumn(), TextColumn("{task.completed} conversations"), console=Console(stderr=True), transient=True
    )
    with progress:
        task = progress.add_task("", total=None)
        async for one in audit_all(record):
            audits.append(one)
            progress.advance(task)
    return audits


async def _log(conversation: str) -> dict[str, list[tuple[int, Event]]]:
    async with open_files() as files:
        return {cid: await files.record.log(cid) for cid in await _conversations(files, conversation)}


async def _conversations(files: Files, named: str) -> list[str]:
    """An id stands for itself; a number for a conversation with each brand."""
    stored = await files.record.stored(named)
    if stored.entries or stored.seen:
        return [named]
    try:
        return [person.cid for person in await find(files, named, None, None)]
    except InputError:
        raise InputError(f"there is no conversation {named!r}, neither by its id nor by a number") from None


def all_passed(audits: list[Audit]) -> bool:
    """Whether nothing is wrong with any."""
    return all(one.passed for one in audits)


def verdict(audits: list[Audit]) -> str:
    """The outcome in a sentence."""
    events = sum(one.events for one in audits)
    compared = sum(one.snapshot is not None for one in audits)
    wrong = sum(not one.passed for one in audits)
    counted = f"Conversations: {len(audits)}, events: {events}, stored views compared: {compared}."
    return f"{counted} {f'WRONG: {wrong}.' if wrong else 'Nothing is wrong.'}"


def _table(audits: list[Audit]) -> Table:
    table = Table("conversation", "what was found", "where", box=None, pad_edge=False)
    for one in audits:
        for found in one.found:
            colour = "red" if found.finding in WRONG else "yellow"
            table.add_row(one.cid, f"[{colour}]{found.finding.value}[/]", found.where)
    return table


def line(version: int, event: Event, *, plain: bool) -> str:
    """One event for a reader."""
    fields = event.model_dump(mode="json", exclude={"id", "at", "kind"}, exclude_none=True)
    told = "  ".join(f"{name}={value}" for name, value in _told(fields, plain=plain))
    return f"{version:>5}  {event.at:%Y-%m-%d %H:%M:%S}  {event.kind:16}  {event.id}  {told}".rstrip()


def _told(fields: dict[str, Any], *, plain: bool) -> Iterator[tuple[str, object]]:
    for name, value in fields.items():
        if not plain and name not in SHOWN:
            yield name, redacted(value)
        elif isinstance(value, dict):
            inside = ", ".join(f"{key} {part}" for key, part in _told(value, plain=plain))
            yield name, f"({inside})"
        else:
            yield name, value
