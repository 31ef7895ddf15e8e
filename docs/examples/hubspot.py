"""A CRM that listens: takes Segue's events and keeps them in HubSpot's shapes.

    pip install starlette uvicorn httpx standardwebhooks
    SEGUE_WEBHOOK_SECRET=whsec_... HUBSPOT_TOKEN=... uvicorn --app-dir docs/examples hubspot:app --port 9000

and on Segue's side

    SEGUE_WEBHOOKS='[{"name": "hubspot", "url": "http://127.0.0.1:9000/segue", "secret": "whsec_..."}]'

`HUBSPOT_URL` may point at a stand-in, as the test does. The objects are those of HubSpot's CRM API v3.
"""

import os
import sqlite3
from collections.abc import Iterator
from typing import Any

import httpx
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Call = tuple[str, dict[str, Any]]
"""A path of HubSpot's, and what is posted there."""


class Seen:
    """The ids of the events that were taken: the same event may come again, and must count once."""

    def __init__(self, path: str) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("create table if not exists seen (id text primary key)")

    def __contains__(self, id: str) -> bool:
        return self._db.execute("select 1 from seen where id = ?", (id,)).fetchone() is not None

    def add(self, id: str) -> None:
        """Notes that it was taken."""
        self._db.execute("insert or ignore into seen values (?)", (id,))


def calls_for(data: dict[str, Any]) -> Iterator[Call]:
    """What HubSpot is to be told of one event."""
    event, phone = data["event"], data["number"]
    match event["kind"]:
        case "lead_arrived":
            names = {"firstname": event["first_name"], "zip": event["zip"], "hs_lead_status": "NEW"}
            yield contact(phone, **{name: value for name, value in names.items() if value})
        case "fact_learned":
            yield contact(phone, **{f"segue_{event['key']}": event["value"]})
        case "suppressed":
            yield contact(phone, hs_lead_status="UNQUALIFIED", segue_opted_out=True)
        case "text_received":
            yield written(event, phone, "INBOUND_SMS")
        case "text_sent":
            yield written(event, phone, "OUTBOUND_SMS")
        case "call_ended":
            properties = {"hs_call_duration": event["heard_ms"], "hs_call_status": "COMPLETED"}
            yield engagement("calls", event, phone, properties)
        case "promised":
            properties = {"hs_task_subject": event["what"], "hs_timestamp": event["due"] or event["at"]}
            yield engagement("tasks", event, phone, properties)
        case "handoff_reported":
            yield contact(phone, hs_lead_status="CONNECTED" if event["outcome"] != "not_interested" else "UNQUALIFIED")
            yield engagement("notes", event, phone, {"hs_note_body": f"{event['outcome']}: {event['notes']}"})


def contact(phone: str, **properties: Any) -> Call:
    """The contact with this number, made if it is not there."""
    one = {"idProperty": "phone", "id": phone, "properties": {"phone": phone, **properties}}
    return "/crm/v3/objects/contacts/batch/upsert", {"inputs": [one]}


def written(event: dict[str, Any], phone: str, direction: str) -> Call:
    """A text of the thread."""
    properties = {
        "hs_communication_channel_type": "SMS",
        "hs_communication_logged_from": "CRM",
        "hs_communication_body": f"{direction}: {event['body']}",
    }
    return engagement("communications", event, phone, properties)


def engagement(kind: str, event: dict[str, Any], phone: str, properties: dict[str, Any]) -> Call:
    """Something that happened with a contact."""
    return f"/crm/v3/objects/{kind}", {"properties": {"hs_timestamp": event["at"], "segue_phone": phone, **properties}}


def create_app(secret: str, hubspot: httpx.AsyncClient, seen: Seen) -> Starlette:
    """The receiver."""
    webhook = Webhook(secret)

    async def take(request: Request) -> Response:
        try:
            message = webhook.verify(await request.body(), dict(request.headers))
        except WebhookVerificationError:
            return Response(status_code=401)
        id = request.headers["webhook-id"]
        if id not in seen:
            for path, body in calls_for(message["data"]):
                (await hubspot.post(path, json=body)).raise_for_status()  # Segue tries again
            seen.add(id)
        return Response(status_code=204)

    return Starlette(routes=[Route("/segue", take, methods=["POST"])])


if "SEGUE_WEBHOOK_SECRET" in os.environ:
    app = create_app(
        os.environ["SEGUE_WEBHOOK_SECRET"],
        httpx.AsyncClient(
            base_url=os.environ.get("HUBSPOT_URL", "https://api.hubapi.com"),
            headers={"authorization": f"Bearer {os.environ['HUBSPOT_TOKEN']}"},
        ),
        Seen(os.environ.get("SEEN", "seen.db")),
    )
