"""Media sockets: let in once, by a token that was given for a call."""

import json
from collections.abc import AsyncIterator

import pytest
from starlette.types import Message
from telephony_kit import CID, TestServices, open_services

from state.store import Record

pytestmark = pytest.mark.anyio

ACCOUNT = "AC" + "0" * 32
CALL, ANOTHER = "CA" + "1" * 32, "CA" + "2" * 32


@pytest.fixture
async def server(record: Record, valkey_url: str) -> AsyncIterator[TestServices]:
    """The server on an empty record."""
    async with open_services(record, valkey_url) as services:
        yield services


def start(call: str, token: str) -> str:
    """A stream's `start`, as Twilio sends it."""
    form = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
    parts = {"streamSid": "MZ1", "accountSid": ACCOUNT, "callSid": call, "mediaFormat": form}
    parts["customParameters"] = {"token": token}
    return json.dumps({"event": "start", "streamSid": "MZ1", "start": parts})


async def told(server: TestServices, *frames: str, query: bytes = b"") -> list[Message]:
    """What the server says to a socket that sends these frames and waits."""
    said: list[Message] = []
    received: list[Message] = [{"type": "websocket.connect"}]
    received += [{"type": "websocket.receive", "text": frame} for frame in frames]

    async def receive() -> Message:
        return received.pop(0) if received else {"type": "websocket.disconnect", "code": 1006}

    async def send(message: Message) -> None:
        said.append(message)

    path = "/twilio/media"
    scope = {"type": "websocket", "path": path, "query_string": query, "headers": [], "subprotocols": []}
    await server.app()({**scope, "scheme": "ws", "server": ("calls.example.com", 443)}, receive, send)
    return said


CONNECTED = json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"})


async def test_a_token_opens_one_socket(server: TestServices) -> None:
    """Whoever shows it first; it is spent then, and the call is the token's, whatever the socket calls it."""
    await server.record.put_token("t0ken", {"cid": CID, "call": CALL}, 60)
    assert await server.record.take_token("t0ken") == {"cid": CID, "call": CALL}
    accepted, closed = await told(server, CONNECTED, start(ANOTHER, "t0ken"))
    assert accepted["type"] == "websocket.accept"
    assert (closed["type"], closed["code"]) == ("websocket.close", 1008)
    assert (await server.record.view(CID)).version == 0


@pytest.mark.parametrize("token", ["made-up", "", "x" * 50_000, "\x00}{:*"])
async def test_a_token_that_was_never_given_opens_nothing(token: str, server: TestServices) -> None:
    """Whatever it holds."""
    *_, closed = await told(server, CONNECTED, start(CALL, token))
    assert closed["code"] == 1008


async def test_a_query_is_refused_before_the_upgrade(server: TestServices) -> None:
    """Twilio drops it, and a token in it would stand in access logs."""
    (refused,) = await told(server, CONNECTED, query=b"token=t0ken")
    assert refused["type"] == "websocket.close"
