"""The ASGI application: routes, lifespan and how errors are told."""

import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import structlog
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from state.store import RecordUnavailable
from telephony import api, openapi, sms, voice, workers
from telephony.access import KeepPeer, SecurityHeaders, new_login_limit
from telephony.browser.calls import BrowserCalls
from telephony.browser.routes import ROUTES as PHONE
from telephony.collector import collecting
from telephony.console import pages
from telephony.console.reports_page import Kept
from telephony.console.routes import ROUTES as CONSOLE
from telephony.errors import MENDABLE
from telephony.gauges import gauges
from telephony.leads import routes
from telephony.live import recording
from telephony.live.sockets import media_endpoint
from telephony.metrics import STARTS, exposition
from telephony.process import draining
from telephony.rehearsal import rehearse
from telephony.services import Services, open_services
from telephony.settings import Settings
from telephony.transfers import link, page, transfer

log = structlog.get_logger(__name__)

MAX_BODY_BYTES = 256 * 1024
"""Of any request. The largest honest one is a lead with a long disclosure; a carrier's stay under 16 kB."""

Opening = Callable[[Settings], AbstractAsyncContextManager[Services]]


def create_app(settings: Settings, opening: Opening = open_services) -> Starlette:
    """The server. `opening` makes its services when it starts and closes them when it ends."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with opening(settings) as services, workers.running(services), recording.keeping(services):
            app.state.services = services
            await rehearse(services.campaigns.values(), services.clock())
            STARTS.inc()
            log.info("ready", public_url=settings.public_url, campaigns=sorted(services.campaigns))
            try:
                async with collecting(lambda: services.errands.busy or services.admission.live_calls > 0):
                    with draining.on_signals(services.admission, settings.drain_seconds, app.state.leave_port):
                        yield
            finally:
                await app.state.browser_calls.close()

    app = Starlette(
        routes=[Mount(f"/{settings.carrier}", routes=CARRIER), *ROUTES],
        lifespan=lifespan,
        middleware=[
            Middleware(PlainStartupErrors),
            Middleware(KeepPeer),
            Middleware(ProxyHeadersMiddleware, trusted_hosts=os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")),
            Middleware(SecurityHeaders),
        ],
        exception_handlers=ERROR_HANDLERS,
        max_body_size=MAX_BODY_BYTES,
    )
    app.state.limit = api.new_limit()
    app.state.login_limit = new_login_limit()
    app.state.reports = Kept()
    app.state.browser_calls = BrowserCalls()
    app.state.stopping = lambda: False
    app.state.leave_port = lambda: None
    app.state.holders_limit = api.new_holders_limit(settings.api_per_second)
    return app


class PlainStartupErrors:
    """Tells the ASGI server of a start that failed in the error's own words, if those say what to do."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes everything on; only the message of a failed start is put plainly."""

        async def plainly(message: Message) -> None:
            error = sys.exception()  # the one the application is about to report
            if message["type"] == "lifespan.startup.failed" and isinstance(error, MENDABLE):
                message = {**message, "message": str(error)}
            await send(message)

        await self._app(scope, receive, plainly if scope["type"] == "lifespan" else send)


async def healthz(request: Request) -> Response:
    """The process lives."""
    return JSONResponse({"status": "alive"})


async def readyz(request: Request) -> Response:
    """The server can take calls: the record answers, and it is not about to end. 503 otherwise.

    `carrier` is whose webhooks it answers; it has not been asked (`segue doctor` asks it).
    """
    services: Services = request.app.state.services
    if services.admission.draining:
        return JSONResponse({"status": "draining", "calls": services.admission.live_calls}, status_code=503)
    record = await services.record.ping()
    return JSONResponse(
        {
            "status": "ready",
            "record": record,
            "carrier": services.settings.carrier,
            "campaigns": sorted(services.campaigns),
        }
    )


