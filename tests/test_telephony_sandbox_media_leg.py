import asyncio
import base64
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest
from websockets.asyncio.server import ServerConnection, serve

from audio.engines import Pcm16
from telephony.sandbox.handset import LineDeadError
from telephony.sandbox.media_leg import MarkMode, MediaLeg, StreamError

pytestmark = pytest.mark.anyio
CALL, ACCOUNT = "CA" + "1" * 32, "AC" + "2" * 32
VOICE = b"\x10" * 160
"""20 ms of a loud constant: not speech, but sound."""
Server = Callable[[ServerConnection], Awaitable[None]]


class Agent:
    """The server's end of the socket: what a test's agent reads and says."""

    def __init__(self, socket: ServerConnection) -> None:
        self.socket = socket
        self.received: list[dict[str, Any]] = []

    async def read(self, event: str) -> dict[str, Any]:
        """Reads until the next message of a kind."""
        while True:
            message: dict[str, Any] = json.loads(await self.socket.recv())
            self.received.append(message)
            if message["event"] == event:
                return message

    async def send(self, event: str, **rest: Any) -> None:
        """Sends one message on the caller's stream."""
        stream = next(message["streamSid"] for message in self.received if message["event"] == "start")
        await self.socket.send(json.dumps({"event": event, "streamSid": stream, **rest}))

    async def say(self, payload: bytes, mark: str = "") -> None:
        """Sends audio, and a mark behind it if named."""
        await self.send("media", media={"payload": base64.b64encode(payload).decode()})
        if mark:
            await self.send("mark", mark={"name": mark})


@asynccontextmanager
async def agent(behave: Callable[[Agent], Awaitable[None]]) -> AsyncIterator[str]:
    """A media server whose every stream behaves as told; yields its URL."""

    async def handle(socket: ServerConnection) -> None:
        await behave(Agent(socket))

    async with serve(handle, "127.0.0.1", 0, compression=None) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/media"


def leg_to(url: str, **options: Any) -> MediaLeg:
    """A caller on that server."""
    return MediaLeg(url, call=CALL, account=ACCOUNT, **{"parameters": {}, **options})


def tone(ms: int) -> Pcm16:
    """A 500 Hz tone at speech level."""
    return (6_000 * np.sin(2 * np.pi * 500 * np.arange(ms * 8) / 8_000)).astype(np.int16)


async def test_a_stream_opens_as_twilios_do() -> None:
    """`connected`, `start` with the parameters, then audio numbered from 2; the upgrade carries the headers given."""
    seen: list[Agent] = []

    async def behave(server: Agent) -> None:
        seen.append(server)
        for _ in range(3):
            await server.read("media")
        await server.socket.close()

    async with agent(behave) as url:
        assert await leg_to(url, parameters={"token": "t"}, headers={"x-twilio-signature": "s"}).run() == 1000
    server = seen[0]
    assert [message["event"] for message in server.received] == ["connected", "start", "media", "media", "media"]
    assert server.received[1]["start"]["customParameters"] == {"token": "t"}
    assert server.received[1]["start"]["callSid"] == CALL
    assert [message.get("sequenceNumber") for message in server.received] == [None, "1", "2", "3", "4"]
    assert server.socket.request is not None
    assert server.socket.request.headers["x-twilio-signature"] == "s"
    assert "origin" not in server.socket.request.headers


async def test_the_server_hears_the_caller() -> None:
    """What the caller says arrives frame by frame, and silence around it."""
    heard = bytearray()

    async def behave(server: Agent) -> None:
        while not heard.rstrip(b"\xff") or heard[-160:] != b"\xff" * 160:
            heard.extend(base64.b64decode((await server.read("media"))["media"]["payload"]))
        await server.socket.close()

    async with agent(behave) as url:
        leg = leg_to(url)
        leg.speak(tone(60))
        await leg.run()
    left = leg.recording[:, 0]
    assert np.flatnonzero(np.frombuffer(bytes(heard), np.uint8) != 0xFF).size > 400
    assert np.abs(left).max() > 5_000
    assert not leg.violations


