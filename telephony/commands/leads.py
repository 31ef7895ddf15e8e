"""`segue leads`: taking in a list of leads."""

import asyncio
import csv
import os
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Annotated, BinaryIO

from cyclopts import App, Parameter
from docket import Docket
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from agent.campaign import Campaign
from agent.gate.gate import Permit, decide
from state.effects import PermitKind
from state.errors import RecordUnavailable, translated
from state.events import Channel, Event, conversation_id
from state.fold import fold_all
from state.follow import pause
from state.view import View
from telephony.api import problems_of
from telephony.commands.people import Files, InputError, campaign_named, open_files, refused
from telephony.leads.flat import as_lead, our_name, unknown_names
from telephony.leads.intake import enter, enter_new
from telephony.leads.submission import LeadIn, faults, not_leads, submitted
from telephony.services import DOCKET
from telephony.wake import PLAN, queue_plan

app = App(name="leads", help="Take in a list of leads.")

BATCH = 50
"""Rows that go to the record together: it is at them for a few ms, in which whoever talks waits."""
TRIES = 5
"""Of a batch, while the record does not answer: a list is long, and a moment without it is no reason to begin anew."""
AT_ONCE = 2
"""Batches on their way at one time; no more of a list is in memory."""
WOKEN = 100
"""Leads of one list for whom a worker is woken at once. The others would only queue up for their turn with the carrier,
and the sweeper finds them before it comes."""
SHOWN = 100
"""Faulty rows that are told one by one; of more, the number."""

Flag = Annotated[bool, Parameter(negative=())]


@app.command(name="import")
def take(
    file: Path,
    *,
    campaign: str,
    dry_run: Flag = False,
    disclosure: str | None = None,
    source: str = "import",
) -> int:
    """Take in the leads of a CSV. A row that is wrong is told by its line and does not spoil the others.

    The first line names the columns: number; first_name, zip, source and submitted_at where they are known; of the
    consent: consent (sms, ai_voice or both), disclosure, source_url, ip, user_agent, certificate and so on; and any
    question of the campaign's. The campaign's `form` may give other names. A row without a consent is refused: what is
    not shown is not assumed.

    The server, which may run meanwhile, makes first contacts as they become lawful. The same list again adds nothing,
    so an import that broke off is simply started again. Exits with 1 if a row was refused.

    Parameters
    ----------
    file
        The list, in UTF-8.
    campaign
        The campaign whose leads they are.
    dry_run
        Write nothing, and say what would become of each.
    disclosure
        The words all of them agreed to, verbatim, for a list without that column.
    source
        Where they come from, for a list without that column.
    """
    fixed = {"source": source} | ({"consent.disclosure": disclosure} if disclosure else {})
    console = Console(highlight=False, soft_wrap=True)
    try:
        done = asyncio.run(_import(file, campaign, fixed, Progressing(console), dry_run=dry_run))
    except InputError as error:
        return refused(error)
    console.print(verdict(done, dry_run=dry_run), markup=False)
    return int(done.refused > 0)


@dataclass
class Done:
    """What became of the rows."""

    results: Counter[str] = field(default_factory=Counter)
    refused: int = 0


class Progressing:
    """The bar, and above it the rows that were refused."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._told = 0
        self._bar = Progress(
            BarColumn(), TextColumn("{task.percentage:>3.0f} %  {task.fields[rows]:,} rows"), TimeRemainingColumn(),
            console=console, transient=True,
        )  # fmt: skip
        self._task: TaskID | None = None

    @contextmanager
    def over(self, size: int) -> Iterator[None]:
        """Shows the bar for a file of so many bytes."""
        with self._bar:
            self._task = self._bar.add_task("", total=size, rows=0)
            yield

    def at(self, position: int, rows: int) -> None:
        """So far the file was read."""
        if self._task is not None:
            self._bar.update(self._task, completed=position, rows=rows)

    def say(self, text: str) -> None:
        """A line above the bar."""
        self._console.print(text, markup=False)

    def refuse(self, line: int, problems: list[tuple[str, str]]) -> None:
        """Tells of a row that is wrong."""
        self._told += 1
        if self._told <= SHOWN:
            self.say(f"line {line}: " + "; ".join(f"{where}: {what}" for where, what in problems))
        elif self._told == SHOWN + 1:
            self.say(f"... more than {SHOWN} rows are wrong; the rest are only counted")


async def _import(path: Path, campaign_id: str, fixed: Mapping[str, str], show: Progressing, *, dry_run: bool) -> Done:
    async with open_files() as files:
        campaign = campaign_named(files, campaign_id)
        try:
            with path.open("rb") as source, show.over(os.fstat(source.fileno()).st_size):
                async with queue(files) as docket:
                    importing = Importing(files, campaign, fixed, show, docket, dry_run=dry_run)
                    return await importing.run(Rows(source))
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror}") from None
        except (csv.Error, UnicodeDecodeError) as error:
            raise InputError(f"{path} is no CSV in UTF-8: {error}. What was read before is taken in") from None


@asynccontextmanager
async def queue(files: Files) -> AsyncIterator[Docket]:
    """The server's queue of wake-ups, to put some into."""
    async with Docket(name=DOCKET, url=files.redis_url) as docket:
        docket.register(_of_the_server, names=[PLAN])
        yield docket


async def _of_the_server(cid: str) -> None:
    """Stands for the server's task: only what has a name here can be asked for."""


Row = tuple[int, list[str]]
"""Its line, and its cells."""


