"""The whole server as a process of its own: real models, a real Valkey, real sockets, real signatures."""

import asyncio
import json
import os
import re
import signal
import sys
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest
from twilio_requests import signed
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from audio.tts.joe import JoeVoice
from state.embedded import EmbeddedValkey
from state.events import (
    EffectRequested,
    Event,
    FactLearned,
    PersonaSaid,
    TextReceived,
    TextSent,
    conversation_id,
)
from state.ports import free_port
from state.store import Record
from telephony.demo import stage, story
from telephony.sandbox.exchange import ACCOUNT, TOKEN
from telephony.sandbox.media_leg import MediaLeg
from telephony.sandbox.phone import Bystander
from telephony.sandbox.server import Sandbox

pytestmark = [pytest.mark.anyio, pytest.mark.alone]

STREAM = "MZ" + "0" * 32
CALL = "CA" + "0" * 32
NOBODY = "http://127.0.0.1:9"
"""A carrier that is not there."""


@asynccontextmanager
async def server(folder: Path, carrier: str = NOBODY, port: int | None = None) -> AsyncIterator[stage.Stage]:
    """`segue serve` on a folder."""
    async with stage.server(folder, carrier, ACCOUNT, TOKEN, port or free_port(), lambda _: None) as ready:
        yield ready


async def token_for_a_call(ready: stage.Stage, call: str = CALL, caller: str = "+13125550143") -> str:
    """Asks for instructions as Twilio does when somebody calls, and takes the token out of the TwiML."""
    url = f"{ready.server}/twilio/voice"
    form = {"CallSid": call, "From": caller, "To": story.OUR_NUMBER, "CallStatus": "ringing", "Direction": "inbound"}
    async with httpx.AsyncClient(trust_env=False) as client:
        response = await client.post(url, data=form, headers=signed(url, form, TOKEN))
    assert response.status_code == 200, response.text
    found = re.search(r'name="token" value="([^"]+)"', response.text)
    assert found is not None, response.text
    return found[1]


def media_url(ready: stage.Stage) -> str:
    """Where the media socket is."""
    return ready.server.replace("http", "ws") + "/twilio/media"


def start(token: str) -> str:
    """The message that opens a stream."""
    return json.dumps(
        {
            "event": "start",
            "sequenceNumber": "1",
            "streamSid": STREAM,
            "start": {
                "accountSid": ACCOUNT,
                "streamSid": STREAM,
                "callSid": CALL,
                "tracks": ["inbound"],
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
                "customParameters": {"token": token},
            },
        }
    )


async def opened(socket: ClientConnection, token: str) -> None:
    """Goes through the handshake and waits for the first audio."""
    await socket.send('{"event":"connected","protocol":"Call","version":"1.0.0"}')
    await socket.send(start(token))
    message = json.loads(await socket.recv())
    assert message["event"] == "media"


async def closed(socket: ClientConnection) -> tuple[int, str]:
    """Reads on until the server closes; its code and reason."""
    with suppress(ConnectionClosed):
        async for _ in socket:
            pass
    assert socket.close_code is not None
    return socket.close_code, socket.close_reason or ""


