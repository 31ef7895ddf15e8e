"""The table of slots, as one process and as several use it."""

import multiprocessing
import os
import signal
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from telephony.process.slots import Slots


def test_the_last_slot_goes_to_one() -> None:
    """It is taken and counted in one step."""
    slots = Slots()
    assert [slots.take(key, 60, most=2) for key in "abc"] == [True, True, False]
    slots.release("a")
    assert slots.take("c", 60, most=2)


def test_a_hold_never_shortens_one() -> None:
    """Nor takes a call that is live its slot."""
    slots = Slots()
    slots.hold("a", 60)
    slots.hold("a", 30)
    slots.begin("b")
    slots.hold("b", 30)
    slots.forget(59)
    assert (slots.taken(), slots.live()) == (2, 1)
    slots.forget(60)
    assert not slots.has("a")
    assert slots.has("b")


def test_a_name_that_is_taken_keeps_what_it_holds() -> None:
    """A dial's call may have its audio before its dial has its answer."""
    slots = Slots()
    slots.take("dial", 60, most=9)
    slots.begin("CA1")
    slots.rename("dial", "CA1")
    assert (slots.taken(), slots.live()) == (1, 1)


def hold(file: Path, told: Connection) -> None:
    """Another process: it has a live call, and waits to be killed."""
    slots = Slots(file)
    slots.begin("theirs")
    told.send(slots.taken())
    signal.pause()


def test_processes_share_slots_and_survive_each_other(tmp_path: Path) -> None:
    """What another holds counts; what one held that was killed is kept for a while, and then free."""
    slots = Slots(tmp_path / "slots")
    slots.take("ours", 60, most=2)
    spawning = multiprocessing.get_context("spawn")
    heard, told = spawning.Pipe()
    other = spawning.Process(target=hold, args=(tmp_path / "slots", told))
    other.start()
    assert heard.recv() == 2
    assert not slots.take("more", 60, most=2)
    assert slots.live() == 0  # it is theirs
    assert other.pid is not None
    os.kill(other.pid, signal.SIGKILL)
    other.join()
    slots.forget(1e9)
    assert slots.has("theirs")
    slots.bereave(other.pid, 90)
    slots.forget(89)
    assert slots.has("theirs")
    slots.forget(90)
    assert slots.taken() == 0


def test_a_call_that_goes_on_elsewhere_is_not_ended_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The slot belongs to whoever has the audio now."""
    here = Slots(tmp_path / "slots")
    here.begin("a")
    monkeypatch.setattr(os, "getpid", lambda: 1)
    there = Slots(tmp_path / "slots")
    there.begin("a")
    here.end("a", 30)
    here.forget(31)
    assert (here.taken(), here.live(), there.live()) == (1, 0, 1)
