"""An erased person's words are gone from everywhere; the evidence and the skeleton of the contacts are not."""

from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
from happenings import (
    LEAD,
    NOW,
    at,
    call_connected,
    call_ended,
    call_placed,
    call_status,
    consent,
    fact,
    hold_lifted,
    lead_arrived,
    lead_said,
    paused,
    persona_said,
    persona_saying,
    requested,
    resumed,
    send_text,
    settled,
    started,
    suppressed,
    text_received,
    text_sent,
    text_status,
    transfer_ordered,
    whispered,
)
from redis import Redis

from state.consent import rows_of, sealing, verify_chain
from state.effects import BriefAgent, HandoffStep
from state.embedded import EmbeddedValkey
from state.erasure import BLANK, QUIET, Busy, blank, erase, last_contact
from state.errors import RecordUnreadable
from state.events import (
    AgentEngaged,
    AgentPresence,
    AnswerDetected,
    CallAnsweredBy,
    Erased,
    Event,
    EvidenceSealed,
    FactLearned,
    HandoffAdvanced,
    HandoffReported,
    OutreachHeld,
    Promised,
    PromiseSettled,
    Scope,
    TextsResumed,
)
from state.fold import fold_all
from state.store import SNAPSHOT_AFTER, Record
from state.view import View

LATER = at(7200)
SECRET = "marzipan"
"""In every field that holds content, and nowhere else."""

STORY: tuple[Event, ...] = (
    lead_arrived(employer=SECRET).model_copy(update={"first_name": SECRET, "zip": "60614"}),
    consent(Scope.SMS, Scope.AI_VOICE),
    requested("first_text", send_text(SECRET)),
    started("first_text"),
    text_sent(1, SECRET, asks="interest"),
    settled("first_text"),
    text_status(1, "delivered"),
    text_received(1, SECRET),
    fact("employer", SECRET),
    fact("under_18", True),
    call_placed(),
    call_connected(),
    whispered(SECRET),
    lead_said(1, SECRET),
    persona_saying(2, f"{SECRET}, got it.", heard=SECRET),
    persona_said(2, f"{SECRET}, got it.", heard=SECRET, cut_ms=80),
    Promised(id="promise:1", at=NOW, what=SECRET, due=at(3600), body=SECRET),
    HandoffAdvanced(
        id="h:1", at=NOW, handoff="h", step=HandoffStep.REQUESTED, call="CA1", agent="Sarah", summary=SECRET
    ),
    HandoffReported(id="r:1", at=NOW, agent="Sarah", outcome="sold", notes=SECRET, by="text"),
    requested("brief:1", BriefAgent(handoff="h", to="+13125550177", body=SECRET)),
    settled("brief:1"),
    call_ended(),
    call_status("completed", 4),
    suppressed(),
)


async def tell(record: Record, *events: Event, cid: str = "c1") -> None:
    """Appends and seals, as a server does."""
    await record.append(cid, *events)
    seal = sealing(await record.log(cid), NOW)
    if seal is not None:
        await record.append(cid, seal)


def held_by(url: str) -> str:
    """Every key and value in Redis."""
    with Redis.from_url(url, decode_responses=True) as redis:
        read: dict[str, Callable[[str], object]] = {
            "stream": lambda key: redis.xrange(key),
            "hash": lambda key: redis.hgetall(key),
            "zset": lambda key: redis.zrange(key, 0, -1),
            "string": lambda key: redis.get(key),
        }
        return repr([(key, read[str(redis.type(key))](key)) for key in redis.scan_iter()])


# Event by event ------------------------------------------------------------------------------------------------------

NO_CONTENT: tuple[Event, ...] = (
    suppressed(),
    TextsResumed(id="start:1", at=NOW),
    EvidenceSealed(id="seal:1", at=NOW, rows=1, row_hash="0" * 64),
    Erased(id="erased:1", at=NOW, reason="request"),
    OutreachHeld(id="hold:1", at=NOW, reason="ambiguous_stop: no_thanks"),
    hold_lifted(),
    paused(),
    resumed(),
    transfer_ordered(),
    PromiseSettled(id="promise:1:settled", at=NOW, promise="promise:1", outcome="kept"),
    AnswerDetected(id="amd:1", at=NOW, call="CA1", verdict="machine_end_beep", after_ms=4_100),
    CallAnsweredBy(id="by:1", at=NOW, call="CA1", who="machine", message_left=True),
    *(event for event in STORY if SECRET not in event.model_dump_json()),
    call_ended(),
    AgentPresence(id="p:1", at=NOW, number="+13125550177", brand="b", campaign="c", available=True, by="text"),
    AgentEngaged(id="g:1", at=NOW, conversation="c", handoff="h"),
)


