"""Whole stories on Telnyx: the real app, a network of Telnyx's shapes, tones for voices, a faster clock."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import cast
from uuid import uuid4

import httpx
from accelerated import record_at, run
from call_rig import Patient, Phrases
from docket import Docket
from redis import Redis
from telephony_kit import API_TOKEN, LEAD, OURS, settings
from telnyx_api import serving as serving_api
from telnyx_network import ACCOUNT, API_KEY, APPLICATION, Answering, Call, TelnyxNetwork, start_message
from transfer_stage import ASKS_FOR_A_PERSON, CID, INSURANCE, SARAH, START, Fast, serving, steps_of
from websockets.asyncio.client import connect

from agent.brain.local import LocalBrain
from agent.gate.law import current_law
from audio.vad import SileroModel
from state.events import CallEnded, CallStatus, Event, PersonaSaid, Suppressed, TextReceived, TextSent, TextStatus
from state.store import Record
from state.view import View
from telephony.browser.carrier import WithBrowser
from telephony.carriers import account_of, dialect_of

LEAD_FORM = {
    "campaign": "insurance",
    "number": LEAD,
    "first_name": "Jordan",
    "zip": "60614",
    "source": "web_quote_form",
    "consent": {
        "scopes": ["sms", "ai_voice"],
        "basis": "written",
        "act": "tick",
        "disclosure": "I agree to be called and texted.",
        "source_url": "https://example.com/quote",
    },
}


@dataclass
class Stage:
    """What a story acts on and looks at."""

    network: TelnyxNetwork
    record: Record
    base: str
    phrases: Phrases

    async def log(self) -> list[Event]:
        """The conversation."""
        return [event for _, event in await self.record.log(CID)]

    async def until(self, happened: Callable[[list[Event]], bool]) -> None:
        """Waits until the record shows something."""
        async with asyncio.timeout(150):
            async for _ in self.record.follow(CID):
                assert self.network.faults == []
                if happened(await self.log()):
                    return

    async def submit(self) -> None:
        """The lead fills in the form."""
        async with httpx.AsyncClient(trust_env=False) as client:
            headers = {"Authorization": f"Bearer {API_TOKEN}"}
            answer = await client.post(f"{self.base}/v1/leads", json=LEAD_FORM, headers=headers)
            assert answer.status_code == 202, answer.text

    async def say(self, call: Call, words: str, ms: int = 700) -> None:
        """The lead waits for the end of the persona's turn, then speaks."""
        await call.handset.far_finished(1_500)
        call.handset.speak(self.phrases.tone(words, ms))


def said(log: list[Event]) -> str:
    """Everything the persona said that was heard."""
    return " ".join(event.heard for event in log if isinstance(event, PersonaSaid))


Story = Callable[[Stage], Awaitable[None]]


def play(
    valkey_url: str, story: Story, people: Callable[[Stage], dict[str, Answering]]
) -> tuple[list[Event], Stage, View]:
    """Plays a story; returns the log, what it happened on, and what the record adds up to."""

    async def main() -> tuple[list[Event], Stage, View]:
        async with _stage(valkey_url) as stage:
            stage.network.people.update(people(stage))
            async with asyncio.timeout(400):
                await story(stage)
            return await stage.log(), stage, await stage.record.view(CID)

    with Redis.from_url(valkey_url) as redis:
        redis.flushdb()
    return run(main())


