"""`segue report`: what is counted, from when to when, and as JSON."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest
from happenings import text_sent
from redis import Redis
from telephony_kit import ARRIVED, CID, CONSENT, NOW

from state.events import AgentPresence, staff_log_id
from state.store import Record
from telephony.commands.campaigns import pause
from telephony.commands.report import report


@pytest.fixture
def told(valkey_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The story's lead, texted; and a person of ours, who is no lead."""
    with Redis.from_url(valkey_url) as redis:
        redis.flushdb()
    monkeypatch.setenv("SEGUE_REDIS_URL", valkey_url)
    monkeypatch.setenv("SEGUE_CAMPAIGNS", str(Path(__file__).parent.parent / "campaigns"))
    monkeypatch.setenv("SEGUE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("SEGUE_BUSINESS_TIME", (NOW + timedelta(hours=1)).isoformat())
    presence = AgentPresence(
        id="p", at=NOW, number="+13125550177", brand="x", campaign="insurance", available=True, by="command"
    )

    async def tell() -> None:
        record = Record.connect(valkey_url)
        await record.append(CID, ARRIVED, CONSENT, text_sent(1))
        await record.append(staff_log_id("+13125550177"), presence)
        await record.close()

    asyncio.run(tell())
    return tmp_path / "out" / "report.json"


def test_figures_are_shown_and_written(told: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By campaign and in all; people of ours are no leads; a pause is told."""
    pause("insurance", by="Dana Cruz")
    assert report(json_=told) == 0
    out = capsys.readouterr().out
    assert "speed to first touch" in out
    assert "PAUSED: insurance: Dana Cruz" in out
    made = json.loads(told.read_text())
    assert made["total"]["leads"] == made["campaigns"]["insurance"]["leads"] == 1
    assert made["total"]["speed_to_first_touch_s"]["p50"] == 60
    assert made["paused"] == {"insurance": "Dana Cruz"}


def test_leads_count_by_when_they_arrived(told: Path) -> None:
    """And by campaign."""
    for given, leads in (
        ({"since": "2026-11-19"}, 0),
        ({"until": NOW.isoformat()}, 1),
        ({"since": "2026-10-01", "until": "2026-11-18T14:00:00-06:00"}, 0),
        ({"campaign": "lending"}, 0),
        ({"campaign": "insurance"}, 1),
    ):
        assert report(json_=told, **given) == 0
        assert json.loads(told.read_text())["total"]["leads"] == leads, given


def test_what_is_not_understood_is_refused(told: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With an example."""
    assert [report(since="yesterday"), report(campaign="landing")] == [2, 2]
    assert "2026-11-18T14:05" in capsys.readouterr().err
