"""`/twilio/media`: where Twilio's media sockets arrive. Lets in a call that we were told of, once."""

import asyncio

import structlog
from starlette.websockets import WebSocket

from telephony.live.talk import talk
from telephony.metrics import ODD_MESSAGES
from telephony.services import Services
from telephony.twilio.leg import TwilioLeg, close_socket, receive_frame
from telephony.twilio.media import CloseCode, MediaStream, Started, Violation

log = structlog.get_logger(__name__)

START_SECONDS = 5.0
"""A socket that has not said `start` by then is not Twilio's."""
TOKEN = "token"
"""The `<Parameter>` that carries the one-time token."""


async def media_endpoint(socket: WebSocket) -> None:
    """Runs one call over one socket.

    Refuses, before accepting, an upgrade whose signature is wrong (HTTP 403); one without a signature has only its
    token to show. Closes with 1008 a socket whose token is unknown, used or expired, and with the protocol's code one
    that is not a media stream. The token, not the socket, says which call this is.
    """
    services: Services = socket.app.state.services
    headers = socket.headers
    signature, algorithm = headers.get("x-twilio-signature"), headers.get("x-twilio-webhooks-signature-settings")
    if signature is not None and not services.verifier.upgrade(socket.url.path, signature, algorithm):
        log.warning("media socket refused", reason="signature")
        await socket.close(CloseCode.POLICY_VIOLATION, "wrong X-Twilio-Signature")
        return
    await socket.accept()
    protocol = MediaStream()
    started = await _handshake(socket, protocol)
    if started is None:
        return
    token = await services.record.take_token(started.parameters.get(TOKEN, ""))
    if token is None:
        log.warning("media socket refused", reason="token", call=started.call)
        await close_socket(socket, CloseCode.POLICY_VIOLATION, "unknown, used or expired token")
        return
    if token["call"] != started.call:
        log.warning("media socket names another call than its token", call=token["call"])
    leg = TwilioLeg(socket, protocol, token["call"], started.stream)
    try:
        await talk(services, leg, token["cid"])
    finally:
        for kind, count in protocol.odd.items():
            ODD_MESSAGES.labels(kind).inc(count)
    await leg.close()


async def _handshake(socket: WebSocket, protocol: MediaStream) -> Started | None:
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
