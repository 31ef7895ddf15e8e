"""A caller against a small media server: a whole measurement, from socket to verdict."""

import asyncio
import base64
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from calls import Loudness, tone, utterance
from websockets.asyncio.server import ServerConnection, serve

from audio import mulaw
from benchmarks import caller
from benchmarks.caller import converse
from benchmarks.verdicts import Outcome, judge_call
from telephony.sandbox.handset import is_sound
from telephony.sandbox.media_leg import MediaLeg

pytestmark = [pytest.mark.anyio, pytest.mark.alone]

Behaviour = Callable[["Agent"], Awaitable[None]]


class Agent:
    """The server's end of a media socket; it speaks in tones."""

    def __init__(self, socket: ServerConnection) -> None:
        self.socket = socket
        self.stream = ""

    async def say(self, ms: int) -> None:
        """Sends a tone."""
        payload = base64.b64encode(mulaw.encode(tone(ms))).decode()
        await self.socket.send(json.dumps({"event": "media", "streamSid": self.stream, "media": {"payload": payload}}))

    async def frames(self) -> AsyncIterator[bytes]:
        """What the caller sends, from `start` on; ends with the call."""
        async for message in self.socket:
            event = json.loads(message)
            self.stream = event.get("streamSid", self.stream)
            if event["event"] == "start":
                await self.say(200)
            if event["event"] == "media":
                yield base64.b64decode(event["media"]["payload"])


@asynccontextmanager
async def line(behave: Behaviour) -> AsyncIterator[MediaLeg]:
    """A caller's line to a server whose streams behave as told."""

    async def handle(socket: ServerConnection) -> None:
        await behave(Agent(socket))

    async with serve(handle, "127.0.0.1", 0, compression=None) as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/media"
        yield MediaLeg(url, call="CA" + "1" * 32, account="AC" + "2" * 32, parameters={})


async def answering(agent: Agent, after_frames: int = 10) -> None:
    """Answers whatever is followed by so many frames of silence."""
    quiet, spoke = 0, False
    async for frame in agent.frames():
        quiet = 0 if is_sound(frame) else quiet + 1
        spoke = spoke or not quiet
        if spoke and quiet == after_frames:
            spoke = False
            await agent.say(200)


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caller, "AGENT_SILENCE_MS", 250)
    monkeypatch.setattr(caller, "THINKING_S", (0.0, 0.0))


async def test_a_call_is_played_and_judged() -> None:
    """Each utterance is said after the agent has finished, and its answer is found in the recording."""
    script = [utterance(300, name="one"), utterance(400, name="two")]
    async with line(answering) as leg:
        call = await converse(leg, script, random.Random(1))
    turns = judge_call(call.recording, call.placed, Loudness())
    assert (call.trouble, call.violations) == (None, [])
    assert [(turn.utterance, turn.outcome) for turn in turns] == [("one", Outcome.ANSWERED), ("two", Outcome.ANSWERED)]
    assert all(turn.gap_ms is not None and turn.gap_ms >= 180 for turn in turns)


async def test_an_impatient_agent_is_caught() -> None:
    """One that answers after 100 ms of silence speaks into a pause of 300."""

    async def impatient(agent: Agent) -> None:
        await answering(agent, after_frames=5)

    async with line(impatient) as leg:
        call = await converse(leg, [utterance(300, 400, 300)], random.Random(1))
    [turn] = judge_call(call.recording, call.placed, Loudness())
    assert turn.outcome is Outcome.CUT_OFF


async def test_a_call_the_server_ends_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was not said any more is not in the call."""

    async def leaving(agent: Agent) -> None:
        async for frame in agent.frames():
            if is_sound(frame):
                return

    async with line(leaving) as leg:
        call = await converse(leg, [utterance(300), utterance(300)], random.Random(1))
    assert call.trouble == "the server ended the call"
    assert len(call.placed) == 1


async def test_a_server_that_says_nothing_is_not_waited_for_forever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a greeting there is nothing to measure; without an answer the next turn comes."""
    monkeypatch.setattr(caller, "GREETING_S", 0.1)

    async def silent(agent: Agent) -> None:
        await agent.socket.wait_closed()

    async with line(silent) as leg:
        call = await converse(leg, [utterance(300)], random.Random(1))
    assert call.trouble == "no greeting within 0.1 s"
    assert call.placed == []


async def test_an_unanswered_turn_is_followed_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller gives up waiting and speaks again."""
    monkeypatch.setattr(caller, "ANSWER_S", 0.1)

    async def greeting_only(agent: Agent) -> None:
        async for _ in agent.frames():
            pass

    async with line(greeting_only) as leg:
        call = await converse(leg, [utterance(200), utterance(200)], random.Random(1))
    turns = judge_call(call.recording, call.placed, Loudness())
    assert [turn.outcome for turn in turns] == [Outcome.NO_ANSWER] * 2


async def test_a_refused_socket_is_told() -> None:
    """With the carrier's own words for it."""
    async with asyncio.timeout(60):
        leg = MediaLeg("ws://127.0.0.1:9/media", call="CA" + "1" * 32, account="AC" + "2" * 32, parameters={})
        call = await converse(leg, [utterance(200)], random.Random(1))
    assert call.trouble is not None
    assert call.trouble.startswith("31902")
    assert call.recording.shape == (0, 2)
