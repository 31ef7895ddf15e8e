"""Lead intake: `POST /v1/leads` and its form-encoded sibling, and reading a conversation back."""

import structlog
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from agent.campaign import Campaign
from state.events import EVENT
from telephony.api import authorised, problem, problems_of, unprocessable
from telephony.forms import read_form, whole
from telephony.leads.flat import as_lead
from telephony.leads.intake import take_in
from telephony.leads.submission import LeadIn, faults, not_leads
from telephony.metrics import LEADS
from telephony.services import Services

log = structlog.get_logger(__name__)

LOG_LIMIT = 500
"""Events of a conversation in one answer; `?after=` asks for the next ones."""


@authorised
async def intake(request: Request, services: Services) -> Response:
    """Takes a lead in and plans the first contact. 202 with the conversation's id, 422 with what is wrong.

    A repeated request (same `Idempotency-Key`, or without one the same body) is the same lead.
    """
    try:
        lead = LeadIn.model_validate_json(await request.body())
    except ValidationError as error:
        if any(one["type"] == "json_invalid" for one in error.errors()):
            LEADS.labels("rejected").inc()
            raise HTTPException(400, "the body is not JSON") from None
        return _rejected(*problems_of(error))
    campaign = services.campaigns.get(lead.campaign)
    if campaign is None:
        return _rejected(NO_SUCH_CAMPAIGN)
    return await _accept(request, services, lead, campaign)


@authorised
async def form(request: Request, services: Services) -> Response:
    """The same for a web form's webhook, `POST /v1/leads/form?campaign=...`: pairs of names and values.

    The campaign's `form` says which of the form's fields are which, and what a tick in it means; see
    `telephony.leads.flat`. Fields nobody knows are left alone: forms send all kinds.
    """
    pairs = dict(await read_form(request))
    campaign = services.campaigns.get(request.query_params.get("campaign") or pairs.pop("campaign", ""))
    if campaign is None:
        return _rejected(NO_SUCH_CAMPAIGN)
    try:
        lead = as_lead(pairs, campaign, actor="webhook")
    except ValidationError as error:
        return _rejected(*problems_of(error))
    return await _accept(request, services, lead, campaign)


NO_SUCH_CAMPAIGN = problem("campaign", "there is no such campaign")


async def _accept(request: Request, services: Services, lead: LeadIn, campaign: Campaign) -> Response:
    taken = not_leads(services.campaigns.values(), services.settings.number)
    if wrong := faults(lead, campaign, services.clock(), taken):
        return _rejected(*(problem(*one) for one in wrong))
    # Who came first is texted first: more leads than can be texted would only wait here.
    await services.errands.calm()
    cid, new = await take_in(services, lead, campaign, request.headers.get("idempotency-key"))
    LEADS.labels("new" if new else "repeated").inc()
    log.info("lead taken in", conversation=cid, campaign=campaign.id, new=new, number=lead.number)
    return JSONResponse({"conversation": cid}, status_code=202, headers={"location": f"/v1/conversations/{cid}"})


def _rejected(*problems: dict[str, str]) -> Response:
    LEADS.labels("rejected").inc()
    return unprocessable(*problems)


@authorised
async def conversation(request: Request, services: Services) -> Response:
    """`GET /v1/conversations/{id}`: the view, and the log after version `?after=` (at most LOG_LIMIT events)."""
    cid, after = request.path_params["cid"], whole(request.query_params.get("after", "0"))
    if after is None:
        raise HTTPException(400, "after is a version, a whole number")
    view = await services.record.view(cid)
    if view.version == 0:
        raise HTTPException(404, "there is no such conversation")
    events = await services.record.log(cid, after)
    return JSONResponse(
        {
            "id": cid,
            "view": view.model_dump(mode="json"),
            "log": [
                {"version": version, **EVENT.dump_python(event, mode="json")} for version, event in events[:LOG_LIMIT]
            ],
        }
    )