def test_every_kind_of_event_was_thought_of() -> None:
    """A new kind has to be put here or into the story, and so be looked at."""
    from happenings import call_arrived

    shown = {type(event) for event in (*STORY, *NO_CONTENT, call_arrived())}
    assert shown == set(get_args(get_args(Event)[0]))


@pytest.mark.parametrize("event", STORY, ids=lambda event: event.kind)
def test_an_event_loses_its_content_and_nothing_else(event: Event) -> None:
    """Kind, id, time and everything a contact is proven by stay."""
    left = blank(event)
    assert SECRET not in left.model_dump_json()
    assert (left.kind, left.id, left.at) == (event.kind, event.id, event.at)
    assert blank(left) == left


@pytest.mark.parametrize("event", NO_CONTENT, ids=lambda event: event.kind)
def test_what_has_no_content_stays_as_it_is(event: Event) -> None:
    """The rows of the ledger word for word."""
    assert blank(event) == event


def test_the_number_stays_and_the_name_goes() -> None:
    """A suppression is one of a number."""
    left = blank(STORY[0])
    assert left == lead_arrived().model_copy(update={"first_name": None, "zip": None, "facts": {}})
    assert LEAD in left.model_dump_json()


def test_a_fact_that_protects_is_kept() -> None:
    """Forgetting that somebody is a child would let us call."""
    under_age, other = fact("under_18", True), fact("product", "home")
    assert blank(under_age) == under_age
    left = blank(other)
    assert isinstance(left, FactLearned)
    assert left.value is None


# A whole conversation ------------------------------------------------------------------------------------------------

pytestmark = pytest.mark.anyio


async def test_nothing_is_left_in_redis(record: Record, valkey_url: str) -> None:
    """Not in the log, nor in the snapshot of the view."""
    await tell(record, *STORY, *(text_received(10 + n, SECRET) for n in range(SNAPSHOT_AFTER)))
    await record.view("c1")
    assert SECRET in held_by(valkey_url)
    assert await erase(record, "c1", "request", LATER)
    assert SECRET not in held_by(valkey_url)
    assert BLANK in held_by(valkey_url)


async def test_evidence_stays_word_for_word_and_verifiable(record: Record) -> None:
    """The chain is the one that was sealed before."""
    await tell(record, *STORY)
    before = rows_of(await record.log("c1"))
    await erase(record, "c1", "request", LATER)
    log = await record.log("c1")
    assert rows_of(log) == before
    assert verify_chain(log).intact
    assert verify_chain(log).sealed == len(before) == 2


async def test_events_keep_their_places(record: Record) -> None:
    """Ids, order and versions: followers and repeated webhooks notice nothing."""
    await tell(record, *STORY)
    before = await record.log("c1")
    await erase(record, "c1", "request", LATER)
    after = await record.log("c1")
    assert [(v, e.id) for v, e in after[:-1]] == [(v, e.id) for v, e in before]
    assert after[-1] == (len(before) + 1, Erased(id=f"erased:{len(before)}", at=LATER, reason="request"))
    repeated = await record.append("c1", text_received(1, SECRET))
    assert repeated.added == ()


async def test_he_is_still_suppressed_and_no_longer_known(record: Record) -> None:
    """The view says what the log says."""
    await tell(record, *STORY)
    await erase(record, "c1", "request", LATER)
    view = await record.view("c1")
    assert view == fold_all(View(), [event for _, event in await record.log("c1")])
    assert (view.suppressed, view.number, view.first_name, view.thread) == (True, LEAD, None, ())
    assert (len(view.touches), view.known("under_18"), view.consents) == (2, True, {})


async def test_whoever_was_not_suppressed_needs_a_new_consent(record: Record) -> None:
    """The old one is evidence only; a new one counts."""
    await tell(record, *STORY[:-1])
    await erase(record, "c1", "retention", LATER)
    assert (await record.view("c1")).consents == {}
    await record.append("c1", consent(Scope.SMS, id="consent:2"))
    assert set((await record.view("c1")).consents) == {Scope.SMS}


