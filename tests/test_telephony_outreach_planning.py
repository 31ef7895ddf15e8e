"""The plan as it is lived: days of a lead's life on a virtual clock, and whoever plans killed at any instant."""

from collections.abc import AsyncIterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from telephony_kit import CID, NOW, TestServices, open_services
from virtual_days import act, live

from state.events import (
    CallAnsweredBy,
    CallStatus,
    Channel,
    Event,
    FactLearned,
    HoldLifted,
    OutreachHeld,
    Promised,
    PromiseSettled,
    Suppressed,
    TextReceived,
)
from state.store import Record

pytestmark = pytest.mark.anyio

CHICAGO = ZoneInfo("America/Chicago")
DAY = timedelta(days=1)


@pytest.fixture
async def server(record: Record, valkey_url: str) -> AsyncIterator[TestServices]:
    """Services on an empty record; the lead of the story has just arrived."""
    async with open_services(record, valkey_url) as services:
        yield services


async def call_ends(server: TestServices, status: str = "no-answer", n: int = 1) -> None:
    """The newest call of ours is over."""
    report = CallStatus(id=f"s{n}", at=server.clock(), call=f"CA{n:032x}", status=status, sequence=5)
    await server.record.append(CID, report)


async def log_of(server: TestServices) -> list[Event]:
    """What happened."""
    return [event for _, event in await server.record.log(CID)]


# Stories --------------------------------------------------------------------------------------------------------------


async def test_nobody_answers_for_two_weeks(server: TestServices) -> None:
    """Text, call, and each later attempt in its turn; never more than three in a day, and then it is over."""
    await server.lead()
    calls = 0
    for hour in range(16 * 24):
        await live(server, NOW + timedelta(hours=hour))
        while len(server.carrier.dials) > calls:
            calls += 1
            await call_ends(server, n=calls)
            await act(server)
    view = await server.record.view(CID)
    times = [touch.at for touch in view.touches]
    assert 6 <= len(times) <= 12
    assert all(sum(timedelta(0) <= at - one < DAY for at in times) <= 3 for one in times)
    assert all(8 <= at.astimezone(CHICAGO).hour < 21 for at in times)
    assert server.carrier.texts[-1]["body"].count("close your request") == 1
    assert times[-1] - times[0] < 15 * DAY
    assert await server.record.plan_hint(CID) is None


async def test_an_answer_ends_it(server: TestServices) -> None:
    """He writes on the first day: he is answered, and nothing of the cadence follows."""
    await server.lead()
    await act(server)
    wrote = TextReceived(id="sms:SMin", at=server.clock(), sid="SMin", body="Yeah I am, just been busy")
    await server.record.append(CID, wrote)
    await live(server, NOW + 16 * DAY)
    assert len(server.carrier.texts) == 1
    assert server.carrier.dials == []


async def test_a_stop_while_his_telephone_rings_ends_the_ringing(server: TestServices) -> None:
    """He is not to pick it up for nothing. Then he is left alone."""
    asked = FactLearned(id="yes", at=NOW, key="ready_to_talk", value=True, source="sms:1")
    await server.lead(asked)
    await act(server)
    assert len(server.carrier.dials) == 1
    stop = Suppressed(id="s", at=NOW, reason="opt_out", channel=Channel.SMS, words="stop", detector="keyword")
    await server.record.append(CID, stop)
    await act(server)
    assert server.carrier.ended == [f"CA{1:032x}"]
    await call_ends(server, "canceled")
    await live(server, NOW + 16 * DAY)
    assert (len(server.carrier.ended), len(server.carrier.dials), server.carrier.texts) == (1, 1, [])


async def test_a_voicemail_is_followed_by_a_text_that_mentions_it(server: TestServices) -> None:
    """Forty-five seconds to two minutes after the call is over (POLICY T2), once."""
    await server.lead()
    await live(server, NOW + timedelta(minutes=26))
    assert len(server.carrier.dials) == 1
    over = server.clock()
    machine = CallAnsweredBy(id="amd", at=over, call=f"CA{1:032x}", who="machine", message_left=True)
    await server.record.append(CID, machine)
    await call_ends(server, "completed")
    await live(server, over + timedelta(seconds=44))
    assert len(server.carrier.texts) == 1
    await live(server, over + timedelta(seconds=120))
    assert len(server.carrier.texts) == 2
    assert "left you a voicemail" in server.carrier.texts[-1]["body"]


async def test_a_named_time_is_kept_and_shows_in_the_ledger(server: TestServices) -> None:
    """ "In 20 minutes": the call goes then, and the promise is kept by it."""
    await server.lead()
    await act(server)
    due = server.clock() + timedelta(minutes=20)
    wrote = TextReceived(id="sms:SMin", at=server.clock(), sid="SMin", body="call me in 20 minutes")
    promise = Promised(id="sms:SMin:promise:0", at=server.clock(), what="call at 2:25 pm", due=due, by="call")
    await server.record.append(CID, wrote, promise)
    await live(server, due - timedelta(seconds=1))
    assert server.carrier.dials == []
    await live(server, due + timedelta(minutes=1))
    assert len(server.carrier.dials) == 1
    await call_ends(server)
    await act(server)
    (settled,) = [event for event in await log_of(server) if isinstance(event, PromiseSettled)]
    assert (settled.promise, settled.outcome) == (promise.id, "kept")


