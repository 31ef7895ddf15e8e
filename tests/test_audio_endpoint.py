import numpy as np
import pytest
from sounds import as_heard, noise, over_telephone, silence

from audio.endpoint import SmartTurn
from audio.tts.joe import JoeVoice

pytest_plugins = ["speech"]


@pytest.mark.parametrize(
    "line",
    [
        "yeah I am, just been busy",
        "starting fresh, just want to compare",
        "oh, and actually it's a condo technically, not a townhouse",
        "call me back tomorrow at three",
    ],
)
def test_a_finished_line_sounds_more_finished_than_half_of_it(
    smart_turn: SmartTurn, caller_voice: JoeVoice, line: str
) -> None:
    """The detector tells intonation that ends from intonation that goes on."""
    pcm = caller_voice.synthesize(line)
    half = pcm[: len(pcm) * 6 // 10]
    assert smart_turn.probability(as_heard(pcm)) > 0.5 > smart_turn.probability(as_heard(half))


def test_only_the_last_eight_seconds_count(smart_turn: SmartTurn, caller_voice: JoeVoice) -> None:
    """A long story before it does not change the verdict on its end."""
    end = np.concatenate((silence(7.0), caller_voice.synthesize("starting fresh, just want to compare"), silence(0.1)))
    longer = np.concatenate((over_telephone(noise(5.0, 0.1)), end))
    heard = end[-8 * 8_000 :]
    assert smart_turn.probability(longer) == smart_turn.probability(heard)


@pytest.mark.parametrize("pcm", [silence(0.0), silence(1.0), silence(20.0)], ids=["nothing", "a second", "very long"])
def test_silence_gets_a_probability_too(smart_turn: SmartTurn, pcm: np.ndarray) -> None:
    """There is no audio short, long or empty enough to fail on."""
    assert 0.0 <= smart_turn.probability(pcm) <= 1.0


def test_refuses_floats(smart_turn: SmartTurn) -> None:
    """The wrong sample type is refused, not judged."""
    with pytest.raises(ValueError, match="int16"):
        smart_turn.probability(np.zeros(8_000, np.float32))
