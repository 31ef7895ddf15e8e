import asyncio
import fcntl
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis

from state import embedded
from state.embedded import EmbeddedError, EmbeddedValkey
from state.store import Record
from tests.happenings import text_received

CID = "c0ffee"


@contextmanager
def client(url: str) -> Iterator[Redis]:
    """A plain client of a server."""
    with Redis.from_url(url, decode_responses=True) as redis:
        yield redis


def append_and_read(url: str, n: int) -> list[str]:
    """Appends the n-th text; returns the ids of all."""

    async def run() -> list[str]:
        record = Record.connect(url)
        await record.append(CID, text_received(n))
        entries = await record.log(CID)
        await record.close()
        return [event.id for _, event in entries]

    return asyncio.run(run())


def is_locked(path: Path) -> bool:
    """Whether some process holds a lock file."""
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def script(binary: Path, text: str) -> Path:
    """A shell script in place of a server."""
    binary.write_text(f"#!/bin/sh\n{text}\n")
    binary.chmod(0o755)
    return binary


def test_data_survives_a_restart(tmp_path: Path) -> None:
    """What was appended before a stop is there after the next start."""
    with EmbeddedValkey(tmp_path) as valkey:
        assert append_and_read(valkey.url, 1) == ["sms:1"]
    with EmbeddedValkey(tmp_path) as valkey:
        assert append_and_read(valkey.url, 2) == ["sms:1", "sms:2"]


def test_data_survives_a_kill(tmp_path: Path) -> None:
    """A server that was killed has written what it had answered."""
    valkey = EmbeddedValkey(tmp_path)
    append_and_read(valkey.start(), 1)
    with client(valkey.url) as redis:
        os.kill(redis.info("server")["process_id"], signal.SIGKILL)
    valkey.stop()
    with EmbeddedValkey(tmp_path) as again:
        assert append_and_read(again.url, 2) == ["sms:1", "sms:2"]


def test_server_keeps_its_data_and_refuses_to_forget(tmp_path: Path) -> None:
    """Append-only, flushed every second, no eviction, on loopback only."""
    with EmbeddedValkey(tmp_path) as valkey, client(valkey.url) as redis:
        options = {
            name: redis.config_get(name)[name] for name in ("appendonly", "appendfsync", "maxmemory-policy", "bind")
        }
    assert options == {
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
        "bind": "127.0.0.1",
    }


def test_directory_is_made_for_this_user_only(tmp_path: Path) -> None:
    """The data directory and those above it are made; others cannot look into it. Odd names are fine."""
    directory = tmp_path / "deep" / 'a "quoted" dir'
    with EmbeddedValkey(directory):
        assert directory.stat().st_mode & 0o777 == 0o700


def test_port_can_be_chosen(tmp_path: Path) -> None:
    """A server takes the port it is given, also right after another left it."""
    with EmbeddedValkey(tmp_path) as valkey:
        port = int(valkey.url.rpartition(":")[2])
        append_and_read(valkey.url, 1)
    with EmbeddedValkey(tmp_path, port) as valkey:
        assert valkey.url == f"redis://127.0.0.1:{port}"


def test_taken_port_is_named(tmp_path: Path) -> None:
    """A port in use is an error that names it, and nothing is left running."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(EmbeddedError, match=f"port {port} on 127.0.0.1 cannot be used"):
            EmbeddedValkey(tmp_path, port).start()
    assert not is_locked(tmp_path / "valkey.lock")


def test_second_start_finds_the_first(tmp_path: Path) -> None:
    """One directory has one server: who comes second uses it and leaves it running."""
    with EmbeddedValkey(tmp_path) as first:
        with EmbeddedValkey(tmp_path) as second:
            assert second.url == first.url
            assert (first.owned, second.owned) == (True, False)
        with client(first.url) as redis:
            assert redis.ping()
    assert not is_locked(tmp_path / "valkey.lock")


STARTER = """
import os, signal, sys
from pathlib import Path
from state.embedded import EmbeddedValkey

valkey = EmbeddedValkey(Path(sys.argv[1]))
print(valkey.start(), valkey.owned, flush=True)
if sys.argv[2] == "die":
    os.kill(os.getpid(), signal.SIGKILL)
