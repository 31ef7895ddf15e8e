"""What the tests of the server share: services on a real record, a carrier that only writes down, signed requests."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import uuid4

import httpx
from docket import Docket
from starlette.applications import Starlette
from twilio.request_validator import RequestValidator

from agent.brain import Brain
from agent.brain.local import LocalBrain
from agent.campaign import Campaign, HumanAgent, Question
from audio.pool import Engines
from state.events import ConsentGiven, LeadArrived, Scope, conversation_id
from state.store import Record
from telephony.app import create_app
from telephony.browser.carrier import WithBrowser
from telephony.carrier import CarrierError, PlacedCall, SentText
from telephony.services import Services
from telephony.settings import Settings, load_settings
from telephony.twilio.dialect import TwilioDialect
from telephony.twilio.signature import SignatureVerifier
from telephony.workers import Workers, new_worker

NOW = datetime(2026, 11, 18, 20, 5, tzinfo=UTC)
"""A Wednesday, five past two in the afternoon in Chicago."""
LEAD = "+13125550142"
OURS = "+13125550100"
SARAH = "+13125550177"
BRAND = "Harbor Lane Insurance"
CID = conversation_id(BRAND, LEAD)
CALL = "CA" + "1" * 32
AUTH_TOKEN = "the-auth-token"
API_TOKEN = "0123456789abcdef"
PUBLIC = "https://calls.example.com"

CAMPAIGN = Campaign(
    id="insurance",
    brand=BRAND,
    brand_short="Harbor Lane",
    persona="Ava",
    vertical="insurance",
    callback_contact="+13125550100",
    reason="asked for a quote online",
    opening_question="Still looking for coverage?",
    goal="put the lead through to a licensed agent",
    questions=(
        Question(key="interest", type="enum", values=("yes", "no")),
        Question(key="product", type="enum", values=("home", "auto"), ask="Is it for home or auto?", required=True),
    ),
    ready_when=("product",),
    agents=(HumanAgent(name="Sarah", number=SARAH),),
)

ARRIVED = LeadArrived(
    id="lead:1",
    at=NOW - timedelta(minutes=1),
    number=LEAD,
    brand=BRAND,
    campaign="insurance",
    source="web_quote_form",
    first_name="Jordan",
    zip="60614",
)
CONSENT = ConsentGiven(
    id="lead:1:consent",
    at=NOW - timedelta(minutes=1),
    scopes=(Scope.SMS, Scope.AI_VOICE),
    basis="written",
    act="tick",
    disclosure="I agree to be called and texted.",
)


class TestClock:
    """A business clock that stands until it is moved."""

    __test__ = False

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        """Moves on by so many `seconds`, `minutes`, …"""
        self.now += timedelta(**by)


@dataclass
class RecordingCarrier:
    """A carrier that does what it is asked on paper. `fails` is raised by the next request instead."""

    texts: list[dict[str, Any]] = field(default_factory=list)
    dials: list[dict[str, Any]] = field(default_factory=list)
    redirects: list[tuple[str, str]] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    statuses: dict[str, str] = field(default_factory=dict)
    """How calls stand; one that is not here is in progress."""
    placed: list[PlacedCall] = field(default_factory=list)
    """Calls that its list shows beside those it was asked for."""
    fails: CarrierError | None = None
    before: Any = None
    """An async function awaited before the next request is answered: what happens meanwhile."""

    lists_lag: timedelta = timedelta()

    async def send_text(self, to: str, body: str, *, sender: str, status_url: str) -> str:
        """Notes the text."""
        await self._asked()
        self.texts.append({"to": to, "body": body, "sender": sender, "status_url": status_url})
        return f"SM{len(self.texts):032x}"

    async def dial(
        self,
        to: str,
        *,
        caller_id: str,
        instructions_url: str,
        status_url: str,
        ring_seconds: int = 25,
        detection_url: str | None = None,
    ) -> str:
        """Notes the call."""
        await self._asked()
        self.dials.append(
            {
                "to": to,
                "caller_id": caller_id,
                "instructions_url": instructions_url,
                "status_url": status_url,
                "ring_seconds": ring_seconds,
                "detection_url": detection_url,
            }
        )
        return f"CA{len(self.dials):032x}"

    async def redirect(self, call: str, document: str) -> None:
        """Notes the new document."""
        await self._asked()
        self.redirects.append((call, document))

    async def hang_up(self, call: str) -> None:
        """Notes the end."""
        await self._asked()
        self.ended.append(call)

    async def call_status(self, call: str) -> str:
        """How a call stands."""
        await self._asked()
        return self.statuses.get(call, "in-progress")

    async def find_texts(self, to: str, since: datetime) -> list[SentText]:
        """The texts it took, newest first."""
        await self._asked()
        taken = [(f"SM{n:032x}", text) for n, text in enumerate(self.texts, 1) if text["to"] == to]
        ours = [SentText(sid, text["sender"], text["body"], "sent", since, to) for sid, text in reversed(taken)]
        return [*ours, *(text for text in self.inbound if text.to == to)]

    async def find_calls(self, to: str, since: datetime) -> list[PlacedCall]:
        """The calls it took, newest first."""
        await self._asked()
        taken = [(f"CA{n:032x}", call) for n, call in enumerate(self.dials, 1) if call["to"] == to]
        asked = [
            PlacedCall(sid, call["caller_id"], self.statuses.get(sid, "in-progress"), since)
            for sid, call in reversed(taken)
        ]
        return [*asked, *(call for call in self.placed if call.to in {"", to})]

    inbound: list[SentText] = field(default_factory=list)
    """Texts to us that its list shows."""

    async def sent_from(self, sender: str, since: datetime) -> list[SentText]:
        """The texts it took from a number."""
        await self._asked()
        return [
            SentText(f"SM{n:032x}", sender, text["body"], "sent", since, text["to"])
            for n, text in enumerate(self.texts, 1)
            if text["sender"] == sender
        ]

    async def placed_from(self, caller_id: str, since: datetime) -> list[PlacedCall]:
        """The calls it took from a number."""
        await self._asked()
        return [
            PlacedCall(f"CA{n:032x}", caller_id, "in-progress", since, call["to"])
            for n, call in enumerate(self.dials, 1)
            if call["caller_id"] == caller_id
        ]

    async def _asked(self) -> None:
        before, self.before = self.before, None
        if before is not None:
            await before()
        fails, self.fails = self.fails, None
        if fails is not None:
            raise fails


async def until_quiet(services: Services) -> None:
    """Lets a worker do everything that is due, and what follows from it; what is due later stays."""
    async with new_worker(services.docket, sweeping=False) as worker:
        running = asyncio.create_task(worker.run_forever())
        idle = 0
        while idle < 2:
            snapshot = await services.docket.snapshot()
            soon = datetime.now(UTC) + timedelta(seconds=1)
            busy = snapshot.running or any(task.when <= soon for task in snapshot.future)
            idle = 0 if busy else idle + 1
            await asyncio.sleep(0.02)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


def settings(**given: Any) -> Settings:
    """Settings that read no environment file."""
    return load_settings(
        _env_file=None,
        **{
            "public_url": PUBLIC,
            "api_token": API_TOKEN,
            "twilio_account_sid": "AC" + "0" * 32,
            "twilio_auth_token": AUTH_TOKEN,
            "twilio_number": OURS,
            "texts_per_second": 1_000_000.0,  # with a clock that stands, nobody's turn would ever come
        }
        | given,
    )


class NotingVoice:
    """The engines as far as a webhook uses them: what was to be spoken."""

    def __init__(self) -> None:
        self.words: list[str] = []

    async def synthesize(self, text: str, due: object = None) -> None:
        """Notes the words."""
        self.words.append(text)


@asynccontextmanager
async def open_services(
    record: Record, url: str, *, campaign: Campaign = CAMPAIGN, brain: Brain | None = None
) -> AsyncIterator["TestServices"]:
    """Services on a real record and a docket of their own, with a clock that stands and a voice that notes words."""
    chosen = settings()
    async with Docket(name=f"test-{uuid4().hex}", url=url) as docket:
        clock, carrier, voice = TestClock(), RecordingCarrier(), NotingVoice()
        services = Services(
            settings=chosen,
            clock=clock,
            record=record,
            campaigns={campaign.id: campaign},
            carrier=WithBrowser(carrier),
            brain=brain or LocalBrain(),
            engines=cast(Engines, voice),
            docket=docket,
            dialect=TwilioDialect(SignatureVerifier(AUTH_TOKEN, chosen.public_url)),
        )
        Workers(services).register(docket)
        yield TestServices(services, clock, carrier, voice)


@dataclass(frozen=True)
class TestServices:
    """Services with the parts a test looks at, and a client that Twilio would be."""

    __test__ = False

    services: Services
    clock: TestClock
    carrier: RecordingCarrier
    voice: "NotingVoice"

    @property
    def record(self) -> Record:
        """The record."""
        return self.services.record

    def app(self) -> Starlette:
        """The server, as its lifespan would have left it, without workers."""
        app = create_app(self.services.settings)
        app.state.services = self.services
        return app

    @asynccontextmanager
    async def client(self) -> AsyncIterator["Client"]:
        """Talks to the server without a network."""
        transport = httpx.ASGITransport(app=self.app(), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=PUBLIC) as http:
            yield Client(http)

    async def lead(self, *events: Any) -> None:
        """Makes the story's lead, and appends what else happened."""
        await self.record.append(CID, ARRIVED, CONSENT, *events)


@dataclass(frozen=True)
class Client:
    """An HTTP client that can sign as Twilio does."""

    http: httpx.AsyncClient

    async def twilio(self, path: str, **form: str) -> httpx.Response:
        """A signed webhook."""
        return await self.http.post(path, data=form, headers={"x-twilio-signature": sign(path, form)})

    async def twilio_get(self, path: str, **query: str) -> httpx.Response:
        """The same by GET."""
        url = str(httpx.URL(path, params=query))
        return await self.http.get(url, headers={"x-twilio-signature": sign(url, {})})


def sign(path: str, form: dict[str, str]) -> str:
    """Twilio's signature of a request to our public URL."""
    return str(RequestValidator(AUTH_TOKEN).compute_signature(PUBLIC + path, form))
