"""Sounds for tests, and what a telephone does to them. All 8 kHz."""

from collections.abc import Callable

import numpy as np

from audio import mulaw
from audio.engines import TELEPHONE_RATE, Pcm16

Hear = Callable[[Pcm16], str]
"""What somebody makes of 8 kHz audio: lower case, no punctuation."""


def over_telephone(pcm: Pcm16) -> Pcm16:
    """`pcm` after it went over the wire."""
    return mulaw.decode(mulaw.encode(pcm))


def as_heard(pcm: Pcm16) -> Pcm16:
    """`pcm` as a turn hands it to the engines: over the telephone, 200 ms of silence before it and 100 ms after."""
    return over_telephone(np.concatenate((silence(0.2), pcm, silence(0.1))))


def plain(text: str) -> str:
    """Words only, for comparing: "Yes, I am." and "yes i am" are the same answer."""
    return " ".join("".join(c for c in text.lower().replace("-", " ") if c.isalnum() or c in " '").split())


def silence(seconds: float) -> Pcm16:
    """Digital silence at 8 kHz."""
    return np.zeros(int(seconds * TELEPHONE_RATE), np.int16)


def noise(seconds: float, level: float = 0.03, seed: int = 1) -> Pcm16:
    """White noise at 8 kHz; `level` is its RMS as a share of full scale."""
    samples = np.random.default_rng(seed).standard_normal(int(seconds * TELEPHONE_RATE)) * level * 32_767
    return np.clip(samples, -32_768, 32_767).astype(np.int16)


def tone(seconds: float, *hz: float, level: float = 0.2) -> Pcm16:
    """A sum of sines at 8 kHz: a dial tone, a key press, a beep."""
    t = np.arange(int(seconds * TELEPHONE_RATE)) / TELEPHONE_RATE
    wave = np.sum([np.sin(2 * np.pi * f * t) for f in hz], axis=0) / len(hz)
    return np.asarray(wave * level * 32_767, dtype=np.int16)