"""


def start_elsewhere(directory: Path, then: str) -> tuple[str, bool]:
    """Starts or finds a server in another process, which then dies or exits; its URL, and whether it was owned."""
    done = subprocess.run(
        [sys.executable, "-c", STARTER, directory, then], stdout=subprocess.PIPE, text=True, check=False
    )
    url, owned = done.stdout.split()
    return url, owned == "True"


def test_second_process_finds_the_first(tmp_path: Path) -> None:
    """The same holds between processes."""
    with EmbeddedValkey(tmp_path) as valkey:
        assert start_elsewhere(tmp_path, "exit") == (valkey.url, False)
        with client(valkey.url) as redis:
            assert redis.ping()


def test_processes_that_start_at_once_share_a_server(tmp_path: Path) -> None:
    """Of processes that start at the same instant, one starts the server and the others find it."""
    command = [sys.executable, "-c", STARTER, str(tmp_path), "die"]
    starters = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    urls = {starter.communicate()[0].split()[0] for starter in starters}
    assert len(urls) == 1
    with EmbeddedValkey(tmp_path) as valkey:
        assert valkey.url in urls


def test_exit_stops_the_server(tmp_path: Path) -> None:
    """A process that ends without stopping its server takes it along."""
    start_elsewhere(tmp_path, "exit")
    assert not is_locked(tmp_path / "valkey.lock")


def test_orphan_is_adopted(tmp_path: Path) -> None:
    """A server whose starter was killed goes on; the next to come uses it, owns it and stops it."""
    url, _ = start_elsewhere(tmp_path, "die")
    assert is_locked(tmp_path / "valkey.lock")
    with EmbeddedValkey(tmp_path) as valkey:
        assert valkey.url == url
        assert valkey.owned
    assert not is_locked(tmp_path / "valkey.lock")


def test_stale_address_is_not_believed(tmp_path: Path) -> None:
    """An old `valkey.url` that leads to another directory's server is not used."""
    other, mine = tmp_path / "other", tmp_path / "mine"
    mine.mkdir()
    with EmbeddedValkey(other) as stranger:
        (mine / "valkey.url").write_text(stranger.url)
        with EmbeddedValkey(mine) as valkey:
            assert valkey.url != stranger.url
            assert (mine / "valkey.url").read_text() == valkey.url


def test_silent_holder_of_the_lock_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that holds the directory and does not answer is never doubled: that would ruin the data."""
    with (tmp_path / "valkey.lock").open("ab") as holder, monkeypatch.context() as impatient:
        impatient.setattr(embedded, "READY_S", 0.05)
        fcntl.flock(holder, fcntl.LOCK_EX)
        with pytest.raises(EmbeddedError, match="does not answer"):
            EmbeddedValkey(tmp_path).start()
    with EmbeddedValkey(tmp_path) as valkey:
        assert valkey.owned


def test_ctrl_c_does_not_reach_the_server(tmp_path: Path) -> None:
    """The server is not in our process group, so it outlives what still has to be written to it."""
    with EmbeddedValkey(tmp_path) as valkey, client(valkey.url) as redis:
        assert os.getpgid(redis.info("server")["process_id"]) != os.getpgid(0)


def test_binary_that_cannot_run(tmp_path: Path) -> None:
    """A binary for another machine, say, is an error that names it and the way out."""
    binary = tmp_path / "valkey-server"
    binary.write_bytes(b"\x7fELF not for this machine")
    binary.chmod(0o755)
    with pytest.raises(EmbeddedError, match=r"valkey-server cannot be run .*SEGUE_REDIS_URL"):
        EmbeddedValkey(tmp_path / "data", binary=binary).start()
    assert not is_locked(tmp_path / "data" / "valkey.lock")


def test_missing_binary(tmp_path: Path) -> None:
    """So is one that is not there."""
    with pytest.raises(EmbeddedError, match=r"none cannot be run \(No such file"):
        EmbeddedValkey(tmp_path / "data", binary=tmp_path / "none").start()


def test_server_that_ends_at_once(tmp_path: Path) -> None:
    """A server that dies while it starts is quoted."""
    binary = script(tmp_path / "valkey-server", "echo cannot find libssl.so.3; exit 127")
    with pytest.raises(EmbeddedError, match=r"code 127: cannot find libssl\.so\.3"):
        EmbeddedValkey(tmp_path / "data", binary=binary).start()


def test_server_that_never_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that hangs while it starts is given up and ended."""
    monkeypatch.setattr(embedded, "READY_S", 0.05)
    binary = script(tmp_path / "valkey-server", "exec sleep 60")
    with pytest.raises(EmbeddedError, match="did not answer"):
        EmbeddedValkey(tmp_path / "data", binary=binary).start()
    assert not is_locked(tmp_path / "data" / "valkey.lock")


def test_directory_that_cannot_be_used(tmp_path: Path) -> None:
    """A data directory that is a file, say, is an error that names it."""
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddedError, match=r"file/data cannot be used: Not a directory"):
        EmbeddedValkey(tmp_path / "file" / "data").start()


def test_starting_and_stopping_twice(tmp_path: Path) -> None:
    """A second start changes nothing, nor does a second stop; between them there is no URL."""
    valkey = EmbeddedValkey(tmp_path)
    assert valkey.start() == valkey.start()
    valkey.stop()
    valkey.stop()
    with pytest.raises(RuntimeError, match="not started"):
        _ = valkey.url
    valkey.start()
    valkey.stop()
