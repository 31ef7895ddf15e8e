"""What every `/v1` route has in common: the token, the limit, and how wrong input is told."""

from collections.abc import AsyncIterator

import pytest
from pydantic import BaseModel, ValidationError
from telephony_kit import API_TOKEN, CID, TestServices, open_services

from state.store import Record
from telephony.api import BURST, new_holders_limit, problems_of, unprocessable

pytestmark = pytest.mark.anyio

BEARER = {"authorization": f"Bearer {API_TOKEN}"}


@pytest.fixture
async def server(record: Record, valkey_url: str) -> AsyncIterator[TestServices]:
    """The server on an empty record."""
    async with open_services(record, valkey_url) as services:
        yield services


@pytest.mark.parametrize(
    "header", [{}, {"authorization": "Bearer wrong"}, {"authorization": f"Basic {API_TOKEN}"}, {"authorization": ""}]
)
async def test_who_does_not_know_the_token_is_refused(header: dict[str, str], server: TestServices) -> None:
    """On every `/v1` route, before anything is read."""
    async with server.client() as client:
        posted = await client.http.post("/v1/leads", json={}, headers=header)
        read = await client.http.get(f"/v1/conversations/{CID}", headers=header)
    assert [posted.status_code, read.status_code] == [401, 401]
    assert posted.headers["www-authenticate"] == "Bearer"
    assert (await server.record.view(CID)).version == 0


async def test_a_flood_is_told_to_wait(server: TestServices) -> None:
    """With and without the token: guessing is limited too."""
    async with server.client() as client:
        answers = [await client.http.post("/v1/leads", json={}) for _ in range(BURST)]
        assert {answer.status_code for answer in answers} == {401}
        flooded = await client.http.post("/v1/leads", json={}, headers=BEARER)
    assert flooded.status_code == 429
    assert int(flooded.headers["retry-after"]) >= 1
    assert flooded.json() == {"error": "too many requests"}


async def test_who_knows_the_token_may_ask_more_often(server: TestServices) -> None:
    """A CRM is no stranger; but he has his limit, too."""
    async with server.client() as client:
        answers = [await client.http.get(f"/v1/conversations/{CID}", headers=BEARER) for _ in range(2 * BURST)]
    assert {answer.status_code for answer in answers} == {404}
    limit = new_holders_limit(3)
    assert [limit.take("crm", 0.0) > 0 for _ in range(7)] == [False] * 6 + [True]


async def test_the_scheme_is_written_in_any_case(server: TestServices) -> None:
    """RFC 9110 says it does not matter."""
    async with server.client() as client:
        answer = await client.http.get(f"/v1/conversations/{CID}", headers={"authorization": f"bearer {API_TOKEN}"})
    assert answer.status_code == 404


async def test_the_health_pages_need_no_token_and_have_no_limit(server: TestServices) -> None:
    """A load balancer asks them often."""
    async with server.client() as client:
        answers = [await client.http.get("/healthz") for _ in range(BURST * 2)]
    assert {answer.status_code for answer in answers} == {200}


class _Consent(BaseModel):
    age: int


class _Form(BaseModel):
    number: str
    consent: _Consent


def test_problems_name_the_field_and_not_the_value() -> None:
    """What was posted is personal."""
    with pytest.raises(ValidationError) as caught:
        _Form.model_validate({"number": 5550142, "consent": {"age": "five-and-forty"}})
    problems = problems_of(caught.value)
    assert [problem["field"] for problem in problems] == ["number", "consent.age"]
    assert "five-and-forty" not in str(problems)
    assert unprocessable(*problems).status_code == 422
