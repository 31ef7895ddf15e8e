"""A telephone in a noisy place."""

from itertools import chain, count, repeat

import numpy as np
import pytest
from calls import silent, tone

from audio import mulaw
from audio.engines import Pcm16
from benchmarks.noisy_handset import ECHO_DELAY_MS, NoisyHandset

FRAMES = 50


async def sent_by(handset: NoisyHandset) -> Pcm16:
    """What a second of the line carries."""
    passed = count(1)
    async for _ in handset.frames():
        if next(passed) == FRAMES:
            return handset.sent
    raise AssertionError("the telephone was put down")


def handset(background: Pcm16 | None = None, echo_db: float | None = None) -> NoisyHandset:
    """A telephone whose clock stands far ahead once it has begun, so that no frame is waited for."""
    times = chain((0.0, 0.0), repeat(60.0))
    return NoisyHandset(background, echo_db, clock=lambda: next(times))


@pytest.mark.anyio
async def test_the_line_carries_the_noise_and_the_recording_does_not() -> None:
    """What was said is known apart; the background is repeated for ever."""
    noise = mulaw.decode(mulaw.encode(tone(100) // 8))
    phone = handset(background=noise)
    phone.speak(silent(500))
    assert np.array_equal(await sent_by(phone), np.resize(noise, FRAMES * 160))
    assert not phone.recording[: FRAMES * 160, 0].any()


@pytest.mark.anyio
async def test_the_far_end_comes_back_softer_and_later() -> None:
    """As an echo of so many dB, after the time it takes to come round."""
    phone = handset(echo_db=-20)
    phone.play(mulaw.encode(tone(1_000)))
    sent = await sent_by(phone)
    assert not sent[: ECHO_DELAY_MS * 8].any()
    echo = sent[ECHO_DELAY_MS * 8 :].astype(np.float64)
    assert np.abs(echo).max() == pytest.approx(600, rel=0.1)
