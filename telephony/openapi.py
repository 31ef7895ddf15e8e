"""`GET /v1/openapi.json`: what the API takes and gives, as OpenAPI 3.1, made from the models that check it."""

from functools import cache
from importlib.metadata import version
from typing import Any

from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from state.view import View
from telephony.api import authorised
from telephony.leads.routes import LOG_LIMIT
from telephony.leads.submission import LeadIn
from telephony.services import Services

SCHEMAS = "#/components/schemas/"


@authorised
async def document(request: Request, services: Services) -> Response:
    """The description of every `/v1` route."""
    return JSONResponse(described() | {"servers": [{"url": services.settings.public_url}]})


@cache
def described() -> dict[str, Any]:
    """The document, but for where the server is."""
    _, models = models_json_schema([(LeadIn, "validation"), (View, "serialization")], ref_template=SCHEMAS + "{model}")
    return {
        "openapi": "3.1.0",
        "info": {"title": "Segue", "version": version("segue"), "license": {"name": "Apache-2.0"}},
        "security": [{"bearer": []}],
        "paths": _PATHS,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "description": "SEGUE_API_TOKEN"}},
            "schemas": models["$defs"] | _ANSWERS,
        },
    }


def _answer(description: str, schema: str) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": {"$ref": SCHEMAS + schema}}}}


def _parameter(name: str, where: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": where, "required": where == "path", "description": description, "schema": schema}


_REFUSALS = {
    "401": _answer("The bearer token is missing or wrong.", "Error"),
    "429": _answer("Too many requests; `Retry-After` says when to ask again.", "Error"),
    "503": _answer("The record is unavailable; ask again.", "Error"),
}
_TAKEN = _REFUSALS | {
    "202": _answer("The lead is on record; `Location` is his conversation.", "Accepted"),
    "422": _answer("What is wrong, field by field.", "Problems"),
}
_KEY = _parameter(
    "Idempotency-Key", "header", "Names the submission: the same key again is the same lead.", {"type": "string"}
)

_PATHS: dict[str, Any] = {
    "/v1/leads": {
        "post": {
            "operationId": "takeLead",
            "summary": "Take a lead in, with the evidence of his consent, and plan the first contact.",
            "parameters": [_KEY],
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": {"$ref": SCHEMAS + "LeadIn"}}},
            },
            "responses": _TAKEN | {"400": _answer("The body is not JSON.", "Error")},
        }
    },
    "/v1/leads/form": {
        "post": {
            "operationId": "takeForm",
            "summary": "The same from a web form's webhook; the campaign's `form` says which field is which.",
            "parameters": [_parameter("campaign", "query", "The campaign's id.", {"type": "string"}), _KEY],
            "requestBody": {
                "required": True,
                "content": {
                    "application/x-www-form-urlencoded": {
                        "schema": {"type": "object", "additionalProperties": {"type": "string"}}
                    }
                },
            },
            "responses": _TAKEN | {"415": _answer("The body is no form.", "Error")},
        }
    },
    "/v1/conversations/{id}": {
        "get": {
            "operationId": "readConversation",
            "summary": f"The view of a conversation, and its log, at most {LOG_LIMIT} events at a time.",
            "parameters": [
                _parameter("id", "path", "The conversation's id.", {"type": "string"}),
                _parameter("after", "query", "Only events after this version.", {"type": "integer", "minimum": 0}),
            ],
            "responses": _REFUSALS
            | {
                "200": _answer("The conversation.", "Conversation"),
                "404": _answer("There is no such conversation.", "Error"),
            },
        }
    },
    "/v1/openapi.json": {
        "get": {
            "operationId": "readOpenApi",
            "summary": "This document.",
            "responses": _REFUSALS | {"200": {"description": "OpenAPI 3.1.", "content": {"application/json": {}}}},
        }
    },
}


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


_TEXT = {"type": "string"}
_ANSWERS: dict[str, Any] = {
    "Accepted": _object(conversation=_TEXT),
    "Error": _object(error=_TEXT),
    "Problems": _object(error=_TEXT, problems={"type": "array", "items": _object(field=_TEXT, problem=_TEXT)}),
    "Conversation": _object(
        id=_TEXT,
        view={"$ref": SCHEMAS + "View"},
        log={
            "type": "array",
            "description": "Events, oldest first; what each kind holds is in docs/crm.md and state/events.py.",
            "items": {
                **_object(
                    version={"type": "integer"}, id=_TEXT, at={"type": "string", "format": "date-time"}, kind=_TEXT
                ),
                "additionalProperties": True,
            },
        },
    ),
}
