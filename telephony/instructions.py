"""The document that brings a call's audio to us, wherever the call comes from: the network, a room, a broken socket."""

import secrets

from telephony.services import Services
from telephony.twilio import twiml

TOKEN_TTL_S = 60
"""How long the media socket may take to come: a connection and two retries of Twilio's."""


async def connect(services: Services, cid: str, call: str, attempt: int = 1) -> str:
    """TwiML for our media socket, with a token only this call can use, once. `attempt` counts its connections."""
    token = secrets.token_urlsafe(24)
    services.admission.hold(call, TOKEN_TTL_S)
    await services.record.put_token(token, {"cid": cid, "call": call}, TOKEN_TTL_S)
    return twiml.connect_stream(
        services.settings.websocket_url("/twilio/media"),
        services.settings.url(f"/twilio/voice/continue/{cid}/{attempt}"),
        {"token": token},
    )
