"""Plays the demo: puts up the stage, sends the form, shows what happens, and judges it."""

import asyncio
import shutil
from contextlib import aclosing
from pathlib import Path

import httpx
import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.padding import Padding

from agent.campaign import Campaign, load_campaigns
from audio.stt.whisper import Whisper
from audio.tts.joe import JoeVoice
from state.embedded import EmbeddedValkey
from state.events import CallConnected, Event, conversation_id
from state.ports import free_port
from state.store import Record
from telephony.demo import stage, story
from telephony.demo.screen import Screen
from telephony.demo.verdict import Evidence, judge
from telephony.sandbox.ears import Ears
from telephony.sandbox.human import HumanAgent
from telephony.sandbox.lead import Lead
from telephony.sandbox.server import Sandbox

FOLDER = Path("out/demo")
LIMIT_SECONDS = 170
"""The story is over by then, or it has failed."""
CAMPAIGNS = Path("campaigns")


async def play(keep: bool) -> int:
    """Plays the story once. Returns 0 if it happened, 1 if not; with `keep`, leaves the server up until Ctrl-C."""
    console = Console(record=True)
    _clear_the_stage()
    campaign = load_campaigns(CAMPAIGNS)[story.CAMPAIGN]
    port = free_port()
    with console.status("Rehearsing the lead and the agent") as status:
        sandbox, jordan, sarah = await asyncio.to_thread(_cast, campaign, port)
        async with sandbox.serve() as carrier:
            putting_up = stage.server(FOLDER, carrier, sandbox.account, sandbox.token, port, status.update)
            async with putting_up as ready:
                status.stop()
                return await _perform(console, ready, campaign, sandbox, jordan, sarah, keep=keep)


def _clear_the_stage() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)


def _cast(campaign: Campaign, port: int) -> tuple[Sandbox, Lead, HumanAgent]:
    jordan = Lead(story.NUMBER, story.jordan(), Ears(Whisper()))
    sarah = story.sarah(campaign.agents[0].number)
    base = f"http://127.0.0.1:{port}"
    sandbox = Sandbox(webhook_base=base, numbers=[story.OUR_NUMBER], people=[jordan, sarah], voice=JoeVoice())
    return sandbox, jordan, sarah


async def _perform(
    console: Console,
    ready: stage.Stage,
    campaign: Campaign,
    sandbox: Sandbox,
    jordan: Lead,
    sarah: HumanAgent,
    *,
    keep: bool,
) -> int:
    screen = Screen(console, campaign.persona, story.ZONE)
    conversation = conversation_id(campaign.brand, story.NUMBER)
    # The server that is up keeps the data; this finds it there.
    record = Record.connect(EmbeddedValkey(ready.data).start())
    try:
        watching = asyncio.create_task(_watch(record, conversation, screen))
        await _fill_in_the_form(ready)
        await _until_over(sandbox, console)
        watching.cancel()
        log = [event for _, event in await record.log(conversation)]
        view = await record.view(conversation)
    finally:
        await record.close()
    recording = _save(sandbox, log)
    evidence = Evidence(
        log=log,
        view=view,
        campaign=campaign,
        recording=recording,
        card=sarah.cards[0] if sarah.cards else "",
        whisper=" ".join(sarah.whispers),
        complaints=[*sandbox.violations, *sandbox.warnings, *sandbox.errors],
    )
    checks = judge(evidence)
    screen.close(evidence, checks, str(FOLDER / "call.wav"))
    console.save_svg(str(FOLDER / "demo.svg"), title="make demo")
    if keep:
        await _stay(console, ready, campaign, conversation)
    return 0 if all(check.happened for check in checks) else 1


async def _watch(record: Record, conversation: str, screen: Screen) -> None:
    async with aclosing(record.follow(conversation, 0)) as events:
        async for _, event in events:
            screen.show(event)


async def _fill_in_the_form(ready: stage.Stage) -> None:
    headers = {"authorization": f"Bearer {ready.token}"}
    async with httpx.AsyncClient(base_url=ready.server, trust_env=False) as client:
        response = await client.post("/v1/leads", json=story.FORM, headers=headers)
    if response.status_code != httpx.codes.ACCEPTED:
        raise stage.StageError(f"the form was refused with {response.status_code}: {response.text}")


async def _until_over(sandbox: Sandbox, console: Console) -> None:
    """Returns when the calls that began are over, or when the story has taken too long."""
    try:
        async with asyncio.timeout(LIMIT_SECONDS):
            while not _all_over(sandbox):  # noqa: ASYNC110
                await asyncio.sleep(0.5)
            await sandbox.settle()
    except TimeoutError:
        console.print(f"The story was not over after {LIMIT_SECONDS} s.", style="red")


def _all_over(sandbox: Sandbox) -> bool:
    return bool(sandbox.calls) and all(call.status.over for call in sandbox.calls)


def _save(sandbox: Sandbox, log: list[Event]) -> npt.NDArray[np.int16]:
    """Writes the lead's call as WAV; returns its samples, none if there was no call."""
    sid = next((event.call for event in log if isinstance(event, CallConnected)), None)
    live = sandbox.live.get(sid or "")
    if live is None:
        return np.zeros((0, 2), np.int16)
    live.phone.handset.save(FOLDER / "call.wav")
    return live.phone.handset.recording


async def _stay(console: Console, ready: stage.Stage, campaign: Campaign, conversation: str) -> None:
    """Says what there is to see and to try, and waits."""
    console.print(f"\nThe server stays up; Ctrl-C ends it. Its API token is {ready.token}.\n")
    for where, what in (
        (f"/console/c/{conversation}", "This conversation: the thread, the call to listen to, where each gap went."),
        (
            "/phone",
            f"Call {campaign.persona} yourself, with your microphone, and text her beside it. Cut in, ask whether you "
            "are talking to a robot, text while you talk, tell her to stop.",
        ),
        ("/console", "Watch that meanwhile: write, whisper, pause."),
    ):
        console.print(f"{ready.server}{where}", style="bold", soft_wrap=True)
        console.print(Padding(what, (0, 0, 1, 2)))
    bearer = f"Authorization: Bearer {ready.token}"
    console.print(f"curl -H '{bearer}' {ready.server}/v1/conversations/{conversation}", soft_wrap=True)
    await asyncio.Event().wait()
