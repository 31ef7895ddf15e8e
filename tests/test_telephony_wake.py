"""Appends that wake the workers: what is woken by what, and when."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from telephony_kit import ARRIVED, CAMPAIGN, CID, CONSENT, LEAD, NOW, TestServices, open_services

from state.events import (
    EffectRequested,
    EffectSettled,
    EffectStarted,
    Event,
    FactLearned,
    PermitKind,
    SendText,
    TextReceived,
)
from state.store import Conflict, Record
from state.view import View, fold_all
from telephony.wake import commit, next_effect

pytestmark = pytest.mark.anyio

TEXT = SendText(permit=PermitKind.REPLY_TO_LEAD, to=LEAD, body="Totally get it!")
WROTE = TextReceived(id="sms:SM1", at=NOW, sid="SM1", body="Yeah I am, just been busy")
ASKED = EffectRequested(id="e1", at=NOW, effect=TEXT, due=NOW)
SETTLED = EffectSettled(id="e1:settled", at=NOW, effect="e1", outcome="done")


@pytest.fixture
async def server(record: Record, valkey_url: str) -> AsyncIterator[TestServices]:
    """Services on an empty record."""
    async with open_services(record, valkey_url) as services:
        yield services


async def woken(server: TestServices) -> set[str]:
    """Keys of the tasks that wait, now or for later."""
    snapshot = await server.services.docket.snapshot()
    return {execution.key for execution in snapshot.future}


@pytest.mark.parametrize(
    ("events", "keys"),
    [
        ([ASKED], {f"deliver:{CID}:e1"}),
        ([WROTE], {f"plan:{CID}"}),
        ([SETTLED], {f"plan:{CID}"}),
        ([WROTE, ASKED], {f"deliver:{CID}:e1"}),
        ([FactLearned(id="f", at=NOW, key="product", value="home", source="sms:SM1")], set()),
        ([EffectStarted(id="s", at=NOW, effect="e1", rule="initiate")], set()),
    ],
)
async def test_an_append_wakes_what_it_calls_for(events: list[Event], keys: set[str], server: TestServices) -> None:
    """An effect wakes its delivery, news the plan; with an effect the plan waits until that has settled."""
    await commit(server.services, CID, *events)
    assert await woken(server) == keys


async def test_a_conflict_wakes_nobody(server: TestServices) -> None:
    """Nothing was appended."""
    await server.lead()
    with pytest.raises(Conflict):
        await commit(server.services, CID, ASKED, expect=0)
    assert await woken(server) == set()


async def test_business_time_is_turned_into_real_time(server: TestServices) -> None:
    """Due an hour from now by the business clock is due an hour from now by the wall."""
    wall = datetime.now(UTC)
    await commit(server.services, CID, ASKED.model_copy(update={"due": NOW + timedelta(hours=1)}))
    snapshot = await server.services.docket.snapshot()
    (later,) = snapshot.future
    assert abs(later.when - wall - timedelta(hours=1)) < timedelta(minutes=1)


async def test_an_append_stands_when_its_wake_up_fails(server: TestServices, monkeypatch: pytest.MonkeyPatch) -> None:
    """The record is the truth: the sweeper will find it there."""

    def refuse(*_: object) -> None:
        raise RedisConnectionError("gone")

    monkeypatch.setattr(server.services.docket, "replace", refuse)
    await server.lead(WROTE)
    appended = await commit(server.services, CID, ASKED)
    assert appended.added == ("e1",)


def test_the_plans_step_becomes_an_event() -> None:
    """A new lead is texted at once; one who is being texted is not planned for twice."""
    view = fold_all(View(), [ARRIVED, CONSENT])
    step = next_effect(view, CAMPAIGN, NOW)
    assert step is not None
    assert (step.effect.kind, step.due, step.at) == ("send_text", NOW, NOW)
    assert next_effect(fold_all(view, [step]), CAMPAIGN, NOW) is None
