"""Whether one more call may begin."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from telephony_kit import CALL, CID, LEAD, NOW, OURS, TestServices, open_services
from virtual_time import run

from state.effects import Dial, PermitKind
from state.events import EffectRequested
from state.store import Record
from telephony.carrier import CarrierError
from telephony.door import ROOM_AGAIN_AFTER, Door
from telephony.process.admission import ENGINES_LATE_MS, LOOP_LATE_MS, RESUME_SECONDS, Admission, Full, Lag, LoopLag

RINGING = {"CallSid": CALL, "From": LEAD, "To": OURS, "CallStatus": "ringing", "Direction": "inbound"}
OTHERS = "CA" + "9" * 32
DIAL = Dial(permit=PermitKind.REQUESTED_TIME, to=LEAD)


class Clock:
    """Seconds that stand until they are moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


# The slots -----------------------------------------------------------------------------------------------------------


def test_no_more_calls_than_slots() -> None:
    """The third of two is refused, and admitted once another is over."""
    admission = Admission(most=2, clock=Clock())
    assert [admission.admit(call, 60) for call in ("a", "b", "c")] == [None, None, Full.SLOTS]
    admission.release("a")
    assert admission.admit("c", 60) is None
    assert admission.taken == 2


def test_who_has_a_slot_keeps_it() -> None:
    """A webhook that is asked twice gets the same answer, and a late machine refuses nobody who is in."""
    lag = Lag()
    admission = Admission(most=1, lag=lambda: lag, clock=Clock())
    assert admission.admit("a", 60) is None
    lag = Lag(loop_ms=1000, engines_ms=9000)
    assert admission.admit("a", 60) is None
    admission.hold("b", 60)
    assert admission.taken == 2


def test_a_slot_is_free_again_when_the_call_never_came() -> None:
    """Nobody has to tell: the reservation runs out."""
    clock = Clock()
    admission = Admission(most=1, clock=clock)
    admission.admit("a", 60)
    clock.now = 59
    assert admission.admit("b", 60) is Full.SLOTS
    clock.now = 60
    assert admission.admit("b", 60) is None


def test_a_live_call_holds_its_slot_however_long_and_a_little_longer() -> None:
    """Its audio may break and come back."""
    clock = Clock()
    admission = Admission(most=1, clock=clock)
    with admission.live("a"):
        clock.now = 10_000
        assert admission.admit("b", 60) is Full.SLOTS
    clock.now += RESUME_SECONDS / 2
    assert admission.admit("b", 60) is Full.SLOTS
    clock.now += RESUME_SECONDS
    assert admission.admit("b", 60) is None


def test_a_call_whose_end_was_reported_while_it_was_live_holds_nothing() -> None:
    """The carrier's report may come before the socket is gone."""
    admission = Admission(most=1, clock=Clock())
    with admission.live("a"):
        admission.release("a")
    assert admission.taken == 0


def test_a_dial_gives_its_slot_to_the_call() -> None:
    """It is one slot, under the name the carrier gave."""
    admission = Admission(most=2, clock=Clock())
    admission.admit("dial:1", 85)
    admission.rename("dial:1", "CA1")
    assert admission.taken == 1
    admission.release("CA1")
    assert admission.taken == 0


@pytest.mark.parametrize(
    ("lag", "full"),
    [
        (Lag(LOOP_LATE_MS, ENGINES_LATE_MS), None),
        (Lag(loop_ms=LOOP_LATE_MS + 1), Full.LOOP),
        (Lag(engines_ms=ENGINES_LATE_MS + 1), Full.ENGINES),
    ],
)
def test_a_late_process_takes_no_more(lag: Lag, full: Full | None) -> None:
    """However many slots are free: those who are in would suffer."""
    admission = Admission(most=100, lag=lambda: lag, clock=Clock())
    with admission.live("another"):
        assert admission.admit("a", 60) is full


def test_a_machine_that_is_late_without_a_call_takes_one() -> None:
    """There is nobody to protect from it, and a late answer is better than none."""
    lag = Lag(loop_ms=1000, engines_ms=9000)
    assert Admission(most=1, lag=lambda: lag, clock=Clock()).admit("a", 60) is None


def test_a_stall_is_remembered_for_a_moment() -> None:
    """One long callback keeps new calls out for a second, not for ever."""
    lag = LoopLag()
    lag.woke(100.0)
    lag.woke(0.0)
    assert lag.ms > LOOP_LATE_MS
    for _ in range(10):
        lag.woke(0.0)
    assert lag.ms < LOOP_LATE_MS


