"""`segue leads import`: every good row once, every bad row told by its line."""

import asyncio
import tracemalloc
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from state.errors import RecordUnavailable
from state.events import ConsentGiven, EvidenceSealed, LeadArrived, conversation_id
from state.store import Record
from telephony.commands import leads
from telephony.commands.leads import AT_ONCE, take
from telephony.leads import intake

HEADER = "number,first_name,zip,consent,disclosure,product,colour"
BRAND = "Harbor Lane Insurance"


@pytest.fixture
def url(valkey_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """An empty record, at a lawful hour."""
    with Redis.from_url(valkey_url) as redis:
        redis.flushdb()
    monkeypatch.setenv("SEGUE_REDIS_URL", valkey_url)
    monkeypatch.setenv("SEGUE_CAMPAIGNS", str(Path(__file__).parent.parent / "campaigns"))
    monkeypatch.setenv("SEGUE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("SEGUE_BUSINESS_TIME", "2026-11-18T14:05:00-06:00")
    return valkey_url


def listed(tmp_path: Path, rows: Iterable[str]) -> Path:
    """A CSV."""
    path = tmp_path / "leads.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n")
    return path


def row(n: int, consent: str = "sms") -> str:
    """A good one."""
    return f"+1312555{n:04d},Jordan,60614,{consent},I agree.,home,blue"


def log_of(url: str, n: int) -> list[object]:
    """What the record holds of the n-th."""

    async def read() -> list[object]:
        record = Record.connect(url)
        log = [event for _, event in await record.log(conversation_id(BRAND, f"+1312555{n:04d}"))]
        await record.close()
        return log

    return asyncio.run(read())


def test_good_rows_come_in_and_bad_ones_are_told(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By line and field; the others are not lost. Columns nobody knows are named."""
    path = listed(
        tmp_path, [row(100), "12,Bad,60614,sms,I agree.,home,", row(101, consent=""), "+13125550102", row(103)]
    )
    assert take(path, campaign="insurance") == 1
    out = capsys.readouterr().out
    assert "line 3: number:" in out
    assert "line 4: consent:" in out
    assert "line 5: row: has 1 cells, the header has 7" in out
    assert "left alone: colour" in out
    assert "2 taken in" in out
    assert "3 refused" in out
    arrived, consent, seal = log_of(url, 100)
    assert isinstance(arrived, LeadArrived)
    assert arrived.facts == {"product": "home"}
    assert isinstance(consent, ConsentGiven)
    assert (consent.disclosure, consent.actor) == ("I agree.", "segue leads import")
    assert isinstance(seal, EvidenceSealed)


def test_our_own_numbers_in_a_list_are_told(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number we text from, and that of a person who takes calls."""
    monkeypatch.setenv("TWILIO_NUMBER", "+13125550100")
    assert take(listed(tmp_path, [row(100), row(177), row(101)]), campaign="insurance") == 1
    out = capsys.readouterr().out
    assert "line 2: number: is a number we call and text from ourselves" in out
    assert "line 3: number: is that of somebody who takes calls" in out
    assert "1 taken in" in out


def test_the_same_list_again_adds_nothing(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nor does the same row twice, even side by side: an import that broke off is started again."""
    half, whole = [row(n) for n in (100, 100, 101)], [row(n) for n in (100, 100, 101, 102)]
    assert take(listed(tmp_path, half), campaign="insurance") == 0
    before = log_of(url, 100)
    assert take(listed(tmp_path, whole), campaign="insurance") == 0
    out = capsys.readouterr().out
    assert "2 taken in" in out
    assert "3 on record already" in out
    assert "1 taken in" in out
    assert log_of(url, 100) == before


def test_who_stands_twice_in_a_list_is_one_lead(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With all that was said of him; word for word the same is said once."""
    path = listed(tmp_path, [row(100), row(100, consent="ai_voice"), row(100)])
    assert take(path, campaign="insurance") == 0
    assert "2 taken in" in (told := capsys.readouterr().out)
    assert "1 on record already" in told
    consents = [event.scopes for event in log_of(url, 100) if isinstance(event, ConsentGiven)]
    assert consents == [("sms",), ("ai_voice",)]


def test_a_moment_without_the_record_does_not_end_a_list(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was on its way goes there again."""
    fails = [RecordUnavailable("busy")]

    async def enter_new(*given: Any) -> dict[str, bool]:
        done = await intake.enter_new(*given)
        if fails:
            raise fails.pop()
        return done

    monkeypatch.setattr(leads, "enter_new", enter_new)
    assert take(listed(tmp_path, [row(n) for n in range(100, 103)]), campaign="insurance") == 0
    assert "3 on record already" in capsys.readouterr().out
    assert log_of(url, 102)


def test_the_first_of_a_list_are_woken_for(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They need not wait for the sweeper; the others wait for the carrier anyway. Who was known is left alone."""
    monkeypatch.setattr(leads, "WOKEN", 2)
    path = listed(tmp_path, [row(n) for n in range(100, 104)])
    with Redis.from_url(url) as redis:
        for _ in range(2):
            assert take(path, campaign="insurance") == 0
            assert redis.xlen("segue:stream") == 2


def test_a_dry_run_writes_nothing(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And says what would become of each."""
    path = listed(tmp_path, [row(100), row(101, consent="ai_voice")])
    assert take(path, campaign="insurance", dry_run=True) == 0
    out = capsys.readouterr().out
    assert "1 would be texted at once" in out
    assert "1 would not be texted: no_consent" in out
    assert "Nothing was written." in out
    assert log_of(url, 100) == []


def test_a_list_may_leave_to_the_command_what_all_agreed_to(url: str, tmp_path: Path) -> None:
    """The words, and the source."""
    path = tmp_path / "leads.csv"
    path.write_text("number,consent\n+13125550100,sms\n")
    assert take(path, campaign="insurance") == 1
    assert take(path, campaign="insurance", disclosure="I agree.", source="web_form") == 0
    assert isinstance(log_of(url, 100)[0], LeadArrived)


@pytest.mark.parametrize(
    "text", ["", "number,number\n", 'number,consent\n"+1312', "+13125550100,sms\n", "number;consent\n"]
)
def test_what_is_no_list_is_refused(url: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Empty, ambiguous, or no CSV: with what to do about it."""
    path = tmp_path / "leads.csv"
    path.write_text(text)
    assert take(path, campaign="insurance") == 2
    assert take(tmp_path / "none.csv", campaign="insurance") == 2
    assert take(path, campaign="nonesuch") == 2
    assert "there is no campaign 'nonesuch'" in capsys.readouterr().err


def test_memory_does_not_grow_with_the_list(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long it is, no more than a few batches are under way, and none that is done is kept."""

    def peak(rows: int) -> int:
        path = listed(tmp_path, (row(n % 3) for n in range(rows)))
        tracemalloc.start()
        try:
            assert take(path, campaign="insurance") == 0
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    monkeypatch.setattr(leads, "BATCH", 4)
    under_way = 4 * AT_ONCE
    peak(under_way)
    assert peak(under_way * 20) < peak(under_way * 2) + 200_000
