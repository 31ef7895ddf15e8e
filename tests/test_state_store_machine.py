"""The record under whatever order of mishaps hypothesis can think of, on a real server and on a Cluster.

Three writers share two conversations; one of them reaches Redis through a proxy that loses replies and connections. The
model knows which events were confirmed and which may or may not have arrived, and nothing more.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from state.audit import WRONG, audit_all
from state.connect import connect
from state.events import EffectRequested, Event
from state.fold import fold_all
from state.hints import HINT_GRACE
from state.store import Appended, Conflict, Record, RecordUnavailable
from state.view import View
from state.writer import RecordWriter
from tests.happenings import (
    NOW,
    call_placed,
    call_status,
    dial,
    fact,
    hint_alone,
    lead_arrived,
    requested,
    send_text,
    settled,
    started,
    suppressed,
    text_received,
    text_sent,
    text_status,
)
from tests.lossy_proxy import lossy

T = TypeVar("T")

CIDS = ("jordan", "robin")
NEAR, THRIFTY, FAR = range(3)

# What happens in a conversation, in no order: webhooks come late, twice and the wrong way round.
POOL: list[Event] = [
    lead_arrived(product="home"),
    *(text_received(n) for n in range(3)),
    text_sent(1),
    *(text_status(1, status) for status in ("queued", "sent", "delivered")),
    call_placed(),
    *(call_status(status, n) for n, status in enumerate(("ringing", "in-progress", "completed"))),
    suppressed(),
    requested("send:1", send_text()),
    requested("dial:1", dial(), due=30),
    started("send:1"),
    settled("send:1"),
    settled("dial:1"),
]
EFFECTS = [event for event in POOL if isinstance(event, EffectRequested)]

cids = st.sampled_from(CIDS)
writers = st.sampled_from((NEAR, THRIFTY, FAR))
happenings = st.sampled_from(POOL)
bursts = st.lists(happenings, min_size=1, max_size=4)


class Mishaps(RuleBasedStateMachine):
    """Rules are what can happen, invariants what must hold after each."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.confirmed: dict[str, set[str]] = {cid: set() for cid in CIDS}
        self.doubtful: dict[str, set[str]] = {cid: set() for cid in CIDS}
        self.order: dict[str, list[str]] = {cid: [] for cid in CIDS}
        self.now = NOW
        self.spoken = 0
        self.do(self.set_up())

    def do(self, main: Coroutine[Any, Any, T]) -> T:
        """Runs a coroutine on the machine's loop."""
        return self.runner.run(main)

    async def set_up(self) -> None:
        """Three clients of an empty Redis."""
        near = connect(self.url)
        await near.flushdb()
        self.proxy = await self.stack.enter_async_context(lossy(self.url))
        far = Record(await self.proxy.connect())
        self.records = (Record(near), Record(connect(self.url), snapshot_after=3), far)
        await far.append("warm", text_received(1))

    def teardown(self) -> None:
        """At the end an audit finds nothing wrong, and a sweeper that comes late enough clears what is left over."""

        async def close() -> None:
            for record in self.records:
                await record.close()
            await self.stack.aclose()

        try:
            self.do(self.sweep_up())
        finally:
            self.do(close())
            self.runner.close()

    async def ids(self, cid: str) -> list[str]:
        """Ids of a conversation's events, in order."""
        return [event.id for _, event in await self.records[NEAR].log(cid)]

    async def deliver(self, who: int, cid: str, *events: Event, expect: int | None = None) -> tuple[Appended, bool]:
        """Appends until it is acknowledged, as every cause of events does; also whether the first attempt was."""
        attempts = 0
        while True:
            attempts += 1
            try:
                return await self.records[who].append(cid, *events, expect=expect), attempts == 1
            except RecordUnavailable:
                self.doubtful[cid].update(event.id for event in events)

    def confirm(self, cid: str, *events: Event) -> None:
        """These were acknowledged: they are there from now on."""
        self.confirmed[cid].update(event.id for event in events)

    def is_new(self, cid: str, event: Event) -> bool | None:
        """Whether an event is not there yet; None if the model cannot know."""
        if event.id in self.confirmed[cid]:
            return False
        return None if event.id in self.doubtful[cid] else True

    # What can happen --------------------------------------------------------------------------------------------------

    @rule(cid=cids, events=bursts, who=writers)
    def append(self, cid: str, events: list[Event], who: int) -> None:
        """Somebody appends something, new or not."""
        self.do(self.deliver(who, cid, *events))
        self.confirm(cid, *events)

    @rule(cid=cids, event=happenings, times=st.integers(2, 6))
    def deliver_at_once(self, cid: str, event: Event, times: int) -> None:
        """The same webhook reaches several processes at the same instant: one of them adds it."""

        async def deliver() -> list[tuple[Appended, bool]]:
            return await asyncio.gather(*(self.deliver(n % 3, cid, event) for n in range(times)))

        adders = [appended for appended, _ in self.do(deliver()) if appended.added]
        new = self.is_new(cid, event)
        assert len(adders) <= 1
        assert new is None or len(adders) == new
        self.confirm(cid, event)

    @rule(cid=cids, events=bursts)
    def lose_the_reply(self, cid: str, events: list[Event]) -> None:
        """Redis takes an append, its reply is lost, and redis-py repeats it: its adder is told all the same."""
        new = {event.id for event in events if self.is_new(cid, event)}
        self.proxy.lose_reply_to(b"EVALSHA")
        appended, at_once = self.do(self.deliver(FAR, cid, *events))
        assert set(appended.added) <= {event.id for event in events} - self.confirmed[cid]
        assert not at_once or new <= set(appended.added)
        self.confirm(cid, *events)

    @rule()
    def cut(self) -> None:
        """All connections of one process are lost."""
        self.proxy.cut()

    @rule(cid=cids, events=bursts, who=writers, steps=st.integers(0, 60))
    def kill(self, cid: str, events: list[Event], who: int, steps: int) -> None:
        """A writer dies between any two of its steps; the cause may be delivered again later."""

        async def die() -> None:
            dying = asyncio.ensure_future(self.records[who].append(cid, *events))
            for _ in range(steps):
                await asyncio.sleep(0)
            dying.cancel()
            await asyncio.wait([dying])

        self.do(die())
        self.doubtful[cid].update(event.id for event in events)

    @rule(cid=cids, effect=st.sampled_from(EFFECTS))
    def die_after_the_hint(self, cid: str, effect: EffectRequested) -> None:
        """A writer dies when it has written its hint and nothing else."""
        self.do(hint_alone(self.records[NEAR], cid, effect))

    @rule(cid=cids, event=happenings, who=writers, behind=st.integers(0, 3))
    def decide(self, cid: str, event: Event, who: int, behind: int) -> None:
        """A decision on the current version is recorded, one on an older version only if it was recorded before."""
        version = len(self.do(self.ids(cid)))
        expect = max(0, version - behind)
        try:
            self.do(self.deliver(who, cid, event, expect=expect))
        except Conflict:
            assert expect < version or self.doubtful[cid]
            assert event.id not in self.confirmed[cid]
        else:
            assert expect == version or self.is_new(cid, event) is not True
            self.confirm(cid, event)

    @rule(cid=cids)
    def decide_at_once(self, cid: str) -> None:
        """Of several decisions on the same version at most one is recorded."""
        version = len(self.do(self.ids(cid)))
        self.spoken += 1
        decisions = [fact(f"decision{self.spoken}", n, n) for n in range(3)]

        async def decide(who: int) -> bool:
            try:
                await self.deliver(who, cid, decisions[who], expect=version)
            except Conflict:
                return False
            return True

        async def decide_all() -> list[bool]:
            return await asyncio.gather(*(decide(who) for who in range(3)))

        winners = [one for one, won in zip(decisions, self.do(decide_all()), strict=True) if won]
        assert len(winners) <= 1
        assert winners or self.doubtful[cid]
        self.confirm(cid, *winners)

    @rule(cid=cids, n=st.integers(1, 5), cut_after=st.integers(0, 5))
    def talk(self, cid: str, n: int, cut_after: int) -> None:
        """A call speaks through its writer, whose connection is cut on the way; its own order holds."""
        self.spoken += 1
        turns = [fact(f"talk{self.spoken}", turn, turn) for turn in range(n)]

        async def speak() -> None:
            async with RecordWriter(self.records[FAR], cid) as writer:
                for turn, event in enumerate(turns):
                    writer.put(event)
                    await asyncio.sleep(0)
                    if turn == cut_after:
                        self.proxy.cut()

        self.do(speak())
        self.confirm(cid, *turns)
        ids = self.do(self.ids(cid))
        assert [id for id in ids if id.startswith(f"fact:talk{self.spoken}:")] == [event.id for event in turns]

    @rule(who=writers, seconds=st.sampled_from((1, 31, 61)))
    def sweep(self, who: int, seconds: int) -> None:
        """Time passes and a sweeper goes by."""
        self.now += timedelta(seconds=seconds)
        self.do(self.sweep_once(self.records[who]))

    @rule(cid=cids, steps=st.integers(0, 30))
    def request_during_a_sweep(self, cid: str, steps: int) -> None:
        """An append that was held up since its first attempt wrote a hint meets the sweeper that looks at it."""
        self.spoken += 1
        effect = requested(f"late:{self.spoken}", dial())

        async def meet() -> None:
            await hint_alone(self.records[NEAR], cid, effect)
            self.now += HINT_GRACE + timedelta(seconds=1)
            sweeping = asyncio.ensure_future(self.records[THRIFTY].settle_hint(cid, effect.id, self.now))
            for _ in range(steps):
                await asyncio.sleep(0)
            await self.deliver(NEAR, cid, effect)
            await sweeping

        self.do(meet())
        self.confirm(cid, effect)

    async def sweep_once(self, record: Record) -> None:
        """Looks at every hint that is due."""
        for cid, effect in await record.due(self.now):
            await record.settle_hint(cid, effect, self.now)

    # What must hold ---------------------------------------------------------------------------------------------------

    @invariant()
    def every_event_is_there_once_in_one_order(self) -> None:
        """What was confirmed is there, nothing is there twice, nothing moves, and nothing comes from nowhere."""
        for cid in CIDS:
            entries = self.do(self.records[NEAR].log(cid))
            ids = [event.id for _, event in entries]
            assert [version for version, _ in entries] == list(range(1, len(entries) + 1))
            assert len(ids) == len(set(ids))
            assert self.confirmed[cid] <= set(ids) <= self.confirmed[cid] | self.doubtful[cid]
            assert ids[: len(self.order[cid])] == self.order[cid]
            self.order[cid] = ids

    @invariant()
    def the_view_is_the_fold_of_the_log(self) -> None:
        """With a snapshot or without."""
        for cid in CIDS:
            for record in self.records[:2]:
                view = self.do(record.view(cid))
                events = [event for _, event in self.do(record.log(cid))]
                assert view == fold_all(View(), events[: view.version])

    @invariant()
    def every_effect_that_waits_is_hinted_at(self) -> None:
        """Whoever died, and whatever was swept."""
        hints = set()
        for cid in CIDS:
            waiting = self.do(self.records[NEAR].view(cid)).outbox
            hints = set(self.do(self.records[NEAR].hints()))
            assert {(cid, effect) for effect in waiting} <= hints

    async def sweep_up(self) -> None:
        """The end of every story; see `teardown`."""
        record = self.records[NEAR]
        assert [found async for audit in audit_all(record) for found in audit.found if found.finding in WRONG] == []
        for _ in range(2):
            self.now += timedelta(hours=1) + HINT_GRACE
            await self.sweep_once(record)
        waiting = {(cid, effect) for cid in CIDS for effect in (await record.view(cid)).outbox}
        assert set(await record.due(self.now)) == waiting == set(await record.hints())
        assert [found async for audit in audit_all(record) for found in audit.found] == []


@pytest.mark.parametrize("examples", [60])
def test_any_story_on_one_server(server_url: str, examples: int) -> None:
    """Every event once, in one order; the view its fold; no effect forgotten."""
    play(server_url, examples)


@pytest.mark.alone
@pytest.mark.parametrize("examples", [12])
def test_any_story_on_a_cluster(cluster_url: str, examples: int) -> None:
    """The same where conversations and hints live on different nodes."""
    play(cluster_url, examples)


def play(url: str, examples: int) -> None:
    """Has hypothesis make up stories."""

    class Here(Mishaps):
        pass

    Here.url = url
    checks = [HealthCheck.too_slow]
    run_state_machine_as_test(
        Here,
        settings=settings(max_examples=examples, stateful_step_count=25, deadline=None, suppress_health_check=checks),
    )
