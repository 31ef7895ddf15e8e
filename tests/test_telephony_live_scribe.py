"""A call's account when Redis goes away in the middle of it: the lead hears nothing of that, and nothing is missing."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from accelerated import SPEED, run
from call_rig import CID, Rig, Script
from docket import Docket
from redis import Redis

from agent.moves import HandOff, Learn, Move, Say
from state.audit import audit
from state.connect import TIMEOUT_S, connect
from state.effects import FindAgent
from state.embedded import EmbeddedValkey
from state.events import CallConnected, CallEnded, EffectRequested, Event, FactLearned, LeadSaid, PersonaSaid
from state.store import Record, RecordUnavailable
from telephony.wake import DELIVER, PLAN

CAMPAIGN = Path("campaigns/insurance.yaml")
AWAY_SECONDS = 30

GoAway = Callable[[], Callable[[], None]]
"""Makes a Redis go away; returns what brings it back."""


def table(text: str) -> Sequence[Move]:
    """Learns what was said, and says so; or finds a person."""
    if text == "I am ready":
        return [Say("Let me see who is free."), HandOff("qualified")]
    return [Learn("property_type", text), Say(f"You said {text}."), Say("What else?")]


class Outage:
    """A Redis of a test's own that can go away and come back with its data."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._valkey = EmbeddedValkey(directory)
        self.url = self._valkey.start()

    def _pid(self) -> int:
        with Redis.from_url(self.url) as redis:
            return int(redis.info("server")["process_id"])

    def freeze(self) -> Callable[[], None]:
        """It accepts connections and answers nothing. Returns what ends that."""
        pid = self._pid()
        os.kill(pid, signal.SIGSTOP)
        return lambda: os.kill(pid, signal.SIGCONT)

    def kill(self) -> Callable[[], None]:
        """It is gone, as after a crash of its machine. Returns what starts it again, on the data it had written."""
        os.kill(self._pid(), signal.SIGKILL)
        return self._restart

    def _restart(self) -> None:
        self._valkey.stop()
        self._valkey = EmbeddedValkey(self._directory, int(self.url.rpartition(":")[2]))
        self._valkey.start()

    def stop(self) -> None:
        """Ends it for good."""
        self._valkey.stop()


@pytest.fixture(params=["freeze", "kill"])
def outage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Outage, GoAway]]:
    """A Redis, and how it goes away."""
    redis = Outage(tmp_path)
    yield redis, getattr(redis, request.param)
    redis.stop()


async def talk(rig: Rig) -> None:
    """The lead says something when the persona has finished, and is answered."""
    heard = rig.line.heard_ms
    sentence = f"sentence {len(rig.phrases.texts)}"
    await rig.say(sentence, 1500)
    await rig.quiet()
    assert rig.brain.asked[-1] == sentence
    assert rig.line.heard_ms > heard


async def nothing(*_: object) -> None:
    """A worker's task."""


def play(url: str, story: Callable[[Rig], Awaitable[None]]) -> list[Event]:
    """Runs a call through a story, with a queue of wake-ups on the same Redis; returns the log when it is complete."""

    async def main() -> list[Event]:
        async with AsyncExitStack() as stack:
            # As long as in the world: on this clock a Redis that is there but busy would be taken for one that is away.
            patience_s = TIMEOUT_S * SPEED
            record = Record(connect(url, socket_timeout=patience_s, socket_connect_timeout=patience_s))
            stack.push_async_callback(record.close)
            rig = Rig(record, Script(table), CAMPAIGN)
            queue = await stack.enter_async_context(Docket(name="outage", url=url))
            queue.register(nothing, names=[DELIVER, PLAN])
            rig._services.docket = queue  # type: ignore[misc]
            async with rig:
                await story(rig)
            log = []
            async for _, event in record.follow(CID):
                log.append(event)
                if isinstance(event, CallEnded):
                    break
            assert (await audit(record, CID)).found == ()
            return log

    return run(main())


def check(log: list[Event], turns: int) -> None:
    """Every turn is there, once, in the order in which it was spoken: heard, understood, answered to the end."""
    story = CallConnected | LeadSaid | FactLearned | PersonaSaid | CallEnded
    kinds = [CallConnected, PersonaSaid, *[LeadSaid, FactLearned, PersonaSaid] * turns, CallEnded]
    assert [type(event) for event in log if isinstance(event, story)] == kinds
    sentences = [f"sentence {n}" for n in range(turns)]
    assert [event.text for event in log if isinstance(event, LeadSaid)] == sentences
    assert [event.value for event in log if isinstance(event, FactLearned)] == sentences
    spoken = [event for event in log if isinstance(event, PersonaSaid)]
    assert [event.text for event in spoken[1:]] == [f"You said {sentence}. What else?" for sentence in sentences]
    assert all(event.heard == event.text for event in spoken)


async def is_away(record: Record) -> bool:
    """Whether Redis does not answer."""
    try:
        await record.ping()
    except RecordUnavailable:
        return True
    return False


def test_redis_away_in_mid_call(outage: tuple[Outage, GoAway]) -> None:
    """For half a minute every turn is answered as before; afterwards the record is complete and in order."""
    redis, go_away = outage
    turns = 0

    async def story(rig: Rig) -> None:
        clock = asyncio.get_running_loop().time
        await rig.quiet()
        await talk(rig)
        come_back = go_away()
        back_at = clock() + AWAY_SECONDS
        while clock() < back_at:
            await talk(rig)
        assert await is_away(rig.record)
        come_back()
        await talk(rig)
        nonlocal turns
        turns = len(rig.phrases.texts)

    log = play(redis.url, story)
    assert turns > 5
    check(log, turns)


def test_call_that_ends_while_redis_is_away(outage: tuple[Outage, GoAway]) -> None:
    """Hanging up does not wait for Redis, and what is left to write is written when it is back."""
    redis, go_away = outage

    async def story(rig: Rig) -> None:
        await rig.quiet()
        come_back = go_away()
        await talk(rig)
        await talk(rig)
        rig.line.hang_up()
        await rig.over()
        assert await is_away(rig.record)
        come_back()

    check(play(redis.url, story), turns=2)


def test_wish_for_a_person_while_redis_is_away(outage: tuple[Outage, GoAway]) -> None:
    """It is heard and answered, and the search is asked for as soon as Redis is back."""
    redis, go_away = outage

    async def story(rig: Rig) -> None:
        await rig.quiet()
        come_back = go_away()
        await rig.say("I am ready")
        await rig.quiet()
        assert await is_away(rig.record)
        come_back()

    log = play(redis.url, story)
    asked = [event.effect for event in log if isinstance(event, EffectRequested)]
    assert [effect.call for effect in asked if isinstance(effect, FindAgent)] == ["CA1"]
    assert "Let me see who is free." in [event.heard for event in log if isinstance(event, PersonaSaid)]
