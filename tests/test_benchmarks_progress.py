"""What a benchmark tells while it runs."""

import io

import pytest
from rich.console import Console

from benchmarks.progress import Countdown, progress


def test_without_a_terminal_each_line_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """With the seconds so far, on stderr: what is piped on are the figures."""
    with progress(Console(file=io.StringIO())) as tell:
        tell("calls 1 to 4 of 8")
    out, err = capsys.readouterr()
    assert (out, err) == ("", "    0 s  calls 1 to 4 of 8\n")


def test_on_a_terminal_the_line_changes_in_place() -> None:
    """The newest wipes out the one before it."""
    screen = io.StringIO()
    with progress(Console(file=screen, force_terminal=True)) as tell:
        tell("calls 1 to 4 of 8")
        tell("calls 5 to 8 of 8")
    assert "\x1b[2K" in screen.getvalue()
    assert "calls 5 to 8 of 8" in screen.getvalue()


def test_what_is_left_is_told_by_what_it_took_so_far() -> None:
    """Nobody knows it before the first calls are over."""
    times = iter((10.0, 60.0, 110.0))
    countdown = Countdown(12, lambda: next(times))
    assert countdown.line(0, 4) == "calls 1 to 4 of 12"
    assert countdown.line(4, 4) == "calls 5 to 8 of 12, 2 min left"
    assert countdown.line(8, 4) == "calls 9 to 12 of 12, 50 s left"
