"""A carrier's media socket: it is let in once, for a call that we were told of, and becomes that call's `Leg`."""

import asyncio
from collections.abc import Callable

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from audio.playout import Mark
from telephony.instructions import TOKEN
from telephony.leg import LegClosedError, LegEvent, Media, Stopped
from telephony.live.direct import DirectClosedError, direct_of
from telephony.live.streams import CloseCode, JsonStream, Started, Violation
from telephony.live.talk import talk
from telephony.metrics import ODD_MESSAGES
from telephony.services import Services

log = structlog.get_logger(__name__)

START_SECONDS = 5.0
"""A socket that has not said `start` by then is not a carrier's."""


async def media_endpoint(socket: WebSocket) -> None:
    """`/twilio/media`, or another carrier's: runs one call over one socket.

    Refuses, before accepting, an upgrade whose signature is wrong (HTTP 403); one without a signature has only its
    token to show. Closes with 1008 a socket whose token is unknown, used or expired, and with the protocol's code one
    that is not a media stream. The token, not the socket, says which call this is: it is secret and good for once, and
    an independent caller that a server is tested with names its calls as it likes.
    """
    services: Services = socket.app.state.services
    if not services.dialect.may_open(socket):
        log.warning("media socket refused", reason="signature")
        await socket.close(CloseCode.POLICY_VIOLATION, "wrong signature")
        return
    await socket.accept()
    protocol = services.dialect.stream()
    started = await _handshake(socket, protocol)
    if started is None:
        return
    shown = started.parameters.get(TOKEN) or socket.query_params.get(TOKEN, "")
    token = await services.record.take_token(shown)
    if token is None:
        log.warning("media socket refused", reason="token", call=started.call)
        await close_socket(socket, CloseCode.POLICY_VIOLATION, "unknown, used or expired token")
        return
    if token["call"] != started.call:
        log.warning("media socket names another call than its token", call=token["call"])
    leg = SocketLeg(socket, protocol, token["call"], started.stream)
    try:
        await talk(services, leg, token["cid"])
    finally:
        for kind, count in protocol.odd.items():
            ODD_MESSAGES.labels(kind).inc(count)
    await leg.close()


async def _handshake(socket: WebSocket, protocol: JsonStream) -> Started | None:
    """Reads up to `start`; closes a socket that does not get there."""
    try:
        async with asyncio.timeout(START_SECONDS):
            while (frame := await receive_frame(socket)) is not None:
                match protocol.receive(frame):
                    case Started() as started:
                        return started
                    case Violation(code, reason):
                        await close_socket(socket, code, reason)
                        return None
                    case _:
                        pass
    except TimeoutError:
        await close_socket(socket, CloseCode.POLICY_VIOLATION, "no start message within 5 s")
    return None


class SocketLeg:
    """The socket after its `start`: protocol in, protocol out."""

    def __init__(self, socket: WebSocket, protocol: JsonStream, call: str, stream: str) -> None:
        self._socket = socket
        self._direct = direct_of(socket)
        self._protocol = protocol
        self._end: Stopped | Violation | None = None
        self.call = call
        self.stream = stream

    async def listen(self, hear: Callable[[LegEvent], None]) -> None:
        """What the carrier tells us. A violation closes the socket and ends it."""

        def take(frame: str | bytes) -> bool:
            for event in self._protocol.events(frame):
                match event:
                    case Media():  # First: it is fifty frames a second.
                        hear(event)
                    case Started():
                        pass
                    case Stopped() | Violation():
                        self._end = event
                        return False  # So that the loop below wakes.
                    case _:
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
        """Sends audio or a mark."""
        self._send(self._protocol.media(item) if isinstance(item, bytes) else self._protocol.mark(item))

    def clear(self) -> None:
        """Throws away what the carrier has buffered; it may echo the marks that were waiting."""
        self._send(self._protocol.clear())

    async def close(self) -> None:
        """Closes the socket: the carrier asks what next."""
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
