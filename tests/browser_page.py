"""What the phone's page does by script, without a browser: a silent microphone, a data channel, ears."""

import asyncio
from collections.abc import Awaitable, Callable

import numpy as np
from aiortc import RTCConfiguration, RTCDataChannel, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamTrack
from av import AudioFrame


class Page:
    """One page, open in one browser."""

    def __init__(self) -> None:
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.channel: RTCDataChannel = self.peer.createDataChannel("events")
        self.opened = asyncio.Event()
        self.closed = asyncio.Event()
        self.channel.on("open", self.opened.set)
        self.channel.on("close", self.closed.set)
        self.peer.addTrack(AudioStreamTrack())
        self._sound: asyncio.Future[MediaStreamTrack] = asyncio.get_running_loop().create_future()
        self.peer.on("track", self._sound.set_result)

    async def dial(self, answering: Callable[[str], Awaitable[str]]) -> None:
        """Offers, and takes the answer."""
        await self.peer.setLocalDescription(await self.peer.createOffer())
        answer = await answering(self.peer.localDescription.sdp)
        await self.peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def hear_something(self) -> None:
        """Returns when a loud frame has come."""
        track = await self._sound
        while True:
            frame = await track.recv()
            assert isinstance(frame, AudioFrame)
            if np.abs(frame.to_ndarray()).max() > 4_000:
                return
