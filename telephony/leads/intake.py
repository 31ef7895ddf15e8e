"""Taking a lead in: one append holds who he is, what he agreed to, its seal, and the first step of outreach."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from agent.campaign import Campaign
from state.events import EffectRequested, Event, conversation_id
from state.fold import fold_all
from state.store import Conflict, Record
from state.view import View
from telephony.leads.submission import LeadIn, sealed, submitted
from telephony.services import Services
from telephony.wake import step_due, wake

FirstStep = Callable[[View], EffectRequested | None]


async def take_in(services: Services, lead: LeadIn, campaign: Campaign, key: str | None = None) -> tuple[str, bool]:
    """Takes a lead in, and has his first contact made as soon as that is lawful.

    Returns the conversation, and False if this very submission was there already.
    """
    cid, now = conversation_id(campaign.brand, lead.number), services.clock()
    arrival = submitted(lead, campaign, now, key)
    added = await enter(services.record, cid, arrival, now, lambda view: step_due(services, view, campaign))
    if added:
        await wake(services, cid, *added)
    return cid, bool(added)


async def enter_new(record: Record, arrivals: Mapping[str, Sequence[Event]], now: datetime) -> dict[str, bool]:
    """Appends the arrivals of people nobody knows yet, many at once; for each conversation whether it was added.

    Without those who are known already: their arrival is for `enter`. The hints have the server think of a first step.
    """
    done = await record.begin({cid: sealed([], arrival, now) for cid, arrival in arrivals.items()})
    return {cid: bool(appended.added) for cid, appended in done.items()}


async def enter(
    record: Record, cid: str, arrival: Sequence[Event], now: datetime, first_step: FirstStep = lambda view: None
) -> list[Event]:
    """Appends an arrival and what follows from it. Nothing is added, and nothing returned, if it is there already.

    Without a first step the hint at the plan, which every arrival leaves, has the server think of one.
    """
    while True:
        log = await record.log(cid)
        if any(event.id == arrival[0].id for _, event in log):
            return []
        step = first_step(fold_all(View(), [*(event for _, event in log), *arrival]))
        events = sealed(log, [*arrival, *([step] if step else [])], now)
        try:
            appended = await record.append(cid, *events, expect=len(log))
            return events if arrival[0].id in appended.added else []
        except Conflict:
            continue  # he wrote or was posted at the same moment: look again
