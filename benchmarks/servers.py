"""The systems under test, each a server in a process of its own that answers media sockets as Twilio opens them."""

import asyncio
import json
import os
import secrets
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import httpx
from twilio.request_validator import RequestValidator

from agent.campaign import Campaign, load_campaign
from benchmarks.errors import BenchmarkError
from benchmarks.paced_model import MODEL
from state.effects import PermitKind
from state.embedded import EmbeddedValkey
from state.events import (
    CallEnded,
    CallPlaced,
    ConsentGiven,
    Event,
    LeadArrived,
    PersonaSaid,
    Scope,
    conversation_id,
)
from state.ports import free_port
from state.store import Record
from telephony.sandbox.handset import Handset
from telephony.sandbox.media_leg import MarkMode, MediaLeg

ROOT = Path(__file__).parent.parent
CAMPAIGNS = ROOT / "campaigns"
CAMPAIGN = CAMPAIGNS / "insurance.yaml"
ACCOUNT = "AC" + "b" * 32
BUSINESS_TIME = "2026-11-18T14:05:00-06:00"
"""A Wednesday afternoon in Chicago, when anybody may be called."""
READY_S = 180.0
"""How long a server may take to load its models."""
STOP_S = 10.0
TOKEN_S = 60
WRITTEN_S = 5.0
SERVE = (sys.executable, "-m", "telephony.cli", "serve")
NOWHERE = "http://127.0.0.1:9"
"""Where the server finds Twilio's API: nothing listens there, so nothing a benchmark causes leaves the machine."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """How to open a media socket for a call."""

    url: str
    call: str
    account: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def leg(self, marks: MarkMode = MarkMode.TWILIO, handset: Handset | None = None) -> MediaLeg:
        """A caller's line that is opened so, from a telephone of its own if none is given."""
        return MediaLeg(
            self.url,
            call=self.call,
            account=self.account,
            parameters=self.parameters,
            headers=self.headers,
            marks=marks,
            handset=handset,
        )


class Segue:
    """`segue serve`, with a record of its own."""

    def __init__(self, port: int, record: Record, campaign: Campaign, auth_token: str) -> None:
        self._socket = f"ws://127.0.0.1:{port}/twilio/media"
        self._metrics = f"http://127.0.0.1:{port}/metrics"
        self._record = record
        self._campaign = campaign
        self._validator = RequestValidator(auth_token)

    async def invite(self, call: str) -> Invitation:
        """A call of ours that the lead has just picked up, and what its media socket has to bring."""
        cid = self._conversation(call)
        await self._record.append(cid, *self._lead(call))
        token = secrets.token_urlsafe(24)
        await self._record.put_token(token, {"cid": cid, "call": call}, TOKEN_S)
        signature = self._validator.compute_signature(self._socket, {})
        return Invitation(self._socket, call, ACCOUNT, {"token": token}, {"X-Twilio-Signature": signature})

    async def answer(self, call: str) -> MediaLeg:
        """A line to the server on which the lead has just picked up a call of ours."""
        return (await self.invite(call)).leg()

    async def metrics(self) -> str:
        """What it counts, in Prometheus' text format."""
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.get(self._metrics, timeout=READY_S)).raise_for_status().text

    async def log(self, call: str) -> list[Event]:
        """What the record says of a call that is over; waits a little for the server to have written it all."""
        log: list[Event] = []
        try:
            async with asyncio.timeout(WRITTEN_S), aclosing(self._record.follow(self._conversation(call))) as events:
                async for _, event in events:
                    log.append(event)
                    if isinstance(event, CallEnded):
                        break
        except TimeoutError:
            pass  # the server is in trouble, and the recording tells what became of the call
        return log

    def _conversation(self, call: str) -> str:
        return conversation_id(self._campaign.brand, number_of(call))

    def _lead(self, call: str) -> list[Event]:
        now = datetime.fromisoformat(BUSINESS_TIME)
        return [
            LeadArrived(
                id="lead:benchmark",
                at=now,
                number=number_of(call),
                brand=self._campaign.brand,
                campaign=self._campaign.id,
                source="benchmark",
                first_name="Jordan",
                zip="60614",
            ),
            ConsentGiven(
                id="consent:benchmark",
                at=now,
                scopes=(Scope.SMS, Scope.AI_VOICE),
                basis="written",
                act="tick",
                disclosure="I agree to be called and texted, also by an automated voice.",
            ),
            CallPlaced(
                id=f"call:{call}:placed", at=now, call=call, effect="dial:benchmark", permit=PermitKind.INITIATE
            ),
        ]


