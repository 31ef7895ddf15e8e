"""The telephone network in one process: numbers and the people behind them, calls and texts between them."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from audio.engines import TextToSpeech
from telephony.sandbox.conference import Room
from telephony.sandbox.debugger import Debugger
from telephony.sandbox.desk import Desk, Line, Timing
from telephony.sandbox.live_call import Detection, LiveCall, Reporting
from telephony.sandbox.phone import Bystander, Person, PickUp
from telephony.sandbox.refusals import CallOrder, TextOrder, wrong_state
from telephony.sandbox.resources import Call, CallStatus, Conference, Direction, Message
from telephony.sandbox.steps import Fetch, Inline
from telephony.sandbox.texts import Texts
from telephony.sandbox.webhooks import Chaos, Courier

ACCOUNT = "AC" + "5e" * 16
TOKEN = "5a" * 16
OUR_NUMBER = "+13125550100"
"""What a sandbox uses when nothing else is said; nobody can reach it from outside."""


def utc_now() -> datetime:
    """The time stamped on resources and callbacks."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Where a number of ours sends its calls and texts."""

    voice: str
    voice_status: str
    sms: str

    @classmethod
    def at(cls, base: str) -> "Webhooks":
        """Segue's paths, below the server's public URL."""
        root = base.rstrip("/")
        return cls(f"{root}/twilio/voice", f"{root}/twilio/voice/status", f"{root}/twilio/sms")


class Exchange:
    """What `Sandbox` serves, without the server. All of it runs on one event loop.

    `people` are the scripted persons; a number nobody has is unreachable. Everything that happened can be read
    afterwards: `texts`, `calls`, `conferences`, and what the server got wrong: `violations`, `warnings`, `errors`.
    """

    def __init__(
        self,
        account: str = ACCOUNT,
        token: str = TOKEN,
        webhook_base: str = "http://127.0.0.1:8080",
        *,
        numbers: Sequence[str] = (OUR_NUMBER,),
        people: Iterable[Person] = (),
        chaos: Chaos | None = None,
        timing: Timing | None = None,
        line: Line | None = None,
        voice: TextToSpeech | None = None,
        now: Callable[[], datetime] = utc_now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.account, self.token = account, token
        self.created = now()
        self.numbers = {number: Webhooks.at(webhook_base) for number in numbers}
        self.people = {person.number: person for person in people}
        self.debugger = Debugger()
        self.live: dict[str, LiveCall] = {}
        """Every call there was, by SID, in the order they began."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._voice = voice
        self.desk = Desk(
            account=account,
            courier=Courier(token, self.debugger, chaos),
            debugger=self.debugger,
            timing=timing or Timing(),
            line=line or Line(),
            now=now,
            voice=voice,
            clock=clock,
        )
        sms = {number: webhooks.sms for number, webhooks in self.numbers.items()}
        self.texting = Texts(self.desk, sms, self.people.get, self._spawn)

    # What happened

    @property
    def texts(self) -> list[Message]:
        """Every text, both directions, with its times."""
        return self.texting.sent

    @property
    def calls(self) -> list[Call]:
        """Every call, both directions."""
        return [live.record for live in self.live.values()]

    @property
    def conferences(self) -> list[Conference]:
        """Every run of every room, with everybody who was in it."""
        return [room.conference for room in self.desk.rooms]

    @property
    def violations(self) -> list[str]:
        """Media messages Twilio would have ignored."""
        return self.debugger.violations

    @property
    def warnings(self) -> list[str]:
        """TwiML that was accepted but not as meant."""
        return self.debugger.warnings

    @property
    def notes(self) -> list[str]:
        """Where the sandbox was laxer than Twilio, or left something out."""
        return self.debugger.notes

    @property
    def errors(self) -> list[str]:
        """Requests to the server that failed."""
        return self.debugger.errors

    # What a person does

    async def text(self, sender: str, to: str, body: str) -> Message:
        """A person texts one of our numbers; returns once the server's webhook has answered."""
        self._require_ours(to)
        self._require_person(sender)
        return await self.texting.receive(sender=sender, to=to, body=body)

    async def call(self, sender: str, to: str) -> LiveCall:
        """A person calls one of our numbers; returns the call, which goes on by itself."""
        self._require_ours(to)
        webhooks = self.numbers[to]
        record = Call(self.account, to, sender, Direction.INBOUND, self.desk.now())
        live = LiveCall(self.desk, self.texting, record, self._require_person(sender), Reporting(webhooks.voice_status))
        self.live[record.sid] = live
        self._spawn(live.receive(Fetch(webhooks.voice)))
        return live

    async def prepare(self) -> None:
        """Lets everybody rehearse, so that no call waits for a voice."""
        for person in self.people.values():
            await person.prepare(self._voice)

    # What the server asks for by REST

    def place(self, order: CallOrder, reporting: Reporting, detection: Detection) -> Call:
        """Dials a person. A number nobody has fails as unreachable."""
        record = Call(self.account, order.to, order.sender, Direction.OUTBOUND_API, self.desk.now())
        person = self.people.get(order.to) or Bystander(order.to, PickUp.UNREACHABLE)
        live = LiveCall(self.desk, self.texting, record, person, reporting, detection)
        self.live[record.sid] = live
        first = Fetch(order.url, order.method, fallback=order.fallback) if order.url else Inline(order.twiml)
        self._spawn(live.dial(first, order.ring_s))
        return record

    def send(self, order: TextOrder) -> Message:
        """Sends a text to a person."""
        return self.texting.send(
            to=order.to, sender=order.sender, body=order.body, status_callback=order.status_callback
        )

    def redirect(self, live: LiveCall, step: Fetch | Inline) -> None:
        """Gives a call other instructions. Raises `RefusalError` unless it is in progress."""
        if live.record.status is not CallStatus.IN_PROGRESS:
            raise wrong_state("redirect")
        live.redirect(step)

    def end(self, live: LiveCall, wanted: CallStatus) -> None:
        """Ends a call, or cancels it before the answer. Raises `RefusalError` in the wrong state."""
        if live.record.status.over:
            raise wrong_state("end it")
        if wanted is CallStatus.CANCELED and live.record.status is CallStatus.IN_PROGRESS:
            raise wrong_state("cancel it")
        live.end()

    def find_rooms(self, name_or_sid: str) -> list[Room]:
        """The rooms of a name, or the one of a SID."""
        return [room for room in self.desk.rooms if name_or_sid in (room.conference.sid, room.conference.name)]

    # Its tasks

    async def settle(self) -> None:
        """Waits until every call is over, every text delivered and every callback made."""
        while self._tasks:
            await asyncio.wait(self._tasks)
        await self.desk.courier.drain()

    async def close(self) -> None:
        """Ends everything at once."""
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self.desk.courier.close()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.debugger.error(0, f"the sandbox itself failed: {error!r}")

    def _require_ours(self, number: str) -> None:
        if number not in self.numbers:
            raise ValueError(f"{number} is not one of the sandbox's numbers: {', '.join(self.numbers)}")

    def _require_person(self, number: str) -> Person:
        """The person behind a number; a stranger becomes a bystander, so that anybody can text and call by hand."""
        if number in self.numbers:
            raise ValueError(f"{number} belongs to the sandbox: let a person's number text or call it")
        return self.people.setdefault(number, Bystander(number))
