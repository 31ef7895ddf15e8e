"""A TCP proxy that loses things on demand, between a client and a real server."""

import asyncio
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


class LossyProxy:
    """Forwards every connection to the server at a Redis URL.

    `lose_reply_to(command)`: the next request that holds the command reaches the server, but its reply is lost with
    the connection. `cut()` loses all connections of the moment.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._upstream = (parts.hostname, parts.port)
        self._doomed: bytes | None = None
        self._connections: set[asyncio.StreamWriter] = set()
        self.lost = 0
        """Replies lost so far."""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.close()
        self.cut()

    @property
    def url(self) -> str:
        """Where the proxy listens, as a Redis URL."""
        return f"redis://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    @property
    def connections(self) -> int:
        """Connections open now."""
        return len(self._connections)

    def lose_reply_to(self, command: bytes) -> None:
        """Loses the reply to the next request that holds these bytes."""
        self._doomed = command

    def cut(self) -> None:
        """Loses every connection."""
        for writer in self._connections:
            writer.close()

    async def _serve(self, client_in: asyncio.StreamReader, client_out: asyncio.StreamWriter) -> None:
        server_in, server_out = await asyncio.open_connection(*self._upstream)
        self._connections.add(client_out)
        doomed = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as group:
                reply = group.create_task(self._reply(server_in, client_out, doomed))
                await self._request(client_in, server_out, doomed)
                if not doomed.is_set():
                    reply.cancel()
        except* OSError:
            pass
        finally:
            self._connections.discard(client_out)
            client_out.close()
            server_out.close()

    async def _request(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, doomed: asyncio.Event) -> None:
        while data := await source.read(65536):
            if self._doomed is not None and self._doomed in data:
                self._doomed = None
                doomed.set()
            sink.write(data)
            await sink.drain()

    async def _reply(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, doomed: asyncio.Event) -> None:
        while data := await source.read(65536):
            if doomed.is_set():
                # The server has answered, so it has done what it was told.
                self.lost += 1
                sink.close()
                return
            sink.write(data)
            await sink.drain()
