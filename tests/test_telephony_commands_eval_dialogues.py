import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks.llm_endpoint import Answers, End, Refuse, Words, llm_endpoint
from telephony.commands.eval_dialogues import dialogues

DIALOGUES = Path(__file__).parent / "dialogues"


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that breaks no lines."""
    monkeypatch.setenv("COLUMNS", "250")


def altered(tmp_path: Path, name: str, **facts: Any) -> Path:
    """A copy of a dialogue whose first turn of the lead's wants other facts."""
    script = yaml.safe_load(next(DIALOGUES.rglob(f"{name}*.yaml")).read_text())
    next(turn for turn in script["turns"] if turn["who"] == "lead")["facts_after"] |= facts
    (tmp_path / "altered.yaml").write_text(yaml.safe_dump(script))
    return tmp_path


def test_the_given_dialogues_are_understood(capsys: pytest.CaptureFixture[str]) -> None:
    """Every fact of the seven is right after every turn; what no rule can see is listed, not passed."""
    assert dialogues(DIALOGUES / "given", min_facts=1.0) == 0
    out = capsys.readouterr().out
    assert "100.0%" in out
    assert "stop speaking within 300 ms" in out.partition("unchecked")[2]


@pytest.mark.parametrize(("place", "least"), [("written", 95), ("held_out", 85), ("unseen", 85), ("fresh", 85)])
def test_the_dialogues_of_our_own(place: str, least: float) -> None:
    """Those the rules were improved with, and those that nobody looked at while they were."""
    assert dialogues(DIALOGUES / place, min_facts=least) == 0


def test_a_wrong_fact_is_a_miss_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The eval can fail: a fact that nobody said is shown with its turn and words, and the exit code tells."""
    out = tmp_path / "out" / "dialogues.json"
    place = altered(tmp_path, "ins-11", vehicles=7)
    assert dialogues(place, min_facts=0.999, json_=out) == 1
    assert "yep. auto. 2 cars" in capsys.readouterr().out
    report = json.loads(out.read_text())
    assert report["facts"]["right"] < report["facts"]["total"]
    assert report["dialogues"][0]["misses"][0]["wanted"] == 7


@pytest.mark.parametrize(
    ("text", "says"),
    [("", "holds no dialogue"), ("a: [", "cannot be read"), ("id: x\nturns: []\n", "is no dialogue")],
)
def test_bad_input_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, says: str) -> None:
    """No dialogue, no YAML, another shape: exit code 2 and a sentence."""
    if text:
        (tmp_path / "bad.yaml").write_text(text)
    assert dialogues(tmp_path) == 2
    assert says in capsys.readouterr().err


def test_a_share_is_a_share(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing below 0 or above 100."""
    assert dialogues(DIALOGUES / "given", min_facts=101) == 2
    assert "--min-facts" in capsys.readouterr().err


@contextmanager
def endpoint(answers: Answers) -> Iterator[str]:
    """A model's endpoint in a thread of its own, since the command brings its own event loop."""
    up, over, urls = threading.Event(), asyncio.Event(), list[str]()

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        async with llm_endpoint(answers) as server:
            urls.append(server.base_url)
            up.set()
            await over.wait()

    loops = list[asyncio.AbstractEventLoop]()
    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    up.wait()
    try:
        yield urls[0]
    finally:
        loops[0].call_soon_threadsafe(over.set)
        thread.join()


@pytest.mark.parametrize(
    ("answers", "says", "answered"),
    [
        (lambda _: [Words("Great, thanks for telling me."), End("stop")], "answered 8 of 8 turns", 8),
        (lambda _: [Refuse(500)], "answered 0 of 8 turns, the rules the rest (8 refused)", 0),
    ],
)
def test_with_a_model_it_says_how_many_turns_the_model_answered(
    answers: Answers,
    says: str,
    answered: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Rules that stand in for a model that fails must not pass for it."""
    place, out = altered(tmp_path, "ins-01"), tmp_path / "out" / "dialogues.json"
    monkeypatch.setenv("SEGUE_LLM_MODEL", "some-model")
    with endpoint(answers) as url:
        monkeypatch.setenv("SEGUE_LLM_BASE_URL", url)
        dialogues(place, brain="llm", json_=out)
    assert says in capsys.readouterr().out
    assert json.loads(out.read_text())["model"]["answered"] == answered
