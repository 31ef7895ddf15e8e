"""`segue eval gate`, as an operator types it."""

from pathlib import Path

import pytest

from telephony.commands.eval_gate import gate, score
from telephony.commands.evaluate import app
from telephony.commands.people import InputError

TABLE = Path(__file__).parent / "data" / "gate_cases.csv"


def worse(directory: Path) -> Path:
    """The table with one wrong answer and one row that cannot be read."""
    lines = TABLE.read_text().splitlines()
    lines[4] = lines[4].replace(",allow,ok,", ",block,opted_out,")
    lines[5] = lines[5].replace(",written,", ",perhaps,")
    path = directory / "cases.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_every_case_of_the_table_is_right(capsys: pytest.CaptureFixture[str]) -> None:
    """The whole of it, by the command."""
    assert gate(TABLE, min_right=1) == 0
    out = capsys.readouterr().out
    assert "18 of 18 right (100.0%)" in out
    assert "misses" not in out


def test_misses_are_shown_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each with what was expected; a row that cannot be read is a miss. 16 of 18 is below nine tenths."""
    path = worse(tmp_path)
    assert gate(path, min_right=0.9) == 1
    out = capsys.readouterr().out
    assert "16 of 18 right" in out
    assert "block: opted_out" in out
    assert "cannot be read" in out
    assert gate(path, min_right=0.88) == 0
    assert [one.right for one in score(path)].count(False) == 2


@pytest.mark.parametrize("share", [-0.1, 101])
def test_a_threshold_is_a_share(share: float, capsys: pytest.CaptureFixture[str]) -> None:
    """Or a percentage; nothing else."""
    assert gate(TABLE, min_right=share) == 2
    assert "such as 0.98 or 98" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot be read"),
        (b"", "the header lacks"),
        (b"id,now_utc\n", "the header lacks channel, expected, reason"),
        (b"id,now_utc,channel,expected,reason\n", "holds no case"),
        (b"id,now_utc,channel,expected,reason\nX\n", "cases.csv:2: has 1 cells"),
        (b"\xff\xfe", "cannot be read"),
    ],
)
def test_what_is_no_table_of_cases_is_refused(
    content: bytes | None, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a sentence, with exit code 2."""
    path = tmp_path / "cases.csv"
    if content is not None:
        path.write_bytes(content)
    assert gate(path) == 2
    assert told in capsys.readouterr().err
    with pytest.raises(InputError):
        score(path)


def test_it_is_a_command_of_segue_eval(capsys: pytest.CaptureFixture[str]) -> None:
    """Under the name `gate`."""
    with pytest.raises(SystemExit) as left:
        app(["gate", str(TABLE), "--min-right", "1"])
    assert left.value.code == 0
    assert "18 of 18" in capsys.readouterr().out
