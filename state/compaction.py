"""Redis keeps what was deleted in its append-only file until that is written anew."""

import asyncio
from typing import Any

from redis.asyncio import RedisCluster

from state.connect import Client

POLL_S = 0.05


async def compact(redis: Client, within_s: float) -> None:
    """Has every node that has one write its append-only file anew, and returns when all have.

    Raises:
        RedisError: if a node refuses, as many hosted ones do.
        TimeoutError: if it takes longer than `within_s`; it goes on all the same.
    """
    nodes = redis.get_nodes() if isinstance(redis, RedisCluster) else [redis]
    async with asyncio.timeout(within_s):
        await asyncio.gather(*(_compact_node(node) for node in nodes))


async def _compact_node(node: Any) -> None:
    if not (await _persistence(node))["aof_enabled"]:
        return
    await node.execute_command("BGREWRITEAOF")
    while _rewriting(await _persistence(node)):  # noqa: ASYNC110 - a server's state, which nothing announces
        await asyncio.sleep(POLL_S)


def _rewriting(persistence: dict[str, int]) -> bool:
    return bool(persistence["aof_rewrite_in_progress"] or persistence["aof_rewrite_scheduled"])


async def _persistence(node: Any) -> dict[str, int]:
    info: dict[str, int] = await node.execute_command("INFO", "persistence")
    return info
