import numpy as np
import pytest
from sounds import tone

from audio.engines import Pcm16
from audio.resample import Resampler, resample


def pitch(pcm: Pcm16, rate: int) -> float:
    """The strongest frequency, Hz."""
    spectrum = np.abs(np.fft.rfft(pcm * np.hanning(len(pcm))))
    return float(spectrum.argmax() * rate / len(pcm))


@pytest.mark.parametrize("to_hz", [16_000, 24_000, 48_000])
def test_a_sound_keeps_its_pitch_and_length(to_hz: int) -> None:
    """Resampling changes the number of samples, not the sound."""
    changed = resample(tone(1.0, 440), 8_000, to_hz)
    assert len(changed) == to_hz
    assert pitch(changed, to_hz) == pytest.approx(440, abs=2)


def test_what_a_telephone_cannot_carry_is_removed() -> None:
    """6 kHz would alias to 2 kHz at 8 kHz; it must vanish instead."""
    high = (np.sin(2 * np.pi * 6_000 * np.arange(24_000) / 24_000) * 10_000).astype(np.int16)
    assert np.abs(resample(high, 24_000, 8_000)[400:-400]).max() < 50


@pytest.mark.parametrize(("from_hz", "to_hz"), [(8, 16_000), (8_000, 16), (8_001, 16_000), (0, 8_000)])
def test_refuses_rates_nobody_uses(from_hz: int, to_hz: int) -> None:
    """kHz for Hz, a typo, nothing: refused, and the rates that exist are named."""
    with pytest.raises(ValueError, match="is no sample rate used here"):
        resample(tone(0.1, 440), from_hz, to_hz)
    with pytest.raises(ValueError, match="is no sample rate used here"):
        Resampler(from_hz, to_hz)


def test_refuses_floats() -> None:
    """Floats have another scale."""
    with pytest.raises(ValueError, match="int16"):
        resample(np.zeros(80, np.float32), 8_000, 16_000)


def test_the_same_rate_changes_nothing() -> None:
    """8 kHz to 8 kHz is the identity, in both forms."""
    sound = tone(0.1, 440)
    stream = Resampler(8_000, 8_000)
    assert resample(sound, 8_000, 8_000) is sound
    assert stream.feed(sound) is sound
    assert len(stream.flush()) == 0


@pytest.mark.parametrize(("from_hz", "to_hz"), [(48_000, 8_000), (8_000, 48_000), (8_000, 16_000), (24_000, 8_000)])
def test_a_stream_loses_nothing_and_lags_two_milliseconds(from_hz: int, to_hz: int) -> None:
    """Chunk by chunk a second becomes a second, and never more than 2 ms of it is held back."""
    stream, sound = Resampler(from_hz, to_hz), tone(from_hz / 8_000, 440)
    sent, got = 0, 0
    for start in range(0, len(sound), from_hz // 50):
        chunk = sound[start : start + from_hz // 50]
        sent, got = sent + len(chunk), got + len(stream.feed(chunk))
        assert sent / from_hz - got / to_hz <= 0.0021
    assert got + len(stream.flush()) == pytest.approx(to_hz, abs=to_hz // 500)


def test_a_stream_has_no_seams() -> None:
    """Odd chunk sizes give the samples that one big chunk gives."""
    sound = tone(1.0, 440, 1_000)
    whole, parts = Resampler(8_000, 48_000), Resampler(8_000, 48_000)
    cut = [parts.feed(sound[start : start + 137]) for start in range(0, len(sound), 137)]
    assert np.array_equal(np.concatenate(cut), whole.feed(sound))


def test_an_empty_chunk_is_no_sound() -> None:
    """A late timer may come with nothing."""
    assert len(Resampler(8_000, 48_000).feed(np.zeros(0, np.int16))) == 0
