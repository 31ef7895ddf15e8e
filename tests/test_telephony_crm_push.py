"""Telling a CRM: signed, in order, again until taken, each once by its id, and never lost."""

import importlib.util
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from happenings import fact, text_received, text_sent
from standardwebhooks.webhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from telephony_kit import ARRIVED, CID, CONSENT, LEAD, NOW, TestClock

from state.events import AgentPresence, staff_log_id
from state.store import Record
from telephony.crm.push import PAUSES, Post, Refused, Teller, pause
from telephony.crm.subscriptions import Subscription

pytestmark = pytest.mark.anyio

SECRET = "whsec_" + "c2VjcmV0" * 4
CRM = Subscription(name="crm", url="https://crm.example.com/segue", secret=SECRET)
OTHER = Subscription(name="other", url="https://other.example.com/", secret=SECRET, events=("text_received",))


class Endpoint:
    """A receiver that verifies, and answers as it is told; 204 by default."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.ids: list[str] = []
        self.answers: list[Response | Exception] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        message = Webhook(SECRET).verify(request.content, dict(request.headers))
        self.ids.append(request.headers["webhook-id"])
        answer = self.answers.pop(0) if self.answers else Response(status_code=204)
        if isinstance(answer, Exception):
            raise answer
        if answer.status_code < 300:
            self.taken.append(message)
        return httpx.Response(answer.status_code, headers=dict(answer.headers))

    @property
    def kinds(self) -> list[str]:
        """What it has taken."""
        return [message["type"] for message in self.taken]


@pytest.fixture
async def told(record: Record, valkey_url: str) -> AsyncIterator[Record]:
    """An empty record whose events are told."""
    told = Record.connect(valkey_url, told=True)
    yield told
    await told.close()


def teller(record: Record, clock: TestClock, endpoint: Any, *to: Subscription) -> Teller:
    """One that posts to the endpoint."""
    post = Post(httpx.AsyncClient(transport=httpx.MockTransport(endpoint)))
    return Teller(record, to or (CRM,), post, clock)


async def test_events_are_told_signed_and_in_order(told: Record) -> None:
    """With the conversation they belong to, under ids that say what they are."""
    endpoint, clock = Endpoint(), TestClock()
    telling = teller(told, clock, endpoint)
    await told.append(CID, ARRIVED, CONSENT)
    await telling.tell_due()
    await told.append(CID, text_received(1))
    await telling.tell_due()
    assert endpoint.kinds == ["lead_arrived", "consent_given", "text_received"]
    assert endpoint.ids == [f"{CID}:lead:1", f"{CID}:lead:1:consent", f"{CID}:sms:1"]
    last = endpoint.taken[-1]
    assert (last["data"]["version"], last["data"]["number"], last["data"]["conversation"]) == (3, LEAD, CID)
    assert last["data"]["event"]["body"] == "Yeah I am"


async def test_what_is_not_taken_is_tried_again_later_and_holds_the_rest_up(told: Record) -> None:
    """In the same conversation, not in others; and another process goes on from there."""
    endpoint, clock = Endpoint(), TestClock()
    endpoint.answers = [Response(status_code=500), httpx.ConnectError("down")]
    telling = teller(told, clock, endpoint)
    await told.append(CID, ARRIVED, CONSENT)
    await telling.tell_due()
    await told.append(CID, text_received(1))
    await telling.tell_due()
    assert endpoint.ids == [f"{CID}:lead:1"]
    clock.advance(seconds=PAUSES[0].total_seconds() * 1.25 + 1)
    await telling.tell_due()
    clock.advance(seconds=PAUSES[1].total_seconds() * 1.25 + 1)
    await teller(told, clock, endpoint).tell_due()
    assert endpoint.ids[:3] == [f"{CID}:lead:1"] * 3
    assert endpoint.kinds == ["lead_arrived", "consent_given", "text_received"]


async def test_an_answer_that_was_lost_means_the_same_id_again(told: Record) -> None:
    """Whoever dies before he has noted it does not know that it was taken; the receiver does."""
    endpoint, clock = Endpoint(), TestClock()
    await told.append(CID, ARRIVED)
    endpoint.answers = [httpx.ReadTimeout("lost")]
    await teller(told, clock, endpoint).tell_due()
    clock.advance(minutes=1)
    await teller(told, clock, endpoint).tell_due()
    assert endpoint.ids == [f"{CID}:lead:1"] * 2


async def test_after_the_last_attempt_it_is_given_up_and_the_rest_goes_on(told: Record) -> None:
    """What was given up is kept for somebody to send anew."""
    endpoint, clock = Endpoint(), TestClock()
    endpoint.answers = [Response(status_code=500)] * (len(PAUSES) + 1)
    telling = teller(told, clock, endpoint)
    await told.append(CID, ARRIVED, CONSENT)
    for wait in (*PAUSES, timedelta()):
        await telling.tell_due()
        clock.advance(seconds=wait.total_seconds() * 1.25 + 1)
    assert endpoint.kinds == ["consent_given"]
    assert [(one.subscriber, one.version, one.why) async for one in told.outgoing.dead()] == [("crm", 1, "HTTP 500")]


async def test_an_endpoint_that_is_gone_is_not_asked_again(told: Record) -> None:
    """410 is for good."""
    endpoint, clock = Endpoint(), TestClock()
    endpoint.answers = [Response(status_code=410)]
    await told.append(CID, ARRIVED, CONSENT)
    await teller(told, clock, endpoint).tell_due()
    assert (endpoint.kinds, await told.outgoing.dead_count()) == (["consent_given"], 1)


@pytest.mark.parametrize(
    ("tries", "refused", "wait"),
    [
        (1, Refused("x"), 5 * 0.75),
        (2, Refused("x"), 30 * 0.75),
        (1, Refused("x", timedelta(minutes=3)), 180),
        (len(PAUSES), Refused("x"), 36_000 * 0.75),
        (len(PAUSES) + 1, Refused("x"), None),
        (1, Refused("x", for_good=True), None),
    ],
)
def test_pauses_grow_and_heed_what_the_receiver_says(tries: int, refused: Refused, wait: float | None) -> None:
    """And end."""
    found = pause(tries, refused, luck=0.0)
    assert (found.total_seconds() if found is not None else None) == wait


async def test_subscribers_do_not_wait_for_each_other(told: Record) -> None:
    """Each hears what it wants, from its own place."""
    clock, texts = TestClock(), Endpoint()

    async def route(request: httpx.Request) -> httpx.Response:
        return httpx.Response(500) if request.url.host == "crm.example.com" else await texts(request)

    telling = teller(told, clock, route, CRM, OTHER)
    await told.append(CID, ARRIVED, CONSENT, text_received(1))
    await telling.tell_due()
    assert texts.kinds == ["text_received"]
    cursors = await told.outgoing.cursors(CID)
    assert (cursors["crm"].version, cursors["crm"].tries, cursors["other"].version) == (0, 1, 3)


async def test_logs_of_our_own_people_are_nobodys_business(told: Record) -> None:
    """They stand in the record, but are no conversations."""
    endpoint = Endpoint()
    presence = AgentPresence(
        id="p", at=NOW, number="+13125550177", brand="x", campaign="insurance", available=True, by="command"
    )
    await told.append(staff_log_id("+13125550177"), presence)
    await teller(told, TestClock(), endpoint).tell_due()
    assert endpoint.ids == []


async def test_telling_runs_beside_the_server_and_wakes_by_itself(told: Record) -> None:
    """What lands is told without a clock having to move."""
    import asyncio

    endpoint, heard = Endpoint(), asyncio.Event()

    async def receive(request: httpx.Request) -> httpx.Response:
        answer = await endpoint(request)
        if len(endpoint.taken) == 2:
            heard.set()
        return answer

    running = asyncio.create_task(teller(told, TestClock(), receive).run())
    await told.append(CID, ARRIVED, CONSENT)
    async with asyncio.timeout(60):
        await heard.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert endpoint.kinds == ["lead_arrived", "consent_given"]


def example() -> Any:
    """docs/examples/hubspot.py, as a module."""
    path = Path(__file__).parent.parent / "docs" / "examples" / "hubspot.py"
    spec = importlib.util.spec_from_file_location("hubspot_example", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def test_the_worked_example_keeps_a_conversation_in_hubspots_shapes(told: Record, tmp_path: Path) -> None:
    """Contacts, texts and facts, each once, though everything is told twice; what is not signed is refused."""
    kept: list[tuple[str, Any]] = []

    async def hubspot(request: Request) -> Response:
        kept.append((request.url.path, await request.json()))
        return JSONResponse({}, status_code=201)

    stand_in = Starlette(routes=[Route("/{path:path}", hubspot, methods=["POST"])])
    module = example()
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=stand_in), base_url="https://api.hubapi.com")
    app = module.create_app(SECRET, client, module.Seen(str(tmp_path / "seen.db")))
    receiver = httpx.AsyncClient(transport=httpx.ASGITransport(app=app))
    await told.append(CID, ARRIVED, CONSENT, text_sent(1), text_received(1), fact("product", "home"))
    for name in ("crm", "again"):
        to = Subscription(name=name, url="https://crm.example.com/segue", secret=SECRET)
        await Teller(told, (to,), Post(receiver), TestClock()).tell("never due", 0.0)
        for cid, seen in await told.outgoing.due(datetime(2027, 1, 1, tzinfo=UTC), 9):
            await Teller(told, (to,), Post(receiver), TestClock()).tell(cid, seen)
    paths = [path.removeprefix("/crm/v3/objects/") for path, _ in kept]
    assert paths == ["contacts/batch/upsert", "communications", "communications", "contacts/batch/upsert"]
    assert kept[0][1]["inputs"][0]["properties"]["firstname"] == "Jordan"
    assert kept[3][1]["inputs"][0] == {
        "idProperty": "phone",
        "id": LEAD,
        "properties": {"phone": LEAD, "segue_product": "home"},
    }
    assert kept[2][1]["properties"]["hs_communication_body"] == "INBOUND_SMS: Yeah I am"
    assert (await receiver.post("https://crm.example.com/segue", content=json.dumps({}))).status_code == 401
