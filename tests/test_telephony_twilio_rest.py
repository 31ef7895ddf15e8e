"""The carrier talks to a small HTTP server that answers what a test tells it to."""

import asyncio
import base64
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from telephony.carrier import Carrier, CarrierError, PlacedCall, SentText
from telephony.twilio.rest import CALL_OVER, TWIML_LIMIT, TwilioCarrier

pytestmark = pytest.mark.anyio

ACCOUNT = "AC5f0e0d0c0b0a09080706050403020100"
TOKEN = "a1b2c3d4e5f60718293a4b5c6d7e8f90"
CALL = "CA13579bdf2468ace013579bdf2468ace0"
TEXT = "SM13579bdf2468ace013579bdf2468ace0"
LEAD = "+13125550142"
OURS = "+14155550199"
ROOT = f"/2010-04-01/Accounts/{ACCOUNT}"
STATUS = "https://agent.example.net/twilio/status"


@dataclass
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    query: list[tuple[str, str]]
    form: list[tuple[str, str]]
    user: str


@dataclass
class Server:
    """A server that answers each request with the next of `answers`, and the last one ever after."""

    url: str
    seen: list[Seen] = field(default_factory=list)
    answers: list[Response | None] = field(default_factory=list)

    def answer(self, *answers: Response | None) -> None:
        """None never answers."""
        self.seen.clear()
        self.answers[:] = answers

    async def __call__(self, request: Request) -> Response:
        body = (await request.body()).decode()
        user = base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
        query = parse_qsl(request.url.query)
        self.seen.append(Seen(request.method, request.url.path, query, parse_qsl(body), user))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer is None:
            await request.receive()  # returns when the client has gone
            return Response()
        return answer


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    """The server, on a port of its own. The socket listens before the thread runs, so no one has to wait."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Server(f"http://127.0.0.1:{listening.getsockname()[1]}")
        app = Starlette(routes=[Route("/{path:path}", server.__call__, methods=["GET", "POST", "DELETE"])])
        host = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", loop="asyncio"))
        thread = threading.Thread(target=host.run, kwargs={"sockets": [listening]})
        thread.start()
        yield server
        host.should_exit = True
        thread.join()


@pytest.fixture
def server(running: Server) -> Server:
    """The server, having seen nothing yet."""
    running.answer(PlainTextResponse("a test did not say what to answer", 500))
    return running


@pytest.fixture
async def carrier(server: Server) -> AsyncIterator[TwilioCarrier]:
    """A carrier whose Twilio is the server."""
    async with TwilioCarrier(ACCOUNT, TOKEN, base_url=server.url) as carrier:
        yield carrier


def created(sid: str, **more: Any) -> JSONResponse:
    """What Twilio answers to a create."""
    return JSONResponse({"sid": sid, "status": "queued", **more}, 201)


def refused(code: int, message: str = "no", status: int = 400) -> JSONResponse:
    """What Twilio answers to a request it will not carry out."""
    more = f"https://www.twilio.com/docs/errors/{code}"
    return JSONResponse({"code": code, "message": message, "more_info": more, "status": status}, status)


def send(carrier: Carrier) -> Awaitable[str]:
    """Any text."""
    return carrier.send_text(LEAD, "Hi Jordan", sender=OURS, status_url=STATUS)


def dial(carrier: Carrier) -> Awaitable[str]:
    """Any call."""
    return carrier.dial(LEAD, caller_id=OURS, instructions_url="https://agent.example.net/v", status_url=STATUS)


CREATES = pytest.mark.parametrize("create", [send, dial])
Create = Callable[[Carrier], Awaitable[str]]


async def failure(work: Awaitable[Any]) -> CarrierError:
    """The error a request ends in."""
    with pytest.raises(CarrierError) as caught:
        await work
    return caught.value


async def test_send_text(server: Server, carrier: TwilioCarrier) -> None:
    """A text goes out as one form with basic authentication, and comes back as a SID."""
    server.answer(created(TEXT))
    assert await carrier.send_text(LEAD, "Hi Jordan & co – é", sender=OURS, status_url=STATUS) == TEXT
    (request,) = server.seen
    assert (request.method, request.path) == ("POST", f"{ROOT}/Messages.json")
    assert request.user == f"{ACCOUNT}:{TOKEN}"
    assert sorted(request.form) == [
        ("Body", "Hi Jordan & co – é"),
        ("From", OURS),
        ("StatusCallback", STATUS),
        ("To", LEAD),
    ]


async def test_dial(server: Server, carrier: TwilioCarrier) -> None:
    """A call asks for all four states of its progress; the default tells only of the end."""
    server.answer(created(CALL))
    sid = await carrier.dial(
        LEAD, caller_id=OURS, instructions_url="https://agent.example.net/v?c=7", status_url=STATUS, ring_seconds=20
    )
    assert sid == CALL
    (request,) = server.seen
    assert (request.method, request.path) == ("POST", f"{ROOT}/Calls.json")
    assert sorted(request.form) == [
        ("From", OURS),
        ("Method", "POST"),
        ("StatusCallback", STATUS),
        ("StatusCallbackEvent", "answered"),
        ("StatusCallbackEvent", "completed"),
        ("StatusCallbackEvent", "initiated"),
        ("StatusCallbackEvent", "ringing"),
        ("StatusCallbackMethod", "POST"),
        ("Timeout", "20"),
        ("To", LEAD),
        ("Url", "https://agent.example.net/v?c=7"),
    ]


async def test_a_call_on_which_a_machine_may_answer(server: Server, carrier: TwilioCarrier) -> None:
    """Detection runs beside the call and waits for the end of a greeting, or nobody is told of the beep."""
    server.answer(created(CALL))
    await carrier.dial(
        LEAD,
        caller_id=OURS,
        instructions_url="https://agent.example.net/v",
        status_url=STATUS,
        detection_url="https://agent.example.net/amd",
    )
    form = dict(server.seen[0].form)
    assert {name: value for name, value in form.items() if "Amd" in name or "Machine" in name} == {
        "MachineDetection": "DetectMessageEnd",
        "AsyncAmd": "true",
        "AsyncAmdStatusCallback": "https://agent.example.net/amd",
        "AsyncAmdStatusCallbackMethod": "POST",
    }


async def test_redirect(server: Server, carrier: TwilioCarrier) -> None:
    """A live call gets new instructions in the request itself."""
    server.answer(JSONResponse({"sid": CALL, "status": "in-progress"}))
    await carrier.redirect(CALL, "<Response/>")
    (request,) = server.seen
    assert (request.path, request.form) == (f"{ROOT}/Calls/{CALL}.json", [("Twiml", "<Response/>")])


async def test_redirect_limit(server: Server, carrier: TwilioCarrier) -> None:
    """A document Twilio would refuse is not sent; the longest it takes is."""
    server.answer(JSONResponse({"sid": CALL}))
    error = await failure(carrier.redirect(CALL, "x" * (TWIML_LIMIT + 1)))
    assert "give it a URL" in str(error)
    assert not error.outcome_unknown
    assert server.seen == []
    await carrier.redirect(CALL, "x" * TWIML_LIMIT)
    assert len(server.seen) == 1


@pytest.mark.parametrize("code", sorted(CALL_OVER))
async def test_redirect_of_a_call_that_is_over(server: Server, carrier: TwilioCarrier, code: int) -> None:
    """Somebody who redirects has to know that the lead has gone."""
    server.answer(refused(code))
    assert (await failure(carrier.redirect(CALL, "<Response/>"))).code == code


async def test_hang_up(server: Server, carrier: TwilioCarrier) -> None:
    """A call is ended by completing it, whether it rings or talks."""
    server.answer(JSONResponse({"sid": CALL, "status": "completed"}))
    await carrier.hang_up(CALL)
    (request,) = server.seen
    assert (request.path, request.form) == (f"{ROOT}/Calls/{CALL}.json", [("Status", "completed")])


@pytest.mark.parametrize("answer", [refused(20404, status=404), refused(21220)])
async def test_hang_up_of_a_call_that_is_over(server: Server, carrier: TwilioCarrier, answer: Response) -> None:
    """Ending a call that is over, or that Twilio has forgotten, is what was wanted."""
    server.answer(answer)
    await carrier.hang_up(CALL)
    assert len(server.seen) == 1


@pytest.mark.parametrize("answer", [refused(20003, status=401), PlainTextResponse("not here", 404)])
async def test_hang_up_that_failed(server: Server, carrier: TwilioCarrier, answer: Response) -> None:
    """Any other refusal leaves a call running, and is told; so is a 404 that is not Twilio's."""
    server.answer(answer)
    assert (await failure(carrier.hang_up(CALL))).code not in CALL_OVER


