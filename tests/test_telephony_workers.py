"""The workers: what is asked for gets done, once, also when a wake-up is lost."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from telephony_kit import CALL, CID, LEAD, NOW, TestServices, open_services, until_quiet

from state.effects import Answer, HandoffStep, PermitKind, SendText
from state.events import (
    CallConnected,
    CallEnded,
    CallPlaced,
    EffectRequested,
    EffectSettled,
    EffectStarted,
    HandoffAdvanced,
    TextReceived,
)
from state.store import Record
from telephony.wake import commit
from telephony.workers import OVERDUE_AFTER, REDELIVERY, SWEEP_EVERY, SWEPT_AT_ONCE, Workers, new_worker, running

pytestmark = pytest.mark.anyio

TEXT = SendText(permit=PermitKind.REPLY_TO_LEAD, to=LEAD, body="Totally get it!")
WROTE = TextReceived(id="sms:SM1", at=NOW, sid="SM1", body="Yeah I am, just been busy")
ASKED = EffectRequested(id="e1", at=NOW, effect=TEXT, due=NOW)
TO_ANSWER = EffectRequested(id="answer:SM1", at=NOW, effect=Answer(text_id="sms:SM1"), due=NOW)


@pytest.fixture
async def server(record: Record, valkey_url: str) -> AsyncIterator[TestServices]:
    """Services on an empty record."""
    async with open_services(record, valkey_url) as services:
        yield services


async def work(server: TestServices) -> None:
    """Lets a worker do everything that is due, and what follows from it."""
    await until_quiet(server.services)


async def test_what_is_asked_for_is_done(server: TestServices) -> None:
    """An append through `commit` wakes a worker."""
    await server.lead(WROTE)
    await commit(server.services, CID, ASKED)
    await work(server)
    assert [text["body"] for text in server.carrier.texts] == [TEXT.body]
    assert await server.record.hints() == []


async def test_asking_twice_does_it_once(server: TestServices) -> None:
    """However often the wake-up comes."""
    await server.lead(WROTE)
    for _ in range(3):
        await commit(server.services, CID, ASKED)
    await work(server)
    await commit(server.services, CID, ASKED)
    await work(server)
    assert len(server.carrier.texts) == 1


async def test_a_text_is_answered(server: TestServices) -> None:
    """From the inbound text to the carrier, through both tasks, in one conversation."""
    await server.lead()
    await commit(server.services, CID, WROTE, TO_ANSWER)
    await work(server)
    assert [text["to"] for text in server.carrier.texts] == [LEAD]
    assert (await server.record.view(CID)).thread[-1].who == "persona"


async def test_a_reply_goes_out_without_another_wake_up(server: TestServices) -> None:
    """Whoever thought of it sends it, once, though the sweeper wakes another for it."""
    await server.lead()
    await server.record.append(CID, WROTE, TO_ANSWER)
    await Workers(server.services).deliver(CID, TO_ANSWER.id)
    assert [text["to"] for text in server.carrier.texts] == [LEAD]
    await Workers(server.services).deliver(CID, f"reply:{WROTE.id}")
    assert len(server.carrier.texts) == 1
    assert await server.record.hints() == []


async def test_what_a_call_did_not_come_to_is_answered_by_text_when_it_is_over(server: TestServices) -> None:
    """It was left to the call, and owed all the time."""
    await server.lead(
        CallPlaced(id="p", at=NOW, call=CALL, effect="d", permit=PermitKind.INITIATE),
        CallConnected(id="c", at=NOW, call=CALL, stream="MZ1"),
        WROTE,
        TO_ANSWER,
    )
    await Workers(server.services).deliver(CID, TO_ANSWER.id)
    (later,) = (await server.services.docket.snapshot()).future
    assert later.key == f"deliver:{CID}:{TO_ANSWER.id}"
    await server.record.append(CID, CallEnded(id="ended:MZ1", at=NOW, call=CALL, cause="lead_hung_up", heard_ms=1))
    await Workers(server.services).plan(CID)
    waiting = (await server.services.docket.snapshot()).future
    assert all(task.when <= datetime.now(UTC) for task in waiting)
    await work(server)
    assert [text["to"] for text in server.carrier.texts] == [LEAD]


async def test_a_lost_wake_up_is_made_up_by_the_sweeper(server: TestServices) -> None:
    """The process died between its append and its wake-up."""
    await server.lead(WROTE, ASKED)
    await work(server)
    assert server.carrier.texts == []
    server.clock.now = NOW + OVERDUE_AFTER
    await Workers(server.services).sweep()
    await work(server)
    assert len(server.carrier.texts) == 1


async def test_the_sweeper_leaves_what_is_on_its_way(server: TestServices) -> None:
    """An effect that has just become due has its own wake-up."""
    await server.lead(WROTE, ASKED)
    await Workers(server.services).sweep()
    await work(server)
    assert server.carrier.texts == []


async def test_the_sweeper_wakes_one_after_the_other(server: TestServices) -> None:
    """Over the time until its next round: hundreds at once would keep waiting who texts meanwhile."""
    people = [f"c{n}" for n in range(3)]
    for cid in people:
        await server.record.append(cid, WROTE)
    server.clock.now = NOW + 2 * OVERDUE_AFTER
    await Workers(server.services).sweep()
    snapshot = await server.services.docket.snapshot()
    woken = sorted(task.when for task in snapshot.future if task.key.startswith("plan:"))
    assert [later - woken[0] for later in woken] == [n * SWEEP_EVERY / SWEPT_AT_ONCE for n in range(3)]


async def test_the_sweeper_forgets_what_is_settled(server: TestServices) -> None:
    """A hint without its effect is a left-over of a crash."""
    await server.lead(
        ASKED, EffectSettled(id="e1:settled", at=NOW, effect="e1", outcome="cancelled"), *_stale("e2", "e3")
    )
    server.clock.advance(minutes=5)
    await Workers(server.services).sweep()
    assert await server.record.hints() == []
    assert server.carrier.texts == []


def _stale(*effects: str) -> list[EffectRequested | EffectSettled]:
    return [
        event
        for effect in effects
        for event in (
            ASKED.model_copy(update={"id": effect}),
            EffectSettled(id=f"{effect}:settled", at=NOW, effect=effect, outcome="done"),
        )
    ]


async def test_a_claim_in_other_hands_is_looked_at_again_later(server: TestServices) -> None:
    """Not at once, and not never."""
    await server.lead(WROTE, ASKED, EffectStarted(id="e1:started", at=NOW, effect="e1", rule="reply_to_lead"))
    await Workers(server.services).deliver(CID, "e1")
    snapshot = await server.services.docket.snapshot()
    (later,) = snapshot.future
    assert later.key == f"deliver:{CID}:e1"
    assert later.when > datetime.now(UTC) + timedelta(seconds=50)
    assert (CID, "e1") not in await server.record.due(NOW + timedelta(seconds=50))


async def test_planning_lets_an_agent_go_whose_lead_has_left(server: TestServices) -> None:
    """The call's own account of its end is enough: no status callback needed."""
    ringing = HandoffAdvanced(
        id="handoff:h1:ringing", at=NOW, handoff="h1", step=HandoffStep.RINGING, call=CALL, agent_call="CAagent"
    )
    await server.lead(
        CallPlaced(id="p", at=NOW, call=CALL, effect="d", permit=PermitKind.INITIATE),
        ringing,
    )
    await commit(server.services, CID, CallEnded(id="ended:MZ1", at=NOW, call=CALL, cause="lead_hung_up", heard_ms=1))
    await work(server)
    assert server.carrier.ended == ["CAagent"]


async def test_no_plan_is_made_without_the_campaign(server: TestServices) -> None:
    """Its file is gone: nothing is sent in its name."""
    await server.lead()
    server.services.campaigns.pop("insurance")  # type: ignore[attr-defined]
    before = await server.record.log(CID)
    await Workers(server.services).plan(CID)
    assert await server.record.log(CID) == before


async def test_the_worker_runs_beside_the_server_and_stops_with_it(server: TestServices) -> None:
    """It is cancelled at the end of the block, and leaves nothing running."""
    async with running(server.services):
        await server.lead(WROTE)
        await commit(server.services, CID, ASKED)
        async for _, event in server.record.follow(CID, 0):
            if isinstance(event, EffectSettled):
                break
    assert len(server.carrier.texts) == 1


async def test_a_dead_workers_task_is_redelivered_soon(server: TestServices) -> None:
    """Ten seconds: a lead waits for an answer."""
    worker = new_worker(server.services.docket)
    assert worker.redelivery_timeout <= timedelta(seconds=10) == REDELIVERY
