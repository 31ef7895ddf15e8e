"""The port a server listens on: asked for before anything is loaded, so that one that is taken is told of at once."""

import errno
import socket
from contextlib import ExitStack
from typing import Any

REASONS = {
    errno.EADDRINUSE: "another process has it. End that one, or set SEGUE_PORT to another port",
    errno.EACCES: "ports below 1024 are for root. Set SEGUE_PORT to a higher one and put a proxy before it",
    errno.EADDRNOTAVAIL: "this machine has no such address. Set SEGUE_HOST to one of its own, or to 0.0.0.0 for all",
}


class PortError(Exception):
    """The port cannot be had. Says why and what to do."""


def bind(host: str, port: int) -> list[socket.socket]:
    """A socket for each address a host name stands for, bound to the port and not listening yet.

    Whoever connects before they listen is refused, so a balancer notices that the server is not there yet.

    Raises:
        PortError: if the name is unknown or the port cannot be had at one of its addresses.
    """
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise PortError(f"SEGUE_HOST={host} is no address of this machine ({error.strerror}); try 127.0.0.1") from error
    wanted = list(dict.fromkeys((family, address) for family, *_, address in found))
    with ExitStack() as stack:
        bound: list[socket.socket] = []
        for at, (family, address) in enumerate(wanted, 1):
            try:
                bound.append(stack.enter_context(_bound(family, address)))
            except _AbsentError:
                if at == len(wanted) and not bound:  # `localhost` may name an IPv6 address where there is no IPv6
                    raise
        stack.pop_all()
        return bound


class _AbsentError(PortError):
    """The machine has no such address."""


def _bound(family: int, address: tuple[Any, ...]) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that a former server left
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # the other family has its own
        listener.bind(address)
    except OSError as error:
        listener.close()
        reason = REASONS.get(error.errno or 0, f"{error.strerror}. Set SEGUE_HOST and SEGUE_PORT to others")
        kind = _AbsentError if error.errno == errno.EADDRNOTAVAIL else PortError
        raise kind(f"port {address[1]} at {address[0]} cannot be had: {reason}") from error
    listener.set_inheritable(True)  # by workers
    return listener
