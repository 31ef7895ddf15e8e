"""The REST resources as they are kept and as they are shown. Field names: Twilio's OpenAPI file, api v2010."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from enum import StrEnum
from typing import Any

import phonenumbers

API = "2010-04-01"
Json = dict[str, Any]


def new_sid(prefix: str) -> str:
    """A resource's identity: two letters and 32 hexadecimal digits."""
    return prefix + uuid.uuid4().hex


def rfc2822(moment: datetime | None) -> str | None:
    """Twilio's date format."""
    return format_datetime(moment) if moment else None


def national(number: str) -> str:
    """How Twilio formats a number for people: "(312) 555-0142"; numbers abroad stay as they are."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    if parsed.country_code != 1:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)


class CallStatus(StrEnum):
    """A call's life. A status never goes back."""

    QUEUED = "queued"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    FAILED = "failed"
    NO_ANSWER = "no-answer"
    CANCELED = "canceled"

    @property
    def over(self) -> bool:
        """Whether nothing more can happen to the call."""
        return self not in (CallStatus.QUEUED, CallStatus.RINGING, CallStatus.IN_PROGRESS)


class Direction(StrEnum):
    """Who began a call or a text."""

    INBOUND = "inbound"
    OUTBOUND_API = "outbound-api"
    OUTBOUND_REPLY = "outbound-reply"


class MessageStatus(StrEnum):
    """A text's life, as far as the sandbox plays it."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    RECEIVED = "received"


@dataclass(slots=True)
class Call:
    """One leg of a call."""

    account: str
    to: str
    sender: str
    direction: Direction
    created: datetime
    sid: str = field(default_factory=lambda: new_sid("CA"))
    status: CallStatus = CallStatus.QUEUED
    updated: datetime | None = None
    started: datetime | None = None
    """When it was answered."""
    ended: datetime | None = None
    answered_by: str | None = None

    @property
    def seconds(self) -> int:
        """How long it was connected."""
        if self.started is None or self.ended is None:
            return 0
        return round((self.ended - self.started).total_seconds())

    def shown(self) -> Json:
        """The call as REST shows it."""
        uri = f"/{API}/Accounts/{self.account}/Calls/{self.sid}"
        parts = ("notifications", "recordings", "payments", "events", "siprec", "streams", "transcriptions")
        return {
            "sid": self.sid,
            "account_sid": self.account,
            "parent_call_sid": None,
            "to": self.to,
            "to_formatted": national(self.to),
            "from": self.sender,
            "from_formatted": national(self.sender),
            "phone_number_sid": None,
            "status": self.status.value,
            "start_time": rfc2822(self.started),
            "end_time": rfc2822(self.ended),
            "duration": str(self.seconds) if self.status is CallStatus.COMPLETED else None,
            "price": None,
            "price_unit": "USD",
            "direction": self.direction.value,
            "answered_by": self.answered_by,
            "api_version": API,
            "forwarded_from": None,
            "group_sid": None,
            "caller_name": None,
            "queue_time": "0",
            "trunk_sid": None,
            "date_created": rfc2822(self.created),
            "date_updated": rfc2822(self.updated or self.created),
            "uri": f"{uri}.json",
            "subresource_uris": {part: f"{uri}/{part.title()}.json" for part in parts},
        }


@dataclass(slots=True)
class Message:
    """One text, in either direction."""

    account: str
    to: str
    sender: str
    body: str
    direction: Direction
    created: datetime
    status: MessageStatus
    sid: str = field(default_factory=lambda: new_sid("SM"))
    updated: datetime | None = None
    sent: datetime | None = None
    error: int | None = None
    by_carrier: bool = False
    """True for the confirmations of STOP, START and HELP, which Twilio sends itself."""
    history: list[tuple[datetime, MessageStatus]] = field(default_factory=list)
    """Each status it had, with its time."""

    def become(self, status: MessageStatus, now: datetime) -> None:
        """Moves it on."""
        self.status, self.updated = status, now
        self.history.append((now, status))

    def shown(self) -> Json:
        """The text as REST shows it."""
        uri = f"/{API}/Accounts/{self.account}/Messages/{self.sid}"
        return {
            "sid": self.sid,
            "account_sid": self.account,
            "api_version": API,
            "body": self.body,
            "date_created": rfc2822(self.created),
            "date_updated": rfc2822(self.updated or self.created),
            "date_sent": rfc2822(self.sent),
            "direction": self.direction.value,
            "error_code": self.error,
            "error_message": None,
            "from": self.sender,
            "to": self.to,
            "messaging_service_sid": None,
            "num_media": "0",
            "num_segments": str(segments(self.body)),
            "price": None,
            "price_unit": "USD",
            "status": self.status.value,
            "uri": f"{uri}.json",
            "subresource_uris": {"media": f"{uri}/Media.json"},
        }


GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_TWO = frozenset("^{}\\[~]|€")


def segments(body: str) -> int:
    """How many segments a text takes: 160 or 70 characters alone, 153 or 67 when joined (GSM 03.38, 23.040)."""
    if all(character in GSM7 or character in GSM7_TWO for character in body):
        size, alone, joined = sum(2 if character in GSM7_TWO else 1 for character in body), 160, 153
    else:
        size, alone, joined = len(body.encode("utf-16-le")) // 2, 70, 67
    return 1 if size <= alone else -(-size // joined)


class ConferenceStatus(StrEnum):
    """A room's life."""

    INIT = "init"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"


@dataclass(slots=True)
class Participant:
    """One call in a room."""

    call: str
    label: str | None
    start_on_enter: bool
    end_on_exit: bool
    muted: bool
    joined: datetime
    left: datetime | None = None


@dataclass(slots=True)
class Conference:
    """One run of a room."""

    account: str
    name: str
    created: datetime
    sid: str = field(default_factory=lambda: new_sid("CF"))
    status: ConferenceStatus = ConferenceStatus.INIT
    updated: datetime | None = None
    participants: list[Participant] = field(default_factory=list)
    """Everybody who was ever in, in the order they joined."""
    ended_because: str | None = None
    ended_by: str | None = None

    @property
    def present(self) -> list[Participant]:
        """Who is in now."""
        return [participant for participant in self.participants if participant.left is None]

    def shown(self) -> Json:
        """The room as REST shows it."""
        uri = f"/{API}/Accounts/{self.account}/Conferences/{self.sid}"
        return {
            "sid": self.sid,
            "account_sid": self.account,
            "api_version": API,
            "friendly_name": self.name,
            "region": "us1",
            "status": self.status.value,
            "date_created": rfc2822(self.created),
            "date_updated": rfc2822(self.updated or self.created),
            "reason_conference_ended": self.ended_because,
            "call_sid_ending_conference": self.ended_by,
            "uri": f"{uri}.json",
            "subresource_uris": {
                "participants": f"{uri}/Participants.json",
                "recordings": f"{uri}/Recordings.json",
            },
        }

    def shown_participant(self, participant: Participant) -> Json:
        """One of its participants as REST shows it."""
        uri = f"/{API}/Accounts/{self.account}/Conferences/{self.sid}/Participants/{participant.call}.json"
        return {
            "account_sid": self.account,
            "call_sid": participant.call,
            "conference_sid": self.sid,
            "label": participant.label,
            "call_sid_to_coach": None,
            "coaching": False,
            "muted": participant.muted,
            "hold": False,
            "start_conference_on_enter": participant.start_on_enter,
            "end_conference_on_exit": participant.end_on_exit,
            "status": "connected",
            "queue_time": None,
            "date_created": rfc2822(participant.joined),
            "date_updated": rfc2822(participant.joined),
            "uri": uri,
        }