async def test_an_independent_caller_finds_no_protocol_violation(tmp_path: Path) -> None:
    """streamdouble, which shares no code with our sandbox, plays a call and hears an answer."""
    voice = tmp_path / "caller.wav"
    with wave.open(str(voice), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(JoeVoice().synthesize("Hello, I would like a quote for my home.").tobytes())
    async with server(tmp_path) as ready:
        token = await token_for_a_call(ready)
        caller = await asyncio.create_subprocess_exec(
            *(str(Path(sys.executable).with_name("streamdouble")), "call", media_url(ready), "--audio", str(voice)),
            *("--param", f"token={token}", "--json", "--max-first-audio-ms", "20000"),
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await caller.communicate()
    report = json.loads(output)
    assert caller.returncode == 0, report
    assert report["violations"] == []


async def test_a_malformed_socket_is_closed_with_a_reason_and_the_server_lives(tmp_path: Path) -> None:
    """Wrong signature, a query, wrong token, a used token, a second start, a 10 MB message: each its own ending."""
    async with server(tmp_path) as ready:
        url = media_url(ready)
        for shown, headers in ((url, {"X-Twilio-Signature": "wrong"}), (f"{url}?token=any", {})):
            with pytest.raises(InvalidStatus) as refused:
                await connect(shown, additional_headers=headers)
            assert refused.value.response.status_code == 403

        async with connect(url) as socket:
            await socket.send('{"event":"connected","protocol":"Call","version":"1.0.0"}')
            await socket.send(start("not-a-token"))
            assert await closed(socket) == (1008, "unknown, used or expired token")

        token = await token_for_a_call(ready)
        async with connect(url) as socket:
            await opened(socket, token)
            for frame in ("{broken", "[]", b"\x00", '{"event":"media"}', '{"event":"unheard-of"}'):
                await socket.send(frame)
            assert json.loads(await socket.recv())["event"] in {"media", "mark"}
            await socket.send(start(token))
            assert await closed(socket) == (1008, "second start")

        async with connect(url) as socket:
            await socket.send('{"event":"connected","protocol":"Call","version":"1.0.0"}')
            await socket.send(start(token))
            assert await closed(socket) == (1008, "unknown, used or expired token")

        async with connect(url) as socket:
            with suppress(ConnectionClosed):  # Its beginning is enough.
                await socket.send("x" * 10_000_000)
            assert (await closed(socket))[0] == 1009

        async with httpx.AsyncClient(base_url=ready.server, trust_env=False) as client:
            assert (await client.get("/readyz")).status_code == 200


async def test_a_server_killed_between_texts_goes_on_where_it_was(tmp_path: Path) -> None:
    """kill -9 in the SMS phase: the next server has the conversation, and answers what the lead texts then."""
    jordan, port = Bystander(story.NUMBER), free_port()
    sandbox = Sandbox(webhook_base=f"http://127.0.0.1:{port}", numbers=[story.OUR_NUMBER], people=[jordan])
    async with sandbox.serve() as carrier:
        async with server(tmp_path, carrier, port) as ready:
            await post_the_form(ready)
            await texts(jordan, 1)
            os.kill(ready.pid, signal.SIGKILL)
        async with server(tmp_path, carrier, port) as ready:
            await sandbox.text(story.NUMBER, story.OUR_NUMBER, "Yeah I am, just been busy")
            await texts(jordan, 2)
            log = await log_of(ready)
    assert "Harbor Lane" in jordan.received[0]
    assert [event.body for event in log if isinstance(event, TextReceived)] == ["Yeah I am, just been busy"]
    assert [event.body for event in log if isinstance(event, TextSent)] == jordan.received


async def test_a_text_taken_by_another_process_enters_the_live_call(tmp_path: Path) -> None:
    """The webhook lands on one server, the call is on another: it is answered aloud there, and not by text as well."""
    async with server(tmp_path) as talking, server(tmp_path) as texting:
        token, caller = await token_for_a_call(talking), "+13125550143"
        leg = MediaLeg(media_url(talking), call=CALL, account=ACCOUNT, parameters={"token": token})
        call = asyncio.create_task(leg.run())
        async with asyncio.timeout(90):
            greeted = await leg.agent_finished()
            form = {"MessageSid": "SM" + "0" * 32, "From": caller, "To": story.OUR_NUMBER, "Body": "it's for a condo"}
            url = f"{texting.server}/twilio/sms"
            async with httpx.AsyncClient(trust_env=False) as client:
                response = await client.post(url, data=form, headers=signed(url, form, TOKEN))
            assert response.status_code == 200
            await leg.agent_started(since=greeted)
            await leg.agent_finished(since=greeted)
        leg.hang_up()
        await call
        log = await log_of(talking, caller)
    said = [event.text for event in log if isinstance(event, PersonaSaid)]
    assert said[-1].startswith("Got your text.")
    facts = {event.key: (event.value, event.source) for event in log if isinstance(event, FactLearned)}
    assert facts["property_type"] == ("condo", "sms:SM" + "0" * 32)
    assert not [event for event in log if isinstance(event, EffectRequested) and event.effect.kind == "send_text"]
    assert leg.violations == []


async def post_the_form(ready: stage.Stage) -> None:
    """Jordan asks for a quote."""
    headers = {"authorization": f"Bearer {ready.token}"}
    async with httpx.AsyncClient(trust_env=False) as client:
        response = await client.post(f"{ready.server}/v1/leads", json=story.FORM, headers=headers)
    assert response.status_code == 202, response.text


async def texts(person: Bystander, count: int) -> None:
    """Waits until a person has received so many texts."""
    async with asyncio.timeout(90):
        while len(person.received) < count:  # noqa: ASYNC110 - the telephone announces nothing
            await asyncio.sleep(0.05)


async def log_of(ready: stage.Stage, number: str = story.NUMBER) -> list[Event]:
    """What the record holds about a lead."""
    record = Record.connect(EmbeddedValkey(ready.data).start())
    try:
        return [event for _, event in await record.log(conversation_id("Harbor Lane Insurance", number))]
    finally:
        await record.close()
