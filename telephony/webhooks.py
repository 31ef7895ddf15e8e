"""What every webhook of a carrier has in common: who signed it, how it is answered and whose conversation it is.

Carriers ask again when they are unsure (https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides), so a
handler answers a repeated request as it did the first, and gives each event an id made of the carrier's own.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps

import structlog
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from agent.campaign import Campaign
from state.events import conversation_id
from state.view import View
from telephony.forms import Form, field
from telephony.metrics import WEBHOOKS
from telephony.numbers import caller, e164
from telephony.services import Services
from telephony.settings import variable

log = structlog.get_logger(__name__)

Handler = Callable[[Request, Services, Form], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


def signed(handler: Handler) -> Endpoint:
    """An endpoint that refuses what the carrier did not sign, and only then calls the handler with what it says."""

    @wraps(handler)
    async def endpoint(request: Request) -> Response:
        services: Services = request.app.state.services
        try:
            form = await services.dialect.read(request)
        except HTTPException as refusal:
            log.warning("webhook refused", path=request.url.path, status=refusal.status_code)
            raise
        response = await handler(request, services, form)
        WEBHOOKS.labels(handler.__name__, response.status_code).inc()
        return response

    return endpoint


def xml(document: str, then: BackgroundTask | None = None) -> Response:
    """A document for a call, and what is to be done once it is sent. Never text/plain: Twilio would text that."""
    return Response(document, media_type="text/xml", background=then)


def nothing() -> Response:
    """The answer to a report that steers nothing."""
    return Response(status_code=204)


def no_reply(services: Services) -> Response:
    """The answer to a text: the reply, if any, goes out through the REST API."""
    return xml(services.dialect.documents.empty())


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
        setting = variable(f"{services.settings.carrier}_number")
        raise HTTPException(404, f"no active campaign answers this number; set {setting} or the campaign's number")
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
