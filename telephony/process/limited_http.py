"""uvicorn's HTTP with an end to its patience: whoever sends a request slowly, or without end, loses his connection.

uvicorn limits neither (a proxy in front mostly does). Each such connection would cost memory and a file of those the
process may open, and it is the same process that carries calls.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

REQUEST_SECONDS = 20.0
"""A request is whole within so long, its body included; the first one after so long."""
HEAD_BYTES = 64 * 1024
"""Of a request's line and headers. Proxies allow 8 to 32 kB."""


class LimitedHttp(HttpToolsProtocol):
    """Pass it to uvicorn as `http`."""

    _due: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody has connected, and is to say what he wants."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """He has gone."""
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Reads on, unless a request's head has become too long."""
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > HEAD_BYTES:
            self.transport.close()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._wait()

    def on_headers_complete(self) -> None:
        """Its head is whole."""
        self._in_head, self._head_bytes = False, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """It is whole."""
        self._wait_no_more()
        self._in_head = True
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """It was one for a WebSocket, which has a protocol of its own."""
        self._wait_no_more()
        super().handle_websocket_upgrade()

    def _wait(self) -> None:
        self._wait_no_more()
        self._due = self.loop.call_later(REQUEST_SECONDS, self._give_up)

    def _wait_no_more(self) -> None:
        if self._due is not None:
            self._due.cancel()

    def _give_up(self) -> None:
        self.transport.close()