@CREATES
@pytest.mark.parametrize(("code", "status"), [(21610, 400), (21211, 400), (20003, 401), (20429, 429)])
async def test_refusal(server: Server, carrier: TwilioCarrier, create: Create, code: int, status: int) -> None:
    """A refusal has Twilio's code and a known outcome: nothing was sent. It is not tried again."""
    server.answer(refused(code, "The reason Twilio gives", status))
    error = await failure(create(carrier))
    assert error.code == code
    assert not error.outcome_unknown
    assert "The reason Twilio gives" in str(error)
    assert len(server.seen) == 1


async def test_refusal_in_the_newer_format(server: Server, carrier: TwilioCarrier) -> None:
    """Errors in the format of RFC 9457 are read as well."""
    problem = {"type": "https://www.twilio.com/docs/errors/21610", "title": "Opted out", "status": 400, "code": 21610}
    server.answer(JSONResponse(problem, 400))
    error = await failure(send(carrier))
    assert (error.code, error.outcome_unknown) == (21610, False)
    assert "Opted out" in str(error)


async def test_refusal_does_not_tell_the_number(server: Server, carrier: TwilioCarrier) -> None:
    """Twilio's messages quote the number; errors are logged, so ours and their causes do not."""
    server.answer(refused(21211, f"The 'To' number {LEAD} is not a valid phone number."))
    error = await failure(send(carrier))
    assert LEAD[1:] not in str(error)
    assert "not a valid phone number" in str(error)
    assert error.__suppress_context__
    assert error.__cause__ is None


