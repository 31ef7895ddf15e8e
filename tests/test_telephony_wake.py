"""Wake-ups: they follow from what was appended, and the record never waits for them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest
from docket import Docket
from redis.exceptions import RedisClusterException
from structlog.testing import capture_logs
from telephony_kit import CID, LEAD, NOW, TestServices, open_services

from state.effects import PermitKind, SendText
from state.events import EffectRequested, TextReceived
from state.store import Record
from telephony import wake as waking
from telephony.services import Services
from telephony.wake import DELIVER, PLAN, commit

pytestmark = pytest.mark.anyio

TEXT = SendText(permit=PermitKind.REPLY_TO_LEAD, to=LEAD, body="Totally get it!")
ASKED = EffectRequested(id="e1", at=NOW, effect=TEXT, due=NOW)
LATER = EffectRequested(id="e2", at=NOW, effect=TEXT, due=NOW + timedelta(hours=1))
WROTE = TextReceived(id="sms:SM1", at=NOW, sid="SM1", body="Yeah I am, just been busy")


@pytest.fixture
async def server(record: Record, valkey_url: str) -> AsyncIterator[TestServices]:
    """Services on an empty record."""
    async with open_services(record, valkey_url) as services:
        yield services


async def scheduled(server: TestServices) -> set[str]:
    """Keys of the tasks that wait."""
    snapshot = await server.services.docket.snapshot()
    return {task.key for task in snapshot.future}


async def test_an_effect_is_woken_for_when_it_is_due(server: TestServices) -> None:
    """Each effect has one wake-up, at its business time; asked for again it is replaced."""
    for _ in range(2):
        await commit(server.services, CID, LATER)
    assert await scheduled(server) == {f"{DELIVER}:{CID}:e2"}


async def test_what_changes_the_plan_has_it_made_anew(server: TestServices) -> None:
    """A text of the lead's calls for a new plan; one whose answer is asked for beside it waits for that."""
    await commit(server.services, CID, WROTE, ASKED)
    assert await scheduled(server) == {f"{DELIVER}:{CID}:e1"}
    await commit(server.services, CID, WROTE)
    assert await scheduled(server) == {f"{DELIVER}:{CID}:e1", f"{PLAN}:{CID}"}


class Elsewhere:
    """A queue that cannot be reached; each attempt ends as `attempt` does."""

    def __init__(self, attempt: Callable[[], object]) -> None:
        self._attempt = attempt

    def replace(self, *_: object) -> Callable[..., object]:
        """Takes a wake-up."""

        async def lost(*_: object) -> None:
            result = self._attempt()
            if isinstance(result, Exception):
                raise result
            await asyncio.Event().wait()

        return lost


def without_queue(server: TestServices, attempt: Callable[[], object]) -> Services:
    """The services, with that queue."""
    return replace(server.services, docket=cast(Docket, Elsewhere(attempt)))


@pytest.mark.parametrize("error", [ConnectionRefusedError("no"), RedisClusterException("no node is reachable")])
async def test_a_wake_up_that_fails_does_not_fail_the_append(server: TestServices, error: Exception) -> None:
    """The event is in the record and hinted at: the sweeper will find it."""
    with capture_logs() as logs:
        await commit(without_queue(server, lambda: error), CID, ASKED)
    assert [entry["event"] for entry in logs] == ["wake-up lost, the sweeper will find it"]
    assert await server.record.due(NOW) == [(CID, "e1")]


async def test_a_wake_up_that_hangs_is_given_up(server: TestServices, monkeypatch: pytest.MonkeyPatch) -> None:
    """A queue that does not answer holds up nobody who has more to write."""
    monkeypatch.setattr(waking, "WAKE_SECONDS", 0.01)
    with capture_logs() as logs:
        appended = await commit(without_queue(server, lambda: None), CID, ASKED, WROTE)
    assert appended.added == ("e1", "sms:SM1")
    assert [entry["error"] for entry in logs] == ["TimeoutError"]
