"""`segue eval phrases` and `segue eval callbacks`: thresholds that can fail, misses shown, bad tables refused."""

from pathlib import Path

import pytest

from telephony.commands.eval_phrases import Kind, callbacks, phrases

DATA = Path("tests/data")
FILES: list[tuple[Kind, str]] = [
    ("optout", "optout_phrases.csv"),
    ("ai_question", "ai_question_phrases.csv"),
    ("human_request", "human_request_phrases.csv"),
]


def table(folder: Path, text: str) -> Path:
    """A table on disk."""
    file = folder / "phrases.csv"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(("kind", "name"), FILES)
def test_the_given_phrases_meet_the_goal(kind: Kind, name: str) -> None:
    """99 % of stops and 98 % of the others are caught, 2 and 3 % flagged wrongly at most."""
    recall, false = (0.99, 0.02) if kind == "optout" else (0.98, 0.03)
    assert phrases(DATA / name, kind=kind, min_recall=recall, max_false=false) == 0


def test_the_given_times_meet_the_goal() -> None:
    """95 % of the phrases are read with label, window and confirmation right."""
    assert callbacks(DATA / "callback_phrases.csv", min_right=0.95) == 0


def test_a_missed_stop_fails_the_recall_and_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A phrase labelled as a stop that is none."""
    file = table(tmp_path, "text,label\nstop texting me,opt_out\nsounds great thanks,opt_out\n")
    assert phrases(file, kind="optout", min_recall=0.9) == 1
    printed = capsys.readouterr().out
    assert "sounds great thanks" in printed
    assert "caught 1 of 2 (50.0%)" in printed


def test_a_near_miss_that_is_flagged_fails_the_other_threshold(tmp_path: Path) -> None:
    """A stop labelled as none."""
    file = table(tmp_path, "text,label\nstop texting me,not_opt_out\nsounds good,not_opt_out\n")
    assert phrases(file, kind="optout", max_false=0.4) == 1
    assert phrases(file, kind="optout", max_false=0.6) == 0


def test_an_ambiguous_phrase_must_not_pass(tmp_path: Path) -> None:
    """It is held or stopped; let through it is a miss."""
    assert phrases(table(tmp_path, "text,label\nsounds great thanks,ambiguous\n"), kind="optout", min_recall=1.0) == 1


def test_a_wrong_time_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Label, earliest, latest and confirm all count."""
    head = "text,label,earliest,latest,confirm\n"
    file = table(tmp_path, head + "in 20 minutes,at,2026-11-18T14:30,2026-11-18T14:35,no\n")
    assert callbacks(file, min_right=1.0) == 1
    assert "2026-11-18T14:25" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("text\nstop\n", "no column label"),
        ("text,label\n", "holds no phrase"),
        ("text,label,text\nstop,opt_out,go\n", "names a column twice"),
        ("text,label\nstop,perhaps\n", "line 2"),
        ("text,label\nstop\n", "a column is missing"),
    ],
)
def test_a_bad_table_is_refused_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, fault: str
) -> None:
    """Exit code 2, and a sentence that says what is wrong."""
    assert phrases(table(tmp_path, text), kind="optout") == 2
    assert fault in capsys.readouterr().err


def test_a_share_is_a_share(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Or a percentage: 98 is 0.98. A number is neither at 101."""
    file = table(tmp_path, "text,label\nSTOP\u0021,opt_out\nhow much is it,opt_out\n")
    assert phrases(file, kind="optout", min_recall=50, max_false=2) == 0
    assert phrases(file, kind="optout", min_recall=51) == 1
    assert phrases(file, kind="optout", max_false=101) == 2
    assert "--max-false is a share, such as 0.98 or 98; 101 is not" in capsys.readouterr().err


def test_a_time_that_is_none_is_refused_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It would count as a miss of ours for ever."""
    file = table(tmp_path, "text,label,earliest,latest,confirm\ncall at 5,at,five,,no\n")
    assert callbacks(file) == 2
    assert "line 2: earliest 'five' is no time" in capsys.readouterr().err
