"""`segue plan`, as an operator types it."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest
from happenings import suppressed
from redis import Redis
from telephony_kit import ARRIVED, CID, CONSENT, LEAD, NOW

from state.effects import PermitKind
from state.events import Event, Promised, TextSent
from state.store import Record
from telephony.commands.plan import explain

AFTERNOON = "2026-11-18T14:05"
TEXTED = TextSent(
    id="sms:SM1", at=NOW, sid="SM1", effect="first_text", body="Still looking?", permit=PermitKind.INITIATE
)


@pytest.fixture
def redis(valkey_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """An empty Redis, and the environment that names it, the campaigns and a data directory."""
    with Redis.from_url(valkey_url) as redis:
        redis.flushdb()
    monkeypatch.setenv("SEGUE_REDIS_URL", valkey_url)
    monkeypatch.setenv("SEGUE_CAMPAIGNS", str(Path(__file__).parent.parent / "campaigns"))
    monkeypatch.setenv("SEGUE_DATA", str(tmp_path / "data"))
    return valkey_url


def told(url: str, *events: Event) -> None:
    """The lead of the story, and what else happened."""

    async def tell() -> None:
        record = Record.connect(url)
        await record.append(CID, ARRIVED, CONSENT, *events)
        await record.close()

    asyncio.run(tell())


def test_the_next_step_is_explained(redis: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What, when on the lead's clock, why; every rule with its word; and what we promised him."""
    due = NOW + timedelta(hours=3)
    told(redis, TEXTED, Promised(id="p", at=NOW, what="a person calls back", due=due, by="person"))
    assert explain(LEAD, at=AFTERNOON) == 0
    out = capsys.readouterr().out
    assert "NEXT: call Wed 2026-11-18 14:30:00 America/Chicago: no answer to the text" in out
    assert "requested_call" in out
    assert "Promised: a person calls back, until Wed 2026-11-18 17:35:00 America/Chicago: open" in out


def test_a_stop_is_explained(redis: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What keeps us from everything is said first, and marked among the rules."""
    told(redis, TEXTED, suppressed())
    assert explain(LEAD, at=AFTERNOON) == 0
    out = capsys.readouterr().out
    assert "NEXT: nothing. The lead opted out" in out
    assert "STOPS: the lead opted out" in out


def test_json_is_for_programs(redis: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One entry for each conversation, with the step as it would be requested."""
    told(redis, TEXTED)
    assert explain(LEAD, at=AFTERNOON, json_=True) == 0
    (entry,) = json.loads(capsys.readouterr().out)
    assert entry["next"]["channel"] == "voice"
    assert entry["next"]["due"] == "2026-11-18T20:30:00+00:00"
    assert {one["rule"] for one in entry["considered"]} >= {"opted_out", "requested_call", "touchpoint"}


def test_a_number_without_a_conversation_is_taken_for_a_new_lead(
    redis: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a campaign; at eleven at night the text waits for the morning, and says what holds it."""
    assert explain("312 555 0142", campaign="insurance", at="2026-11-18T23:00") == 0
    out = capsys.readouterr().out
    assert "taken to be a new lead" in out
    assert "NEXT: text Thu 2026-11-19 08:" in out
    assert "Not sooner because of: quiet_hours" in out


@pytest.mark.parametrize(
    ("number", "given", "says"),
    [("312", {}, "312"), (LEAD, {}, "no conversation"), (LEAD, {"campaign": "none"}, "there is no campaign")],
)
def test_a_question_that_cannot_be_answered(
    redis: str, capsys: pytest.CaptureFixture[str], number: str, given: dict[str, str], says: str
) -> None:
    """Exit code 2 and a sentence."""
    assert explain(number, **given) == 2
    assert says in capsys.readouterr().err
