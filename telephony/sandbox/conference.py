"""Rooms: who is in, who hears whom, and what the server is told about it.

Source: Twilio, "TwiML Voice: <Conference>". A room begins when two are in and one of them may start it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from telephony.sandbox.phone import Phone
from telephony.sandbox.resources import Conference, ConferenceStatus, Participant

Notify = Callable[[str, Mapping[str, str]], None]
"""Tells the server: the event as it is asked for ("join"), and the fields of the callback."""

REPORTED = {
    "start": "conference-start",
    "end": "conference-end",
    "join": "participant-join",
    "leave": "participant-leave",
}


class LabelInUseError(Exception):
    """Somebody in the room has that label already (16025)."""


@dataclass(slots=True)
class Member:
    """One call in a room, with the positions up to which the others' ears hold its voice."""

    phone: Phone
    participant: Participant
    spoken_to: dict[str, int] = field(default_factory=dict)
    met_somebody: bool = False


class Room:
    """One run of a room: each hears everybody else, once it has begun."""

    def __init__(self, conference: Conference, notify: Notify, now: Callable[[], datetime]) -> None:
        self.conference = conference
        self._notify, self._now = notify, now
        self._members: dict[str, Member] = {}

    @property
    def over(self) -> bool:
        """Whether the room was closed."""
        return self.conference.status is ConferenceStatus.COMPLETED

    def join(
        self, phone: Phone, *, label: str | None, start_on_enter: bool, end_on_exit: bool, muted: bool = False
    ) -> Member:
        """Lets a call in. Raises `LabelInUseError`."""
        if label and any(present.label == label for present in self.conference.present):
            raise LabelInUseError(label)
        participant = Participant(phone.call, label, start_on_enter, end_on_exit, muted, self._now())
        member = Member(phone, participant)
        self.conference.participants.append(participant)
        self._members[phone.call] = member
        self._tell("join", self._about(participant))
        self._begin_if_ready()
        return member

    def speak(self, member: Member, frame: bytes) -> None:
        """Lets everybody else hear 20 ms of a member."""
        if self.conference.status is not ConferenceStatus.IN_PROGRESS or member.participant.muted:
            return
        for call, listener in self._members.items():
            if listener is not member:
                member.spoken_to[call] = listener.phone.handset.mix(frame, member.spoken_to.get(call, 0))

    def leave(self, member: Member, because: str, call_status: str) -> None:
        """Lets a call out; the room ends with the last of them, or with one whose leaving ends it."""
        participant = member.participant
        if self._members.pop(participant.call, None) is None:
            return
        participant.left = self._now()
        reason = {"ReasonParticipantLeft": because, "ParticipantCallStatus": call_status}
        self._tell("leave", self._about(participant) | reason)
        if participant.end_on_exit:
            self.end("participant-with-end-conference-on-exit-left", participant.call)
        elif not self._members:
            self.end("last-participant-left", participant.call)

    def end(self, because: str, by: str | None = None) -> None:
        """Closes the room; the calls still in it go on with their own TwiML."""
        if self.over:
            return
        self.conference.status, self.conference.updated = ConferenceStatus.COMPLETED, self._now()
        self.conference.ended_because, self.conference.ended_by = because, by
        self._tell("end", {"ReasonConferenceEnded": because, "CallSidEndingConference": by or ""})

    def _begin_if_ready(self) -> None:
        starters = [member for member in self._members.values() if member.participant.start_on_enter]
        if len(self._members) < 2 or not starters:
            return
        if self.conference.status is ConferenceStatus.INIT:
            self.conference.status, self.conference.updated = ConferenceStatus.IN_PROGRESS, self._now()
            self._tell("start", {})
        for member in self._members.values():
            member.met_somebody = True
            member.phone.joined_by_others()

    def member(self, call: str) -> Member | None:
        """The member of that call, while it is in."""
        return self._members.get(call)

    def _about(self, participant: Participant) -> dict[str, str]:
        return {
            "CallSid": participant.call,
            "ParticipantLabel": participant.label or "",
            "Muted": str(participant.muted).lower(),
            "Hold": "false",
            "Coaching": "false",
            "StartConferenceOnEnter": str(participant.start_on_enter).lower(),
            "EndConferenceOnExit": str(participant.end_on_exit).lower(),
        }

    def _tell(self, event: str, fields: Mapping[str, str]) -> None:
        about = {
            "ConferenceSid": self.conference.sid,
            "FriendlyName": self.conference.name,
            "AccountSid": self.conference.account,
            "StatusCallbackEvent": REPORTED[event],
        }
        self._notify(event, about | dict(fields))
