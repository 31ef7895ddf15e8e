"""When each word of a text is over, by the sound of it."""

import numpy as np
import pytest
from sounds import silence

from audio.tts.hibari import HibariVoice
from benchmarks.alignment import Aligner

pytest_plugins = ["speech"]


def test_words_end_where_they_are_said(agent_voice: HibariVoice) -> None:
    """Two sentences with a pause: known to a few hundredths of a second, and the pause belongs to no word."""
    first, second = agent_voice.synthesize("Good morning."), agent_voice.synthesize("This is Ava.")
    pcm = np.concatenate((first, silence(0.5), second))
    ends = Aligner().word_ends(pcm, "Good morning. This is Ava.")
    assert len(ends) == 5
    assert ends == sorted(ends)
    assert ends[1] == pytest.approx(len(first) / 8, abs=120)
    assert ends[2] > len(first) / 8 + 500
    assert ends[4] == pytest.approx(len(pcm) / 8, abs=120)
