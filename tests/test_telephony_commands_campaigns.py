"""`segue campaigns`: pausing and resuming, each with a name on the record."""

from pathlib import Path

import pytest
from redis import Redis

from telephony.commands.campaigns import pause, resume, show


@pytest.fixture
def record_url(valkey_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """An empty record."""
    with Redis.from_url(valkey_url) as redis:
        redis.flushdb()
    monkeypatch.setenv("SEGUE_REDIS_URL", valkey_url)
    monkeypatch.setenv("SEGUE_CAMPAIGNS", str(Path(__file__).parent.parent / "campaigns"))
    monkeypatch.setenv("SEGUE_DATA", str(tmp_path / "data"))
    return valkey_url


def test_an_operator_pauses_and_resumes(record_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Twice is once, and both names are listed afterwards."""
    assert [pause("lending", by="Dana Cruz"), pause("lending", by="Kim")] == [0, 0]
    assert "paused already" in capsys.readouterr().out
    assert show() == 0
    assert "paused: Dana Cruz" in capsys.readouterr().out
    assert [resume("lending", by="Lee Park"), resume("lending", by="Lee Park")] == [0, 0]
    assert "was not paused" in capsys.readouterr().out
    show()
    out = capsys.readouterr().out
    assert "Dana Cruz" in out
    assert "Lee Park" in out
    assert "paused: Dana" not in out


def test_a_name_and_a_campaign_are_needed(record_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, and what to do."""
    assert [resume("lending", by=" "), resume("landing", by="Dana")] == [2, 2]
    assert "there is no campaign 'landing'" in capsys.readouterr().err
