import asyncio
import sys
from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from state.connect import Client, connect
from state.errors import HistoryChanged
from state.events import SCHEMA, Event
from state.fold import fold_all
from state.store import HINT_GRACE, Appended, Conflict, Record, RecordUnavailable, RecordUnreadable
from state.view import View
from tests.happenings import (
    NOW,
    at,
    call_placed,
    dial,
    fact,
    lead_arrived,
    requested,
    send_text,
    settled,
    started,
    text_received,
)
from tests.lossy_proxy import lossy

pytestmark = pytest.mark.anyio

CID = "c0ffee"


@pytest.fixture(scope="session")
def valkey_url(any_redis_url: str) -> str:
    """The rules of this module hold on one server and on a Cluster."""
    return any_redis_url


@pytest.fixture
def redis(valkey_url: str) -> Client:
    """A client of the same server, for looking behind the record."""
    return connect(valkey_url)


async def ids(record: Record, cid: str = CID) -> list[str]:
    """Ids of a conversation's events, in order; their versions are checked on the way."""
    entries = await record.log(cid)
    assert [version for version, _ in entries] == list(range(1, len(entries) + 1))
    return [event.id for _, event in entries]


# Appending ----------------------------------------------------------------------------------------------------------


async def test_events_land_in_order(record: Record) -> None:
    """Events of one append keep their order, and appends follow each other."""
    assert await record.append(CID, text_received(1), text_received(2)) == Appended(2, ("sms:1", "sms:2"))
    assert await record.append(CID, text_received(3)) == Appended(3, ("sms:3",))
    assert await ids(record) == ["sms:1", "sms:2", "sms:3"]


async def test_events_come_back_as_they_went(record: Record) -> None:
    """The log returns equal events, whatever is in their text."""
    events: list[Event] = [
        lead_arrived(product="home"),
        text_received(1, 'Größe "5" – ok?\n\\u0000 🙂'),
        requested("dial:1", dial(), due=5),
    ]
    await record.append(CID, *events)
    assert [event for _, event in await record.log(CID)] == events


async def test_duplicate_is_left_out(record: Record) -> None:
    """A webhook delivered twice is one event; what is new beside it is added."""
    await record.append(CID, text_received(1))
    assert await record.append(CID, text_received(1), text_received(2)) == Appended(2, ("sms:2",))
    assert await ids(record) == ["sms:1", "sms:2"]


async def test_same_id_twice_in_one_append(record: Record) -> None:
    """Within one append, too, an id counts once: the first."""
    appended = await record.append(CID, text_received(1, "first"), text_received(1, "second"))
    assert appended == Appended(1, ("sms:1",))
    [(_, event)] = await record.log(CID)
    assert event == text_received(1, "first")


async def test_first_version_of_an_event_stays(record: Record) -> None:
    """A repeated id never changes what was recorded, even if its content differs."""
    await record.append(CID, text_received(1, "first"))
    await record.append(CID, text_received(1, "second"))
    [(_, event)] = await record.log(CID)
    assert event == text_received(1, "first")


async def test_appending_nothing_tells_the_version(record: Record) -> None:
    """An empty append is allowed and writes nothing."""
    await record.append(CID, text_received(1))
    assert await record.append(CID) == Appended(1, ())


async def test_conversations_do_not_mix(record: Record) -> None:
    """An id belongs to its conversation: the same one elsewhere is another event."""
    await record.append("a", text_received(1))
    assert await record.append("b", text_received(1)) == Appended(1, ("sms:1",))


async def test_expected_version_lets_pass(record: Record) -> None:
    """A decision made on the current version is recorded."""
    await record.append(CID, text_received(1))
    assert (await record.append(CID, requested("answer:1"), expect=1)).version == 2


async def test_decision_on_an_older_version_is_refused(record: Record) -> None:
    """A decision somebody overtook writes nothing, not even in part."""
    await record.append(CID, text_received(1))
    with pytest.raises(Conflict) as caught:
        await record.append(CID, fact("product", "home"), requested("answer:1"), expect=0)
    assert (caught.value.expected, caught.value.version) == (0, 1)
    assert await ids(record) == ["sms:1"]


async def test_decision_already_recorded_does_not_conflict(record: Record) -> None:
    """Repeating an append that took place succeeds and adds nothing, though the version has moved on."""
    await record.append(CID, requested("answer:1"), expect=0)
    assert await record.append(CID, requested("answer:1"), expect=0) == Appended(1, ())


