"""A small, strict stand-in for Telnyx: TeXML, signed webhooks, and media sockets with their own shapes.

What the server must not send ends up in `faults`. Frames of the lead's voice come out of order now and then, and
`clear` drops the marks that were waiting: the documents promise neither order nor echoes.
"""

import asyncio
import base64
import json
import secrets
import time
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from telephony.sandbox.handset import Handset, LineDeadError

API_KEY, ACCOUNT, APPLICATION = "KEY0123", "f5586561-8ff0-4291-a51b-c7dfe4139ff9", "1293384261075731499"
SWAPPED = 10
"""Of so many frames, one comes after the next."""

ATTRIBUTES = {
    "Response": set[str](),
    "Connect": set[str](),
    "Stream": {"url", "track", "codec", "bidirectionalMode", "bidirectionalCodec"},
    "Redirect": {"method"},
    "Hangup": set[str](),
    "Say": set[str](),
    "Pause": {"length"},
    "Gather": {"input", "numDigits", "timeout", "speechTimeout", "hints", "action"},
    "Dial": {"action", "method"},
    "Conference": {"startConferenceOnEnter", "endConferenceOnExit", "beep"},
}
OVER = {"completed", "busy", "no-answer", "failed", "canceled"}


@dataclass(eq=False)
class Call:
    """One leg."""

    sender: str
    to: str
    ours: bool
    """Whether we placed it."""
    status_url: str | None = None
    sid: str = field(default_factory=lambda: f"v3:{secrets.token_urlsafe(40)}")
    status: str = "queued"
    handset: Handset = field(default_factory=lambda: Handset(asyncio.get_running_loop().time))
    heard: list[str] = field(default_factory=list)
    """What `<Say>` said to it."""
    keys: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    socket: ClientConnection | None = None
    streams: list[str] = field(default_factory=list)
    """The URLs of its media sockets."""
    left_room: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    sequence: int = 0
    work: asyncio.Task[None] | None = None
    created: datetime = field(default_factory=lambda: datetime.now(UTC))

    def listed(self) -> dict[str, Any]:
        """As the list shows it."""
        created = self.created.strftime("%a, %d %b %Y %H:%M:%S +0000")
        return {"sid": self.sid, "from": self.sender, "to": self.to, "status": self.status, "date_created": created}


Answering = Callable[[Call], Awaitable[None]]


