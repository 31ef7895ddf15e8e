"""Lead intake: `POST /v1/leads`, and reading a conversation back."""

import hashlib
from datetime import datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    ValidationError,
)
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from agent.campaign import Campaign
from agent.guard.sensitive import mask, mask_fields
from state.events import EVENT, ConsentGiven, Event, LeadArrived, Scope, conversation_id
from state.store import Conflict
from state.view import fold_all
from telephony.api import authorised, problem, problems_of, unprocessable
from telephony.metrics import LEADS
from telephony.numbers import e164
from telephony.services import Services
from telephony.wake import commit, step_due

log = structlog.get_logger(__name__)

CLOCK_SKEW = timedelta(minutes=5)
"""How far in our future another machine's clock may put a submission."""
FACTS_LIMIT = 50
LOG_LIMIT = 500
"""Events of a conversation in one answer; `?after=` asks for the next ones."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(mask)]
"""A short text. Masked: people write card numbers into any box."""
Zip = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^\d{5}(-\d{4})?$")]


class _In(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("is not an IANA time zone; write it as America/Chicago") from None
    return name


class ConsentIn(_In):
    """What the lead agreed to, and the evidence for it (POLICY 2.11)."""

    scopes: tuple[Scope, ...] = Field(min_length=1)
    basis: Literal["written", "oral", "inquiry"]
    act: Literal["tick", "reply", "keypress", "signature", "call"]
    disclosure: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=8_000)]
    source_url: Annotated[str, Field(max_length=2_000), AfterValidator(mask)] | None = None
    ip: Annotated[str, Field(max_length=45)] | None = None
    user_agent: Annotated[str, Field(max_length=500)] | None = None
    seller: Text | None = None
    purpose: Literal["marketing", "informational"] | None = None
    disclosure_version: Text | None = None
    language: Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] | None = None
    form: Text | None = None
    page_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    certificate: Annotated[str, Field(pattern=r"^\S{1,200}$")] | None = None
    source_chain: Annotated[tuple[Text, ...], Field(max_length=10)] = ()
    tz: Annotated[str, AfterValidator(_zone)] | None = None
    actor: Text = "api"


class LeadIn(_In):
    """A lead as a form or a CRM posts it."""

    campaign: Text
    number: Annotated[str, AfterValidator(e164)]
    source: Text
    first_name: Text | None = None
    zip: Zip | None = None
    consent: ConsentIn
    facts: Annotated[dict[str, JsonValue], AfterValidator(mask_fields)] = Field({}, max_length=FACTS_LIMIT)
    submitted_at: AwareDatetime | None = None
    """When the form was sent, if not now. It also tells a second submission from a repeated request."""


@authorised
async def intake(request: Request, services: Services) -> Response:
    """Takes a lead in and plans the first contact. 202 with the conversation's id, 422 with what is wrong.

    A repeated request (same `Idempotency-Key`, or without one the same body) is the same lead.
    """
    try:
        lead = LeadIn.model_validate_json(await request.body())
    except ValidationError as error:
        LEADS.labels("rejected").inc()
        if any(one["type"] == "json_invalid" for one in error.errors()):
            raise HTTPException(400, "the body is not JSON") from None
        return unprocessable(*problems_of(error))
    campaign = services.campaigns.get(lead.campaign)
    if campaign is None or (wrong := _faults(lead, campaign, services.clock())):
        LEADS.labels("rejected").inc()
        return unprocessable(*(wrong if campaign else [problem("campaign", "there is no such campaign")]))
    cid = conversation_id(campaign.brand, lead.number)
    new = await _take_in(services, cid, campaign, _events(request, lead, campaign, services.clock()))
    LEADS.labels("new" if new else "repeated").inc()
    log.info("lead taken in", conversation=cid, campaign=campaign.id, new=new, number=lead.number)
    return JSONResponse({"conversation": cid}, status_code=202, headers={"location": f"/v1/conversations/{cid}"})


def _faults(lead: LeadIn, campaign: Campaign, now: datetime) -> list[dict[str, str]]:
    """What is wrong beyond the shape."""
    wrong = [
        problem(f"facts.{key}", f"the campaign {campaign.id} has no such question")
        for key in lead.facts
        if campaign.question(key) is None
    ]
    if not campaign.active:
        wrong.append(problem("campaign", "this campaign is not active"))
    if lead.submitted_at and lead.submitted_at > now + CLOCK_SKEW:
        wrong.append(problem("submitted_at", "lies in the future"))
    return wrong


def _events(request: Request, lead: LeadIn, campaign: Campaign, now: datetime) -> list[Event]:
    cause = _cause(request.headers.get("idempotency-key"), lead)
    arrived = LeadArrived(
        id=cause,
        at=now,
        number=lead.number,
        brand=campaign.brand,
        campaign=campaign.id,
        source=lead.source,
        first_name=lead.first_name,
        zip=lead.zip[:5] if lead.zip else None,
        facts=lead.facts,
    )
    consent = ConsentGiven(
        id=f"{cause}:consent",
        at=lead.submitted_at or now,
        recorded_at=now,
        brand=campaign.brand,
        campaign=campaign.id,
        number=lead.number,
        **lead.consent.model_dump(),
    )
    return [arrived, consent]


def _cause(key: str | None, lead: LeadIn) -> str:
    """The id of the submission; hashed, for it holds personal data."""
    content = key or lead.model_dump_json()
    return "lead:" + hashlib.blake2b(content.encode(), digest_size=10).hexdigest()


async def _take_in(services: Services, cid: str, campaign: Campaign, events: list[Event]) -> bool:
    """Appends the lead together with the first step of outreach. False if the lead was there already."""
    while True:
        view = await services.record.view(cid)
        if any(event.id == events[0].id for _, event in await services.record.log(cid)):
            return False
        effect = step_due(services, fold_all(view, events), campaign)
        planned = [effect] if effect else []
        try:
            await commit(services, cid, *events, *planned, expect=view.version)
            return True
        except Conflict:
            continue  # he wrote or was posted at the same moment: look again


@authorised
async def conversation(request: Request, services: Services) -> Response:
    """`GET /v1/conversations/{id}`: the view, and the log after version `?after=` (at most LOG_LIMIT events)."""
    cid, after = request.path_params["cid"], request.query_params.get("after", "0")
    if not after.isdecimal():
        raise HTTPException(400, "after is a version, a whole number")
    view = await services.record.view(cid)
    if view.version == 0:
        raise HTTPException(404, "there is no such conversation")
    events = await services.record.log(cid, int(after))
    return JSONResponse(
        {
            "id": cid,
            "view": view.model_dump(mode="json"),
            "log": [
                {"version": version, **EVENT.dump_python(event, mode="json")} for version, event in events[:LOG_LIMIT]
            ],
        }
    )
