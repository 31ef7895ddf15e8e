import pytest

from state.audit import WRONG, Audit, Finding, Found, audit, audit_all
from state.codec import encode
from state.connect import Client, connect
from state.events import SCHEMA
from state.store import Record
from state.view import View
from tests.happenings import dial, hint_alone, lead_arrived, requested, settled, started, text_received

pytestmark = pytest.mark.anyio

CID = "c0ffee"
LOG, SEEN, VIEW = (f"segue:{{{CID}}}:{part}" for part in ("log", "seen", "view"))


@pytest.fixture(scope="session")
def valkey_url(any_redis_url: str) -> str:
    """The rules of this module hold on one server and on a Cluster."""
    return any_redis_url


@pytest.fixture
def redis(valkey_url: str) -> Client:
    """A client of the same server, for damaging the record."""
    return connect(valkey_url)


@pytest.fixture
async def told(valkey_url: str, record: Record) -> Record:
    """A record that leaves a snapshot at every view, with a conversation of three events in it."""
    thrifty = Record(connect(valkey_url), snapshot_after=1)
    await thrifty.append(CID, lead_arrived(product="home"), text_received(1), requested("dial:1", dial()))
    await thrifty.view(CID)
    return thrifty


async def found(record: Record) -> list[Found]:
    """What an audit of the conversation finds."""
    return list((await audit(record, CID)).found)


async def test_a_sound_conversation_passes(told: Record) -> None:
    """Its events are counted, its snapshot is compared, nothing is found."""
    assert await audit(told, CID) == Audit(CID, 3, 3, ())


async def test_a_snapshot_behind_the_log_passes(told: Record) -> None:
    """A snapshot is compared with the log as far as it goes."""
    await told.append(CID, text_received(2))
    assert await audit(told, CID) == Audit(CID, 4, 3, ())


async def test_a_conversation_without_a_snapshot_passes(record: Record) -> None:
    """There is nothing to compare, and the rest is looked at."""
    await record.append(CID, text_received(1))
    assert await audit(record, CID) == Audit(CID, 1, None, ())


async def test_a_snapshot_by_another_fold_is_not_compared(told: Record, redis: Client) -> None:
    """Another version of the program left it; readers ignore it, too."""
    await redis.hset(VIEW, mapping={"fold": "another", "view": "{}"})
    assert await audit(told, CID) == Audit(CID, 3, None, ())


async def test_a_view_that_differs_is_found(told: Record, redis: Client) -> None:
    """Field by field, without its content."""
    view = await told.view(CID)
    wrong = view.model_copy(update={"first_name": "Robin", "suppressed": True})
    await redis.hset(VIEW, "view", wrong.model_dump_json())
    assert await found(told) == [Found(Finding.DIFFERENT, "first_name"), Found(Finding.DIFFERENT, "suppressed")]


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"view": "{"}, "does not validate"),
        ({"version": "2"}, "version 2"),
        ({"version": "9", "view": View(version=9).model_dump_json()}, "version 9"),
    ],
)
async def test_a_damaged_snapshot_is_found(told: Record, redis: Client, fields: dict[str, str], where: str) -> None:
    """One that does not validate, or claims a version it cannot have."""
    await redis.hset(VIEW, mapping=fields)
    assert await found(told) == [Found(Finding.DIFFERENT, where)]


async def test_a_gap_is_found(told: Record, redis: Client) -> None:
    """An entry that was taken out shows in the versions, in the ids, and in the view."""
    await redis.xdel(LOG, "2-0")
    assert [one.finding for one in await found(told)] == [Finding.GAP, Finding.LOST, Finding.DIFFERENT]


async def test_an_event_twice_is_found(told: Record, redis: Client) -> None:
    """Written past the script, it has a version of its own and the same id."""
    await redis.xadd(LOG, {"schema": SCHEMA, "event": encode(text_received(1))}, id="4-0")
    assert await found(told) == [Found(Finding.DUPLICATE, "sms:1")]


async def test_an_event_unknown_to_the_script_is_found(told: Record, redis: Client) -> None:
    """A repeat of it would be added."""
    await redis.hdel(SEEN, "sms:1")
    assert await found(told) == [Found(Finding.UNKNOWN, "sms:1")]


@pytest.mark.parametrize("fields", [{"schema": SCHEMA + 1, "event": "{}"}, {"schema": "x", "event": ""}, {"a": "b"}])
async def test_an_unreadable_event_is_found(told: Record, redis: Client, fields: dict[str, str | int]) -> None:
    """Of a newer schema, damaged, or no event at all: named by its version; nothing is folded past it."""
    await redis.xadd(LOG, fields, id="4-0")
    assert await found(told) == [Found(Finding.UNREADABLE, "4-0")]


async def test_an_effect_without_its_hint_is_found(told: Record, redis: Client) -> None:
    """Nobody would ever look for it."""
    await redis.zrem("segue:due", f"{CID}/dial:1")
    assert await found(told) == [Found(Finding.UNHINTED, "dial:1")]


async def all_found(record: Record) -> dict[str, list[Found]]:
    """What an audit of everything finds, by conversation."""
    return {one.cid: list(one.found) async for one in audit_all(record)}


async def test_everything_is_audited(told: Record) -> None:
    """Every conversation is looked at, once."""
    for n in range(20):
        await told.append(f"c{n}", text_received(1))
    assert await all_found(told) == {CID: []} | {f"c{n}": [] for n in range(20)}


async def test_left_over_hints_are_told_apart(told: Record) -> None:
    """Of an effect that settled, and of one that never came, here or in a conversation that never began."""
    await told.append(CID, started("dial:1"), settled("dial:1"))
    assert not await told.hints(), "it went with the append"
    await hint_alone(told, CID, requested("dial:1", dial()), requested("dial:2", dial()))
    await hint_alone(told, "nobody", requested("dial:3", dial()))
    assert await all_found(told) == {
        CID: [Found(Finding.SETTLED_HINT, "dial:1"), Found(Finding.ORPHAN_HINT, "dial:2")],
        "nobody": [Found(Finding.ORPHAN_HINT, "dial:3")],
    }
    assert all([one.passed async for one in audit_all(told)])


async def test_hints_of_effects_that_wait_are_as_they_should_be(told: Record) -> None:
    """Also of one that came after the hints were read."""
    hinted = [effect for _, effect in await told.hints()]
    await told.append(CID, requested("dial:2", dial()))
    assert (await audit(told, CID, [*hinted, "dial:2", "gone"])).found == ()


def test_what_is_wrong_fails() -> None:
    """Everything but a left-over hint."""
    assert (
        {finding for finding in Finding if not Audit(CID, 1, None, (Found(finding, "x"),)).passed}
        == WRONG
        == set(Finding) - {Finding.SETTLED_HINT, Finding.ORPHAN_HINT}
    )
