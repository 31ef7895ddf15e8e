"""The server under the load test: `segue serve` with its inference taken out, on one core.

    python -m benchmarks.load.server CORE (silero|webrtcvad) VOICE.ulaw

Sockets, protocol, ear, voice detector, turn machine, guards, playout, pacing, marks, scribe and record are the ones
that ship. Whisper, Smart Turn and the voice answer at once with what was recorded before, and the brain says one
clause, because the load test measures what carries the media, not the models.
"""

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from agent.brain import Brain
from agent.moves import Move, Say
from agent.snapshot import Snapshot, Utterance
from audio import mulaw
from audio.engines import Pcm16, Transcript, VoiceModel
from audio.pool import Engines
from audio.vad import SileroModel
from benchmarks.load.core import take
from benchmarks.load.inference import HEARD, PARTS, REPLY
from telephony.app import create_app
from telephony.log import set_up_logging
from telephony.process import serving
from telephony.services import Services, open_services
from telephony.settings import Settings, load_settings


class Recognised:
    """Speech recognition and turn detection that know what was said."""

    def transcribe(self, pcm: Pcm16, hints: Sequence[str] = ()) -> Transcript:
        """A finished sentence."""
        return Transcript(HEARD, confidence=-0.1, no_speech=0.0)

    def probability(self, pcm: Pcm16) -> float:
        """The speaker has finished."""
        return 0.95


class Recorded:
    """A voice that was recorded before."""

    def __init__(self, voice: Path) -> None:
        self._pcm = mulaw.decode(voice.read_bytes())

    def synthesize(self, text: str) -> Pcm16:
        """The recording; a part of it for anything but the reply, so that an opening of many clauses is soon over."""
        return self._pcm if text == REPLY else self._pcm[: len(self._pcm) // PARTS]


class OneClause(Brain):
    """Says one clause to everything."""

    async def reply(self, snapshot: Snapshot, utterance: Utterance) -> AsyncIterator[Move]:
        """The clause."""
        yield Say(REPLY)


def _detector(name: str) -> VoiceModel:
    if name == "silero":
        return SileroModel()
    from benchmarks.load.detectors import WebRtcModel  # an extra, needed to compare only

    return WebRtcModel()


def main(core: str, detector: str, voice: str) -> None:
    """Serves until terminated, on the given core."""
    take(int(core))
    vad = _detector(detector)
    settings = load_settings()
    set_up_logging()

    def engines(on_progress: object) -> Engines:
        known = Recognised()
        return Engines(known, Recorded(Path(voice)), known, vad)

    @asynccontextmanager
    async def opening(settings: Settings) -> AsyncIterator[Services]:
        async with open_services(settings, load=engines, brain=OneClause()) as services:
            yield services

    serving.run(create_app(settings, opening), settings)


if __name__ == "__main__":
    main(*sys.argv[1:])
