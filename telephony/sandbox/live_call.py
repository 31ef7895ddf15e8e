"""One leg of a call from its first ring to its last callback."""

import asyncio
import itertools
from collections.abc import Mapping
from dataclasses import dataclass

from telephony.sandbox.desk import Desk
from telephony.sandbox.handset import Handset, LineDeadError
from telephony.sandbox.phone import Person, Phone, PickUp
from telephony.sandbox.resources import API, Call, CallStatus, Direction, rfc2822
from telephony.sandbox.steps import Fetch, Inline, Over, Step, Steps
from telephony.sandbox.texts import Texts
from telephony.sandbox.webhooks import Report

FAREWELL_S = 1.0
"""How long a person's script may take to notice that the line is dead."""


@dataclass(frozen=True, slots=True)
class Reporting:
    """Where a call's progress is reported, and what of it: initiated, ringing, answered, completed."""

    url: str = ""
    method: str = "POST"
    events: frozenset[str] = frozenset({"completed"})


@dataclass(frozen=True, slots=True)
class Detection:
    """Where the verdict of asynchronous machine detection goes, and for what it waits."""

    url: str = ""
    method: str = "POST"
    waits_for_end: bool = True
    """`DetectMessageEnd`: a machine is reported once its greeting is over. Else as soon as it is known for one."""
    timeout_s: float = 30
    """After so long in a greeting its end is not waited for any more."""


