"""The sandbox's own routes, which Twilio does not have: a person texts and calls by curl, and reads what happened."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from telephony.sandbox.exchange import Exchange
from telephony.sandbox.live_call import LiveCall
from telephony.sandbox.resources import Json, Message

REQUIRED = {"/sandbox/texts": ("from", "body"), "/sandbox/calls": ("from",)}


def routes() -> list[Route]:
    """`POST /sandbox/texts {from, body, to?}`, `POST /sandbox/calls {from, to?}`, `GET /sandbox/log`."""
    return [
        Route("/sandbox/texts", text, methods=["POST"]),
        Route("/sandbox/calls", call, methods=["POST"]),
        Route("/sandbox/log", show_log, methods=["GET"]),
    ]


async def text(request: Request) -> Response:
    """Texts one of our numbers from a person's; answers once the server's webhook has."""
    exchange = _exchange(request)
    try:
        body = await _body(request, exchange)
        message = await exchange.text(body["from"], body["to"], body["body"])
    except ValueError as error:
        return JSONResponse({"error": str(error)}, 400)
    return JSONResponse(_text(message), 201)


async def call(request: Request) -> Response:
    """Calls one of our numbers from a person's; the person's script talks."""
    exchange = _exchange(request)
    try:
        body = await _body(request, exchange)
        live = await exchange.call(body["from"], body["to"])
    except ValueError as error:
        return JSONResponse({"error": str(error)}, 400)
    return JSONResponse(_call(live), 201)


async def show_log(request: Request) -> Response:
    """Everything so far."""
    exchange = _exchange(request)
    return JSONResponse(
        {
            "texts": [_text(message) for message in exchange.texts],
            "calls": [_call(live) for live in exchange.live.values()],
            "conferences": [conference.shown() for conference in exchange.conferences],
            "violations": exchange.violations,
            "warnings": exchange.warnings,
            "errors": exchange.errors,
            "notes": exchange.notes,
        }
    )


def _exchange(request: Request) -> Exchange:
    exchange: Exchange = request.app.state.exchange
    return exchange


async def _body(request: Request, exchange: Exchange) -> dict[str, str]:
    """The JSON object sent, with our first number as `to` unless it says another. Raises ValueError."""
    body = await request.json()
    needed = REQUIRED[request.url.path]
    if not isinstance(body, dict) or not all(isinstance(body.get(name), str) for name in needed):
        raise ValueError(f"send a JSON object with {' and '.join(needed)}, all strings")
    return {"to": next(iter(exchange.numbers)), **body}


def _text(message: Message) -> Json:
    return {
        "sid": message.sid,
        "at": message.created.isoformat(),
        "from": message.sender,
        "to": message.to,
        "body": message.body,
        "status": message.status.value,
        "error": message.error,
        "by_carrier": message.by_carrier,
    }


def _call(live: LiveCall) -> Json:
    record = live.record
    return {
        "sid": record.sid,
        "at": record.created.isoformat(),
        "from": record.sender,
        "to": record.to,
        "direction": record.direction.value,
        "status": record.status.value,
        "said": live.phone.said,
        "seconds_recorded": round(live.phone.handset.seconds, 2),
    }
