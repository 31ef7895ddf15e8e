import asyncio
from typing import Any

import httpx
import pytest
from webhook_server import WebhookServer

from telephony.sandbox.desk import Timing
from telephony.sandbox.exchange import OUR_NUMBER
from telephony.sandbox.phone import Bystander
from telephony.sandbox.server import Sandbox, main

pytestmark = pytest.mark.anyio
LEAD = "+13125550142"


async def post(url: str, **body: Any) -> httpx.Response:
    """A JSON request of a person at the terminal."""
    async with httpx.AsyncClient(trust_env=False) as http:
        return await http.post(url, json=body)


async def test_a_person_texts_and_calls_by_hand() -> None:
    """From any number, to ours; the log then holds both, and what the server got wrong."""
    server = WebhookServer({"/twilio/voice": "<Response><Say>Hi</Say><Shout/></Response>"})
    async with server.serve() as webhooks:
        sandbox = Sandbox(webhook_base=webhooks, timing=Timing(word_s=0))
        async with sandbox.serve() as url, httpx.AsyncClient(trust_env=False) as http:
            texted = await post(f"{url}/sandbox/texts", **{"from": LEAD, "body": "hello?"})
            called = await post(f"{url}/sandbox/calls", **{"from": LEAD})
            await sandbox.settle()
            log = (await http.get(f"{url}/sandbox/log")).json()
    assert (texted.status_code, called.status_code) == (201, 201)
    assert server.values("/twilio/sms", "Body") == ["hello?"]
    assert log["texts"][0] | {"at": "", "sid": ""} == {
        "at": "",
        "sid": "",
        "from": LEAD,
        "to": OUR_NUMBER,
        "body": "hello?",
        "status": "received",
        "error": None,
        "by_carrier": False,
    }
    assert (log["calls"][0]["status"], log["calls"][0]["said"]) == ("completed", ["Hi"])
    assert log["warnings"] == ["12200 <Shout> is not known inside <Response>: ignored"]


@pytest.mark.parametrize(
    ("path", "body", "why"),
    [
        ("texts", {"from": LEAD}, "from and body"),
        ("texts", {"from": LEAD, "body": 5}, "from and body"),
        ("calls", {}, "from"),
        ("calls", {"from": LEAD, "to": "+13125550199"}, "not one of the sandbox's numbers"),
        ("calls", {"from": OUR_NUMBER}, "belongs to the sandbox"),
    ],
)
async def test_mistakes_at_the_terminal_are_explained(path: str, body: dict[str, Any], why: str) -> None:
    """400, and what to send instead."""
    async with Sandbox(webhook_base="http://127.0.0.1:9").serve() as url:
        answer = await post(f"{url}/sandbox/{path}", **body)
    assert answer.status_code == 400
    assert why in answer.json()["error"]


async def test_what_is_not_json_is_explained() -> None:
    """A form, say."""
    async with Sandbox().serve() as url, httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(f"{url}/sandbox/texts", content="hello")
    assert answer.status_code == 400


async def test_everybody_rehearses_before_the_first_call() -> None:
    """Lines are synthesised when the sandbox starts, not while it talks."""

    class Rehearsing(Bystander):
        """Knows whether he did."""

        voice: object = None

        async def prepare(self, voice: object) -> None:
            self.voice = voice

    class Voice:
        """Is only passed on."""

        def synthesize(self, text: str) -> Any:
            raise AssertionError(text)

    person, voice = Rehearsing(LEAD), Voice()
    async with Sandbox(people=[person], voice=voice).serve():
        assert person.voice is voice


async def test_closing_ends_live_calls() -> None:
    """Nothing of the sandbox survives its block."""
    server = WebhookServer({"/twilio/voice": '<Response><Pause length="60"/></Response>'})
    async with server.serve() as webhooks:
        sandbox = Sandbox(webhook_base=webhooks)
        async with sandbox.serve() as url:
            live = await sandbox.call(LEAD, OUR_NUMBER)
            await server.until("/twilio/voice")
        assert live.record.status.over
        with pytest.raises(httpx.ConnectError):
            await post(f"{url}/sandbox/calls", **{"from": LEAD})


async def test_main_says_how_to_use_it() -> None:
    """The base URL, the credentials, and how to text, call and look."""
    lines: list[str] = []
    ready = asyncio.Event()

    def say(line: str) -> None:
        lines.append(line)
        if "/sandbox/log" in line:
            ready.set()

    running = asyncio.create_task(main(port=0, webhook_base="http://127.0.0.1:9", say=say))
    await asyncio.wait_for(ready.wait(), 60)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    directions = "\n".join(lines)
    assert "SEGUE_TWILIO_BASE_URL=http://127.0.0.1:" in directions
    assert "TWILIO_AUTH_TOKEN=" in directions
    assert "/sandbox/texts" in directions