class LiveCall:
    """A call and the person on it. `record` is what REST shows, `phone` what the person holds."""

    def __init__(
        self,
        desk: Desk,
        texts: Texts,
        record: Call,
        person: Person,
        reporting: Reporting,
        detection: Detection | None = None,
    ) -> None:
        self.record = record
        self.person = person
        other = record.to if record.direction is Direction.INBOUND else record.sender
        self.phone = Phone(
            Handset(desk.clock),
            call=record.sid,
            other=other,
            hang_up=self.end,
            text=lambda body: texts.receive(sender=person.number, to=other, body=body),
        )
        self._desk = desk
        self._reporting, self._detection = reporting, detection or Detection()
        self._orders: asyncio.Queue[Step] = asyncio.Queue()
        self._steps = Steps(desk, self.phone, self.about, self._answer)
        self._sequence = itertools.count()
        self._helpers: list[asyncio.Task[None]] = []

    # Orders from outside

    def redirect(self, step: Fetch | Inline) -> None:
        """Goes on with other instructions, breaking off what is under way."""
        self._orders.put_nowait(step)

    def end(self) -> None:
        """Ends the call, whatever it is doing: a hang-up, or a cancel while it rings."""
        self._orders.put_nowait(Over())

    # Its life

    async def dial(self, first: Fetch | Inline, ring_s: float) -> None:
        """Outbound: rings the person, and follows `first` if he answers within `ring_s`."""
        timing = self._desk.timing
        if await self._ordered_within(timing.queue_s):
            self._close(CallStatus.CANCELED)  # cancelled while queued: there is no callback at all
            return
        self._tell("initiated", {"CallStatus": "initiated"})
        if await self._ordered_within(timing.ringing_s):
            self._finish(CallStatus.CANCELED, "487")
            return
        if self.person.pick_up is PickUp.UNREACHABLE:
            self._finish(CallStatus.FAILED, "404")
            return
        self._become(CallStatus.RINGING)
        self._tell("ringing", {"StirStatus": "B"})
        limit = min(ring_s, timing.longest_ring_s)
        answers = self.person.pick_up is not PickUp.RINGS_OUT and self.person.answer_after_s <= limit
        if await self._ordered_within(self.person.answer_after_s if answers else limit):
            self._finish(CallStatus.CANCELED, "487")
        elif not answers:
            self._finish(CallStatus.NO_ANSWER, "487")
        elif self.person.pick_up is PickUp.BUSY:
            self._finish(CallStatus.BUSY, "486")
        else:
            self._answer()
            await self._talk(first)

    async def receive(self, first: Fetch) -> None:
        """Inbound: asks the server what to do with it; that question is its ringing event."""
        self._become(CallStatus.RINGING)
        await self._talk(first)

    async def _talk(self, step: Step) -> None:
        try:
            while not isinstance(step, Over):
                step = await self._next(step)
        finally:
            self.phone.went_dead()
            await self._dismiss_helpers()
            self._finish(self._outcome(step), "200")

    async def _next(self, step: Fetch | Inline) -> Step:
        """Follows a step until it is done, or an order breaks it off."""
        following = asyncio.create_task(self._steps.follow(step))
        ordered = asyncio.create_task(self._orders.get())
        try:
            await asyncio.wait([following, ordered], return_when=asyncio.FIRST_COMPLETED)
            return ordered.result() if ordered.done() else following.result()
        finally:
            for task in (following, ordered):
                task.cancel()
            await asyncio.wait([following, ordered])

    def _answer(self) -> None:
        """The call is connected, if it was not; the person begins to talk."""
        if self.record.status not in (CallStatus.QUEUED, CallStatus.RINGING):
            return
        self._become(CallStatus.IN_PROGRESS)
        self.record.started = self._desk.now()
        self._tell("answered", {"StirStatus": "B"})
        self._helpers.append(asyncio.create_task(self._perform()))
        if self._detection.url:
            self._helpers.append(asyncio.create_task(self._detect()))

    async def _perform(self) -> None:
        try:
            await self.person.on_call(self.phone)
        except LineDeadError:
            pass  # the script goes as far as the call does
        except Exception as error:
            self._desk.debugger.error(0, f"the script of {self.person.number} failed: {error!r}")

    async def _detect(self) -> None:
        began = asyncio.get_running_loop().time()
        await asyncio.sleep(self._desk.timing.detect_s)
        verdict = self.record.answered_by = await self._verdict()
        took_s = asyncio.get_running_loop().time() - began
        fields = {
            "CallSid": self.record.sid,
            "AccountSid": self.record.account,
            "AnsweredBy": verdict,
            "MachineDetectionDuration": str(round(took_s * 1000)),
        }
        self._desk.courier.report(f"amd {self.record.sid}", Report(self._detection.url, self._detection.method, fields))

    async def _verdict(self) -> str:
        """What detection comes to, when it does: people at once, machines at the end of their greeting."""
        verdict = self.person.answered_by
        if not verdict.startswith("machine_end"):
            return verdict
        if not self._detection.waits_for_end:
            return "machine_start"
        try:
            await asyncio.wait_for(self.phone.greeted.wait(), self._detection.timeout_s - self._desk.timing.detect_s)
        except TimeoutError:
            return "machine_end_other"
        return verdict

    async def _dismiss_helpers(self) -> None:
        if not self._helpers:
            return
        _, late = await asyncio.wait(self._helpers, timeout=FAREWELL_S)
        for task in late:
            task.cancel()

    async def _ordered_within(self, seconds: float) -> bool:
        """Waits, unless the call is ended first. A redirect cannot come: REST refuses it before the answer."""
        try:
            await asyncio.wait_for(self._orders.get(), seconds)
        except TimeoutError:
            return False
        return True

    # Its record and its callbacks

    def about(self) -> dict[str, str]:
        """The standard parameters of every voice request."""
        record = self.record
        about = {
            "CallSid": record.sid,
            "AccountSid": record.account,
            "From": record.sender,
            "To": record.to,
            "Caller": record.sender,
            "Called": record.to,
            "CallStatus": record.status.value,
            "ApiVersion": API,
            "Direction": record.direction.value,
        }
        for side in ("From", "To", "Caller", "Called"):
            about |= {f"{side}City": "", f"{side}State": "", f"{side}Zip": "", f"{side}Country": "US"}
        if record.direction is Direction.INBOUND:
            about["StirVerstat"] = "TN-Validation-Passed-B"
        return about

    def _outcome(self, step: Step) -> CallStatus:
        if self.record.status is CallStatus.IN_PROGRESS:
            return CallStatus.COMPLETED
        rejected = step.rejected if isinstance(step, Over) else None
        match rejected:
            case "busy":
                return CallStatus.BUSY
            case "rejected":
                return CallStatus.NO_ANSWER
            case _:
                return CallStatus.COMPLETED

    def _become(self, status: CallStatus) -> None:
        self.record.status, self.record.updated = status, self._desk.now()

    def _close(self, status: CallStatus) -> None:
        self._become(status)
        self.record.ended = self.record.updated

    def _finish(self, status: CallStatus, sip: str) -> None:
        self._close(status)
        extra = {"SipResponseCode": sip}
        if status is CallStatus.COMPLETED:
            seconds = self.record.seconds
            extra |= {"CallDuration": str(seconds), "Duration": str(-(-seconds // 60))}
        self._tell("completed", extra)

    def _tell(self, event: str, extra: Mapping[str, str]) -> None:
        if event not in self._reporting.events:
            return
        stamp = {
            "Timestamp": rfc2822(self._desk.now()) or "",
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(next(self._sequence)),
        }
        fields = self.about() | stamp | dict(extra)
        self._desk.courier.report(self.record.sid, Report(self._reporting.url, self._reporting.method, fields))
