"""Small operations on samples that every engine needs: conversion, level, trimming."""

import numpy as np

from audio.engines import Float32, Pcm16

_FULL_SCALE = 32_768.0
_KNEE = 0.8
SILENT_DB = -96.0
"""Less than any sample: the loudness of digital silence."""


def require_pcm16(pcm: Pcm16) -> Pcm16:
    """Returns `pcm`, mono 16-bit, or raises ValueError: floats or stereo would be misheard without an error."""
    if pcm.dtype != np.int16 or pcm.ndim != 1:
        raise ValueError(f"expected mono int16 samples of shape (n,), got {pcm.dtype} of shape {pcm.shape}")
    return pcm


def to_float(pcm: Pcm16) -> Float32:
    """16-bit samples as floats in -1..1."""
    return require_pcm16(pcm).astype(np.float32) / np.float32(_FULL_SCALE)


def to_pcm16(samples: Float32) -> Pcm16:
    """Floats as 16-bit samples, clipped at full scale."""
    scaled = np.rint(samples * np.float32(_FULL_SCALE))
    return np.asarray(np.clip(scaled, -_FULL_SCALE, _FULL_SCALE - 1), dtype=np.int16)


def levels_db(windows: Pcm16) -> list[float]:
    """Loudness of each row of 16-bit samples, (n, samples): RMS in dB of full scale."""
    samples = windows.astype(np.float32) / np.float32(_FULL_SCALE)
    power = np.einsum("ij,ij->i", samples, samples) / samples.shape[1]
    found: list[float] = (10 * np.log10(np.maximum(power, 10 ** (SILENT_DB / 10)))).tolist()
    return found


def amplify(samples: Float32, gain: float) -> Float32:
    """`samples` times `gain`; peaks above 0.8 are bent towards 1 rather than cut, which would crackle."""
    louder = samples * np.float32(gain)
    excess = np.maximum(np.abs(louder) - _KNEE, 0.0)
    bent = np.sign(louder) * (_KNEE + (1.0 - _KNEE) * np.tanh(excess / (1.0 - _KNEE)))
    return np.where(excess > 0.0, bent, louder).astype(np.float32)


def trim(samples: Float32, rate: int, threshold_db: float = -46.0, lead_ms: int = 10, tail_ms: int = 40) -> Float32:
    """`samples` (`rate` Hz) without the silence before and after; empty if there is nothing else.

    Silence is 10 ms frames whose RMS lies `threshold_db` or more below full scale. `lead_ms` and `tail_ms` of it stay,
    because a plosive's closure and the end of an "f" are quieter than any threshold.
    """
    frame = rate // 100
    frames = samples[: len(samples) // frame * frame].reshape(-1, frame)
    loud = np.flatnonzero(np.sqrt(np.mean(frames**2, axis=1)) > 10 ** (threshold_db / 20))
    if not len(loud):
        return samples[:0]
    start = int(loud[0]) * frame - rate * lead_ms // 1000
    end = (int(loud[-1]) + 1) * frame + rate * tail_ms // 1000
    return samples[max(start, 0) : end]
