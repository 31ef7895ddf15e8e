"""Text messages: sent, delivered, received, and the carrier's own handling of STOP, START and HELP.

Sources: Twilio, "Twilio's request to your incoming message Webhook URL", "Track the Message Status of Outbound
Messages", "Twilio support for opt-out keywords". The keyword must be the whole message; case does not matter.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from telephony.sandbox import twiml
from telephony.sandbox.desk import Desk
from telephony.sandbox.phone import Person, PickUp
from telephony.sandbox.resources import API, Direction, Message, MessageStatus, segments
from telephony.sandbox.twiml import TwimlError
from telephony.sandbox.webhooks import Page, Report

STOP_WORDS = frozenset({"stop", "unsubscribe", "end", "quit", "stopall", "revoke", "optout", "cancel"})
START_WORDS = frozenset({"start", "yes", "unstop"})
HELP_WORDS = frozenset({"help", "info"})

STOPPED = (
    "You have successfully been unsubscribed. You will not receive any more messages from this number. "
    "Reply START to resubscribe."
)
STARTED = (
    "You have successfully been re-subscribed to messages from this number. Reply HELP for help. "
    "Reply STOP to unsubscribe. Msg&Data Rates May Apply."
)
HELPED = "Reply STOP to unsubscribe. Msg&Data Rates May Apply."

CALLBACK_FAILED = 11200
UNKNOWN_NUMBER = 30005
UNREACHABLE = 30003


class Keyword(Enum):
    """What the carrier does by itself on a text that is one bare word."""

    STOP = auto()
    START = auto()
    HELP = auto()
    NONE = auto()

    @classmethod
    def of(cls, body: str) -> "Keyword":
        """The keyword a text is, if it is nothing else."""
        word = body.strip().lower()
        if word in STOP_WORDS:
            return cls.STOP
        if word in START_WORDS:
            return cls.START
        return cls.HELP if word in HELP_WORDS else cls.NONE


@dataclass(slots=True)
class Texts:
    """Every text of the account. `find` looks a person up by number, `spawn` keeps a task until it is done."""

    desk: Desk
    webhooks: Mapping[str, str]
    """Of each of our numbers, where its texts go."""
    find: Callable[[str], Person | None]
    spawn: Callable[[Coroutine[Any, Any, None]], "asyncio.Task[None]"]
    sent: list[Message] = field(default_factory=list)
    """Both directions, in the order they began."""
    blocked: set[tuple[str, str]] = field(default_factory=set)
    """Pairs (our number, theirs) on which STOP is in force."""

    def send(
        self,
        *,
        to: str,
        sender: str,
        body: str,
        status_callback: str = "",
        direction: Direction = Direction.OUTBOUND_API,
        by_carrier: bool = False,
    ) -> Message:
        """Queues a text to a person; the caller has checked that it may be sent."""
        message = self._begin(to, sender, body, direction, MessageStatus.QUEUED)
        message.by_carrier = by_carrier
        self.spawn(self._carry(message, status_callback))
        return message

    async def receive(self, *, sender: str, to: str, body: str) -> Message:
        """A person texts one of our numbers: the carrier acts on keywords, then the server is told and may reply.

        Returns once the webhook has answered. Raises KeyError if `to` is not ours.
        """
        webhook = self.webhooks[to]
        message = self._begin(to, sender, body, Direction.INBOUND, MessageStatus.RECEIVED)
        self._heed(message)
        fields = _inbound(message)
        page = await self.desk.courier.instructions(webhook, "POST", fields)
        if self.desk.courier.happens_twice():
            await self.desk.courier.instructions(webhook, "POST", fields)  # a retry: its answer goes nowhere
        if page is not None:
            self._reply(message, page)
        return message

    def _begin(self, to: str, sender: str, body: str, direction: Direction, status: MessageStatus) -> Message:
        now = self.desk.now()
        message = Message(self.desk.account, to, sender, body, direction, now, status)
        message.become(status, now)
        self.sent.append(message)
        return message

    def _heed(self, message: Message) -> None:
        pair = (message.to, message.sender)
        match Keyword.of(message.body):
            case Keyword.STOP if pair not in self.blocked:
                self.blocked.add(pair)
                self._confirm(message, STOPPED)
            case Keyword.START if pair in self.blocked:
                self.blocked.remove(pair)
                self._confirm(message, STARTED)
            case Keyword.HELP:
                self._confirm(message, HELPED)
            case _:
                pass

    def _confirm(self, message: Message, body: str) -> None:
        self.send(to=message.sender, sender=message.to, body=body, direction=Direction.OUTBOUND_REPLY, by_carrier=True)

    def _reply(self, message: Message, page: Page) -> None:
        """Sends what the webhook's answer asks for. Plain text is sent as it stands, which is rarely meant."""
        if not page.text.strip():
            return
        if page.content_type == "text/plain":
            self.desk.debugger.warn(12300, f"{page.url} answered text/plain: it was texted to the sender")
            self._answer(message, twiml.Reply(page.text.strip()))
            return
        if not page.is_xml:
            self.desk.debugger.error(12300, f"{page.url} answered {page.content_type}, not text/xml")
            return
        try:
            document = twiml.parse_messaging(page.text)
        except TwimlError as error:
            self.desk.debugger.error(error.code, str(error))
            return
        for warning in document.warnings:
            self.desk.debugger.warn(twiml.SCHEMA, warning)
        for reply in document.replies:
            self._answer(message, reply)

    def _answer(self, message: Message, reply: twiml.Reply) -> None:
        if (message.to, message.sender) in self.blocked:
            self.desk.debugger.error(21610, "a reply to a sender who has opted out was not sent")
            return
        self.send(
            to=message.sender,
            sender=message.to,
            body=reply.body,
            status_callback=reply.status_callback,
            direction=Direction.OUTBOUND_REPLY,
        )

    async def _carry(self, message: Message, status_callback: str) -> None:
        timing = self.desk.timing
        await asyncio.sleep(timing.send_s)
        message.sent = self.desk.now()
        self._become(message, MessageStatus.SENT, status_callback)
        await asyncio.sleep(timing.deliver_s)
        person = self.find(message.to)
        if person is None or person.pick_up is PickUp.UNREACHABLE:
            message.error = UNKNOWN_NUMBER if person is None else UNREACHABLE
            self._become(message, MessageStatus.UNDELIVERED, status_callback)
            return
        self._become(message, MessageStatus.DELIVERED, status_callback)
        await self._read(person, message)

    async def _read(self, person: Person, message: Message) -> None:
        async def reply(body: str) -> None:
            await self.receive(sender=message.to, to=message.sender, body=body)

        try:
            await person.on_text(message.body, message.sender, reply)
        except Exception as error:
            self.desk.debugger.error(0, f"the script of {person.number} failed: {error!r}")

    def _become(self, message: Message, status: MessageStatus, status_callback: str) -> None:
        message.become(status, self.desk.now())
        fields = {
            "MessageSid": message.sid,
            "MessageStatus": status.value,
            "SmsSid": message.sid,
            "SmsStatus": status.value,
            "AccountSid": message.account,
            "From": message.sender,
            "To": message.to,
            "ApiVersion": API,
        }
        if message.error is not None:
            fields["ErrorCode"] = str(message.error)
        if status is MessageStatus.DELIVERED:
            fields["RawDlrDoneDate"] = self.desk.now().strftime("%y%m%d%H%M")
        self.desk.courier.report(message.sid, Report(status_callback, "POST", fields, CALLBACK_FAILED))


def _inbound(message: Message) -> dict[str, str]:
    fields = {
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsMessageSid": message.sid,
        "AccountSid": message.account,
        "From": message.sender,
        "To": message.to,
        "Body": message.body,
        "NumMedia": "0",
        "NumSegments": str(segments(message.body)),
        "SmsStatus": "received",
        "ApiVersion": API,
    }
    for side in ("From", "To"):
        fields |= {f"{side}City": "", f"{side}State": "", f"{side}Zip": "", f"{side}Country": "US"}
    return fields
