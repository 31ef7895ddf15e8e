import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from state.embedded import EmbeddedValkey
from state.events import Event
from state.store import Appended, Record, RecordUnavailable
from state.writer import BATCH, RecordWriter
from tests.happenings import lead_said, text_received
from tests.lossy_proxy import lossy

pytestmark = pytest.mark.anyio

CID = "c0ffee"


@pytest.fixture(scope="session")
def valkey_url(any_redis_url: str) -> str:
    """The rules of this module hold on one server and on a Cluster."""
    return any_redis_url


class CountingRecord(Record):
    """A record that notes how many events each append held."""

    appends: list[int]

    async def append(self, cid: str, *events: Event, expect: int | None = None) -> Appended:
        """Appends as `Record` does."""
        self.appends.append(len(events))
        return await super().append(cid, *events, expect=expect)


@pytest.fixture
def counting(record: Record, valkey_url: str) -> CountingRecord:
    """A second client of the fixture's record."""
    counting = CountingRecord.connect(valkey_url)
    assert isinstance(counting, CountingRecord)
    counting.appends = []
    return counting


async def ids(record: Record) -> list[str]:
    """Ids of the conversation's events, in order."""
    return [event.id for _, event in await record.log(CID)]


def turns(*numbers: int) -> list[Event]:
    """Turns of the lead's."""
    return [lead_said(n) for n in numbers]


def turn_ids(*numbers: int) -> list[str]:
    """Their ids."""
    return [event.id for event in turns(*numbers)]


async def test_what_is_put_is_written_in_order(record: Record) -> None:
    """Leaving the block means everything is in the record, in the order it was put."""
    async with RecordWriter(record, CID) as writer:
        for event in turns(*range(20)):
            writer.put(event)
            await asyncio.sleep(0)
    assert await ids(record) == turn_ids(*range(20))
    assert writer.pending == 0


async def test_put_does_not_wait(record: Record) -> None:
    """Putting is synchronous: the events are pending until the writer's task has run."""
    async with RecordWriter(record, CID) as writer:
        writer.put(*turns(1, 2))
        assert writer.pending == 2


async def test_burst_is_one_append(counting: CountingRecord) -> None:
    """What piled up goes in one round trip, up to the size of a batch."""
    async with RecordWriter(counting, CID) as writer:
        writer.put(*turns(*range(BATCH + 7)))
    assert counting.appends == [BATCH, 7]
    assert await ids(counting) == turn_ids(*range(BATCH + 7))
    await counting.close()


async def test_closing_an_idle_writer(counting: CountingRecord) -> None:
    """A writer that was given nothing writes nothing."""
    async with RecordWriter(counting, CID):
        pass
    assert counting.appends == []
    await counting.close()


async def test_closed_writer_takes_nothing(record: Record) -> None:
    """An event put after the end is a mistake, and is not lost silently."""
    async with RecordWriter(record, CID) as writer:
        writer.put(*turns(1))
    with pytest.raises(RuntimeError, match="closed"):
        writer.put(*turns(2))


async def test_closing_twice(record: Record) -> None:
    """A second close finds nothing to do."""
    writer = RecordWriter(record, CID)
    writer.start()
    writer.put(*turns(1))
    await writer.close()
    await writer.close()
    assert await ids(record) == turn_ids(1)


async def test_writer_may_be_supervised(record: Record) -> None:
    """Instead of its own task, `run` can be a task of somebody's group; it returns after `close`."""
    writer = RecordWriter(record, CID)
    async with asyncio.TaskGroup() as group:
        group.create_task(writer.run())
        writer.put(*turns(1, 2))
        await asyncio.sleep(0)
        writer.put(*turns(3))
        await writer.close()
    assert await ids(record) == turn_ids(1, 2, 3)


async def test_close_without_a_task(record: Record) -> None:
    """A writer that was never started still writes what it was given."""
    writer = RecordWriter(record, CID)
    writer.put(*turns(1, 2))
    await writer.close()
    assert await ids(record) == turn_ids(1, 2)


async def test_cancelling_the_putter_keeps_the_event(record: Record) -> None:
    """A barge-in cancels the reply that put an event, never the write."""
    async with RecordWriter(record, CID) as writer:

        async def reply() -> None:
            writer.put(*turns(1))
            await asyncio.Event().wait()

        task = asyncio.create_task(reply())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
    assert await ids(record) == turn_ids(1)


