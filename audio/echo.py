"""Our own voice, coming back: what a line returns of what was just played to it.

A telephone on a loudspeaker hands the persona her own words back, softer and a fraction of a second late. They are
speech, so the voice detector says so, and she would fall silent before herself. But what was sent is known to the
sample, and when it is played to some ms. What is heard is echo if it is like something sent shortly before, as only the
same sound is: of human voices laid over the agent's, one window in a thousand is so much like him by chance.

Pure: times are ms on any one clock.
"""

from collections import deque

import numpy as np

from audio import mulaw
from audio.engines import TELEPHONE_RATE, Float32, Pcm16

WINDOW_MS = 256
"""How much of what is heard is compared."""
LATEST_MS = 700
"""An echo comes back at most this long after what it is of was played, by our own reckoning of the carrier's buffer."""
LIKE = 0.55
"""Correlation from which it is an echo. Of one that came back before, at the same delay, give or take"""
WANDERS_MS = 12
LIKE_AGAIN = 0.7
"""this share of what it was like is enough and necessary: with a voice over it, it is less like,"""
LEAST_LIKE = 0.3
"""but nothing that is less like than this is one."""
LOUDEST = 0.5
"""What is louder than this share of what was played is a voice."""
_FRESH = 0.2
"""What the newest echo counts for in what echoes are like."""
_STEP = 2
"""Every other sample will do: a voice is below 2 kHz for the most part."""
_PER_MS = TELEPHONE_RATE // 1000
_SHORTEST_MS = 64
"""Of less nothing can be told."""


class Echo:
    """Tells one call's echo from voices. Feed it what is `sent` and what is `cleared`; ask it `is_echo`."""

    def __init__(self) -> None:
        self._tape: deque[tuple[float, bytes]] = deque()
        """When what was sent is played, piece by piece, and its μ-law bytes."""
        self._delay_ms: float | None = None
        """Of the last echo,"""
        self._like = 0.0
        """and how like the last few were to what was played."""

    def sent(self, ulaw: bytes, at_ms: float) -> None:
        """Audio that the carrier is going to play from a time on."""
        self._tape.append((at_ms, ulaw))
        while self._tape[0][0] < at_ms - WINDOW_MS - 2 * LATEST_MS:
            self._tape.popleft()

    def cleared(self, now_ms: float) -> None:
        """What the carrier has not played by now it never will."""
        while self._tape and self._tape[-1][0] >= now_ms:
            self._tape.pop()
        if self._tape:
            at_ms, ulaw = self._tape.pop()
            self._tape.append((at_ms, ulaw[: round((now_ms - at_ms) * _PER_MS)]))

    def may_be_heard(self, now_ms: float) -> bool:
        """Whether anything was played so recently that its echo may still be coming back."""
        if not self._tape:
            return False
        at_ms, ulaw = self._tape[-1]
        return at_ms + len(ulaw) / _PER_MS > now_ms - WINDOW_MS - LATEST_MS

    def is_echo(self, heard: Pcm16, end_ms: float) -> bool:
        """Whether 8 kHz samples that end at a time are what was played before. Give it `WINDOW_MS` of them."""
        if len(heard) < _SHORTEST_MS * _PER_MS or not heard.any():
            return False
        start_ms = end_ms - len(heard) / _PER_MS - LATEST_MS
        sound, played = _thinned(heard), _thinned(self._played(start_ms, end_ms))
        loudness = _loudness(sound, played)
        if loudness.min() > LOUDEST:
            return False  # Wherever it were found: most voices need no closer look.
        likeness = _likeness(sound, played, loudness)
        place = self._place(likeness)
        if place is None or loudness[place] > LOUDEST:
            return False
        like = float(likeness[place])
        self._like = like if self._delay_ms is None else _FRESH * like + (1 - _FRESH) * self._like
        self._delay_ms = LATEST_MS - place * _STEP / _PER_MS
        return True

    def _place(self, likeness: Float32) -> int | None:
        """Where in what was played it is found, if it is."""
        best = int(likeness.argmax())
        if self._delay_ms is not None:
            known = round((LATEST_MS - self._delay_ms) * _PER_MS / _STEP)
            reach = WANDERS_MS * _PER_MS // _STEP
            first = max(0, known - reach)
            near = first + int(likeness[first : known + reach + 1].argmax())
            if likeness[near] >= max(LEAST_LIKE, LIKE_AGAIN * self._like):
                return near
            if abs(best - known) <= reach:
                return None  # It comes with a voice.
        return best if likeness[best] >= LIKE else None

    def _played(self, start_ms: float, end_ms: float) -> Pcm16:
        """What was played between two times, with silence where nothing was."""
        line = bytearray([mulaw.SILENCE]) * round((end_ms - start_ms) * _PER_MS)
        for at_ms, ulaw in self._tape:
            first = round((at_ms - start_ms) * _PER_MS)
            begin, end = max(first, 0), min(first + len(ulaw), len(line))
            if begin < end:
                line[begin:end] = ulaw[begin - first : end - first]
        return mulaw.decode(bytes(line))


def _thinned(pcm: Pcm16) -> Float32:
    """Every other sample, what lies between them mixed in."""
    samples = pcm[: len(pcm) // _STEP * _STEP].astype(np.float32)
    mixed: Float32 = (samples[::_STEP] + samples[1::_STEP]) / np.float32(_STEP)
    return mixed


def _loudness(heard: Float32, played: Float32) -> Float32:
    """For each place in what was played: how loud what was heard is against it."""
    power = np.concatenate(([0.0], np.cumsum(played.astype(np.float64) ** 2)))
    floor = float(len(heard))  # Next to silence anything is loud.
    energies = np.maximum(power[len(heard) :] - power[: -len(heard)], floor)
    against: Float32 = np.sqrt(_energy(heard) / energies).astype(np.float32)
    return against


def _likeness(heard: Float32, played: Float32, loudness: Float32) -> Float32:
    """For each place in what was played: how like it what was heard is (correlation)."""
    # Circular: what wraps around lies behind the last place.
    size = 1 << (len(played) - 1).bit_length()
    products = np.fft.irfft(np.fft.rfft(played, size) * np.conj(np.fft.rfft(heard, size)), size)[: len(loudness)]
    likeness: Float32 = np.abs(products) * loudness / np.float32(_energy(heard))
    return likeness


def _energy(heard: Float32) -> float:
    return float((heard.astype(np.float64) ** 2).sum()) + 1e-9
