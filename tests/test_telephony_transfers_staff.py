"""What people who take calls text to our number."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from telephony_kit import CAMPAIGN, CID, LEAD, NOW, OURS, SARAH, TestServices, open_services

from state.events import AgentEngaged, HandoffReported, Promised, TextReceived, conversation_id, staff_log_id
from state.store import Record
from telephony.transfers import staff
from telephony.transfers.roster import claim, standings
from telephony.workers import Workers

pytestmark = pytest.mark.anyio

LOG = staff_log_id(SARAH)
AGENT = CAMPAIGN.agents[0]


@pytest.fixture
async def server(record: Record, valkey_url: str) -> AsyncIterator[TestServices]:
    """Services on an empty record."""
    async with open_services(record, valkey_url) as services:
        yield services


async def text(server: TestServices, body: str, sid: str = "SM" + "4" * 32, sender: str = SARAH) -> None:
    """Somebody texts our number; what is to be sent is sent."""
    async with server.client() as client:
        answer = await client.twilio("/twilio/sms", MessageSid=sid, From=sender, To=OURS, Body=body)
    assert answer.status_code == 200
    for cid in (LOG, CID):
        for effect in (await server.record.view(cid)).outbox:
            await Workers(server.services).deliver(cid, effect)


async def chosen(server: TestServices) -> None:
    """Sarah was put through to Jordan."""
    await server.lead()
    engaged = AgentEngaged(id="engaged:h", at=NOW, conversation=CID, handoff="h")
    await server.record.append(LOG, engaged)


async def test_an_agent_goes_off_and_on(server: TestServices) -> None:
    """By a text; a line comes back each time, and a repeated webhook changes nothing."""
    await text(server, "Off", "SM" + "1" * 32)
    await text(server, "Off", "SM" + "1" * 32)
    [away] = await standings(server.record, CAMPAIGN, NOW)
    await text(server, "on", "SM" + "2" * 32)
    [back] = await standings(server.record, CAMPAIGN, NOW)
    assert (away.available, back.available) == (False, True)
    assert [(sent["to"], sent["body"]) for sent in server.carrier.texts] == [(SARAH, staff.OFF), (SARAH, staff.ON)]


async def test_an_agents_text_is_no_leads(server: TestServices) -> None:
    """Nobody becomes a lead by working here; a lead who writes "on" is answered as one."""
    await text(server, "sold")
    assert (await server.record.view(conversation_id(CAMPAIGN.brand, SARAH))).version == 0
    assert server.carrier.texts[-1]["body"] == staff.UNKNOWN
    await text(server, "on", sender=LEAD)
    assert any(isinstance(event, TextReceived) for _, event in await server.record.log(CID))


async def test_what_came_of_a_lead_joins_his_record(server: TestServices) -> None:
    """Outcome and notes, masked, with whoever said so."""
    await chosen(server)
    await text(server, "Sold! His card is 4111 1111 1111 1111")
    [report] = [event for _, event in await server.record.log(CID) if isinstance(event, HandoffReported)]
    assert (report.agent, report.outcome, report.by) == ("Sarah", "sold", "text")
    assert "4111" not in report.notes
    assert (await server.record.view(CID)).reports[-1].outcome == "sold"
    assert server.carrier.texts[-1]["body"] == "Noted for Jordan: sold."


async def test_a_call_back_is_a_promise(server: TestServices) -> None:
    """ "Friday at 3" is the lead's Friday, in his zone."""
    await chosen(server)
    await text(server, "call back friday at 3")
    [promise] = [event for _, event in await server.record.log(CID) if isinstance(event, Promised)]
    assert (promise.what, promise.due) == ("Sarah calls back", datetime(2026, 11, 20, 21, tzinfo=UTC))


async def test_one_lead_at_a_time_has_a_person(server: TestServices) -> None:
    """Two searches that choose the same one: the second is told, and so is its own repetition."""
    assert await claim(server.record, AGENT, CID, "h1", NOW)
    assert await claim(server.record, AGENT, CID, "h1", NOW)
    assert not await claim(server.record, AGENT, "another", "h2", NOW)
    [for_another] = await standings(server.record, CAMPAIGN, NOW, handoff_id="h2")
    [for_us] = await standings(server.record, CAMPAIGN, NOW, handoff_id="h1")
    assert (for_another.busy, for_us.busy) == (True, False)
