"""How Segue talks to Redis: short time-outs and one retry."""

from urllib.parse import urlsplit

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff

TIMEOUT_S = 0.3
RETRY_AFTER_S = 0.02
CONNECTIONS = 32
"""Per process; a command takes a millisecond, so they serve thousands of calls."""
QUEUE_S = 1.0
"""How long a command may wait for a connection when all are busy, as after a reconnection."""
_SCHEMES = ("redis", "rediss", "unix")


def connect(url: str) -> Redis:
    """A client for `redis://`, `rediss://` (TLS) or `unix://`; it connects when it is first used.

    redis-py's defaults, 5 s and 10 retries, would let one stalled server hold a call for tens of seconds. Here a
    command fails after 300 ms and one retry. The retry makes every command at-least-once: see `append.lua`.

    Raises:
        ValueError: if the URL is of another kind. The message does not quote it: it may hold a password.
    """
    scheme = urlsplit(url).scheme
    if scheme not in _SCHEMES:
        kinds = ", ".join(f"{known}://" for known in _SCHEMES)
        raise ValueError(f"the Redis URL starts with {scheme or 'nothing'}://, expected one of {kinds}")
    # Blocking: redis-py's default pool answers the hundred-and-first command at once with an error.
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=CONNECTIONS,
        timeout=QUEUE_S,
        decode_responses=True,
        socket_timeout=TIMEOUT_S,
        socket_connect_timeout=TIMEOUT_S,
        retry=Retry(ConstantBackoff(RETRY_AFTER_S), 1),
        client_name="segue",
    )
    return Redis.from_pool(pool)
