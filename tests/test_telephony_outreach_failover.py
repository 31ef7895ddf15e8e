"""A Redis that lost its newest writes: what the carrier's lists have is brought back before it could be done twice."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from telephony_kit import BRAND, CID, LEAD, NOW, OURS, TestServices, open_services
from virtual_days import act

from state.events import CallStatus, EffectSettled, EffectStarted, TextReceived, TextSent, conversation_id
from state.store import Record
from telephony.carrier import CarrierError, PlacedCall, SentText
from telephony.outreach import failover
from telephony.workers import Workers

pytestmark = pytest.mark.anyio


@pytest.fixture
async def server(record: Record, valkey_url: str) -> AsyncIterator[TestServices]:
    """Services on an empty record that was looked at once."""
    async with open_services(record, valkey_url) as services:
        await failover.check(services.services)
        yield services


async def lose_tail(server: TestServices, *kinds: type) -> None:
    """Another Redis takes over that has not heard of the last events, from the first of these kinds on."""
    log = [event for _, event in await server.record.log(CID)]
    first = next(n for n, event in enumerate(log) if isinstance(event, kinds))
    await server.record._redis.delete(*[f"segue:{{{CID}}}:{part}" for part in ("log", "seen", "view")])
    await server.record.append(CID, *log[:first])
    await server.record.vouch_for("another")


async def test_a_text_whose_sending_was_forgotten_is_not_sent_again(server: TestServices) -> None:
    """The claim, the text and its end are lost; the request is left, due, and would go out anew."""
    await server.lead()
    await act(server)
    await lose_tail(server, EffectStarted)
    assert (await server.record.view(CID)).thread == ()
    assert await failover.check(server.services) == 1
    await act(server)
    assert len(server.carrier.texts) == 1
    view = await server.record.view(CID)
    assert [line.text for line in view.thread] == [server.carrier.texts[0]["body"]]
    assert view.outbox == {}


async def test_a_leads_text_that_was_forgotten_is_taken_in_and_answered(server: TestServices) -> None:
    """Twilio had its 200; nobody but the list still knows of it."""
    await server.lead()
    await act(server)
    server.carrier.inbound.append(SentText("SMlost", LEAD, "yeah I am", "received", NOW, OURS))
    await server.record.vouch_for("another")
    assert await failover.check(server.services) == 1
    await act(server)
    log = [event for _, event in await server.record.log(CID)]
    assert [event.sid for event in log if isinstance(event, TextReceived)] == ["SMlost"]
    assert len([event for event in log if isinstance(event, TextSent)]) == 2
    assert [event.outcome for event in log if isinstance(event, EffectSettled)].count("done") >= 2


async def test_a_leads_call_that_was_forgotten_is_on_record_again(server: TestServices) -> None:
    """Also where only a report of its end is there; one that is up has yet to end. Looked for twice, there once."""
    await server.lead(CallStatus(id="call:CAheard:9", at=NOW, call="CAheard", status="completed", sequence=9))
    stranger = "+13125550143"
    server.carrier.placed = [
        PlacedCall("CAheard", LEAD, "completed", NOW, OURS),
        PlacedCall("CAover", LEAD, "completed", NOW, OURS),
        PlacedCall("CAup", stranger, "in-progress", NOW, OURS),
    ]
    for found in (3, 0):
        await server.record.vouch_for("another")
        assert await failover.check(server.services) == found
    calls = (await server.record.view(CID)).calls
    assert {sid: (call.direction, call.ended) for sid, call in calls.items()} == {
        "CAheard": ("inbound", True),
        "CAover": ("inbound", True),
    }
    view = await server.record.view(conversation_id(BRAND, stranger))
    assert (view.source, view.calls["CAup"].ended) == ("inbound_call", False)


async def test_nothing_is_looked_for_in_a_history_that_goes_on(server: TestServices) -> None:
    """And once it was looked for, it is not again."""
    assert await failover.check(server.services) is None
    await server.record.vouch_for("another")
    assert await failover.check(server.services) == 0
    assert await failover.check(server.services) is None


async def test_lists_that_cannot_be_read_are_read_later(server: TestServices) -> None:
    """The history is not vouched for until they were."""
    await server.record.vouch_for("another")
    server.carrier.fails = CarrierError("no answer")
    assert await failover.check(server.services) is None
    assert await failover.check(server.services) == 0


async def test_the_claim_itself_notices(server: TestServices) -> None:
    """Nobody has to have looked since the other one took over: nothing is claimed there before the lists were read."""
    await server.lead()
    await act(server)
    await lose_tail(server, EffectStarted)
    (waiting,) = (await server.record.view(CID)).outbox
    workers = Workers(server.services)
    server.clock.now += timedelta(seconds=2)  # when it is the number's turn again
    server.carrier.fails = CarrierError("no answer")
    await workers.deliver(CID, waiting)
    assert (await server.record.view(CID)).outbox[waiting].started is False
    await workers.deliver(CID, waiting)
    view = await server.record.view(CID)
    assert ([line.text for line in view.thread], view.outbox) == ([server.carrier.texts[0]["body"]], {})
    assert len(server.carrier.texts) == 1