@pytest.mark.parametrize("steps", range(10))
async def test_cancelling_the_supervisor_loses_nothing(record: Record, steps: int) -> None:
    """Wherever `run` is cancelled, `close` writes the rest, each event once and in order."""
    writer = RecordWriter(record, CID)
    running = asyncio.create_task(writer.run())
    writer.put(*turns(1, 2))
    for _ in range(steps):
        await asyncio.sleep(0)
    running.cancel()
    await asyncio.wait([running])
    writer.put(*turns(3))
    await writer.close()
    assert await ids(record) == turn_ids(1, 2, 3)


async def test_cancelling_the_close_does_not_stop_the_writing(tmp_path: Path) -> None:
    """Who cannot wait any longer leaves; the writer's own task goes on until all is written."""
    with EmbeddedValkey(tmp_path) as valkey:
        url, port = valkey.url, port_of(valkey.url)
    record = Record.connect(url)
    writer = RecordWriter(record, CID)
    writer.start()
    writer.put(*turns(1))
    closing = asyncio.create_task(writer.close())
    with pytest.raises(RecordUnavailable):
        await record.ping()
    closing.cancel()
    await asyncio.wait([closing])
    assert closing.cancelled()
    assert writer.pending == 1
    with EmbeddedValkey(tmp_path, port):
        await writer.close()
        assert await ids(record) == turn_ids(1)
        await record.close()


async def test_cancelling_the_task_does_not_spoil_the_close(record: Record) -> None:
    """A shutdown that cancels every task, the writer's among them, may still close it: the rest is written."""
    writer = RecordWriter(record, CID)
    before = asyncio.all_tasks()
    writer.start()
    writer.put(*turns(1, 2))
    for task in asyncio.all_tasks() - before:
        task.cancel()
    await writer.close()
    assert await ids(record) == turn_ids(1, 2)


def port_of(url: str) -> int:
    """The port in a Redis URL."""
    return int(url.rpartition(":")[2])


async def test_redis_stops_and_comes_back(tmp_path: Path) -> None:
    """While Redis is away events wait; when it is back they are all written, once and in order."""
    valkey = EmbeddedValkey(tmp_path)
    record = Record.connect(valkey.start())
    port = port_of(valkey.url)
    async with RecordWriter(record, CID) as writer:
        writer.put(*turns(1, 2))
        async for version, _ in record.follow(CID):
            if version == 2:
                break
        valkey.stop()
        for n in range(3, 13):
            writer.put(*turns(n))
            await asyncio.sleep(0)
        with pytest.raises(RecordUnavailable):
            await record.ping()
        assert writer.pending == 10
        valkey = EmbeddedValkey(tmp_path, port)
        valkey.start()
        writer.put(*turns(13))
    assert await ids(record) == turn_ids(*range(1, 14))
    await record.close()
    valkey.stop()


async def test_lost_replies_do_not_duplicate(record: Record, valkey_url: str) -> None:
    """An append that Redis took without the answer arriving is repeated, and the record holds it once."""
    async with lossy(valkey_url) as proxy:
        far = Record(await proxy.connect())
        async with RecordWriter(far, CID) as writer:
            for n in range(5):
                proxy.lose_reply_to(b"EVALSHA")
                writer.put(*turns(n))
                async for _ in record.follow(CID, after=n):
                    break
        await far.close()
        assert proxy.lost == 5
    assert await ids(record) == turn_ids(*range(5))


async def test_others_append_beside_the_writer(record: Record) -> None:
    """A text that lands during the call takes its place among the turns; the writer minds no version."""
    async with RecordWriter(record, CID) as writer:
        writer.put(*turns(1))
        await record.append(CID, text_received(1))
        writer.put(*turns(2))
    landed = await ids(record)
    assert sorted(landed) == sorted(["sms:1", *turn_ids(1, 2)])
    assert [id for id in landed if id != "sms:1"] == turn_ids(1, 2)


async def test_listener_hears_of_what_is_recorded(record: Record) -> None:
    """Who acts on events is told of each batch once the record has it, in order."""
    told: list[tuple[list[str], int]] = []

    async def appended(events: Sequence[Event]) -> None:
        told.append(([event.id for event in events], len(await record.log(CID))))

    async with RecordWriter(record, CID, appended=appended) as writer:
        writer.put(*turns(1, 2))
        async for version, _ in record.follow(CID):
            if version == 2:
                break
        writer.put(*turns(3))
    assert told == [(turn_ids(1, 2), 2), (turn_ids(3), 3)]


async def test_mistakes_are_not_retried(record: Record) -> None:
    """What is no event is a programming error: it ends the writer, and `close` raises it."""
    writer = RecordWriter(record, CID)
    writer.start()
    writer.put("no event")  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        await writer.close()
