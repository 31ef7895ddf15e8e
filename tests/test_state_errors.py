import asyncio

import pytest
from redis import exceptions as redis_errors

from state.errors import Conflict, RecordError, RecordUnavailable, RecordUnreadable, translated

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (redis_errors.ConnectionError("refused"), "cannot be reached"),
        (redis_errors.TimeoutError("slow"), "cannot be reached"),
        (ConnectionResetError("gone"), "cannot be reached"),
        (redis_errors.RedisClusterException("no node"), "cannot be reached"),
        (redis_errors.AuthenticationError("WRONGPASS"), "check SEGUE_REDIS_URL"),
        (redis_errors.NoPermissionError("no"), "permission"),
        (redis_errors.BusyLoadingError("LOADING"), "still loading"),
        (redis_errors.ReadOnlyError("READONLY"), "primary"),
        (redis_errors.OutOfMemoryError("OOM"), "maxmemory"),
        (redis_errors.ResponseError("ERR odd"), "refused a command"),
    ],
)
async def test_errors_of_redis_come_with_advice(error: Exception, advice: str) -> None:
    """Whatever Redis or the socket raises is one error that says what to do, and keeps the cause."""
    with pytest.raises(RecordUnavailable, match=advice) as caught, translated():
        raise error
    assert caught.value.__cause__ is error


async def test_other_errors_pass() -> None:
    """A mistake of ours is not dressed up as an outage."""
    with pytest.raises(KeyError), translated():
        raise KeyError("x")


async def test_conflict_tells_both_versions() -> None:
    """Who lost a race learns where the conversation is now."""
    conflict = Conflict(3, 5)
    assert (conflict.expected, conflict.version) == (3, 5)
    assert "version 5" in str(conflict)


async def test_one_base_catches_all() -> None:
    """Everything that can be wrong with the record is a RecordError."""
    assert all(issubclass(kind, RecordError) for kind in (Conflict, RecordUnavailable, RecordUnreadable))


async def forget_cancellation() -> None:
    """Swallows a cancellation, as `asyncio.wait_for` may before Python 3.12."""
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        pass


async def test_forgotten_cancellation_is_raised_again() -> None:
    """A task cancelled while it talked to Redis ends, even if the client forgot why it woke."""

    async def talk() -> None:
        with translated():
            await forget_cancellation()

    task = asyncio.create_task(talk())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()


async def test_cancelled_task_may_still_write() -> None:
    """Only a cancellation that came during the command counts: a task may record why it ends."""

    async def last_words() -> str:
        await forget_cancellation()
        with translated():
            return "written"

    task = asyncio.create_task(last_words())
    await asyncio.sleep(0)
    task.cancel()
    assert await task == "written"