class Rows:
    """The rows of a CSV, one at a time."""

    def __init__(self, source: BinaryIO) -> None:
        self.position = 0
        self._source = source
        self._reader = csv.reader(self._lines(), strict=True)
        self.header = [column.strip() for column in next(self._reader, [])]

    def __iter__(self) -> Iterator[Row]:
        line = self._reader.line_num + 1
        for cells in self._reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = self._reader.line_num + 1

    def _lines(self) -> Iterator[str]:
        for line in self._source:
            text = line.decode("utf-8-sig" if self.position == 0 else "utf-8")
            self.position += len(line)
            yield text


class Importing:
    """One run over a list."""

    def __init__(
        self,
        files: Files,
        campaign: Campaign,
        fixed: Mapping[str, str],
        show: Progressing,
        docket: Docket,
        *,
        dry_run: bool,
    ) -> None:
        self._files = files
        self._campaign = campaign
        self._fixed = fixed
        self._taken = not_leads(files.campaigns.values(), files.number)
        self._show = show
        self._docket = docket
        self._to_wake = WOKEN
        self._act = self._judge_all if dry_run else self._enter_all
        self._done = Done()

    async def run(self, rows: Rows) -> Done:
        """Takes every row in, and says what became of them."""
        header = self._checked(rows.header)
        try:
            await self._take_all(rows, header)
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None  # the first fault ends the import, and is the one to tell
        return self._done

    async def _take_all(self, rows: Rows, header: list[str]) -> None:
        room, read = asyncio.Semaphore(AT_ONCE), 0
        async with asyncio.TaskGroup() as group:
            for lines in batched(rows, BATCH):
                leads = [lead for line, cells in lines if (lead := self._lead(line, header, cells)) is not None]
                await room.acquire()
                group.create_task(self._act(leads)).add_done_callback(lambda _: room.release())
                read += len(lines)
                self._show.at(rows.position, read)

    def _checked(self, header: list[str]) -> list[str]:
        if not header or len(set(header)) < len(header):
            raise InputError("the first line must name each column once")
        if not any(our_name(column, self._campaign) == "number" for column in header):
            raise InputError(
                f"the first line names no column for the telephone number: {', '.join(header)[:200]}; it must name the "
                "columns, number among them, with commas between"
            )
        if ignored := unknown_names(header, self._campaign):
            self._show.say(f"Columns that mean nothing here, and are left alone: {', '.join(ignored)}")
        return header

    def _lead(self, line: int, header: list[str], cells: list[str]) -> LeadIn | None:
        """What a row says; None, and the reason is told, if it is wrong."""
        try:
            lead, wrong = self._read(header, cells), []
        except ValidationError as error:
            lead, wrong = None, [(one["field"], one["problem"]) for one in problems_of(error)]
        except ValueError as error:
            lead, wrong = None, [("row", str(error))]
        if lead is not None:
            wrong = faults(lead, self._campaign, self._files.clock(), self._taken)
        if wrong:
            self._done.refused += 1
            self._show.refuse(line, wrong)
            return None
        return lead

    def _read(self, header: list[str], cells: list[str]) -> LeadIn:
        if len(cells) != len(header):
            raise ValueError(f"has {len(cells)} cells, the header has {len(header)}")
        row = dict(zip(header, cells, strict=True))
        return as_lead(row, self._campaign, actor="segue leads import", fixed=self._fixed)

    def _cid(self, lead: LeadIn) -> str:
        return conversation_id(self._campaign.brand, lead.number)

    async def _enter_all(self, leads: Sequence[LeadIn]) -> None:
        """Those nobody knows together, the others and whoever stands twice in the list one by one."""
        now = self._files.clock()
        arrivals = [(self._cid(lead), submitted(lead, self._campaign, now)) for lead in leads]
        first = dict(reversed(arrivals))
        added = await self._enter_new(first, now)
        for cid, arrival in arrivals:
            if cid in added and arrival is first[cid]:
                await self._entered(cid, added=added[cid])
            else:
                await self._entered(cid, added=bool(await enter(self._files.record, cid, arrival, now)))

    async def _enter_new(self, arrivals: Mapping[str, Sequence[Event]], now: datetime) -> dict[str, bool]:
        for attempt in range(TRIES - 1):
            try:
                return await enter_new(self._files.record, arrivals, now)
            except RecordUnavailable:
                await asyncio.sleep(pause(attempt))
        return await enter_new(self._files.record, arrivals, now)

    async def _entered(self, cid: str, *, added: bool) -> None:
        self._done.results["taken in" if added else "on record already"] += 1
        if added and self._to_wake > 0:
            self._to_wake -= 1
            with translated():
                await queue_plan(self._docket, cid, datetime.now(UTC))

    async def _judge_all(self, leads: Sequence[LeadIn]) -> None:
        known = await self._files.record.begun([self._cid(lead) for lead in leads])
        for lead in leads:
            self._judge(lead, known.get(self._cid(lead), View()))

    def _judge(self, lead: LeadIn, view: View) -> None:
        """What would become of him now, were the list taken in."""
        now = self._files.clock()
        arrival = submitted(lead, self._campaign, now)
        answer = decide(
            fold_all(view, arrival), self._campaign, Channel.SMS, PermitKind.INITIATE, now,
            registers=self._files.registers,
        )  # fmt: skip
        if isinstance(answer, Permit):
            self._done.results["would be texted at once"] += 1
        else:
            later = "would wait" if answer.next_allowed else "would not be texted"
            self._done.results[f"{later}: {answer.reason}"] += 1


def batched(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    """The rows, so many at a time."""
    left = iter(rows)
    while batch := list(islice(left, size)):
        yield batch


def verdict(done: Done, *, dry_run: bool) -> str:
    """The outcome in a few lines."""
    told = [f"{count:,} {what}" for what, count in sorted(done.results.items())]
    told += [f"{done.refused:,} refused"] if done.refused else []
    text = "\n".join(told) or "The list is empty."
    return f"{text}\nNothing was written." if dry_run else text
