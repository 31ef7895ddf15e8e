"""The application: its own pages, its errors and its lifespan."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from starlette.testclient import TestClient
from starlette.types import Message
from telephony_kit import CAMPAIGN, CID, LEAD, TestServices, open_services, settings

from state.effects import PermitKind, SendText
from state.events import EffectRequested
from state.store import Record, RecordUnavailable
from telephony.app import ROUTES, create_app
from telephony.services import Services
from telephony.settings import Settings

pytestmark = pytest.mark.anyio

HERE = "http://127.0.0.1:8080"


@pytest.fixture
async def server(record: Record, valkey_url: str) -> AsyncIterator[TestServices]:
    """The server on an empty record."""
    async with open_services(record, valkey_url) as services:
        yield services


async def test_the_process_says_that_it_lives(server: TestServices) -> None:
    """Without asking anybody else."""
    async with server.client() as client:
        answer = await client.http.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


async def test_the_server_is_ready_when_the_record_answers(server: TestServices) -> None:
    """It says with which record and which campaigns."""
    async with server.client() as client:
        answer = await client.http.get("/readyz")
    assert answer.json()["campaigns"] == [CAMPAIGN.id]
    assert answer.json()["record"]["server"] == "valkey"
    assert answer.json()["carrier"] == "twilio"


async def test_without_its_record_the_server_is_not_ready(
    server: TestServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And it is alive all the same: a restart would not help."""

    async def gone() -> None:
        raise RecordUnavailable("Redis cannot be reached")

    monkeypatch.setattr(server.record, "ping", gone)
    async with server.client() as client:
        ready, alive = await client.http.get("/readyz"), await client.http.get("/healthz")
    assert (ready.status_code, alive.status_code) == (503, 200)
    assert ready.headers["retry-after"] == "1"
    assert "record" in ready.json()["error"]


async def test_metrics_count_what_happened(server: TestServices) -> None:
    """In Prometheus' format, without ids or numbers in the labels."""
    async with server.client() as client:
        await client.http.post("/v1/leads", json={})
        answer = await client.http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert "# TYPE segue_webhooks_total counter" in answer.text
    assert CID not in answer.text


async def test_metrics_tell_what_is_due_and_for_how_long(server: TestServices) -> None:
    """An effect that nobody has carried out for a minute, and a plan to think of."""
    at = server.clock() - timedelta(seconds=60)
    effect = SendText(permit=PermitKind.INITIATE, to=LEAD, body="Hi")
    await server.lead(EffectRequested(id="e1", at=at, effect=effect, due=at))
    later = server.clock() + timedelta(hours=1)
    await server.record.append(CID, EffectRequested(id="e2", at=at, effect=effect, due=later))
    async with server.client() as client:
        shown = (await client.http.get("/metrics")).text
    values = dict(line.rsplit(" ", 1) for line in shown.splitlines() if not line.startswith("#"))
    assert float(values['segue_due_oldest_seconds{what="effect"}']) == pytest.approx(60)
    assert float(values['segue_due{when="now"}']) >= 1
    assert float(values['segue_due{when="later"}']) >= 1
    assert float(values["segue_record_up"]) == 1
    assert float(values["segue_record_memory_bytes"]) > 0


async def test_metrics_are_there_when_redis_is_not(server: TestServices, monkeypatch: pytest.MonkeyPatch) -> None:
    """That is when they are wanted."""

    async def gone() -> None:
        raise RecordUnavailable("Redis cannot be reached")

    monkeypatch.setattr(server.record, "ping", gone)
    async with server.client() as client:
        shown = (await client.http.get("/metrics")).text
    assert "segue_record_up 0.0" in shown
    assert "segue_call_slots_taken 0.0" in shown
    assert "segue_due{" not in shown


async def test_a_crash_is_told_without_details(server: TestServices, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log has them; the caller may be anybody."""

    async def broken(cid: str) -> None:
        raise KeyError("+13125550142")

    monkeypatch.setattr(server.record, "view", broken)
    async with server.client() as client:
        answer = await client.twilio(f"/twilio/voice/{CID}", CallSid="CA1")
    assert (answer.status_code, answer.json()) == (500, {"error": "internal error"})


@pytest.mark.parametrize(("error", "status"), [(KeyError("+13125550142"), 500), (RecordUnavailable("gone"), 503)])
async def test_a_person_is_told_of_a_fault_by_a_page(
    error: Exception, status: int, server: TestServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without details, and with the headers of every page."""

    async def broken(cid: str) -> None:
        raise error

    monkeypatch.setattr(server.record, "log", broken)
    private = replace(server, services=replace(server.services, settings=settings(public_url=HERE)))
    transport = httpx.ASGITransport(app=private.app(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=HERE) as http:
        answer = await http.get(f"/console/c/{CID}", headers={"accept": "text/html"})
    assert answer.status_code == status
    assert "went wrong on our side" in answer.text
    assert "+13125550142" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


async def test_every_route_of_twilios_takes_post() -> None:
    """It is Twilio's default, and what our own URLs are asked with."""
    for route in ROUTES:
        if route.path.startswith("/twilio/") and route.path != "/twilio/media":
            assert "POST" in route.methods  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (RecordUnavailable("Redis cannot be reached"), "Redis cannot be reached"),
        (RuntimeError("a bug"), "Traceback (most recent call last):"),
    ],
)
async def test_a_start_that_fails_is_told_in_words_if_they_help(error: Exception, told: str) -> None:
    """What the user can mend is a sentence; what he cannot is a traceback."""

    @asynccontextmanager
    async def opening(chosen: Settings) -> AsyncIterator[Services]:
        raise error
        yield

    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "lifespan.startup"}

    async def send(message: Message) -> None:
        sent.append(message)

    with pytest.raises(type(error)):
        await create_app(settings(), opening)({"type": "lifespan", "state": {}}, receive, send)
    ((kind, message),) = [(one["type"], one["message"]) for one in sent]
    assert kind == "lifespan.startup.failed"
    assert message.splitlines()[0] == told


def test_the_server_starts_and_stops_with_its_workers(valkey_url: str) -> None:
    """Through the real lifespan: services opened, worker run, both closed again."""
    closed: list[str] = []

    @asynccontextmanager
    async def opening(chosen: Settings) -> AsyncIterator[Services]:
        record = Record.connect(valkey_url)
        async with open_services(record, valkey_url) as services:
            yield services.services
        await record.close()
        closed.append(chosen.public_url)

    with TestClient(create_app(settings(), opening)) as client:
        answer: httpx.Response = client.get("/readyz")  # type: ignore[assignment]
        assert answer.status_code == 200
        assert closed == []
    assert closed == ["https://calls.example.com"]
