"""A campaign that too many people stop pauses by itself, and goes on when a person says so."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from structlog.testing import capture_logs
from telephony_kit import ARRIVED, BRAND, CAMPAIGN, CONSENT, NOW, TestServices, open_services, until_quiet

from agent.campaign import Alarm
from agent.gate.gate import Permit, Refusal, decide
from agent.gate.registers import Registers
from state.effects import PermitKind
from state.events import (
    Channel,
    Event,
    Paused,
    Resumed,
    Suppressed,
    TextReceived,
    TextSent,
    campaign_log_id,
    conversation_id,
)
from state.fold import fold_all
from state.store import Record
from state.view import View
from telephony.outreach.halts import Halts
from telephony.outreach.planning import think

pytestmark = pytest.mark.anyio

ALARMED = CAMPAIGN.model_copy(update={"alarm": Alarm(of_at_least=10, opt_out_percent=25, complaint_percent=40)})
OWN = campaign_log_id(CAMPAIGN.id)


@pytest.fixture
async def server(record: Record, valkey_url: str) -> AsyncIterator[TestServices]:
    """The server on an empty record, with an alarm for few people."""
    async with open_services(record, valkey_url, campaign=ALARMED) as services:
        yield services


async def contacted(server: TestServices, n: int, said: str = "") -> None:
    """The n-th lead was texted; and answered by a stop, if he said anything."""
    number = f"+1312555{n:04d}"
    sent = TextSent(id=f"sms:SMo{n}", at=NOW, sid=f"SMo{n}", effect="e", body="Hi", permit=PermitKind.INITIATE)
    stop: list[Event] = [
        TextReceived(id=f"sms:SM{n}", at=NOW, sid=f"SM{n}", body=said),
        Suppressed(id=f"stop:{n}", at=NOW, reason="opt_out", channel=Channel.SMS, words=said, detector="keyword"),
    ]
    cid = conversation_id(BRAND, number)
    arrived = ARRIVED.model_copy(update={"number": number})
    await server.record.append(cid, arrived, CONSENT, sent, *(stop if said else []))
    await think(server.services, cid)


async def test_too_many_opt_outs_pause_the_campaign_once(server: TestServices) -> None:
    """Not before enough people were contacted, nor for few; the log says why."""
    for n in range(3):
        await contacted(server, n, "stop")
    for n in range(3, 12):
        await contacted(server, n)
    assert (await server.record.view(OWN)).paused is None
    await contacted(server, 12, "stop")
    why = (await server.record.view(OWN)).paused
    assert why == "4 opt-outs of 13 people contacted, the limit is 25 %"
    await contacted(server, 13, "stop")
    assert (await server.record.view(OWN)).version == 1
    halts = Halts(server.record, [CAMPAIGN.id, "another"])
    await halts.look()
    assert dict(halts.paused) == {CAMPAIGN.id: why}


async def test_the_log_of_a_paused_campaign_has_no_plan(server: TestServices) -> None:
    """It is nobody's: it is let be, without an alarm for a campaign whose file is gone."""
    await server.record.append(OWN, Paused(id="paused:0", at=NOW, by="too many"))
    with capture_logs() as logs:
        await think(server.services, OWN)
    assert logs == []
    assert await server.record.plan_hint(OWN) is None


async def test_what_counted_before_it_was_resumed_counts_no_more(server: TestServices) -> None:
    """Somebody has looked into that."""
    for n in range(10):
        await contacted(server, n, "stop")
    assert (await server.record.view(OWN)).paused
    await server.record.append(OWN, Resumed(id="resumed:1", at=NOW + timedelta(minutes=1), by="Dana"))
    await contacted(server, 10, "stop")
    assert (await server.record.view(OWN)).paused is None


def test_complaints_have_a_limit_of_their_own() -> None:
    """A lower one, and it is what is told."""
    alarm = Alarm()
    assert alarm.why(contacted=49, stopped=49, complained=49) is None
    assert alarm.why(contacted=100, stopped=5, complained=1) is None
    assert alarm.why(contacted=100, stopped=6, complained=2) == "6 opt-outs of 100 people contacted, the limit is 5 %"
    assert "3 complaints" in str(alarm.why(contacted=100, stopped=6, complained=3))


@pytest.mark.parametrize("permit", list(PermitKind))
def test_the_gate_refuses_what_is_not_an_answer(permit: PermitKind) -> None:
    """By a rule that names it; and only for that campaign."""
    view = fold_all(View(), [ARRIVED, CONSENT, TextReceived(id="sms:1", at=NOW, sid="SM1", body="hi")])
    for paused in ({"insurance": "6 opt-outs"}, {"lending": "6 opt-outs"}):
        answer = decide(view, CAMPAIGN, Channel.SMS, permit, NOW, registers=Registers(paused=paused))
        refused = isinstance(answer, Refusal) and answer.rule == "paused"
        ours = "insurance" in paused
        reacts = permit in {
            PermitKind.REPLY_TO_LEAD,
            PermitKind.OPT_OUT_CONFIRMATION,
            PermitKind.HELP,
            PermitKind.STAFF,
        }
        assert refused is (ours and not reacts)
        if refused:
            assert (answer.reason, answer.why) == ("campaign_paused", "6 opt-outs")


async def test_a_lead_of_a_paused_campaign_waits(server: TestServices) -> None:
    """He is taken in, and nothing goes out; once it is resumed, his first text does."""
    from dataclasses import replace

    from telephony.wake import wake_for_plan

    cid = conversation_id(BRAND, ARRIVED.number)
    await server.record.append(cid, ARRIVED, CONSENT)
    paused = replace(server.services, registers=lambda: Registers(paused={"insurance": "too many"}))
    await think(paused, cid)
    assert (await server.record.view(cid)).outbox == {}
    assert await server.record.plan_hint(cid) is not None
    await wake_for_plan(server.services, cid, server.clock())
    await until_quiet(server.services)
    assert len(server.carrier.texts) == 1
    assert isinstance(
        decide(await server.record.view(cid), CAMPAIGN, Channel.SMS, PermitKind.STAFF, NOW, to="+13125550177"), Permit
    )