async def test_half_known_decision_conflicts(record: Record) -> None:
    """If any event of an outdated decision is new, it is refused."""
    await record.append(CID, text_received(1))
    with pytest.raises(Conflict):
        await record.append(CID, text_received(1), requested("answer:1"), expect=0)


@pytest.mark.parametrize("expect", [None, 0])
async def test_lost_reply_is_repeated_with_the_same_answer(record: Record, valkey_url: str, expect: int | None) -> None:
    """redis-py repeats a script whose reply was lost: the event is there once, and its adder is told so."""
    async with lossy(valkey_url) as proxy:
        far = Record(await proxy.connect())
        await far.append("warm", text_received(1))
        proxy.lose_reply_to(b"EVALSHA")
        appended = await far.append(CID, text_received(1), text_received(2), expect=expect)
        assert proxy.lost == 1
        assert appended == Appended(2, ("sms:1", "sms:2"))
        await far.close()
    assert await ids(record) == ["sms:1", "sms:2"]


async def test_script_is_loaded_again_when_the_server_forgot_it(record: Record, redis: Client) -> None:
    """A server that restarted or failed over has no scripts: the append brings its own."""
    await record.append(CID, text_received(1))
    await redis.script_flush()
    assert (await record.append(CID, text_received(2))).version == 2
    await redis.aclose()


async def test_a_claim_has_one_holder(record: Record) -> None:
    """Of many workers that start the same effect at once, one finds it in `added`."""
    await record.append(CID, requested("dial:1", dial()))
    results = await asyncio.gather(*(record.append(CID, started("dial:1")) for _ in range(20)))
    assert sum(result.added == ("dial:1:started",) for result in results) == 1


async def test_a_decision_has_one_winner(record: Record) -> None:
    """Of many decisions on one version, one is recorded; the others hear of it."""
    decisions = (record.append(CID, fact("product", "home", n), expect=0) for n in range(20))
    results = await asyncio.gather(*decisions, return_exceptions=True)
    assert sum(isinstance(result, Appended) for result in results) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 19


async def test_many_tasks_append_at_once(record: Record) -> None:
    """Concurrent appends all land, each once, and each task's own order holds."""

    async def speak(who: int) -> None:
        for n in range(20):
            await record.append(CID, fact(f"{who}", n, n))

    await asyncio.gather(*(speak(who) for who in range(10)))
    landed = await ids(record)
    assert len(landed) == 200
    for who in range(10):
        assert [id for id in landed if id.startswith(f"fact:{who}:")] == [f"fact:{who}:{n}" for n in range(20)]


async def test_duplicates_at_the_same_instant(record: Record) -> None:
    """The same webhook at two processes at once is one event."""
    results = await asyncio.gather(*(record.append(CID, text_received(1)) for _ in range(50)))
    assert [result.added for result in results if result.added] == [("sms:1",)]
    assert await ids(record) == ["sms:1"]


APPENDER = """
import asyncio, sys
from tests.happenings import fact, text_received
from state.store import Record

async def main(url, cid, name):
    record = Record.connect(url)
    for n in range(50):
        await record.append(cid, fact(name, n, n), text_received(n))
    await record.close()

asyncio.run(main(*sys.argv[1:]))
"""


async def test_two_processes_append_at_once(record: Record, valkey_url: str) -> None:
    """Two processes that saw the same texts and learned different things share one log, without a duplicate."""
    env = {"PYTHONPATH": ":".join(sys.path)}
    appenders = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", APPENDER, valkey_url, CID, name, env=env)
        for name in ("left", "right")
    ]
    assert [await appender.wait() for appender in appenders] == [0, 0]
    landed = await ids(record)
    assert len(landed) == len(set(landed)) == 150
    for name in ("left", "right"):
        assert [id for id in landed if f":{name}:" in id] == [f"fact:{name}:{n}" for n in range(50)]


# Reading ------------------------------------------------------------------------------------------------------------


async def test_unknown_conversation_is_empty(record: Record) -> None:
    """A conversation that never began has no events and the empty view."""
    assert await record.log(CID) == []
    assert await record.view(CID) == View()


