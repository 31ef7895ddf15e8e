"""`segue agents`: who takes calls over, whether they are there, and setting somebody on or off."""

import asyncio
from datetime import datetime
from uuid import uuid4

from cyclopts import App
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from agent.campaign import Campaign, HumanAgent
from agent.routing import Standing
from state.events import staff_log_id
from telephony.commands.people import InputError, open_files, refused
from telephony.transfers.roster import entries, standings
from telephony.transfers.staff import present

app = App(name="agents", help="Show who takes calls, and set somebody on or off.")


@app.default
def show() -> int:
    """List everybody who takes calls over: skills, languages, states, hours, and whether he can be rung now."""
    return asyncio.run(_show())


@app.command
def on(who: str) -> int:
    """Let calls come to somebody again.

    Parameters
    ----------
    who
        His name or E.164 number, as a campaign has it.
    """
    return asyncio.run(_set(who, True))


@app.command
def off(who: str) -> int:
    """Let no calls come to somebody until he is set on again, here or by texting ON.

    Parameters
    ----------
    who
        His name or E.164 number, as a campaign has it.
    """
    return asyncio.run(_set(who, False))


async def _show() -> int:
    async with open_files() as files:
        now = files.clock()
        table = Table(box=SIMPLE_HEAD)
        for column in ("campaign", "agent", "number"):
            table.add_column(column, no_wrap=True)
        for column in ("takes", "now", "last asked"):
            table.add_column(column, overflow="fold")
        for _, campaign in sorted(files.campaigns.items()):
            for one in await standings(files.record, campaign, now):
                table.add_row(*_row(campaign, one, now))
    Console(soft_wrap=False).print(table)
    return 0


def _row(campaign: Campaign, one: Standing, now: datetime) -> tuple[str, ...]:
    agent = one.agent
    return (
        campaign.id,
        agent.name,
        agent.number,
        _takes(agent),
        _now(one, now),
        f"{one.last_engaged:%Y-%m-%d %H:%M}Z" if one.last_engaged else "never",
    )


def _takes(agent: HumanAgent) -> str:
    """Which leads he is asked for: in one column, so that nobody's number is cut off in a narrow terminal."""
    skills, states, shift = ", ".join(agent.skills), ", ".join(agent.states), agent.hours
    hours = f"{' '.join(shift.days)} {shift.start:%H:%M}-{shift.end:%H:%M} {shift.zone}" if shift else "any hour"
    return "; ".join((skills or "any skill", ", ".join(agent.languages), states or "any state", hours))


def _now(one: Standing, now: datetime) -> str:
    if not one.available:
        return "away"
    if one.agent.hours is not None and not one.agent.hours.covers(now):
        return "off duty"
    return "on a call" if one.busy else "free"


async def _set(who: str, available: bool) -> int:
    async with open_files() as files:
        found = next(iter(entries(files.campaigns, who)), None)
        if found is None:
            names = sorted({agent.name for campaign in files.campaigns.values() for agent in campaign.agents})
            return refused(InputError(f"no campaign has an agent {who!r}; there are: {', '.join(names) or 'none'}"))
        campaign, agent = found
        told = present(agent, campaign, available, f"command:{uuid4().hex}", files.clock(), by="command")
        await files.record.append(staff_log_id(agent.number), told)
    Console().print(f"{agent.name} is {'on: calls may come' if available else 'off: no calls'}.", markup=False)
    return 0
