"""A local endpoint that speaks OpenAI's streaming chat completions, at a set pace, and fails on request.

Every request plays a scene: a list of steps, each a piece of the answer, a wait or a misfortune. Tests queue scenes;
a benchmark makes one of each request.
"""

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route


@dataclass(frozen=True)
class Words:
    """A piece of text."""

    text: str


@dataclass(frozen=True)
class Call:
    """A piece of a tool call; the first of each call carries its name."""

    index: int
    arguments: str
    name: str | None = None
    id: str | None = None


@dataclass(frozen=True)
class Pause:
    """The model thinks for this long."""

    seconds: float


@dataclass(frozen=True)
class Refuse:
    """Instead of an answer: an HTTP status."""

    status: int


@dataclass(frozen=True)
class Raw:
    """A line of the event stream as it is."""

    data: str


@dataclass(frozen=True)
class Role:
    """The piece many servers begin with, which carries no token."""


@dataclass(frozen=True)
class Hang:
    """Says nothing more until the client leaves."""


@dataclass(frozen=True)
class Break:
    """The connection is lost in the middle of the body."""


@dataclass(frozen=True)
class End:
    """The model has finished."""

    reason: str = "stop"


Step = Words | Call | Pause | Refuse | Raw | Role | Hang | Break | End


def speaks(*pieces: str) -> list[Step]:
    """A whole answer without tools."""
    return [Role(), *map(Words, pieces), End()]


def calls(name: str, arguments: str, index: int = 0) -> list[Step]:
    """A tool call that arrives in two pieces."""
    half = len(arguments) // 2
    return [Call(index, arguments[:half], name, f"call_{index}"), Call(index, arguments[half:])]


Answers = Callable[[dict[str, Any]], Sequence[Step]]
"""The scene for a request's body."""


def paced(text: str, first_token_s: float, tokens_a_second: float) -> list[Step]:
    """An answer of one token a word or comma, the first after `first_token_s`, the others at a steady pace."""
    steps: list[Step] = [Pause(first_token_s)]
    for token in re.findall(r"\s*(?:[\w'’-]+|[^\w\s])", text):
        steps += [Words(token), Pause(1 / tokens_a_second)]
    return [*steps, End()]


@dataclass
class LlmEndpoint:
    """The endpoint's two ends: `scenes` to play, and what it saw."""

    base_url: str
    answers: Answers | None = None
    """Makes the scene of each request; None plays `scenes` in order."""
    scenes: list[Sequence[Step]] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    client_came: asyncio.Event = field(default_factory=asyncio.Event)
    client_left: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a hanging answer's client has closed the connection."""

    def forget(self) -> None:
        """Makes the endpoint as new, for the next test."""
        self.scenes.clear()
        self.requests.clear()
        self.client_came.clear()
        self.client_left.clear()

    async def complete(self, request: Request) -> Response:
        """POST /v1/chat/completions."""
        self.requests.append(await request.json())
        self.client_came.set()
        scene = self.answers(self.requests[-1]) if self.answers else self.scenes.pop(0)
        if isinstance(scene[0], Refuse):
            return JSONResponse({"error": {"message": "refused"}}, scene[0].status)
        return StreamingResponse(self._play(scene, request), media_type="text/event-stream")

    async def _play(self, scene: Sequence[Step], request: Request) -> AsyncIterator[str]:
        for step in scene:
            match step:
                case Pause(seconds):
                    await asyncio.sleep(seconds)
                case Hang():
                    while (await request.receive())["type"] != "http.disconnect":
                        pass
                    self.client_left.set()
                    return
                case Break():
                    raise ConnectionAbortedError
                case _:
                    yield f"data: {step.data if isinstance(step, Raw) else json.dumps(_chunk(step))}\n\n"
        yield "data: [DONE]\n\n"


def _chunk(step: Step) -> dict[str, Any]:
    delta: dict[str, Any] = {}
    match step:
        case Role():
            delta = {"role": "assistant", "content": ""}
        case Words(text):
            delta = {"content": text}
        case Call(index, arguments, name, identity):
            function = {"name": name, "arguments": arguments}
            delta = {"tool_calls": [{"index": index, "id": identity, "function": function}]}
    reason = step.reason if isinstance(step, End) else None
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return {"id": "c1", "object": "chat.completion.chunk", "created": 0, "model": "test", "choices": [choice]}


@asynccontextmanager
async def llm_endpoint(answers: Answers | None = None) -> AsyncIterator[LlmEndpoint]:
    """An endpoint on a free port of the loopback interface, in this event loop."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = LlmEndpoint(f"http://127.0.0.1:{listener.getsockname()[1]}/v1", answers)
        app = Starlette(routes=[Route("/v1/chat/completions", server.complete, methods=["POST"])])
        runner = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1))
        # The socket listens already: a request that comes before the server runs waits in its queue.
        task = asyncio.create_task(runner.serve(sockets=[listener]))
        yield server
        runner.should_exit = True
        await task