async def test_a_mark_comes_back_when_its_audio_has_played() -> None:
    """Sixty milliseconds of audio sent in one burst are heard in sixty milliseconds, and the mark follows them."""
    order: list[str] = []

    async def behave(server: Agent) -> None:
        await server.read("media")
        await server.say(VOICE * 3, mark="end")
        await server.read("mark")
        order.extend(message["event"] for message in server.received)
        await server.read("media")  # the recording ends with a whole frame
        await server.socket.close()

    async with agent(behave) as url:
        leg = leg_to(url)
        await leg.run()
    assert order[-1] == "mark"
    assert order.count("media") >= 3  # the frame he answers may be the one in which the first is heard
    assert np.count_nonzero(leg.recording[:, 1]) == 480


async def test_a_mark_behind_nothing_comes_back_at_once() -> None:
    """It does not wait for the next frame."""
    echoed: list[str] = []

    async def behave(server: Agent) -> None:
        await server.read("start")
        await server.send("mark", mark={"name": "idle"})
        echoed.append((await server.read("mark"))["mark"]["name"])
        await server.socket.close()

    async with agent(behave) as url:
        await leg_to(url).run()
    assert echoed == ["idle"]


@pytest.mark.parametrize("mode", list(MarkMode))
async def test_clear_silences_and_settles_the_marks(mode: MarkMode) -> None:
    """Queued audio is never heard; Twilio echoes its marks at once, in order, and some simulators drop them."""
    echoes: list[str] = []

    async def behave(server: Agent) -> None:
        await server.read("media")
        await server.say(VOICE, mark="heard")
        await server.say(VOICE * 500, mark="one")
        await server.say(VOICE * 500, mark="two")
        echoes.append((await server.read("mark"))["mark"]["name"])
        await server.send("clear")
        await server.send("mark", mark={"name": "after"})
        while "after" not in echoes:
            echoes.append((await server.read("mark"))["mark"]["name"])
        await server.socket.close()

    async with agent(behave) as url:
        leg = leg_to(url, marks=mode)
        await leg.run()
    assert echoes == (["heard", "one", "two", "after"] if mode is MarkMode.TWILIO else ["heard", "after"])
    assert 0 < np.count_nonzero(leg.recording[:, 1]) < 20_000


async def test_what_twilio_would_ignore_is_listed_and_ignored() -> None:
    """A foreign stream, an extra field, a binary frame: none is played, each is a violation with its code."""

    async def behave(server: Agent) -> None:
        await server.read("start")
        await server.socket.send(json.dumps({"event": "clear", "streamSid": "MZ0"}))
        await server.send("clear", why="barge-in")
        await server.socket.send(b"\x10" * 160)
        await server.send("mark", mark={"name": "done"})
        await server.read("mark")
        await server.socket.close()

    async with agent(behave) as url:
        leg = leg_to(url)
        await leg.run()
    assert [violation[:5] for violation in leg.violations] == ["31951", "31951", "31950"]
    assert not np.any(leg.recording[:, 1])


async def test_ten_minutes_fit_and_no_more() -> None:
    """What overfills the buffer is thrown away and reported once."""

    async def behave(server: Agent) -> None:
        await server.read("start")
        for _ in range(12):
            await server.say(VOICE * 3_000)
        await server.send("clear")
        await server.send("mark", mark={"name": "done"})
        await server.read("mark")
        await server.socket.close()

    async with agent(behave) as url:
        leg = leg_to(url)
        await leg.run()
    assert [violation[:5] for violation in leg.violations] == ["31931"]


async def test_hanging_up_sends_stop() -> None:
    """The telephone's side ends a stream with `stop` and then closes the socket."""
    last: list[dict[str, Any]] = []
    streaming = asyncio.Event()

    async def behave(server: Agent) -> None:
        await server.read("media")
        streaming.set()
        last.append(await server.read("stop"))
        await server.socket.wait_closed()

    async with agent(behave) as url:
        leg = leg_to(url)
        running = asyncio.ensure_future(leg.run())
        await streaming.wait()
        leg.hang_up()
        assert await running == 1000
    assert last[0]["stop"] == {"accountSid": ACCOUNT, "callSid": CALL}


