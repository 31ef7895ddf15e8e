"""Threads that compute give way."""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from audio import pool
from audio.background import NICENESS, give_way
from audio.engines import ModelError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="threads have no niceness of their own")


def niceness() -> int:
    """Of the thread that asks."""
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def test_a_thread_gives_way_and_no_other_does() -> None:
    """The event loop's keeps its place."""
    before = niceness()
    with ThreadPoolExecutor(1, initializer=give_way) as threads:
        assert threads.submit(niceness).result() == max(before, NICENESS)
        assert niceness() == before


def test_what_engines_start_while_they_load_gives_way_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A recogniser computes in threads of its own, which are as nice as the one that starts them."""
    found: list[int] = []

    def missing() -> None:
        with ThreadPoolExecutor(1) as threads:
            found.append(threads.submit(niceness).result())
        raise ModelError("not here")

    monkeypatch.setattr(pool, "SileroModel", missing)
    with pytest.raises(ModelError, match="not here"):
        pool.load_engines()
    assert found == [max(niceness(), NICENESS)]