class TelnyxNetwork:
    """The network. `people` answer their telephones by number; nobody else does."""

    def __init__(self, webhooks: str, people: dict[str, Answering]) -> None:
        self.webhooks, self.people = webhooks, people
        self._key = Ed25519PrivateKey.generate()
        self._tasks: set[asyncio.Task[None]] = set()
        self._http = httpx.AsyncClient(timeout=30, trust_env=False)
        self._rooms: dict[str, list[Call]] = {}
        self.public_key = base64.b64encode(self._key.public_key().public_bytes_raw()).decode()
        self.calls: list[Call] = []
        self.texts: list[dict[str, Any]] = []
        self.blocked: set[str] = set()
        """Numbers that have sent STOP."""
        self.active = True
        """Whether the TeXML application is switched on."""
        self.faults: list[str] = []

    async def close(self) -> None:
        """Hangs up for everybody, and tells nobody: the server has gone by now."""
        for call in self.calls:
            call.status_url = None
            await self.end(call)
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._http.aclose()

    # What people do --------------------------------------------------------------------------------------------------

    async def call(self, sender: str, to: str) -> Call:
        """Somebody calls our number."""
        call = Call(sender, to, ours=False, status_url=f"{self.webhooks}/voice/status", status="ringing")
        self.calls.append(call)
        document = await self.post(f"{self.webhooks}/voice", form=self._form(call))
        await self._connected(call, document)
        return call

    async def text(self, sender: str, to: str, body: str) -> None:
        """Somebody texts our number."""
        received = message(sender, to, body, "inbound")
        self.texts.append(received)
        await self.post(f"{self.webhooks}/sms", event=("message.received", received))

    async def end(self, call: Call, status: str = "completed") -> None:
        """Somebody hangs up, or we do."""
        if call.status in OVER:
            return
        call.status = status
        call.over.set()
        call.handset.put_down()
        if call.work is not None and call.work is not asyncio.current_task():
            call.work.cancel()
        self.leave(call)
        await self._report(call)

    # Webhooks --------------------------------------------------------------------------------------------------------

    async def post(self, url: str, *, form: dict[str, str] | None = None, event: Any = None) -> str:
        """A signed webhook; its answer."""
        if event is not None:
            kind, payload = event
            data = {"id": str(uuid.uuid4()), "record_type": "event", "event_type": kind, "payload": payload}
            body, content = json.dumps({"data": data, "meta": {"attempt": 1}}).encode(), "application/json"
        else:
            body, content = urlencode(form or {}).encode(), "application/x-www-form-urlencoded"
        answer = await self._http.post(url, content=body, headers={"content-type": content, **self.signature(body)})
        if not answer.is_success:
            self.faults.append(f"{url} answered {answer.status_code}: {answer.text}")
        return answer.text

    def signature(self, body: bytes) -> dict[str, str]:
        """The headers of a body."""
        now = str(int(time.time()))
        signed = self._key.sign(now.encode() + b"|" + body)
        return {"telnyx-timestamp": now, "telnyx-signature-ed25519": base64.b64encode(signed).decode()}

    def _form(self, call: Call, **more: str) -> dict[str, str]:
        form = {"AccountSid": ACCOUNT, "CallSid": call.sid, "CallSidLegacy": call.sid}
        return form | {"From": call.sender, "To": call.to, "CallStatus": call.status, **more}

    async def _report(self, call: Call) -> None:
        if call.status_url:
            await self.post(call.status_url, form=self._form(call, SequenceNumber=str(call.sequence)))
            call.sequence += 1

    def later(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Does something by and by."""
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # Calls -----------------------------------------------------------------------------------------------------------

    async def ring(self, call: Call, order: dict[str, Any]) -> None:
        """A call that we have placed, from its first report on."""
        for call.status in ("initiated", "ringing"):
            await self._report(call)
        if call.to not in self.people:
            await self.end(call, "no-answer")
            return
        call.status = "in-progress"
        await self._report(call)
        document = await self.post(order["Url"], form=self._form(call))
        await self._connected(call, document)
        if "AsyncAmdStatusCallback" in order:
            verdict = {"AccountSid": ACCOUNT, "CallSid": call.sid, "AnsweredBy": "human"}
            await self.post(order["AsyncAmdStatusCallback"], form=verdict | {"MachineDetectionDuration": "900"})

    async def _connected(self, call: Call, document: str) -> None:
        call.status = "in-progress"
        call.work = self.later(self.obey(call, document))
        if behaves := self.people.get(call.to if call.ours else call.sender):
            self.later(self._behave(call, behaves))

    async def _behave(self, call: Call, behaves: Answering) -> None:
        try:
            await behaves(call)
        except LineDeadError:
            pass  # The other side hung up first.
        except Exception as error:
            self.faults.append(f"somebody could not go on: {error!r}")
        await self.end(call)

    async def obey(self, call: Call, document: str | None) -> None:
        """Does what a document says, and the documents after it; then the call is over."""
        while document is not None:
            document = await self._execute(call, self._parsed(document))
        await self.end(call)

    def _parsed(self, document: str) -> ElementTree.Element:
        tree = ElementTree.fromstring(document)
        for element in tree.iter():
            if extra := element.attrib.keys() - ATTRIBUTES.get(element.tag, set()):
                self.faults.append(f"<{element.tag}> has no {extra}")
            if element.tag not in ATTRIBUTES:
                self.faults.append(f"TeXML has no <{element.tag}>")
        return tree

    async def _execute(self, call: Call, document: ElementTree.Element) -> str | None:
        """Does the verbs in order; the document that follows, or None at the end of the call."""
        for verb in document:
            match verb.tag:
                case "Say":
                    call.heard.append(verb.text or "")
                case "Connect":
                    await self._stream(call, verb[0])
                case "Redirect":
                    return await self.post(verb.text or "", form=self._form(call))
                case "Gather":
                    call.heard.append(verb[0].text or "")
                    with suppress(TimeoutError):
                        async with asyncio.timeout(float(verb.attrib["timeout"])):
                            digits = await call.keys.get()
                            return await self.post(verb.attrib["action"], form=self._form(call, Digits=digits))
                case "Dial":
                    self._rooms.setdefault(verb[0].text or "", []).append(call)
                    await call.left_room.wait()
                    call.left_room.clear()
                    return await self.post(verb.attrib["action"], form=self._form(call, DialCallStatus="completed"))
                case "Hangup":
                    return None
        return None

    def leave(self, call: Call) -> None:
        """Takes him out of his room, which ends with him."""
        for room in self._rooms.values():
            if call in room:
                room.remove(call)
                for other in room:
                    other.left_room.set()
                room.clear()

    # Media -----------------------------------------------------------------------------------------------------------

    async def _stream(self, call: Call, stream: ElementTree.Element) -> None:
        if stream.attrib.get("bidirectionalMode") != "rtp":
            self.faults.append("only MP3 can be sent on this stream")
        call.streams.append(stream.attrib["url"])
        async with connect(stream.attrib["url"], compression=None, proxy=None, ping_interval=None) as socket:
            call.socket = socket
            name = str(uuid.uuid4()).upper()
            await socket.send(json.dumps({"event": "connected", "version": "1.0.0"}))
            await socket.send(start_message(call, name))
            speaking = asyncio.create_task(self._speak(call, socket, name))
            try:
                async for message in socket:
                    self._take(call, json.loads(message))
            finally:
                speaking.cancel()
                call.handset.clear()

    async def _speak(self, call: Call, socket: ClientConnection, name: str) -> None:
        chunk, waiting = 0, None
        with suppress(ConnectionClosed):
            async for frame in call.handset.frames():
                chunk += 1
                media = {"track": "inbound", "chunk": str(chunk), "timestamp": str(chunk * 20)}
                media["payload"] = base64.b64encode(frame).decode()
                message = json.dumps({"event": "media", "stream_id": name, "media": media})
                if chunk % SWAPPED == 0:
                    waiting = message
                    continue
                await socket.send(message)
                if waiting is not None:
                    await socket.send(waiting)
                    waiting = None
                for mark in call.handset.marks_reached():
                    await socket.send(json.dumps({"event": "mark", "stream_id": name, "mark": {"name": mark}}))

    def _take(self, call: Call, message: dict[str, Any]) -> None:
        match message:
            case {"event": "media", "media": {"payload": payload}, **rest} if not rest:
                call.handset.play(base64.b64decode(payload, validate=True))
            case {"event": "mark", "mark": {"name": str(name)}, **rest} if not rest:
                call.handset.mark(name)
            case {"event": "clear", **rest} if not rest:
                call.handset.clear()
            case _:
                self.faults.append(f"media socket: {message}")


def start_message(call: Call, stream: str) -> str:
    """What a media socket says of itself."""
    media = {"encoding": "PCMU", "sample_rate": 8000, "channels": 1}
    start = {"user_id": ACCOUNT, "call_control_id": call.sid, "client_state": "", "media_format": media}
    return json.dumps({"event": "start", "sequence_number": "1", "start": start, "stream_id": stream})


def message(sender: str, to: str, body: str, direction: str) -> dict[str, Any]:
    """A text as the network knows it."""
    status = "queued" if direction == "outbound" else "webhook_delivered"
    return {
        "record_type": "message",
        "direction": direction,
        "id": str(uuid.uuid4()),
        "type": "SMS",
        "from": {"phone_number": sender, "carrier": "", "line_type": ""},
        "to": [{"phone_number": to, "status": status, "carrier": "", "line_type": ""}],
        "text": body,
        "media": [],
        "errors": [],
        "received_at": datetime.now(UTC).isoformat(),
    }
