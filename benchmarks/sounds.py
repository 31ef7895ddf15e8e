"""Sounds that are not a caller's turn, made from numbers alone: 8 kHz, the same for the same seed.

What comes between (a cough, a slammed door, a key pressed) lasts a moment; what lies beneath (a fan, music, other
people) goes on for the whole call.
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from audio.engines import TELEPHONE_RATE, Pcm16

Wave = npt.NDArray[np.float64]
"""Samples at 8 kHz, full scale ±1."""

DTMF_HZ = {
    **{key: (697, hz) for key, hz in zip("123", (1209, 1336, 1477), strict=True)},
    **{key: (770, hz) for key, hz in zip("456", (1209, 1336, 1477), strict=True)},
    **{key: (852, hz) for key, hz in zip("789", (1209, 1336, 1477), strict=True)},
    **{key: (941, hz) for key, hz in zip("*0#", (1209, 1336, 1477), strict=True)},
}
"""The two tones of each key (ITU-T Q.23)."""
SPEECH_LEVEL = 0.1
"""RMS of a caller who speaks at -20 dBFS."""


def to_pcm(wave: Wave) -> Pcm16:
    """Samples as they go onto the line; what is too loud is clipped."""
    return (np.clip(wave, -1, 1) * 32_767).astype(np.int16)


def level(wave: Wave) -> float:
    """RMS where it sounds: silence does not count."""
    loud = wave[np.abs(wave) > 0.01 * np.abs(wave).max(initial=1e-9)]
    return float(np.sqrt((loud**2).mean())) if len(loud) else 0.0


def at_level(wave: Wave, rms: float) -> Wave:
    """The same at another loudness."""
    return wave * (rms / max(level(wave), 1e-9))


# What comes between --------------------------------------------------------------------------------------------------


def cough(seed: int) -> Wave:
    """A burst of breath through an open throat, then a softer, half voiced one, once or twice."""
    dice = np.random.default_rng(seed)
    hacks = [
        np.concatenate((_hack(dice), np.zeros(int(dice.uniform(0.12, 0.2) * TELEPHONE_RATE))))
        for _ in range(dice.integers(1, 3))
    ]
    return at_level(np.concatenate(hacks), 1.4 * SPEECH_LEVEL)


def _hack(dice: np.random.Generator) -> Wave:
    seconds = dice.uniform(0.16, 0.26)
    t = _time(seconds)
    breath = dice.standard_normal(len(t)) * np.exp(-t / 0.05)
    voice = np.sign(np.sin(2 * np.pi * dice.uniform(110, 180) * t)) * np.exp(-t / 0.09) * (t > 0.05) * 0.4
    throat = sum(_resonance(breath + voice, hz, width) for hz, width in ((600, 160), (1_300, 220), (2_500, 300)))
    return np.asarray(throat * np.minimum(1, t / 0.005))


def throat_clearing(seed: int) -> Wave:
    """A rough, low voice without a vowel."""
    dice = np.random.default_rng(seed)
    t = _time(dice.uniform(0.3, 0.45))
    pulses = np.maximum(0, np.sin(2 * np.pi * dice.uniform(70, 100) * t)) ** 8
    rough = pulses * dice.standard_normal(len(t))
    wave = _resonance(rough, 400, 200) + 0.5 * _resonance(rough, 1_100, 300)
    return at_level(wave * np.hanning(len(t)), SPEECH_LEVEL)


def mm_hm(seed: int) -> Wave:
    """ "Mm-hm": two hums through closed lips, the second higher."""
    dice = np.random.default_rng(seed)
    hz = dice.uniform(100, 190)
    return at_level(np.concatenate((_hum(hz, 0.2), np.zeros(400), _hum(1.25 * hz, 0.28))), SPEECH_LEVEL)


def _hum(hz: float, seconds: float) -> Wave:
    t = _time(seconds)
    glottis = np.maximum(0, np.sin(2 * np.pi * hz * t)) ** 6
    hollows = ((250, 80, 1.0), (1_000, 150, 0.1), (2_200, 200, 0.03))
    wave = sum(gain * _resonance(glottis - glottis.mean(), centre, width) for centre, width, gain in hollows)
    return np.asarray(wave * np.minimum(1, np.minimum(t, t[-1] - t) / 0.03))


def door(seed: int) -> Wave:
    """A slammed door: low noise that dies away."""
    dice = np.random.default_rng(seed)
    t = _time(0.35)
    noise = _resonance(dice.standard_normal(len(t)), 350, 250)
    return at_level(noise * np.exp(-t / 0.06), 2 * SPEECH_LEVEL)


def clatter(seed: int) -> Wave:
    """Dishes: a few short, ringing knocks."""
    dice = np.random.default_rng(seed)
    t = _time(0.5)
    knocks = np.zeros(len(t))
    for start in np.sort(dice.uniform(0, 0.38, 5)):
        late = np.maximum(0, t - start)
        knocks += (t >= start) * np.exp(-late / 0.012) * np.sin(2 * np.pi * dice.uniform(900, 3_000) * late)
    return at_level(knocks, 1.5 * SPEECH_LEVEL)


def crackle(seed: int) -> Wave:
    """White noise for a third of a second: the line, or wind."""
    dice = np.random.default_rng(seed)
    return at_level(dice.standard_normal(int(0.3 * TELEPHONE_RATE)), SPEECH_LEVEL)


def key_tone(key: str, seconds: float = 0.12) -> Wave:
    """The tone of a telephone's key."""
    t = _time(seconds)
    low, high = DTMF_HZ[key]
    return at_level(np.sin(2 * np.pi * low * t) + np.sin(2 * np.pi * high * t), 1.5 * SPEECH_LEVEL)


