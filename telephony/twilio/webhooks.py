"""What every webhook of Twilio's has in common: its signature, its form, its answers and whose conversation it is.

Twilio asks again when it is unsure (https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides), so a
handler answers a repeated request as it did the first, and gives each event an id made of Twilio's own.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps

import structlog
from starlette.background import BackgroundTask
from starlette.datastructures import ImmutableMultiDict
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from agent.campaign import Campaign
from state.events import conversation_id
from state.view import View
from telephony.metrics import WEBHOOKS
from telephony.numbers import caller, e164
from telephony.services import Services
from telephony.twilio import twiml

log = structlog.get_logger(__name__)

Form = ImmutableMultiDict[str, str]
Handler = Callable[[Request, Services, Form], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]

FORM_TYPE = "application/x-www-form-urlencoded"


def signed(handler: Handler) -> Endpoint:
    """An endpoint that reads the form once, refuses what Twilio did not sign, and only then calls the handler.

    Answers 403 to a wrong or missing signature and 415 to a body that is not a form.
    """

    @wraps(handler)
    async def endpoint(request: Request) -> Response:
        services: Services = request.app.state.services
        form = await read_form(request)
        if not _is_signed(request, services, form):
            log.warning("webhook refused", path=request.url.path)
            raise HTTPException(403, "the X-Twilio-Signature does not match this request")
        response = await handler(request, services, form)
        WEBHOOKS.labels(handler.__name__, response.status_code).inc()
        return response

    return endpoint


async def read_form(request: Request) -> Form:
    """A form's pairs, empty values and duplicates kept: of Twilio's all are signed. 415 to a body that is no form."""
    if request.method == "GET":
        return request.query_params
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != FORM_TYPE:
        raise HTTPException(415, f"send {FORM_TYPE}")
    form = await request.form()
    return ImmutableMultiDict([(name, value) for name, value in form.multi_items() if isinstance(value, str)])


def _is_signed(request: Request, services: Services, form: Form) -> bool:
    # The URL as it was sent: decoding and encoding it again could change a byte.
    path: bytes = request.scope["raw_path"]
    query: bytes = request.scope["query_string"]
    return services.verifier.http(
        request.method,
        (path + b"?" + query if query else path).decode("latin-1"),
        None if request.method == "GET" else form.multi_items(),
        None,
        request.headers.get("x-twilio-signature"),
        request.headers.get("x-twilio-webhooks-signature-settings"),
    )


def xml(document: str, then: BackgroundTask | None = None) -> Response:
    """A TwiML answer, and what is to be done once it is sent. Never text/plain: Twilio would text that to the lead."""
    return Response(document, media_type="text/xml", background=then)


def nothing() -> Response:
    """The answer to a report that steers nothing."""
    return Response(status_code=204)


def no_reply() -> Response:
    """The answer to a text: the reply, if any, goes out through the REST API."""
    return xml(twiml.empty())


def field(form: Form, name: str) -> str:
    """A field that has to be there; 400 if it is not."""
    value = form.get(name, "")
    if not value:
        raise HTTPException(400, f"the request has no {name}")
    return value


@dataclass(frozen=True, slots=True)
class Party:
    """Who is on the other side of an inbound contact."""

    cid: str
    number: str
    """E.164, or empty if withheld."""
    campaign: Campaign


def inbound_party(services: Services, form: Form, contact: str) -> Party:
    """The lead behind `From`, and the campaign that owns `To`.

    `contact` is the SID of the call or text: who withholds his number gets a conversation of his own for it.
    """
    return party(services, lead=field(form, "From"), ours=field(form, "To"), contact=contact)


def party(services: Services, *, lead: str, ours: str, contact: str) -> Party:
    """The same, from the two numbers. 400 for what is no number, 404 for a number that is not ours."""
    number = _number(caller, "From", lead)
    campaign = services.campaign_at(_number(e164, "To", ours) or "")
    if campaign is None:
        raise HTTPException(404, "no active campaign answers this number; set TWILIO_NUMBER or the campaign's number")
    identity = number or f"withheld:{contact}"
    return Party(conversation_id(campaign.brand, identity), number or "", campaign)


def _number(read: Callable[[str], str | None], name: str, value: str) -> str | None:
    try:
        return read(value)
    except ValueError as error:
        raise HTTPException(400, f"{name} {error}") from None


async def known_view(services: Services, cid: str) -> View:
    """The view of a conversation that has to exist; 404 if it does not."""
    view = await services.record.view(cid)
    if view.version == 0:
        raise HTTPException(404, "there is no such conversation")
    return view
