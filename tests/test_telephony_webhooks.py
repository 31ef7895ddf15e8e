"""Webhooks in common: who signed, what was sent, and whose conversation it is."""

from collections.abc import AsyncIterator

import httpx
import pytest
from telephony_kit import CALL, CID, LEAD, OURS, PUBLIC, TestServices, open_services, sign

from state.store import Record

pytestmark = pytest.mark.anyio

INBOUND = {"CallSid": CALL, "From": LEAD, "To": OURS, "CallStatus": "ringing", "Direction": "inbound"}
TEXT = {"MessageSid": "SM" + "2" * 32, "From": LEAD, "To": OURS, "Body": "hello", "NumMedia": "0"}
ROUTES = [
    "/twilio/voice",
    "/twilio/voice/status",
    f"/twilio/voice/status/{CID}",
    f"/twilio/voice/continue/{CID}/1",
    f"/twilio/voice/{CID}",
    "/twilio/sms",
    "/twilio/sms/status",
    f"/twilio/sms/status/{CID}",
    f"/twilio/agent/{CID}/h1",
    f"/twilio/agent/{CID}/h1/accept",
    f"/twilio/agent/{CID}/h1/status",
    f"/twilio/agent/{CID}/h1/done",
    f"/twilio/agent/{CID}/h1/lead",
]


@pytest.fixture
async def server(record: Record, valkey_url: str) -> AsyncIterator[TestServices]:
    """The server on an empty record."""
    async with open_services(record, valkey_url) as services:
        yield services


@pytest.mark.parametrize("route", ROUTES)
async def test_what_twilio_did_not_sign_is_refused(route: str, server: TestServices) -> None:
    """On every route, with a reason, whether the signature is wrong or missing."""
    async with server.client() as client:
        for headers in ({}, {"x-twilio-signature": sign(route, {"From": "somebody else"})}):
            answer = await client.http.post(route, data=INBOUND | TEXT, headers=headers)
            assert answer.status_code == 403
            assert "X-Twilio-Signature" in answer.json()["error"]
    assert (await server.record.view(CID)).version == 0


async def test_a_changed_field_breaks_the_signature(server: TestServices) -> None:
    """A signature is for one request only."""
    async with server.client() as client:
        answer = await client.http.post(
            "/twilio/sms", data=TEXT | {"Body": "buy"}, headers={"x-twilio-signature": sign("/twilio/sms", TEXT)}
        )
    assert answer.status_code == 403