# What lies beneath ---------------------------------------------------------------------------------------------------


def hiss(seconds: float, seed: int) -> Wave:
    """White noise."""
    return np.random.default_rng(seed).standard_normal(int(seconds * TELEPHONE_RATE))


def street(seconds: float, seed: int) -> Wave:
    """Noise with more in the low tones (1/f, from 50 Hz up), as a road or a fan has."""
    samples = int(seconds * TELEPHONE_RATE)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(samples))
    hz = np.maximum(np.fft.rfftfreq(samples, 1 / TELEPHONE_RATE), 50)
    return np.fft.irfft(spectrum / np.sqrt(hz), samples)


def music(seconds: float, seed: int) -> Wave:
    """A tune over chords with a beat, four notes a second."""
    dice = np.random.default_rng(seed)
    beat = _time(0.25)
    scale = 220 * 2 ** (np.array([0, 2, 4, 7, 9, 12, 14, 16]) / 12)
    roots = 110 * 2 ** (np.array([0, 5, 7, 9]) / 12)
    bars = []
    for index in range(int(seconds / 0.25) + 1):
        root, drum = roots[index // 8 % 4], dice.standard_normal(len(beat)) * np.exp(-beat / 0.02)
        chord = sum(_note(root * ratio, beat) for ratio in (1, 1.25, 1.5))
        bars.append(1.5 * _note(dice.choice(scale) * 2, beat) + chord + 0.4 * drum * (index % 2 == 0))
    return np.concatenate(bars)[: int(seconds * TELEPHONE_RATE)]


def hold_music(seconds: float, seed: int) -> Wave:
    """Music with a pause of four seconds after every six, as between a queue's announcements."""
    t = np.arange(int(seconds * TELEPHONE_RATE)) / TELEPHONE_RATE
    return music(seconds, seed) * (t % 10 < 6)


def babble(seconds: float, seed: int, voices: Sequence[Pcm16], speakers: int = 5) -> Wave:
    """Several people talking at once: recordings laid over each other, each repeated from another place."""
    dice = np.random.default_rng(seed)
    samples = int(seconds * TELEPHONE_RATE)
    crowd = np.zeros(samples)
    for _ in range(speakers):
        talk = np.concatenate([voices[index] for index in dice.permutation(len(voices))]).astype(np.float64)
        crowd += np.resize(np.roll(at_level(talk, 1.0), int(dice.integers(len(talk)))), samples)
    return crowd


def one_voice(seconds: float, seed: int, voices: Sequence[Pcm16]) -> Wave:
    """Somebody who talks on without a stop: a television."""
    return babble(seconds, seed, voices, speakers=1)


# Parts ---------------------------------------------------------------------------------------------------------------


def _time(seconds: float) -> Wave:
    return np.arange(int(seconds * TELEPHONE_RATE)) / TELEPHONE_RATE


def _note(hz: float, t: Wave) -> Wave:
    partials = sum(np.sin(2 * np.pi * hz * k * t) / k**1.5 for k in range(1, 6) if hz * k < TELEPHONE_RATE / 2)
    return np.asarray(partials * np.exp(-t / 0.3))


def _resonance(wave: Wave, hz: float, width_hz: float) -> Wave:
    """What a hollow with one resonance lets through."""
    spectrum = np.fft.rfft(wave)
    distance = (np.fft.rfftfreq(len(wave), 1 / TELEPHONE_RATE) - hz) / width_hz
    return np.fft.irfft(spectrum / (1 + distance**2), len(wave))


BETWEEN: dict[str, Callable[[int], Wave]] = {
    "cough": cough,
    "throat clearing": throat_clearing,
    "door": door,
    "clatter": clatter,
    "crackle": crackle,
}