@asynccontextmanager
async def _stage(valkey_url: str) -> AsyncIterator[Stage]:
    current_law()  # as the server does when it starts: no call waits for it
    loop = asyncio.get_running_loop()
    began = loop.time()
    record, phrases = record_at(valkey_url), Phrases()
    listener = socket.create_server(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    network = TelnyxNetwork(f"{base}/telnyx", {})
    async with serving_api(network) as url, Docket(name=f"test-{uuid4().hex}", url=valkey_url) as docket:
        chosen = settings(
            carrier="telnyx",
            public_url=base,
            twilio_account_sid="",
            twilio_auth_token="",
            telnyx_api_key=API_KEY,
            telnyx_public_key=network.public_key,
            telnyx_account_id=ACCOUNT,
            telnyx_app_id=APPLICATION,
            telnyx_number=OURS,
            telnyx_base_url=url,
            calls_per_second=100,
        )
        account = account_of(chosen)
        services = Fast(
            settings=chosen,
            clock=lambda: START + timedelta(seconds=loop.time() - began),
            record=record,
            campaigns={INSURANCE.id: INSURANCE},
            carrier=WithBrowser(account),
            brain=LocalBrain(),
            engines=Patient(stt=phrases, tts=phrases, turn_detector=phrases, vad=cast(SileroModel, phrases)),
            docket=docket,
            dialect=dialect_of(chosen),
        )
        try:
            async with serving(services, listener):
                yield Stage(network, record, base, phrases)
        finally:
            await account.close()
            await record.close()


def test_a_lead_is_texted_answers_is_called_texts_in_the_call_and_stops_by_voice(valkey_url: str) -> None:
    """One conversation over both channels; after the stop nothing goes out but its confirmation."""
    refused: list[int] = []

    def people(stage: Stage) -> dict[str, Answering]:
        async def lead(call: Call) -> None:
            await call.handset.far_finished(1_500)
            await stage.network.text(LEAD, OURS, "it's a house, by the way")
            await stage.until(lambda log: "Got your text" in said(log))
            await stage.say(call, "stop contacting me")
            await call.over.wait()

        return {LEAD: lead}

    async def story(stage: Stage) -> None:
        await stage.submit()
        await stage.until(lambda log: any(isinstance(one, TextStatus) and one.status == "delivered" for one in log))
        await stage.network.text(LEAD, OURS, "yes, please call me now")
        await stage.until(lambda log: any(isinstance(one, Suppressed) for one in log))
        await stage.until(lambda log: any(isinstance(one, CallStatus) and one.status == "completed" for one in log))
        [call] = stage.network.calls
        async with connect(call.streams[0], proxy=None) as again:
            await again.send('{"event":"connected","version":"1.0.0"}')
            await again.send(start_message(call, "another"))
            await again.wait_closed()
            refused.append(again.close_code or 0)

    log, stage, view = play(valkey_url, story, people)
    assert view.voice_suppressed
    assert view.suppressed
    assert [one.status for one in log if isinstance(one, CallStatus)][-1] == "completed"
    assert sum(isinstance(one, CallEnded) for one in log) == 1
    assert [one.body for one in log if isinstance(one, TextReceived)] == [
        "yes, please call me now",
        "it's a house, by the way",
    ]
    assert "stop" in next(one.words for one in log if isinstance(one, Suppressed))
    stopped = next(n for n, one in enumerate(log) if isinstance(one, Suppressed))
    assert sum(isinstance(one, TextSent) for one in log[stopped:]) <= 1
    assert refused == [1008]
    assert stage.network.faults == []


def test_a_lead_whose_stream_breaks_is_put_through_and_comes_back(valkey_url: str) -> None:
    """Broken audio comes back on a new socket; a person agrees by key; when she leaves the persona has him again."""

    def people(stage: Stage) -> dict[str, Answering]:
        async def lead(call: Call) -> None:
            await call.handset.far_finished(1_500)
            assert call.socket is not None
            await call.socket.close()
            await stage.say(call, ASKS_FOR_A_PERSON)
            await stage.until(lambda log: steps_of(log)[-1:] == ["left"])
            await call.handset.far_finished(1_500)

        async def sarah(call: Call) -> None:
            while not call.heard:  # noqa: ASYNC110 - what a telephone says is announced by nothing
                await asyncio.sleep(0.1)
            call.keys.put_nowait("1")
            await stage.until(lambda log: "joined" in steps_of(log))
            await asyncio.sleep(3)

        return {LEAD: lead, SARAH: sarah}

    async def story(stage: Stage) -> None:
        call = await stage.network.call(LEAD, OURS)
        await call.over.wait()

    log, stage, _ = play(valkey_url, story, people)
    [lead, sarah] = stage.network.calls
    assert steps_of(log) == ["requested", "ringing", "briefing", "accepted", "joined", "left"]
    assert len(lead.streams) == len(set(lead.streams)) == 3
    assert any("Press 1" in words for words in sarah.heard)
    assert "One moment, the caller is on the way." in sarah.heard
    assert "Connecting you with Sarah" in said(log)
    assert stage.network.faults == []
