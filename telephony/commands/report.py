"""`segue report`: speed, contact, qualification, transfers, opt-outs and complaints, by campaign."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from telephony.campaign_report import Tally
from telephony.commands.people import BAD_INPUT, Files, InputError, campaign_named, open_files, refused
from telephony.reports import story_of

app = App(name="report", help="Report on leads: speed, contact, qualification, transfers, opt-outs, complaints.")

TOGETHER = 16
"""Logs read at one time."""


@app.default
def report(
    *,
    since: str | None = None,
    until: str | None = None,
    campaign: str | None = None,
    json_: Annotated[Path | None, Parameter(name="--json", negative=())] = None,
) -> int:
    """Report on the leads who arrived in a time: how soon and how often we tried, whom we reached, what came of it.

    Whoever called or wrote first counts as a lead, but not in speed and contact: he was not waiting for us. A complaint
    is a stop that says so, or a text that a carrier took for spam. Logs are read a few at a time and let go; only
    a few numbers are kept of each lead.

    Parameters
    ----------
    since
        From when, such as 2026-11-01 or 2026-11-18T14:05-06:00; UTC without an offset. Default: 30 days ago.
    until
        Until when, not included. Default: now.
    campaign
        Only this campaign.
    json_
        Write the figures here, too.
    """
    try:
        made = asyncio.run(_report(since, until, campaign))
    except InputError as error:
        return refused(error)
    show(made, Console(highlight=False))
    if json_ is not None:
        try:
            json_.parent.mkdir(parents=True, exist_ok=True)
            json_.write_text(json.dumps(made, indent=2) + "\n")
        except OSError as error:
            refused(InputError(f"{json_} cannot be written: {error.strerror}"))
            return BAD_INPUT
    return 0


async def _report(since: str | None, until: str | None, campaign_id: str | None) -> dict[str, Any]:
    async with open_files() as files:
        if campaign_id is not None:
            campaign_named(files, campaign_id)
        last = _instant(until, "--until") or files.clock()
        first = _instant(since, "--since") or last - timedelta(days=30)
        tallies = await _tallied(files, first, last, campaign_id)
        paused = {name: why for name, why in files.registers.paused.items() if campaign_id in {None, name}}
    total = tallies.pop("", Tally())
    return {
        "since": first.isoformat(),
        "until": last.isoformat(),
        "total": total.as_json(),
        "campaigns": {name: tally.as_json() for name, tally in sorted(tallies.items())},
        "paused": paused,
    }


async def _tallied(files: Files, first: datetime, last: datetime, campaign: str | None) -> dict[str, Tally]:
    """By campaign, and under "" in all."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    batch: list[str] = []

    async def count() -> None:
        for log in await asyncio.gather(*(files.record.log(cid) for cid in batch)):
            story = story_of(log)
            if story is None or not first <= story.arrived < last or campaign not in {None, story.campaign}:
                continue
            for name in ("", story.campaign):
                tallies[name].add(story, files.campaigns.get(story.campaign))
        batch.clear()

    async for cid in files.record.conversations():
        batch.append(cid)
        if len(batch) == TOGETHER:
            await count()
    await count()
    return tallies


def _instant(text: str | None, flag: str) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"{flag} {text!r} is no time such as 2026-11-18 or 2026-11-18T14:05-06:00") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def show(made: dict[str, Any], console: Console) -> None:
    """Prints the figures, a column for each campaign."""
    columns = {"all": made["total"]} | (made["campaigns"] if len(made["campaigns"]) > 1 else {})
    since, until = (datetime.fromisoformat(made[end]).isoformat(" ", "minutes") for end in ("since", "until"))
    console.print(f"Leads from {since} to {until}", highlight=False)
    table = Table(box=SIMPLE_HEAD)
    for name in ("", *columns):
        table.add_column(name, justify="right" if name else "left")
    told = [list(_lines(figures)) for figures in columns.values()]
    for row in zip(*told, strict=True):
        table.add_row(row[0][0], *(value for _, value in row))
    console.print(table)
    for number, found in made["total"]["numbers"].items():
        fault = "  NOT VOUCHED FOR: see docs/reports.md" if found["flagged"] else ""
        console.print(f"Calls from {number}: {_counts(found['attestations'])}; {_of(found)} answered.{fault}")
    for name, why in made["paused"].items():
        console.print(f"PAUSED: {name}: {why}. `segue campaigns resume {name} --by NAME` lets it go on.", markup=False)


def _lines(figures: dict[str, Any]) -> Iterator[tuple[str, str]]:
    speed, tries = figures["speed_to_first_touch_s"], figures["attempts_to_contact"]
    yield "leads", str(figures["leads"])
    yield "speed to first touch, p50 / p95", f"{_s(speed['p50'])} / {_s(speed['p95'])}"
    yield "  within a minute", _percent(speed["within_60_s"])
    yield "  not touched yet", str(figures["untouched"])
    yield "attempts to contact, p50 / p95", f"{_n(tries['p50'])} / {_n(tries['p95'])}"
    yield "  three or more", _percent(tries["three_or_more"])
    yield "contact rate", _of(figures["contact_rate"])
    for name, found in figures["contact_rate_by_first_channel"].items():
        yield f"  first by {'call' if name == 'voice' else 'text'}", _of(found)
    for name, found in figures["contact_rate_by_attestation"].items():
        yield f"  calls with attestation {name}", _of(found)
    time = figures["qualification_time_s"]
    yield "time to qualification, p50 / p95", f"{_s(time['p50'])} / {_s(time['p95'])}"
    for name, time in figures["qualification_time_by_channel_s"].items():
        yield f"  {'on a call' if name == 'voice' else 'by text'}", f"{_s(time['p50'])} / {_s(time['p95'])}"
    transfers = figures["transfers"]
    yield "transfers asked for", str(transfers["asked"])
    yield "  how they ended", _counts(transfers["outcomes"])
    yield "  what came of them: put through", _counts(figures["reported_by_way"]["warm"])
    yield "  what came of them: called later", _counts(figures["reported_by_way"]["callback"])
    yield "held for a person to look at", f"{figures['holds']['count']} ({_percent(figures['holds']['rate'])})"
    yield "opt-outs", f"{figures['opt_outs']['count']} ({_percent(figures['opt_outs']['rate'])})"
    yield "complaints", f"{figures['complaints']['count']} ({_percent(figures['complaints']['rate'])})"


def _s(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:,.1f} s"


def _n(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"


def _percent(rate: float | None) -> str:
    return "-" if rate is None else f"{rate:.1%}"


def _of(found: dict[str, Any]) -> str:
    return f"{_percent(found['rate'])} of {found['of']}" if found["of"] else "-"


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "-"