async def test_log_after_a_version(record: Record) -> None:
    """A reader who knows a version gets what came later."""
    await record.append(CID, *(text_received(n) for n in range(1, 13)))
    assert [version for version, _ in await record.log(CID, after=9)] == [10, 11, 12]
    assert await record.log(CID, after=12) == []


async def test_view_is_the_fold_of_the_log(record: Record) -> None:
    """The view says what the log adds up to."""
    await record.append(CID, lead_arrived(product="home"), text_received(1), call_placed())
    view = await record.view(CID)
    assert (view.version, view.known("product"), list(view.calls)) == (3, "home", ["CA1"])


async def test_newer_events_are_not_guessed(record: Record, redis: Client) -> None:
    """An event written by a newer program stops the reader, with advice."""
    await redis.xadd(f"segue:{{{CID}}}:log", {"schema": SCHEMA + 1, "event": "{}"}, id="1-0")
    with pytest.raises(RecordUnreadable, match="upgrade"):
        await record.view(CID)
    await redis.aclose()


@pytest.fixture
def thrifty(valkey_url: str, record: Record) -> Record:
    """A record that leaves a snapshot after every five events folded."""
    return Record(connect(valkey_url), snapshot_after=5)


VIEW_KEY = f"segue:{{{CID}}}:view"


async def test_short_tail_leaves_no_snapshot(thrifty: Record, redis: Client) -> None:
    """A few events are folded each time; nothing is written for them."""
    await thrifty.append(CID, *(text_received(n) for n in range(4)))
    await thrifty.view(CID)
    assert await redis.exists(VIEW_KEY) == 0
    await thrifty.close()
    await redis.aclose()


async def test_long_tail_leaves_a_snapshot(thrifty: Record, record: Record, redis: Client) -> None:
    """After a long fold the view is kept, and later views start from it."""
    await thrifty.append(CID, *(text_received(n) for n in range(7)))
    first = await thrifty.view(CID)
    assert await redis.hget(VIEW_KEY, "version") == "7"
    assert View.model_validate_json(await redis.hget(VIEW_KEY, "view") or "") == first
    await thrifty.append(CID, text_received(7))
    assert await thrifty.view(CID) == fold_all(first, [text_received(7)])
    assert await redis.hget(VIEW_KEY, "version") == "7"
    await thrifty.close()
    await redis.aclose()


async def test_snapshot_is_used(thrifty: Record, record: Record, redis: Client) -> None:
    """Whoever meets a conversation anew reads its view from the snapshot: a mark left in it shows."""
    await thrifty.append(CID, *(text_received(n) for n in range(5)))
    view = await thrifty.view(CID)
    await redis.hset(VIEW_KEY, "view", view.model_copy(update={"held": "marked"}).model_dump_json())
    assert (await record.view(CID)).held == "marked"
    await thrifty.close()
    await redis.aclose()


async def test_snapshot_only_moves_forward(thrifty: Record, redis: Client) -> None:
    """A slow reader does not replace a newer snapshot by an older one."""
    await thrifty.append(CID, *(text_received(n) for n in range(6)))
    old = await thrifty.view(CID)
    await thrifty.append(CID, *(text_received(n) for n in range(6, 12)))
    await thrifty.view(CID)
    await thrifty._leave_snapshot(CID, old)
    assert await redis.hget(VIEW_KEY, "version") == "12"
    await thrifty.close()
    await redis.aclose()


@pytest.mark.parametrize("field", [{"fold": "another"}, {"view": "{}x"}, {"view": '{"colour": "blue"}'}])
async def test_foreign_snapshot_is_ignored(
    thrifty: Record, record: Record, redis: Client, field: dict[str, str]
) -> None:
    """A snapshot of another fold, or a damaged one, is folded anew from the log."""
    await thrifty.append(CID, *(text_received(n) for n in range(6)))
    view = await thrifty.view(CID)
    [(name, value)] = field.items()
    await redis.hset(VIEW_KEY, name, value)
    assert await record.view(CID) == view
    await thrifty.close()
    await redis.aclose()


async def test_view_survives_a_snapshot_that_cannot_be_kept(thrifty: Record, redis: Client) -> None:
    """Keeping a snapshot is a courtesy: the view is returned without it, and the log says so."""
    await thrifty.append(CID, *(text_received(n) for n in range(6)))
    await redis.function_flush()
    await redis.set(f"{VIEW_KEY}:guard", "x")
    await redis.config_set("maxmemory", "1")
    try:
        with capture_logs() as logs:
            assert (await thrifty.view(CID)).version == 6
    finally:
        await redis.config_set("maxmemory", "0")
    assert [entry["event"] for entry in logs] == ["a snapshot was not kept"]
    await thrifty.close()
    await redis.aclose()


