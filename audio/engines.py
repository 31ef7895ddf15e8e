"""The contracts of the speech engines. Each is loaded once, shared by all calls, and never run on the event loop."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Pcm16 = npt.NDArray[np.int16]
"""Mono samples, 16-bit signed, shape (n,). The rate is always said beside it."""
Float32 = npt.NDArray[np.float32]
"""Mono samples in -1..1, shape (n,)."""

TELEPHONE_RATE = 8_000
"""Hz on the wire: G.711 μ-law."""
FRAME_MS = 20
FRAME_SAMPLES = TELEPHONE_RATE * FRAME_MS // 1000
"""One wire frame: 160 samples, 160 μ-law bytes."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """What an utterance said. Empty text: nothing that deserves an answer."""

    text: str
    confidence: float
    """Mean log-probability per token; 0 is certain."""
    no_speech: float
    """Probability, 0..1, that nobody spoke."""


class SpeechToText(Protocol):
    """Recognises one utterance. Blocking; releases the GIL."""

    def transcribe(self, pcm: Pcm16, hints: Sequence[str] = ()) -> Transcript:
        """`pcm` is 8 kHz telephone audio; `hints` are names worth recognising."""
        ...


class TextToSpeech(Protocol):
    """Speaks one clause. Blocking; releases the GIL."""

    def synthesize(self, text: str) -> Pcm16:
        """8 kHz samples of the clause, without leading or trailing silence, at telephone level."""
        ...


class TurnDetector(Protocol):
    """Judges from prosody whether a speaker has finished. Blocking; releases the GIL."""

    def probability(self, pcm: Pcm16) -> float:
        """Probability, 0..1, that the turn is over. `pcm` is 8 kHz audio that ends ~100 ms into silence."""
        ...


class VoiceActivity(Protocol):
    """One call's stream through a voice detector. Holds state, so one per call; the model behind it is shared."""

    def feed(self, pcm: Pcm16) -> list[float]:
        """Takes any number of 8 kHz samples; returns the speech probability of each window they completed."""
        ...


class VoiceModel(Protocol):
    """A voice detector that judges several calls' windows at once. Blocking; releases the GIL."""

    def stream(self) -> Any:
        """A new call's memory."""
        ...

    def hear(self, streams: Sequence[Any], windows: Pcm16) -> Sequence[float]:
        """The speech probability of one window of each of these streams. `windows` is (n, 256): 32 ms at 8 kHz each."""
        ...


class HostedRecogniser(Protocol):
    """A recogniser that runs elsewhere, or on threads of its own. Never blocks."""

    async def transcribe(self, pcm: Pcm16, hints: Sequence[str] = ()) -> Transcript:
        """As `SpeechToText.transcribe`. Raises ServiceFailure."""
        ...


class HostedVoice(Protocol):
    """A voice that runs elsewhere, or on threads of its own. Never blocks."""

    async def synthesize(self, text: str) -> Pcm16:
        """As `TextToSpeech.synthesize`. Raises ServiceFailure. Cancelling it stops the work there, too."""
        ...


class ModelError(Exception):
    """An engine cannot be had: a file is missing or is not the one that was tested, a package or a key is not there.
    Says what to do."""


class ServiceFailure(Exception):  # noqa: N818 - it fails in the middle of a call, and the call goes on
    """A hosted service broke off, refused, or took too long."""
