"""Serves the sandbox: Twilio's REST API and the sandbox's own routes on one port."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException

from telephony.sandbox import control, rest
from telephony.sandbox.exchange import ACCOUNT, OUR_NUMBER, TOKEN, Exchange
from telephony.sandbox.phone import Person
from telephony.sandbox.refusals import RefusalError


class Sandbox(Exchange):
    """A local Twilio. `async with sandbox.serve() as url:` then point the server's base URL at `url`."""

    def app(self) -> Starlette:
        """The ASGI application."""
        app = Starlette(
            routes=[*rest.routes(), *control.routes()],
            exception_handlers={RefusalError: rest.refused, HTTPException: rest.refused},
        )
        app.state.exchange = self
        return app

    @asynccontextmanager
    async def serve(self, port: int = 0, host: str = "127.0.0.1") -> AsyncIterator[str]:
        """Runs until the block ends; yields the base URL. Port 0 takes a free one."""
        await self.prepare()
        listener = socket.create_server((host, port))
        server = _Server(uvicorn.Config(self.app(), lifespan="off", log_config=None, access_log=False))
        serving = asyncio.create_task(server.serve([listener]))
        try:
            await server.ready.wait()
            yield f"http://{host}:{listener.getsockname()[1]}"
        finally:
            await self.close()
            server.should_exit = True
            await serving
            listener.close()


class _Server(uvicorn.Server):
    """uvicorn inside somebody else's event loop: signals stay his, and he learns when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


async def main(
    host: str = "127.0.0.1",
    port: int = 4010,
    *,
    account: str = ACCOUNT,
    token: str = TOKEN,
    webhook_base: str = "http://127.0.0.1:8080",
    number: str = OUR_NUMBER,
    people: Sequence[Person] = (),
    say: Callable[[str], None],
) -> None:
    """Serves until cancelled. `say` prints one line for the person at the terminal."""
    sandbox = Sandbox(account, token, webhook_base, numbers=[number], people=people)
    async with sandbox.serve(port, host) as url:
        for line in _directions(url, sandbox, number, webhook_base):
            say(line)
        await asyncio.Event().wait()


def _directions(url: str, sandbox: Sandbox, number: str, webhook_base: str) -> list[str]:
    someone = next(iter(sandbox.people), "+13125550142")
    return [
        f"A local Twilio listens on {url}. Its number is {number}; its webhooks go to {webhook_base}.",
        "Point the server at it:",
        f"  SEGUE_TWILIO_BASE_URL={url} SEGUE_PUBLIC_URL={webhook_base} \\",
        f"  TWILIO_ACCOUNT_SID={sandbox.account} TWILIO_AUTH_TOKEN={sandbox.token} TWILIO_NUMBER={number} segue serve",
        "Text and call it:",
        f"""  curl -X POST {url}/sandbox/texts -d '{{"from": "{someone}", "body": "is this still open?"}}'""",
        f"""  curl -X POST {url}/sandbox/calls -d '{{"from": "{someone}"}}'""",
        "See what happened:",
        f"  curl {url}/sandbox/log",
    ]