# What a process keeps -----------------------------------------------------------------------------------------------


async def test_a_kept_view_goes_on_from_the_log(record: Record, valkey_url: str) -> None:
    """What others have appended since is in it, and `seen` alone is content with what was read."""
    other = Record.connect(valkey_url)
    await record.append(CID, text_received(1))
    first = await record.view(CID)
    await other.append(CID, text_received(2))
    assert await record.seen(CID) == first
    assert await record.view(CID) == fold_all(first, [text_received(2)]) == await record.seen(CID)
    assert await other.seen(CID) == await record.view(CID)
    await other.close()


async def test_a_view_of_a_lost_history_is_not_gone_on_from(record: Record, redis: Client, valkey_url: str) -> None:
    """A replica without the newest writes took over, and the log is as long as it was before, or longer."""
    other = Record.connect(valkey_url)
    for lengths in range(1, 3):
        await record.append(CID, text_received(1), text_received(2))
        await record.view(CID)
        await redis.delete(f"segue:{{{CID}}}:log", f"segue:{{{CID}}}:seen")
        await other.append(CID, *(text_received(n) for n in range(7, 8 + lengths)))
        assert await record.view(CID) == fold_all(View(), [event for _, event in await other.log(CID)])
        await redis.delete(f"segue:{{{CID}}}:log", f"segue:{{{CID}}}:seen")
    assert (await record.view(CID)).version == 0
    await other.close()
    await redis.aclose()


async def test_what_a_process_appends_is_known_to_it_at_once(record: Record, valkey_url: str) -> None:
    """Without reading, as long as nobody else has appended in between; then the log alone tells."""
    other = Record.connect(valkey_url)
    await record.append(CID, text_received(1))
    first = await record.view(CID)
    await record.append(CID, text_received(1), text_received(2))
    assert await record.seen(CID) == fold_all(first, [text_received(2)]) == await record.view(CID)
    await other.append(CID, text_received(3))
    await record.append(CID, text_received(4))
    assert (await record.seen(CID)).version == 2
    assert (await record.view(CID)).version == 4
    assert (await record.seen(CID)) == await other.view(CID)
    await other.close()


async def test_what_a_process_appends_vouches_for_nothing_below(record: Record, redis: Client, valkey_url: str) -> None:
    """A history that lost its newest event and got another is no beginning, though the last entry is our own."""
    other = Record.connect(valkey_url)
    await record.append(CID, text_received(1), text_received(2))
    await record.view(CID)
    await redis.delete(f"segue:{{{CID}}}:log", f"segue:{{{CID}}}:seen")
    await other.append(CID, text_received(1), text_received(7))
    await record.append(CID, text_received(8))
    assert await record.view(CID) == fold_all(View(), [text_received(1), text_received(7), text_received(8)])
    await other.close()
    await redis.aclose()


async def test_an_append_can_ask_for_the_history_that_was_vouched_for(record: Record) -> None:
    """A claim is refused by another; a plain fact is not. What was read of it is then read anew."""
    assert not record.trusted
    await record.vouch_for(await record.lineage())
    await record.append(CID, text_received(1), vouched=True)
    record.trust("0" * 40)
    with pytest.raises(HistoryChanged):
        await record.append(CID, text_received(2), vouched=True)
    assert not record.trusted
    assert (await record.append(CID, text_received(2))).version == 2
    record.trust(await record.lineage())
    assert (await record.append(CID, text_received(3), vouched=True)).version == 3


async def test_a_redis_that_forgot_the_scripts_is_told_them_again(record: Record, redis: Client) -> None:
    """Also where the append goes out behind its hint."""
    await record.append(CID, requested("dial:1", dial()))
    await redis.script_flush()
    await record.append(CID, requested("dial:2", dial()))
    assert sorted(await record.hints()) == [(CID, "dial:1"), (CID, "dial:2")]
    assert (await record.view(CID)).version == 2
    await redis.aclose()


