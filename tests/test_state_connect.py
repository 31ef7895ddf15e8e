import pytest
from redis.asyncio import SSLConnection, UnixDomainSocketConnection
from redis.asyncio.connection import Connection

from state.connect import TIMEOUT_S, connect


@pytest.mark.parametrize(
    ("url", "connection"),
    [
        ("redis://127.0.0.1:6379/2", Connection),
        ("rediss://:secret@redis.example:6380", SSLConnection),
        ("unix:///run/redis.sock", UnixDomainSocketConnection),
    ],
)
def test_url_forms(url: str, connection: type[Connection]) -> None:
    """Plain, TLS and Unix-socket URLs are understood."""
    assert connect(url).connection_pool.connection_class is connection


def test_a_call_never_waits_long() -> None:
    """Short time-outs and one retry, in place of redis-py's 5 s and ten."""
    options = connect("redis://127.0.0.1").connection_pool.connection_kwargs
    assert options["socket_timeout"] == options["socket_connect_timeout"] == TIMEOUT_S
    assert options["retry"].get_retries() == 1


@pytest.mark.parametrize("url", ["http://:secret@127.0.0.1", "127.0.0.1:6379", ""])
def test_other_urls_are_refused_without_quoting_them(url: str) -> None:
    """The error names the kinds that work and never a password."""
    with pytest.raises(ValueError, match="redis://, rediss://, unix://") as caught:
        connect(url)
    assert "secret" not in str(caught.value)
