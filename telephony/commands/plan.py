"""`segue plan`: what happens next in a conversation, when, and why."""

import asyncio
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

from cyclopts import App, Parameter
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from agent.outreach import No, Situation, Step, Wait, considered, plan
from agent.promises import deadline
from state.effects import Dial
from state.events import conversation_id
from state.view import Commitment
from telephony.commands.people import (
    Files,
    InputError,
    campaign_named,
    find,
    moment,
    new_lead,
    open_files,
    refused,
)
from telephony.numbers import e164

app = App(name="plan", help="Explain what happens next in a conversation, when, and why.")


@app.default
def explain(
    number: str,
    *,
    campaign: str | None = None,
    at: str | None = None,
    json_: Annotated[bool, Parameter(name="--json", negative=())] = False,
) -> int:
    """Explain the plan for one lead: the next step, every rule and what it says, and what we promised him.

    Nothing is sent, and nothing is written down. With --campaign a number without a conversation is taken to be a new
    lead who asked by web form and agreed in writing to texts and calls.

    Parameters
    ----------
    number
        The lead's telephone number.
    campaign
        The campaign; needed if the record does not know the number.
    at
        When, such as 2026-11-18T14:05; without an offset it is read on the lead's clock. Default: now.
    json_
        Print JSON: a list with one entry for each conversation.
    """
    try:
        situations = asyncio.run(_situations(number, campaign, at))
    except InputError as error:
        return refused(error)
    console = Console(highlight=False, soft_wrap=True)
    if json_:
        console.print(json.dumps([described(one) for one in situations], indent=2), markup=False)
        return 0
    for situation in situations:
        show(console, situation)
    return 0


async def _situations(number: str, campaign: str | None, at: str | None) -> list[Situation]:
    async with open_files() as files:
        if campaign is not None:
            return [await _of_campaign(files, number, campaign, at)]
        situations = []
        for person in await find(files, number, None, None):
            view = await files.record.view(person.cid)
            named = campaign_named(files, view.campaign)
            situations.append(Situation(view, named, moment(at, view, files.clock()), files.registers))
        return situations


async def _of_campaign(files: Files, number: str, campaign_id: str, at: str | None) -> Situation:
    try:
        wanted = e164(number)
    except ValueError as error:
        raise InputError(f"{number!r} {error}") from None
    campaign = campaign_named(files, campaign_id)
    view = await files.record.view(conversation_id(campaign.brand, wanted))
    now = moment(at, view.model_copy(update={"number": wanted}), files.clock())
    if not view.version:
        view = new_lead(wanted, None, campaign, now)
    return Situation(view, campaign, now, files.registers)


def described(situation: Situation) -> dict[str, Any]:
    """The plan as data."""
    found = plan(situation.view, situation.campaign, situation.now, situation.registers)
    return {
        "number": situation.view.number,
        "campaign": situation.campaign.id,
        "at": situation.now.isoformat(),
        "zone": situation.zone.key,
        "next": _step(situation, found) if isinstance(found, Step) else None,
        "why": found.why,
        "look_again": found.until.isoformat() if isinstance(found, Wait) and found.until else None,
        "promises": [one.model_dump(mode="json") for one in situation.view.ledger],
        "considered": [
            {"rule": one.rule, "says": _says(one.says), "due": _due(one.says)} for one in considered(situation)
        ],
    }


def _step(situation: Situation, step: Step) -> dict[str, Any]:
    return {
        "step": step.id,
        "channel": "voice" if isinstance(step.effect, Dial) else "sms",
        "due": step.due.isoformat(),
        "due_local": situation.local(step.due).isoformat(timespec="seconds"),
        "why": step.why,
        "held_by": step.held_by or None,
        "effect": step.effect.model_dump(mode="json"),
    }


def _due(says: Step | Wait | No | None) -> str | None:
    return says.due.isoformat() if isinstance(says, Step) else None


def _says(says: Step | Wait | No | None) -> str:
    return "passes" if says is None else says.why


def show(console: Console, situation: Situation) -> None:
    """Prints the plan for a reader."""
    for line in headlines(situation):
        console.print(line, markup=False)
    console.print(_rules(situation))
    for one in situation.view.ledger:
        console.print(_promise(situation, one), markup=False)


def headlines(situation: Situation) -> Iterator[str]:
    """The answer in a few lines."""
    view, found = situation.view, plan(situation.view, situation.campaign, situation.now, situation.registers)
    yield f"{view.number} for {situation.campaign.id}, {_clock(situation, situation.now)}"
    yield (
        "The conversation on record."
        if view.version
        else ("No conversation on record: taken to be a new lead who asked by web form and agreed in writing to both.")
    )
    if isinstance(found, Wait):
        yield f"NEXT: nothing. {found.why.capitalize()}."
        if found.until:
            yield f"Looked at again: {_clock(situation, found.until)}"
        return
    yield f"NEXT: {_channel(found)} {_clock(situation, found.due)}: {found.why}"
    if found.held_by:
        yield f"Not sooner because of: {found.held_by}"
    if not isinstance(found.effect, Dial):
        yield f"It says: {getattr(found.effect, 'body', '')}"


def _channel(step: Step) -> str:
    return "call" if isinstance(step.effect, Dial) else "text"


def _clock(situation: Situation, at: datetime) -> str:
    return f"{situation.local(at):%a %Y-%m-%d %H:%M:%S} {situation.zone.key}"


def _rules(situation: Situation) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in ("rule", "says", "would be"):
        table.add_column(column, no_wrap=column != "says", overflow="fold")
    for one in considered(situation):
        would = ""
        if isinstance(one.says, Step):
            would = f"{_channel(one.says)} {situation.local(one.says.due):%a %m-%d %H:%M}"
        stops = "STOPS: " if isinstance(one.says, Wait) else ""
        table.add_row(one.rule, f"{stops}{_says(one.says)}", would)
    return table


def _promise(situation: Situation, one: Commitment) -> str:
    last = deadline(one)
    when = f", until {_clock(situation, last)}" if last else ", no time agreed on"
    return f"Promised: {one.what}{when}: {one.outcome or 'open'}"
