"""Sound on its way between a browser and a telephone's ear."""

from fractions import Fraction

import numpy as np
from av import AudioFrame

from audio import mulaw
from audio.playout import Mark
from telephony.browser.sound import FRAME_BYTES, LOST_MS_LIMIT, Loudspeaker, Microphone

FRAME = 960
"""Samples of 20 ms at 48 kHz."""


def opus(pcm: np.ndarray, pts: int) -> AudioFrame:
    """20 ms as aiortc decodes it: packed stereo at 48 kHz, the microphone on both channels."""
    frame = AudioFrame.from_ndarray(np.repeat(pcm, 2)[np.newaxis], format="s16", layout="stereo")
    frame.sample_rate, frame.pts, frame.time_base = 48_000, pts, Fraction(1, 48_000)
    return frame


def tone(seconds: float) -> np.ndarray:
    """A loud 440 Hz at 48 kHz."""
    return (8_000 * np.sin(2 * np.pi * 440 * np.arange(int(48_000 * seconds)) / 48_000)).astype(np.int16)


def test_a_microphone_becomes_a_telephone_s_frames() -> None:
    """48 kHz stereo comes out as 20 ms of 8 kHz μ-law, with the tone's pitch and level and no seam."""
    sound, microphone = tone(1), Microphone()
    media = [one for at in range(0, len(sound), FRAME) for one in microphone.feed(opus(sound[at : at + FRAME], at))]
    assert {len(one.ulaw) for one in media} == {FRAME_BYTES}
    assert [one.timestamp_ms for one in media] == list(range(0, 20 * len(media), 20))
    assert 49 <= len(media) <= 50
    heard = mulaw.decode(b"".join(one.ulaw for one in media))[800:].astype(float)
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    assert abs(np.fft.rfftfreq(len(heard), 1 / 8_000)[spectrum.argmax()] - 440) < 3
    assert abs(np.sqrt((heard**2).mean()) / (8_000 / np.sqrt(2)) - 1) < 0.05


def test_what_was_lost_on_the_way_is_told() -> None:
    """A jump in time is a loss in whole frames, before the next frame, and never more than the limit."""
    silence, microphone = np.zeros(FRAME, np.int16), Microphone()
    starts = [0, 1, 2, 5, 6, 100_000]
    media = [one for at in starts for one in microphone.feed(opus(silence, at * FRAME))]
    assert [one.lost_ms for one in media if one.lost_ms] == [60 - 20, LOST_MS_LIMIT]


def test_a_mark_is_reached_when_its_audio_is_out() -> None:
    """Not with the frame before it, but when the next one is asked for; silence fills what is not there."""
    loudspeaker, loud = Loudspeaker(), mulaw.encode(np.full(160, 5_000, np.int16))
    loudspeaker.put(loud)
    loudspeaker.put(Mark(1, 1))
    marks, frame = loudspeaker.next()
    assert marks == []
    assert np.abs(frame.to_ndarray()).min() > 4_000
    marks, after = loudspeaker.next()
    assert marks == [Mark(1, 1)]
    assert np.abs(after.to_ndarray()).max() == 0
    assert (frame.pts, after.pts, after.sample_rate) == (0, 160, 8_000)


def test_a_clear_throws_audio_away_and_echoes_its_marks() -> None:
    """As Twilio does: nothing of it is heard, and the marks that waited come back at once."""
    loudspeaker, loud = Loudspeaker(), mulaw.encode(np.full(160, 5_000, np.int16))
    for item in (loud, loud, Mark(1, 1), loud, Mark(1, 2)):
        loudspeaker.put(item)
    loudspeaker.next()
    loudspeaker.clear()
    marks, frame = loudspeaker.next()
    assert marks == [Mark(1, 1), Mark(1, 2)]
    assert np.abs(frame.to_ndarray()).max() == 0


def test_a_long_message_is_played_frame_by_frame() -> None:
    """20 ms each, and its mark behind the last."""
    loudspeaker, loud = Loudspeaker(), mulaw.encode(np.full(160, 5_000, np.int16))
    loudspeaker.put(loud * 2)
    loudspeaker.put(Mark(1, 1))
    played = [loudspeaker.next() for _ in range(3)]
    assert [frame.samples for _, frame in played] == [160] * 3
    assert [marks for marks, _ in played] == [[], [], [Mark(1, 1)]]