async def test_erasing_twice_does_nothing(record: Record) -> None:
    """There is nothing left to take out."""
    await tell(record, *STORY)
    assert await erase(record, "c1", "request", LATER)
    version = len(await record.log("c1"))
    assert not await erase(record, "c1", "request", LATER)
    assert len(await record.log("c1")) == version


async def test_what_is_said_later_can_be_erased_again(record: Record) -> None:
    """A person comes back, and asks again."""
    await tell(record, *STORY)
    await erase(record, "c1", "request", LATER)
    await record.append("c1", text_received(9, SECRET, seconds=8000))
    assert await erase(record, "c1", "request", at(20_000))
    assert SECRET not in repr(await record.log("c1"))


async def test_what_is_appended_meanwhile_goes_too(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log is read again if it grew before it was replaced."""
    await tell(record, *STORY)
    rewrite, news = record.rewrite, [text_received(9, SECRET)]

    async def rewrite_after_news(cid: str, events: list[Event], closing: Event) -> None:
        while news:
            await record.append(cid, news.pop())
        await rewrite(cid, events, closing)

    monkeypatch.setattr(record, "rewrite", rewrite_after_news)
    assert await erase(record, "c1", "request", LATER)
    log = await record.log("c1")
    assert SECRET not in repr(log)
    assert sum(isinstance(event, Erased) for _, event in log) == 1


async def test_a_snapshot_of_before_does_not_come_back(record: Record, valkey_url: str) -> None:
    """Somebody read the log, and leaves his snapshot only after it was erased."""
    await tell(record, *STORY)
    old = fold_all(View(), [event for _, event in await record.log("c1")])
    await erase(record, "c1", "request", LATER)
    await record._leave_snapshot("c1", old)
    assert SECRET not in held_by(valkey_url)


async def test_only_the_one_conversation_is_erased(record: Record) -> None:
    """The same person's talk with another brand is another matter."""
    await tell(record, *STORY)
    await tell(record, *STORY, cid="c2")
    await erase(record, "c1", "request", LATER)
    assert SECRET in repr(await record.log("c2"))


async def test_nobody_is_erased_while_he_talks(record: Record) -> None:
    """The call would go on writing; one that was lost track of does not stand in the way for ever."""
    await tell(record, *STORY[:13])
    with pytest.raises(Busy, match="try again when the call is over"):
        await erase(record, "c1", "request", at(60))
    assert await erase(record, "c1", "request", at(61) + QUIET)


async def test_nobody_is_erased_while_a_text_goes_out(record: Record) -> None:
    """Its outcome is still to be written, with its words."""
    await tell(record, *STORY[:4])
    with pytest.raises(Busy, match="try again in a minute"):
        await erase(record, "c1", "request", at(60))


async def test_queued_effects_are_cancelled(record: Record) -> None:
    """Their words are gone."""
    await tell(record, lead_arrived(), requested("send:2", send_text(SECRET), due=9000))
    await erase(record, "c1", "request", LATER)
    assert (await record.view("c1")).outbox == {}


async def test_a_log_with_gaps_is_left_alone(record: Record, valkey_url: str) -> None:
    """Writing it anew would hide that something is missing."""
    await tell(record, *STORY)
    with Redis.from_url(valkey_url) as redis:
        redis.xdel("segue:{c1}:log", "3-0")
    with pytest.raises(RecordUnreadable, match="events are missing"):
        await erase(record, "c1", "request", LATER)


def test_the_last_contact_is_not_our_own_bookkeeping() -> None:
    """Retention counts from what happened between the two of us."""
    assert last_contact([*STORY, Erased(id="e", at=LATER, reason="request")]) == at(1)
    assert last_contact([]) is None


async def test_nothing_is_left_on_disk(anyio_backend: str, tmp_path: Path) -> None:
    """The append-only file holds every word until it is written anew."""

    def on_disk() -> bytes:
        return b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())

    with EmbeddedValkey(tmp_path) as valkey:
        record = Record.connect(valkey.url)
        await tell(record, *STORY)
        assert SECRET.encode() in on_disk()
        await erase(record, "c1", "request", LATER)
        await record.compact()
        assert verify_chain(await record.log("c1")).intact
        await record.close()
    assert SECRET.encode() not in on_disk()
    assert LEAD.encode() in on_disk()