async def test_what_settles_takes_its_hint_along(record: Record) -> None:
    """Nobody has to ask whether an effect has settled that was settled here."""
    await record.append(CID, requested("dial:1", dial()), requested("dial:2", dial()))
    await record.append(CID, settled("dial:1"))
    assert await record.hints() == [(CID, "dial:2")]


# Effects and hints --------------------------------------------------------------------------------------------------


async def test_effects_are_due_in_order(record: Record) -> None:
    """What is due is found across conversations, longest overdue first; what is not yet due is not."""
    await record.append("a", requested("late", due=20))
    await record.append("b", requested("early", due=10), requested("far", due=3600))
    assert await record.due(at(5)) == []
    assert await record.due(at(30)) == [("b", "early"), ("a", "late")]
    assert await record.due(at(30), limit=1) == [("b", "early")]


async def test_effect_ids_may_hold_slashes(record: Record) -> None:
    """The conversation ends at the first slash; the rest is the effect's id."""
    await record.append(CID, requested("send/sms/1"))
    assert await record.due(NOW) == [(CID, "send/sms/1")]


async def test_refused_append_leaves_its_hint(record: Record) -> None:
    """Hints are written first, so a crash between leaves a stale hint, never a lost effect."""
    await record.append(CID, text_received(1))
    with pytest.raises(Conflict):
        await record.append(CID, requested("dial:1", dial()), expect=0)
    assert await record.due(NOW) == [(CID, "dial:1")]


async def test_hint_of_a_settled_effect_goes(record: Record) -> None:
    """Once its effect has settled, a hint can go."""
    await record.append(CID, requested("dial:1", dial()))
    await record.append(CID, started("dial:1"), settled("dial:1"))
    assert await record.settle_hint(CID, "dial:1")
    assert await record.due(NOW) == []


async def test_hint_of_a_waiting_effect_stays(record: Record) -> None:
    """The hint of an effect in the outbox is not removed, whoever asks."""
    await record.append(CID, requested("dial:1", dial()))
    assert not await record.settle_hint(CID, "dial:1", at(3600))
    assert await record.due(NOW) == [(CID, "dial:1")]


async def test_hint_without_its_effect_waits_for_the_append(record: Record) -> None:
    """A hint whose append may still be under way goes when it has been found without effect for the grace."""
    with pytest.raises(Conflict):
        await record.append(CID, text_received(1), requested("dial:1", dial(), due=10), expect=7)
    assert not await record.settle_hint(CID, "dial:1")
    assert not await record.settle_hint(CID, "dial:1", at(9))
    assert not await record.settle_hint(CID, "dial:1", at(500))
    assert not await record.settle_hint(CID, "dial:1", at(500) + HINT_GRACE - timedelta(seconds=1))
    assert await record.is_hinted(CID, "dial:1")
    assert await record.settle_hint(CID, "dial:1", at(500) + HINT_GRACE)
    assert await record.hints() == []


async def test_hint_of_an_append_tried_again_is_fresh(record: Record) -> None:
    """An append that Redis's absence held up writes its hint anew: a sweeper that found the old one waits again."""
    late = requested("dial:1", dial(), due=-3600)
    with pytest.raises(Conflict):
        await record.append(CID, late, expect=7)
    assert not await record.settle_hint(CID, "dial:1", NOW)
    with pytest.raises(Conflict):
        await record.append(CID, late, expect=7)
    assert not await record.settle_hint(CID, "dial:1", NOW + HINT_GRACE)
    await record.append(CID, late)
    assert not await record.settle_hint(CID, "dial:1", NOW + HINT_GRACE * 3)
    assert await record.hints() == [(CID, "dial:1")]


async def test_hint_can_be_put_off(record: Record) -> None:
    """An effect that may not happen yet is not looked for before then; what is not hinted at stays so."""
    await record.append(CID, requested("dial:1", dial()))
    await record.defer_hint(CID, "dial:1", at(3600))
    await record.defer_hint(CID, "dial:2", at(3600))
    assert await record.due(at(3599)) == []
    assert await record.due(at(3600)) == [(CID, "dial:1")]


async def test_settling_an_unknown_hint(record: Record) -> None:
    """There is nothing to settle where there is no hint."""
    assert not await record.settle_hint(CID, "dial:1", NOW)


# Tokens, health, outages --------------------------------------------------------------------------------------------


