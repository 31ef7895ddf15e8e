"""The server under the texting tests: `segue serve` without speech engines, which texts do not need.

python -m benchmarks.texting.server
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import numpy as np

from audio.engines import Pcm16, Transcript
from audio.pool import Engines
from telephony.app import create_app
from telephony.log import set_up_logging
from telephony.process import serving
from telephony.services import Services, open_services
from telephony.settings import Settings, load_settings


class Mute:
    """Hears nothing and says nothing."""

    def transcribe(self, pcm: Pcm16, hints: Sequence[str] = ()) -> Transcript:
        """Nothing."""
        return Transcript("", confidence=0.0, no_speech=1.0)

    def probability(self, pcm: Pcm16) -> float:
        """Nobody has finished."""
        return 0.0

    def synthesize(self, text: str) -> Pcm16:
        """Silence."""
        return np.zeros(160, np.int16)

    def stream(self) -> None:
        """Nothing to remember."""

    def hear(self, streams: Sequence[None], windows: Pcm16) -> list[float]:
        """Nobody speaks."""
        return [0.0] * len(streams)


@asynccontextmanager
async def opening(settings: Settings) -> AsyncIterator[Services]:
    """Everything but the engines."""
    mute = Mute()
    async with open_services(settings, load=lambda progress: Engines(mute, mute, mute, mute)) as services:
        yield services


def main() -> None:
    """Serves until terminated."""
    settings = load_settings()
    set_up_logging()
    serving.run(create_app(settings, opening), settings)


if __name__ == "__main__":
    main()
