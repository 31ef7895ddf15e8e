"""A telephone for tests of the live call: real machines, real record, engines that need no models.

A phrase of the lead's is a tone whose level says which phrase it is, so that the recogniser of this rig hears exactly
what was spoken, also when two parts are heard as one.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
from accelerated import timeless
from happenings import NOW, consent, lead_arrived

from agent.brain import Brain
from agent.campaign import load_campaign
from agent.moves import Move
from agent.snapshot import Snapshot, Utterance
from audio import mulaw
from audio.engines import Pcm16, Transcript
from audio.playout import Mark
from audio.pool import Engines
from state.effects import PermitKind
from state.events import CallPlaced, Event, Scope
from state.store import Record
from telephony.errands import Errands
from telephony.leg import Digit, LegEvent, MarkPlayed, Media, Stopped
from telephony.live.call import LiveCall
from telephony.live.pacer import Pacer
from telephony.services import Services

CID = "rig"
LEVEL = 1_000
BREATH = 150
MS = 8
"""Samples in a millisecond."""


ECHO_FRAMES = 8
"""How late the persona's voice comes back, where it does."""


@dataclass
class Phrases:
    """What tones mean; also the rig's recogniser, voice and detectors."""

    texts: list[str] = field(default_factory=list)
    transcribed: int = 0
    broken: bool = False
    """Recognition and turn detection fail."""
    confidence: float = -0.2
    """The recogniser's, in all that it hears."""

    def tone(self, text: str, ms: int) -> Pcm16:
        """The lead's voice saying `text` for `ms`."""
        self.texts.append(text)
        square = np.where(np.arange(ms * MS) % 16 < 8, 1, -1)
        return (square * LEVEL * len(self.texts)).astype(np.int16)

    def transcribe(self, pcm: Pcm16, hints: Sequence[str] = ()) -> Transcript:
        """Hears every tone once, in order."""
        self.transcribed += 1
        self._check()
        levels = np.rint(np.abs(pcm.astype(np.float64)) / LEVEL).astype(int)
        heard = [level for level in dict.fromkeys(levels) if level > 0 and (levels == level).sum() > 20 * MS]
        return Transcript(" ".join(self.texts[level - 1] for level in heard), self.confidence, 0.0)

    def synthesize(self, text: str) -> Pcm16:
        """60 ms a word."""
        return np.full(60 * MS * max(1, len(text.split())), 3000, np.int16)

    def _check(self) -> None:
        if self.broken:
            raise OSError("the model is gone")

    def probability(self, pcm: Pcm16) -> float:
        """The turn is always over, as far as prosody goes."""
        self._check()
        return 0.9

    def stream(self) -> None:
        """The rig's voice detector has no memory."""

    def hear(self, streams: Sequence[None], windows: Pcm16) -> list[float]:
        """Loud is speech, and what is soft might be."""
        loudness = [np.abs(window).mean() for window in windows]
        return [0.95 if one > 0.4 * LEVEL else 0.5 if one > BREATH / 2 else 0.02 for one in loudness]