async def test_token_is_taken_once(record: Record) -> None:
    """Of all who present a token, one gets its value."""
    await record.put_token("t0ken", {"cid": CID, "call": "CA1"}, 60)
    taken = await asyncio.gather(*(record.take_token("t0ken") for _ in range(10)))
    assert [value for value in taken if value is not None] == [{"cid": CID, "call": "CA1"}]


async def test_unknown_token(record: Record) -> None:
    """A token nobody minted is worth nothing."""
    assert await record.take_token("made-up") is None


async def test_token_expires(record: Record, redis: Client) -> None:
    """A token is kept for its time only."""
    await record.put_token("t0ken", {}, 60)
    assert 0 < await redis.ttl("segue:token:t0ken") <= 60
    await redis.aclose()


async def test_ping_tells_who_answers(record: Record) -> None:
    """The doctor learns the server's name and version, and whether data is kept."""
    answer = await record.ping()
    assert answer["server"] == "valkey"
    assert str(answer["version"]).split(".")[0].isdigit()
    assert answer["appendonly"] is True


async def test_absent_redis_is_an_error_that_says_so() -> None:
    """Every operation on a Redis that is not there fails with the one error that means so."""
    record = Record.connect("redis://127.0.0.1:1")
    for attempt in (
        record.append(CID, text_received(1)),
        record.append(CID, requested("dial:1", dial())),
        record.view(CID),
        record.log(CID),
        record.due(NOW),
        record.settle_hint(CID, "dial:1"),
        record.put_token("t", {}, 1),
        record.take_token("t"),
        record.ping(),
    ):
        with pytest.raises(RecordUnavailable, match="cannot be reached"):
            await attempt
    await record.close()


async def test_cancelled_append_harms_nobody(record: Record) -> None:
    """redis-py drops the connection of a cancelled command; the next append takes another."""
    task = asyncio.create_task(record.append(CID, text_received(1)))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await record.append(CID, text_received(1), text_received(2))
    assert sorted(await ids(record)) == ["sms:1", "sms:2"]


# Any interleaving ---------------------------------------------------------------------------------------------------

_POOL: list[Event] = [
    lead_arrived(product="home"),
    *(text_received(n) for n in range(4)),
    *(fact("product", f"v{n}", n) for n in range(4)),
    requested("send:1", send_text()),
    requested("dial:1", dial()),
    started("send:1"),
    settled("send:1"),
    call_placed(),
]
_appends = st.lists(st.lists(st.sampled_from(_POOL), max_size=5), min_size=1, max_size=12)
_cids: Iterator[str] = (f"interleaved{n}" for n in count())


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(by_task=st.lists(_appends, min_size=1, max_size=4))
async def test_any_interleaving_keeps_each_event_once(
    thrifty: Record, record: Record, by_task: list[list[list[Event]]]
) -> None:
    """However appends are repeated, reordered and interleaved over two clients: each event is there once, has one
    adder, and the view, with or without a snapshot, is the fold of the log."""
    cid = next(_cids)

    async def play(client: Record, appends: list[list[Event]]) -> list[str]:
        added: list[str] = []
        for events in appends:
            added += (await client.append(cid, *events)).added
            await client.view(cid)
        return added

    clients = (thrifty, record)
    played = await asyncio.gather(*(play(clients[n % 2], appends) for n, appends in enumerate(by_task)))
    wanted = {event.id for appends in by_task for events in appends for event in events}
    landed = await ids(record, cid)
    assert sorted(landed) == sorted(wanted)
    assert sorted(id for added in played for id in added) == sorted(wanted)
    folded = fold_all(View(), (event for _, event in await record.log(cid)))
    assert await record.view(cid) == await thrifty.view(cid) == folded


async def test_many_conversations_begin_at_once(record: Record) -> None:
    """Each as a whole, once; to one that had begun otherwise nothing is appended."""
    await record.append("robin", text_received(9))
    logs = {cid: [text_received(1), requested(f"dial:{cid}", dial())] for cid in ("jordan", "robin", "sam")}
    for again in range(2):
        done = await record.begin(logs)
        assert {cid: appended.version for cid, appended in done.items()} == {"jordan": 2, "sam": 2}
        assert [bool(appended.added) for appended in done.values()] == [not again, not again]
    assert [event for _, event in await record.log("sam")] == logs["sam"]
    assert [event for _, event in await record.log("robin")] == [text_received(9)]
    assert ("sam", "dial:sam") in await record.hints()
