from datetime import date
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from telephony_kit import LEAD

from telephony.registers import RegisterFiles, registers_of


def test_no_directory_is_empty_registers(tmp_path: Path) -> None:
    """Nobody has to keep any."""
    registers = RegisterFiles(tmp_path / "registers")()
    assert (registers.kill_switch, registers.fault, registers.do_not_call) == (None, None, None)


def test_the_kill_switch_works_at_the_next_decision(tmp_path: Path) -> None:
    """And so does taking it away; the server is not restarted."""
    files = RegisterFiles(tmp_path)
    assert files().kill_switch is None
    (tmp_path / "kill_switch").write_text("recall")
    assert files().kill_switch == "recall"
    (tmp_path / "kill_switch").unlink()
    assert files().kill_switch is None


def test_files_are_read_when_they_change_and_not_before(tmp_path: Path) -> None:
    """A registry copy may have millions of rows."""
    (tmp_path / "dnc-2026-11-15.csv").write_text("number\n3125550142\n")
    files = RegisterFiles(tmp_path)
    with capture_logs() as logs:
        first = files()
        assert files() is first
        (tmp_path / "dnc-2026-11-16.csv").write_text("number\n")
        newer = files()
    assert [entry["event"] for entry in logs] == ["registers read", "registers read"]
    assert first.do_not_call is not None
    assert newer.do_not_call is not None
    assert LEAD in first.do_not_call
    assert (newer.do_not_call.copied_on, len(newer.do_not_call)) == (date(2026, 11, 16), 0)


def test_registers_that_cannot_be_read_have_a_fault(tmp_path: Path) -> None:
    """Nothing of the last good ones is used, one line is logged, and mending the file is enough."""
    path = tmp_path / "internal.csv"
    path.write_text("number,reason,added\n")
    files = RegisterFiles(tmp_path)
    assert files().fault is None
    path.write_text("number,reason,added\n312,litigator,2026-01-01\n")
    with capture_logs() as logs:
        assert (files().fault or "").startswith("internal.csv:2: number")
        assert files().barred == {}
    assert [entry["log_level"] for entry in logs] == ["error"]
    path.write_text(f"number,reason,added\n{LEAD},litigator,2026-01-01\n")
    assert (files().fault, list(files().barred)) == (None, [LEAD])


def test_a_directory_that_cannot_be_read_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not readable is not empty."""

    def denied(_: Path) -> object:
        raise PermissionError("permission denied")

    monkeypatch.setattr(Path, "iterdir", denied)
    assert RegisterFiles(tmp_path)().fault == "permission denied"
    assert registers_of(tmp_path).fault == "permission denied"


def test_a_command_reads_them_once(tmp_path: Path) -> None:
    """Without a log line, and with the same fault."""
    assert registers_of(tmp_path).fault is None
    (tmp_path / "dnc-latest.csv").write_text("number\n")
    with capture_logs() as logs:
        assert (registers_of(tmp_path).fault or "").startswith("dnc-latest.csv:1:")
    assert logs == []