class Pipecat:
    """The stock bot of `benchmarks.baselines.pipecat_bot`."""

    def __init__(self, port: int, replies: Path | None = None) -> None:
        self._socket = f"ws://127.0.0.1:{port}/twilio/media"
        self._replies = replies

    def prepare(self, replies: Mapping[str, Sequence[str]]) -> None:
        """Sets what the bot says in each of the next calls, by call."""
        assert self._replies is not None, "the bot was started without a file of replies"
        self._replies.write_text(json.dumps(replies))

    async def invite(self, call: str) -> Invitation:
        """A call to the bot, which asks for nothing."""
        return Invitation(self._socket, call, ACCOUNT)

    async def answer(self, call: str) -> MediaLeg:
        """A line to the bot."""
        return (await self.invite(call)).leg()


def call_sid(index: int) -> str:
    """The SID of the n-th call."""
    return f"CA{index:032x}"


def number_of(call: str) -> str:
    """The number that is called: of those reserved for fiction, in an area code for each hundred."""
    index = int(call[2:], 16)
    return f"+1{312 + index // 100}55501{index % 100:02}"


def replies_in(log: Sequence[Event]) -> list[str]:
    """What the persona said, turn by turn, the greeting first."""
    return [event.text for event in log if isinstance(event, PersonaSaid)]


@asynccontextmanager
async def segue_server(
    folder: Path, llm_base_url: str | None = None, command: Sequence[str] = SERVE
) -> AsyncIterator[Segue]:
    """Runs the server with an embedded Valkey; `folder` takes its data and its log, an endpoint gives it a model.

    `command` is run in place of `segue serve`.

    Raises:
        BenchmarkError: if it does not start.
    """
    auth_token, port = secrets.token_hex(16), free_port()
    with EmbeddedValkey(folder / "data") as valkey:
        settings = {
            "SEGUE_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "SEGUE_PORT": str(port),
            "SEGUE_API_TOKEN": secrets.token_hex(16),
            "SEGUE_REDIS_URL": valkey.url,
            "SEGUE_CAMPAIGNS": str(CAMPAIGNS),
            "SEGUE_BUSINESS_TIME": BUSINESS_TIME,
            "SEGUE_TWILIO_BASE_URL": NOWHERE,
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": auth_token,
            "TWILIO_NUMBER": "+13125550100",
        }
        if llm_base_url:
            settings |= {"SEGUE_LLM_BASE_URL": llm_base_url, "SEGUE_LLM_MODEL": MODEL}
        record = Record.connect(valkey.url)
        async with process("the Segue server", command, folder, settings, f"http://127.0.0.1:{port}/readyz"):
            yield Segue(port, record, load_campaign(CAMPAIGN), auth_token)
        await record.close()


@asynccontextmanager
async def pipecat_server(folder: Path, voice: str, llm_base_url: str | None = None) -> AsyncIterator[Pipecat]:
    """Runs the bot with a voice, `piper` or `hibari`; `folder` takes its replies and its log.

    With an endpoint it talks through Pipecat's OpenAI service instead of the replies it is given.

    Raises:
        BenchmarkError: if it does not start.
    """
    port, replies = free_port(), folder / "replies.json"
    replies.write_text("{}")
    command = [sys.executable, "-m", "benchmarks.baselines.pipecat_bot", str(port), voice, str(replies)]
    command += [llm_base_url] if llm_base_url else []
    async with process(f"the Pipecat bot ({voice})", command, folder, {}, f"http://127.0.0.1:{port}/openapi.json"):
        yield Pipecat(port, replies)


@asynccontextmanager
async def process(
    name: str, command: Sequence[str], folder: Path, settings: Mapping[str, str], ready_url: str
) -> AsyncIterator[int]:
    """Runs a server in a process of its own until the block ends; `folder` takes its log. Yields the process's id.

    Raises:
        BenchmarkError: if it does not start.
    """
    log = folder / "server.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=folder, env=environment(settings), stdout=output, stderr=output
        )
    try:
        await _until_ready(name, process, ready_url, log)
        yield process.pid
    finally:
        await _stop(process)


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Of a process to be measured. It runs in a folder of its own, so that no `.env` is read, and without the user's
    settings: every run is the same run."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("SEGUE_", "TWILIO_"))}
    inherited["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), inherited.get("PYTHONPATH")]))
    return {**inherited, **settings}


async def _until_ready(name: str, process: asyncio.subprocess.Process, url: str, log: Path) -> None:
    try:
        async with asyncio.timeout(READY_S), httpx.AsyncClient(trust_env=False) as client:
            while process.returncode is None:
                if await _answers(client, url):
                    return
                await asyncio.sleep(0.2)
    except TimeoutError:
        raise BenchmarkError(f"{name} was not ready after {READY_S:g} s. {last_words(log)}") from None
    raise BenchmarkError(f"{name} ended with code {process.returncode}. {last_words(log)}")


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).is_success
    except httpx.TransportError:
        return False


def last_words(log: Path, lines: int = 5) -> str:
    """The end of a server's log, for an error message."""
    said = log.read_text(errors="replace").strip().splitlines()[-lines:]
    return "Its last words:\n  " + "\n  ".join(said) if said else "It said nothing."


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_S)
    except TimeoutError:
        process.kill()
        await process.wait()
