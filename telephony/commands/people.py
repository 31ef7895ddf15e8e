"""What the commands about one person share: whom a number stands for, and the record to look him up in."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from agent.campaign import Campaign, load_campaigns
from agent.gate.registers import NO_REGISTERS, Registers
from agent.gate.zones import lead_zone
from state.clock import Clock, clock_from, system_clock
from state.embedded import EmbeddedValkey
from state.events import Scope, conversation_id
from state.store import Record
from state.view import Consent, View
from telephony.numbers import e164
from telephony.outreach.halts import paused_in
from telephony.registers import DIRECTORY, registers_of
from telephony.settings import PLACEHOLDERS, Settings, load_settings

BAD_INPUT = 2
"""Exit code for a question that cannot be answered as it was put."""

# These commands talk to no carrier and serve nobody: what only the server needs may be missing.
NOT_NEEDED = {
    "public_url": "http://127.0.0.1",
    "api_token": "0" * 16,
    **PLACEHOLDERS,
}


class InputError(Exception):
    """What was asked for does not exist or is ambiguous. Says what to do."""


@dataclass(frozen=True, slots=True)
class Person:
    """One number as one brand knows it."""

    brand: str
    number: str

    @property
    def cid(self) -> str:
        """The conversation with him."""
        return conversation_id(self.brand, self.number)


@dataclass(frozen=True, slots=True)
class Files:
    """What the commands work on."""

    record: Record
    campaigns: Mapping[str, Campaign]
    clock: Clock
    registers: Registers = NO_REGISTERS
    data: Path | None = None
    """The server's directory, where recordings are; None: there are none."""
    number: str | None = None
    """The server's own, E.164, if it is set."""
    redis_url: str = ""
    """Where the record is, and the queue of wake-ups."""


@asynccontextmanager
async def open_files(settings: Settings | None = None) -> AsyncIterator[Files]:
    """Opens the record the server uses: the embedded one is found running, or started for the moment."""
    settings = settings or load_settings(**NOT_NEEDED)
    async with AsyncExitStack() as stack:
        url = settings.redis_url
        if url is None:
            server = EmbeddedValkey(settings.data)
            url = await asyncio.to_thread(server.start)
            stack.push_async_callback(asyncio.to_thread, server.stop)
        record = Record.connect(url, told=bool(settings.webhooks))
        stack.push_async_callback(record.close)
        clock = clock_from(settings.business_time) if settings.business_time else system_clock
        campaigns = load_campaigns(settings.campaigns)
        registers = replace(registers_of(settings.data / DIRECTORY), paused=await paused_in(record, campaigns))
        yield Files(record, campaigns, clock, registers, settings.data, settings.number, url)


async def find(files: Files, number: str, campaign: str | None, brand: str | None) -> list[Person]:
    """Everybody a number stands for: one person for each brand that has a conversation with it.

    Raises:
        InputError: if there is none, or the number, campaign or brand is not known.
    """
    try:
        wanted = e164(number)
    except ValueError as error:
        raise InputError(f"{number!r} {error}") from None
    people = [Person(one, wanted) for one in _brands(files.campaigns, campaign, brand)]
    found = [person for person in people if await files.record.log(person.cid)]
    if not found:
        names = ", ".join(person.brand for person in people)
        raise InputError(f"there is no conversation with {wanted} for {names}")
    return found


def _brands(campaigns: Mapping[str, Campaign], campaign: str | None, brand: str | None) -> list[str]:
    if campaign is not None and campaign not in campaigns:
        raise InputError(f"there is no campaign {campaign!r}; there are: {', '.join(sorted(campaigns))}")
    if brand is not None:
        return [brand]  # also one whose campaigns are gone: its people are still in the record
    if campaign is not None:
        return [campaigns[campaign].brand]
    return sorted({one.brand for one in campaigns.values()})


def new_lead(number: str, code: str | None, campaign: Campaign, now: datetime) -> View:
    """Somebody the record does not know, taken to have asked by web form and agreed in writing to both channels."""
    agreed = {scope: Consent(event="assumed", basis="written", at=now) for scope in Scope}
    return View(
        number=number,
        brand=campaign.brand,
        campaign=campaign.id,
        source="web_form",
        zip=code,
        arrived_at=now,
        consents=agreed,
    )


def campaign_named(files: Files, campaign_id: str) -> Campaign:
    """The campaign of an id.

    Raises:
        InputError: if there is none.
    """
    campaign = files.campaigns.get(campaign_id)
    if campaign is None:
        raise InputError(f"there is no campaign {campaign_id!r}; there are: {', '.join(sorted(files.campaigns))}")
    return campaign


def moment(text: str | None, view: View, now: datetime) -> datetime:
    """The instant meant: without an offset, by the lead's clock.

    Raises:
        InputError: if it is no time.
    """
    if text is None:
        return now
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"--at {text!r} is no time; write it as 2026-11-18T14:05") from None
    return (at if at.tzinfo else at.replace(tzinfo=lead_zone(view))).astimezone(UTC)


def refused(error: InputError) -> int:
    """Tells what is wrong with a question, and returns the exit code for it."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(f"segue: {error}", markup=False)
    return BAD_INPUT
