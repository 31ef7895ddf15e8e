"""The carrier's end of one media socket: what Twilio does when TwiML says `<Connect><Stream>`."""

import asyncio
import uuid
from collections import deque
from collections.abc import Mapping
from enum import Enum, auto
from pathlib import Path

import numpy as np
import numpy.typing as npt
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from audio.engines import Pcm16
from telephony.sandbox import wire
from telephony.sandbox.handset import Handset
from telephony.sandbox.network import Network

CONNECT_LIMIT_S = 5.0
CLOSE_LIMIT_S = 2.0
"""A server that does not answer the close loses the socket."""
LARGEST_MESSAGE = 16 * 2**20
"""Bytes: ten minutes of audio in one message are 6.4 MB of base64."""
DIGITS = frozenset("0123456789*#ABCDWw")


class MarkMode(Enum):
    """What becomes of pending marks on `clear`."""

    TWILIO = auto()
    """All are echoed at once, as documented."""
    DROP = auto()
    """None is echoed, as some simulators do; a server must not wait for them."""


class StreamError(Exception):
    """The media socket could not be opened. `code` is Twilio's (31901, 31902, 31904, 31910, 31920, 31923)."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(f"{code} {why}")
        self.code = code


class _State(Enum):
    IDLE = auto()
    STREAMING = auto()
    ENDING = auto()
    ENDED = auto()


class MediaLeg:
    """A caller on a media stream: sends his audio at the telephone's pace, plays what comes back, records both.

    `parameters` are the `<Parameter>` values of the TwiML, `headers` go on the upgrade (the signature, say), `seed`
    picks time stamps and impairments. `jitter_ms` delays each frame by up to that much without reordering, as TCP
    does; `loss` is the share of frames the telephone network never delivers (Twilio's time stamps then jump).
    `handset` is the telephone to use when it outlives the stream; by default the leg has its own.

    `violations` lists everything the server sent that Twilio would ignore, each with Twilio's code.
    """

    def __init__(
        self,
        url: str,
        *,
        call: str,
        account: str,
        parameters: Mapping[str, str],
        headers: Mapping[str, str] | None = None,
        marks: MarkMode = MarkMode.TWILIO,
        seed: int = 0,
        jitter_ms: float = 0,
        loss: float = 0.0,
        handset: Handset | None = None,
    ) -> None:
        self.url = url
        self.stream = f"MZ{uuid.uuid4().hex}"
        self.violations: list[str] = []
        self.handset = handset or Handset()
        self._owns_handset = handset is None
        self._parameters, self._headers = parameters, headers or {}
        self._marks = marks
        self._sender = wire.Sender(self.stream, call, account, seed)
        self._network = Network(seed, jitter_ms, loss)
        self._keys: deque[str] = deque()
        self._state = _State.IDLE

    async def run(self) -> int:
        """Streams until either side ends; returns the socket's close code (1000 after `hang_up`).

        Raises `StreamError` when the socket cannot be opened.
        """
        try:
            return await self._stream(await self._open())
        finally:
            self._state = _State.ENDED
            if self._owns_handset:
                self.handset.put_down()

    # The caller

    def speak(self, pcm: Pcm16) -> None:
        """Queues 8 kHz audio for the caller to say."""
        self.handset.speak(pcm)

    def hush(self) -> None:
        """The caller stops speaking at once."""
        self.handset.hush()

    @property
    def speaking(self) -> bool:
        """Whether the caller still has something to say."""
        return self.handset.speaking

    def press(self, digit: str) -> None:
        """The caller presses one key."""
        if digit not in DIGITS:
            raise ValueError(f"{digit!r} is not a key of a telephone: use one of 0-9 * # A-D")
        self._keys.append(digit)

    def hang_up(self) -> None:
        """Ends the stream from the telephone's side: `stop`, then the socket closes. Safe at any time."""
        if self._state in (_State.IDLE, _State.STREAMING):
            self._state = _State.ENDING

    # What the caller hears

    @property
    def agent_speaking(self) -> bool:
        """Whether sound is being played out to the caller."""
        return self.handset.far_speaking

    async def agent_started(self, since: int | None = None) -> int:
        """Waits until the agent is heard; returns the position its sound began at. See `Handset.far_started`."""
        return await self.handset.far_started(since)

    async def agent_finished(self, silence_ms: int = 700, since: int | None = None) -> int:
        """Waits for the end of the agent's turn; returns its position. See `Handset.far_finished`."""
        return await self.handset.far_finished(silence_ms, since)

    def heard_since(self, mark: int) -> Pcm16:
        """What the caller heard from position `mark` until now, 8 kHz."""
        return self.handset.heard_since(mark)

    @property
    def position(self) -> int:
        """Now, in samples from the start of the recording."""
        return self.handset.position

    @property
    def recording(self) -> npt.NDArray[np.int16]:
        """Shape (n, 2), 8 kHz: left the caller, right the agent as it was played out to him."""
        return self.handset.recording

    def save(self, path: Path) -> None:
        """Writes the recording as a stereo WAV file."""
        self.handset.save(path)

    # The socket

    async def _open(self) -> ClientConnection:
        try:
            return await connect(
                self.url,
                additional_headers=dict(self._headers),
                user_agent_header="Twilio.TmeWs/1.0",
                compression=None,
                open_timeout=CONNECT_LIMIT_S,
                close_timeout=CLOSE_LIMIT_S,
                max_size=LARGEST_MESSAGE,
                max_queue=None,
                ping_interval=None,
                proxy=None,
            )
        except InvalidURI as error:
            raise StreamError(31923, f"malformed URL {self.url!r}") from error
        except InvalidHandshake as error:
            raise StreamError(31920, f"the server refused the upgrade: {error}") from error
        except TimeoutError as error:
            raise StreamError(31901, "connect timed out") from error
        except ConnectionRefusedError as error:
            raise StreamError(31902, "connection refused") from error
        except OSError as error:
            raise StreamError(31904, f"no route to the server: {error}") from error

    async def _stream(self, socket: ClientConnection) -> int:
        try:
            await self._greet(socket)
            sending = asyncio.create_task(self._send(socket))
            try:
                await self._receive(socket)
            finally:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)
        finally:
            self.handset.clear()  # audio Twilio had queued is cut when the stream ends
            await socket.close()
        return socket.close_code or 1006

    async def _greet(self, socket: ClientConnection) -> None:
        try:
            await socket.send(self._sender.connected())
            await socket.send(self._sender.start(self._parameters))
        except ConnectionClosed:
            return  # the receiver finds the socket closed and ends the leg
        if self._state is _State.IDLE:
            self._state = _State.STREAMING

    async def _send(self, socket: ClientConnection) -> None:
        """One pass per 20 ms: the frame just spoken, the keys pressed, the marks reached."""
        try:
            async for frame in self.handset.frames():
                if self._state is _State.ENDING:
                    break
                for number, payload in self._network.carry(frame):
                    await socket.send(self._sender.media(number, payload))
                while self._keys:
                    await socket.send(self._sender.dtmf(self._keys.popleft()))
                for name in self.handset.marks_reached():
                    await socket.send(self._sender.mark(name))
            await socket.send(self._sender.stop())
            await socket.close()
        except ConnectionClosed:
            pass  # the server hung up first: the receiver ends the leg

    async def _receive(self, socket: ClientConnection) -> None:
        try:
            async for message in socket:
                for name in self._take(message):
                    await socket.send(self._sender.mark(name))
        except ConnectionClosed:
            pass

    def _take(self, message: str | bytes) -> list[str]:
        """Obeys one message of the server's; returns the marks to echo at once."""
        try:
            order = wire.parse(message, self.stream)
        except wire.MessageError as error:
            self.violations.append(str(error))
            return []
        match order:
            case wire.Media(payload):
                self._play(payload)
                return []
            case wire.Mark(name):
                return self.handset.mark(name)
            case wire.Clear():
                names = self.handset.clear()
                return names if self._marks is MarkMode.TWILIO else []

    def _play(self, payload: bytes) -> None:
        full = f"{wire.BUFFER_FULL} more than 10 minutes of audio queued: thrown away"
        if not self.handset.play(payload) and full not in self.violations:
            self.violations.append(full)
