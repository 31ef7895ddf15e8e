"""What others are still to be told: nothing is forgotten, and nothing looked at for ever."""

from datetime import timedelta

import pytest
from happenings import NOW, lead_arrived
from telephony_kit import CID

from state.hints import HINT_GRACE
from state.outgoing import LOOK_SOON, Cursor, DeadLetter, Outgoing
from state.store import Record

pytestmark = pytest.mark.anyio


@pytest.fixture
def out(record: Record) -> Outgoing:
    """That of an empty record."""
    return record.outgoing


async def arrives(out: Outgoing) -> None:
    """What an append does first."""
    writing = out._redis.pipeline(transaction=False)
    out.put(writing, CID, [lead_arrived()])
    await writing.execute()


async def test_a_conversation_is_looked_at_before_anything_is_in_it(valkey_url: str, record: Record) -> None:
    """It is written before the append, and only where somebody subscribes."""
    await record.append(CID, lead_arrived())
    assert await record.outgoing.due(NOW, 10) == []
    told = Record.connect(valkey_url, told=True)
    await told.append(CID, lead_arrived())
    assert [cid for cid, _ in await told.outgoing.due(NOW, 10)] == [CID]
    await told.close()


async def test_who_has_told_all_looks_twice_more_and_then_forgets(out: Outgoing) -> None:
    """An append may land after it was looked for."""
    await arrives(out)
    now = NOW
    for wait in (LOOK_SOON, HINT_GRACE):
        [(_, seen)] = await out.due(now, 10)
        await out.looked(CID, seen, now)
        assert await out.due(now + wait - timedelta(milliseconds=2), 10) == []
        now += wait
    [(_, seen)] = await out.due(now, 10)
    await out.looked(CID, seen, now)
    assert await out.waiting() == 0


async def test_what_is_written_meanwhile_is_looked_at(out: Outgoing) -> None:
    """Even for the same instant: who has looked has not seen it."""
    await arrives(out)
    [(_, seen)] = await out.due(NOW, 10)
    await arrives(out)
    await out.looked(CID, seen, NOW)
    await out.look_again(CID, seen, NOW + timedelta(hours=1))
    assert [cid for cid, _ in await out.due(NOW, 10)] == [CID]


async def test_each_subscriber_has_his_own_place(out: Outgoing) -> None:
    """And an attempt that failed is over once something was taken."""
    await out.told(CID, "crm", 3)
    await out.failed(CID, "other", 2, NOW)
    assert await out.cursors(CID) == {"crm": Cursor(3), "other": Cursor(0, 2, NOW)}
    await out.told(CID, "other", 1)
    assert await out.cursors(CID) == {"crm": Cursor(3), "other": Cursor(1)}


async def test_what_was_given_up_stays_until_it_is_taken(out: Outgoing) -> None:
    """With when and why."""
    letters = [DeadLetter("crm", CID, version, NOW, "HTTP 500") for version in (1, 2)]
    for letter in letters:
        await out.bury(letter)
    assert sorted([letter async for letter in out.dead()], key=lambda one: one.version) == letters
    await out.revived(letters[0])
    assert [letter async for letter in out.dead()] == letters[1:]
    assert await out.dead_count() == 1


async def test_one_process_at_a_time_tells_of_a_conversation(out: Outgoing) -> None:
    """So that its events stay in order."""
    async with out.alone(CID) as first, out.alone(CID) as second, out.alone("another") as other:
        assert (first, second, other) == (True, False, True)
    async with out.alone(CID) as again:
        assert again
