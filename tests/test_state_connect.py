import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from docket import Docket, Worker
from redis.asyncio import RedisCluster, SSLConnection, UnixDomainSocketConnection
from redis.asyncio.connection import Connection
from redis.asyncio.sentinel import SentinelManagedConnection, SentinelManagedSSLConnection

from state.connect import REFUSING_CONNECTIONS, TIMEOUT_S, connect
from state.store import Record
from tests import valkey_nodes
from tests.happenings import text_received


@pytest.mark.parametrize(
    ("url", "connection"),
    [
        ("redis://127.0.0.1:6379/2", Connection),
        ("rediss://:secret@redis.example:6380", SSLConnection),
        ("unix:///run/redis.sock", UnixDomainSocketConnection),
        ("redis+sentinel://s1,s2:5000/segue", SentinelManagedConnection),
        ("rediss+sentinel://:secret@s1/segue/3", SentinelManagedSSLConnection),
    ],
)
def test_url_forms(url: str, connection: type[Connection]) -> None:
    """Plain, TLS, Unix-socket and Sentinel URLs are understood."""
    assert connect(url).connection_pool.connection_class is connection


@pytest.mark.parametrize("scheme", ["redis+cluster", "rediss+cluster"])
def test_cluster_urls(scheme: str) -> None:
    """A Cluster is named by any of its nodes; a burst of redirections does not close what is in use."""
    client = connect(f"{scheme}://user:secret@node:7000")
    assert isinstance(client, RedisCluster)
    [node] = client.startup_nodes
    assert (node.host, node.port, node.max_connections) == ("node", 7000, REFUSING_CONNECTIONS)
    assert node.connection_kwargs["password"] == "secret"
    assert node.connection_class is (SSLConnection if scheme == "rediss+cluster" else Connection)
    assert client.reinitialize_steps == 0


@pytest.mark.parametrize("url", ["redis://h", "redis+sentinel://h/segue", "redis+cluster://h"])
def test_a_call_never_waits_long(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Short time-outs and one retry, in place of redis-py's 5 s and ten."""
    monkeypatch.setattr("state.connect.TIMEOUT_S", TIMEOUT_S)  # the module's own: tests have more patience
    client = connect(url)
    if isinstance(client, RedisCluster):
        options = client.connection_kwargs
        assert client.retry.get_retries() == 1
    else:
        options = client.connection_pool.connection_kwargs
        assert options["retry"].get_retries() == 1
    assert options["socket_timeout"] == options["socket_connect_timeout"] == TIMEOUT_S == 0.3


def test_sentinel_needs_a_service() -> None:
    """Sentinel watches many services: the URL has to say which."""
    with pytest.raises(ValueError, match="name of its service"):
        connect("redis+sentinel://:secret@127.0.0.1:26379")


def test_sentinel_names_the_primary(server_url: str, tmp_path: Path) -> None:
    """A record behind Sentinel is the record of the server that it watches."""

    async def append_and_read(url: str) -> list[str]:
        through, direct = Record.connect(url), Record.connect(server_url)
        await through.append("watched", text_received(1))
        entries = await direct.log("watched")
        await through.close()
        await direct.close()
        return [event.id for _, event in entries]

    with valkey_nodes.sentinel(tmp_path / "sentinel", int(server_url.rpartition(":")[2])) as port:
        assert asyncio.run(append_and_read(f"redis+sentinel://127.0.0.1:{port}/segue")) == ["sms:1"]


@pytest.mark.alone
def test_workers_are_woken_on_a_cluster(cluster_url: str) -> None:
    """Docket takes the same URL: a task put off, then replaced, runs once."""
    ran: list[str] = []

    async def wake(cid: str) -> None:
        ran.append(cid)

    async def main() -> None:
        async with Docket(name="segue-test", url=cluster_url) as docket:
            docket.register(wake)
            for cid in ("later", "now"):
                await docket.replace("wake", datetime.now(UTC), "wake:1")(cid)
            async with Worker(docket, minimum_check_interval=timedelta(milliseconds=20)) as worker:
                await worker.run_until_finished()

    asyncio.run(main())
    assert ran == ["now"]


@pytest.mark.parametrize("url", ["http://:secret@127.0.0.1", "127.0.0.1:6379", ""])
def test_other_urls_are_refused_without_quoting_them(url: str) -> None:
    """The error names the kinds that work and never a password."""
    with pytest.raises(ValueError, match="redis://, rediss://, unix://, redis\\+cluster://") as caught:
        connect(url)
    assert "secret" not in str(caught.value)
