"""Keeps the audio of calls, for campaigns that ask for it: what the lead said on the left, what he heard on the right.

    data/audio/{campaign}/{conversation}/{call}-{stream}.part     while the call is on: nobody is shown it
                                                        .wav      afterwards

A recording is shown only after the whole of what was said is in the record, which decides what becomes of it: a lead
who does not want to be recorded has all of the call's audio deleted, and a turn in which a number was masked is
silenced. Files are kept for as many days as their campaign says, and none of a campaign that is gone or says nothing.
They stay on the server that had the call.
"""

import asyncio
import re
import shutil
import time
import wave
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import numpy as np
import structlog

from agent.campaign import Campaign
from agent.guard.sensitive import was_masked
from audio import mulaw
from audio.engines import TELEPHONE_RATE
from audio.playout import Mark
from state.errors import RecordError
from state.events import CallEnded, Event, LeadSaid
from state.fold import fold_all
from state.view import View
from telephony.leg import Leg, LegEvent, Media
from telephony.services import Services

log = structlog.get_logger(__name__)

DIRECTORY = "audio"
WRITE_EVERY_S = 5.0
SWEEP_EVERY_S = 60.0
LEFT_BEHIND_S = 60.0
"""A part nobody has written to for so long has lost its call: its server died, or the record was away."""
DAY_S = 86_400
_PER_MS = TELEPHONE_RATE // 1000
_SILENCE = b"\xff"
"""μ-law for no sound."""
_BYTES = 4
"""Of one sample of both sides."""


@asynccontextmanager
async def recorded(services: Services, leg: Leg, cid: str, view: View, campaign: Campaign) -> AsyncIterator[Leg]:
    """The leg to talk on; what passes through it is kept if the campaign wants it and the lead did not refuse."""
    if campaign.keep_audio_days is None or view.known("recording_ok") is False:
        yield leg
        return
    folder = folder_of(services.settings.data, campaign.id, cid)
    recorder = Recorder(folder / f"{_safe(leg.call)}-{_safe(leg.stream)}.part")
    async with recorder:
        yield RecordedLeg(leg, recorder)
    await settle(services, cid, recorder.path)


class Recorder:
    """Writes one connection's audio behind its back, some seconds at a time.

    Time is the lead's audio: each of his samples takes one of ours, of what was sent and not cleared, as the carrier's
    buffer plays them.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lead, self._ours, self._ahead = bytearray(), bytearray(), bytearray()
        self._task: asyncio.Task[None] | None = None

    def heard(self, ulaw: bytes, lost_ms: int = 0) -> None:
        """A frame of the lead's, and how much was lost before it."""
        if lost_ms:
            self._lead += _SILENCE * (lost_ms * _PER_MS)
        self._lead += ulaw

    def sent(self, ulaw: bytes) -> None:
        """Audio of ours, which the carrier plays after what it has."""
        self._play()
        self._ahead += ulaw

    def cleared(self) -> None:
        """What the carrier had not played yet is not heard."""
        self._play()
        self._ahead.clear()

    def _play(self) -> None:
        """Brings our side up to the lead's: the carrier has played so much of what it had, and nothing after that."""
        due = len(self._lead) - len(self._ours)
        played = self._ahead[:due]
        del self._ahead[:due]
        self._ours += played + _SILENCE * (due - len(played))

    async def __aenter__(self) -> "Recorder":
        self._task = asyncio.create_task(self._write_behind(), name="recorder")
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None, "only after it was entered"
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        await self._write()

    async def _write_behind(self) -> None:
        while True:
            await asyncio.sleep(WRITE_EVERY_S)
            await self._write()

    async def _write(self) -> None:
        self._play()
        lead, ours = bytes(self._lead), bytes(self._ours)
        del self._lead[: len(lead)], self._ours[: len(ours)]
        if not lead:
            return
        try:
            # Shielded: a write that was begun goes on to its end, also when its call ends in the middle of it.
            await asyncio.shield(asyncio.to_thread(append_stereo, self.path, lead, ours))
        except OSError as error:
            log.error("call audio not kept", error=type(error).__name__)


class RecordedLeg:
    """A leg whose audio is kept as it passes."""

    def __init__(self, leg: Leg, recorder: Recorder) -> None:
        self._leg = leg
        self._recorder = recorder
        self.call = leg.call
        self.stream = leg.stream

    async def listen(self, hear: Callable[[LegEvent], None]) -> None:
        """Passes on what the carrier tells us."""

        def keep(event: LegEvent) -> None:
            if isinstance(event, Media):
                self._recorder.heard(event.ulaw, event.lost_ms)
            hear(event)

        await self._leg.listen(keep)

    def send(self, item: bytes | Mark) -> None:
        """Sends audio or a mark."""
        self._leg.send(item)
        if isinstance(item, bytes):
            self._recorder.sent(item)

    def clear(self) -> None:
        """Throws away what the carrier has buffered."""
        self._recorder.cleared()
        self._leg.clear()

    async def close(self) -> None:
        """Ends the media connection."""
        await self._leg.close()


