"""`/phone`: the page of the browser phone, what keeps it up to date, its calls and its texts.

Whoever uses it is a lead with a number of his own, kept in a cookie; what he says and writes takes the ways that a
telephone's calls and texts take.
"""

from dataclasses import dataclass
from typing import Any

from starlette.datastructures import ImmutableMultiDict
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from agent.campaign import Campaign
from agent.gate.zones import lead_zone
from agent.pages import is_page
from state.events import conversation_id
from state.view import View
from telephony import sms
from telephony.access import Operator, action, page
from telephony.browser.calls import BrowserCalls
from telephony.browser.carrier import TEXT
from telephony.browser.numbers import new_number
from telephony.console import live, pages
from telephony.console.actions import WORDS_LIMIT, act_of, new_act
from telephony.console.thread import Item, thread_of
from telephony.services import Services
from telephony.webhooks import Party

COOKIE = "segue_phone"
KEPT_SECONDS = 30 * 86_400
OFFER_LIMIT = 64_000
"""Characters of SDP; a browser's are below 10,000."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who uses the page."""

    lead: Party
    is_new: bool

    @property
    def cid(self) -> str:
        """His conversation."""
        return self.lead.cid


def caller_of(request: Request, services: Services) -> Caller:
    """The lead that this browser is, for the campaign that the page names. 404 for a campaign there is not."""
    kept = request.cookies.get(COOKIE, "")
    number = kept if is_page(kept) else new_number()
    campaign = _campaign(services, request.query_params.get("campaign"))
    return Caller(Party(conversation_id(campaign.brand, number), number, campaign), number != kept)


def _campaign(services: Services, name: str | None) -> Campaign:
    active = _campaigns(services)
    chosen = next((one for one in active if one.id == name), None) if name else next(iter(active), None)
    if chosen is None:
        raise HTTPException(404, "there is no such active campaign")
    return chosen


def _campaigns(services: Services) -> list[Campaign]:
    """Those that can be called; the one that answers our number first."""
    answers = services.campaign_at(services.settings.number or "")
    active = (one for one in services.campaigns.values() if one.active)
    return sorted(active, key=lambda one: (one is not answers, one.id))


# The page ------------------------------------------------------------------------------------------------------------


@page
async def phone(request: Request, services: Services, operator: Operator) -> Response:
    """`GET /phone`: the telephone, its captions and its texts. `?campaign=` is whom to call."""
    caller = caller_of(request, services)
    values = pages.common(request, services, operator) | await _shown(services, caller)
    response = HTMLResponse(pages.render("phone.html", values))
    if caller.is_new:
        _keep(response, caller.lead.number, services)
    return response


@page
async def phone_live(request: Request, services: Services, operator: Operator) -> Response:
    """`GET /phone/live`: the parts of that page, whenever something lands."""
    caller = caller_of(request, services)

    async def make() -> live.Parts:
        values = pages.common(request, services, operator) | await _shown(services, caller)
        return {name: pages.render(f"_{name}.html", values) for name in ("captions", "texts", "known")}

    return live.stream(live.in_conversation(services.record, caller.cid, 0), make, request.app.state.stopping)


async def _shown(services: Services, caller: Caller) -> dict[str, Any]:
    campaign = caller.lead.campaign
    entries = await services.record.log(caller.cid)
    view = await services.record.view(caller.cid)
    items = thread_of(entries, view, campaign)
    return {
        "cid": caller.cid,
        "number": caller.lead.number,
        "campaign": campaign,
        "campaigns": _campaigns(services),
        "persona": campaign.persona,
        "view": view,
        "captions": _captions(items, view),
        "texts": [item for item in items if item.channel == "text"],
        "learned": [fact for item in items for fact in item.learned],
        "zone": lead_zone(view),
        "act": new_act,
        "words_limit": WORDS_LIMIT,
        "ice_servers": " ".join(services.settings.ice_servers),
    }


def _captions(items: list[Item], view: View) -> list[Item]:
    """What was said on the newest call."""
    call = next(reversed(view.calls), None)
    return [item for item in items if item.channel == "voice" and item.call == call]


def _keep(response: Response, number: str, services: Services) -> None:
    secure = services.settings.public_url.startswith("https:")
    response.set_cookie(
        COOKIE, number, max_age=KEPT_SECONDS, path="/phone", secure=secure, httponly=True, samesite="strict"
    )


# What the lead does --------------------------------------------------------------------------------------------------


@action
async def call(request: Request, services: Services, operator: Operator) -> Response:
    """`POST /phone/call`: calls. Takes a WebRTC offer (`sdp`) and gives the answer."""
    offer = str((await request.form()).get("sdp", ""))
    if not 0 < len(offer) <= OFFER_LIMIT:
        raise HTTPException(400, "send the browser's offer as sdp")
    calls: BrowserCalls = request.app.state.browser_calls
    answer = await calls.take(services, caller_of(request, services).lead, offer)
    return JSONResponse({"type": "answer", "sdp": answer})


@action
async def text(request: Request, services: Services, operator: Operator) -> Response:
    """`POST /phone/text`: texts us, by the way of every lead's text. Sent twice, it is there once."""
    form = await request.form()
    sid, words = TEXT + act_of(form), str(form.get("words", "")).strip()
    if not 0 < len(words) <= WORDS_LIMIT:
        raise HTTPException(400, f"write something, at most {WORDS_LIMIT} characters")
    await sms.take_in(services, caller_of(request, services).lead, sid, ImmutableMultiDict({"Body": words}))
    return JSONResponse({"text": sid})


@action
async def anew(request: Request, services: Services, operator: Operator) -> Response:
    """`POST /phone/new`: becomes somebody whom nobody knows yet."""
    response = RedirectResponse(f"/phone?{request.url.query}" if request.url.query else "/phone", status_code=303)
    _keep(response, await _unknown_number(services), services)
    return response


async def _unknown_number(services: Services) -> str:
    """A number without a conversation, if one is found soon."""
    for _ in range(20):
        number = new_number()
        brands = {one.brand for one in services.campaigns.values()}
        views = [await services.record.view(conversation_id(brand, number)) for brand in brands]
        if not any(view.version for view in views):
            break
    return number


ROUTES: list[BaseRoute] = [
    Route("/phone", phone),
    Route("/phone/live", phone_live),
    Route("/phone/call", call, methods=["POST"]),
    Route("/phone/text", text, methods=["POST"]),
    Route("/phone/new", anew, methods=["POST"]),
]
