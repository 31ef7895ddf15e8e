"""`segue hold`: a person with a name lifts it, and the record says so."""

import asyncio
from pathlib import Path

import pytest
from redis import Redis
from telephony_kit import ARRIVED, CID, CONSENT, LEAD, NOW

from state.events import Event, HoldLifted, OutreachHeld
from state.store import Record
from telephony.commands.hold import lift, show

HELD = OutreachHeld(id="hold:1", at=NOW, reason="ambiguous_stop")


@pytest.fixture
def redis(valkey_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The story's lead, held."""
    with Redis.from_url(valkey_url) as redis:
        redis.flushdb()
    monkeypatch.setenv("SEGUE_REDIS_URL", valkey_url)
    monkeypatch.setenv("SEGUE_CAMPAIGNS", str(Path(__file__).parent.parent / "campaigns"))
    monkeypatch.setenv("SEGUE_DATA", str(tmp_path / "data"))
    asyncio.run(_told(valkey_url, ARRIVED, CONSENT, HELD))
    return valkey_url


async def _told(url: str, *events: Event) -> list[Event]:
    record = Record.connect(url)
    await record.append(CID, *events)
    log = [event for _, event in await record.log(CID)]
    await record.close()
    return log


def test_a_hold_is_lifted_by_somebody(redis: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Listed before; afterwards gone, with the name in the log. Lifting it again changes nothing."""
    assert show() == 0
    assert LEAD in capsys.readouterr().out
    assert lift(LEAD, by="Dana Cruz") == 0
    assert "the hold is lifted (ambiguous_stop)" in capsys.readouterr().out
    assert lift(LEAD, by="Dana Cruz") == 0
    assert "was not held" in capsys.readouterr().out
    lifts = [event for event in asyncio.run(_told(redis)) if isinstance(event, HoldLifted)]
    assert [event.by for event in lifts] == ["Dana Cruz"]
    assert show() == 0
    assert "0 conversations are held." in capsys.readouterr().out


def test_nobody_lifts_it_without_a_name(redis: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The record names who looked."""
    assert lift(LEAD, by=" ") == 2
    assert "name" in capsys.readouterr().err