def append_stereo(path: Path, lead: bytes, ours: bytes) -> None:
    """Adds μ-law of both sides, equally long, to a stereo WAV file, which is whole after each time."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    samples = np.stack([mulaw.decode(lead), mulaw.decode(ours)], axis=1).astype("<i2")
    if not path.exists():
        with wave.open(str(path), "wb") as new:
            new.setnchannels(2)
            new.setsampwidth(2)
            new.setframerate(TELEPHONE_RATE)
            new.writeframes(samples.tobytes())
        path.chmod(0o600)
        return
    with path.open("r+b") as file:
        file.seek(0, 2)
        file.write(samples.tobytes())
        size = file.tell()
        for at, value in ((4, size - 8), (_HEADER - 4, size - _HEADER)):
            file.seek(at)
            file.write(value.to_bytes(4, "little"))


_HEADER = 44
"""Bytes before the samples in a WAV file as `wave` writes it."""


# What becomes of it --------------------------------------------------------------------------------------------------


async def settle(services: Services, cid: str, part: Path, *, left_behind: bool = False) -> None:
    """Decides what becomes of a part, once the record has the end of its connection; else it is left for the sweep.

    One that was left behind may never have an end in the record: what is there decides.
    """
    call, _, stream = part.stem.partition("-")
    try:
        events = [event for _, event in await services.record.log(cid)]
    except RecordError:
        return
    ended = any(isinstance(event, CallEnded) and _safe(event.stream or "") == stream for event in events)
    if ended or left_behind:
        await asyncio.to_thread(finish, part, call, events)


def finish(part: Path, call: str, events: Iterable[Event]) -> None:
    """Deletes a part whose lead refused; else silences what must not be kept in it, and lets it be shown."""
    events = list(events)
    if fold_all(View(), events).known("recording_ok") is False:
        part.unlink(missing_ok=True)
        log.info("call audio deleted, the lead refused", call=call)
        return
    if not part.exists():
        return
    for said in events:
        if isinstance(said, LeadSaid) and _safe(said.call) == call and was_masked(said.text):
            silence(part, said.start_ms, said.end_ms)
    part.rename(part.with_suffix(".wav"))


def silence(path: Path, start_ms: int, end_ms: int) -> None:
    """Takes both sides out of a stretch of a recording."""
    with path.open("r+b") as file:
        size = file.seek(0, 2)
        start = min(_HEADER + start_ms * _PER_MS * _BYTES, size)
        end = min(_HEADER + end_ms * _PER_MS * _BYTES, size)
        file.seek(start)
        file.write(bytes(end - start))


@asynccontextmanager
async def keeping(services: Services) -> AsyncIterator[None]:
    """Until the block ends, settles what a crash left behind and deletes what was kept long enough."""
    task = asyncio.create_task(_keep(services), name="recordings")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _keep(services: Services) -> None:
    while True:
        try:
            await sweep(services, time.time())
        except OSError as error:
            log.error("recordings not looked after", error=type(error).__name__)
        await asyncio.sleep(SWEEP_EVERY_S)


async def sweep(services: Services, now: float) -> None:
    """One look at all recordings of this server. `now` is in seconds since the epoch, as files' times are."""
    root = services.settings.data / DIRECTORY
    await asyncio.to_thread(delete_expired, root, services.campaigns, now)
    for part in await asyncio.to_thread(lambda: sorted(root.glob("*/*/*.part"))):
        if _age(part, now) > LEFT_BEHIND_S:
            await settle(services, part.parent.name, part, left_behind=True)


def delete_expired(root: Path, campaigns: Mapping[str, Campaign], now: float) -> None:
    """Deletes what its campaign does not want kept any more."""
    by_folder = {_safe(name): campaign for name, campaign in campaigns.items()}
    for file in root.glob("*/*/*.*"):
        campaign = by_folder.get(file.parent.parent.name)
        days = campaign.keep_audio_days if campaign is not None else None
        if days is None or _age(file, now) > days * DAY_S:
            file.unlink(missing_ok=True)
            log.info("call audio deleted, its time is over", conversation=file.parent.name)


def forget_audio(data: Path, cid: str) -> None:
    """Deletes every recording of a conversation on this server."""
    for folder in (data / DIRECTORY).glob(f"*/{_safe(cid)}"):
        shutil.rmtree(folder)


def recordings(data: Path, campaign: str, cid: str) -> dict[str, list[str]]:
    """Names of the recordings of a conversation that may be shown, by call, oldest first."""
    found: dict[str, list[str]] = {}
    files = sorted(folder_of(data, campaign, cid).glob("*.wav"), key=lambda file: file.stat().st_mtime)
    for file in files:
        found.setdefault(file.stem.partition("-")[0], []).append(file.name)
    return found


def folder_of(data: Path, campaign: str, cid: str) -> Path:
    """Where the recordings of a conversation are."""
    return data / DIRECTORY / _safe(campaign) / _safe(cid)


def _safe(name: str) -> str:
    """A carrier's id as part of a file's name."""
    return re.sub(r"[^A-Za-z0-9_]", "_", name)[:64]


def _age(path: Path, now: float) -> float:
    try:
        return now - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
