"""What is said in the load test: recorded once, so that no system under test has to synthesise or recognise."""

import numpy as np

from audio import mulaw
from audio.engines import TELEPHONE_RATE
from audio.tts.hibari import HibariVoice

REPLY = "Thank you, that helps me a lot, and I have noted all of it for you."
HEARD = "I think we are going to be moving into the new house around the middle of next month."
"""What the recogniser makes of every utterance, and what the callers say, without a pause: it would be wrong."""
REPLY_MS = 4_000
PARTS = 4
"""Anything but the reply takes this part of its time."""
TURN_MS = REPLY_MS // PARTS
"""Every turn of the agent's lasts a whole number of these."""


def recordings() -> tuple[bytes, bytes]:
    """The agent's voice, REPLY_MS of it, and a caller's utterance: μ-law at 8 kHz. Takes a second."""
    voice = HibariVoice()
    reply = np.resize(voice.synthesize(REPLY), REPLY_MS * TELEPHONE_RATE // 1000)
    return mulaw.encode(reply), mulaw.encode(voice.synthesize(HEARD))
