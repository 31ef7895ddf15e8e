"""What the tests of the gate share: a lead, a campaign, and a short way to ask."""

from datetime import UTC, datetime, timedelta

from agent.campaign import Campaign, HumanAgent
from agent.gate.gate import Permit, Refusal, decide
from agent.gate.registers import NO_REGISTERS, Registers
from state.effects import PermitKind
from state.events import Channel, Scope
from state.view import Consent, Fact, Line, Touch, View

NOON = datetime(2026, 11, 18, 18, tzinfo=UTC)
"""A Wednesday, noon in Chicago."""
NIGHT = datetime(2026, 11, 19, 5, tzinfo=UTC)
"""11 pm in Chicago."""
LEAD, SARAH = "+13125550142", "+13125550177"
WRITTEN = {scope: Consent(event="c", basis="written", at=NOON - timedelta(days=1)) for scope in Scope}
CAMPAIGN = Campaign(
    id="insurance",
    brand="Harbor Lane Insurance",
    brand_short="Harbor Lane",
    persona="Ava",
    vertical="insurance",
    callback_contact="help@harborlane.example",
    reason="asked for a quote online",
    opening_question="Still looking for coverage?",
    goal="transfer",
    questions=(),
    ready_when=(),
    agents=(HumanAgent(name="Sarah", number=SARAH),),
)
VIEW = View(number=LEAD, brand=CAMPAIGN.brand, campaign=CAMPAIGN.id, arrived_at=NOON, consents=WRITTEN)


def seen(**changes: object) -> View:
    """The lead's conversation with some of it changed."""
    return VIEW.model_copy(update=changes)


def with_campaign(**changes: object) -> Campaign:
    """The campaign with some of it changed."""
    return CAMPAIGN.model_copy(update=changes)


def asked(
    view: View = VIEW,
    channel: Channel = Channel.SMS,
    permit: PermitKind = PermitKind.INITIATE,
    now: datetime = NOON,
    campaign: Campaign = CAMPAIGN,
    to: str | None = None,
    registers: Registers = NO_REGISTERS,
) -> Permit | Refusal:
    """The gate's answer."""
    return decide(view, campaign, channel, permit, now, to=to, registers=registers)


def refused(answer: Permit | Refusal) -> str:
    """The reason of an answer that has to be a refusal."""
    assert isinstance(answer, Refusal), answer
    return answer.reason


def touch(channel: Channel, ago: timedelta, permit: PermitKind = PermitKind.INITIATE) -> Touch:
    """A contact of ours, some time ago."""
    return Touch(channel=channel, at=NOON - ago, permit=permit)


def said(ago: timedelta, channel: Channel = Channel.SMS) -> dict[str, object]:
    """What the view holds after the lead spoke."""
    line = Line(channel=channel, who="lead", text="hi", at=NOON - ago, event="e")
    return {"thread": (line,), "last_lead_text_at": NOON - ago}


def fact(value: object, ago: timedelta = timedelta(0)) -> Fact:
    """Something the lead told us."""
    return Fact.model_validate({"value": value, "source": "sms:1", "at": NOON - ago})


MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
