import asyncio
import wave
from collections.abc import Awaitable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

from audio import mulaw
from audio.engines import FRAME_SAMPLES, Pcm16
from telephony.sandbox.handset import Handset, LineDeadError, is_sound

pytestmark = pytest.mark.anyio
T = TypeVar("T")
VOICE = mulaw.encode(np.full(FRAME_SAMPLES, 3_000, np.int16))


def tone(ms: int) -> Pcm16:
    """A 500 Hz tone at speech level."""
    return (6_000 * np.sin(2 * np.pi * 500 * np.arange(ms * 8) / 8_000)).astype(np.int16)


class Clock:
    """Time that moves only when a test says so."""

    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


async def lifted() -> tuple[Handset, Clock]:
    """A telephone whose recording has just begun, on a clock of the test's."""
    clock = Clock()
    handset = Handset(clock)
    clock.now -= 0.02
    frames = handset.frames()
    waiting = asyncio.ensure_future(anext(frames))
    await asyncio.sleep(0)
    clock.now += 0.02
    await waiting
    return handset, clock


def pass_time(handset: Handset, clock: Clock, ms: int) -> bytes:
    """Lets `ms` pass; returns what the mouth said in it."""
    said = b""
    for _ in range(ms // 20):
        clock.now += 0.02
        said += handset.tick()
    return said


async def settled(waiting: Awaitable[T]) -> T:
    """Gives a woken waiter its turn of the event loop; fails if it was not woken."""
    return await asyncio.wait_for(waiting, 60)


async def test_an_idle_mouth_is_silent() -> None:
    """A muted telephone still sends frames: 160 bytes of 0xFF."""
    handset, clock = await lifted()
    assert pass_time(handset, clock, 20) == b"\xff" * FRAME_SAMPLES


async def test_the_mouth_says_what_it_was_given() -> None:
    """Speech is cut into frames and the last one is filled with silence."""
    handset, clock = await lifted()
    handset.speak(tone(50))
    said = pass_time(handset, clock, 80)
    assert said == mulaw.encode(tone(50)) + b"\xff" * 30 * 8
    assert not handset.speaking


async def test_hush_stops_mid_word() -> None:
    """What was queued is not said."""
    handset, clock = await lifted()
    handset.speak(tone(200))
    pass_time(handset, clock, 40)
    handset.hush()
    assert pass_time(handset, clock, 20) == b"\xff" * FRAME_SAMPLES


async def test_said_waits_for_the_last_frame() -> None:
    """It returns once nothing is left to say, and at once when there was nothing."""
    handset, clock = await lifted()
    await settled(handset.said())
    handset.speak(tone(40))
    waiting = asyncio.ensure_future(handset.said())
    await asyncio.sleep(0)
    pass_time(handset, clock, 20)
    await asyncio.sleep(0)
    assert not waiting.done()
    pass_time(handset, clock, 20)
    await settled(waiting)


def test_line_noise_is_not_sound() -> None:
    """Faint noise and a click are nothing; a voice is something."""
    noise = np.random.default_rng(1).normal(0, 60, FRAME_SAMPLES).astype(np.int16)
    click = np.zeros(FRAME_SAMPLES, np.int16)
    click[:4] = 9_000
    assert not is_sound(b"\xff" * FRAME_SAMPLES)
    assert not is_sound(mulaw.encode(noise))
    assert not is_sound(mulaw.encode(click))
    assert is_sound(mulaw.encode(tone(20)))


async def test_the_far_end_starts_and_finishes() -> None:
    """A turn begins with its first sound and is over after the asked silence; both positions are those of the sound."""
    handset, clock = await lifted()
    started = asyncio.ensure_future(handset.far_started())
    finished = asyncio.ensure_future(handset.far_finished(silence_ms=300))
    pass_time(handset, clock, 100)
    handset.play(VOICE * 10)  # arrives at 120 ms, plays until 320 ms
    pass_time(handset, clock, 20)
    await asyncio.sleep(0)
    assert await settled(started) == 120 * 8
    assert handset.far_speaking
    pass_time(handset, clock, 460)
    await asyncio.sleep(0)
    assert not finished.done()
    pass_time(handset, clock, 20)
    assert await settled(finished) == 320 * 8
    assert not handset.far_speaking


async def test_a_short_gap_does_not_end_a_turn() -> None:
    """The far end pauses between clauses; a pause shorter than asked for is part of the turn."""
    handset, clock = await lifted()
    finished = asyncio.ensure_future(handset.far_finished(silence_ms=300))
    for _ in range(2):
        handset.play(VOICE * 5)
        pass_time(handset, clock, 100 + 280)
        await asyncio.sleep(0)
        assert not finished.done()
    pass_time(handset, clock, 20)
    assert await settled(finished) == (20 + 380 + 100) * 8


async def test_a_turn_is_finished_only_once() -> None:
    """After a turn was reported, the next wait is for the next turn; `since` looks back."""
    handset, clock = await lifted()
    handset.play(VOICE * 5)
    pass_time(handset, clock, 400)
    end = await settled(handset.far_finished(silence_ms=200))
    again = asyncio.ensure_future(handset.far_finished(silence_ms=200))
    pass_time(handset, clock, 400)
    await asyncio.sleep(0)
    assert not again.done()
    assert await settled(handset.far_finished(silence_ms=200, since=0)) == end
    again.cancel()


async def test_the_recording_holds_both_sides_in_time() -> None:
    """Left is what was said, right what was heard, on one clock."""
    handset, clock = await lifted()
    handset.speak(tone(40))
    pass_time(handset, clock, 60)
    clock.now += 0.005
    handset.play(VOICE)
    clock.now -= 0.005
    pass_time(handset, clock, 60)
    recording = handset.recording
    assert recording.shape == (140 * 8, 2)
    assert np.flatnonzero(recording[:, 0])[[0, -1]] // 8 == pytest.approx([20, 59])
    assert np.flatnonzero(recording[:, 1])[[0, -1]] == pytest.approx([85 * 8, 105 * 8 - 1])


async def test_heard_since_is_what_was_played() -> None:
    """It begins at the position asked for and ends now; what is queued was not heard."""
    handset, clock = await lifted()
    handset.play(VOICE * 10)
    pass_time(handset, clock, 100)
    heard = handset.heard_since(60 * 8)
    assert len(heard) == 60 * 8
    assert np.all(heard > 2_000)


async def test_the_line_going_dead_wakes_everybody() -> None:
    """Nobody waits for ever on a call that is over."""
    handset, _ = await lifted()
    waiting = [asyncio.ensure_future(wait) for wait in (handset.far_started(), handset.far_finished())]
    await asyncio.sleep(0)
    handset.put_down()
    for wait in waiting:
        with pytest.raises(LineDeadError):
            await settled(wait)
    with pytest.raises(LineDeadError):
        await handset.said()


async def test_a_stall_is_caught_up() -> None:
    """Frames keep their deadlines: after a stall all that were due come at once, and none is lost."""
    clock = Clock()
    handset = Handset(clock)
    frames = handset.frames()
    first = asyncio.ensure_future(anext(frames))
    await asyncio.sleep(0)
    clock.now += 0.1 + 1e-6
    await first
    for _ in range(4):
        await anext(frames)
    assert len(handset.recording) == 5 * FRAME_SAMPLES


async def test_words_said_to_nobody_are_not_carried() -> None:
    """Between two connections the caller may talk on: recorded, but the next connection does not hear it late."""
    handset, clock = await lifted()
    handset.speak(tone(60))
    clock.now += 0.1 + 1e-6
    frames = handset.frames()
    nothing = asyncio.ensure_future(anext(frames))
    await asyncio.sleep(0)
    assert not nothing.done()
    assert np.any(handset.recording[160:, 0])
    assert not handset.speaking
    nothing.cancel()


async def test_the_recording_is_saved_as_stereo(tmp_path: Path) -> None:
    """8 kHz, 16 bits, two channels."""
    handset, clock = await lifted()
    pass_time(handset, clock, 80)
    handset.save(tmp_path / "call.wav")
    with wave.open(str(tmp_path / "call.wav")) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, 8_000)
        assert file.getnframes() == 100 * 8
