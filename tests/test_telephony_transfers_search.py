"""Finding a person: one is asked at a time, each for one lead, and who is left with nobody hears why."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from telephony_kit import ARRIVED, BRAND, CALL, CAMPAIGN, CID, CONSENT, NOW, TestServices, open_services

from agent.campaign import HumanAgent
from agent.handoff import Cause, advanced, sought
from state.effects import BriefAgent, FindAgent, HandoffStep, PermitKind, RingAgent
from state.events import CallConnected, CallPlaced, CallStatus, Event, conversation_id, staff_log_id
from state.store import Record
from telephony.transfers import search

pytestmark = pytest.mark.anyio

SARAH, MIKE = HumanAgent(name="Sarah", number="+13125550177"), HumanAgent(name="Mike", number="+13125550178")
TWO = CAMPAIGN.model_copy(update={"agents": (SARAH, MIKE)})
UP: list[Event] = [
    CallPlaced(id="placed", at=NOW, call=CALL, effect="d", permit=PermitKind.INITIATE),
    CallConnected(id="connected:MZ1", at=NOW, call=CALL, stream="MZ1"),
]
HUNG_UP = CallStatus(id="over", at=NOW, call=CALL, status="completed", sequence=9)


@pytest.fixture
async def server(record: Record, valkey_url: str) -> AsyncIterator[TestServices]:
    """Services with two people who take calls."""
    async with open_services(record, valkey_url, campaign=TWO) as services:
        yield services


async def find(server: TestServices, *events: Event, call: str | None = CALL, cid: str = CID, attempt: int = 1) -> str:
    """Does one attempt for a lead; returns what the record says of it."""
    wanted = sought(f"s-{cid[:4]}", call, NOW, attempt=attempt)
    assert isinstance(wanted.effect, FindAgent)
    await server.record.append(cid, *events, wanted)
    assert await search.find(server.services, cid, wanted.id, wanted.effect) is None
    log = [event for _, event in await server.record.log(cid)]
    return next(event.detail for event in reversed(log) if event.kind == "effect_settled")


async def asked(server: TestServices, cid: str = CID) -> list[str]:
    """Whose telephones are to ring."""
    outbox = (await server.record.view(cid)).outbox.values()
    return [waiting.effect.agent for waiting in outbox if isinstance(waiting.effect, RingAgent)]


async def test_one_person_is_asked_with_his_card(server: TestServices) -> None:
    """He is claimed in his own log; done again, the attempt asks nobody twice."""
    assert await find(server, ARRIVED, CONSENT, *UP) == "Sarah"
    view = await server.record.view(CID)
    assert await asked(server) == ["Sarah"]
    assert [one.effect.to for one in view.outbox.values() if isinstance(one.effect, BriefAgent)] == [SARAH.number]
    assert (await server.record.view(staff_log_id(SARAH.number))).duty.conversation == CID
    again = sought(f"s-{CID[:4]}", CALL, NOW)
    assert isinstance(again.effect, FindAgent)
    await search.find(server.services, CID, again.id, again.effect)
    assert (await server.record.view(CID)).version == view.version


async def test_two_leads_at_once_get_two_people_and_a_third_hears_that_they_are_busy(server: TestServices) -> None:
    """A claim is one lead's: the next in line is asked, and then there is none."""
    found = []
    for n in range(3):
        number = f"+1312555016{n}"
        cid = conversation_id(BRAND, number)
        found.append(await find(server, ARRIVED.model_copy(update={"number": number}), CONSENT, *UP, cid=cid))
    assert found == ["Sarah", "Mike", "with somebody else"]
    handoff = (await server.record.view(cid)).handoff
    assert handoff is not None
    assert (handoff.step, handoff.offer is not None) == (HandoffStep.NOBODY_FREE, True)


async def test_who_declined_is_not_asked_again(server: TestServices) -> None:
    """The second attempt of the same search goes to the other."""
    await find(server, ARRIVED, CONSENT, *UP)
    handoff = (await server.record.view(CID)).handoff
    assert handoff is not None
    declined = advanced(handoff.model_copy(update={"step": HandoffStep.BRIEFING}), Cause.REFUSED, NOW)
    assert declined is not None
    assert await find(server, declined, attempt=2) == "Mike"


async def test_nobody_is_rung_for_a_lead_who_has_left(server: TestServices) -> None:
    """The search was asked for while he was there."""
    assert await find(server, ARRIVED, CONSENT, *UP, HUNG_UP) == "the lead has left"
    assert await asked(server) == []


async def test_for_a_texted_wish_the_card_goes_out_and_nobody_is_rung(server: TestServices) -> None:
    """He is called back by whom it names, and who texts us then what came of him."""
    assert await find(server, ARRIVED, CONSENT, call=None) == "Sarah"
    view = await server.record.view(CID)
    assert [waiting.effect.kind for waiting in view.outbox.values()] == ["brief_agent"]
    assert (await server.record.view(staff_log_id(SARAH.number))).duty.conversation == CID


async def test_a_card_changes_nothing_for_who_has_somebody_on_the_line(server: TestServices) -> None:
    """What she texts is about that one."""
    await find(server, ARRIVED, CONSENT, *UP)
    server.clock.advance(minutes=1)
    number = "+13125550160"
    cid, alone = conversation_id(BRAND, number), TWO.model_copy(update={"agents": (SARAH,)})
    services = replace(server.services, campaigns={alone.id: alone})
    wanted = sought("s2", None, NOW)
    await server.record.append(cid, ARRIVED.model_copy(update={"number": number}), CONSENT, wanted)
    assert isinstance(wanted.effect, FindAgent)
    await search.find(services, cid, wanted.id, wanted.effect)
    assert len((await server.record.view(cid)).outbox) == 1
    assert (await server.record.view(staff_log_id(SARAH.number))).duty.conversation == CID
