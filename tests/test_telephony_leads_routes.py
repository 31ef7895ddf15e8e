"""Lead intake: who may post, what is taken, and that twice is once."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from telephony_kit import (
    API_TOKEN,
    BRAND,
    CAMPAIGN,
    CID,
    LEAD,
    NOW,
    OURS,
    SARAH,
    TestServices,
    open_services,
    until_quiet,
)

from agent.campaign import FormFields
from state.events import Channel, ConsentGiven, EffectRequested, Scope, Suppressed, conversation_id
from state.store import Record
from telephony.wake import wake_for_plan

pytestmark = pytest.mark.anyio

BEARER = {"authorization": f"Bearer {API_TOKEN}"}
BODY: dict[str, Any] = {
    "campaign": "insurance",
    "number": "(312) 555-0142",
    "source": "web_quote_form",
    "first_name": " Jordan ",
    "zip": "60614-1234",
    "consent": {
        "scopes": ["sms", "ai_voice"],
        "basis": "written",
        "act": "tick",
        "disclosure": "I agree to be called and texted by an automated assistant.",
        "source_url": "https://harborlane.example/quote",
        "ip": "203.0.113.7",
        "user_agent": "Mozilla/5.0",
    },
    "facts": {"product": "home"},
}


@pytest.fixture
async def server(record: Record, valkey_url: str) -> AsyncIterator[TestServices]:
    """The server on an empty record."""
    async with open_services(record, valkey_url) as services:
        yield services


async def post(server: TestServices, body: dict[str, Any], **headers: str) -> Any:
    """One lead, posted by who knows the token."""
    async with server.client() as client:
        return await client.http.post("/v1/leads", json=body, headers=BEARER | headers)


def without(*path: str) -> dict[str, Any]:
    """The body without one field."""
    if len(path) == 1:
        return {key: value for key, value in BODY.items() if key != path[0]}
    return BODY | {path[0]: {key: value for key, value in BODY[path[0]].items() if key != path[1]}}


# Taking in -----------------------------------------------------------------------------------------------------------


async def test_a_lead_is_taken_in_with_the_evidence_of_his_consent(server: TestServices) -> None:
    """202, and the record holds who he is, what he agreed to and what he told the form."""
    answer = await post(server, BODY)
    assert answer.status_code == 202
    assert answer.json() == {"conversation": CID}
    assert answer.headers["location"] == f"/v1/conversations/{CID}"
    view = await server.record.view(CID)
    assert (view.number, view.first_name, view.zip, view.source) == (LEAD, "Jordan", "60614", "web_quote_form")
    assert view.known("product") == "home"
    assert {scope: consent.basis for scope, consent in view.consents.items()} == {
        Scope.SMS: "written",
        Scope.AI_VOICE: "written",
    }


async def test_the_first_contact_is_planned_in_the_same_append(server: TestServices) -> None:
    """A crash right after the answer must not forget the lead."""
    await post(server, BODY)
    log = [event for _, event in await server.record.log(CID)]
    assert [event.kind for event in log] == ["lead_arrived", "consent_given", "effect_requested", "evidence_sealed"]
    planned = log[2]
    assert isinstance(planned, EffectRequested)
    assert planned.effect.kind == "send_text"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Jor\u202edan\u202c", "Jordan"),
        ("\u200bJordan\ufeff", "Jordan"),
        ("Jordan\r\nSet-Cookie: a=b", "Jordan Set-Cookie: a=b"),
        ("\x1b[31mJor\x00dan", "[31mJor dan"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("<b>O'Neil</b>", "<b>O'Neil</b>"),
    ],
)
async def test_a_name_can_stand_in_a_sentence(given: str, kept: str, server: TestServices) -> None:
    """On one line and with nothing unseen in it, for it goes into texts, pages and terminals; else it is his."""
    await post(server, BODY | {"first_name": given})
    assert (await server.record.view(CID)).first_name == kept


@pytest.mark.parametrize("headers", [{}, {"idempotency-key": "form-77"}])
async def test_posting_twice_is_one_lead(headers: dict[str, str], server: TestServices) -> None:
    """A client that repeats a request gets the same answer, and nothing more goes out."""
    first = await post(server, BODY, **headers)
    before = await server.record.log(CID)
    server.clock.advance(minutes=3)
    second = await post(server, BODY, **headers)
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert await server.record.log(CID) == before


async def test_a_second_submission_is_a_second_arrival(server: TestServices) -> None:
    """He filled in the form again: same conversation, newer evidence."""
    await post(server, BODY | {"submitted_at": "2026-11-18T19:00:00Z"})
    await post(server, BODY | {"submitted_at": "2026-11-18T20:00:00Z"})
    kinds = [event.kind for _, event in await server.record.log(CID)]
    assert kinds.count("lead_arrived") == 2
    assert kinds.count("effect_requested") == 1


async def test_a_suppressed_lead_is_recorded_and_left_alone(server: TestServices) -> None:
    """A form does not undo a stop."""
    await server.record.append(
        CID,
        Suppressed(id="s", at=NOW, reason="opt_out", channel=Channel.SMS, words="stop", detector="keyword"),
    )
    assert (await post(server, BODY)).status_code == 202
    assert (await server.record.view(CID)).outbox == {}


async def test_the_id_shows_nothing_of_the_person(server: TestServices) -> None:
    """It travels in URLs and logs."""
    answer = await post(server, BODY)
    log = await server.record.log(CID)
    assert "5550142" not in answer.text
    assert all("5550142" not in event.id for _, event in log)


@pytest.mark.parametrize(("number", "whose"), [(OURS, "we call and text from"), (SARAH, "takes calls")])
async def test_no_number_of_our_own_is_a_leads(number: str, whose: str, server: TestServices) -> None:
    """We would talk with ourselves; and a stop from one of our people would be taken for his word on a lead."""
    answer = await post(server, BODY | {"number": number})
    assert answer.status_code == 422
    [wrong] = answer.json()["problems"]
    assert (wrong["field"], whose in wrong["problem"]) == ("number", True)
    assert (await server.record.view(conversation_id(BRAND, number))).version == 0


# First contact -------------------------------------------------------------------------------------------------------


async def test_the_first_text_leaves_at_once_when_it_is_lawful(server: TestServices) -> None:
    """S18: nothing waits for a timer, so with a standing clock it is out before that moves."""
    await post(server, BODY)
    await until_quiet(server.services)
    assert [text["to"] for text in server.carrier.texts] == [LEAD]


async def test_by_night_it_leaves_at_the_next_lawful_moment(server: TestServices) -> None:
    """Nothing goes out at eleven in the evening; the plan is thought of again in the morning, and then it does."""
    server.clock.now = datetime(2026, 11, 19, 5, 0, tzinfo=UTC)
    await post(server, BODY)
    await until_quiet(server.services)
    assert server.carrier.texts == []
    again = await server.record.plan_hint(CID)
    assert again is not None
    server.clock.now = datetime.fromtimestamp(again / 1000 + 1, UTC)
    assert 8 <= server.clock.now.astimezone(ZoneInfo("America/Chicago")).hour < 11
    await wake_for_plan(server.services, CID, server.clock.now)
    await until_quiet(server.services)
    assert [text["to"] for text in server.carrier.texts] == [LEAD]


# Web forms -----------------------------------------------------------------------------------------------------------

FORM = {"Your phone": "(312) 555-0142", "fname": "Jordan", "ZIP Code": "60614", "product": "home", "tcpa": "on"}
WITH_FORM = CAMPAIGN.model_copy(
    update={
        "form": FormFields(
            fields={"Your phone": "number", "fname": "first_name", "session": "consent.certificate"},
            fixed={
                "source": "web_quote_form",
                "consent.scopes": "sms ai_voice",
                "consent.disclosure": "I agree to be called and texted by an automated assistant.",
                "consent.disclosure_version": "2026-10",
            },
            tick="tcpa",
        )
    }
)


@pytest.fixture
async def with_form(record: Record, valkey_url: str) -> AsyncIterator[TestServices]:
    """A server whose campaign knows the form."""
    async with open_services(record, valkey_url, campaign=WITH_FORM) as services:
        yield services


async def submit(server: TestServices, form: dict[str, str], query: str = "?campaign=insurance") -> Any:
    """What a form's webhook posts."""
    async with server.client() as client:
        return await client.http.post(f"/v1/leads/form{query}", data=form, headers=BEARER)


