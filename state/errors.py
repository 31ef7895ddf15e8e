"""What can go wrong with the record.

RecordError
├── Conflict            the conversation moved on: look again and decide again
├── HistoryChanged      another history answers: see what is missing from it, and decide again
├── RecordUnavailable   Redis did not answer, or refused: try later
└── RecordUnreadable    what is stored was written by a newer program, or damaged
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    BusyLoadingError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisClusterException,
    RedisError,
    ResponseError,
)

REDIS_ERRORS = (RedisError, RedisClusterException, OSError)
"""What redis-py raises when Redis is away or refuses; a Cluster without a reachable node has an error of its own."""


class RecordError(Exception):
    """Something is wrong with the record."""


class Conflict(RecordError):  # noqa: N818 (named for what happened)
    """An append was decided on a version that is no longer the current one. Nothing was written."""

    def __init__(self, expected: int, version: int) -> None:
        super().__init__(f"decided on version {expected}, but the conversation is at version {version}: decide again")
        self.expected = expected
        self.version = version


class HistoryChanged(RecordError):  # noqa: N818 (named for what happened)
    """Another Redis answers than the one vouched for, or it was started anew. Nothing was written."""

    def __init__(self) -> None:
        super().__init__("the record's history is not the one vouched for: compare it with the carrier's lists first")


class RecordUnavailable(RecordError):  # noqa: N818 (named for what happened)
    """Redis was not reached or refused. Whether a write took place is unknown; repeating it is always safe."""


class RecordUnreadable(RecordError):  # noqa: N818 (named for what happened)
    """A stored event cannot be read by this program."""


# Order matters: redis-py derives some of these from ConnectionError or ResponseError.
_ADVICE: tuple[tuple[type[Exception], str], ...] = (
    (AuthenticationError, "Redis refused the user or password: check SEGUE_REDIS_URL"),
    (AuthorizationError, "Redis refused the user or password: check SEGUE_REDIS_URL"),
    (NoPermissionError, "the Redis user lacks a permission: allow it the keys and channels segue:*"),
    (BusyLoadingError, "Redis is still loading its data: it will answer when it is done"),
    (ReadOnlyError, "this Redis is a read-only replica: point SEGUE_REDIS_URL at the primary"),
    (OutOfMemoryError, "Redis is full: raise maxmemory (and keep maxmemory-policy at noeviction)"),
    (ResponseError, "Redis refused a command"),
)


@contextmanager
def translated() -> Iterator[None]:
    """Turns errors of redis-py and of the socket into RecordUnavailable, with advice; keeps cancellations.

    redis-py sends through `asyncio.wait_for`, which before Python 3.12 forgets a cancellation that meets the end of
    the sending. The task would then run on, for ever if it is a follower; here the cancellation is raised again.

    Raises:
        RecordUnavailable: in place of any of REDIS_ERRORS.
    """
    cancellations = _cancellations()
    failure: Exception | None = None
    try:
        yield
    except REDIS_ERRORS as error:
        failure = error
    if _cancellations() > cancellations:
        raise asyncio.CancelledError
    if failure is not None:
        advice = next((text for kind, text in _ADVICE if isinstance(failure, kind)), "Redis cannot be reached")
        raise RecordUnavailable(f"{advice} ({failure})") from failure


def _cancellations() -> int:
    task = asyncio.current_task()
    return task.cancelling() if task is not None else 0
