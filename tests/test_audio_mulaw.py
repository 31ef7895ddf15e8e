import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio import mulaw

# ITU-T G.711 table 2a/2b: the decision values' outputs for a few codes, scaled to 16 bits.
KNOWN = [(0xFF, 0), (0xFE, 8), (0xF0, 120), (0xEF, 132), (0xE0, 372), (0xD0, 876), (0xA0, 7_932), (0x90, 15_996)]
EXTREMES = [(0x80, 32_124), (0x00, -32_124), (0x7F, 0), (0x7E, -8)]


@pytest.mark.parametrize(("code", "sample"), KNOWN + EXTREMES)
def test_decodes_the_standards_values(code: int, sample: int) -> None:
    """Each code stands for the sample the standard gives."""
    assert mulaw.decode(bytes([code])).tolist() == [sample]


@pytest.mark.parametrize(("code", "sample"), KNOWN + EXTREMES[:2])
def test_encodes_the_standards_values(code: int, sample: int) -> None:
    """Each of the standard's samples has its code."""
    assert mulaw.encode(np.array([sample], np.int16)) == bytes([code])


def test_every_code_survives_the_round_trip() -> None:
    """Decoding and encoding returns each byte, but for negative zero, which becomes zero."""
    codes = bytes(range(256))
    assert mulaw.encode(mulaw.decode(codes)) == codes.replace(b"\x7f", b"\xff")


@given(st.integers(-32_768, 32_767))
def test_the_error_is_within_half_a_step(sample: int) -> None:
    """The codec is logarithmic: it errs by at most 1/32 of the loudness, and never beyond the clip level."""
    decoded = int(mulaw.decode(mulaw.encode(np.array([sample], np.int16)))[0])
    assert abs(decoded - np.clip(sample, -32_635, 32_635)) <= (abs(sample) + 132) / 32


def test_silence_is_not_zero_bytes() -> None:
    """Zero samples are 0xFF; a frame of zero bytes would be full-scale noise."""
    assert mulaw.encode(np.zeros(160, np.int16)) == bytes([mulaw.SILENCE]) * 160
    assert mulaw.decode(bytes(1))[0] == -32_124


def test_refuses_samples_of_another_type() -> None:
    """Floats in -1..1 would all become silence without an error."""
    with pytest.raises(ValueError, match="int16"):
        mulaw.encode(np.zeros(160, np.float32))
