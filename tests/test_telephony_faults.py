"""Errors in callbacks."""

import asyncio

import pytest

from telephony.faults import guarded

pytestmark = pytest.mark.anyio


async def test_what_a_callback_raises_ends_its_own_group() -> None:
    """Whoever calls it goes on: he serves other calls too."""

    def fails(number: int) -> int:
        return 1 // number

    async def call() -> None:
        async with asyncio.TaskGroup() as group:
            callback = guarded(group, fails)
            assert callback(1) == 1
            assert callback(0) is None
            assert callback(0) is None  # The group is ending already.
            await asyncio.sleep(60)

    with pytest.raises(ExceptionGroup) as caught:
        await call()
    assert caught.group_contains(ZeroDivisionError)


async def test_a_callback_after_the_end_is_harmless() -> None:
    """A group that is over has nobody to tell."""

    def fails() -> None:
        raise OSError

    async with asyncio.TaskGroup() as group:
        callback = guarded(group, fails)
    assert callback() is None
