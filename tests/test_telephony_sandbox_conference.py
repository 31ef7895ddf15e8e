from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from audio import mulaw
from telephony.sandbox.conference import LabelInUseError, Member, Room
from telephony.sandbox.handset import Handset
from telephony.sandbox.phone import Phone
from telephony.sandbox.resources import Conference, ConferenceStatus

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
VOICE = mulaw.encode(np.full(160, 3_000, np.int16))


async def no_text(body: str) -> None:
    """These telephones do not text."""


def phone(call: str) -> Phone:
    """A telephone whose clock stands still at its beginning."""
    return Phone(Handset(), call=call, other="+13125550100", hang_up=lambda: None, text=no_text)


class Told:
    """A room and what it tells the server."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Mapping[str, str]]] = []
        self.conference = Conference("AC1", "xfer-1", NOON)
        self.room = Room(self.conference, lambda event, fields: self.events.append((event, fields)), lambda: NOON)

    @property
    def names(self) -> list[str]:
        """The events in order."""
        return [event for event, _ in self.events]

    def join(self, call: str, **options: Any) -> tuple[Phone, Member]:
        """Lets a new telephone in."""
        telephone = phone(call)
        defaults = {"label": call, "start_on_enter": True, "end_on_exit": False}
        return telephone, self.room.join(telephone, **{**defaults, **options})


def heard(telephone: Phone) -> int:
    """The loudest a telephone has in its ear, played or queued."""
    return int(np.abs(mulaw.decode(telephone.handset._playout.heard(0, 4_000)).astype(int)).max())


def test_a_room_begins_with_two() -> None:
    """One alone waits, unheard; with the second both are told."""
    told = Told()
    lead, in_lead = told.join("CA1")
    told.room.speak(in_lead, VOICE)
    assert told.conference.status is ConferenceStatus.INIT
    agent, _ = told.join("CA2")
    assert told.conference.status is ConferenceStatus.IN_PROGRESS
    assert told.names == ["join", "join", "start"]
    assert lead._company.is_set()
    assert agent._company.is_set()
    assert heard(agent) == 0


def test_a_room_waits_for_one_who_may_start_it() -> None:
    """Two who may not start it wait for a third who may."""
    told = Told()
    told.join("CA1", start_on_enter=False)
    told.join("CA2", start_on_enter=False)
    assert told.conference.status is ConferenceStatus.INIT
    told.join("CA3")
    assert told.conference.status is ConferenceStatus.IN_PROGRESS


def test_everybody_hears_the_others_and_not_himself() -> None:
    """Two voices at once are added up."""
    told = Told()
    rooms = [told.join(call) for call in ("CA1", "CA2", "CA3")]
    for _, member in rooms[:2]:
        told.room.speak(member, VOICE)
    alone, both = heard(rooms[0][0]), heard(rooms[2][0])
    assert alone == pytest.approx(3_000, rel=0.05)
    assert both == pytest.approx(6_000, rel=0.05)


def test_a_voice_is_laid_end_to_end() -> None:
    """Frames that arrive early queue behind each other, without gaps."""
    told = Told()
    _, in_lead = told.join("CA1")
    agent, _ = told.join("CA2")
    for _ in range(3):
        told.room.speak(in_lead, VOICE)
    samples = mulaw.decode(agent.handset._playout.heard(0, 1_000))
    loud = np.flatnonzero(samples)
    assert len(loud) == 480
    assert loud[-1] - loud[0] == 479


def test_the_muted_are_not_heard() -> None:
    """They hear the others all the same."""
    told = Told()
    lead, in_lead = told.join("CA1", muted=True)
    agent, in_agent = told.join("CA2")
    told.room.speak(in_lead, VOICE)
    told.room.speak(in_agent, VOICE)
    assert (heard(agent), heard(lead) > 2_000) == (0, True)


def test_leaving_may_end_the_room() -> None:
    """The one whose leaving ends it takes the others out, and the server learns who it was."""
    told = Told()
    told.join("CA1")
    _, in_agent = told.join("CA2", end_on_exit=True)
    told.room.leave(in_agent, "participant_hung_up", "completed")
    assert told.room.over
    assert told.names[-2:] == ["leave", "end"]
    leave, end = told.events[-2][1], told.events[-1][1]
    assert (leave["ReasonParticipantLeft"], leave["ParticipantLabel"]) == ("participant_hung_up", "CA2")
    assert end["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-left"
    assert end["CallSidEndingConference"] == "CA2"


def test_the_last_to_leave_closes_the_room() -> None:
    """Until then it goes on, even with one alone."""
    told = Told()
    _, first = told.join("CA1")
    _, second = told.join("CA2")
    told.room.leave(first, "participant_hung_up", "completed")
    assert not told.room.over
    told.room.leave(second, "participant_hung_up", "completed")
    told.room.leave(second, "participant_hung_up", "completed")
    assert told.conference.ended_because == "last-participant-left"
    assert told.names.count("leave") == 2
    assert told.conference.present == []


def test_labels_are_unique_in_a_room() -> None:
    """A label may be used again once its owner has left."""
    told = Told()
    _, first = told.join("CA1", label="agent")
    with pytest.raises(LabelInUseError):
        told.join("CA2", label="agent")
    told.join("CA3", label=None)
    told.join("CA4", label=None)
    told.room.leave(first, "participant_hung_up", "completed")
    told.join("CA5", label="agent")


def test_events_say_what_they_are_about() -> None:
    """Which room, which call, and the attributes of the leg, as words."""
    told = Told()
    told.join("CA1", end_on_exit=True)
    fields = told.events[0][1]
    assert fields["StatusCallbackEvent"] == "participant-join"
    assert fields["ConferenceSid"] == told.conference.sid
    assert (fields["FriendlyName"], fields["CallSid"]) == ("xfer-1", "CA1")
    assert (fields["Muted"], fields["StartConferenceOnEnter"], fields["EndConferenceOnExit"]) == (
        "false",
        "true",
        "true",
    )
