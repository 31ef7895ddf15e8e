"""Loaded engines for tests. Loading takes a second or two, so each is loaded once a session.

A test module asks for them by `pytest_plugins = ["speech"]`.
"""

import pytest
from sounds import Hear, as_heard, plain

from audio.endpoint import SmartTurn
from audio.stt.whisper import Whisper
from audio.tts.hibari import HibariVoice
from audio.tts.joe import JoeVoice
from audio.vad import SileroModel


@pytest.fixture(scope="session")
def silero() -> SileroModel:
    """The voice detector."""
    return SileroModel()


@pytest.fixture(scope="session")
def whisper() -> Whisper:
    """The bundled recogniser."""
    return Whisper()


@pytest.fixture(scope="session")
def agent_voice() -> HibariVoice:
    """The agent's voice."""
    return HibariVoice()


@pytest.fixture(scope="session")
def caller_voice() -> JoeVoice:
    """A caller's voice: not the agent's, so that nothing is tuned to one speaker."""
    return JoeVoice()


@pytest.fixture(scope="session")
def smart_turn() -> SmartTurn:
    """The turn detector."""
    return SmartTurn()


@pytest.fixture(scope="session")
def hear(whisper: Whisper) -> Hear:
    """What the recogniser makes of 8 kHz audio after a telephone line, in lower case and without punctuation."""
    return lambda pcm: plain(whisper.transcribe(as_heard(pcm)).text)
