"""A browser's WebRTC connection as a `telephony.leg.Leg`.

The data channel carries what no audio can: `{"event": "dtmf", "digit": "9"}` and `{"event": "hangup"}`.
"""

import asyncio
import json
from collections.abc import Callable, Sequence

import structlog
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCDataChannel,
    RTCIceServer,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame

from audio.playout import Mark
from telephony.browser.sound import FRAME_MS, Loudspeaker, Microphone
from telephony.leg import DIGITS, Digit, LegClosedError, LegEvent, MarkPlayed, Stopped

log = structlog.get_logger(__name__)

STALL_S = 0.2
"""Later than this, and the frames that are late are not sent in a burst."""
LAST_WORDS_S = 0.2
"""What the browser may still have buffered when we hang up."""


class OfferError(ValueError):
    """A browser's offer that cannot be answered. Says why."""


class Speaker(MediaStreamTrack):
    """Our track: 20 ms every 20 ms, which aiortc leaves to the track."""

    kind = "audio"

    def __init__(self, played: Callable[[Mark], None]) -> None:
        super().__init__()
        self.loudspeaker = Loudspeaker()
        self._played = played
        self._due: float | None = None

    async def recv(self) -> AudioFrame:
        """The next frame, when its time has come."""
        await self._tick()
        if self.readyState != "live":
            raise MediaStreamError
        reached, frame = self.loudspeaker.next()
        for mark in reached:
            self._played(mark)
        return frame

    async def _tick(self) -> None:
        clock = asyncio.get_running_loop().time
        due = clock() if self._due is None else self._due
        if clock() - due > STALL_S:
            due = clock()
        self._due = due + FRAME_MS / 1000
        await asyncio.sleep(due - clock())


class WebRtcLeg:
    """One call from a browser.

    Args:
        ice_servers: STUN and TURN addresses; none are needed for a browser on this machine or its network.
    """

    def __init__(self, call: str, ice_servers: Sequence[str] = ()) -> None:
        self.call = call
        self.stream = f"{call}:1"
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[RTCIceServer(url) for url in ice_servers]))
        self._speaker = Speaker(self._reached)
        self._track: MediaStreamTrack | None = None
        self._hear: Callable[[LegEvent], None] | None = None
        self._connected = asyncio.Event()
        self._over = asyncio.Event()
        self._hung_up = False
        self._peer.on("track", self._take_track)
        self._peer.on("datachannel", self._take_channel)
        self._peer.on("connectionstatechange", self._connection_changed)

    async def answer(self, offer: str) -> str:
        """The SDP that answers a browser's, with all our candidates in it: aiortc does not trickle.

        Raises:
            OfferError: if it is no SDP or offers no audio.
        """
        try:
            await self._peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        except (ValueError, IndexError, KeyError, AssertionError) as flaw:
            raise OfferError("the offer is not SDP that can be answered") from flaw
        if self._track is None:
            raise OfferError("the offer has no audio: allow the microphone")
        self._peer.addTrack(self._speaker)
        await self._peer.setLocalDescription(await self._peer.createAnswer())
        return str(self._peer.localDescription.sdp)

    async def connected(self) -> None:
        """Returns once audio can flow.

        Raises:
            LegClosedError: if the connection came to nothing.
        """
        waiting = [asyncio.ensure_future(event.wait()) for event in (self._connected, self._over)]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for one in waiting:
            one.cancel()
        if not self._connected.is_set():
            raise LegClosedError("the browser did not connect")

    async def listen(self, hear: Callable[[LegEvent], None]) -> None:
        """What the browser sends, until it hangs up or is gone."""
        self._hear = hear
        reading = asyncio.create_task(self._read(hear))
        try:
            await self._over.wait()
        finally:
            reading.cancel()
            self._hear = None
        if self._hung_up:
            hear(Stopped())

    def send(self, item: bytes | Mark) -> None:
        """Queues audio or a mark."""
        self._check()
        self._speaker.loudspeaker.put(item)

    def clear(self) -> None:
        """Throws away what is queued."""
        self._check()
        self._speaker.loudspeaker.clear()

    async def close(self) -> None:
        """Hangs up, when what the browser has buffered has been heard."""
        if not self._over.is_set():
            await asyncio.sleep(LAST_WORDS_S)
        self._over.set()
        await self._peer.close()

    def hang_up(self) -> None:
        """The lead hangs up, or calls again from another page."""
        self._hung_up = self._hung_up or not self._over.is_set()
        self._over.set()

    async def _read(self, hear: Callable[[LegEvent], None]) -> None:
        assert self._track is not None, "answered"
        microphone = Microphone()
        try:
            while True:
                frame = await self._track.recv()
                if isinstance(frame, AudioFrame):
                    for media in microphone.feed(frame):
                        hear(media)
        except MediaStreamError:
            self._over.set()  # The browser has stopped its track, or is gone.

    def _check(self) -> None:
        if self._over.is_set():
            raise LegClosedError("the browser is gone")

    def _reached(self, mark: Mark) -> None:
        if self._hear is not None:
            self._hear(MarkPlayed(mark))

    def _take_track(self, track: MediaStreamTrack) -> None:
        if track.kind == "audio" and self._track is None:
            self._track = track

    def _take_channel(self, channel: RTCDataChannel) -> None:
        channel.on("message", self._told)
        channel.on("close", self.hang_up)  # The page was closed: ICE would notice half a minute later.

    def _told(self, message: str | bytes) -> None:
        match _read_json(message):
            case {"event": "hangup"}:
                self.hang_up()
            case {"event": "dtmf", "digit": str(digit)} if digit in DIGITS:
                if self._hear is not None:
                    self._hear(Digit(digit))
            case _:
                log.warning("browser message ignored", call=self.call)

    def _connection_changed(self) -> None:
        state = self._peer.connectionState
        if state == "connected":
            self._connected.set()
        elif state in {"failed", "closed"}:
            self._over.set()


def _read_json(message: str | bytes) -> object:
    try:
        return json.loads(message)
    except (ValueError, RecursionError):
        return None
