"""How the application is served: uvicorn, and what it is told."""

import gc
import sys
from contextlib import suppress
from socket import socket

import uvicorn
from starlette.applications import Starlette

from telephony.live.direct import DirectSocket
from telephony.process.limited_http import LimitedHttp
from telephony.process.listening import bind
from telephony.settings import Settings

MEDIA_FRAME_BYTES = 64 * 1024
"""The largest WebSocket message taken; Twilio's are below 1 kB."""
DRAIN_SECONDS = 10
NOT_STARTED = 3
"""Exit code, the one uvicorn gives."""


def run(app: Starlette, settings: Settings) -> None:
    """Serves in this process until terminated.

    Raises:
        PortError: if the port cannot be had. It is asked for before anything is loaded.
    """
    listening = bind(settings.host, settings.port)
    server = new_server(app, settings)
    with suppress(KeyboardInterrupt):  # as uvicorn's own `run` does
        server.run(listening)
    if not server.started:
        sys.exit(NOT_STARTED)


class _Server(uvicorn.Server):
    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Starts, and then spares the garbage collector what has been loaded.

        That stays for good, and looking through all of it takes a third of a second in which no frame leaves.
        """
        await super().startup(sockets)
        gc.collect()
        gc.freeze()

    def leave_port(self) -> None:
        """Takes no more connections, nor requests on those that idle; whoever else listens on the port has them.

        A request that is being answered is the last one of its connection. WebSockets stay.
        """
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            if isinstance(connection, self.config.http_protocol_class):
                connection.shutdown()


def new_server(app: Starlette, settings: Settings) -> uvicorn.Server:
    """uvicorn with the application, not yet running."""
    server = _Server(config_of(app, settings))
    app.state.stopping = lambda: server.should_exit
    app.state.leave_port = server.leave_port
    return server


def config_of(app: Starlette | str, settings: Settings) -> uvicorn.Config:
    """What uvicorn is told, whoever runs it."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        http=LimitedHttp,
        ws=DirectSocket,
        ws_max_size=MEDIA_FRAME_BYTES,
        ws_per_message_deflate=False,  # audio in base64 hardly shrinks, and every frame would cost ten times as much
        access_log=False,  # its lines hold query strings, and those can hold telephone numbers
        log_config=None,
        server_header=False,
        proxy_headers=False,  # the application reads them itself, after it has kept the real peer
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
