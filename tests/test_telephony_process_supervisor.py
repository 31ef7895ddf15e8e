"""Several real processes behind one port, and the network that calls them."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from twilio_requests import signed

from agent.asking import RECORDED
from agent.opening import LINE_DROPPED
from state.embedded import EmbeddedValkey
from state.events import (
    CallConnected,
    CallEnded,
    EffectSettled,
    Event,
    PersonaSaid,
    PersonaSaying,
    TextReceived,
    conversation_id,
)
from state.ports import free_port
from state.store import Record
from telephony.demo import stage, story
from telephony.sandbox.exchange import ACCOUNT, TOKEN
from telephony.sandbox.live_call import LiveCall
from telephony.sandbox.phone import Bystander
from telephony.sandbox.server import Sandbox

pytestmark = pytest.mark.anyio

CALLER = "+13125550143"
CONVERSATION = conversation_id("Harbor Lane Insurance", CALLER)
SAMPLES_PER_S = 8000
QUESTION = "Do you also insure boats?"


async def post(ready: stage.Stage, path: str, **form: str) -> str:
    """A webhook on a connection of its own, which any worker may take."""
    url = ready.server + path
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(url, data=form, headers=signed(url, form, TOKEN))
    assert answer.status_code == httpx.codes.OK, answer.text
    return answer.text


async def connected(sandbox: Sandbox, record: Record) -> LiveCall:
    """Somebody calls and hears who speaks; the rest of the sentence is under way."""
    call = await sandbox.call(CALLER, story.OUR_NUMBER)
    async with asyncio.timeout(90), aclosing(record.follow(CONVERSATION)) as landed:
        async for _, event in landed:
            if isinstance(event, CallEnded):  # refused: a machine that runs late takes no call
                call = await sandbox.call(CALLER, story.OUR_NUMBER)
            elif isinstance(event, PersonaSaying) and RECORDED in event.heard:
                return call
    raise AssertionError("following ended")


async def until_said(record: Record, turns: int) -> list[Event]:
    """What happened until the persona had said so many turns."""
    log: list[Event] = []
    async with asyncio.timeout(90), aclosing(record.follow(CONVERSATION)) as landed:
        async for _, event in landed:
            log.append(event)
            if len([event for event in log if isinstance(event, PersonaSaid)]) == turns:
                return log
    raise AssertionError("following ended")


async def until_answered(record: Record, texts: int) -> list[Event]:
    """What happened until so many texts had come and none waited for its answer."""
    log: list[Event] = []
    async with asyncio.timeout(90), aclosing(record.follow(CONVERSATION)) as landed:
        async for _, event in landed:
            log.append(event)
            came = [event for event in log if isinstance(event, TextReceived)]
            if len(came) == texts and isinstance(event, EffectSettled):
                view = await record.view(CONVERSATION)
                if not view.outbox:
                    return log
    raise AssertionError("following ended")


async def logged(ready: stage.Stage, event: str) -> dict[str, Any]:
    """The newest line of the server's log that says so, once there is one."""
    async with asyncio.timeout(90):
        while True:
            if found := lines(ready, event):
                return found[-1]
            await asyncio.sleep(0.05)


def lines(ready: stage.Stage, event: str) -> list[dict[str, Any]]:
    """The lines of the server's log that say so, so far."""
    said = [json.loads(line) for line in ready.log.read_text().splitlines() if line.startswith("{")]
    return [line for line in said if line["event"] == event]


async def live_calls(ready: stage.Stage) -> float:
    """What /metrics says, whichever worker is asked."""
    async with httpx.AsyncClient(trust_env=False) as client:
        shown = (await client.get(f"{ready.server}/metrics")).text
    found = re.search(r"^segue_live_calls (\S+)$", shown, re.MULTILINE)
    assert found is not None, shown
    return float(found[1])


