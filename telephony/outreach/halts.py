"""Campaigns that are paused: by themselves when too many people opt out or complain, or by an operator.

That a campaign is paused stands in a log of its own (`Paused`, `Resumed`), which every process reads every few seconds;
the gate refuses with the rule `paused`. Answers to people who write go on.
"""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

import structlog

from agent.campaign import Campaign
from agent.complaints import complains
from state.errors import RecordUnavailable
from state.events import Event, Paused, Resumed, campaign_log_id
from state.store import Conflict, Record
from state.view import View

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 2.0


async def paused_in(record: Record, campaigns: Iterable[str]) -> Mapping[str, str]:
    """The campaigns that are paused, and why."""
    names = list(campaigns)
    views = await asyncio.gather(*(record.view(campaign_log_id(name)) for name in names))
    return MappingProxyType({name: view.paused for name, view in zip(names, views, strict=True) if view.paused})


class Halts:
    """What this process knows of paused campaigns."""

    def __init__(self, record: Record, campaigns: Iterable[str]) -> None:
        self._record = record
        self._campaigns = tuple(campaigns)
        self.paused: Mapping[str, str] = MappingProxyType({})

    async def look(self) -> None:
        """Learns how they stand now."""
        self.paused = await paused_in(self._record, self._campaigns)

    async def watch(self) -> None:
        """Looks again and again. While the record cannot be read nothing can be sent either."""
        while True:
            try:
                await self.look()
            except RecordUnavailable as error:
                log.warning("paused campaigns not looked at", error=str(error))
            await asyncio.sleep(LOOK_EVERY_S)


async def count(record: Record, cid: str, view: View, campaign: Campaign, now: datetime) -> None:
    """Counts a conversation in, and pauses its campaign if that is one too many."""
    if view.touches:
        record.tallies.contacted(campaign.id, cid, view.touches[-1].at)
    if not view.suppressed:
        return
    said = view.last_line("lead")
    complained = said is not None and complains(said.text)
    if await record.tallies.stopped(campaign.id, cid, said.at if said else now, complained=complained):
        await _check(record, campaign, now)


async def _check(record: Record, campaign: Campaign, now: datetime) -> None:
    own = campaign_log_id(campaign.id)
    while True:
        events = await record.log(own)
        if (await record.view(own)).paused:
            return
        counts = await record.tallies.since(campaign.id, _since(campaign, events, now), now)
        why = campaign.alarm.why(counts.contacted, counts.stopped, counts.complained)
        if why is None:
            return
        try:
            await record.append(own, Paused(id=f"paused:{len(events)}", at=now, by=why), expect=len(events))
        except Conflict:
            continue
        log.error("campaign paused", campaign=campaign.id, why=why)
        return


def _since(campaign: Campaign, events: Iterable[tuple[int, Event]], now: datetime) -> datetime:
    resumed = [event.at for _, event in events if isinstance(event, Resumed)]
    return max([now - timedelta(days=campaign.alarm.days), *resumed])
