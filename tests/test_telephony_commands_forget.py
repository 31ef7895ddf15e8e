"""`segue forget`, as an operator types it."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from happenings import NOW, call_connected, call_placed, requested, send_text, suppressed, text_received, text_sent
from redis import Redis
from telephony_kit import ARRIVED, BRAND, CAMPAIGN, CID, CONSENT, LEAD

from state.consent import sealing, verify_chain
from state.errors import RecordUnavailable
from state.events import Erased, Event, LeadArrived, conversation_id
from state.store import Record
from telephony.commands import forget
from telephony.commands.people import Files

SECRET = "marzipan"
DAYS_30 = CAMPAIGN.model_copy(update={"retention_days": 30})
LATER = NOW + timedelta(days=30)
STORY: tuple[Event, ...] = (ARRIVED, CONSENT, text_sent(1, SECRET), text_received(1, SECRET), suppressed())


async def tell(record: Record, *events: Event, cid: str = CID) -> None:
    """Appends and seals."""
    await record.append(cid, *events)
    seal = sealing(await record.log(cid), NOW)
    if seal is not None:
        await record.append(cid, seal)


@pytest.fixture
def server(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """An empty Redis and the environment that names it; runs an async function on its record."""

    def run(function: Callable[..., Any], *args: Any) -> Any:
        async def on_record() -> Any:
            record = Record.connect(valkey_url)
            try:
                return await function(record, *args)
            finally:
                await record.close()

        return asyncio.run(on_record())

    with Redis.from_url(valkey_url) as redis:
        redis.flushdb()
    monkeypatch.setenv("SEGUE_REDIS_URL", valkey_url)
    monkeypatch.setenv("SEGUE_CAMPAIGNS", str(Path(__file__).parent.parent / "campaigns"))
    return run


# A person ------------------------------------------------------------------------------------------------------------


def test_a_person_is_erased_and_the_evidence_kept(
    server: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """The operator is told what stays, and what the carrier has."""
    server(tell, *STORY)
    assert forget.forget("(312) 555-0142") == 0
    log = server(Record.log, CID)
    assert SECRET not in repr(log)
    assert verify_chain(log).intact
    assert [event.reason for _, event in log if isinstance(event, Erased)] == ["request"]
    out = capsys.readouterr().out
    assert f"{BRAND}: erased. 2 rows of evidence and the list of contacts are kept." in out
    assert "The carrier has its own copies; delete them there: SMo1, SM1" in out


def test_a_second_time_there_is_nothing_left(server: Callable[..., Any], capsys: pytest.CaptureFixture[str]) -> None:
    """And that is no error."""
    server(tell, *STORY)
    assert forget.forget(LEAD) == 0
    assert forget.forget(LEAD, campaign="insurance") == 0
    assert "there was nothing left to erase" in capsys.readouterr().out


def test_whoever_is_on_the_telephone_is_not_erased(
    server: Callable[..., Any], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The operator is told to come back."""
    monkeypatch.setenv("SEGUE_BUSINESS_TIME", NOW.isoformat())
    server(tell, ARRIVED, call_placed(), call_connected())
    assert forget.forget(LEAD) == 2
    assert "try again when the call is over" in capsys.readouterr().err


def test_bad_questions_are_answered_with_2(server: Callable[..., Any], capsys: pytest.CaptureFixture[str]) -> None:
    """Neither nobody nor everybody and somebody at once."""
    assert forget.forget() == 2
    assert forget.forget(LEAD, expired=True) == 2
    assert forget.forget(LEAD) == 2
    err = capsys.readouterr().err
    assert "or give --expired" in err
    assert "no conversation with" in err


def test_a_redis_that_keeps_its_old_file_is_told_of(
    server: Callable[..., Any], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hosted ones refuse the command: then it is the operator's to see to."""

    async def refuse(record: Record, within_s: float = 60) -> None:
        raise RecordUnavailable("the Redis user lacks a permission")

    monkeypatch.setattr(Record, "compact", refuse)
    server(tell, *STORY)
    assert forget.forget(LEAD) == 0
    assert "what was erased may still be in it" in capsys.readouterr().out


# Everybody whose time is over ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "after", "over"),
    [
        ({BRAND: 30}, timedelta(days=30), True),
        ({BRAND: 30}, timedelta(days=29, hours=23), False),
        ({"Elm Street Lending": 1}, timedelta(days=400), False),
        ({}, timedelta(days=400), False),
    ],
)
def test_time_counts_from_the_last_contact(days: dict[str, int], after: timedelta, over: bool) -> None:
    """And only for brands that set one."""
    assert forget.is_expired([*STORY], days, NOW + after) is over


def test_what_is_still_to_come_keeps_a_conversation() -> None:
    """Somebody was promised a text."""
    assert not forget.is_expired([ARRIVED, requested("send:1", send_text())], {BRAND: 1}, LATER)


@pytest.mark.anyio
async def test_the_shortest_time_of_a_brand_counts(record: Record) -> None:
    """Its campaigns share the conversation. Other brands' people are left alone."""
    long = CAMPAIGN.model_copy(update={"id": "renters", "retention_days": 365})
    elm = CAMPAIGN.model_copy(update={"id": "lending", "brand": "Elm Street Lending"})
    elsewhere = conversation_id(elm.brand, LEAD)
    await tell(record, *STORY)
    await tell(record, LeadArrived.model_validate(ARRIVED.model_dump() | {"brand": elm.brand}), cid=elsewhere)
    files = Files(record, {one.id: one for one in (long, DAYS_30, elm)}, lambda: LATER)
    assert await forget.forget_expired(files) == 1
    assert await forget.forget_expired(files) == 0
    log = await record.log(CID)
    assert [event.reason for _, event in log if isinstance(event, Erased)] == ["retention"]
    assert (await record.view(CID)).suppressed
    assert "Jordan" in repr(await record.log(elsewhere))


def test_the_sweep_says_how_many(server: Callable[..., Any], capsys: pytest.CaptureFixture[str]) -> None:
    """The shipped campaign sets no time: nobody is erased behind its brand's back."""
    server(tell, *STORY)
    assert forget.forget(expired=True) == 0
    assert capsys.readouterr().out == "0 conversations erased.\n"
    assert SECRET in repr(server(Record.log, CID))
