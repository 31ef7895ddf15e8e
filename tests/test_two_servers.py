"""Two servers behind one public URL: what becomes of a call when the one that has it goes."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from balancer import Balancer

from agent.asking import RECORDED
from agent.opening import LINE_DROPPED
from state.embedded import EmbeddedValkey
from state.events import CallConnected, CallEnded, Event, PersonaSaid, PersonaSaying, conversation_id
from state.ports import free_port
from state.store import Record
from telephony.demo import stage, story
from telephony.sandbox.exchange import ACCOUNT, TOKEN
from telephony.sandbox.live_call import LiveCall
from telephony.sandbox.phone import Bystander
from telephony.sandbox.server import Sandbox

pytestmark = [pytest.mark.anyio, pytest.mark.alone]

CALLER = "+13125550143"
CONVERSATION = conversation_id("Harbor Lane Insurance", CALLER)
SAMPLES_PER_S = 8000
RESUMES_WITHIN_S = 3.0
"""The promise itself, not a benchmark: it takes a tenth of this when nothing else runs."""


@dataclass
class Pair:
    """Two servers, the balancer before them, and the network that calls them."""

    first: stage.Stage
    second: stage.Stage
    sandbox: Sandbox
    record: Record

    async def call(self) -> LiveCall:
        """Somebody calls and hears who speaks; the rest of the sentence is under way."""
        call = await self.sandbox.call(CALLER, story.OUR_NUMBER)
        async with asyncio.timeout(90), aclosing(self.record.follow(CONVERSATION, 0)) as landed:
            async for _, event in landed:
                if isinstance(event, CallEnded):  # refused: a machine that runs late takes no call
                    call = await self.sandbox.call(CALLER, story.OUR_NUMBER)
                elif isinstance(event, PersonaSaying) and RECORDED in event.heard:
                    return call
        raise AssertionError("following ended")

    async def log(self) -> list[Event]:
        """What the record holds of the conversation."""
        return [event for _, event in await self.record.log(CONVERSATION)]


@asynccontextmanager
async def pair(folder: Path, **more: str) -> AsyncIterator[Pair]:
    """Two servers on one record; the first one gets whatever comes while it is ready."""
    balancer = Balancer(free_port())
    sandbox = Sandbox(webhook_base=balancer.url, numbers=[story.OUR_NUMBER], people=[Bystander(CALLER)])
    async with AsyncExitStack() as stack:
        # Started here, so that no server takes it along when it ends.
        url = stack.enter_context(EmbeddedValkey(folder / "data")).url
        await stack.enter_async_context(balancer.serve())
        carrier = await stack.enter_async_context(sandbox.serve())
        # A business clock begins when its process does: two would not show the same time.
        settings = {"SEGUE_PUBLIC_URL": balancer.url, "SEGUE_REDIS_URL": url, "SEGUE_BUSINESS_TIME": "", **more}
        first, second = [
            await stack.enter_async_context(
                stage.server(folder, carrier, ACCOUNT, TOKEN, free_port(), lambda _: None, settings)
            )
            for _ in range(2)
        ]
        balancer.servers = [first.server, second.server]
        record = Record.connect(url)
        stack.push_async_callback(record.close)
        yield Pair(first, second, sandbox, record)


def assert_resumed(log: list[Event]) -> None:
    """The sentence that broke was taken up where it had been heard, on another connection, and heard out."""
    assert len([event for event in log if isinstance(event, CallConnected)]) == 2
    broken, rest = [event for event in log if isinstance(event, PersonaSaid)][:2]
    assert RECORDED in broken.heard
    assert broken.cut_ms is not None
    unheard = broken.text.removeprefix(broken.heard).strip()
    assert unheard
    assert rest.text == rest.heard == f"{LINE_DROPPED} {unheard}"
    assert rest.asks == broken.asks


async def test_a_call_goes_on_when_its_server_is_killed_in_mid_sentence(tmp_path: Path) -> None:
    """kill -9: the carrier asks the other server, which goes on in the sentence within three seconds."""
    async with pair(tmp_path) as servers:
        call = await servers.call()
        os.kill(servers.first.pid, signal.SIGKILL)
        handset = call.phone.handset
        killed = handset.position
        resumed = await handset.far_started(since=killed + SAMPLES_PER_S // 2)  # later than what was buffered
        await handset.far_finished(1500, since=resumed)
        log = await servers.log()
        call.end()
        await call.phone.over.wait()
    assert_resumed(log)
    assert resumed - killed < RESUMES_WITHIN_S * SAMPLES_PER_S
    assert not [event for event in log if isinstance(event, CallEnded) and event.stream]
    assert servers.sandbox.violations == []


async def test_a_server_that_is_told_to_end_hands_its_call_over(tmp_path: Path) -> None:
    """SIGTERM: it turns unready, keeps its call for the time it has, and the other one goes on in the sentence."""
    async with pair(tmp_path, SEGUE_DRAIN_SECONDS="0.2") as servers:
        call = await servers.call()
        os.kill(servers.first.pid, signal.SIGTERM)
        handset = call.phone.handset
        resumed = await handset.far_started(since=handset.position + SAMPLES_PER_S)
        await handset.far_finished(1500, since=resumed)
        log = await servers.log()
        call.end()
        await call.phone.over.wait()
    assert_resumed(log)
    assert [event.cause for event in log if isinstance(event, CallEnded) and event.stream] == ["dropped"]
