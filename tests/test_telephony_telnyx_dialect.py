"""Telnyx's webhooks: what is signed is read, in Twilio's words; what is not is refused on every route."""

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.datastructures import ImmutableMultiDict
from starlette.exceptions import HTTPException
from starlette.routing import Route
from telephony_kit import CID, LEAD, NOW, OURS, PUBLIC, TestServices, open_services, settings

from state.events import CallStatus, Suppressed, TextReceived, TextStatus
from state.store import Record
from telephony.app import CARRIER
from telephony.stir import attestation
from telephony.telnyx.dialect import TelnyxDialect, call_fields, text_fields
from telephony.telnyx.signature import PublicKey

pytestmark = pytest.mark.anyio

PRIVATE = Ed25519PrivateKey.generate()
PUBLIC_KEY = base64.b64encode(PRIVATE.public_key().public_bytes_raw()).decode()
AT = NOW.timestamp()
CALL = {"CallSid": "v3:abc", "From": LEAD, "To": OURS, "CallStatus": "ringing", "Direction": "inbound"}


def message(**changes: Any) -> bytes:
    """An event of a text."""
    payload = {
        "direction": "inbound",
        "id": "7ee4241c-f127-47e5-9c34-3aac291f8058",
        "from": {"phone_number": LEAD, "carrier": "T-MOBILE USA, INC.", "line_type": "Wireless"},
        "to": [{"phone_number": OURS, "status": "webhook_delivered"}],
        "text": "hello",
        "media": [],
        "errors": [],
    }
    return json.dumps({"data": {"event_type": "message.received", "payload": payload | changes}}).encode()


def sent(status: str, **changes: Any) -> bytes:
    """The report on a text of ours."""
    to = [{"phone_number": LEAD, "status": status}]
    return message(**{"direction": "outbound", "from": {"phone_number": OURS}, "to": to, **changes})


def headers(body: bytes, kind: str) -> dict[str, str]:
    """Telnyx's, for a body."""
    signature = base64.b64encode(PRIVATE.sign(f"{int(AT)}|".encode() + body)).decode()
    return {"content-type": kind, "telnyx-timestamp": f"{int(AT)}", "telnyx-signature-ed25519": signature}


@pytest.fixture
async def server(record: Record, valkey_url: str) -> AsyncIterator[TestServices]:
    """The server with Telnyx for a carrier."""
    async with open_services(record, valkey_url) as kit:
        chosen = settings(
            carrier="telnyx",
            telnyx_api_key="KEY",
            telnyx_public_key=PUBLIC_KEY,
            telnyx_account_id="a1",
            telnyx_app_id="1",
            telnyx_number=OURS,
        )
        dialect = TelnyxDialect(PublicKey(PUBLIC_KEY), lambda: AT)
        yield replace(kit, services=replace(kit.services, settings=chosen, dialect=dialect))


async def post(http: httpx.AsyncClient, path: str, body: bytes, kind: str = "application/json") -> httpx.Response:
    """A signed webhook."""
    return await http.post(PUBLIC + path, content=body, headers=headers(body, kind))


async def test_what_telnyx_did_not_sign_is_refused_on_every_route(server: TestServices) -> None:
    """A missing signature, another body's, and a GET, whose query nobody signs."""
    body = urlencode(CALL).encode()
    async with server.client() as client:
        for route in (route for route in CARRIER if isinstance(route, Route)):
            path = "/telnyx" + route.path.replace(":counter", "").format(
                cid=CID, handoff="h1", who="lead", asked=1, attempt=1
            )
            others = headers(b"another", "application/x-www-form-urlencoded")
            for unsigned in ({"content-type": others["content-type"]}, others):
                answer = await client.http.post(path, content=body, headers=unsigned)
                assert (path, answer.status_code) == (path, 403)
            empty = headers(b"", "application/x-www-form-urlencoded")
            assert (await client.http.get(path, params=CALL, headers=empty)).status_code == 403
    assert (await server.record.view(CID)).version == 0


