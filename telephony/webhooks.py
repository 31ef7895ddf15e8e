"""What every webhook of a carrier has in common: who signed it, how it is answered and whose conversation it is.

Carriers ask again when they are unsure (https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides), so a
handler answers a repeated request as it did the first, and gives each event an id made of the carrier's own.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
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


def nothing(then: BackgroundTask | None = None) -> Response:
    """The answer to a report that steers nothing, and what is to be done once it is sent."""
    return Response(status_code=204, background=then)


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
    view: View | None = None
    """As it was just read, if it was."""


async def inbound_party(services: Services, form: Form, contact: str) -> Party:
    """The lead behind `From`, and of the campaigns that own `To` the one he talks with.

    `contact` is the SID of the call or text: who withholds his number gets a conversation of his own for it.
    """
    return await party(services, lead=form.get("From", ""), ours=field(form, "To"), contact=contact)


async def party(services: Services, *, lead: str, ours: str, contact: str) -> Party:
    """The same, from the two numbers.

    400 for one of ours that is no number, or a lead's that is ours; 404 for one of ours that is not.
    """
    number = caller(lead)
    campaigns = services.campaigns_at(_our_number(ours))
    if not campaigns:
        setting = variable(f"{services.settings.carrier}_number")
        raise HTTPException(404, f"no active campaign answers this number; set {setting} or the campaign's number")
    if number is not None and services.campaigns_at(number):
        raise HTTPException(400, "the other number is one of ours, too: we do not talk with ourselves")
    first = campaigns[0]
    if number is None:
        return Party(conversation_id(first.brand, f"withheld:{contact}"), "", first)
    known = await leads_at(services, campaigns, number, contact) if len(campaigns) > 1 else ()
    return next(iter(known), Party(conversation_id(first.brand, number), number, first))


async def leads_at(services: Services, campaigns: Iterable[Campaign], number: str, contact: str) -> list[Party]:
    """The conversations of a lead (E.164) with brands that share a number of ours, the one meant by a contact first.

    It is the one that has this text or call already, or else the newest contact of ours: on his telephone they are all
    one thread, and he answers what stands at its end.
    """
    possible = {conversation_id(campaign.brand, number): campaign for campaign in campaigns}
    begun = await services.record.begun([*possible])
    known = [
        (_meant_by(contact, view), Party(cid, number, possible[cid], view))
        for cid, view in begun.items()
        if view.arrived_at
    ]
    return [one for _, one in sorted(known, key=lambda pair: pair[0], reverse=True)]


def _meant_by(contact: str, view: View) -> tuple[bool, datetime]:
    assert view.arrived_at is not None, "a lead"
    has_it = contact in view.texts or contact in view.calls or any(f"sms:{contact}" == one.event for one in view.thread)
    return has_it, max((touch.at for touch in view.touches), default=view.arrived_at)


def _our_number(to: str) -> str:
    try:
        return e164(to)
    except ValueError as error:
        raise HTTPException(400, f"To {error}") from None


async def known_view(services: Services, cid: str) -> View:
    """The view of a conversation that has to exist; 404 if it does not."""
    view = await services.record.view(cid)
    if view.version == 0:
        raise HTTPException(404, "there is no such conversation")
    return view