async def metrics(request: Request) -> Response:
    """Prometheus' text format: what all processes of this server counted together, and how things stand."""
    standing = await gauges(request.app.state.services)
    return Response(exposition() + standing, headers={"content-type": CONTENT_TYPE_LATEST})


async def on_http_error(request: Request, error: Exception) -> Response:
    """Every refusal is JSON with a reason, or a page with one where a person asked for a page."""
    assert isinstance(error, HTTPException)
    if pages.wants_page(request):
        return pages.problem(request, request.app.state.services, error.status_code, error.detail)
    return JSONResponse({"error": error.detail}, status_code=error.status_code, headers=error.headers)


async def on_record_unavailable(request: Request, error: Exception) -> Response:
    """503: carriers and API callers ask again."""
    log.error("record unavailable", path=request.url.path, error=str(error))
    again = "the record is unavailable, try again"
    if pages.wants_page(request):
        return pages.problem(request, request.app.state.services, 503, again)
    return JSONResponse({"error": again}, status_code=503, headers={"retry-after": "1"})


async def on_gone(request: Request, error: Exception) -> Response:
    """Nobody reads this: who asked has left before he had said it all."""
    return Response(status_code=400)


async def on_crash(request: Request, error: Exception) -> Response:
    """500 without details: they are in the log, where the server has already put the traceback."""
    if pages.wants_page(request):
        return pages.problem(request, request.app.state.services, 500, "the server's log has the details")
    return JSONResponse({"error": "internal error"}, status_code=500)


ERROR_HANDLERS = {
    HTTPException: on_http_error,
    RecordUnavailable: on_record_unavailable,
    ClientDisconnect: on_gone,
    Exception: on_crash,
}


class _Counter(IntegerConvertor):
    regex = "[0-9]{1,9}"  # Starlette's own takes any number of digits, and `int` does not


register_url_convertor("counter", _Counter())

EITHER = ["GET", "POST"]
"""Carriers can be told to ask by either method."""

CARRIER: list[BaseRoute] = [
    Route("/voice", voice.inbound, methods=EITHER),
    Route("/voice/status", voice.status, methods=EITHER),
    Route("/voice/status/{cid}", voice.status, methods=EITHER),
    Route("/voice/continue/{cid}/{attempt:counter}", voice.proceed, methods=EITHER),
    Route("/voice/answered/{cid}", voice.answered_by, methods=EITHER),
    Route("/voice/{cid}", voice.answered, methods=EITHER),
    Route("/sms", sms.inbound, methods=EITHER),
    Route("/sms/status", sms.status, methods=EITHER),
    Route("/sms/status/{cid}", sms.status, methods=EITHER),
    Route("/agent/{cid}/{handoff}", transfer.whisper, methods=EITHER),
    Route("/agent/{cid}/{handoff}/accept", transfer.accept, methods=EITHER),
    Route("/agent/{cid}/{handoff}/status", transfer.agent_status, methods=EITHER),
    Route("/agent/{cid}/{handoff}/done", transfer.agent_done, methods=EITHER),
    Route("/agent/{cid}/{handoff}/accept/{asked:counter}", transfer.accept, methods=EITHER),
    Route("/agent/{cid}/{handoff}/wait/{who}", transfer.wait, methods=EITHER),
    Route("/agent/{cid}/{handoff}/lead", voice.left_room, methods=EITHER),
    WebSocketRoute("/media", media_endpoint),
]
"""What the carrier asks us, under its name. Another's requests find nothing: nobody could verify them."""

ROUTES: list[BaseRoute] = [
    Route(link.PATH + "/{token}", page.page, methods=["GET", "POST"]),
    Route("/v1/leads", routes.intake, methods=["POST"]),
    Route("/v1/leads/form", routes.form, methods=["POST"]),
    Route("/v1/openapi.json", openapi.document, methods=["GET"]),
    Route("/v1/conversations/{cid}", routes.conversation, methods=["GET"]),
    *CONSOLE,
    *PHONE,
    Route("/healthz", healthz),
    Route("/readyz", readyz),
    Route("/metrics", metrics),
]