@CREATES
@pytest.mark.parametrize(
    "answer",
    [PlainTextResponse("<html>bad gateway</html>", 502), refused(20500, status=500), refused(20503, status=503)],
)
async def test_server_fault(server: Server, carrier: TwilioCarrier, create: Create, answer: Response) -> None:
    """After a 5xx a text may be on its way all the same, so the outcome is unknown and nothing is repeated."""
    server.answer(answer)
    assert (await failure(create(carrier))).outcome_unknown
    assert len(server.seen) == 1


async def test_error_without_a_code(server: Server, carrier: TwilioCarrier) -> None:
    """An HTTP status is not one of Twilio's error numbers."""
    server.answer(PlainTextResponse("teapot", 418))
    error = await failure(send(carrier))
    assert (error.code, error.outcome_unknown) == (None, False)
    assert "418" in str(error)


@CREATES
@pytest.mark.parametrize("answer", [PlainTextResponse("<html>", 201), JSONResponse({}, 201), Response(status_code=201)])
async def test_unreadable_success(server: Server, carrier: TwilioCarrier, create: Create, answer: Response) -> None:
    """A success without a SID was carried out by somebody, but we cannot say what it is called."""
    server.answer(answer)
    assert (await failure(create(carrier))).outcome_unknown


@CREATES
async def test_time_out_after_sending(server: Server, create: Create) -> None:
    """When the answer does not come, the request may have been carried out; it was sent once."""
    server.answer(None)
    async with TwilioCarrier(ACCOUNT, TOKEN, base_url=server.url, read_s=0.05) as impatient:
        error = await failure(create(impatient))
    assert error.outcome_unknown
    assert len(server.seen) == 1


