"""A lead as it is submitted: its shape, what may be wrong with it, and what it adds to the record. Pure."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
)

from agent.campaign import Campaign
from agent.guard.sensitive import mask, mask_fields
from state.consent import sealing
from state.events import ConsentGiven, Event, LeadArrived, Scope
from telephony.numbers import e164

CLOCK_SKEW = timedelta(minutes=5)
"""How far in our future another machine's clock may put a submission."""
FACTS_LIMIT = 50

_UNSEEN = re.compile(r"[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
"""What is not seen but turns what stands around it; the joiners of emoji and of Persian stay."""


def _plain(text: object) -> object:
    """A text as it may stand in a sentence of ours, a page or a terminal: on one line, with nothing unseen in it."""
    if not isinstance(text, str):
        return text
    printable = "".join(" " if unicodedata.category(char) == "Cc" else char for char in _UNSEEN.sub("", text))
    return " ".join(printable.split())


Text = Annotated[str, BeforeValidator(_plain), StringConstraints(min_length=1, max_length=200), AfterValidator(mask)]
"""A short text. Masked: people write card numbers into any box."""


def _zip(code: str) -> str:
    if re.fullmatch(r"[0-9]{5}(-[0-9]{4})?", code) is None:
        raise ValueError("is no ZIP; write five digits, such as 60614")
    return code


Zip = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_zip)]


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


def not_leads(campaigns: Iterable[Campaign], default: str | None) -> Mapping[str, str]:
    """The numbers (E.164) that are no lead's, and what each is. `default` is the server's own."""
    campaigns = tuple(campaigns)
    ours = {one.number or default for one in campaigns} | {default}
    people = {agent.number for one in campaigns for agent in one.agents}
    return {
        # What comes from one of them is taken for his own word to us, a stop too.
        **dict.fromkeys(people, "is that of somebody who takes calls for a campaign: no lead's"),
        **{number: "is a number we call and text from ourselves: no lead's" for number in ours if number},
    }


def faults(
    lead: LeadIn, campaign: Campaign, now: datetime, taken: Mapping[str, str] = MappingProxyType({})
) -> list[tuple[str, str]]:
    """What is wrong beyond the shape, each as the field and what to say of it. `taken`: see `not_leads`."""
    wrong = [
        (f"facts.{key}", f"the campaign {campaign.id} has no such question")
        for key in lead.facts
        if campaign.question(key) is None
    ]
    if lead.number in taken:
        wrong.append(("number", taken[lead.number]))
    if not campaign.active:
        wrong.append(("campaign", "this campaign is not active"))
    if lead.submitted_at and lead.submitted_at > now + CLOCK_SKEW:
        wrong.append(("submitted_at", "lies in the future"))
    return wrong


def submitted(lead: LeadIn, campaign: Campaign, now: datetime, key: str | None = None) -> list[Event]:
    """The arrival and the evidence of consent.

    Their ids come from the key of the request, or without one from all that was said: the same again is the same.
    """
    cause = _cause(key, lead)
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


def sealed(log: Sequence[tuple[int, Event]], events: Sequence[Event], now: datetime) -> list[Event]:
    """The events that are to follow a log, with the seal of its evidence behind them (see `state.consent`)."""
    after = log[-1][0] if log else 0
    seal = sealing([*log, *enumerate(events, after + 1)], now)
    return [*events, *([seal] if seal else [])]


def _cause(key: str | None, lead: LeadIn) -> str:
    """The id of the submission; hashed, for it holds personal data."""
    content = key or lead.model_dump_json()
    return "lead:" + hashlib.blake2b(content.encode(), digest_size=10).hexdigest()
