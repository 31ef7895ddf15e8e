"""A short way for the frames of a media socket, beside ASGI's.

Fifty times a second and call, ASGI would have a frame parsed by a coroutine, wrapped in a dictionary, queued, and a
task woken for it, with the socket's reading paused and resumed around each. An endpoint that finds a `Direct` in its
scope may have whole text frames handed to a callback instead, and may write text without awaiting. Everything else
about the socket stays with uvicorn and `websockets`: the handshake, control frames, fragments, errors, closing.
"""

from collections.abc import Callable
from typing import Protocol

from starlette.websockets import WebSocket
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.speedups import apply_mask

EXTENSION = "segue.direct"
"""Under this name a scope's extensions hold the socket's `Direct`."""
BACKLOG_BYTES = 64 * 1024
"""More unsent than this, four seconds of audio beyond what the kernel holds, and the peer is taken to be gone."""

_TEXT = 0x81
"""The first byte of a text frame that is a whole message (RFC 6455, section 5.2)."""
_MASKED = 0x80

Take = Callable[[str], bool]
"""Takes a text frame; False sends it the ordinary way, to whoever awaits the socket."""


class DirectClosedError(Exception):
    """The socket is closed, or its peer has stopped reading."""


class Direct(Protocol):
    """The short way."""

    def divert(self, take: Take) -> None:
        """From here on text frames go to `take`, those already waiting included."""
        ...

    def write(self, text: str) -> None:
        """Sends a text frame. Raises DirectClosedError."""
        ...


def direct_of(socket: WebSocket) -> Direct:
    """The short way of a socket that was accepted.

    Raises:
        RuntimeError: if another server than `telephony.process.serving` runs the application.
    """
    direct: Direct | None = socket.scope.get("extensions", {}).get(EXTENSION)
    if direct is None:
        raise RuntimeError("media sockets need telephony.process.serving: run the application with `segue serve`")
    return direct


class DirectSocket(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket protocol with the short way. Pass it to uvicorn as `ws`."""

    _take: Take | None = None
    _held = b""
    """The beginning of a frame whose rest has not arrived."""

    def handle_connect(self, event: Request) -> None:
        """Offers the short way to the application."""
        super().handle_connect(event)
        if not self.close_sent:
            self.scope["extensions"] = {**(self.scope["extensions"] or {}), EXTENSION: self}  # type: ignore[dict-item]

    def divert(self, take: Take) -> None:
        """See `Direct`."""
        self._take = take
        waiting = [self.queue.get_nowait() for _ in range(self.queue.qsize())]
        for message in waiting:
            text = message.get("text")
            if not isinstance(text, str) or not take(text):
                self.queue.put_nowait(message)
        if self.read_paused and self.queue.empty():
            self.read_paused = False
            self.transport.resume_reading()

    def write(self, text: str) -> None:
        """See `Direct`."""
        if self.close_sent or self.disconnected or self.transport.is_closing():
            raise DirectClosedError("the socket is closed")
        if self.transport.get_write_buffer_size() > BACKLOG_BYTES:
            self.transport.abort()
            raise DirectClosedError("the peer has stopped reading")
        self.transport.write(_text_frame(text.encode()))

    def data_received(self, data: bytes) -> None:
        """Takes whole text frames; anything else goes to the library.

        Once the handshake is over the library is given whole frames only, also before the diversion: what it had begun
        to read could not be taken back from it.
        """
        if not self.handshake_complete:
            super().data_received(data)
            return
        if self._held:
            data = self._held + data
        at, end = 0, len(data)
        while at < end and (size := _frame_size(data, at, end)):
            acceptable = size <= self.config.ws_max_size
            if acceptable and at + size > end:
                break
            if self._take is not None and acceptable and data[at] == _TEXT and data[at + 1] & _MASKED:
                self._receive(data[at : at + size], self._take)
            else:
                super().data_received(data[at : at + size])
            at += size
        self._held = data[at:]

    def _receive(self, frame: bytes, take: Take) -> None:
        start = 6 if frame[1] & 0x7F < 126 else 8 if frame[1] & 0x7F == 126 else 14
        try:
            text = apply_mask(frame[start:], frame[start - 4 : start]).decode()
        except UnicodeDecodeError:
            super().data_received(frame)  # The library closes it with 1007.
            return
        if not take(text):
            self.handle_text(Frame(Opcode.TEXT, text.encode()))


def _frame_size(data: bytes, at: int, end: int) -> int:
    """How long the frame that begins at `at` is, its header included; 0 if too little of it has arrived to tell."""
    if end - at < 2:
        return 0
    masked, length = data[at + 1] & _MASKED, data[at + 1] & 0x7F
    head = 6 if masked else 2
    if length == 126:
        return 0 if end - at < 4 else head + 2 + int.from_bytes(data[at + 2 : at + 4])
    if length == 127:
        return 0 if end - at < 10 else head + 8 + int.from_bytes(data[at + 2 : at + 10])
    return head + length


def _text_frame(payload: bytes) -> bytes:
    """An unmasked text frame, as servers send them."""
    size = len(payload)
    if size < 126:
        return bytes((_TEXT, size)) + payload
    if size < 1 << 16:
        return bytes((_TEXT, 126, size >> 8, size & 0xFF)) + payload
    return bytes((_TEXT, 127)) + size.to_bytes(8) + payload