@CREATES
async def test_refused_connection(create: Create) -> None:
    """When nobody listens, nothing was sent."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    async with TwilioCarrier(ACCOUNT, TOKEN, base_url=f"http://127.0.0.1:{port}") as carrier:
        error = await failure(create(carrier))
    assert (error.code, error.outcome_unknown) == (None, False)
    assert "could not be reached" in str(error)


@asynccontextmanager
async def raw_server(answer: bytes, heard: list[bytes]) -> AsyncIterator[str]:
    """A server that reads a request's head, answers these bytes and hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@CREATES
async def test_connection_lost_after_sending(create: Create) -> None:
    """A connection that ends without an answer leaves the outcome unknown; the request is not repeated."""
    heard: list[bytes] = []
    async with raw_server(b"", heard) as url, TwilioCarrier(ACCOUNT, TOKEN, base_url=url) as carrier:
        error = await failure(create(carrier))
    assert error.outcome_unknown
    assert len(heard) == 1


async def test_without_a_base_url(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless told otherwise the carrier talks to Twilio; a proxy that refuses means that nothing was sent."""
    heard: list[bytes] = []
    for name in ("no_proxy", "NO_PROXY", "https_proxy", "all_proxy", "ALL_PROXY", "TWILIO_EDGE", "TWILIO_REGION"):
        monkeypatch.delenv(name, raising=False)
    async with raw_server(b"HTTP/1.1 403 Forbidden\r\n\r\n", heard) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        async with TwilioCarrier(ACCOUNT, TOKEN) as carrier:
            error = await failure(send(carrier))
    assert heard[0].startswith(b"CONNECT api.twilio.com:443 ")
    assert not error.outcome_unknown


async def test_base_url_goes_around_the_proxy(monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    """A stand-in on this machine is not looked for behind the proxy."""
    server.answer(created(TEXT))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    async with TwilioCarrier(ACCOUNT, TOKEN, base_url=server.url) as carrier:
        assert await send(carrier) == TEXT


@pytest.mark.parametrize("prefix", ["/stand-in", "/stand-in/"])
async def test_base_url_with_a_path(server: Server, prefix: str) -> None:
    """A stand-in may live under a path of its server."""
    server.answer(created(TEXT))
    async with TwilioCarrier(ACCOUNT, TOKEN, base_url=server.url + prefix) as carrier:
        await send(carrier)
    assert server.seen[0].path == f"/stand-in{ROOT}/Messages.json"


@pytest.mark.parametrize("base_url", ["127.0.0.1:4010", "ftp://127.0.0.1", "http://"])
def test_unusable_base_url(base_url: str) -> None:
    """A base URL that leads nowhere is refused at start-up."""
    with pytest.raises(ValueError, match="base URL"):
        TwilioCarrier(ACCOUNT, TOKEN, base_url=base_url)


def listed_text(sid: str, at: str | None, **more: Any) -> dict[str, Any]:
    """A text as Twilio lists it."""
    return {"sid": sid, "to": LEAD, "from": OURS, "body": "Hi", "status": "sent", "date_created": at, **more}


SINCE = datetime(2026, 3, 2, 15, 4, 5, 900_000, tzinfo=UTC)


async def test_find_texts(server: Server, carrier: TwilioCarrier) -> None:
    """What may have been sent is looked for by number, from a second on; what is older is not it."""
    texts = [
        listed_text("SM3", "Mon, 02 Mar 2026 15:04:09 +0000", status="queued", body="Hi Jordan"),
        listed_text("SM2", "Mon, 02 Mar 2026 15:04:05 +0000"),
        listed_text("SM1", "Mon, 02 Mar 2026 15:04:04 +0000"),
    ]
    server.answer(JSONResponse({"messages": texts, "next_page_uri": None}))
    assert await carrier.find_texts(LEAD, SINCE) == [
        SentText("SM3", OURS, "Hi Jordan", "queued", datetime(2026, 3, 2, 15, 4, 9, tzinfo=UTC), LEAD),
        SentText("SM2", OURS, "Hi", "sent", datetime(2026, 3, 2, 15, 4, 5, tzinfo=UTC), LEAD),
    ]
    (request,) = server.seen
    assert (request.method, request.path) == ("GET", f"{ROOT}/Messages.json")
    assert ("To", LEAD) in request.query


async def test_find_texts_without_a_date(server: Server, carrier: TwilioCarrier) -> None:
    """An entry without a date may be the one we fear to send twice, so it is found."""
    server.answer(JSONResponse({"messages": [listed_text("SM1", None)], "next_page_uri": None}))
    assert [text.sid for text in await carrier.find_texts(LEAD, SINCE)] == ["SM1"]


async def test_find_follows_pages(server: Server, carrier: TwilioCarrier) -> None:
    """A second page is fetched from the same server as the first."""
    first = [listed_text("SM2", "Mon, 02 Mar 2026 15:05:00 +0000")]
    second = [listed_text("SM1", "Mon, 02 Mar 2026 15:04:30 +0000")]
    server.answer(
        JSONResponse({"messages": first, "next_page_uri": f"{ROOT}/Messages.json?PageToken=2"}),
        JSONResponse({"messages": second, "next_page_uri": None}),
    )
    assert [text.sid for text in await carrier.find_texts(LEAD, SINCE)] == ["SM2", "SM1"]
    assert ("PageToken", "2") in server.seen[1].query


async def test_find_calls(server: Server, carrier: TwilioCarrier) -> None:
    """A call that may have been placed is found while it is still queued, when it has no start time."""
    call = {"sid": CALL, "to": LEAD, "from": OURS, "status": "queued", "start_time": None}
    new = call | {"date_created": "Mon, 02 Mar 2026 15:04:07 +0000"}
    old = call | {"date_created": "Mon, 02 Mar 2026 14:00:00 +0000"}
    server.answer(JSONResponse({"calls": [new, old], "next_page_uri": None}))
    found = await carrier.find_calls(LEAD, SINCE)
    assert found == [PlacedCall(CALL, OURS, "queued", datetime(2026, 3, 2, 15, 4, 7, tzinfo=UTC), LEAD)]
    assert ("To", LEAD) in server.seen[0].query


@pytest.mark.parametrize(
    "answer", [refused(20003, status=401), PlainTextResponse("<html>", 200), refused(20500, status=500)]
)
async def test_find_that_failed(server: Server, carrier: TwilioCarrier, answer: Response) -> None:
    """A list that could not be read is an error, never an empty list: that would mean nothing was sent."""
    server.answer(answer)
    await failure(carrier.find_texts(LEAD, SINCE))
    await failure(carrier.find_calls(LEAD, SINCE))


async def test_check_credentials(server: Server, carrier: TwilioCarrier) -> None:
    """The doctor learns which account it is and whether it is in use."""
    server.answer(JSONResponse({"sid": ACCOUNT, "friendly_name": "Harbor Lane", "status": "active"}))
    assert await carrier.check_credentials() == "Harbor Lane (active)"
    assert server.seen[0].path == f"{ROOT}.json"


async def test_wrong_credentials(server: Server, carrier: TwilioCarrier) -> None:
    """Wrong credentials are answered with which settings to look at."""
    server.answer(refused(20003, "Authenticate", 401))
    error = await failure(carrier.check_credentials())
    assert error.code == 20003
    assert "TWILIO_AUTH_TOKEN" in str(error)
    assert TOKEN not in str(error)
