import numpy as np
import pytest
from sounds import silence, tone

from audio.engines import Float32
from audio.pcm import amplify, require_pcm16, to_float, to_pcm16, trim

RATE = 8_000


def padded(lead_s: float, sound_s: float, tail_s: float) -> Float32:
    """A tone between two silences."""
    return to_float(np.concatenate((silence(lead_s), tone(sound_s, 440), silence(tail_s))))


def test_floats_and_integers_are_the_same_sound() -> None:
    """Converting there and back changes nothing."""
    pcm = np.array([-32_768, -1, 0, 1, 32_767], np.int16)
    assert to_pcm16(to_float(pcm)).tolist() == pcm.tolist()


def test_loud_floats_clip_instead_of_wrapping() -> None:
    """A sample over full scale stays loud; wrapped around it would crack."""
    assert to_pcm16(np.array([1.5, -1.5], np.float32)).tolist() == [32_767, -32_768]


@pytest.mark.parametrize("wrong", [np.zeros(4, np.float32), np.zeros((2, 4), np.int16), np.zeros(4, np.uint8)])
def test_refuses_what_is_not_mono_int16(wrong: np.ndarray) -> None:
    """Floats, stereo and μ-law bytes are refused by name, not misheard."""
    with pytest.raises(ValueError, match=r"expected mono int16 samples of shape \(n,\)"):
        require_pcm16(wrong)


def test_amplifying_is_linear_below_the_knee() -> None:
    """Quiet samples are simply louder."""
    assert amplify(np.array([0.1, -0.2], np.float32), 2.5).tolist() == pytest.approx([0.25, -0.5])


def test_amplifying_never_reaches_full_scale() -> None:
    """Peaks bend: louder stays louder, and nothing is cut off."""
    bent = amplify(np.array([0.35, 0.4, 0.6], np.float32), 2.5)
    assert 0.8 < bent[0] < bent[1] < bent[2] <= 1.0


def test_trimming_leaves_a_breath_on_either_side() -> None:
    """Silence goes, but for 10 ms before and 40 ms after, where soft consonants live."""
    assert len(trim(padded(0.3, 0.5, 0.4), RATE)) == int(RATE * (0.01 + 0.5 + 0.04))


def test_trimming_keeps_the_pauses_inside() -> None:
    """Only the ends are silence; a pause between two words is speech."""
    twice = np.concatenate((padded(0.2, 0.1, 0.3), padded(0.3, 0.1, 0.2)))
    assert len(trim(twice, RATE)) == int(RATE * (0.01 + 0.1 + 0.6 + 0.1 + 0.04))


def test_trimming_silence_leaves_nothing() -> None:
    """There is no sound to keep the edges of."""
    assert len(trim(to_float(silence(1.0)), RATE)) == 0
