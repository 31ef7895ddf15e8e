"""Which port a server of ours may take."""

import random
import socket
from contextlib import suppress

PORTS = range(10_000, 32_768)
"""Below those that systems hand out: one of theirs may belong to somebody's connection before our server is there."""


def free_port(host: str = "127.0.0.1") -> int:
    """A port nobody listens on now, nor is likely to before a server has started.

    Raises:
        OSError: if there is none, or the host is no address of this machine.
    """
    for port in random.sample(PORTS, 100):
        with suppress(OSError):
            return usable_port(host, port)
    return usable_port(host, 0)


def usable_port(host: str, port: int) -> int:
    """The port, if a server may listen on it. Raises OSError if not."""
    with socket.socket() as probe:
        # As servers bind: connections that a former one left in TIME_WAIT do not matter.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
        usable: int = probe.getsockname()[1]
        return usable
