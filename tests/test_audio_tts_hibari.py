from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sounds import Hear, plain

from audio.engines import Pcm16
from audio.tts.hibari import HibariVoice

pytest_plugins = ["speech"]

LINE = "Nice. Is it a house, a condo or a townhouse?"


@pytest.fixture(scope="module")
def spoken(agent_voice: HibariVoice) -> Pcm16:
    """A line of the agent's."""
    return agent_voice.synthesize(LINE)


@pytest.mark.parametrize(
    "line",
    [
        LINE,
        "Great. When do you close?",
        "I'm an AI assistant with Harbor Lane, and I can put you through to a person whenever you like.",
        "Do you have any coverage on it now, or are you starting fresh?",
    ],
)
def test_is_understood_over_a_telephone(agent_voice: HibariVoice, hear: Hear, line: str) -> None:
    """Every word survives the trim, the gain and the line."""
    assert hear(agent_voice.synthesize(line)) == plain(line)


@pytest.mark.parametrize(
    ("line", "heard"),
    [
        ("So you move in on December 5th, right?", "december 5th"),
        ("Your ZIP is 60614, correct?", "6 0 6 1 4"),
        ("It is at 3:30 PM.", "3 30 pm"),
        ("It was $1,250.", "1250"),
    ],
)
def test_numbers_are_heard_as_they_are_meant(agent_voice: HibariVoice, hear: Hear, line: str, heard: str) -> None:
    """Dates, codes, times and money each have their own way of being read."""
    assert heard in hear(agent_voice.synthesize(line)).replace("330", "3 30")


def test_starts_and_ends_with_speech(spoken: Pcm16) -> None:
    """The voice's own third of a second of silence would be heard as a slow agent; its last breath may stay."""
    loud = np.flatnonzero(np.abs(spoken.astype(int)) > 500)
    assert loud[0] < 0.03 * 8_000
    assert len(spoken) - loud[-1] < 0.2 * 8_000


def test_is_as_loud_as_a_telephone_wants(spoken: Pcm16) -> None:
    """Peaks stand well up but never at full scale, where they would crackle."""
    assert 16_000 < np.abs(spoken).max() < 32_767


def test_the_same_words_sound_the_same(agent_voice: HibariVoice, spoken: Pcm16) -> None:
    """One seed: a clause synthesised early and again later is the same clause."""
    assert np.array_equal(agent_voice.synthesize(LINE), spoken)


def test_calls_may_speak_at_once(agent_voice: HibariVoice, spoken: Pcm16) -> None:
    """The voice is shared by threads; none hears another's words."""
    with ThreadPoolExecutor(4) as pool:
        assert all(np.array_equal(pcm, spoken) for pcm in pool.map(agent_voice.synthesize, [LINE] * 8))


@pytest.mark.parametrize("text", ["", " ", "...", "—"])
def test_nothing_to_say_is_no_sound(agent_voice: HibariVoice, text: str) -> None:
    """Punctuation alone is not a clause."""
    assert len(agent_voice.synthesize(text)) == 0
