"""A stage for stories of warm transfers: the real app, its workers and a sandbox network on one accelerated loop.

Only the models are stood in for: people speak in tones whose level says which phrase it is, as in `call_rig`.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast
from uuid import uuid4

import numpy as np
import uvicorn
from accelerated import SPEED, record_at, run
from call_rig import Patient, Phrases
from docket import Docket
from redis import Redis
from telephony_kit import ARRIVED, CONSENT, LEAD, OURS, settings

from agent.brain.local import LocalBrain
from agent.campaign import Campaign, HumanAgent, load_campaign
from agent.gate.law import current_law
from audio.engines import Pcm16, TextToSpeech
from audio.vad import SileroModel
from state.events import Event, FactLearned, HandoffAdvanced, PersonaSaid, TextReceived, conversation_id
from state.store import Record
from telephony.app import create_app
from telephony.live.direct import DirectSocket
from telephony.sandbox.desk import Timing
from telephony.sandbox.exchange import ACCOUNT, TOKEN
from telephony.sandbox.handset import LineDeadError
from telephony.sandbox.human import HumanAgent as Person
from telephony.sandbox.phone import Phone, PickUp
from telephony.sandbox.server import Sandbox
from telephony.sandbox.server import _Server as _Server
from telephony.services import Services
from telephony.settings import Settings
from telephony.twilio.dialect import TwilioDialect
from telephony.twilio.rest import TwilioCarrier
from telephony.twilio.signature import SignatureVerifier

START = datetime(2026, 11, 18, 20, 5, tzinfo=UTC)
SARAH, MIKE = "+13125550177", "+13125550178"
INSURANCE = load_campaign(Path("campaigns/insurance.yaml")).model_copy(
    update={
        "agents": (
            HumanAgent(name="Sarah", number=SARAH, pronoun="she"),
            HumanAgent(name="Mike", number=MIKE, pronoun="he"),
        )
    }
)
CID = conversation_id(INSURANCE.brand, LEAD)
ASKS_FOR_A_PERSON = "let me talk to a person please"


class Caller:
    """The lead: says hello if he has one, then a line after each turn he hears, in tones, then listens. `leaves` hangs
    up when asked to."""

    pick_up, answer_after_s = PickUp.ANSWERS, 1.0

    def __init__(self, phrases: Phrases, *lines: str, hello: str = "", after_s: float = 0, detected: str = "human"):
        self.number = LEAD
        self.lines = lines
        self.hello, self.after_s = hello, after_s
        self.answered_by = detected
        self.leaves = asyncio.Event()
        self.phone: Phone | None = None
        self._phrases = phrases

    def tone(self, line: str) -> Pcm16:
        """His voice saying it."""
        return self._phrases.tone(line, 700)

    async def prepare(self, voice: TextToSpeech | None) -> None:
        """Nothing to rehearse."""

    async def on_text(self, body: str, sender: str, reply: Callable[[str], Awaitable[None]]) -> None:
        """Reads nothing."""

    async def on_call(self, phone: Phone) -> None:
        """Talks."""
        self.phone = phone
        phone.greeted.set()  # a carrier that takes him for a machine waits for no more
        if self.hello:
            await asyncio.sleep(self.after_s)
            phone.handset.speak(self.tone(self.hello))
            await phone.handset.said()
        for line in self.lines:
            await phone.handset.far_finished(1_500)
            phone.handset.speak(self.tone(line))
        try:
            await asyncio.wait_for(phone._while_on(self.leaves), 300)
            phone.hang_up()
        except LineDeadError:
            pass


class Fast(Services):
    """Services whose business clock runs with the loop."""

    def real_time(self, due: datetime) -> datetime:
        """The moment on the wall clock: it comes SPEED times sooner."""
        return datetime.now(UTC) + max(due - self.clock(), timedelta()) / SPEED


class Stage:
    """What a story acts on and looks at."""

    def __init__(self, sandbox: Sandbox, record: Record, lead: Caller, carrier: TwilioCarrier) -> None:
        self.sandbox, self.record, self.lead, self.carrier = sandbox, record, lead, carrier

    async def log(self) -> list[Event]:
        """The conversation."""
        return [event for _, event in await self.record.log(CID)]

    async def until(self, happened: Callable[[Sequence[Event]], bool], seconds: float = 150) -> None:
        """Waits until the record shows something."""
        async with asyncio.timeout(seconds):
            async for _ in self.record.follow(CID):
                if happened(await self.log()):
                    return

    async def reached(self, *steps: str) -> None:
        """Waits until the transfer has taken exactly these steps."""
        await self.until(lambda log: steps_of(log)[: len(steps)] == list(steps))

    async def together(self) -> None:
        """Waits until the lead and the agent are in the room: he is let in before he goes in."""
        while not any(len(room.present) == 2 for room in self.sandbox.conferences):  # noqa: ASYNC110 - nothing says so
            await asyncio.sleep(0.05)

    async def said(self, words: str) -> None:
        """Waits until the lead has heard certain words."""
        await self.until(lambda log: any(words in event.heard for event in log if isinstance(event, PersonaSaid)))


def steps_of(log: Sequence[Event]) -> list[str]:
    """The steps of all transfers, in order."""
    return [event.step.value for event in log if isinstance(event, HandoffAdvanced)]


def longest_silence_s(heard: np.ndarray) -> float:
    """The longest a telephone's ear had nothing in it, between its first and its last sound; 8 kHz samples."""
    loud = np.flatnonzero(np.abs(heard.astype(int)) > 300)
    return float(np.diff(loud).max() / 8000) if len(loud) > 1 else 0.0


