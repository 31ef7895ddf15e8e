"""Ports for servers of ours."""

import socket

import pytest

from state.ports import PORTS, free_port, usable_port


def test_a_free_port_is_none_that_systems_hand_out() -> None:
    """Between its choice and the server's start no connection of somebody else's takes it."""
    port = free_port()
    assert port in PORTS
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_a_port_that_is_taken_is_not_usable() -> None:
    """Whoever listens on it keeps it."""
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(OSError, match="in use"):
        usable_port("127.0.0.1", other.getsockname()[1])
