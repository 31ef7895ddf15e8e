"""The audio of calls: kept only where it is wanted, as it was heard, without what must not be kept."""

import os
import wave
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agent.campaign import Campaign
from audio import mulaw
from audio.playout import Mark
from state.events import CallEnded, Event, FactLearned, LeadSaid
from state.store import Record, RecordUnavailable
from telephony.leg import LegEvent, Media
from telephony.live.recording import (
    DAY_S,
    LEFT_BEHIND_S,
    Recorder,
    delete_expired,
    folder_of,
    forget_audio,
    recorded,
    recordings,
    silence,
    sweep,
)
from tests.happenings import NOW
from tests.telephony_kit import CAMPAIGN, CID, TestServices, open_services, settings

pytestmark = pytest.mark.anyio

KEPT = CAMPAIGN.model_copy(update={"keep_audio_days": 7})
FRAME = 160
ENDED = CallEnded(id="ended:MZ1", at=NOW, call="CA1", stream="MZ1", cause="lead_hung_up", heard_ms=100)
REFUSED = FactLearned(id="f", at=NOW, key="recording_ok", value=False, source="s")
LEADS, OURS = mulaw.encode(np.full(FRAME, 8000, np.int16)), mulaw.encode(np.full(FRAME, -4000, np.int16))


class Line:
    """A leg whose lead says the same in each of five frames."""

    call = "CA1"
    stream = "MZ1"

    def __init__(self) -> None:
        self.out: list[bytes | Mark] = []
        self.during: Callable[[int], None] = lambda frame: None

    async def listen(self, hear: Callable[[LegEvent], None]) -> None:
        """Five frames."""
        for frame in range(5):
            self.during(frame)
            hear(Media(LEADS, 20 * frame, frame + 1))

    def send(self, item: bytes | Mark) -> None:
        """Takes what is sent."""
        self.out.append(item)

    def clear(self) -> None:
        """Has no buffer."""

    async def close(self) -> None:
        """Is gone."""


@pytest.fixture
async def kit(record: Record, valkey_url: str, tmp_path: Path) -> AsyncIterator[TestServices]:
    """A server with a disk of its own, and a lead in it."""
    async with open_services(record, valkey_url, campaign=KEPT) as opened:
        await opened.lead()
        yield replace(opened, services=replace(opened.services, settings=settings(data=tmp_path)))


async def call(kit: TestServices, *events: Event, campaign: Campaign = KEPT, ended: bool = True) -> Line:
    """A call of a tenth of a second in which two frames are sent ahead, and the second is cut."""
    line = Line()
    view = await kit.record.view(CID)
    async with recorded(kit.services, line, CID, view, campaign) as leg:
        line.during = lambda frame: [
            lambda: (leg.send(OURS), leg.send(OURS), leg.send(Mark(0, 1))),
            leg.clear,
            lambda: None,
            lambda: leg.send(OURS),
            lambda: None,
        ][frame]()  # type: ignore[func-returns-value]
        await leg.listen(lambda event: None)
        await kit.record.append(CID, *events, *([ENDED] if ended else []))
    return line


def kept(kit: TestServices) -> dict[str, list[str]]:
    """What may be shown."""
    return recordings(kit.services.settings.data, KEPT.id, CID)


