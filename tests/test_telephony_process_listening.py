"""The port: had at once, or told at once why not."""

import socket

import pytest

from state.ports import free_port
from telephony.process.listening import PortError, bind


def test_a_port_that_is_taken_is_told_of() -> None:
    """With its number, and with what to do."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortError, match=rf"port {port} at 127.0.0.1 .* another process .* SEGUE_PORT"):
            bind("127.0.0.1", port)


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-name.invalid"])
def test_an_address_that_is_not_ours_is_told_of(host: str) -> None:
    """Before anything is loaded for it."""
    with pytest.raises(PortError, match="SEGUE_HOST"):
        bind(host, free_port())


def test_who_connects_before_the_server_listens_is_refused() -> None:
    """A balancer takes that for what it is; waiting would look like a server that hangs."""
    port = free_port()
    (bound,) = bind("127.0.0.1", port)
    with bound, pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_every_address_of_a_name_is_had() -> None:
    """`localhost` is two where there is IPv6; what it is not here is left out."""
    listeners = bind("localhost", free_port())
    assert listeners
    for listener in listeners:
        with listener:
            assert listener.getsockname()[0] in {"127.0.0.1", "::1"}
