"""HTTP with an end to its patience, through a real server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from telephony.process import limited_http
from telephony.process.limited_http import HEAD_BYTES, LimitedHttp

pytestmark = pytest.mark.anyio

ASK = b"POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 5\r\n"


async def endpoint(request: Request) -> Response:
    """Says what it was sent."""
    return PlainTextResponse(await request.body())


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Somebody's connection to a real server."""
    app = Starlette(routes=[Route("/", endpoint, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, port=0, http=LimitedHttp, log_config=None, lifespan="off"))
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells nobody
        await asyncio.sleep(0.001)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.servers[0].sockets[0].getsockname()[1])
    try:
        yield reader, writer
    finally:
        writer.close()
        server.should_exit = True
        await task


async def test_requests_are_answered_one_after_the_other() -> None:
    """Each with a head and a body of its own, in however many pieces they come."""
    async with connected() as (reader, writer):
        for _ in range(2):
            for piece in (ASK[:10], ASK[10:], b"x-much: " + b"a" * (HEAD_BYTES // 2) + b"\r\n\r\nhe", b"llo"):
                writer.write(piece)
                await writer.drain()
            assert (await reader.readuntil(b"hello")).startswith(b"HTTP/1.1 200")


async def test_a_head_without_end_loses_its_connection() -> None:
    """Before it costs memory to speak of."""
    async with connected() as (reader, writer):
        writer.write(ASK)
        for number in range(2 * HEAD_BYTES // 1000):
            writer.write(b"x-%d: " % number + b"a" * 1000 + b"\r\n")
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)


@pytest.mark.parametrize("begun", [b"", ASK[:30], ASK + b"\r\nhe"])
async def test_who_takes_too_long_loses_his_connection(begun: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether he says nothing, half a head or half a body."""
    monkeypatch.setattr(limited_http, "REQUEST_SECONDS", 0.01)
    async with connected() as (reader, writer):
        writer.write(begun)
        with suppress(ConnectionResetError):  # it had been closed before that arrived
            assert await reader.read() == b""
