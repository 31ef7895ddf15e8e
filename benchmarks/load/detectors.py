"""webrtcvad as either system's only voice detector, to compare them with the same one."""

from collections.abc import Sequence

import webrtcvad

from audio.engines import TELEPHONE_RATE, Pcm16

MODE = 3
"""The least eager to hear speech: any other takes the noise of the line for it."""
FRAME = 240
"""Samples, 30 ms: the longest frame webrtcvad takes."""


class WebRtcModel:
    """A `VoiceModel` that is nothing but webrtcvad."""

    def stream(self) -> webrtcvad.Vad:
        """A new call's detector."""
        return webrtcvad.Vad(MODE)

    def hear(self, streams: Sequence[webrtcvad.Vad], windows: Pcm16) -> list[float]:
        """1 or 0 for each window of 32 ms."""
        return [
            float(vad.is_speech(window[-FRAME:].tobytes(), TELEPHONE_RATE))
            for vad, window in zip(streams, windows, strict=True)
        ]
