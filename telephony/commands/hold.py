"""`segue hold`: who waits for a person to look, and letting contact go on once one has."""

import asyncio

from cyclopts import App
from rich.console import Console

from state.events import HoldLifted
from state.store import Conflict
from telephony.commands.people import Files, InputError, Person, find, open_files, refused

app = App(name="hold", help="List the leads a person has to look at, and lift a hold.")


@app.default
@app.command
def show() -> int:
    """List every conversation that is held, and why."""
    return asyncio.run(_show())


async def _show() -> int:
    console = Console(highlight=False, soft_wrap=True)
    count = 0
    async with open_files() as files:
        async for cid in files.record.conversations():
            view = await files.record.view(cid)
            if view.held:
                count += 1
                console.print(f"{view.number}  {view.brand}  {view.held}", markup=False)
    console.print(f"{count} {'conversation is' if count == 1 else 'conversations are'} held.")
    return 0


@app.command
def lift(number: str, *, by: str, campaign: str | None = None, brand: str | None = None) -> int:
    """Let contact go on with a lead whom a person has looked at. His name goes into the record.

    The server takes it up within seconds, as far as all other rules allow.

    Parameters
    ----------
    number
        The lead's telephone number.
    by
        Who has looked: a person's name.
    campaign
        Only for the brand of this campaign.
    brand
        Only for this brand.
    """
    if not by.strip():
        return refused(InputError("--by needs the name of the person who looked"))
    try:
        return asyncio.run(_lift(number, by.strip(), campaign, brand))
    except InputError as error:
        return refused(error)


async def _lift(number: str, by: str, campaign: str | None, brand: str | None) -> int:
    console = Console(highlight=False, soft_wrap=True)
    async with open_files() as files:
        for person in await find(files, number, campaign, brand):
            reason = await lifted(files, person, by)
            said = f"the hold is lifted ({reason})" if reason else "was not held"
            console.print(f"{person.brand}: {said}.", markup=False)
    return 0


async def lifted(files: Files, person: Person, by: str) -> str | None:
    """Lifts a hold on exactly what was looked at; returns why it was held, None if it was not."""
    while True:
        view = await files.record.view(person.cid)
        if not view.held:
            return None
        event = HoldLifted(id=f"lifted:{view.version}", at=files.clock(), by=by)
        try:
            await files.record.append(person.cid, event, expect=view.version)
            return view.held
        except Conflict:
            continue
