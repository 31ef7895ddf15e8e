"""What people who take calls text to our number: on and off duty, and what came of the lead they were put through to.

"on" or "off" goes into their own log, anything else into the record of the lead they were last chosen for. They get a
line back through the door, as a contact with staff.
"""

from datetime import UTC, datetime
from typing import Literal

import structlog

from agent.campaign import Campaign, HumanAgent
from agent.gate.zones import lead_zone
from agent.staff_words import Presence, Said, read_text
from state.effects import BriefAgent
from state.events import AgentPresence, EffectRequested, Event, HandoffReported, Promised, staff_log_id
from telephony.forms import Form, field
from telephony.services import Services
from telephony.transfers.roster import entries
from telephony.wake import commit

log = structlog.get_logger(__name__)

By = Literal["text", "command"]

ON = "You're on: calls may come to you. Text OFF to pause."
OFF = "You're off: no calls. Text ON to be back."
UNKNOWN = "Which lead is this about? You have had none from us yet. Text ON or OFF to set whether calls come to you."


async def take_in(services: Services, form: Form, sid: str) -> bool:
    """Takes in a text if it is from somebody who takes calls for the number he wrote to; False if it is not."""
    found = _writer(services, field(form, "From"), field(form, "To"))
    if found is None:
        return False
    campaign, agent = found
    own_log = staff_log_id(agent.number)
    duty = (await services.record.view(own_log)).duty
    about = duty.conversation
    lead = await services.record.view(about) if about else None
    now = services.clock()
    read = read_text(form.get("Body", ""), now.astimezone(lead_zone(lead)) if lead else now)
    if isinstance(read, Presence):
        told = present(agent, campaign, read.available, f"sms:{sid}", now, by="text")
        await commit(services, own_log, told, _answer(services, agent, sid, ON if read.available else OFF))
    elif about is None or lead is None:
        # His own log has a campaign to answer in only once something is in it.
        told = present(agent, campaign, duty.available, f"sms:{sid}", now, by="text")
        await commit(services, own_log, told, _answer(services, agent, sid, UNKNOWN))
    else:
        # In the lead's campaign, where the door looks him up among its people.
        name = lead.first_name or "the lead"
        noted = f"Noted for {name}: {read.outcome.replace('_', ' ')}."
        await commit(
            services,
            about,
            *reported(services, agent, read, f"sms:{sid}", by="text"),
            _answer(services, agent, sid, noted),
        )
    log.info("text of an agent", text_sid=sid, kind=type(read).__name__)
    return True


def _writer(services: Services, sender: str, ours: str) -> tuple[Campaign, HumanAgent] | None:
    at_number = {key: one for key, one in services.campaigns.items() if services.number_of(one) == ours and one.active}
    return next(iter(entries(at_number, sender)), None)


def present(agent: HumanAgent, campaign: Campaign, available: bool, cause: str, now: datetime, by: By) -> AgentPresence:
    """The event that somebody is there for calls, or away."""
    return AgentPresence(
        id=f"{cause}:presence",
        at=now,
        number=agent.number,
        brand=campaign.brand,
        campaign=campaign.id,
        available=available,
        by=by,
    )


def reported(services: Services, agent: HumanAgent, said: Said, cause: str, by: Literal["text", "page"]) -> list[Event]:
    """The events of an outcome: itself, and the promise that it holds if he named a time to call back."""
    now = services.clock()
    report = HandoffReported(
        id=f"{cause}:report", at=now, agent=agent.name, outcome=said.outcome, notes=said.notes, by=by
    )
    if said.call_back is None:
        return [report]
    due = said.call_back.astimezone(UTC)
    return [report, Promised(id=f"{cause}:promise", at=now, what=f"{agent.name} calls back", due=due, by="person")]


def _answer(services: Services, agent: HumanAgent, sid: str, body: str) -> EffectRequested:
    now = services.clock()
    brief = BriefAgent(handoff=f"sms:{sid}", to=agent.number, body=body)
    return EffectRequested(id=f"staff:{sid}", at=now, effect=brief, due=now)
