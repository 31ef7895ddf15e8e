"""`segue gate`: what the contact gate says about a number, and what it would say about a list of leads."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cyclopts import App
from rich.console import Console

from agent.campaign import Campaign
from agent.gate.contact import Contact
from agent.gate.gate import Permit, Refusal, decide
from agent.gate.tables import TableError
from agent.gate.zones import zip_of
from state.effects import PermitKind
from state.events import Channel, conversation_id
from state.view import View
from telephony.commands.gate_report import Judged, show, show_preview
from telephony.commands.lead_list import Listed, Unusable, has_consents, read_leads
from telephony.commands.people import (
    Files,
    InputError,
    campaign_named,
    moment,
    new_lead,
    open_files,
    refused,
)
from telephony.numbers import e164

app = App(name="gate", help="Explain whether a number may be contacted, by which rule, and when next.")


@app.default
def explain(
    number: str,
    *,
    campaign: str,
    at: str | None = None,
    channel: Channel = Channel.SMS,
    kind: PermitKind = PermitKind.INITIATE,
    zip: str | None = None,
) -> int:
    """Explain what the gate says to one contact: every rule in its order, zones, local times, next permitted time.

    The lead's conversation is looked up; a number without one is taken to be a new lead who asked by web form and
    agreed in writing to texts and calls. Nothing is sent, and nothing is written down.

    Parameters
    ----------
    number
        The lead's telephone number.
    campaign
        The campaign in whose name he would be contacted.
    at
        When, such as 2026-11-18T14:05; without an offset it is read on the lead's clock. Default: now.
    channel
        A text, or a call by the AI's voice.
    kind
        What the contact is: initiated by us, an answer, a call he asked for, and so on.
    zip
        His ZIP, in place of the one on record.
    """
    try:
        contact, known = asyncio.run(_contact(number, campaign, at, channel, kind, zip))
    except InputError as error:
        return refused(error)
    console = Console(highlight=False, soft_wrap=True)
    show(console, contact, decided(contact), known=known)
    return 0


@app.command
def preview(leads: Path, *, campaign: str | None = None, at: str | None = None, channel: Channel = Channel.SMS) -> int:
    """Say how many leads of a list would be contacted now, held until later, or skipped, and why.

    Leads the record knows are judged by their conversation. Nothing is sent, and nothing is written down.

    Parameters
    ----------
    leads
        A CSV as `segue leads import` takes it: the column number, and zip, source, consent, consent_at where they
        are known. Consent is sms, ai_voice, both, or none; who is not said to have agreed has agreed to nothing.
    campaign
        The campaign in whose name they would be contacted. Default: every campaign, one after the other.
    at
        When, such as 2026-11-18T14:05; without an offset it is read on each lead's clock. Default: now.
    channel
        A text, or a call by the AI's voice.
    """
    try:
        text = _read(leads)
        verdicts = asyncio.run(_preview(text, leads.name, campaign, at, channel))
    except (InputError, TableError) as error:
        return refused(InputError(str(error)))
    console = Console(highlight=False, soft_wrap=True)
    for name, judged in verdicts.items():
        if campaign is None:
            console.print(f"{name}:", markup=False)
        show_preview(console, judged.leads)
        if not judged.has_consents:
            console.print("The list has no column consent: whoever is not on record yet has agreed to nothing.")
    return 0


@dataclass(frozen=True, slots=True)
class Previewed:
    """A list as one campaign's."""

    leads: list[Judged]
    has_consents: bool


def decided(contact: Contact) -> Permit | Refusal:
    """The gate's own answer: the one the door would get."""
    return decide(
        contact.view,
        contact.campaign,
        contact.channel,
        contact.permit,
        contact.now,
        to=contact.to,
        registers=contact.registers,
    )


async def _contact(
    number: str, campaign_id: str, at: str | None, channel: Channel, kind: PermitKind, code: str | None
) -> tuple[Contact, bool]:
    try:
        wanted = e164(number)
    except ValueError as error:
        raise InputError(f"{number!r} {error}") from None
    if code is not None and zip_of(View(zip=code)) is None:
        raise InputError(f"--zip {code!r} is no ZIP; write five digits, such as 60614")
    async with open_files() as files:
        campaign = campaign_named(files, campaign_id)
        view = await files.record.view(conversation_id(campaign.brand, wanted))
        known = view.version > 0
        if code is not None:
            facts = {key: fact for key, fact in view.facts.items() if key != "zip"}
            view = view.model_copy(update={"zip": code, "facts": facts})
        now = moment(at, view if known else view.model_copy(update={"number": wanted}), files.clock())
        if not known:
            view = new_lead(wanted, view.zip, campaign, now)
        return Contact(view, campaign, channel, kind, now, wanted, files.registers), known


async def _preview(
    text: str, name: str, campaign_id: str | None, at: str | None, channel: Channel
) -> dict[str, Previewed]:
    """The answers by campaign."""
    async with open_files() as files:
        named = files.campaigns.values() if campaign_id is None else [campaign_named(files, campaign_id)]
        return {
            campaign.id: Previewed(
                await _judge_all(read_leads(text, name, campaign), files, campaign, at, channel),
                has_consents(text, campaign),
            )
            for campaign in named
        }


async def _judge_all(
    rows: Iterable[Listed | Unusable], files: Files, campaign: Campaign, at: str | None, channel: Channel
) -> list[Judged]:
    seen: set[str] = set()
    judged = []
    for row in rows:
        if isinstance(row, Unusable):
            judged.append(Judged(row.line, None, row.why))
        elif row.number in seen:
            judged.append(Judged(row.line, None, "the number is listed twice"))
        else:
            seen.add(row.number)
            judged.append(await _judge(row, files, campaign, at, channel))
    return judged


async def _judge(row: Listed, files: Files, campaign: Campaign, at: str | None, channel: Channel) -> Judged:
    known = await files.record.view(conversation_id(campaign.brand, row.number))
    now = moment(at, known if known.version else row.view(campaign, files.clock()), files.clock())
    view = known if known.version else row.view(campaign, now)
    answer = decide(view, campaign, channel, PermitKind.INITIATE, now, registers=files.registers)
    return Judged(row.line, answer, answer.reason)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}") from None