async def test_a_call_and_a_text_on_two_workers_are_one_conversation_and_outlive_one(tmp_path: Path) -> None:
    """The call is with one, the text comes to the other; when the first is killed, the second goes on with both."""
    port = free_port()
    sandbox = Sandbox(webhook_base=f"http://127.0.0.1:{port}", numbers=[story.OUR_NUMBER], people=[Bystander(CALLER)])
    more = {"SEGUE_WORKERS": "2", "SEGUE_MAX_CALLS": "1"}
    async with (
        sandbox.serve() as carrier,
        stage.server(tmp_path, carrier, ACCOUNT, TOKEN, port, lambda _: None, more) as ready,
    ):
        record = Record.connect(EmbeddedValkey(ready.data).start())
        call = await connected(sandbox, record)
        with_call = (await logged(ready, "call connected"))["worker"]
        # The one slot is taken for both workers.
        other = {"CallSid": "CA" + "9" * 32, "From": "+13125550144", "To": story.OUR_NUMBER, "CallStatus": "ringing"}
        answers = [await post(ready, "/twilio/voice", Direction="inbound", **other) for _ in range(4)]
        assert all("all our lines are busy" in answer for answer in answers)
        assert await live_calls(ready) == 1
        # While one worker stands still, only the other can take the text.
        os.kill(with_call, signal.SIGSTOP)
        try:
            text = {"MessageSid": "SM" + "1" * 32, "From": CALLER, "To": story.OUR_NUMBER, "Body": QUESTION}
            await post(ready, "/twilio/sms", **text)
        finally:
            os.kill(with_call, signal.SIGCONT)
        with_text = (await logged(ready, "text received"))["worker"]
        os.kill(with_call, signal.SIGKILL)
        handset = call.phone.handset
        await handset.far_started(since=handset.position + SAMPLES_PER_S // 2)
        log = await until_said(record, turns=3)
        died = await logged(ready, "worker died, another takes its place")
        assert await live_calls(ready) == 1  # and not the dead one's besides
        call.end()
        await call.phone.over.wait()
        await record.close()
    assert with_text != with_call
    assert (died["worker"], died["code"]) == (with_call, -signal.SIGKILL)
    assert_one_conversation(log)
    assert sandbox.violations == []


def assert_one_conversation(log: list[Event]) -> None:
    """The sentence was taken up where it had been heard, and the text was answered aloud after it."""
    assert [event.body for event in log if isinstance(event, TextReceived)] == [QUESTION]
    assert len([event for event in log if isinstance(event, CallConnected)]) == 2
    broken, rest, answer = [event for event in log if isinstance(event, PersonaSaid)]
    assert RECORDED in broken.heard
    assert rest.text == f"{LINE_DROPPED} {broken.text.removeprefix(broken.heard).strip()}"
    assert "boats" in answer.text or "text" in answer.text


async def until_logged(ready: stage.Stage, event: str, each_time: Callable[[], Awaitable[None]]) -> dict[str, Any]:
    """Does something over and over until the server's log says so; the line that does."""
    async with asyncio.timeout(180):
        while True:
            await each_time()
            if found := lines(ready, event):
                return found[-1]


@dataclass
class Texting:
    """People who text, one after the other, and the one on the telephone among them."""

    sandbox: Sandbox
    strangers: list[Bystander]
    texted: list[Bystander] = field(default_factory=list)
    calls_texts: int = 0

    async def one(self) -> None:
        """The next of them does, and the caller does every so often."""
        await asyncio.sleep(0.25)
        if not self.strangers:
            return
        self.texted.append(self.strangers.pop())
        await self.sandbox.text(self.texted[-1].number, story.OUR_NUMBER, QUESTION)
        if len(self.texted) % 16 == 0:
            await self.caller()

    async def caller(self) -> None:
        """The caller texts what he wants to know."""
        self.calls_texts += 1
        await self.sandbox.text(CALLER, story.OUR_NUMBER, QUESTION)


@pytest.mark.alone
async def test_a_restart_of_the_workers_loses_no_call_and_no_text(tmp_path: Path) -> None:
    """SIGHUP: one after the other is replaced; the call goes on, and who texts meanwhile is answered once each."""
    port = free_port()
    strangers = [Bystander(f"+1312555{number:04}") for number in range(200, 600)]
    people = [Bystander(CALLER), *strangers]
    sandbox = Sandbox(webhook_base=f"http://127.0.0.1:{port}", numbers=[story.OUR_NUMBER], people=people)
    more = {"SEGUE_WORKERS": "2", "SEGUE_DRAIN_SECONDS": "0.2"}
    async with (
        sandbox.serve() as carrier,
        stage.server(tmp_path, carrier, ACCOUNT, TOKEN, port, lambda _: None, more) as ready,
    ):
        record = Record.connect(EmbeddedValkey(ready.data).start())
        texting = Texting(sandbox, strangers)
        call = await connected(sandbox, record)
        before = {line["worker"] for line in lines(ready, "ready")}
        os.kill(ready.pid, signal.SIGHUP)
        restarted = await until_logged(ready, "all workers restarted", texting.one)
        await texting.caller()
        log = await until_answered(record, texting.calls_texts)
        call.end()
        await call.phone.over.wait()
        await sandbox.settle()
        await record.close()
    assert not before & set(restarted["workers"])
    ends = [event.cause for event in log if isinstance(event, CallEnded) and event.stream]
    assert ends == ["dropped"] * len(ends)
    assert len([event for event in log if isinstance(event, CallConnected)]) == len(ends) + 1 > 1
    assert [len(texter.received) for texter in texting.texted] == [1] * len(texting.texted)
    assert sandbox.violations == []
    assert [error for error in sandbox.errors if "closed the media socket with 1012" not in error] == []


def test_what_no_worker_can_start_with_ends_them_all() -> None:
    """A Redis that is not there is told once per worker, with what to do, and the exit code is uvicorn's."""
    environment = {
        "SEGUE_WORKERS": "2",
        "SEGUE_PUBLIC_URL": "http://127.0.0.1:9",
        "SEGUE_PORT": str(free_port()),
        "SEGUE_API_TOKEN": "0123456789abcdef",
        "SEGUE_REDIS_URL": "redis://127.0.0.1:9",
        "TWILIO_NUMBER": story.OUR_NUMBER,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
    }
    ended = subprocess.run(
        [sys.executable, "-c", stage.SERVE], env=os.environ | environment, capture_output=True, text=True, timeout=180
    )
    assert ended.returncode == 3, ended.stderr
    assert "SEGUE_REDIS_URL: Redis cannot be reached" in ended.stderr
