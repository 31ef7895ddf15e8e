"""`segue forget`: erases what people said to us, when they ask for it or when its time is over."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console

from agent.campaign import Campaign
from state.consent import verify_chain
from state.erasure import Busy, erase, last_contact
from state.errors import RecordUnavailable
from state.events import CallArrived, CallPlaced, Event, TextReceived, TextSent
from state.fold import fold_all
from state.view import View
from telephony.commands.people import Files, InputError, find, open_files, refused
from telephony.live.recording import forget_audio

app = App(
    name="forget",
    help_epilogue="""Words, names, facts, promises and summaries go. Consents, suppressions and the bare list of
    contacts stay, and the chain of hashes can still be verified. Whoever was erased is contacted again only on a new
    consent. It cannot be undone.""",
)

ON_DISK = (
    "Redis would not write its append-only file anew: what was erased may still be in it and in its snapshots. Have it"
    " rewritten (BGREWRITEAOF), and let the backups run out"
)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was done about one conversation."""

    brand: str
    erased: bool
    """False if there was nothing left to erase."""
    evidence: int
    at_carrier: tuple[str, ...]
    """Ids of texts and calls of which the carrier has its own copy."""


@app.default
def forget(
    number: str | None = None,
    *,
    campaign: str | None = None,
    brand: str | None = None,
    expired: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Erase a person, or everybody whose time is over.

    Parameters
    ----------
    number
        The telephone number of the person who asked for it.
    campaign
        Only what the brand of this campaign knows.
    brand
        Only what this brand knows.
    expired
        Erase every conversation without any contact for as long as its brand's campaigns allow (retention_days).
    """
    if (number is None) is not expired:
        return refused(InputError("name a telephone number, or give --expired for everybody whose time is over"))
    try:
        if number is None:
            return asyncio.run(_forget_expired())
        return asyncio.run(_forget_person(number, campaign, brand))
    except (InputError, Busy) as error:
        return refused(InputError(str(error)))


async def _forget_person(number: str, campaign: str | None, brand: str | None) -> int:
    console = Console(highlight=False, soft_wrap=True)
    async with open_files() as files:
        for person in await find(files, number, campaign, brand):
            done = await _forget(files, person.brand, person.cid)
            console.print("\n".join(told(done)), markup=False)
        await _compact(files, console)
    return 0


async def _forget(files: Files, brand: str, cid: str) -> Forgotten:
    erased = await erase(files.record, cid, "request", files.clock())
    _forget_audio(files, cid)
    log = await files.record.log(cid)
    return Forgotten(brand, erased, verify_chain(log).rows, tuple(_at_carrier(event for _, event in log)))


def told(done: Forgotten) -> list[str]:
    """What was done, for a reader."""
    if not done.erased:
        return [f"{done.brand}: there was nothing left to erase."]
    return [
        f"{done.brand}: erased. {done.evidence} rows of evidence and the list of contacts are kept.",
        *([f"The carrier has its own copies; delete them there: {', '.join(done.at_carrier)}"] * bool(done.at_carrier)),
    ]


def _at_carrier(events: Iterable[Event]) -> list[str]:
    ids = [
        event.sid if isinstance(event, TextSent | TextReceived) else event.call
        for event in events
        if isinstance(event, TextSent | TextReceived | CallPlaced | CallArrived)
    ]
    return list(dict.fromkeys(ids))


async def _forget_expired() -> int:
    console = Console(highlight=False, soft_wrap=True)
    async with open_files() as files:
        count = await forget_expired(files)
        console.print(f"{count} conversations erased.")
        if count:
            await _compact(files, console)
    return 0


async def forget_expired(files: Files) -> int:
    """Erases what is kept longer than its brand allows; returns how many conversations that were."""
    days, count = _days_by_brand(files.campaigns), 0
    async for cid in files.record.conversations():
        events = [event for _, event in await files.record.log(cid)]
        if is_expired(events, days, files.clock()):
            count += await erase(files.record, cid, "retention", files.clock())
            _forget_audio(files, cid)
    return count


def _forget_audio(files: Files, cid: str) -> None:
    """On this server's disk: others have their own."""
    if files.data is not None:
        forget_audio(files.data, cid)


def is_expired(events: list[Event], days_by_brand: Mapping[str, int], now: datetime) -> bool:
    """Whether a conversation's time is over. Of one in which something of ours is still to come, it is not."""
    view, last = fold_all(View(), events), last_contact(events)
    days = days_by_brand.get(view.brand)
    if last is None or days is None or view.outbox:
        return False
    return now - last >= timedelta(days=days)


def _days_by_brand(campaigns: Mapping[str, Campaign]) -> dict[str, int]:
    days: dict[str, int] = {}
    for campaign in campaigns.values():
        if campaign.retention_days is not None:
            days[campaign.brand] = min(campaign.retention_days, days.get(campaign.brand, campaign.retention_days))
    return days


async def _compact(files: Files, console: Console) -> None:
    try:
        await files.record.compact()
    except RecordUnavailable as error:
        console.print(f"{ON_DISK} ({error}).", markup=False)
