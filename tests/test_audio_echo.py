"""What a line returns of our own voice, and voices over it."""

import numpy as np
import pytest

from audio import mulaw
from audio.echo import LATEST_MS, WINDOW_MS, Echo
from audio.engines import FRAME_MS, FRAME_SAMPLES, Pcm16
from audio.tts.hibari import HibariVoice
from audio.tts.joe import JoeVoice

pytest_plugins = ["speech"]

DELAY_MS = 240
MS = 8


@pytest.fixture(scope="module")
def agent(agent_voice: HibariVoice) -> Pcm16:
    """Some seconds of the persona's."""
    return agent_voice.synthesize("We can look at home and auto together, and most people save something that way.")


@pytest.fixture(scope="module")
def lead() -> Pcm16:
    """As much of somebody else's."""
    return JoeVoice().synthesize("Hold on a second, I have a question about the deductible before we go on.")


def verdicts(agent: Pcm16, gain: float, voice: Pcm16 | None = None, message_ms: int = FRAME_MS) -> list[bool]:
    """Whether each quarter of a second of what comes back, with a voice over it, is taken for echo."""
    echo, found = Echo(), []
    line = np.zeros(len(agent) + DELAY_MS * MS, np.int32)
    line[DELAY_MS * MS :] = agent * gain
    if voice is not None:
        line[: len(voice)] += voice[: len(line)]
    heard = mulaw.decode(mulaw.encode(np.clip(line, -32_768, 32_767).astype(np.int16)))
    for start in range(0, len(agent) - FRAME_SAMPLES, FRAME_SAMPLES):
        if start % (message_ms * MS) == 0:
            echo.sent(mulaw.encode(agent[start : start + message_ms * MS]), start / MS)
        end_ms = start // MS
        window = heard[(end_ms - WINDOW_MS) * MS : end_ms * MS]
        if end_ms >= DELAY_MS + WINDOW_MS and np.abs(window[-32 * MS :]).mean() > 20:
            found.append(echo.is_echo(window, end_ms))
    return found


@pytest.mark.parametrize("gain", [0.3, 0.1, 0.03])
def test_our_own_voice_is_told_however_soft(agent: Pcm16, gain: float) -> None:
    """10 to 30 dB below what was played."""
    found = verdicts(agent, gain)
    assert len(found) > 50
    assert all(found)


def test_it_does_not_matter_how_much_was_sent_at_a_time(agent: Pcm16) -> None:
    """Of a long message what is too old to come back is left out, and nothing else."""
    assert verdicts(agent, 0.1, message_ms=8 * FRAME_MS) == verdicts(agent, 0.1)


@pytest.mark.parametrize("gain", [0.0, 0.03, 0.1])
def test_a_voice_over_it_is_a_voice(agent: Pcm16, lead: Pcm16, gain: float) -> None:
    """Whoever speaks is heard, alone or over the echo: most windows that are taken for echo lie between his words."""
    found = verdicts(agent, gain, voice=lead)
    assert sum(found) / len(found) < 0.2


def test_only_what_was_played_of_late_can_come_back(agent: Pcm16) -> None:
    """Not what the carrier threw away, nor what was said long ago."""
    echo = Echo()
    frames = [agent[start : start + FRAME_SAMPLES] for start in range(0, 4_800, FRAME_SAMPLES)]
    assert not echo.may_be_heard(0)
    for index, frame in enumerate(frames):
        echo.sent(mulaw.encode(frame), index * FRAME_MS)
    assert echo.may_be_heard(600 + LATEST_MS)
    assert not echo.may_be_heard(600 + LATEST_MS + WINDOW_MS)
    echo.cleared(0)
    assert not echo.may_be_heard(600)


def test_what_a_clear_threw_away_of_a_message_was_not_played(agent: Pcm16) -> None:
    """What was played of it until then was."""
    echo = Echo()
    echo.sent(mulaw.encode(agent[: 160 * MS]), 0)
    echo.cleared(60)
    assert echo.may_be_heard(59 + WINDOW_MS + LATEST_MS)
    assert not echo.may_be_heard(60 + WINDOW_MS + LATEST_MS)


def test_silence_and_snatches_are_no_echo(agent: Pcm16) -> None:
    """Of too little nothing can be told."""
    echo = Echo()
    echo.sent(mulaw.encode(agent[:FRAME_SAMPLES]), 0)
    assert not echo.is_echo(np.zeros(WINDOW_MS * MS, np.int16), 300)
    assert not echo.is_echo(agent[: 32 * MS], 300)
