import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from unittest.mock import AsyncMock

import pytest
from redis.asyncio import RedisCluster

from state import follow
from state.connect import Client
from state.embedded import EmbeddedValkey
from state.events import Event
from state.follow import RETRY_S, Bell, pause
from state.store import Record, RecordUnavailable
from tests.happenings import text_received
from tests.lossy_proxy import lossy

pytestmark = pytest.mark.anyio

CID = "c0ffee"


@pytest.fixture(scope="session")
def valkey_url(any_redis_url: str) -> str:
    """The rules of this module hold on one server and on a Cluster."""
    return any_redis_url


async def take(following: AsyncGenerator[tuple[int, Event], None], n: int) -> list[tuple[int, str]]:
    """The next n events, as version and id."""
    async with asyncio.timeout(60):
        return [(version, event.id) for version, event in [await anext(following) for _ in range(n)]]


async def listening(record: Record) -> None:
    """Returns once the record's bell is heard: one follower has had an event that landed after it caught up."""
    async with aclosing(record.follow("tuning")) as following:
        waiting = asyncio.ensure_future(take(following, 1))
        await asyncio.sleep(0)
        await record.append("tuning", text_received(1))
        await waiting


async def waits(record: Record) -> None:
    """Returns once the record's only follower has read the log and waits for the bell."""
    bells = record._bell._watchers
    while not any(rung._waiters for watchers in bells.values() for rung in watchers):  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.001)


async def subscriptions(redis: Client) -> int:
    """Connections that wait for rings, on all nodes."""
    nodes = redis.get_primaries() if isinstance(redis, RedisCluster) else [redis]
    return sum([len(await node.execute_command("CLIENT LIST", "TYPE", "pubsub")) for node in nodes])


async def test_catches_up_then_follows(record: Record) -> None:
    """A follower gets what is there, then what lands, in one sequence without gap or repetition."""
    await record.append(CID, text_received(1), text_received(2))
    async with aclosing(record.follow(CID)) as following:
        assert await take(following, 2) == [(1, "sms:1"), (2, "sms:2")]
        waiting = asyncio.ensure_future(take(following, 2))
        await record.append(CID, text_received(3))
        await record.append(CID, text_received(4))
        assert await waiting == [(3, "sms:3"), (4, "sms:4")]


async def test_follows_after_a_version(record: Record) -> None:
    """Who has loaded the view follows from its version."""
    await record.append(CID, text_received(1), text_received(2))
    async with aclosing(record.follow(CID, after=1)) as following:
        assert await take(following, 1) == [(2, "sms:2")]


async def test_events_between_appends_are_not_missed(record: Record) -> None:
    """Many appends while the follower is busy come out in order, each once."""
    async with aclosing(record.follow(CID)) as following:
        writing = asyncio.gather(*(record.append(CID, text_received(n)) for n in range(100)))
        taken = await take(following, 100)
        await writing
    assert [version for version, _ in taken] == list(range(1, 101))
    assert {id for _, id in taken} == {f"sms:{n}" for n in range(100)}


async def test_hears_another_process(record: Record, valkey_url: str) -> None:
    """What another client appends wakes the follower."""
    other = Record.connect(valkey_url)
    async with aclosing(record.follow(CID)) as following:
        waiting = asyncio.ensure_future(take(following, 1))
        await listening(record)
        await other.append(CID, text_received(1))
        assert await waiting == [(1, "sms:1")]
    await other.close()


async def test_many_followers_share_one_connection(record: Record, valkey_url: str) -> None:
    """A hundred followers of fifty conversations take one subscription."""
    async with lossy(valkey_url) as proxy:
        near = Record(await proxy.connect())
        followers = [near.follow(f"c{n % 50}") for n in range(100)]
        waiting = [asyncio.ensure_future(take(follower, 1)) for follower in followers]
        await listening(near)
        for n in range(50):
            await record.append(f"c{n}", text_received(n))
        taken = await asyncio.gather(*waiting)
        assert [id for [(_, id)] in taken] == [f"sms:{n % 50}" for n in range(100)]
        assert await subscriptions(near._redis) == 1
        for follower in followers:
            await follower.aclose()
        await near.close()


