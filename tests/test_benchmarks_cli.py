"""`segue bench`: what is refused, with which words."""

import json
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from benchmarks import barge_in, cli
from benchmarks import turns as benchmark
from benchmarks.cli import app
from benchmarks.errors import BenchmarkError
from benchmarks.progress import Tell
from benchmarks.turns import SEGUE, Options, Result
from benchmarks.verdicts import Outcome, Turn


def run(*words: str) -> int:
    """The exit code of a command."""
    with pytest.raises(SystemExit) as exit_:
        app(list(words))
    assert isinstance(exit_.value.code, int)
    return exit_.value.code


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Options]:
    """The options of each run; none is made."""
    seen: list[Options] = []

    async def record(options: Options, tell: Tell) -> Result:
        seen.append(options)
        return Result(options, "", {"cpus": 2, "processor": "one"}, {SEGUE: [Turn("u", "", Outcome.ANSWERED, 0, 300)]})

    monkeypatch.setattr(benchmark, "run", record)
    # The extra that only a real comparison needs counts as installed.
    monkeypatch.setattr(cli, "find_spec", lambda name: ModuleSpec(name, None))
    return seen


def test_options_arrive(asked: list[Options], tmp_path: Path) -> None:
    """Each where it belongs."""
    out = tmp_path / "out.json"
    words = f"turns --calls 2 --turns 3 --speech {tmp_path} --concurrency 4 --compare pipecat --seed 7 --json {out}"
    assert run(*words.split()) == 0
    assert asked == [Options(calls=2, turns=3, speech=tmp_path, concurrency=4, compare=True, seed=7)]
    assert json.loads(out.read_text())["segue"]["n"] == 1


def test_folders_are_made_for_what_is_saved(asked: list[Options], tmp_path: Path) -> None:
    """Figures and picture, wherever they are wanted."""
    out = tmp_path / "out"
    assert run("turns", "--json", str(out / "json" / "turns.json"), "--plot", str(out / "plot" / "turns.png")) == 0
    assert json.loads((out / "json" / "turns.json").read_text())["segue"]["n"] == 1
    assert (out / "plot" / "turns.png").read_bytes().startswith(b"\x89PNG")


def test_what_cannot_be_saved_is_told_before_it_is_measured(
    asked: list[Options], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Minutes of figures would be lost."""
    (tmp_path / "file").touch()
    assert run("turns", "--json", str(tmp_path / "file" / "turns.json")) == 2
    assert "cannot be written" in capsys.readouterr().err
    assert asked == []


def test_a_paced_model_is_measured_on_calls(asked: list[Options]) -> None:
    """`llm` with a pace is `turns` through that model."""
    words = "llm --llm-first-token-ms 400 --calls 2 --turns 3 --concurrency 2 --compare pipecat"
    assert run(*words.split()) == 0
    assert asked == [Options(calls=2, turns=3, concurrency=2, compare=True, llm_first_token_ms=400)]


@pytest.mark.parametrize("words", ["--calls 0", "--turns -1", "--concurrency 0", "--compare livekit"])
def test_what_makes_no_sense_is_refused(asked: list[Options], words: str) -> None:
    """Before anything is started."""
    assert run("turns", *words.split()) != 0
    assert asked == []


def test_a_missing_extra_is_told_how_to_install(
    asked: list[Options], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By name, and before minutes of measuring are lost to a missing plot."""

    def find_spec(package: str) -> ModuleSpec | None:
        return None if package in {"fastapi", "matplotlib"} else ModuleSpec(package, None)

    monkeypatch.setattr(cli, "find_spec", find_spec)
    assert run("turns", "--compare", "pipecat", "--plot", "x.png") == 2
    assert "fastapi, matplotlib not installed. Install what the benchmarks need: pip install 'segue[bench]'" in (
        capsys.readouterr().err
    )
    assert asked == []


def test_an_error_of_the_users_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An empty speech folder ends the run with exit code 2 and no traceback."""
    assert run("turns", "--speech", str(tmp_path)) == 2
    error = capsys.readouterr().err
    assert error.splitlines()[-1].startswith("segue bench: ")
    assert "manifest.json" in error


@pytest.mark.parametrize(("words", "calls", "at_once"), [((), 32, 4), (("--compare", "pipecat"), 8, 1)])
def test_a_comparison_does_not_starve_the_bot(
    words: tuple[str, ...], calls: int, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several that begin together on two cores stammer: unless asked for, they are called one after the other."""
    seen: list[barge_in.Options] = []

    async def record(options: barge_in.Options, tell: Tell) -> None:
        seen.append(options)
        raise BenchmarkError("enough")

    monkeypatch.setattr(barge_in, "run", record)
    monkeypatch.setattr(cli, "find_spec", lambda name: ModuleSpec(name, None))
    assert run("barge-in", *words) == 2
    assert [(options.calls, options.concurrency, options.compare) for options in seen] == [
        (calls, at_once, bool(words))
    ]
