"""`segue webhooks`: who is told of events, what they did not take, and sending that anew."""

import asyncio
from collections import Counter
from collections.abc import Sequence

from cyclopts import App
from rich.console import Console
from rich.table import Table

from state.outgoing import DeadLetter
from telephony.commands.people import NOT_NEEDED, Files, InputError, open_files, refused
from telephony.crm.push import Post, new_client
from telephony.crm.subscriptions import Subscription
from telephony.settings import load_settings

app = App(name="webhooks", help="List who is told of events, show what was given up, and send it anew.")

SHOWN = 200


@app.default
@app.command(name="list")
def show() -> int:
    """List the endpoints of SEGUE_WEBHOOKS, what each wants to hear, and how much was given up for it."""
    return asyncio.run(_show())


@app.command
def dead() -> int:
    """List the events that were given up, after a day of attempts. `segue webhooks replay` sends them anew."""
    return asyncio.run(_dead())


@app.command
def replay(name: str | None = None, *, conversation: str | None = None) -> int:
    """Send what was given up once more, oldest first. What is taken is off the list; exits with 1 if anything is not.

    It arrives behind what was told since; `version` in each says where it belongs.

    Parameters
    ----------
    name
        Only to this endpoint.
    conversation
        Only of this conversation, by its id.
    """
    try:
        return asyncio.run(_replay(name, conversation))
    except InputError as error:
        return refused(error)


async def _show() -> int:
    async with open_files() as files:
        given_up = Counter([letter.subscriber async for letter in files.record.outgoing.dead()])
        waiting = await files.record.outgoing.waiting()
    table = Table("name", "url", "events", "campaigns", "given up", box=None, pad_edge=False)
    for one in _subscriptions().values():
        wanted = (", ".join(one.events) or "all", ", ".join(one.campaigns) or "all")
        table.add_row(one.name, one.url, *wanted, str(given_up[one.name]))
    console = Console(soft_wrap=True)
    console.print(table)
    console.print(f"Conversations looked at now or soon: {waiting}.")
    return 0


async def _dead() -> int:
    table = Table("endpoint", "conversation", "version", "given up", "why", box=None, pad_edge=False)
    async with open_files() as files:
        count = await files.record.outgoing.dead_count()
        async for letter in files.record.outgoing.dead():
            if table.row_count < SHOWN:
                when = f"{letter.at:%Y-%m-%d %H:%M:%S}"
                table.add_row(letter.subscriber, letter.cid, str(letter.version), when, letter.why)
    console = Console(soft_wrap=True)
    if count:
        console.print(table)
    shown = "" if table.row_count == count else f"; the first {SHOWN} are shown"
    console.print(f"{count} {'event was' if count == 1 else 'events were'} given up{shown}.")
    return 0


async def _replay(name: str | None, conversation: str | None) -> int:
    known = _subscriptions()
    if name is not None and name not in known:
        raise InputError(f"SEGUE_WEBHOOKS has no endpoint {name!r}; it has: {', '.join(known) or 'none'}")
    async with open_files() as files, new_client() as client:
        letters = [
            letter
            async for letter in files.record.outgoing.dead()
            if name in {None, letter.subscriber} and conversation in {None, letter.cid} and letter.subscriber in known
        ]
        taken = await _send(files, letters, known, Post(client))
    Console().print(f"{taken} of {len(letters)} taken.", highlight=False)
    return int(taken < len(letters))


async def _send(files: Files, letters: Sequence[DeadLetter], known: dict[str, Subscription], post: Post) -> int:
    taken = 0
    for letter in sorted(letters, key=lambda one: (one.subscriber, one.cid, one.version)):
        view = await files.record.view(letter.cid)
        event = next(
            (one for at, one in await files.record.log(letter.cid, letter.version - 1) if at == letter.version)
        )
        if await post(known[letter.subscriber], letter.cid, view, letter.version, event) is None:
            await files.record.outgoing.revived(letter)
            taken += 1
    return taken


def _subscriptions() -> dict[str, Subscription]:
    return {one.name: one for one in load_settings(**NOT_NEEDED).webhooks}
