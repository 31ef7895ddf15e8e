"""A Twilio Media Streams socket as a `telephony.leg.Leg`."""

from collections.abc import Callable

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from audio.playout import Mark
from telephony.leg import LegClosedError, LegEvent, Stopped
from telephony.live.direct import DirectClosedError, direct_of
from telephony.twilio.media import CloseCode, MediaStream, Started, Violation


class TwilioLeg:
    """The socket after its `start`: protocol in, protocol out."""

    def __init__(self, socket: WebSocket, protocol: MediaStream, call: str, stream: str) -> None:
        self._socket = socket
        self._direct = direct_of(socket)
        self._protocol = protocol
        self._end: Stopped | Violation | None = None
        self.call = call
        self.stream = stream

    async def listen(self, hear: Callable[[LegEvent], None]) -> None:
        """What Twilio tells us. A violation closes the socket and ends it."""

        def take(frame: str | bytes) -> bool:
            match self._protocol.receive(frame):
                case None | Started():
                    return True
                case Stopped() | Violation() as end:
                    self._end = end
                    return False  # So that the loop below wakes.
                case event:
                    hear(event)
                    return True

        self._direct.divert(take)
        while self._end is None and (frame := await receive_frame(self._socket)) is not None:
            if self._end is None:
                take(frame)
        match self._end:
            case Violation(code, reason):
                await close_socket(self._socket, code, reason)
            case Stopped():
                hear(self._end)

    def send(self, item: bytes | Mark) -> None:
        """Sends a frame or a mark."""
        self._send(self._protocol.media(item) if isinstance(item, bytes) else self._protocol.mark(item))

    def clear(self) -> None:
        """Throws away what Twilio has buffered; it echoes the marks that were waiting."""
        self._send(self._protocol.clear())

    async def close(self) -> None:
        """Closes the socket: Twilio goes on to `<Connect action>`."""
        await close_socket(self._socket, 1000, "")

    def _send(self, message: str) -> None:
        try:
            self._direct.write(message)
        except DirectClosedError as gone:
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
