"""Twilio's REST API, as far as a conversation by phone and text needs it. Paths and fields: the OpenAPI file v2010."""

import base64
import binascii
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from starlette.datastructures import FormData, QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from telephony.sandbox.exchange import Exchange
from telephony.sandbox.live_call import Detection, LiveCall, Reporting
from telephony.sandbox.refusals import RefusalError, check_call, check_text, not_found
from telephony.sandbox.resources import API, Call, CallStatus, Json, Message, new_sid, rfc2822
from telephony.sandbox.steps import Fetch, Inline

T = TypeVar("T")
Handler = Callable[[Request, Exchange], Awaitable[Json]]
LARGEST_PAGE = 1000
EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})


def routes() -> list[Route]:
    """The API. The app they are mounted in keeps its `Exchange` in `state.exchange`."""
    account = f"/{API}/Accounts/{{account}}"
    conference = f"{account}/Conferences/{{sid}}"
    return [
        _route(f"{account}.json", show_account),
        _route(f"{account}/Calls.json", list_calls),
        _route(f"{account}/Calls.json", create_call, "POST", status=201),
        _route(f"{account}/Calls/{{sid}}.json", show_call),
        _route(f"{account}/Calls/{{sid}}.json", update_call, "POST"),
        _route(f"{account}/Messages.json", list_messages),
        _route(f"{account}/Messages.json", create_message, "POST", status=201),
        _route(f"{account}/Messages/{{sid}}.json", show_message),
        _route(f"{account}/Conferences.json", list_conferences),
        _route(f"{conference}/Participants.json", list_participants),
        _route(f"{conference}/Participants/{{call}}.json", show_participant),
        _route(f"{conference}.json", show_conference),
        _route(f"{conference}.json", update_conference, "POST"),
    ]


async def refused(request: Request, error: Exception) -> Response:
    """Twilio's error body."""
    if isinstance(error, HTTPException):
        error = (
            not_found(request.url.path) if error.status_code == 404 else RefusalError(20004, "Method not allowed", 405)
        )
    assert isinstance(error, RefusalError)
    headers = {"WWW-Authenticate": 'Basic realm="Twilio API"'} if error.status == 401 else {}
    return JSONResponse(error.body(), error.status, headers=headers)


def _route(path: str, handler: Handler, method: str = "GET", status: int = 200) -> Route:
    async def endpoint(request: Request) -> Response:
        exchange: Exchange = request.app.state.exchange
        _authenticate(request, exchange)
        body = await handler(request, exchange)
        headers = {"Twilio-Request-Id": new_sid("RQ"), "Twilio-Concurrent-Requests": "1"}
        return JSONResponse(body, status, headers=headers)

    return Route(path, endpoint, methods=[method], name=handler.__name__)


