"""The document that brings a call's audio to us, wherever the call comes from: the network, a room, a broken socket."""

import asyncio
import secrets

import structlog

from agent.moves import Say
from agent.opening import call_opening
from agent.snapshot import Snapshot
from audio.clauses import clauses
from audio.deadlines import Due
from state.events import CallConnected, Channel
from state.fold import fold
from telephony.services import Services

log = structlog.get_logger(__name__)

TOKEN = "token"
"""The parameter that carries a media socket's one-time token."""

TOKEN_TTL_S = 60
"""How long the media socket may take to come: a connection and two retries of the carrier's."""


async def connect(services: Services, cid: str, call: str, attempt: int = 1) -> str:
    """The document for our media socket, with a token only this call can use, once. `attempt` counts connections."""
    token = secrets.token_urlsafe(24)
    services.admission.hold(call, TOKEN_TTL_S)
    await services.record.put_token(token, {"cid": cid, "call": call}, TOKEN_TTL_S)
    return services.dialect.documents.connect_stream(
        services.settings.websocket_url(f"/{services.dialect.carrier}/media"),
        services.webhook(f"/voice/continue/{cid}/{attempt}"),
        {TOKEN: token},
    )


async def render_opening(services: Services, cid: str, call: str, *, in_s: float = 0.0) -> None:
    """Has the engines speak the words a call will open with before its audio is here; they keep them.

    They are wanted in `in_s` seconds at the earliest. Without this they are spoken when the audio comes, so whatever
    fails here costs a moment and nothing else.
    """
    now = services.clock()
    try:
        view = await services.record.view(cid)
        connected = fold(view, CallConnected(id=f"rendering:{call}", at=now, call=call, stream=call))
        first, *_ = call_opening(Snapshot(connected, services.campaign_of(view), Channel.VOICE, now))
        due = Due(asyncio.get_running_loop().time() + in_s)
        for clause in clauses(first.text) if isinstance(first, Say) else ():
            await services.engines.synthesize(clause, due)
    except Exception:
        log.exception("opening not rendered ahead", call=call, conversation=cid)
