import numpy as np
import pytest
from sounds import Hear

from audio.tts.joe import JoeVoice, to_espeak

pytest_plugins = ["speech"]

LINE = "yeah, ideally before the fifth"


@pytest.mark.parametrize(
    ("misaki", "espeak"),
    [
        ("jˈɛə ðæts fˈIn", "jˈɛh ðæts fˈaɪn"),
        ("wi klˈOzd", "wiː klˈoʊzd"),
        ("stˈɑɹTɪŋ", "stˈɑːɹɾɪŋ"),
        ("ʤˈʌst bɪn bˈɪzi", "dʒˈʌst bɪn bˈɪzi"),
        ("bˈɜɹd", "bˈɜːd"),
        ("ʧˈɜɹʧ", "tʃˈɜːtʃ"),
        ("lˈɪTᵊl", "lˈɪɾəl"),
        ("disˈɛmbəɹ", "disˈɛmbɚ"),
        ("bˈYz hˈWs", "bˈɔɪz hˈaʊs"),
        ("ju, mˈuv", "juː, mˈuːv"),
    ],
)
def test_translates_to_what_espeak_writes(misaki: str, espeak: str) -> None:
    """The right-hand side is espeak-ng 1.52's own transcription, which the voice was trained on."""
    assert to_espeak(misaki) == espeak


def test_speaks_at_telephone_level(caller_voice: JoeVoice) -> None:
    """Every line peaks at the same level, well below clipping."""
    pcm = caller_voice.synthesize(LINE)
    assert pcm.dtype == np.int16
    assert np.abs(pcm).max() == pytest.approx(0.7 * 32_768, rel=0.1)
    assert 1.0 < len(pcm) / 8_000 < 3.0


def test_the_same_words_sound_the_same(caller_voice: JoeVoice) -> None:
    """Tests and benchmarks compare runs, so nothing random is in the voice."""
    assert np.array_equal(caller_voice.synthesize(LINE), caller_voice.synthesize(LINE))


def test_a_hurried_caller_is_shorter_and_still_understood(caller_voice: JoeVoice, hear: Hear) -> None:
    """`speed` changes the pace, not the words."""
    hurried = JoeVoice(speed=1.5).synthesize(LINE)
    assert len(hurried) < 0.85 * len(caller_voice.synthesize(LINE))
    assert hear(hurried).replace("5th", "fifth") == "yeah ideally before the fifth"


@pytest.mark.parametrize("text", ["", "...", " ?"])
def test_nothing_to_say_is_no_sound(caller_voice: JoeVoice, text: str) -> None:
    """Punctuation alone is not a line."""
    assert len(caller_voice.synthesize(text)) == 0
