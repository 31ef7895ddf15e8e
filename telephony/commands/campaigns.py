"""`segue campaigns`: which are paused, pausing one, and resuming it; each with a name, on the record."""

import asyncio

from cyclopts import App
from rich.console import Console
from rich.table import Table

from state.events import Paused, Resumed, campaign_log_id
from state.store import Conflict
from telephony.commands.people import Files, InputError, campaign_named, open_files, refused

app = App(name="campaigns", help="Show which campaigns are paused and why, pause one, and resume it.")


@app.default
def show() -> int:
    """List the campaigns, and who paused and resumed them, or which limit did."""
    return asyncio.run(_show())


@app.command
def pause(campaign: str, *, by: str) -> int:
    """Contact nobody for a campaign of our own accord until it is resumed. People who write are still answered.

    Parameters
    ----------
    campaign
        Its id.
    by
        Who wants it, a person's name, and why if you like.
    """
    return _command(campaign, by, resume=False)


@app.command
def resume(campaign: str, *, by: str) -> int:
    """Let a paused campaign go on. What counted against it counts no more.

    Parameters
    ----------
    campaign
        Its id.
    by
        Who has looked into it: a person's name.
    """
    return _command(campaign, by, resume=True)


def _command(campaign: str, by: str, *, resume: bool) -> int:
    try:
        if not by.strip():
            raise InputError("--by needs the name of a person")
        changed = asyncio.run(_set(campaign, by.strip(), resume=resume))
    except InputError as error:
        return refused(error)
    said = "resumed" if resume else "paused"
    print_ = Console(highlight=False, soft_wrap=True).print
    print_(f"{campaign} is {said}." if changed else f"{campaign} was {'not paused' if resume else 'paused already'}.")
    return 0


async def _set(campaign_id: str, by: str, *, resume: bool) -> bool:
    async with open_files() as files:
        own = campaign_log_id(campaign_named(files, campaign_id).id)
        while True:
            view = await files.record.view(own)
            if bool(view.paused) is not resume:
                return False
            kind, name = (Resumed, "resumed") if resume else (Paused, "paused")
            event = kind(id=f"{name}:{view.version}", at=files.clock(), by=by)
            try:
                await files.record.append(own, event, expect=view.version)
                return True
            except Conflict:
                continue


async def _show() -> int:
    table = Table("campaign", "when", "what", "by", box=None, pad_edge=False)
    async with open_files() as files:
        for name, campaign in sorted(files.campaigns.items()):
            stands = "active" if campaign.active else "not active"
            table.add_row(name, "", f"paused: {why}" if (why := files.registers.paused.get(name)) else stands, "")
            for row in await _history(files, name):
                table.add_row("", *row)
    Console(soft_wrap=True).print(table)
    return 0


async def _history(files: Files, campaign: str) -> list[tuple[str, str, str]]:
    log = await files.record.log(campaign_log_id(campaign))
    return [
        (f"{event.at:%Y-%m-%d %H:%M}", event.kind, event.by) for _, event in log if isinstance(event, Paused | Resumed)
    ]
