"""A load balancer, as small as can be: one address in front of several servers, of which those that are ready count."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import httpx


class Balancer:
    """Gives each connection to the first server that says it is ready, and passes bytes until either side ends."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.servers: Sequence[str] = ()
        """Base URLs, the preferred one first."""
        self._port = port

    @asynccontextmanager
    async def serve(self) -> AsyncIterator["Balancer"]:
        """Runs until the block ends."""
        listener = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        try:
            async with httpx.AsyncClient(trust_env=False) as self._http:
                yield self
        finally:
            listener.close()

    async def _serve(self, client_in: asyncio.StreamReader, client_out: asyncio.StreamWriter) -> None:
        server = await self._ready()
        if server is None:
            client_out.close()
            return
        server_in, server_out = await asyncio.open_connection("127.0.0.1", httpx.URL(server).port)
        ways = [asyncio.create_task(way) for way in (_pass(client_in, server_out), _pass(server_in, client_out))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            client_out.close()
            server_out.close()

    async def _ready(self) -> str | None:
        for server in self.servers:
            with suppress(httpx.TransportError):
                if (await self._http.get(f"{server}/readyz")).is_success:
                    return server
        return None


async def _pass(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
