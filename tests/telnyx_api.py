"""The REST API of the stand-in for Telnyx: strict about fields, and errors as Telnyx tells them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from telnyx_network import ACCOUNT, API_KEY, APPLICATION, OVER, Call, TelnyxNetwork, message

from telephony.sandbox.server import _Server as _Server

MESSAGE = {"to", "from", "text", "webhook_url", "use_profile_webhooks"}
CALL = {
    *("To", "From", "Url", "UrlMethod", "Timeout", "StatusCallback", "StatusCallbackMethod", "StatusCallbackEvent"),
    *("MachineDetection", "AsyncAmd", "AsyncAmdStatusCallback", "AsyncAmdStatusCallbackMethod"),
}

Endpoint = Callable[[Request], Awaitable[Response]]


@asynccontextmanager
async def serving(network: TelnyxNetwork) -> AsyncIterator[str]:
    """Serves the network's API; gives the address. At the end everybody hangs up."""
    app = Starlette(routes=[Route(path, _guarded(do), methods=[how]) for how, path, do in _Api(network).routes()])
    server = _Server(uvicorn.Config(app, port=0, log_config=None, access_log=False))
    running = asyncio.create_task(server.serve())
    await server.ready.wait()
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        await network.close()
        server.should_exit = True
        await running


def _guarded(do: Endpoint) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {API_KEY}":
            return refused(401, "10009", "Authentication failed")
        return await do(request)

    return endpoint


def refused(status: int, code: str, detail: str) -> JSONResponse:
    """An error as the API tells it."""
    return JSONResponse({"errors": [{"code": code, "title": detail, "detail": detail}]}, status)


class _Api:
    def __init__(self, network: TelnyxNetwork) -> None:
        self._network = network

    def routes(self) -> list[tuple[str, str, Endpoint]]:
        """Method, path, and what is done."""
        calls = f"/v2/texml/Accounts/{ACCOUNT}/Calls"
        return [
            ("POST", "/v2/messages", self._send),
            ("GET", "/v2/messages/{id}", self._show_text),
            ("GET", "/v2/detail_records", self._list_texts),
            ("POST", f"/v2/texml/calls/{APPLICATION}", self._dial),
            ("GET", calls, self._list_calls),
            ("GET", calls + "/{sid}", self._show_call),
            ("POST", calls + "/{sid}", self._change_call),
            ("GET", f"/v2/texml_applications/{APPLICATION}", self._show_application),
        ]

    async def _send(self, request: Request) -> Response:
        order = await request.json()
        if order.keys() != MESSAGE:
            self._network.faults.append(f"message with {order.keys() ^ MESSAGE}")
        if order["to"] in self._network.blocked:
            return refused(400, "40300", f"Messages cannot be sent to '{order['to']}' due to an existing block rule.")
        taken = message(order["from"], order["to"], order["text"], "outbound")
        self._network.texts.append(taken)
        self._network.later(self._deliver(taken, order["webhook_url"]))
        return JSONResponse({"data": taken})

    async def _deliver(self, taken: dict[str, Any], url: str) -> None:
        for kind, status in (("message.sent", "sent"), ("message.finalized", "delivered")):
            taken["to"][0]["status"] = status
            await self._network.post(url, event=(kind, taken))

    async def _show_text(self, request: Request) -> Response:
        found = [text for text in self._network.texts if text["id"] == request.path_params["id"]]
        return JSONResponse({"data": found[0]}) if found else refused(404, "10005", "Resource not found")

    async def _list_texts(self, request: Request) -> Response:
        query = request.query_params
        since = datetime.fromisoformat(query["filter[created_at][gte]"])
        records = [
            {
                "record_type": "message_detail_record",
                "uuid": text["id"],
                "cli": text["from"]["phone_number"],
                "cld": text["to"][0]["phone_number"],
                "status": text["to"][0]["status"],
                "created_at": text["received_at"],
            }
            for text in reversed(self._network.texts)
            if datetime.fromisoformat(text["received_at"]) >= since
        ]
        for name in ("cli", "cld"):
            if number := query.get(f"filter[{name}]"):
                records = [record for record in records if record[name] == number]
        size, number = int(query["page[size]"]), int(query["page[number]"])
        return JSONResponse({"data": records[(number - 1) * size : number * size]})

    async def _dial(self, request: Request) -> Response:
        order = await request.json()
        if order.keys() - CALL:
            self._network.faults.append(f"call with {order.keys() - CALL}")
        call = Call(order["From"], order["To"], ours=True, status_url=order["StatusCallback"])
        self._network.calls.append(call)
        self._network.later(self._network.ring(call, order))
        return JSONResponse({"call_sid": call.sid, "from": call.sender, "to": call.to, "status": "queued"})

    async def _list_calls(self, request: Request) -> Response:
        wanted = {name.lower(): request.query_params[name] for name in ("To", "From") if name in request.query_params}
        listed = [one for one in (call.listed() for call in self._network.calls) if wanted.items() <= one.items()]
        size, page = int(request.query_params["PageSize"]), int(request.query_params["Page"])
        return JSONResponse({"calls": listed[page * size : (page + 1) * size], "page": page})

    async def _show_call(self, request: Request) -> Response:
        call = self._find(request)
        return JSONResponse(call.listed()) if call else refused(404, "10005", "Resource not found")

    async def _change_call(self, request: Request) -> Response:
        call, order = self._find(request), await request.form()
        if call is None or call.status in OVER:
            return refused(422, "90018", "Call has already ended")
        if order.get("Status") == "completed":
            await self._network.end(call)
        elif "Texml" in order:
            assert call.work is not None
            call.work.cancel()
            self._network.leave(call)
            call.left_room.clear()
            call.work = self._network.later(self._network.obey(call, str(order["Texml"])))
        return JSONResponse(call.listed())

    def _find(self, request: Request) -> Call | None:
        return next((call for call in self._network.calls if call.sid == request.path_params["sid"]), None)

    async def _show_application(self, request: Request) -> Response:
        shown = {
            "id": APPLICATION,
            "friendly_name": "Segue",
            "active": self._network.active,
            "voice_url": f"{self._network.webhooks}/voice",
        }
        return JSONResponse({"data": shown})