async def test_a_web_form_is_taken_in_by_the_campaigns_names(with_form: TestServices) -> None:
    """Its fields, what it always means, and the evidence; what nobody knows is left alone, and twice is once."""
    form = FORM | {"session": "TF-1", "utm_term": "x"}
    assert (await submit(with_form, form)).json() == {"conversation": CID}
    before = await with_form.record.log(CID)
    assert (await submit(with_form, form)).status_code == 202
    assert await with_form.record.log(CID) == before
    view = await with_form.record.view(CID)
    assert (view.number, view.first_name, view.zip, view.known("product")) == (LEAD, "Jordan", "60614", "home")
    consent = next(event for _, event in before if isinstance(event, ConsentGiven))
    assert (consent.certificate, consent.disclosure_version, consent.actor) == ("TF-1", "2026-10", "webhook")
    assert set(consent.scopes) == set(Scope)


@pytest.mark.parametrize("tick", [{}, {"tcpa": ""}, {"tcpa": "no"}])
async def test_a_form_without_the_tick_is_no_consent(tick: dict[str, str], with_form: TestServices) -> None:
    """However much else it says."""
    form = {name: value for name, value in FORM.items() if name != "tcpa"} | tick
    answer = await submit(with_form, form)
    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.json()["problems"]] == ["consent"]


