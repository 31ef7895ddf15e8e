"""A tiny server of the kind the sandbox calls: it answers webhooks as a test says and keeps what it was asked."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from twilio.request_validator import RequestValidator

from telephony.sandbox.exchange import TOKEN

Media = Callable[[WebSocket, str], Awaitable[None]]
"""What a media socket does, given its stream SID, after `start` was read."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One webhook request."""

    method: str
    path: str
    fields: dict[str, str]
    signed: bool
    once: str
    """Its `I-Twilio-Idempotency-Token`."""


@dataclass
class WebhookServer:
    """Answers by path: a string is TwiML, a `Response` is itself; anything else gets 204."""

    answers: dict[str, str | Response] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    starts: list[dict[str, Any]] = field(default_factory=list)
    """The `start` messages of the media sockets."""
    sockets_signed: list[bool] = field(default_factory=list)
    media: Media | None = None
    url: str = ""
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def to(self, path: str) -> list[Asked]:
        """The requests to one path."""
        return [asked for asked in self.asked if asked.path == path]

    def values(self, path: str, name: str) -> list[str]:
        """One field of each request to a path."""
        return [asked.fields.get(name, "") for asked in self.to(path)]

    async def until(self, path: str, count: int = 1) -> Asked:
        """Waits for the `count`-th request to a path."""
        async with asyncio.timeout(60):
            while len(self.to(path)) < count:
                self._news.clear()
                await self._news.wait()
        return self.to(path)[count - 1]

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[str]:
        """Runs on a free port; yields the base URL."""
        app = Starlette(
            routes=[
                WebSocketRoute("/media", self._stream),
                Route("/{path:path}", self._answer, methods=["GET", "POST"]),
            ]
        )
        listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = _Quiet(uvicorn.Config(app, lifespan="off", log_config=None, ws="websockets-sansio"))
        serving = asyncio.create_task(server.serve([listener]))
        try:
            yield self.url
        finally:
            server.should_exit = server.force_exit = True
            await serving
            listener.close()

    async def _answer(self, request: Request) -> Response:
        form = dict(await request.form()) if request.method == "POST" else {}
        fields = {name: str(value) for name, value in form.items()} or dict(request.query_params)
        url = str(request.url)
        header = request.headers.get("x-twilio-signature", "")
        self.asked.append(
            Asked(
                request.method,
                request.url.path,
                fields,
                RequestValidator(TOKEN).validate(url, form, header),
                request.headers.get("i-twilio-idempotency-token", ""),
            )
        )
        self._news.set()
        answer = self.answers.get(request.url.path, Response(status_code=204))
        return Response(answer, media_type="text/xml") if isinstance(answer, str) else answer

    async def _stream(self, socket: WebSocket) -> None:
        url = self.url.replace("http", "ws") + socket.url.path
        header = socket.headers.get("x-twilio-signature", "")
        self.sockets_signed.append(RequestValidator(TOKEN).validate(url, {}, header))
        await socket.accept()
        await socket.receive_json()
        start = await socket.receive_json()
        self.starts.append(start)
        if self.media is not None:
            await self.media(socket, start["streamSid"])


class _Quiet(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
