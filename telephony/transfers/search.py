"""Finding a person for a lead: an effect like any other, so that a search outlives the process that began it.

The choice is `agent.routing`'s, on how everybody stands now; who is chosen is claimed in his own log before the lead's
record asks for his telephone to ring.
"""

from collections import Counter
from datetime import datetime

import structlog

from agent.campaign import Campaign, HumanAgent
from agent.handoff import handoff_id, nobody, requested
from agent.pages import is_page
from agent.routing import Bar, Standing, addressee, offer, route
from agent.summary import card_with, summarise
from state.effects import BriefAgent, FindAgent
from state.events import EffectRequested, EffectSettled, Event
from state.store import Conflict
from state.view import View
from telephony.permission import is_up
from telephony.services import Services
from telephony.transfers.link import link
from telephony.transfers.roster import claim, standings
from telephony.wake import commit

log = structlog.get_logger(__name__)


async def find(services: Services, cid: str, effect_id: str, effect: FindAgent) -> datetime | None:
    """Does one attempt: asks for somebody's telephone to ring, or says that nobody is left. Never to be done again."""
    while True:
        view = await services.record.view(cid)
        if effect_id not in view.outbox:
            return None
        events, detail = await _attempt(services, cid, view, effect)
        settled = EffectSettled(
            id=f"{effect_id}:settled",
            at=services.clock(),
            effect=effect_id,
            outcome="done" if events else "cancelled",
            detail=detail,
        )
        try:
            await commit(services, cid, *events, settled, expect=view.version)
            return None
        except Conflict:
            continue  # the lead said or did something meanwhile: perhaps he has left


async def _attempt(services: Services, cid: str, view: View, effect: FindAgent) -> tuple[list[Event], str]:
    """The events of one attempt, and a word on it for the record."""
    campaign, now = services.campaign_of(view), services.clock()
    if is_page(view.number):
        return _nobody_for_browser(view, campaign, effect, now)
    roster = await standings(services.record, campaign, now, handoff_id=handoff_id(effect))
    if effect.call is None:
        agent = addressee(view, campaign, roster, now)
        return ([await _card(services, cid, view, effect, agent)], agent.name) if agent else ([], "nobody fits")
    if not is_up(view, effect.call):
        return [], "the lead has left"
    tried = _tried(view, effect)
    while effect.attempt <= campaign.routing.tries:
        found = route(view, campaign, roster, now, tried)
        if found.agent is None:
            break
        if await claim(services.record, found.agent, cid, handoff_id(effect), now):
            return await _ask(services, cid, view, effect, found.agent), found.agent.name
        roster = _without(roster, found.agent)  # another lead was quicker
    why = _reason(campaign, roster, view, now, tried)
    log.info("nobody free", conversation=cid, reason=why)
    return [nobody(effect, effect.call, why, offer(view, campaign, now), now)], why


def _nobody_for_browser(view: View, campaign: Campaign, effect: FindAgent, now: datetime) -> tuple[list[Event], str]:
    """A browser cannot join a carrier's conference, and nobody is to be rung for somebody who tries the page out."""
    why = "a browser cannot be put through"
    return ([nobody(effect, effect.call, why, offer(view, campaign, now), now)] if effect.call else []), why


def _tried(view: View, effect: FindAgent) -> tuple[str, ...]:
    handoff = view.handoff
    return handoff.tried if handoff is not None and handoff.search == effect.search else ()


def _without(roster: list[Standing], agent: HumanAgent) -> list[Standing]:
    return [Standing(one.agent, one.available, True, one.last_engaged) if one.agent == agent else one for one in roster]


def _reason(campaign: Campaign, roster: list[Standing], view: View, now: datetime, tried: tuple[str, ...]) -> str:
    """The commonest reason why those who could ever take him cannot now: what the lead is told follows from it."""
    barred = Counter(route(view, campaign, roster, now, tried).barred.values())
    passing = [bar for bar in (Bar.TRIED, Bar.BUSY, Bar.AWAY, Bar.HOURS) if barred[bar]]
    return (passing or [Bar.LICENCE])[0].value


async def _ask(services: Services, cid: str, view: View, effect: FindAgent, agent: HumanAgent) -> list[Event]:
    assert effect.call is not None, "nobody is rung for a text"
    now = services.clock()
    summary = summarise(view, services.campaign_of(view), await services.record.log(cid))
    card = card_with(summary.card, link(services, cid, agent, now))
    return requested(effect, effect.call, agent, card, summary.whisper, now)


async def _card(services: Services, cid: str, view: View, effect: FindAgent, agent: HumanAgent) -> Event:
    """Who asks for a person by text is called back by one: he gets the card, nobody's telephone rings."""
    now = services.clock()
    # While he has another lead on the line what he texts is about that one.
    await claim(services.record, agent, cid, handoff_id(effect), now, rings=False)
    summary = summarise(view, services.campaign_of(view), await services.record.log(cid))
    card = card_with(summary.card, link(services, cid, agent, now))
    brief = BriefAgent(handoff=effect.search, to=agent.number, body=card)
    return EffectRequested(id=f"brief:{effect.search}", at=now, effect=brief, due=now)