def person(number: str, phrases: Phrases, **how: object) -> Person:
    """Somebody who takes calls, with a voice."""
    defaults = {"answer_after_s": 2.0, "decides_after_s": 1.0, "stays_s": 4.0}
    return Person(number, "Hi Jordan.", **(defaults | how))  # type: ignore[arg-type]


Story = Callable[[Stage], Awaitable[None]]


def play(
    valkey_url: str,
    story: Story,
    *,
    sarah: dict[str, object] | None = None,
    mike: dict[str, object] | None = None,
    lines: Sequence[str] = (ASKS_FOR_A_PERSON,),
    campaign: Campaign = INSURANCE,
) -> tuple[list[Event], Sandbox]:
    """Plays a story from the lead's call to the end of everything; returns the log and the network it happened on."""

    async def main() -> tuple[list[Event], Sandbox]:
        phrases = Phrases()
        lead = Caller(phrases, *lines)
        people = [lead, person(SARAH, phrases, **(sarah or {})), person(MIKE, phrases, **(mike or {}))]
        async with _stage(valkey_url, campaign, phrases, lead, people) as stage:
            async with asyncio.timeout(400):
                await stage.sandbox.call(LEAD, OURS)
                await story(stage)
                stage.lead.leaves.set()
                await stage.sandbox.settle()
            return await stage.log(), stage.sandbox

    with Redis.from_url(valkey_url) as redis:
        redis.flushdb()
    return run(main())


class Toned:
    """The voice of the sandbox's people: a tone for each line, as long as it takes to say, which the app recognises."""

    def __init__(self, phrases: Phrases) -> None:
        self._phrases = phrases

    def synthesize(self, text: str) -> Pcm16:
        """300 ms a word."""
        return self._phrases.tone(text, 300 * len(text.split()))


def play_outbound(
    valkey_url: str, story: Story, someone: Callable[[Phrases], object], *, campaign: Campaign = INSURANCE
) -> tuple[list[Event], Sandbox]:
    """Plays a story that begins with the lead's text to us; `someone` makes whoever is behind his number."""

    async def main() -> tuple[list[Event], Sandbox]:
        phrases = Phrases()
        async with _stage(valkey_url, campaign, phrases, Caller(phrases), [someone(phrases)], Toned(phrases)) as stage:
            async with asyncio.timeout(400):
                await story(stage)
                await stage.sandbox.settle()
            return await stage.log(), stage.sandbox

    with Redis.from_url(valkey_url) as redis:
        redis.flushdb()
    return run(main())


@asynccontextmanager
async def _stage(
    valkey_url: str,
    campaign: Campaign,
    phrases: Phrases,
    lead: Caller,
    people: Sequence[object],
    voice: object | None = None,
) -> AsyncIterator[Stage]:
    current_law()  # as the server does when it starts: no call waits for it
    loop = asyncio.get_running_loop()
    began = loop.time()
    record = record_at(valkey_url)
    wrote = TextReceived(id="sms:1", at=START - timedelta(minutes=3), sid="SM1", body="yes, home please")
    known = FactLearned(id="f:1", at=START, key="product", value="home", source="sms:1")
    arrived = ARRIVED.model_copy(update={"at": START - timedelta(minutes=5)})
    await record.append(CID, arrived, CONSENT, wrote, known)
    listener = socket.create_server(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    sandbox = Sandbox(
        webhook_base=base,
        numbers=[OURS],
        people=people,  # type: ignore[arg-type]
        timing=Timing(queue_s=0.1, ringing_s=0.2),
        voice=cast(TextToSpeech, voice or phrases),
        clock=loop.time,
    )
    async with sandbox.serve() as url, Docket(name=f"test-{uuid4().hex}", url=valkey_url) as docket:
        chosen = settings(public_url=base, twilio_base_url=url, twilio_account_sid=ACCOUNT, twilio_auth_token=TOKEN)
        carrier = TwilioCarrier(ACCOUNT, TOKEN, base_url=url)
        services = Fast(
            settings=chosen,
            clock=lambda: START + timedelta(seconds=loop.time() - began),
            record=record,
            campaigns={campaign.id: campaign},
            carrier=carrier,
            brain=LocalBrain(),
            engines=Patient(stt=phrases, tts=phrases, turn_detector=phrases, vad=cast(SileroModel, phrases)),
            docket=docket,
            dialect=TwilioDialect(SignatureVerifier(TOKEN, base)),
        )
        try:
            async with serving(services, listener):
                yield Stage(sandbox, record, lead, carrier)
        finally:
            await carrier.close()
            await record.close()


@asynccontextmanager
async def serving(services: Services, listener: socket.socket) -> AsyncIterator[None]:
    """Runs the real app and its workers on these services."""

    @asynccontextmanager
    async def opening(_: Settings) -> AsyncIterator[Services]:
        yield services

    app = create_app(services.settings, opening)
    server = _Server(uvicorn.Config(app, ws=DirectSocket, log_config=None, access_log=False))
    running = asyncio.create_task(server.serve([listener]))
    await server.ready.wait()
    try:
        yield
    finally:
        server.should_exit = True
        await running
