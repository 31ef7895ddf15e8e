import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from sounds import as_heard, plain, silence

from audio.endpoint import SmartTurn
from audio.engines import ModelError, Pcm16, Transcript
from audio.pool import Engines, load_engines
from audio.stt.whisper import Whisper
from audio.tts.hibari import HibariVoice
from audio.tts.joe import JoeVoice
from audio.vad import SileroModel

pytest_plugins = ["speech"]


@pytest.fixture
def engines(
    whisper: Whisper, agent_voice: HibariVoice, smart_turn: SmartTurn, silero: SileroModel
) -> Iterator[Engines]:
    """A pool of the session's engines."""
    pool = Engines(whisper, agent_voice, smart_turn, silero)
    yield pool
    pool.close()


class Gate:
    """A recogniser that is busy until it is let go, and counts what it was given."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.begun = threading.Semaphore(0)
        self.calls = 0

    def transcribe(self, pcm: Pcm16, hints: Sequence[str] = ()) -> Transcript:
        """Waits for the gate."""
        self.calls += 1
        self.begun.release()
        assert self.open.wait(60)
        return Transcript(" ".join(hints), 0.0, 0.0)


@pytest.fixture
def gated(agent_voice: HibariVoice, smart_turn: SmartTurn, silero: SileroModel) -> Iterator[tuple[Engines, Gate]]:
    """A pool whose recogniser is busy."""
    gate = Gate()
    pool = Engines(gate, agent_voice, smart_turn, silero)
    yield pool, gate
    gate.open.set()
    pool.close()


def run(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Runs a test's coroutine."""
    asyncio.run(main())


def test_each_engine_answers_through_the_pool(engines: Engines, caller_voice: JoeVoice) -> None:
    """Speech in, words out; words in, speech out; and a verdict on the turn."""
    pcm = as_heard(caller_voice.synthesize("starting fresh, just want to compare"))

    async def main() -> None:
        heard, spoken, over = await asyncio.gather(
            engines.transcribe(pcm), engines.synthesize("Nice."), engines.turn_probability(pcm)
        )
        assert plain(heard.text) == "starting fresh just want to compare"
        assert len(spoken) > 0.2 * 8_000
        assert over > 0.5

    run(main)


def test_no_engine_runs_on_the_event_loop(gated: tuple[Engines, Gate]) -> None:
    """While a recogniser is busy the loop goes on."""
    engines, gate = gated

    async def main() -> None:
        heard = asyncio.create_task(engines.transcribe(silence(1.0), ["Ava"]))
        await asyncio.to_thread(gate.begun.acquire)
        assert not heard.done()
        gate.open.set()
        assert (await heard).text == "Ava"

    run(main)


def test_an_engines_error_reaches_who_asked(engines: Engines) -> None:
    """What goes wrong in a thread is raised where it was awaited, and the pool lives on."""

    async def main() -> None:
        with pytest.raises(ValueError, match="int16"):
            await engines.transcribe(np.zeros(80, np.float32))
        assert (await engines.transcribe(silence(0.5))).text == ""

    run(main)


def test_loading_tells_each_step_and_warms_every_engine_up() -> None:
    """The terminal shows what takes the time, in the order it happens."""
    steps: list[str] = []
    engines = load_engines(steps.append)
    engines.close()
    assert [step.split()[0] for step in steps] == ["Loading"] * 4 + ["Warming"]
    assert "Whisper" in steps[1]


def test_loading_fails_with_the_engines_own_words() -> None:
    """A wrong recogniser in the settings stops the start, before any call."""
    with pytest.raises(ModelError, match=r"tiny\.enn"):
        load_engines(whisper="tiny.enn")


def test_the_same_words_are_spoken_once(engines: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a campaign says on every call costs one synthesis; another's words another."""
    asked: list[str] = []
    speak = engines.tts.synthesize
    monkeypatch.setattr(engines.tts, "synthesize", lambda text: (asked.append(text), speak(text))[1])

    async def main() -> None:
        first, again = await engines.synthesize("Is that okay?"), await engines.synthesize("Is that okay?")
        other = await engines.synthesize("Nice.")
        assert np.array_equal(first, again)
        assert not np.array_equal(first, other)

    run(main)
    assert asked == ["Is that okay?", "Nice."]
