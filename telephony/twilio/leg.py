"""A Twilio Media Streams socket as a `telephony.leg.Leg`."""

from collections.abc import AsyncIterator

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from audio.playout import Mark
from telephony.leg import LegClosedError, LegEvent, Stopped
from telephony.twilio.media import CloseCode, MediaStream, Started, Violation


class TwilioLeg:
    """The socket after its `start`: protocol in, protocol out."""

    def __init__(self, socket: WebSocket, protocol: MediaStream, call: str, stream: str) -> None:
        self._socket = socket
        self._protocol = protocol
        self.call = call
        self.stream = stream

    async def events(self) -> AsyncIterator[LegEvent]:
        """What Twilio tells us. A violation closes the socket and ends the stream."""
        while True:
            frame = await receive_frame(self._socket)
            if frame is None:
                return
            match self._protocol.receive(frame):
                case None | Started():
                    pass
                case Violation(code, reason):
                    await close_socket(self._socket, code, reason)
                    return
                case Stopped() as event:
                    yield event
                    return
                case event:
                    yield event

    async def send(self, item: bytes | Mark) -> None:
        """Sends a frame or a mark."""
        if isinstance(item, bytes):
            await self._send(self._protocol.media(item))
        else:
            await self._send(self._protocol.mark(item))

    async def clear(self) -> None:
        """Throws away what Twilio has buffered; it echoes the marks that were waiting."""
        await self._send(self._protocol.clear())

    async def close(self) -> None:
        """Closes the socket: Twilio goes on to `<Connect action>`."""
        await close_socket(self._socket, 1000, "")

    async def _send(self, message: str) -> None:
        if self._socket.application_state is not WebSocketState.CONNECTED:
            raise LegClosedError
        try:
            await self._socket.send_text(message)
        except (WebSocketDisconnect, RuntimeError, OSError) as gone:
            raise LegClosedError from gone


async def receive_frame(socket: WebSocket) -> str | bytes | None:
    """The next frame, text or binary; None when the socket is closed."""
    if socket.client_state is not WebSocketState.CONNECTED:
        return None
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        return None
    text: str | None = message.get("text")
    return text if text is not None else message["bytes"]


async def close_socket(socket: WebSocket, code: int | CloseCode, reason: str) -> None:
    """Closes a socket that may already be closed."""
    open_both = WebSocketState.CONNECTED in (socket.client_state, socket.application_state)
    if open_both and socket.application_state is not WebSocketState.DISCONNECTED:
        try:
            await socket.close(int(code), reason)
        except (WebSocketDisconnect, RuntimeError, OSError):
            pass  # The peer was quicker.
