"""How the people who take calls stand: read from their own logs, and claimed there, so one lead at a time has each."""

from collections.abc import Sequence

from agent.campaign import Campaign, HumanAgent
from agent.routing import Standing, is_busy
from state.events import AgentEngaged, staff_log_id
from state.store import Conflict
from telephony.services import Services


async def standings(services: Services, campaign: Campaign) -> list[Standing]:
    """Everybody of a campaign, in its order."""
    return [await standing(services, agent) for agent in campaign.agents]


async def standing(services: Services, agent: HumanAgent) -> Standing:
    """One person as he stands now."""
    duty = (await services.record.view(staff_log_id(agent.number))).duty
    lead = await services.record.view(duty.conversation) if duty.conversation else None
    busy = is_busy(duty, lead, services.clock())
    return Standing(agent, available=duty.available, busy=busy, last_engaged=duty.engaged_at)


async def claim(services: Services, agent: HumanAgent, cid: str, handoff_id: str) -> bool:
    """Reserves a person for a hand-off. False if another lead's search has him, or he is away now."""
    log_id = staff_log_id(agent.number)
    engaged = AgentEngaged(id=f"engaged:{handoff_id}", at=services.clock(), conversation=cid, handoff=handoff_id)
    while True:
        view = await services.record.view(log_id)
        if view.duty.handoff == handoff_id:
            return True
        stands = await standing(services, agent)
        if stands.busy or not stands.available:
            return False
        try:
            await services.record.append(log_id, engaged, expect=view.version)
            return True
        except Conflict:
            continue


def staff(services: Services, number: str) -> Sequence[tuple[Campaign, HumanAgent]]:
    """Every entry of a number in the campaigns' lists of agents."""
    return [
        (campaign, agent)
        for campaign in services.campaigns.values()
        for agent in campaign.agents
        if agent.number == number
    ]
