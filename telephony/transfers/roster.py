"""How the people who take calls stand: read from their own logs, and claimed there, so one lead at a time has each."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from agent.campaign import Campaign, HumanAgent
from agent.routing import Standing, is_busy
from state.events import AgentEngaged, staff_log_id
from state.store import Conflict, Record


async def standings(
    record: Record, campaign: Campaign, now: datetime, *, handoff_id: str | None = None
) -> list[Standing]:
    """Everybody of a campaign, in its order, as he stands for a hand-off: whoever was claimed for it is free for it."""
    return [await standing(record, agent, now, handoff_id) for agent in campaign.agents]


async def standing(record: Record, agent: HumanAgent, now: datetime, handoff_id: str | None = None) -> Standing:
    """One person as he stands now."""
    duty = (await record.view(staff_log_id(agent.number))).duty
    lead = await record.view(duty.conversation) if duty.conversation else None
    ours = handoff_id is not None and duty.handoff == handoff_id
    return Standing(agent, duty.available, not ours and is_busy(duty, lead, now), duty.engaged_at)


async def claim(
    record: Record, agent: HumanAgent, cid: str, handoff_id: str, now: datetime, *, rings: bool = True
) -> bool:
    """Reserves a person for a hand-off. False if another lead's search has him, or his telephone is to ring and he is
    away now. What he texts from then on is about this lead."""
    log_id = staff_log_id(agent.number)
    engaged = AgentEngaged(id=f"engaged:{handoff_id}", at=now, conversation=cid, handoff=handoff_id)
    while True:
        view = await record.view(log_id)
        if view.duty.handoff == handoff_id:
            return True  # by an earlier look at the same search
        stands = await standing(record, agent, now)
        if stands.busy or (rings and not stands.available):
            return False
        try:
            await record.append(log_id, engaged, expect=view.version)
            return True
        except Conflict:
            continue


def entries(campaigns: Mapping[str, Campaign], name_or_number: str) -> Iterable[tuple[Campaign, HumanAgent]]:
    """Where somebody stands in the campaigns' lists of agents, by E.164 number or by name in any case."""
    wanted = name_or_number.strip().lower()
    for _, campaign in sorted(campaigns.items()):
        yield from ((campaign, agent) for agent in campaign.agents if wanted in (agent.number, agent.name.lower()))
