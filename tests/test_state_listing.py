"""The list of conversations: a hint for people who look, never the truth."""

from datetime import timedelta

import pytest

from state.connect import connect
from state.events import LeadArrived
from state.listing import Listing, Shelf, folded
from state.store import Record
from state.suspects import HINT_GRACE
from tests.happenings import (
    NOW,
    at,
    call_connected,
    fact,
    held,
    lead_arrived,
    paused,
    persona_said,
    text_received,
)

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="session")
def valkey_url(any_redis_url: str) -> str:
    """The rules of this module hold on one server and on a Cluster."""
    return any_redis_url


def arrived(name: str, number: str = "+13125550142") -> LeadArrived:
    """Somebody became a lead."""
    return lead_arrived().model_copy(update={"first_name": name, "number": number})


async def test_a_lead_is_listed_with_his_first_event(record: Record) -> None:
    """Newest first, a page at a time."""
    for n in range(5):
        await record.append(f"c{n}", lead_arrived().model_copy(update={"at": at(n)}))
    listed = record.listing
    assert [cid for cid, _ in await listed.newest(Shelf.RECENT, 0, 2)] == ["c4", "c3"]
    assert [cid for cid, _ in await listed.newest(Shelf.RECENT, 2, 9)] == ["c2", "c1", "c0"]
    assert await listed.count(Shelf.RECENT) == 5
    assert [cid for cid, _ in await listed.since(at(3), 9)] == ["c4", "c3"]


async def test_whoever_wrote_last_is_first(record: Record, valkey_url: str) -> None:
    """Times of activity are written behind the appends, all at the latest when the record closes."""
    writing = Record.connect(valkey_url)
    for n in range(3):
        await writing.append(f"c{n}", lead_arrived().model_copy(update={"at": at(n)}))
    await writing.append("c0", text_received(1, seconds=60))
    await writing.close()
    assert [cid for cid, _ in await record.listing.newest(Shelf.RECENT)] == ["c0", "c2", "c1"]


async def test_what_is_late_makes_nobody_older(record: Record, valkey_url: str) -> None:
    """A form that is posted again with its old time."""
    writing = Record.connect(valkey_url)
    await writing.append("c0", lead_arrived(), text_received(1, seconds=60))
    await writing.append("c0", lead_arrived().model_copy(update={"id": "again", "at": at(-60)}))
    await writing.close()
    assert [score for _, score in await record.listing.newest(Shelf.RECENT)] == [at(60).timestamp() * 1000]


async def test_a_turn_of_a_call_waits_for_no_list(record: Record, valkey_url: str) -> None:
    """Most events write nothing but their own conversation."""
    await record.append("c0", lead_arrived())
    listing, said = Listing(connect(valkey_url)), persona_said(1, "Hello").model_copy(update={"at": at(60)})
    await listing.write("c0", [said])
    assert [score for _, score in await record.listing.newest(Shelf.RECENT)] == [at(0).timestamp() * 1000]
    await listing.close()
    assert [score for _, score in await record.listing.newest(Shelf.RECENT)] == [at(60).timestamp() * 1000]


async def test_a_log_without_a_lead_is_not_listed(record: Record, valkey_url: str) -> None:
    """Members of staff have logs, too."""
    writing = Record.connect(valkey_url)
    await writing.append("sarah", text_received(1))
    await writing.close()
    assert await record.listing.count(Shelf.RECENT) == 0


async def test_live_and_waiting_conversations_have_shelves(record: Record) -> None:
    """Listed before their append, so that no crash loses one."""
    await record.append("live", lead_arrived(), call_connected())
    await record.append("held", lead_arrived(), held())
    await record.append("paused", lead_arrived(), paused())
    assert [cid for cid, _ in await record.listing.newest(Shelf.LIVE)] == ["live"]
    assert {cid for cid, _ in await record.listing.newest(Shelf.WAITING)} == {"held", "paused"}


async def test_an_entry_goes_when_it_was_doubted_twice(record: Record) -> None:
    """The first look marks it; only if nobody wrote it again for as long as an append takes is it gone."""
    await record.append("c0", lead_arrived(), call_connected())
    later = NOW + HINT_GRACE
    await record.listing.suspect(Shelf.LIVE, "c0", NOW)
    await record.listing.suspect(Shelf.LIVE, "c0", later - timedelta(seconds=1))
    assert await record.listing.count(Shelf.LIVE) == 1
    await record.append("c0", call_connected(stream="MZ2"))
    await record.listing.suspect(Shelf.LIVE, "c0", later)
    assert await record.listing.count(Shelf.LIVE) == 1
    await record.listing.suspect(Shelf.LIVE, "c0", later + HINT_GRACE)
    assert await record.listing.count(Shelf.LIVE) == 0


@pytest.mark.parametrize(
    "asked", ["jordan", "JOR", " Jordan Smith", "0142", "(312) 555-0142", "+1312555", "13125550142"]
)
async def test_a_conversation_is_found_by_name_and_number(record: Record, asked: str) -> None:
    """By the beginning of a name, or either end of the number, however it is written."""
    await record.append("c0", arrived("Jordan"))
    await record.append("c1", arrived("Ann", "+19165550199"))
    assert await record.listing.search(asked) == ["c0"]


@pytest.mark.parametrize("asked", ["", "  ", "ordan", "5550", "[j", "*", "jordan/", "<2410"])
async def test_a_search_finds_no_more_than_it_says(record: Record, asked: str) -> None:
    """Middles do not count, and nothing a person types is a command."""
    await record.append("c0", arrived("Jordan"))
    expected = ["c0"] if folded(asked)[:1] == ["jordan"] or folded(asked)[:1] == ["j"] else []
    assert await record.listing.search(asked) == expected


async def test_names_are_found_without_accents(record: Record) -> None:
    """Also a name the lead told us later."""
    await record.append("c0", arrived("José"), fact("first_name", "Žofie"))
    assert await record.listing.search("jose") == await record.listing.search("ZOFIE") == ["c0"]
