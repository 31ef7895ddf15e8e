"""What every call shares: the way to the server, the rooms, the clocks and the manner of the line."""

import itertools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from audio.engines import TextToSpeech
from telephony.sandbox.conference import Room
from telephony.sandbox.debugger import Debugger
from telephony.sandbox.media_leg import MarkMode
from telephony.sandbox.resources import Conference, rfc2822
from telephony.sandbox.twiml import Conference as Join
from telephony.sandbox.webhooks import Courier, Report


@dataclass(frozen=True, slots=True)
class Timing:
    """How long things take that take time outside the server. Seconds."""

    queue_s: float = 0.2
    """A call waits before it is dialled."""
    ringing_s: float = 0.5
    """From dialled to ringing."""
    longest_ring_s: float = 600
    """Cuts the ring time asked for by `Timeout`, so that a test need not wait for it."""
    send_s: float = 0.3
    """A text from queued to sent."""
    deliver_s: float = 0.7
    """A text from sent to delivered."""
    word_s: float = 0.3
    """`<Say>` without a voice: per word."""
    detect_s: float = 2.0
    """Machine detection, from the answer to its verdict."""


@dataclass(frozen=True, slots=True)
class Line:
    """The manner of every media stream. See `MediaLeg`."""

    marks: MarkMode = MarkMode.TWILIO
    jitter_ms: float = 0
    loss: float = 0.0
    seed: int = 0


@dataclass(slots=True)
class Desk:
    """One per sandbox."""

    account: str
    courier: Courier
    debugger: Debugger
    timing: Timing
    line: Line
    now: Callable[[], datetime]
    voice: TextToSpeech | None = None
    """Speaks `<Say>`; None: it is silent for as long as it would take."""
    clock: Callable[[], float] = time.monotonic
    """What every telephone's audio goes by; seconds."""
    rooms: list[Room] = field(default_factory=list)
    """Every run of every room."""

    def enter(self, join: Join) -> Room:
        """The room of that name, opened if it is not open. Only the first to enter says where its events go."""
        for room in self.rooms:
            if room.conference.name == join.name and not room.over:
                return room
        conference = Conference(self.account, join.name, self.now())
        room = Room(conference, self._reporter(conference.sid, join), self.now)
        self.rooms.append(room)
        return room

    def _reporter(self, sid: str, join: Join) -> Callable[[str, Mapping[str, str]], None]:
        count = itertools.count(1)

        def notify(event: str, fields: Mapping[str, str]) -> None:
            if event in join.status_events:
                stamp = {"SequenceNumber": str(next(count)), "Timestamp": rfc2822(self.now()) or ""}
                self.courier.report(sid, Report(join.status_callback, join.status_method, {**fields, **stamp}))

        return notify