def samples(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Both sides, in frames of 20 ms: the level of each."""
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (2, 8000, 2)
        both = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, FRAME, 2)
    levels = both.mean(axis=1).round(-3).astype(int)
    return levels[:, 0], levels[:, 1]


def file_of(kit: TestServices, suffix: str = "wav") -> Path:
    """The recording."""
    return folder_of(kit.services.settings.data, KEPT.id, CID) / f"CA1-MZ1.{suffix}"


async def test_a_call_is_kept_as_it_was_heard(kit: TestServices) -> None:
    """The lead left, ours right where the carrier's buffer played it, nothing of what was cleared."""
    line = await call(kit)
    assert kept(kit) == {"CA1": ["CA1-MZ1.wav"]}
    left, right = samples(file_of(kit))
    assert left.tolist() == [8000] * 5
    assert right.tolist() == [-4000, 0, 0, -4000, 0]
    assert len(line.out) == 4
    assert file_of(kit).stat().st_mode & 0o077 == 0


async def test_nothing_is_kept_unless_the_campaign_says_so(kit: TestServices) -> None:
    """No setting, no file."""
    await call(kit, campaign=CAMPAIGN)
    assert not (kit.services.settings.data / "audio").exists()


async def test_who_refused_is_not_recorded(kit: TestServices) -> None:
    """In later calls not even for a moment."""
    await kit.record.append(CID, REFUSED)
    await call(kit)
    assert not (kit.services.settings.data / "audio").exists()


async def test_who_refuses_in_mid_call_has_all_of_it_deleted(kit: TestServices) -> None:
    """Also what he said before."""
    await call(kit, REFUSED)
    assert not [*file_of(kit).parent.glob("*")]


async def test_a_number_that_was_masked_is_silenced(kit: TestServices) -> None:
    """In both sides, from the turn's first to its last sample."""
    said = LeadSaid(id="t1", at=NOW, call="CA1", turn=1, text="my card is [card]", start_ms=20, end_ms=60)
    await call(kit, said)
    assert samples(file_of(kit))[0].tolist() == [8000, 0, 0, 8000, 8000]


async def test_what_was_lost_on_the_way_keeps_its_time(tmp_path: Path) -> None:
    """As silence, as the ear hears it."""
    async with Recorder(tmp_path / "x.part") as recorder:
        recorder.heard(LEADS)
        recorder.heard(LEADS, lost_ms=40)
    assert samples(tmp_path / "x.part")[0].tolist() == [8000, 0, 0, 8000]


async def test_until_the_record_is_whole_nothing_is_shown(kit: TestServices) -> None:
    """A refusal may still be on its way; what a crash left behind is settled by the sweep, in time."""
    await call(kit, ended=False)
    assert kept(kit) == {}
    born = file_of(kit, "part").stat().st_mtime
    await sweep(kit.services, born + LEFT_BEHIND_S - 1)
    assert kept(kit) == {}
    await sweep(kit.services, born + LEFT_BEHIND_S + 1)
    assert kept(kit) == {"CA1": ["CA1-MZ1.wav"]}


async def test_without_the_record_nothing_is_settled(kit: TestServices, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows then whether he refused."""
    await call(kit, ended=False)

    async def gone(cid: str, after: int = 0) -> list[tuple[int, Event]]:
        raise RecordUnavailable("away")

    monkeypatch.setattr(kit.record, "log", gone)
    await sweep(kit.services, file_of(kit, "part").stat().st_mtime + DAY_S)
    assert kept(kit) == {}


async def test_recordings_go_when_their_time_is_over(kit: TestServices) -> None:
    """And at once when the campaign is gone, or does not keep any."""
    await call(kit)
    root, born = kit.services.settings.data / "audio", file_of(kit).stat().st_mtime
    delete_expired(root, {KEPT.id: KEPT}, born + 7 * DAY_S - 1)
    assert file_of(kit).exists()
    delete_expired(root, {KEPT.id: KEPT}, born + 7 * DAY_S + 1)
    assert not file_of(kit).exists()
    for campaigns in ({}, {KEPT.id: CAMPAIGN}):
        file_of(kit).write_bytes(b"")
        delete_expired(root, campaigns, born)
        assert not file_of(kit).exists()


async def test_a_forgotten_person_s_recordings_are_deleted(kit: TestServices) -> None:
    """Of this person, and of nobody else."""
    await call(kit)
    other = folder_of(kit.services.settings.data, KEPT.id, "other") / "CA2-MZ2.wav"
    other.parent.mkdir()
    other.write_bytes(b"")
    forget_audio(kit.services.settings.data, CID)
    assert (file_of(kit).exists(), other.exists()) == (False, True)


async def test_ids_lead_to_no_other_folder(kit: TestServices) -> None:
    """Whatever a carrier, or somebody in its place, calls a stream."""
    line = Line()
    line.stream = f"..{os.sep}..{os.sep}etc"
    async with recorded(kit.services, line, CID, await kit.record.view(CID), KEPT) as leg:
        await leg.listen(lambda event: None)
    [part] = (kit.services.settings.data / "audio").rglob("*.part")
    assert part.parent == file_of(kit).parent


def test_silencing_stays_within_the_file(tmp_path: Path) -> None:
    """A turn that ended after the audio did."""
    path = tmp_path / "x.wav"
    path.write_bytes(bytes(44) + b"\x01" * 4 * FRAME)
    silence(path, 10, 99_999)
    assert path.read_bytes() == bytes(44) + b"\x01" * 2 * FRAME + bytes(2 * FRAME)
