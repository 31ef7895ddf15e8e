"""TCP proxies that lose things on demand, between a client and a real server, or the nodes of a real Cluster."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from state.connect import Client, connect


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
        self._serving: set[asyncio.Task[None]] = set()
        self.lost = 0
        """Replies lost so far."""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.close()
        self.cut()
        if self._serving:
            await asyncio.wait(self._serving)

    @property
    def url(self) -> str:
        """Where the proxy listens, as a Redis URL."""
        return f"redis://127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        """The port the proxy listens on."""
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def connect(self) -> Client:
        """A client that reaches the server through the proxy."""
        return connect(self.url)

    def lose_reply_to(self, command: bytes, met: Callable[[], None] = lambda: None) -> None:
        """Loses the reply to the next request that holds these bytes; calls `met` when that request comes by."""
        self._doomed, self._met = command, met

    def lose_nothing(self) -> None:
        """Takes `lose_reply_to` back."""
        self._doomed = None

    def cut(self) -> None:
        """Loses every connection."""
        for writer in self._connections:
            writer.close()

    def _accept(self, client_in: asyncio.StreamReader, client_out: asyncio.StreamWriter) -> None:
        serving = asyncio.create_task(self._serve(client_in, client_out))
        self._serving.add(serving)
        serving.add_done_callback(self._serving.discard)

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
                self._met()
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


class LossyCluster:
    """A `LossyProxy` before each node of a Cluster."""

    def __init__(self, proxies: dict[tuple[str, int], LossyProxy]) -> None:
        self._proxies = proxies

    @property
    def lost(self) -> int:
        """Replies lost so far."""
        return sum(proxy.lost for proxy in self._proxies.values())

    async def connect(self) -> Client:
        """A client that reaches every node through its proxy."""
        first = next(iter(self._proxies.values()))
        client = connect(first.url.replace("redis:", "redis+cluster:"), address_remap=self._remap)
        # Knowing the nodes it is never redirected: redis-py does not remap redirections, they lead past the proxies.
        await client.initialize()
        return client

    def lose_reply_to(self, command: bytes) -> None:
        """Loses the reply to the next request that holds these bytes, at whichever node it arrives."""
        for proxy in self._proxies.values():
            proxy.lose_reply_to(command, self._withdraw)

    def cut(self) -> None:
        """Loses every connection."""
        for proxy in self._proxies.values():
            proxy.cut()

    def _withdraw(self) -> None:
        for proxy in self._proxies.values():
            proxy.lose_nothing()

    def _remap(self, address: tuple[str, int]) -> tuple[str, int]:
        proxy = self._proxies.get(address)
        return address if proxy is None else ("127.0.0.1", proxy.port)


@asynccontextmanager
async def lossy(url: str) -> AsyncIterator[LossyProxy | LossyCluster]:
    """What loses things between clients and the server, or the Cluster, at a URL."""
    async with AsyncExitStack() as stack:
        if not url.startswith("redis+cluster:"):
            yield await stack.enter_async_context(LossyProxy(url))
            return
        async with connect(url) as cluster:
            nodes = [(node.host, node.port) for node in cluster.get_primaries()]
        proxies = {(host, port): LossyProxy(f"redis://{host}:{port}") for host, port in nodes}
        for proxy in proxies.values():
            await stack.enter_async_context(proxy)
        yield LossyCluster(proxies)
