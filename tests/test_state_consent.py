"""The ledger is chained, seals survive concurrent appends, and tampering shows."""

import asyncio
import json
from collections.abc import Sequence

import pytest
from happenings import NOW, at, consent, lead_arrived, suppressed, text_received
from redis import Redis

from state.consent import GENESIS, canonical, row_hash, rows_of, sealing, verify_chain
from state.events import EVENT, ConsentGiven, Event, EvidenceSealed, Scope, TextsResumed
from state.store import Record

TICK = consent(Scope.SMS, Scope.AI_VOICE)
STOP = suppressed()
START = TextsResumed(id="sms:2:resumed", at=at(60))
STORY: tuple[Event, ...] = (lead_arrived(), TICK, text_received(1, "STOP"), STOP, START)


def numbered(*events: Event) -> list[tuple[int, Event]]:
    """A log."""
    return list(enumerate(events, 1))


def sealed(*events: Event) -> list[tuple[int, Event]]:
    """A log that was sealed after each of its events, as a server does it."""
    log: list[tuple[int, Event]] = []
    for event in events:
        log.append((len(log) + 1, event))
        seal = sealing(log, NOW)
        if seal is not None:
            log.append((len(log) + 1, seal))
    return log


def replaced(log: Sequence[tuple[int, Event]], version: int, event: Event) -> list[tuple[int, Event]]:
    """The log with one event put in place of another."""
    return [(number, event if number == version else one) for number, one in log]


def version_of(log: Sequence[tuple[int, Event]], event: Event) -> int:
    """Where an event stands."""
    return next(number for number, one in log if one == event)


# The chain -----------------------------------------------------------------------------------------------------------


def test_rows_are_consents_suppressions_and_resumptions() -> None:
    """In the log's order, each with the hash before it."""
    rows = rows_of(numbered(*STORY))
    assert [(row.version, row.event) for row in rows] == [(2, TICK), (4, STOP), (5, START)]
    assert [row.prev_hash for row in rows] == [GENESIS, rows[0].row_hash, rows[1].row_hash]
    assert [row.row_hash for row in rows] == [row_hash(row.prev_hash, row.event) for row in rows]


def test_the_hash_can_be_computed_by_anybody() -> None:
    """It is plain SHA-256 over what the documentation says; this value must never change."""
    assert canonical(STOP) == (
        b'{"at":"2026-11-18T20:05:00Z","channel":"sms","detector":"keyword","id":"stop:1","kind":"suppressed",'
        b'"reason":"opt_out","words":"STOP"}'
    )
    assert row_hash(GENESIS, STOP) == "fde2b8ab07987220d603452ae969e970372489b92af0d1cdac6b2364544c9ed2"


def test_a_field_that_is_added_later_changes_no_old_row() -> None:
    """What was not said when the row was written is not part of it."""
    fields = json.loads(canonical(TICK))
    assert "seller" in ConsentGiven.model_fields
    assert fields.keys() == {"at", "kind", "id", "scopes", "basis", "act", "disclosure"}


def test_a_row_read_back_has_the_same_hash() -> None:
    """The way through JSON and Redis changes nothing."""
    assert row_hash(GENESIS, EVENT.validate_json(TICK.model_dump_json())) == row_hash(GENESIS, TICK)  # type: ignore[arg-type]


# Sealing -------------------------------------------------------------------------------------------------------------


def test_a_seal_is_made_once_for_each_new_row() -> None:
    """Nothing new, no seal; and none for what is no evidence."""
    assert sealing(numbered(lead_arrived()), NOW) is None
    log = sealed(*STORY)
    assert [event.rows for _, event in log if isinstance(event, EvidenceSealed)] == [1, 2, 3]
    assert sealing(log, NOW) is None


def test_a_missed_seal_is_made_up_for() -> None:
    """A seal vouches for all rows before it, whoever failed to seal them."""
    seal = sealing(numbered(*STORY), NOW)
    assert seal is not None
    assert (seal.id, seal.rows, seal.row_hash) == ("seal:3", 3, rows_of(numbered(*STORY))[-1].row_hash)


