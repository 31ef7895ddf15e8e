"""G.711 μ-law, the telephone's codec: one byte per sample at 8 kHz (ITU-T G.711, section 3).

Both directions are one table look-up, so a 20 ms frame costs a microsecond.
"""

import numpy as np
import numpy.typing as npt

from audio.engines import Pcm16

SILENCE = 0xFF
"""The byte of a zero sample. A frame of silence is `bytes([SILENCE]) * 160`, not zero bytes: those are a loud click."""

_BIAS = 132
_CLIP = 32_635


def _encode_table() -> npt.NDArray[np.uint8]:
    """The byte of every 16-bit sample, indexed by the sample's bits read as unsigned."""
    samples = np.arange(65_536, dtype=np.uint16).view(np.int16).astype(np.int32)
    magnitude = np.minimum(np.abs(samples), _CLIP) + _BIAS
    exponent = np.log2(magnitude).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    sign = np.where(samples < 0, 0x80, 0)
    # The line carries the complement, so that quiet speech has many ones and the clock can be recovered.
    return np.asarray(~(sign | (exponent << 4) | mantissa) & 0xFF, dtype=np.uint8)


def _decode_table() -> Pcm16:
    """The sample of every byte."""
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitude = ((((code & 0x0F) << 3) + _BIAS) << ((code >> 4) & 0x07)) - _BIAS
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


_ENCODE = _encode_table()
_DECODE = _decode_table()


def encode(pcm: Pcm16) -> bytes:
    """μ-law bytes of 16-bit samples, one each. Raises ValueError on any other sample type."""
    if pcm.dtype != np.int16:
        raise ValueError(f"μ-law encodes int16 samples, not {pcm.dtype}: convert with audio.pcm.to_pcm16")
    return _ENCODE[pcm.view(np.uint16)].tobytes()


def decode(payload: bytes) -> Pcm16:
    """16-bit samples of μ-law bytes, one each."""
    return _DECODE.take(np.frombuffer(payload, dtype=np.uint8))