async def test_conversations_wake_their_own_followers(record: Record) -> None:
    """A follower of one conversation never yields another's events."""
    async with aclosing(record.follow("a")) as following:
        waiting = asyncio.ensure_future(take(following, 1))
        await listening(record)
        await record.append("b", text_received(1))
        await record.append("a", text_received(2))
        assert await waiting == [(1, "sms:2")]


async def test_lost_connection_loses_no_event(record: Record, valkey_url: str) -> None:
    """Events that land while the subscription is down come with its return."""
    async with lossy(valkey_url) as proxy:
        far = Record(await proxy.connect())
        async with aclosing(far.follow(CID)) as following:
            waiting = asyncio.ensure_future(take(following, 3))
            await listening(far)
            for n in range(3):
                proxy.cut()
                await record.append(CID, text_received(n))
            assert [id for _, id in await waiting] == ["sms:0", "sms:1", "sms:2"]
        await far.close()


async def test_follower_outlives_the_server(tmp_path: Path) -> None:
    """A server that is stopped and started again delays a follower and nothing else."""
    valkey = EmbeddedValkey(tmp_path)
    url = valkey.start()
    port = int(url.rpartition(":")[2])
    record = Record.connect(url)
    async with aclosing(record.follow(CID)) as following:
        await record.append(CID, text_received(1))
        assert await take(following, 1) == [(1, "sms:1")]
        waiting = asyncio.ensure_future(take(following, 1))
        valkey.stop()
        with EmbeddedValkey(tmp_path, port):
            await record.append(CID, text_received(2))
            assert await waiting == [(2, "sms:2")]
            await record.close()


async def test_follower_may_start_before_the_server(tmp_path: Path) -> None:
    """A follower that finds no Redis waits for it."""
    with EmbeddedValkey(tmp_path) as valkey:
        url = valkey.url
    record = Record.connect(url)
    async with aclosing(record.follow(CID)) as following:
        waiting = asyncio.ensure_future(take(following, 1))
        with pytest.raises(RecordUnavailable):
            await record.log(CID)
        with EmbeddedValkey(tmp_path, int(url.rpartition(":")[2])):
            await record.append(CID, text_received(1))
            assert await waiting == [(1, "sms:1")]
            await record.close()


async def test_cancelled_follower_leaves_the_others(record: Record) -> None:
    """A follower may be cancelled while it waits; the others go on, and it leaves nothing behind."""
    staying, leaving = record.follow(CID), record.follow(CID)
    kept, gone = asyncio.ensure_future(take(staying, 1)), asyncio.ensure_future(take(leaving, 1))
    await listening(record)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    assert gone.cancelled()
    await record.append(CID, text_received(1))
    assert await kept == [(1, "sms:1")]
    await staying.aclose()
    assert record._bell._watchers == {}


@pytest.mark.parametrize("steps", range(12))
async def test_follower_can_be_cancelled_at_any_moment(record: Record, steps: int) -> None:
    """Wherever a cancellation meets a follower on its way to Redis, it ends."""
    await record.append(CID, text_received(1))
    following = record.follow(CID, after=1)
    waiting = asyncio.ensure_future(anext(following))
    for _ in range(steps):
        await asyncio.sleep(0)
    waiting.cancel()
    async with asyncio.timeout(60):
        await asyncio.wait([waiting])
    assert waiting.cancelled()
    assert record._bell._watchers == {}


async def test_closing_twice(record: Record, valkey_url: str) -> None:
    """A record may be closed with a follower still waiting, and closed again."""
    record = Record.connect(valkey_url)
    async with aclosing(record.follow(CID)) as following:
        await listening(record)
        waiting = asyncio.ensure_future(anext(following))
        await waits(record)
        await record.close()
        await record.close()
        waiting.cancel()
        await asyncio.wait([waiting])
    assert waiting.cancelled()


async def test_follower_looks_though_nothing_rings(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """An event whose ring was lost, as can happen between two nodes of a Cluster, still comes."""
    monkeypatch.setattr(follow, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(Bell, "_listen", AsyncMock())
    async with aclosing(record.follow(CID)) as following:
        waiting = asyncio.ensure_future(take(following, 1))
        await asyncio.sleep(0)
        await record.append(CID, text_received(1))
        assert await waiting == [(1, "sms:1")]


async def test_pauses_grow_to_a_cap() -> None:
    """Attempts come quickly at first and never rarer than the cap."""
    pauses = [pause(attempt) for attempt in range(20)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == RETRY_S[-1]
