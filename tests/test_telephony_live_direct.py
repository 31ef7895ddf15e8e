"""The short way of media sockets, through a real server and a real client."""

import asyncio
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from telephony.live.direct import BACKLOG_BYTES, DirectClosedError, DirectSocket, direct_of

pytestmark = pytest.mark.anyio

MAX_SIZE = 4096


@dataclass
class Endpoint:
    """An application that diverts its socket's text, except what begins with "queue"."""

    taken: list[str] = field(default_factory=list)
    awaited: list[Any] = field(default_factory=list)
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    socket: WebSocket | None = None

    async def serve(self, socket: WebSocket) -> None:
        """Accepts, diverts after the first message, and notes what comes which way."""
        await socket.accept()
        self.socket = socket
        self.awaited.append((await socket.receive())["text"])
        direct_of(socket).divert(self._take)
        while (message := await socket.receive())["type"] == "websocket.receive":
            self.awaited.append(message.get("text") or message.get("bytes"))
        self.closed.set()

    def _take(self, text: str) -> bool:
        if text.startswith("queue"):
            return False
        self.taken.append(text)
        direct_of(self.socket).write(f"echo {text}")  # type: ignore[arg-type]
        return True


@asynccontextmanager
async def served(endpoint: Callable[[WebSocket], Awaitable[None]]) -> AsyncIterator[int]:
    """The endpoint behind a real server; the port."""
    app = Starlette(routes=[WebSocketRoute("/", endpoint)])
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, ws=DirectSocket, ws_max_size=MAX_SIZE, log_config=None, lifespan="off")
    )
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells nobody
        await asyncio.sleep(0.001)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await task


@asynccontextmanager
async def opened() -> AsyncIterator[tuple[Endpoint, ClientConnection]]:
    """A client whose first message has gone the ordinary way, as `start` does."""
    endpoint = Endpoint()
    async with served(endpoint.serve) as port, connect(f"ws://127.0.0.1:{port}/", compression=None) as client:
        await client.send("first")
        await client.send("second")
        assert await client.recv() == "echo second"  # From here on, at the latest, text is diverted.
        yield endpoint, client


async def test_text_takes_the_short_way_in_order() -> None:
    """Both ways, whatever its length, and also what arrived before the diversion."""
    async with opened() as (endpoint, client):
        texts = ["a", "b" * 125, "c" * 126, "ü" * 1000]
        for text in texts:
            await client.send(text)
        assert [await client.recv() for _ in texts] == [f"echo {text}" for text in texts]
        assert endpoint.taken == ["second", *texts]
        assert endpoint.awaited == ["first"]


async def test_what_is_declined_goes_the_ordinary_way() -> None:
    """So that whoever awaits the socket wakes."""
    async with opened() as (endpoint, client):
        await client.send("queue this")
        await client.send("after")
        assert await client.recv() == "echo after"
        await client.close()
        await endpoint.closed.wait()
        assert endpoint.awaited == ["first", "queue this"]


async def test_everything_else_stays_with_the_library() -> None:
    """Binary, fragments and pings are answered as ever, in between."""
    async with opened() as (endpoint, client):
        await client.send(b"binary")
        await client.send(["frag", "ment"])
        await (await client.ping())
        await client.send("text")
        assert await client.recv() == "echo text"
        await client.close()
        await endpoint.closed.wait()
        assert endpoint.awaited == ["first", b"binary", "fragment"]


async def test_a_frame_that_arrives_in_pieces_is_one_frame() -> None:
    """TCP may cut anywhere, in the header too."""
    async with opened() as (_, client):
        for text in ("short", "long " * 100):
            payload = text.encode()
            size = bytes((0x80 | len(payload),)) if len(payload) < 126 else struct.pack("!BH", 254, len(payload))
            for byte in b"\x81" + size + bytes(4) + payload:
                client.transport.write(bytes((byte,)))
                await asyncio.sleep(0)
            assert await client.recv() == f"echo {text}"


async def test_a_frame_may_be_half_there_when_it_is_diverted() -> None:
    """After a stall the server reads a lot at once, and the last frame of it ends somewhere."""
    endpoint = Endpoint()
    async with served(endpoint.serve) as port, connect(f"ws://127.0.0.1:{port}/", compression=None) as client:
        frames = [b"\x81" + bytes((0x80 | len(text),)) + bytes(4) + text for text in (b"first", b"second", b"third")]
        client.transport.write(frames[0] + frames[1] + frames[2][:4])
        assert await client.recv() == "echo second"
        client.transport.write(frames[2][4:])
        assert await client.recv() == "echo third"
        assert endpoint.awaited == ["first"]


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"\x81\x82\0\0\0\0\xff\xfe", 1007),
        (b"\x81\x02hi", 1002),
        (b"\xc1\x82\0\0\0\0hi", 1002),
        (b"\x81\xff" + (MAX_SIZE + 1).to_bytes(8) + bytes(4), 1009),
        (b"\x81\xfe" + (MAX_SIZE + 1).to_bytes(2) + bytes(4) + b"x" * (MAX_SIZE + 1), 1009),
    ],
    ids=["not UTF-8", "not masked", "reserved bit", "too long by header", "too long"],
)
async def test_what_breaks_the_protocol_closes_the_socket(frame: bytes, code: int) -> None:
    """By the library, with its code."""
    async with opened() as (endpoint, client):
        await client.send("text")
        await client.recv()
        client.transport.write(frame)
        with pytest.raises(ConnectionClosed) as closed:
            await client.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == code
        await endpoint.closed.wait()


async def test_nothing_is_written_to_a_socket_that_is_closed() -> None:
    """The call learns that its end is gone."""
    async with opened() as (endpoint, client):
        await client.close()
        await endpoint.closed.wait()
        with pytest.raises(DirectClosedError):
            direct_of(endpoint.socket).write("text")  # type: ignore[arg-type]


async def test_a_peer_that_stops_reading_loses_its_socket() -> None:
    """What waits for it is bounded: a call's audio is worth nothing later."""
    async with opened() as (endpoint, client):
        await client.send("text")
        await client.recv()
        client.transport.pause_reading()
        direct = direct_of(endpoint.socket)  # type: ignore[arg-type]

        def flood() -> None:
            for _ in range(100_000):
                direct.write("x" * BACKLOG_BYTES)

        with pytest.raises(DirectClosedError, match="stopped reading"):
            flood()
        await endpoint.closed.wait()
        client.transport.abort()


async def test_another_server_is_refused() -> None:
    """Without the extension there is no short way, and the error says what to do."""
    socket = WebSocket({"type": "websocket"}, receive=None, send=None)  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="segue serve"):
        direct_of(socket)
