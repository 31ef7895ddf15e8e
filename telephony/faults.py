"""Errors in callbacks, which nobody awaits: a call whose callback fails ends as if one of its tasks had failed."""

import asyncio
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def guarded(group: asyncio.TaskGroup, callback: Callable[P, T]) -> Callable[P, T | None]:
    """The callback; what it raises ends the task group, and never whoever calls it, who serves other calls too."""

    @wraps(callback)
    def call(*args: P.args, **kwargs: P.kwargs) -> T | None:
        try:
            return callback(*args, **kwargs)
        except Exception as error:
            _fail(group, error)
            return None

    return call


def _fail(group: asyncio.TaskGroup, error: Exception) -> None:
    raising = _raise(error)
    try:
        group.create_task(raising)
    except RuntimeError:
        raising.close()  # The group is ending already.


async def _raise(error: Exception) -> None:
    raise error