async def test_a_form_needs_a_campaign_and_a_form(with_form: TestServices) -> None:
    """And says which is missing."""
    assert (await submit(with_form, FORM, query="")).json()["problems"][0]["field"] == "campaign"
    assert (await submit(with_form, FORM | {"campaign": "insurance"}, query="")).status_code == 202
    async with with_form.client() as client:
        answer = await client.http.post("/v1/leads/form?campaign=insurance", json=FORM, headers=BEARER)
    assert answer.status_code == 415


# Refusing ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (without("campaign"), "campaign"),
        (without("number"), "number"),
        (without("consent"), "consent"),
        (without("consent", "disclosure"), "consent.disclosure"),
        (BODY | {"number": "call me"}, "number"),
        (BODY | {"zip": "ABCDE"}, "zip"),
        (BODY | {"campaign": "lending"}, "campaign"),
        (BODY | {"facts": {"shoe_size": 44}}, "facts.shoe_size"),
        (BODY | {"consent": BODY["consent"] | {"scopes": []}}, "consent.scopes"),
        (BODY | {"consent": BODY["consent"] | {"scopes": ["fax"]}}, "consent.scopes.0"),
        (BODY | {"submitted_at": "2026-11-18T21:00:00Z"}, "submitted_at"),
        (BODY | {"submitted_at": "2026-11-18T14:00:00"}, "submitted_at"),
        (BODY | {"colour": "blue"}, "colour"),
        (BODY | {"first_name": "x" * 500}, "first_name"),
    ],
)
async def test_what_is_wrong_is_listed_by_field(body: dict[str, Any], field: str, server: TestServices) -> None:
    """422, and nothing is kept of it."""
    answer = await post(server, body)
    assert answer.status_code == 422
    assert field in [problem["field"] for problem in answer.json()["problems"]]
    assert (await server.record.view(CID)).version == 0


async def test_all_problems_are_told_at_once(server: TestServices) -> None:
    """And none repeats what was posted."""
    answer = await post(server, BODY | {"number": "12345678901234567890", "zip": "ABCDE"})
    assert {problem["field"] for problem in answer.json()["problems"]} == {"number", "zip"}
    assert "12345678901234567890" not in answer.text


async def test_a_body_that_is_no_json_is_refused(server: TestServices) -> None:
    """400 with a reason."""
    async with server.client() as client:
        answer = await client.http.post("/v1/leads", content=b"{", headers=BEARER)
    assert (answer.status_code, answer.json()) == (400, {"error": "the body is not JSON"})


async def test_an_oversized_body_is_refused(server: TestServices) -> None:
    """413, whoever sends it."""
    async with server.client() as client:
        answer = await client.http.post("/v1/leads", content=b"x" * 10_000_000, headers=BEARER)
    assert answer.status_code == 413


# Reading back --------------------------------------------------------------------------------------------------------


async def test_a_conversation_can_be_read_back(server: TestServices) -> None:
    """The view, and the log it comes from."""
    await server.lead()
    async with server.client() as client:
        answer = await client.http.get(f"/v1/conversations/{CID}", headers=BEARER)
    body = answer.json()
    assert (body["id"], body["view"]["number"]) == (CID, LEAD)
    assert [(entry["version"], entry["kind"]) for entry in body["log"]] == [(1, "lead_arrived"), (2, "consent_given")]


async def test_the_log_can_be_read_on_from_a_version(server: TestServices) -> None:
    """For who follows by asking again."""
    await server.lead()
    async with server.client() as client:
        later = await client.http.get(f"/v1/conversations/{CID}?after=1", headers=BEARER)
        wrong = await client.http.get(f"/v1/conversations/{CID}?after=x", headers=BEARER)
        far = await client.http.get(f"/v1/conversations/{CID}?after={'9' * 5000}", headers=BEARER)
    assert far.status_code == 400
    assert [entry["version"] for entry in later.json()["log"]] == [2]
    assert wrong.status_code == 400


async def test_an_unknown_conversation_is_not_found(server: TestServices) -> None:
    """404 with a reason."""
    async with server.client() as client:
        answer = await client.http.get(f"/v1/conversations/{conversation_id('x', 'y')}", headers=BEARER)
    assert (answer.status_code, answer.json()) == (404, {"error": "there is no such conversation"})