def _authenticate(request: Request, exchange: Exchange) -> None:
    """HTTP basic authentication with the account's SID and token, and only for the account's own resources."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        user = password = ""
    known = secrets.compare_digest(user.encode(), exchange.account.encode())
    right = secrets.compare_digest(password.encode(), exchange.token.encode())
    if scheme.lower() != "basic" or not (known and right):
        raise RefusalError(20003, "Authenticate", 401)
    if request.path_params["account"] != exchange.account:
        raise not_found(request.url.path)


async def show_account(request: Request, exchange: Exchange) -> Json:
    """The account: active, and a trial in nothing."""
    return {
        "sid": exchange.account,
        "friendly_name": "Sandbox",
        "status": "active",
        "type": "Full",
        "auth_token": exchange.token,
        "owner_account_sid": exchange.account,
        "date_created": rfc2822(exchange.created),
        "date_updated": rfc2822(exchange.created),
        "uri": f"/{API}/Accounts/{exchange.account}.json",
        "subresource_uris": {},
    }


# Calls


async def create_call(request: Request, exchange: Exchange) -> Json:
    """Dials. `StatusCallbackEvent` comes as repeated keys; a list in one value is a mistake Twilio ignores."""
    form = await request.form()
    fields = _single(form)
    order = check_call(fields, exchange.numbers)
    asked = [str(event) for event in form.getlist("StatusCallbackEvent")] or ["completed"]
    for event in asked:
        if event not in EVENTS:
            exchange.debugger.warn(21626, f"StatusCallbackEvent {event!r} is none of {', '.join(sorted(EVENTS))}")
    reporting = Reporting(
        fields.get("StatusCallback", ""), fields.get("StatusCallbackMethod", "POST"), frozenset(asked) & EVENTS
    )
    return exchange.place(order, reporting, _detection(fields, exchange)).shown()


def _detection(fields: Mapping[str, str], exchange: Exchange) -> Detection:
    if not fields.get("MachineDetection"):
        return Detection()
    url = fields.get("AsyncAmdStatusCallback", "")
    if fields.get("AsyncAmd") != "true":
        exchange.debugger.note("machine detection is always asynchronous in the sandbox")
    elif not url:
        exchange.debugger.warn(21262, "AsyncAmd without AsyncAmdStatusCallback: nobody learns the verdict")
    return Detection(
        url,
        fields.get("AsyncAmdStatusCallbackMethod", "POST"),
        waits_for_end=fields["MachineDetection"] == "DetectMessageEnd",
        timeout_s=float(fields.get("MachineDetectionTimeout") or 30),
    )


async def show_call(request: Request, exchange: Exchange) -> Json:
    """One call."""
    return _call(request, exchange).record.shown()


async def update_call(request: Request, exchange: Exchange) -> Json:
    """Redirects, ends or cancels a call."""
    live = _call(request, exchange)
    fields = _single(await request.form())
    step = _instructions(fields)
    if step is not None:
        exchange.redirect(live, step)
    match fields.get("Status", ""):
        case "":
            pass
        case ("completed" | "canceled") as status:
            exchange.end(live, CallStatus(status))
        case other:
            raise RefusalError(21219, f"Status {other!r} is not valid: use completed or canceled.")
    return live.record.shown()


def _instructions(fields: Mapping[str, str]) -> Fetch | Inline | None:
    url, document = fields.get("Url", ""), fields.get("Twiml", "")
    if url and document:
        raise RefusalError(21218, "Url and Twiml exclude each other.")
    if document:
        return Inline(document)
    return Fetch(url, fields.get("Method", "POST"), fallback=fields.get("FallbackUrl", "")) if url else None


async def list_calls(request: Request, exchange: Exchange) -> Json:
    """Calls, newest first."""
    query = request.query_params

    def wanted(call: Call) -> bool:
        return (
            _equals(query, "To", call.to)
            and _equals(query, "From", call.sender)
            and _equals(query, "Status", call.status.value)
            and _within(query, "StartTime", call.created)
        )

    return _page(request, "calls", [call for call in reversed(exchange.calls) if wanted(call)], Call.shown)


def _call(request: Request, exchange: Exchange) -> LiveCall:
    live = exchange.live.get(request.path_params["sid"])
    if live is None:
        raise not_found(request.url.path)
    return live


# Messages


async def create_message(request: Request, exchange: Exchange) -> Json:
    """Sends a text."""
    fields = _single(await request.form())
    return exchange.send(check_text(fields, exchange.numbers, exchange.texting.blocked)).shown()


async def show_message(request: Request, exchange: Exchange) -> Json:
    """One text."""
    for message in exchange.texts:
        if message.sid == request.path_params["sid"]:
            return message.shown()
    raise not_found(request.url.path)


async def list_messages(request: Request, exchange: Exchange) -> Json:
    """Texts, newest first."""
    query = request.query_params

    def wanted(message: Message) -> bool:
        return (
            _equals(query, "To", message.to)
            and _equals(query, "From", message.sender)
            and _within(query, "DateSent", message.sent or message.created)
        )

    return _page(request, "messages", [text for text in reversed(exchange.texts) if wanted(text)], Message.shown)


# Conferences


async def list_conferences(request: Request, exchange: Exchange) -> Json:
    """Rooms, newest first."""
    query = request.query_params
    found = [
        conference
        for conference in reversed(exchange.conferences)
        if _equals(query, "FriendlyName", conference.name) and _equals(query, "Status", conference.status.value)
    ]
    return _page(request, "conferences", found, lambda conference: conference.shown())


async def show_conference(request: Request, exchange: Exchange) -> Json:
    """One room."""
    rooms = exchange.find_rooms(request.path_params["sid"])
    if not rooms:
        raise not_found(request.url.path)
    return rooms[-1].conference.shown()


async def update_conference(request: Request, exchange: Exchange) -> Json:
    """Closes a room; nothing else can be changed here."""
    body = await show_conference(request, exchange)
    status = _single(await request.form()).get("Status", "")
    if status != "completed":
        raise RefusalError(20001, "The sandbox knows only Status=completed for conferences.")
    room = exchange.find_rooms(str(body["sid"]))[-1]
    room.end("conference-ended-via-api")
    return room.conference.shown()


async def list_participants(request: Request, exchange: Exchange) -> Json:
    """Who is in a room now."""
    rooms = exchange.find_rooms(request.path_params["sid"])
    if not rooms:
        raise not_found(request.url.path)
    conference = rooms[-1].conference
    return _page(request, "participants", conference.present, conference.shown_participant)


async def show_participant(request: Request, exchange: Exchange) -> Json:
    """One who is in a room now, by call SID or label."""
    wanted = request.path_params["call"]
    for room in exchange.find_rooms(request.path_params["sid"]):
        for participant in room.conference.present:
            if wanted in (participant.call, participant.label):
                return room.conference.shown_participant(participant)
    raise not_found(request.url.path)


# Forms, filters, pages


def _single(form: FormData) -> dict[str, str]:
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _equals(query: QueryParams, name: str, value: str) -> bool:
    return name not in query or query[name] == value


def _within(query: QueryParams, name: str, moment: datetime) -> bool:
    """The `Name`, `Name>` and `Name<` filters; a bare date means the whole UTC day."""
    if name in query and _moment(query[name]).date() != moment.astimezone(UTC).date():
        return False
    if f"{name}>" in query and moment < _moment(query[f"{name}>"]):
        return False
    return f"{name}<" not in query or moment <= _moment(query[f"{name}<"])


def _moment(value: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise RefusalError(20001, f"{value!r} is not an ISO 8601 date.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _page(request: Request, name: str, found: Sequence[T], show: Callable[[T], Json]) -> Json:
    size = _count(request, "PageSize", 50, least=1, most=LARGEST_PAGE)
    page = _count(request, "Page", 0, least=0, most=10**9)
    start = page * size
    items = found[start : start + size]
    body: dict[str, Any] = {
        name: [show(item) for item in items],
        "page": page,
        "page_size": size,
        "start": start,
        "end": start + max(0, len(items) - 1),
        "uri": _uri(request, page, size),
        "first_page_uri": _uri(request, 0, size),
        "previous_page_uri": _uri(request, page - 1, size) if page else None,
        "next_page_uri": _uri(request, page + 1, size) if start + size < len(found) else None,
    }
    return body


def _count(request: Request, name: str, default: int, *, least: int, most: int) -> int:
    value = request.query_params.get(name, str(default))
    if not value.isdigit() or int(value) < least:
        raise RefusalError(20001, f"{name} must be a number from {least}, not {value!r}.")
    return min(int(value), most)


def _uri(request: Request, page: int, size: int) -> str:
    rest = [(name, value) for name, value in request.query_params.multi_items() if name not in ("Page", "PageSize")]
    return f"{request.url.path}?{urlencode([*rest, ('PageSize', size), ('Page', page)])}"