async def test_empty_and_repeated_fields_are_part_of_what_is_signed(server: TestServices) -> None:
    """Twilio signs `FromZip=` and every value of a name that comes twice."""
    pairs = [*TEXT.items(), ("FromZip", ""), ("Tag", "b"), ("Tag", "a")]
    # Duplicates are signed sorted and joined, as the SDK's validator does.
    signature = sign("/twilio/sms", TEXT | {"FromZip": "", "Tag": "aTagb"})
    async with server.client() as client:
        body = str(httpx.QueryParams(pairs))
        answer = await client.http.post(
            "/twilio/sms",
            content=body,
            headers={"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature},
        )
    assert answer.status_code == 200


async def test_behind_a_proxy_the_public_url_counts(server: TestServices) -> None:
    """The host and scheme the server sees are the proxy's business."""
    async with server.client() as client:
        answer = await client.http.post(
            "http://10.0.0.7:8080/twilio/sms", data=TEXT, headers={"x-twilio-signature": sign("/twilio/sms", TEXT)}
        )
    assert answer.status_code == 200


async def test_twilio_may_ask_by_get(server: TestServices) -> None:
    """Then everything is in the query, and the query is signed."""
    async with server.client() as client:
        answer = await client.twilio_get("/twilio/sms", **TEXT)
        assert answer.status_code == 200
        forged = await client.http.get("/twilio/sms", params=TEXT)
    assert forged.status_code == 403


async def test_a_body_that_is_no_form_is_refused(server: TestServices) -> None:
    """Nothing Twilio sends here is JSON or multipart."""
    async with server.client() as client:
        answer = await client.http.post("/twilio/sms", json=TEXT)
    assert answer.status_code == 415


@pytest.mark.parametrize(
    ("path", "form", "missing"),
    [
        ("/twilio/voice", INBOUND, "CallSid"),
        ("/twilio/voice", INBOUND, "To"),
        ("/twilio/voice/status", INBOUND, "CallStatus"),
        ("/twilio/sms", TEXT, "MessageSid"),
        ("/twilio/sms", TEXT, "From"),
        ("/twilio/sms/status", TEXT, "MessageStatus"),
    ],
)
async def test_a_missing_field_is_named(path: str, form: dict[str, str], missing: str, server: TestServices) -> None:
    """400 says which; an empty one is as good as none."""
    async with server.client() as client:
        answer = await client.twilio(path, **form | {missing: ""})
    assert answer.status_code == 400
    assert missing in answer.json()["error"]


@pytest.mark.parametrize("sender", ["client:alice", "sip:a@example.com", "+1", "HarborLane"])
async def test_a_sender_that_is_no_number_is_refused(sender: str, server: TestServices) -> None:
    """The reason does not repeat it."""
    async with server.client() as client:
        answer = await client.twilio("/twilio/sms", **TEXT | {"From": sender})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(("From ", "only texts and calls"))
    assert sender not in answer.json()["error"]


@pytest.mark.parametrize(("path", "form"), [("/twilio/voice", INBOUND), ("/twilio/sms", TEXT)])
async def test_we_do_not_talk_with_ourselves(path: str, form: dict[str, str], server: TestServices) -> None:
    """Whose caller id is forged to be one of ours, or a text of ours that comes back, would begin a loop."""
    async with server.client() as client:
        answer = await client.twilio(path, **form | {"From": form["To"]})
    assert (answer.status_code, "ours" in answer.json()["error"]) == (400, True)


@pytest.mark.parametrize("digits", ["9" * 5000, "9" * 400, "\u0663"])
async def test_a_number_without_measure_is_no_number(digits: str, server: TestServices) -> None:
    """`int` refuses some thousands of digits, and knows those of all scripts."""
    async with server.client() as client:
        text = await client.twilio("/twilio/sms", **TEXT | {"NumMedia": digits})
        status = {**TEXT, "From": TEXT["To"], "To": TEXT["From"], "MessageStatus": "failed", "ErrorCode": digits}
        answers = [
            text,
            await client.twilio("/twilio/sms/status", **status),
            await client.twilio("/twilio/voice/status", **INBOUND | {"SequenceNumber": digits}),
            await client.twilio(f"/twilio/voice/continue/{CID}/{digits}", **INBOUND),
        ]
    assert [answer.status_code for answer in answers] == [200, 204, 204, 404]


async def test_a_number_that_is_not_ours_is_not_answered(server: TestServices) -> None:
    """A webhook that was set on the wrong number says so."""
    async with server.client() as client:
        answer = await client.twilio("/twilio/voice", **INBOUND | {"To": "+13125550999"})
    assert answer.status_code == 404
    assert "TWILIO_NUMBER" in answer.json()["error"]


async def test_no_answer_is_plain_text(server: TestServices) -> None:
    """Twilio would text a text/plain body to the lead."""
    async with server.client() as client:
        answers = [
            await client.twilio("/twilio/sms", **TEXT),
            await client.twilio("/twilio/sms", **TEXT | {"From": ""}),
            await client.http.post("/twilio/sms", data=TEXT),
            await client.http.get("/twilio/nothing"),
            await client.http.put("/twilio/sms"),
        ]
    assert [answer.status_code for answer in answers] == [200, 400, 403, 404, 405]
    assert {answer.headers["content-type"].partition(";")[0] for answer in answers} == {"text/xml", "application/json"}


async def test_an_oversized_body_is_refused(server: TestServices) -> None:
    """Before it is read, let alone parsed."""
    async with server.client() as client:
        answer = await client.http.post(
            "/twilio/sms",
            content=b"Body=" + b"x" * 10_000_000,
            headers={"content-type": "application/x-www-form-urlencoded"},
        )
    assert (answer.status_code, answer.text) == (413, "Content Too Large")


async def test_signatures_are_for_our_public_url(server: TestServices) -> None:
    """The kit signs what the server expects, or every test here would be vacuous."""
    assert server.services.settings.public_url == PUBLIC