@pytest.mark.anyio
async def test_seals_survive_concurrent_appends(record: Record) -> None:
    """Ten writers append evidence and seal what they see at once: the chain is whole, each seal is there once."""

    async def write(number: int) -> None:
        await record.append("c1", suppressed().model_copy(update={"id": f"stop:{number}"}))
        seal = sealing(await record.log("c1"), at(number))
        if seal is not None:
            await record.append("c1", seal)

    await asyncio.gather(*(write(number) for number in range(10)))
    log = await record.log("c1")
    verdict = verify_chain(log)
    assert (verdict.rows, verdict.sealed, verdict.faults) == (10, 10, ())
    seals = [event.rows for _, event in log if isinstance(event, EvidenceSealed)]
    assert len(seals) == len(set(seals))


# Verifying -----------------------------------------------------------------------------------------------------------


def test_an_untouched_ledger_is_intact() -> None:
    """And its head stands for all rows."""
    log = sealed(*STORY)
    verdict = verify_chain(log)
    assert verdict.intact
    assert (verdict.rows, verdict.sealed, verdict.head) == (3, 3, rows_of(log)[-1].row_hash)


def test_a_ledger_without_rows_is_intact() -> None:
    """There is nothing to doubt."""
    verdict = verify_chain(numbered(lead_arrived()))
    assert (verdict.intact, verdict.rows, verdict.head) == (True, 0, GENESIS)


def test_rows_without_a_seal_are_told() -> None:
    """They are not known to be wrong, and not vouched for either."""
    verdict = verify_chain(numbered(*STORY))
    assert (verdict.intact, verdict.rows, verdict.sealed) == (True, 3, 0)


@pytest.mark.parametrize(
    "forged",
    [
        TICK.model_copy(update={"disclosure": "I agree to everything."}),
        TICK.model_copy(update={"at": at(-3600)}),
        TICK.model_copy(update={"scopes": (Scope.SMS,)}),
        TICK.model_copy(update={"ip": "203.0.113.9"}),
    ],
)
def test_a_changed_row_shows(forged: ConsentGiven) -> None:
    """Any field of it; the verdict names the suspects."""
    log = sealed(*STORY)
    version = version_of(log, TICK)
    verdict = verify_chain(replaced(log, version, forged))
    assert verdict.faults == (
        f"a row was changed, put in or removed after it was sealed: look at the events {version}",
    )


def test_a_row_made_to_vanish_shows() -> None:
    """A STOP replaced by something harmless breaks the count."""
    log = sealed(lead_arrived(), TICK, STOP)
    harmless = text_received(7, "great, thanks")
    assert verify_chain(replaced(log, version_of(log, STOP), harmless)).faults == ("2 rows were sealed, 1 are there",)


def test_a_row_slipped_in_shows() -> None:
    """A consent that was not there when the STOP was sealed."""
    log = sealed(lead_arrived(), text_received(1), STOP)
    slipped = replaced(log, 2, consent(Scope.AI_VOICE, id="consent:forged"))
    assert not verify_chain(slipped).intact


def test_rows_that_changed_places_show() -> None:
    """Which came last, the consent or the stop, is what a dispute is about."""
    log = sealed(lead_arrived(), TICK, STOP)
    first, second = version_of(log, TICK), version_of(log, STOP)
    assert not verify_chain(replaced(replaced(log, first, STOP), second, TICK)).intact


def test_a_changed_seal_shows() -> None:
    """Seals are held against the rows, whichever of them was touched."""
    log = sealed(lead_arrived(), TICK)
    version, seal = log[-1]
    assert not verify_chain(replaced(log, version, seal.model_copy(update={"row_hash": "f" * 64}))).intact


@pytest.mark.anyio
async def test_an_event_taken_out_of_redis_shows(record: Record, valkey_url: str) -> None:
    """Versions count without a gap."""
    await record.append("c1", *STORY)
    with Redis.from_url(valkey_url) as redis:
        assert redis.xdel("segue:{c1}:log", "4-0") == 1
    assert verify_chain(await record.log("c1")).faults == ("event 4 is missing from the log",)
