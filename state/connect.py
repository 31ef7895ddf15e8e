"""How Segue talks to Redis: short time-outs and one retry, whether to one server, a Cluster or what Sentinel watches.

    redis://[user:password@]host:port[/db]                                  one server
    unix://path                                                             the same, by a socket file
    redis+cluster://[user:password@]host:port                               a Cluster, by any of its nodes
    redis+sentinel://[user:password@]host:port[,host:port]/service[/db]     the primary that Sentinel names

`rediss` in place of `redis` is TLS. Docket reads the same URLs.
"""

from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster
from redis.asyncio.client import Pipeline
from redis.asyncio.cluster import ClusterPipeline
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import ConstantBackoff

Client = Redis | RedisCluster
Commands = Pipeline | ClusterPipeline
"""Gathered commands that go out together."""

TIMEOUT_S = 0.3
RETRY_AFTER_S = 0.02
CONNECTIONS = 64
"""Per process; a command takes a millisecond, so they serve thousands of calls. As many as there are errands and woken
tasks at one time, or a burst of webhooks would find none free."""
QUEUE_S = 1.0
"""How long a command may wait for a connection when all are busy, as after a reconnection."""
REFUSING_CONNECTIONS = 256
"""Per process and node where redis-py has no pool that waits: one connection more is an error at once."""
SENTINEL_PORT = 26379
_SCHEMES = ("redis", "rediss", "unix", "redis+cluster", "rediss+cluster", "redis+sentinel", "rediss+sentinel")


def check_url(url: str) -> str:
    """The scheme of a Redis URL.

    Raises:
        ValueError: if it is of another kind. The message does not quote it: it may hold a password.
    """
    scheme = urlsplit(url).scheme
    if scheme not in _SCHEMES:
        kinds = ", ".join(f"{known}://" for known in _SCHEMES)
        raise ValueError(f"does not start with one of {kinds}")
    return scheme


def connect(url: str, **more: Any) -> Client:
    """A client for any of the URLs above; it connects when it is first used.

    redis-py's defaults, 5 s and 10 retries, would let one stalled server hold a call for tens of seconds. Here a
    command fails after 300 ms and one retry (on a Cluster, after looking for the node in between, too). The retry
    makes every command at-least-once: see `append.lua`.

    Args:
        url: where Redis is.
        more: options of redis-py's for the client, such as `address_remap` for a Cluster behind a proxy.

    Raises:
        ValueError: if the URL is of another kind. The message does not quote it: it may hold a password.
    """
    scheme = check_url(url)
    options = {
        "decode_responses": True,
        "socket_timeout": TIMEOUT_S,
        "socket_connect_timeout": TIMEOUT_S,
        "retry": Retry(ConstantBackoff(RETRY_AFTER_S), 1),
        "client_name": "segue",
        **more,
    }
    if scheme.endswith("+cluster"):
        plain = url.replace("+cluster", "", 1)
        # By default every fifth redirection, common after a failover, closes all connections, those in use among them.
        options |= {"reinitialize_steps": 0, "max_connections": REFUSING_CONNECTIONS}
        cluster: RedisCluster = RedisCluster.from_url(plain, **options)
        return cluster
    if scheme.endswith("+sentinel"):
        return Redis.from_pool(_sentinel_pool(urlsplit(url), options))
    # Blocking: redis-py's default pool answers the hundred-and-first command at once with an error.
    return Redis.from_pool(
        BlockingConnectionPool.from_url(url, max_connections=CONNECTIONS, timeout=QUEUE_S, **options)
    )


class _SentinelPool(SentinelConnectionPool):
    """redis-py leaves the connections to the Sentinels themselves open."""

    async def aclose(self) -> None:
        """Closes the connections to the primary and to the Sentinels."""
        await super().aclose()
        for client in self.sentinel_manager.sentinels:
            await client.aclose()


def _sentinel_pool(parts: SplitResult, options: dict[str, Any]) -> _SentinelPool:
    service, _, db = parts.path.strip("/").partition("/")
    if not service:
        raise ValueError("a Sentinel URL ends with the name of its service: redis+sentinel://host:26379/mymaster")
    hosts = [urlsplit(f"//{host}") for host in parts.netloc.rpartition("@")[2].split(",")]
    secure = {"ssl": True} if parts.scheme.startswith("rediss") else {}
    sentinel = Sentinel(  # type: ignore[no-untyped-call] # redis-py has no types here
        [(host.hostname, host.port or SENTINEL_PORT) for host in hosts],
        sentinel_kwargs={"socket_timeout": TIMEOUT_S, "socket_connect_timeout": TIMEOUT_S, **secure},
    )
    credentials = {"username": parts.username, "password": parts.password}
    given = {name: unquote(value) for name, value in credentials.items() if value}
    return _SentinelPool(  # type: ignore[no-untyped-call] # as above
        service, sentinel, max_connections=REFUSING_CONNECTIONS, db=int(db or 0), **given, **secure, **options
    )
