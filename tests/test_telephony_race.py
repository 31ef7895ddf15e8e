"""The gate is asked again, and the attempt claimed, in one transaction: what lands in between wins."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest
from telephony_kit import ARRIVED, BRAND, CID, CONSENT, LEAD, NOW, TestServices, open_services

from state.effects import PermitKind, SendText
from state.events import (
    Channel,
    EffectRequested,
    EffectStarted,
    Event,
    Suppressed,
    TextSent,
    conversation_id,
)
from state.store import Appended, Record
from state.view import View
from telephony.door import Door

pytestmark = [pytest.mark.anyio, pytest.mark.alone]

STOPPED = Suppressed(id="stop", at=NOW, reason="opt_out", channel=Channel.SMS, words="stop", detector="keyword")


def text(number: str = LEAD) -> SendText:
    """A first text."""
    return SendText(permit=PermitKind.INITIATE, to=number, body="Hi Jordan, it's Ava.")


def asked(effect_id: str = "e1", number: str = LEAD) -> EffectRequested:
    """A request for it."""
    return EffectRequested(id=effect_id, at=NOW, effect=text(number), due=NOW)


@pytest.fixture
async def server(record: Record, valkey_url: str) -> AsyncIterator[TestServices]:
    """Services on an empty record."""
    async with open_services(record, valkey_url) as services:
        yield services


@pytest.fixture
async def other(valkey_url: str) -> AsyncIterator[Record]:
    """The record as another process has it: a connection of its own."""
    record = Record.connect(valkey_url)
    yield record
    await record.close()


async def nothing() -> None:
    """Nothing happens in between."""


def interrupt(
    record: Record, patch: pytest.MonkeyPatch, *, read: Callable[[], Awaitable[object]], claimed: Callable[[], object]
) -> None:
    """Lets something happen right after the view was read, and right after a claim was written."""
    view, append = record.view, record.append

    async def viewed(cid: str) -> View:
        seen = await view(cid)
        await read()
        return seen

    async def appended(cid: str, *events: Event, expect: int | None = None, vouched: bool = False) -> Appended:
        done = await append(cid, *events, expect=expect, vouched=vouched)
        if any(isinstance(event, EffectStarted) for event in events):
            claimed()
        return done

    patch.setattr(record, "view", viewed)
    patch.setattr(record, "append", appended)


async def test_a_stop_from_another_process_between_decision_and_claim_wins(
    server: TestServices, other: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The permit was given on a version that is no more: the claim fails, and the second look finds nothing to do."""
    await server.lead(asked())

    async def stop() -> None:
        await other.append(CID, STOPPED)

    interrupt(server.record, monkeypatch, read=stop, claimed=lambda: pytest.fail("claimed over a STOP"))
    assert await Door(server.services).carry_out(CID, "e1") is None
    assert server.carrier.texts == []
    view = await other.view(CID)
    assert (view.suppressed, view.outbox, view.touches) == (True, {}, ())


async def test_without_a_stop_the_same_steps_send(server: TestServices, monkeypatch: pytest.MonkeyPatch) -> None:
    """The interruption itself stops nothing."""
    claims: list[int] = []
    await server.lead(asked())
    interrupt(server.record, monkeypatch, read=nothing, claimed=lambda: claims.append(1))
    await Door(server.services).carry_out(CID, "e1")
    assert (len(server.carrier.texts), claims) == (1, [1])


async def test_the_claim_says_what_it_was_decided_on(server: TestServices) -> None:
    """Edition of the rules, states, local time, consent: on the record before anything goes out."""
    await server.lead(asked())
    await Door(server.services).carry_out(CID, "e1")
    (claim,) = [event for _, event in await server.record.log(CID) if isinstance(event, EffectStarted)]
    assert claim.rule == "initiate"
    assert claim.evidence["states"] == ["IL"]
    assert claim.evidence["local_times"] == {"America/Chicago": "2026-11-18T14:05-06:00"}
    assert claim.evidence["consent"] == CONSENT.id
    assert claim.evidence["version"] == 3


async def test_an_attempt_under_way_takes_its_place_under_the_cap(server: TestServices, other: Record) -> None:
    """While the third text of the day is with the carrier, another worker finds no room for a fourth."""
    made = [
        TextSent(
            id=f"t{n}", at=NOW - timedelta(hours=n), sid=f"SM{n}", effect="-", body="Hi", permit=PermitKind.INITIATE
        )
        for n in (20, 10)
    ]
    await server.lead(*made, asked("e1"), asked("e2"))

    async def meanwhile() -> None:
        await Door(server.services).carry_out(CID, "e2")

    server.carrier.before = meanwhile
    await Door(server.services).carry_out(CID, "e1")
    assert len(server.carrier.texts) == 1
    details = [getattr(event, "detail", "") for _, event in await other.log(CID)]
    assert "attempts: attempts_cap" in details


# Two processes --------------------------------------------------------------------------------------------------------

PEOPLE = [f"+1312555{n:04}" for n in range(101, 161)]

STOPPER = """
import asyncio, sys
from datetime import datetime
from state.events import Channel, Suppressed
from state.store import Record

async def main():
    record = Record.connect(sys.argv[1])
    await record.ping()
    now = datetime.fromisoformat(sys.argv[2])
    stop = Suppressed(id="stop", at=now, reason="opt_out", channel=Channel.SMS, words="stop", detector="keyword")
    print("ready", flush=True)
    sys.stdin.readline()
    for cid in sys.argv[3:]:
        await record.append(cid, stop)
    await record.close()

asyncio.run(main())
"""


async def test_no_claim_follows_a_stop_whoever_is_faster(server: TestServices, valkey_url: str) -> None:
    """Another process stops sixty leads while this one texts them: each log has the claim before the stop, or none."""
    cids = [conversation_id(BRAND, number) for number in PEOPLE]
    for cid, number in zip(cids, PEOPLE, strict=True):
        arrived = ARRIVED.model_copy(update={"number": number})
        await server.record.append(cid, arrived, CONSENT, asked(number=number))
    stopper = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", STOPPER, valkey_url, NOW.isoformat(), *cids),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert stopper.stdin is not None
    assert stopper.stdout is not None
    assert await stopper.stdout.readline() == b"ready\n"
    stopper.stdin.write(b"\n")
    door = Door(server.services)
    await asyncio.gather(*(door.carry_out(cid, "e1") for cid in cids))
    assert await stopper.wait() == 0
    sent = {text["to"] for text in server.carrier.texts}
    for cid, number in zip(cids, PEOPLE, strict=True):
        order = [event.kind for _, event in await server.record.log(cid)]
        claimed = "effect_started" in order
        assert claimed is (number in sent)
        assert not claimed or order.index("effect_started") < order.index("suppressed")