async def test_a_broken_promise_is_owned_up_to(server: TestServices) -> None:
    """The server was away at the hour: he is not called late, but told, once."""
    await server.lead()
    await act(server)
    due = server.clock() + timedelta(minutes=20)
    wrote = TextReceived(id="sms:SMin", at=server.clock(), sid="SMin", body="call me in 20 minutes")
    promise = Promised(id="sms:SMin:promise:0", at=server.clock(), what="call at 2:25 pm", due=due, by="call")
    await server.record.append(CID, wrote, promise)
    server.clock.now = due + timedelta(hours=1)
    await live(server, due + 3 * DAY)
    assert server.carrier.dials == []
    assert [text["body"] for text in server.carrier.texts if "call at 2:25 pm" in text["body"]] == [
        "Hi Jordan, it's Ava at Harbor Lane. I promised you this and it didn't happen: call at 2:25 pm. I'm sorry. "
        "What time suits you for a call? Reply STOP to opt out."
    ]


async def test_a_hold_stops_everything_until_a_person_lifts_it(server: TestServices) -> None:
    """Then the plan goes on from where it stands."""
    await server.lead(OutreachHeld(id="h", at=NOW, reason="ambiguous_stop"))
    await live(server, NOW + timedelta(minutes=5))
    assert server.carrier.texts == []
    await server.record.append(CID, HoldLifted(id="l", at=server.clock(), by="Dana"))
    await act(server)
    assert len(server.carrier.texts) == 1


async def test_a_call_whose_end_was_never_reported_is_asked_about(server: TestServices) -> None:
    """Twilio promises no callback: its list says that nobody answered, and the text goes out."""
    await server.lead()
    await live(server, NOW + timedelta(minutes=26))
    server.carrier.statuses[f"CA{1:032x}"] = "no-answer"
    await live(server, NOW + timedelta(minutes=45))
    assert len(server.carrier.texts) == 2
    assert "tried to call you" in server.carrier.texts[-1]["body"]


# Killed at any instant ------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """The process is gone: no handler of ours may catch it."""


class Mortal:
    """Kills whoever works at its n-th contact with the world, before or after that took effect."""

    def __init__(self, server: TestServices, at: int, *, after: bool) -> None:
        self.server, self.at, self.after, self.steps = server, at, after, 0

    def _step(self) -> bool:
        self.steps += 1
        return self.steps == self.at

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Puts itself before the record and the carrier."""
        for owner, name in (
            (self.server.record, "append"),
            (self.server.record, "planned"),
            (self.server.record, "settle_hint"),
            (self.server.carrier, "send_text"),
            (self.server.carrier, "dial"),
        ):
            patch.setattr(owner, name, self._wrapped(getattr(owner, name)))

    def _wrapped(self, does):  # type: ignore[no-untyped-def] # any of five signatures
        async def mortal(*args, **kwargs):  # type: ignore[no-untyped-def] # as above
            dies = self._step()
            if dies and not self.after:
                raise Killed
            result = await does(*args, **kwargs)
            if dies:
                raise Killed
            return result

        return mortal


async def a_day(server: TestServices) -> int:
    """A first text, and a call that nobody takes; returns how often somebody died on the way."""
    deaths = 0
    server.carrier.statuses[f"CA{1:032x}"] = "no-answer"
    for minute in (0, 1, 2, 3, 26, 27, 28, 29, 30, 33, 40, 60):
        for _ in range(2):
            try:
                await live(server, max(server.clock(), NOW + timedelta(minutes=minute)))
            except Killed:
                deaths += 1
    return deaths


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_killed_at_any_instant_nothing_is_forgotten_and_nothing_sent_twice(
    server: TestServices, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    """Every append, every hint moved and every request to the carrier, cut off before it or right behind it."""
    redis = server.record._redis
    at = 0
    while True:
        at += 1
        await redis.flushdb()
        server.clock.now = NOW
        server.carrier.texts.clear()
        server.carrier.dials.clear()
        server.carrier.statuses.clear()
        await server.lead()
        with monkeypatch.context() as patch:
            Mortal(server, at, after=after).install(patch)
            deaths = await a_day(server)
        bodies = [text["body"] for text in server.carrier.texts]
        assert len(bodies) == len(set(bodies)) == 2, (at, bodies)
        assert len(server.carrier.dials) == 1, at
        sent = [event.kind for event in await log_of(server)]
        assert (sent.count("text_sent"), sent.count("call_placed")) == (2, 1), at
        if not deaths:
            break
    assert at > 15