async def test_twilios_routes_are_not_there(server: TestServices) -> None:
    """Nobody could verify what comes by them."""
    async with server.client() as client:
        assert (await client.twilio("/twilio/voice", **CALL)).status_code == 404


async def test_a_call_is_answered_with_texml(server: TestServices) -> None:
    """The document names our socket, with a token."""
    async with server.client() as client:
        answer = await post(client.http, "/telnyx/voice", urlencode(CALL).encode(), "application/x-www-form-urlencoded")
    assert "wss://calls.example.com/telnyx/media?token=" in answer.text
    assert f"https://calls.example.com/telnyx/voice/continue/{CID}/1" in answer.text
    assert (await server.record.view(CID)).calls["v3:abc"]


async def test_a_report_on_a_call_is_recorded(server: TestServices) -> None:
    """Its states and their order are Twilio's."""
    await server.lead()
    body = urlencode(CALL | {"CallStatus": "no-answer", "SequenceNumber": "3", "Direction": "outbound"}).encode()
    async with server.client() as client:
        answer = await post(client.http, f"/telnyx/voice/status/{CID}", body, "application/x-www-form-urlencoded")
    assert answer.status_code == 204
    [report] = [event for _, event in await server.record.log(CID) if isinstance(event, CallStatus)]
    assert (report.call, report.status, report.sequence) == ("v3:abc", "no-answer", 3)


async def test_a_text_is_taken_in_once_and_a_stop_holds_at_once(server: TestServices) -> None:
    """The same event again adds nothing."""
    body = message(text="STOP")
    async with server.client() as client:
        for _ in range(2):
            assert (await post(client.http, "/telnyx/sms", body)).is_success
    log = [event for _, event in await server.record.log(CID)]
    assert [event.body for event in log if isinstance(event, TextReceived)] == ["STOP"]
    assert sum(isinstance(event, Suppressed) for event in log) == 1
    assert (await server.record.view(CID)).suppressed


async def test_an_opt_out_that_telnyx_knows_of_is_learned(server: TestServices) -> None:
    """Error 40300 on a text of ours is a stop we had not heard of."""
    await server.lead()
    body = sent("sending_failed", errors=[{"code": "40300", "title": "Blocked due to STOP message"}])
    async with server.client() as client:
        await post(client.http, f"/telnyx/sms/status/{CID}", body)
    log = [event for _, event in await server.record.log(CID)]
    [report] = [event for event in log if isinstance(event, TextStatus)]
    assert (report.status, report.error) == ("failed", 40300)
    assert [event.detector for event in log if isinstance(event, Suppressed)] == ["carrier:40300"]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("queued", "queued"),
        ("sent", "sent"),
        ("delivered", "delivered"),
        ("delivery_failed", "undelivered"),
        ("sending_failed", "failed"),
        ("delivery_unconfirmed", "sent"),
    ],
)
def test_how_a_text_stands_is_told_in_twilios_words(theirs: str, ours: str) -> None:
    """What plans depend on has one name for each thing."""
    assert text_fields(sent(theirs))["MessageStatus"] == ours


def test_pictures_are_counted() -> None:
    """And a text may have no words."""
    fields = text_fields(message(text=None, media=[{"url": "https://x"}, {"url": "https://y"}]))
    assert (fields["NumMedia"], fields["Body"]) == ("2", "")


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"data":{"payload":{}}}', message(to=[]), message(to="+1")])
def test_what_is_no_event_of_a_text_is_refused(body: bytes) -> None:
    """Signed or not."""
    with pytest.raises(HTTPException) as refused:
        text_fields(body)
    assert refused.value.status_code == 400


@pytest.mark.parametrize(
    ("level", "validated", "said"), [("A", "true", "A"), ("C", "True", "C"), ("A", "false", "failed"), ("", "", None)]
)
def test_what_the_network_vouches_for(level: str, validated: str, said: str | None) -> None:
    """STIR/SHAKEN, in the fields the rest of the server reads."""
    form = call_fields(ImmutableMultiDict({"ShakenStirAttestation": level, "ShakenStirValidated": validated}))
    assert attestation(form.get("StirVerstat", "")) == said