class Line:
    """The carrier's end: 20 ms each way at the loop's pace, a play-out buffer, marks echoed as Twilio echoes them."""

    call, stream = "CA1", "MZ1"

    def __init__(self) -> None:
        self._voice = np.zeros(0, np.int16)
        self._buffer: list[bytes | Mark] = []
        self._echoes: list[LegEvent] = []
        self._hung_up = False
        self.closed = False
        self.heard_ms = 0
        self.cleared = 0
        self.returns = 0.0
        """How loud the persona's voice comes back to her, against what was played."""
        self._coming_back = [np.zeros(160, np.int16)] * ECHO_FRAMES

    def speak(self, pcm: Pcm16) -> None:
        """The lead says something, after what he is saying."""
        self._voice = np.concatenate((self._voice, pcm))

    def press(self, digit: str) -> None:
        """The lead presses a key."""
        self._echoes.append(Digit(digit))

    def hang_up(self) -> None:
        """The lead hangs up."""
        self._hung_up = True

    @property
    def agent_speaking(self) -> bool:
        """Whether the lead hears the persona."""
        return bool(self._buffer)

    async def listen(self, hear: Callable[[LegEvent], None]) -> None:
        """Tells of all events."""
        async for event in self._events():
            hear(event)

    async def _events(self) -> AsyncIterator[LegEvent]:
        """Frames on absolute deadlines, marks as they are reached."""
        clock = asyncio.get_running_loop().time
        tick, timestamp = clock(), 0
        while not self._hung_up and not self.closed:
            frame, self._voice = self._voice[:160], self._voice[160:]
            padded = np.concatenate((frame, np.zeros(160 - len(frame), np.int16)))
            padded += (self._coming_back.pop(0) * self.returns).astype(np.int16)
            yield Media(mulaw.encode(padded), timestamp, timestamp // 20 + 1)
            self._play()
            while self._echoes:
                yield self._echoes.pop(0)
            timestamp += 20
            tick += 0.02
            await asyncio.sleep(max(0.0, tick - clock()))
        if self._hung_up:
            yield Stopped()

    def _play(self) -> None:
        played = bytes([mulaw.SILENCE]) * 160
        if self._buffer and isinstance(frame := self._buffer[0], bytes):
            played = frame
            self._buffer.pop(0)
            self.heard_ms += 20
        self._coming_back.append(mulaw.decode(played))
        while self._buffer and isinstance(self._buffer[0], Mark):
            self._echo(self._buffer.pop(0))

    def _echo(self, item: bytes | Mark) -> None:
        if isinstance(item, Mark):
            self._echoes.append(MarkPlayed(item))

    def send(self, item: bytes | Mark) -> None:
        """Takes audio or a mark."""
        if isinstance(item, Mark):
            self._buffer.append(item)
        else:
            self._buffer += [item[at : at + 160] for at in range(0, len(item), 160)]

    def clear(self) -> None:
        """Throws the buffer away and echoes its marks."""
        self.cleared += 1
        for item in self._buffer:
            self._echo(item)
        self._buffer.clear()

    async def close(self) -> None:
        """The server ends the connection."""
        self.closed = True


class Script:
    """A brain that answers by a table, and remembers what it was asked."""

    def __init__(self, replies: Callable[[str], Sequence[Move]]) -> None:
        self._replies = replies
        self.asked: list[str] = []
        self.heard_to_end: list[bool] = []

    async def reply(self, snapshot: Snapshot, utterance: Utterance) -> AsyncIterator[Move]:
        """The moves for an utterance."""
        self.asked.append(utterance.text)
        self.heard_to_end.append(snapshot.heard_to_end)
        for move in self._replies(utterance.text):
            yield move


class Patient(Engines):
    """Engines whose work takes no time of an accelerated loop, and so is never too late."""

    def __post_init__(self) -> None:
        """Makes the pools."""
        super().__post_init__()
        self._pool.run = timeless(self._pool.run)  # type: ignore[method-assign]


class Rig:
    """A call in progress."""

    def __init__(self, record: Record, brain: Script, campaign_file: Path, before: Sequence[Event] = ()) -> None:
        self._before = before
        self.phrases = Phrases()
        self.line = Line()
        self.brain = brain
        self.record = record
        phrases = self.phrases
        self.engines = engines = Patient(stt=phrases, tts=phrases, turn_detector=phrases, vad=phrases)
        self.campaign = load_campaign(campaign_file)
        services = SimpleNamespace(
            record=record,
            brain=cast("Brain", brain),
            engines=engines,
            pacer=Pacer(),
            clock=lambda: NOW,
            docket=_Quiet(),
            errands=Errands(),
        )
        services.real_time = lambda due: due
        self._services = cast("Services", services)

    async def __aenter__(self) -> "Rig":
        placed = CallPlaced(id="placed", at=NOW, call="CA1", effect="dial:1", permit=PermitKind.REQUESTED_TIME)
        await self.record.append(CID, lead_arrived(), consent(Scope.SMS, Scope.AI_VOICE), placed, *self._before)
        view = await self.record.view(CID)
        call = LiveCall(self._services, self.line, CID, view, self.campaign)
        self._task = asyncio.create_task(call.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.line.hang_up()
        await self._task

    async def until(self, condition: Callable[[], bool], seconds: float = 30) -> None:
        """Lets the call run until something is so."""
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110 - the condition is a test's, nothing announces it
                await asyncio.sleep(0.01)

    async def quiet(self, ms: int = 400) -> None:
        """Lets the persona speak until it has been silent for a while."""
        await self.until(lambda: self.line.agent_speaking)
        silent = 0
        async with asyncio.timeout(60):
            while silent < ms:
                await asyncio.sleep(0.02)
                silent = 0 if self.line.agent_speaking else silent + 20

    async def breathe(self, ms: int) -> None:
        """The lead's voice fades: a sound without words, behind what he is saying."""
        square = np.where(np.arange(ms * MS) % 16 < 8, BREATH, -BREATH)
        self.line.speak(square.astype(np.int16))
        await asyncio.sleep(ms / 1000)

    async def say(self, text: str, ms: int = 600) -> None:
        """The lead says a phrase and is done."""
        self.line.speak(self.phrases.tone(text, ms))
        await asyncio.sleep(ms / 1000)

    async def over(self) -> None:
        """Waits until the server has ended the call."""
        await self._task


class _Quiet:
    """A queue of wake-ups nobody listens to: these tests look at the record."""

    def replace(self, *_: object) -> Callable[..., object]:
        """Takes a wake-up."""

        async def taken(*_: object) -> None:
            return None

        return taken
