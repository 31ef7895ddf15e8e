"""`segue agents`."""

import re
from pathlib import Path

import pytest

from telephony.commands.agents import app


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, valkey_url: str) -> None:
    """The project's campaigns, and the tests' Redis."""
    monkeypatch.setenv("SEGUE_REDIS_URL", valkey_url)
    monkeypatch.setenv("SEGUE_CAMPAIGNS", str(Path("campaigns").absolute()))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)


def run(*words: str) -> int:
    """Runs the command."""
    return int(app(list(words), result_action="return_value"))


def test_somebody_is_set_off_and_on_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """By name in any case; the list says how everybody stands."""
    assert run("off", "sarah") == 0
    assert run() == 0
    assert "away" in capsys.readouterr().out
    assert run("on", "+13125550177") == 0
    assert run() == 0
    shown = capsys.readouterr().out
    assert re.search(r"Sarah +\+13125550177 ", shown), "nobody's number is cut off in a terminal of 80 columns"
    assert "away" not in shown


def test_somebody_unknown_is_refused_with_the_names_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    """The exit code tells scripts."""
    assert run("off", "Nobody") == 2
    assert "Sarah" in capsys.readouterr().err
