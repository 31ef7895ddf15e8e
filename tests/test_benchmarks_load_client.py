"""The load test's callers, against a server of the `websockets` library: they have to speak the protocol truly."""

import asyncio
import base64
import json
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from benchmarks.load.client import Caller, Crowd, Script
from benchmarks.load.line import Manners, Phase
from telephony.live.streams import Started
from telephony.twilio.media import MediaStream

pytestmark = [pytest.mark.anyio, pytest.mark.alone]

UTTERANCE = bytes(range(1, 161)) * 2
TURN_MS = 40


class Agent:
    """Greets with two frames and a mark, clears another, and notes what the caller sends."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.path = ""
        self.done = asyncio.Event()

    async def serve(self, socket: ServerConnection) -> None:
        """One call."""
        self.path = socket.request.headers["X-Twilio-Signature"] if socket.request else ""
        protocol = MediaStream()
        async for frame in socket:
            assert isinstance(frame, str)
            self.received.append(json.loads(frame))
            if isinstance(protocol.receive(frame), Started):
                audio = base64.b64encode(UTTERANCE[:160]).decode()
                media = {"event": "media", "streamSid": protocol.stream, "media": {"payload": audio}}
                mark = {"event": "mark", "streamSid": protocol.stream, "mark": {"name": "e0:0"}}
                for message in (media, media, mark):
                    await socket.send(json.dumps(message))
                await socket.ping()
            if self.received[-1]["event"] == "stop":
                self.done.set()


def payloads(agent: Agent) -> list[bytes]:
    """The caller's audio."""
    return [base64.b64decode(one["media"]["payload"]) for one in agent.received if one["event"] == "media"]


async def test_a_caller_listens_speaks_and_hangs_up() -> None:
    """Handshake with its headers, noise while the agent speaks, the mark once it was heard, then the utterance."""
    agent = Agent()
    async with serve(agent.serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        crowd = Crowd([UTTERANCE], TURN_MS)
        ticking = asyncio.create_task(crowd.run())
        order = {
            "url": f"ws://127.0.0.1:{port}/twilio/media",
            "call": "CA1",
            "account": "AC1",
            "parameters": {"token": "t"},
            "headers": {"X-Twilio-Signature": "signed"},
        }
        await crowd.dial([order], within_s=0)
        async with asyncio.timeout(60):
            while UTTERANCE[160:] not in payloads(agent):  # noqa: ASYNC110 - the socket announces nothing
                await asyncio.sleep(0.01)
            heard = await crowd.measure(0.25, of=1)
            crowd.hang_up(1)
            await agent.done.wait()
        ticking.cancel()
    events = [one["event"] for one in agent.received]
    assert events[:2] == ["connected", "start"]
    assert agent.path == "signed"
    assert agent.received[1]["start"]["customParameters"] == {"token": "t"}
    assert events.index("mark") < payloads(agent).index(UTTERANCE[:160]) + 2 + 1
    assert events[-1] == "stop"
    assert heard["calls"] == 1
    assert heard["closed"] == []


def test_a_caller_says_one_utterance_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of each, the next when it is his turn again; another caller begins with another."""
    script = Script([bytes([1]) * 320, bytes([2]) * 160], bytes([3]) * 160)
    order = {"url": "ws://127.0.0.1/", "call": "CA1", "account": "AC1"}
    said = []
    for seed in (0, 1):
        caller = Caller(order, script, Manners(TURN_MS), seed)
        caller.line = Speaking()  # type: ignore[assignment]
        frames: list[str] = []
        monkeypatch.setattr(caller, "_text", frames.append)
        for _ in range(6):
            caller.tick()
        media = [json.loads(frame)["media"]["payload"] for frame in frames]
        said.append([base64.b64decode(payload)[0] for payload in media])
    assert said == [[1, 1, 3, 2, 3, 1], [2, 3, 1, 1, 3, 2]]


class Speaking:
    """A line on which it is always the caller's turn, but for 20 ms behind each utterance."""

    def tick(self, now: float, *, utterance_over: bool) -> Phase:
        """Over when he has said it."""
        return Phase.WAITING if utterance_over else Phase.SPEAKING
