"""The list: who is on the telephone, who was active last, and who is meant by a name or number."""

from collections.abc import AsyncIterator

import pytest

from state.behind import LAG_S
from state.effects import HandoffStep
from state.events import Event, HandoffAdvanced, conversation_id
from state.fold import fold_all
from state.store import Record
from state.suspects import HINT_GRACE
from state.view import View
from telephony.console import rows
from telephony.console.rows import PAGE, Tone, found, listed, state_of
from tests.happenings import (
    NOW,
    at,
    call_connected,
    call_ended,
    call_placed,
    dial,
    held,
    hold_lifted,
    lead_arrived,
    paused,
    persona_said,
    requested,
    suppressed,
    text_received,
)
from tests.telephony_kit import BRAND, TestServices, open_services

pytestmark = pytest.mark.anyio


@pytest.fixture
async def kit(record: Record, valkey_url: str) -> AsyncIterator[TestServices]:
    """A server without conversations."""
    async with open_services(record, valkey_url) as opened:
        yield opened


def lead(name: str, number: str, seconds: float = 0) -> Event:
    """Somebody became a lead."""
    return lead_arrived().model_copy(update={"first_name": name, "number": number, "at": at(seconds)})


def step(step: HandoffStep) -> HandoffAdvanced:
    """A transfer of the call to Sarah got so far."""
    return HandoffAdvanced(id=f"h:{step}", at=NOW, handoff="h", step=step, call="CA1", agent="Sarah")


@pytest.mark.parametrize(
    ("events", "label", "tone"),
    [
        ([], "new", Tone.CALM),
        ([text_received(1)], "replied", Tone.CALM),
        ([persona_said(1, "Hello")], "awaiting reply", Tone.CALM),
        ([requested("answer:1")], "being answered", Tone.CALM),
        ([requested("dial:1", dial())], "call planned", Tone.CALM),
        ([call_placed(), call_connected()], "on the phone", Tone.LIVE),
        ([call_placed(), call_connected(), step(HandoffStep.RINGING)], "transfer: ringing", Tone.LIVE),
        ([call_placed(), call_connected(), call_ended(), step(HandoffStep.JOINED)], "with Sarah", Tone.GOOD),
        ([held()], "held", Tone.WARN),
        ([paused()], "Kim took over", Tone.WARN),
        ([held(), suppressed()], "opted out", Tone.STOP),
        ([suppressed("wrong_number")], "wrong number", Tone.STOP),
    ],
)
def test_a_state_says_what_to_know_first(events: list[Event], label: str, tone: Tone) -> None:
    """A live call before everything, a stop before what is only waiting."""
    state = state_of(fold_all(View(), [lead_arrived(), *events]))
    assert (state.label, state.tone) == (label, tone)


async def test_live_conversations_come_first(kit: TestServices) -> None:
    """Then the others by last activity, each once."""
    for n in range(3):
        await kit.record.append(f"c{n}", lead(f"N{n}", f"+1312555010{n}", n))
    await kit.record.append("c0", call_placed(), call_connected())
    page = await listed(kit.services, 1)
    assert ([row.cid for row in page.live], [row.cid for row in page.rest]) == (["c0"], ["c2", "c1"])


async def test_a_row_says_when_its_conversation_was_last_active(kit: TestServices) -> None:
    """By which the list is ordered, also where nothing was said."""
    await kit.record.append("c0", lead("A", "+13125550100"), text_received(1))
    await kit.record.append("c1", lead("B", "+13125550101", 60))
    await kit.record.append("c0", held().model_copy(update={"at": at(120)}))
    await kit.record.listing._behind.now()
    assert [(row.cid, row.at) for row in (await listed(kit.services, 1)).rest] == [("c0", at(120)), ("c1", at(60))]


async def test_a_page_holds_so_many(kit: TestServices) -> None:
    """A page that does not exist is the last one that does."""
    for n in range(PAGE + 1):
        await kit.record.append(f"c{n}", lead("N", f"+131255501{n:02}", n))
    assert len((await listed(kit.services, 1)).rest) == PAGE
    last = await listed(kit.services, 99)
    assert ([row.cid for row in last.rest], last.page, last.pages) == (["c0"], 2, 2)


async def test_the_view_decides_who_is_live_and_who_waits(kit: TestServices) -> None:
    """An entry that the view does not bear out is not shown, and in time forgotten."""
    await kit.record.append("c0", lead("A", "+13125550100"), call_placed(), call_connected(), call_ended())
    await kit.record.append("c1", lead("B", "+13125550101"), held(), hold_lifted())
    await kit.record.append("c2", lead("C", "+13125550102"), held())
    assert (await listed(kit.services, 1)).live == []
    assert [row.cid for row in (await listed(kit.services, 1, waiting=True)).rest] == ["c2"]
    kit.clock.advance(seconds=HINT_GRACE.total_seconds() + LAG_S)
    await listed(kit.services, 1)
    page = await listed(kit.services, 1, waiting=True)
    assert page.waiting == 2  # counted before this look took c1 off
    assert (await listed(kit.services, 1)).waiting == 1


@pytest.mark.parametrize("text", ["jordan", "JOR", "0142", "(312) 555-0142", "312-555-0142", "+13125550142"])
async def test_a_person_is_found_by_name_and_number(kit: TestServices, text: str) -> None:
    """However the number is written."""
    cid = conversation_id(BRAND, "+13125550142")
    await kit.record.append(cid, lead("Jordan", "+13125550142"))
    await kit.record.append("other", lead("Ann", "+19165550199"))
    assert [row.cid for row in (await found(kit.services, text)).rest] == [cid]


async def test_a_conversation_is_found_by_its_id(kit: TestServices) -> None:
    """Logs name conversations by it."""
    await kit.record.append("c0ffee", lead("Jordan", "+13125550142"))
    assert [row.cid for row in (await found(kit.services, " c0ffee ")).rest] == ["c0ffee"]


async def test_a_name_that_has_changed_is_not_found_any_more(kit: TestServices) -> None:
    """The list of words is a hint; the view has the name."""
    await kit.record.append("c0", lead("Jordan", "+13125550142"))
    await kit.record.append("c0", lead("Taylor", "+13125550142").model_copy(update={"id": "again"}))
    assert (await found(kit.services, "jordan")).rest == []
    assert len((await found(kit.services, "taylor")).rest) == 1


def test_a_row_says_the_last_words() -> None:
    """What was heard last, or nothing yet."""
    view = fold_all(View(), [lead_arrived(), text_received(1, "Yeah I am")])
    row = rows.row_of("c0", view)
    assert row.last is not None
    assert (row.name, row.last.text) == ("Jordan", "Yeah I am")
    assert rows.row_of("c0", fold_all(View(), [lead_arrived()])).last is None