async def test_keys_are_heard() -> None:
    """A pressed key is one `dtmf` message; what is no key is refused."""
    digits: list[str] = []

    async def behave(server: Agent) -> None:
        digits.extend([(await server.read("dtmf"))["dtmf"]["digit"] for _ in range(2)])
        await server.socket.close()

    async with agent(behave) as url:
        leg = leg_to(url)
        leg.press("1")
        leg.press("#")
        await leg.run()
    assert digits == ["1", "#"]
    with pytest.raises(ValueError, match="not a key"):
        leg.press("12")


async def test_the_close_code_is_returned() -> None:
    """Whoever runs the leg learns how the server ended it."""

    async def behave(server: Agent) -> None:
        await server.read("media")
        await server.socket.close(1011, "bug")

    async with agent(behave) as url:
        assert await leg_to(url).run() == 1011


async def test_waiting_ends_with_the_stream() -> None:
    """Nobody waits for an agent who is gone."""

    async def behave(server: Agent) -> None:
        await server.read("media")
        await server.socket.close()

    async with agent(behave) as url:
        leg = leg_to(url)
        waiting = asyncio.ensure_future(leg.agent_started())
        await leg.run()
        with pytest.raises(LineDeadError):
            await waiting


async def test_the_caller_knows_when_the_agent_has_spoken() -> None:
    """The turn's end is where its last sound was, and what was heard can be asked for."""
    done = asyncio.Event()

    async def behave(server: Agent) -> None:
        await server.read("media")
        await server.say(VOICE * 5)
        await done.wait()
        await server.socket.close()

    async with agent(behave) as url:
        leg = leg_to(url)
        running = asyncio.ensure_future(leg.run())
        started = await leg.agent_started()
        assert leg.agent_speaking
        ended = await leg.agent_finished(silence_ms=100)
        done.set()
        await running
    assert 80 * 8 <= ended - started <= 140 * 8
    assert np.count_nonzero(leg.heard_since(started)) >= 640


async def test_loss_shows_as_gaps_in_the_time_stamps() -> None:
    """Frames the telephone network lost are never sent; the chunk count does not know."""
    chunks: list[dict[str, str]] = []

    async def behave(server: Agent) -> None:
        chunks.extend([(await server.read("media"))["media"] for _ in range(8)])
        await server.socket.close()

    async with agent(behave) as url:
        await leg_to(url, loss=0.5, seed=3).run()
    stamps = [int(chunk["timestamp"]) for chunk in chunks]
    assert [chunk["chunk"] for chunk in chunks] == [str(number) for number in range(1, 9)]
    assert max(later - earlier for earlier, later in itertools.pairwise(stamps)) > 30


async def test_a_refused_upgrade_is_31920() -> None:
    """A server that answers anything but 101 loses the stream."""

    async def behave(server: Agent) -> None:
        raise AssertionError("the socket opened")

    async def refuse(socket: ServerConnection, request: Any) -> Any:
        return socket.respond(403, "no")

    async with serve(lambda socket: behave(Agent(socket)), "127.0.0.1", 0, process_request=refuse) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(StreamError) as caught:
            await leg_to(f"ws://127.0.0.1:{port}/media").run()
    assert caught.value.code == 31920


@pytest.mark.parametrize(("url", "code"), [("ws://127.0.0.1:9/media", 31902), ("http://x/media", 31923)])
async def test_a_socket_that_cannot_open_has_its_code(url: str, code: int) -> None:
    """Nobody listening and nonsense are told apart; who waited for the agent learns that he will not come."""
    leg = leg_to(url)
    waiting = asyncio.ensure_future(leg.agent_started())
    await asyncio.sleep(0)
    with pytest.raises(StreamError) as caught:
        await leg.run()
    assert caught.value.code == code
    with pytest.raises(LineDeadError):
        await waiting
