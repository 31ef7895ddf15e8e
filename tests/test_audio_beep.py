"""The beep of an answering machine, and what is none."""

from collections.abc import Callable

import numpy as np
import pytest

from audio import mulaw
from audio.beep import BeepDetector
from audio.engines import Pcm16, TextToSpeech

pytest_plugins = ["speech"]

GREETING = "Hi, you've reached Jordan. Please leave a message after the tone. Oooh, and who is this?"


def beeps(pcm: Pcm16) -> list[int]:
    """At which ms a beep was over."""
    detector, ulaw = BeepDetector(), mulaw.encode(pcm)
    return [start // 8 for start in range(0, len(ulaw) - 159, 160) if detector.feed(ulaw[start : start + 160])]


def tone(hz: float, ms: int, level: float = 6_000, noise: float = 60) -> Pcm16:
    """A tone between two halves of a second of line noise."""
    sine = level * np.sin(2 * np.pi * hz * np.arange(ms * 8) / 8_000)
    quiet = np.zeros(4_000)
    line = np.random.default_rng(1).normal(0, noise, 8_000 + ms * 8)
    return np.asarray(np.concatenate((quiet, sine, quiet)) + line, np.int16)


@pytest.mark.parametrize("hz", [400, 440, 620, 850, 1_000, 1_400, 2_000, 2_400])
@pytest.mark.parametrize("ms", [200, 400, 1_000])
def test_a_beep_is_heard_when_it_is_over(hz: int, ms: int) -> None:
    """Once, within two frames of its end, at any pitch machines use."""
    (at,) = beeps(tone(hz, ms))
    assert abs(at - (500 + ms)) <= 40


@pytest.mark.parametrize(
    "pcm",
    [tone(1_000, 80), tone(1_000, 4_000), tone(1_000, 400, level=100, noise=5), tone(200, 400), tone(1_000, 0)],
    ids=["a click", "a fax", "crosstalk", "a hum", "noise"],
)
def test_other_sounds_are_no_beep(pcm: Pcm16) -> None:
    """Too short, too long, too quiet, too low, or no tone at all."""
    assert beeps(pcm) == []


def test_a_key_is_no_beep() -> None:
    """Keys sound two tones at once."""
    both = tone(770, 300).astype(np.int32) + tone(1_336, 300).astype(np.int32)
    assert beeps(both.astype(np.int16)) == []


@pytest.mark.parametrize("name", ["caller_voice", "agent_voice"])
def test_speech_is_no_beep(name: str, request: pytest.FixtureRequest) -> None:
    """Not even drawn-out vowels."""
    voice: TextToSpeech = request.getfixturevalue(name)
    say: Callable[[str], Pcm16] = voice.synthesize
    assert beeps(say(GREETING)) == []
