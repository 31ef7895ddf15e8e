"""The description of the API: true, and for those who may use it."""

import pytest
from telephony_kit import API_TOKEN, open_services

from state.store import Record
from telephony.app import ROUTES
from telephony.openapi import SCHEMAS, described


def test_every_v1_route_is_described_and_nothing_else() -> None:
    """A route that is added must be told of."""
    routes = {(route.path, method) for route in ROUTES for method in getattr(route, "methods", None) or ()}
    served = {(path.replace("{cid}", "{id}"), method.lower()) for path, method in routes if path.startswith("/v1/")}
    told = {(path, method) for path, item in described()["paths"].items() for method in item}
    assert {(path, method) for path, method in served if method != "head"} == told


def test_what_is_referred_to_is_there() -> None:
    """No dangling references, and the lead's own fields are those that are checked."""

    def references(node: object) -> set[str]:
        if isinstance(node, dict):
            own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
            return own.union(*(references(value) for value in node.values()))
        return set().union(*(references(value) for value in node)) if isinstance(node, list) else set()

    schemas = described()["components"]["schemas"]
    assert {name.removeprefix(SCHEMAS) for name in references(described())} <= set(schemas)
    assert {"campaign", "number", "source", "consent"} == set(schemas["LeadIn"]["required"])


@pytest.mark.anyio
async def test_it_is_served_to_who_knows_the_token(record: Record, valkey_url: str) -> None:
    """With the server's own address in it."""
    async with open_services(record, valkey_url) as server, server.client() as client:
        answer = await client.http.get("/v1/openapi.json", headers={"authorization": f"Bearer {API_TOKEN}"})
        assert (await client.http.get("/v1/openapi.json")).status_code == 401
    assert answer.json()["openapi"] == "3.1.0"
    assert answer.json()["servers"] == [{"url": server.services.settings.public_url}]
