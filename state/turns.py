"""Turns at a sender that carries only so many texts a second, over all processes.

segue:{turns:SENDER}:waiting    sorted set: who waits, by when his turn is, in ms
segue:{turns:SENDER}:next       when the next turn is that nobody has
segue:{turns:SENDER}:left       sorted set: who has just left, by when; or has leave, by when he left at the latest

Between leave and leaving a process may be held up for long, and then everything that had leave goes out at once. So who
has leave takes up room until he is known to have left, and for a second from then on.
"""

from datetime import datetime, timedelta
from importlib.resources import files
from math import floor

import structlog

from state.connect import Client
from state.errors import RecordUnavailable, translated
from state.suspects import in_ms

log = structlog.get_logger(__name__)

PROMPT = timedelta(milliseconds=50)
"""Who leaves within that counts as gone at once. The pace is slower by as much in a second, so that it is kept."""
LATEST = timedelta(seconds=15)
"""After his leave nobody leaves any more: longer than a carrier's answer is waited for."""


class Turns:
    """The turns at all senders."""

    def __init__(self, redis: Client) -> None:
        self._redis = redis
        self._take = redis.register_script(files("state").joinpath("turns.lua").read_text())

    async def take(
        self, sender: str, who: str, now: datetime, *, per_second: float, at_once: bool = False
    ) -> timedelta:
        """How long to wait for one's turn; nothing: go, and say so by `left`. Who waits keeps his turn and comes back.

        However late some come back or leave, no more leave in a second (in a step, below one a second) than may.

        `at_once` never waits and need not say that he left, but moves those back who have no turn yet.
        """
        most = max(1, floor(per_second))
        step_ms = 1000 / per_second + _ms(PROMPT) / most
        args: list[str | int | float] = [who, in_ms(now), step_ms, int(at_once), most, _ms(LATEST)]
        keys = [_key(sender, part) for part in ("waiting", "next", "left")]
        with translated():
            wait = await self._take(keys=keys, args=args)
        return timedelta(milliseconds=float(wait))

    async def left(self, sender: str, who: str, leave: datetime, now: datetime) -> None:
        """Who had leave at a time has left by now, or will not."""
        when = max(leave, now - PROMPT)
        try:
            with translated():
                await self._redis.zadd(_key(sender, "left"), {who: in_ms(when)}, xx=True)
        except RecordUnavailable as error:
            log.warning("a departure was not noted, and holds others up for a while", error=str(error))


def _key(sender: str, part: str) -> str:
    return f"segue:{{turns:{sender}}}:{part}"


def _ms(span: timedelta) -> float:
    return span / timedelta(milliseconds=1)
