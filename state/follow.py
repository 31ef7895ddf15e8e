"""Following a conversation: one pub/sub connection per record wakes every follower; what they yield is read from the
log, so a lost wake-up can delay an event but never lose it."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress

import structlog
from redis.asyncio.client import PubSub

from state.connect import Client
from state.errors import REDIS_ERRORS, RecordUnavailable
from state.events import Event

log = structlog.get_logger(__name__)

Read = Callable[[int], Awaitable[list[tuple[int, Event]]]]
"""Reads the events after a version."""

RETRY_S = (0.1, 0.2, 0.5, 1.0, 2.0)
"""Pauses between attempts to reach Redis; the last repeats."""

ANY = ""
"""Watched in place of a channel: every ring of every conversation."""

LOOK_EVERY_S = 5.0
"""A follower looks at the log this often even if nothing rings. A subscription that breaks is made again, and all are
woken; but a ring can also get lost between two nodes of a Cluster, or on a connection that died without a word."""


async def follow(bell: "Bell", channel: str, read: Read, after: int) -> AsyncGenerator[tuple[int, Event], None]:
    """Yields the events after a version, then those to come; see `Record.follow`."""
    attempt = 0
    with bell.watch(channel) as rung:
        while True:
            # Cleared before the log is read: what lands during the read rings again.
            rung.clear()
            try:
                events = await read(after)
            except RecordUnavailable as error:
                if attempt == 0:
                    log.warning("a follower waits for the record", channel=channel, error=str(error))
                await asyncio.sleep(pause(attempt))
                attempt += 1
                continue
            attempt = 0
            for version, event in events:
                yield version, event
                after = version
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await rung.wait()


class Bell:
    """Hears the appends to all conversations and wakes the watchers of each.

    One pattern subscription instead of one per conversation: a ring is some sixty bytes, there is no moment in which
    a subscription is half made, and watching or ceasing to watch needs no network, so it can be cancelled anywhere.
    For the same reason it is plain pub/sub on a Cluster, too, whose nodes pass every ring on to each other: sharded
    pub/sub knows no patterns, so each call would subscribe, at its conversation's node, while the lead waits.
    """

    def __init__(self, redis: Client, pattern: str) -> None:
        self._redis = redis
        self._pattern = pattern
        self._watchers: dict[str, set[asyncio.Event]] = {}
        self._listener: asyncio.Task[None] | None = None

    @contextmanager
    def watch(self, channel: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever the channel (or `ANY`) rings, or may have rung unheard."""
        if self._listener is None:
            self._listener = asyncio.create_task(self._listen(), name="record bell")
        rung = asyncio.Event()
        self._watchers.setdefault(channel, set()).add(rung)
        try:
            yield rung
        finally:
            watchers = self._watchers[channel]
            watchers.discard(rung)
            if not watchers:
                del self._watchers[channel]

    async def close(self) -> None:
        """Stops listening. Watchers are not woken any more."""
        listener, self._listener = self._listener, None
        while listener is not None and not listener.done():
            listener.cancel()
            # Again if need be: redis-py may have forgotten the first one (see `translated`).
            await asyncio.wait([listener], timeout=0.1)

    async def _listen(self) -> None:
        attempt = 0
        while True:
            try:
                await self._redis.initialize()  # a Cluster's pub/sub takes it that the nodes are known
                async with self._redis.pubsub() as pubsub:
                    await pubsub.psubscribe(self._pattern)
                    attempt = 0
                    await self._hear(pubsub)
            except REDIS_ERRORS as error:
                log.warning("the record's bell is not heard", error=str(error))
            await asyncio.sleep(pause(attempt))
            attempt += 1

    async def _hear(self, pubsub: PubSub) -> None:
        async for message in pubsub.listen():
            if message["type"] == "pmessage":
                _ring(self._watchers.get(message["channel"], set()))
                _ring(self._watchers.get(ANY, set()))
            else:
                # The subscription stands, at first or again: what was published before was not heard.
                for watchers in self._watchers.values():
                    _ring(watchers)


def pause(attempt: int) -> float:
    """Seconds to wait after the given number of earlier failures."""
    return RETRY_S[min(attempt, len(RETRY_S) - 1)]


def _ring(watchers: set[asyncio.Event]) -> None:
    for rung in watchers:
        rung.set()