def test_the_loop_is_watched() -> None:
    """A loop that does its work in time has no lag; one that was held up for 0.3 s has."""

    async def story() -> tuple[float, float]:
        lag, loop = LoopLag(), asyncio.get_running_loop()
        watching = loop.create_task(lag.watch())
        await asyncio.sleep(1)
        before = lag.ms
        loop._instant.passed += 0.3  # type: ignore[attr-defined]
        await asyncio.sleep(0.001)
        watching.cancel()
        return before, lag.ms

    before, after = run(story())
    assert before < 1
    assert after == pytest.approx(200)


# The server ----------------------------------------------------------------------------------------------------------


@pytest.fixture
async def full(record: Record, valkey_url: str) -> AsyncIterator[TestServices]:
    """A server with one slot, which another call has."""
    async with open_services(record, valkey_url) as server:
        admission = Admission(most=1)
        admission.hold(OTHERS, 3600)
        services = replace(server.services, admission=admission)
        yield replace(server, services=services)


@pytest.mark.anyio
async def test_a_caller_without_room_hears_an_apology_and_gets_a_text(full: TestServices) -> None:
    """No media; the text goes through the door, once, however often Twilio asks."""
    await full.lead()
    async with full.client() as client:
        answers = [await client.twilio("/twilio/voice", **RINGING) for _ in range(2)]
    for answer in answers:
        assert "all our lines are busy" in answer.text
        assert "<Connect" not in answer.text
        assert "<Hangup" in answer.text
    view = await full.record.view(CID)
    assert view.calls[CALL].ended
    (effect_id,) = view.outbox
    door = Door(full.services)
    await door.carry_out(CID, effect_id)
    await door.carry_out(CID, effect_id)
    assert [text["to"] for text in full.carrier.texts] == [LEAD]
    assert "all our lines were busy" in full.carrier.texts[0]["body"]


@pytest.mark.anyio
async def test_who_never_agreed_to_texts_gets_none(full: TestServices) -> None:
    """Calling is not consenting: the gate refuses the text, the apology stands."""
    async with full.client() as client:
        answer = await client.twilio("/twilio/voice", **RINGING)
    assert "all our lines are busy" in answer.text
    (effect_id,) = (await full.record.view(CID)).outbox
    await Door(full.services).carry_out(CID, effect_id)
    assert full.carrier.texts == []


@pytest.mark.anyio
async def test_who_withholds_his_number_is_promised_no_text(full: TestServices) -> None:
    """There is nowhere to send it."""
    async with full.client() as client:
        answer = await client.twilio("/twilio/voice", **{**RINGING, "From": "anonymous"})
    assert "all our lines are busy" in answer.text
    assert "text you" not in answer.text


@pytest.mark.anyio
async def test_a_dial_without_room_waits(full: TestServices) -> None:
    """It stays in the outbox, unclaimed, and goes out when there is room."""
    await full.lead(EffectRequested(id="e1", at=NOW, effect=DIAL, due=NOW))
    door = Door(full.services)
    assert await door.carry_out(CID, "e1") == NOW + ROOM_AGAIN_AFTER
    assert full.carrier.dials == []
    assert not (await full.record.view(CID)).outbox["e1"].started
    full.services.admission.release(OTHERS)
    full.clock.advance(seconds=ROOM_AGAIN_AFTER / timedelta(seconds=1))
    assert await door.carry_out(CID, "e1") is None
    assert [dial["to"] for dial in full.carrier.dials] == [LEAD]
    assert full.services.admission.taken == 1


@pytest.mark.anyio
async def test_a_dial_that_fails_frees_its_slot(full: TestServices) -> None:
    """Nobody will answer it."""
    full.services.admission.release(OTHERS)
    await full.lead(EffectRequested(id="e1", at=NOW, effect=DIAL, due=NOW))
    full.carrier.fails = CarrierError("no route", code=21215)
    await Door(full.services).carry_out(CID, "e1")
    assert full.services.admission.taken == 0


@pytest.mark.anyio
async def test_a_call_in_progress_is_never_refused(full: TestServices) -> None:
    """One of ours that is answered, and one whose audio broke, come in although every slot is taken."""
    await full.lead(EffectRequested(id="e1", at=NOW, effect=DIAL, due=NOW))
    answered = {**RINGING, "From": OURS, "To": LEAD, "CallStatus": "in-progress", "Direction": "outbound-api"}
    async with full.client() as client:
        first = await client.twilio(f"/twilio/voice/{CID}", **answered)
        again = await client.twilio(f"/twilio/voice/continue/{CID}/1", **answered)
    assert "<Stream" in first.text
    assert "<Stream" in again.text


@pytest.mark.anyio
async def test_a_call_that_is_over_frees_its_slot(full: TestServices) -> None:
    """By the carrier's report, whatever became of its audio."""
    full.services.admission.release(OTHERS)
    async with full.client() as client:
        await client.twilio("/twilio/voice", **RINGING)
        assert full.services.admission.taken == 1
        await client.twilio("/twilio/voice/status", **{**RINGING, "CallStatus": "completed"})
    assert full.services.admission.taken == 0
