"""Turns at a sender that carries only so many texts a second, over all processes.

segue:{turns:SENDER}:waiting    sorted set: who waits, by when his turn is, in ms
segue:{turns:SENDER}:next       when the next turn is that nobody has
segue:{turns:SENDER}:left       sorted set: who has just left, by when
"""

from datetime import datetime, timedelta
from importlib.resources import files

from state.connect import Client
from state.errors import translated
from state.suspects import in_ms


class Turns:
    """The turns at all senders."""

    def __init__(self, redis: Client) -> None:
        self._redis = redis
        self._take = redis.register_script(files("state").joinpath("turns.lua").read_text())

    async def take(
        self, sender: str, who: str, now: datetime, *, per_second: float, at_once: bool = False
    ) -> timedelta:
        """How long to wait for one's turn; nothing: go. Who waits keeps his turn and comes back for it.

        However late some come back, no more get leave in a second (in a step, below one a second) than may.

        `at_once` never waits, but moves those back who have no turn yet.
        """
        keys = [f"segue:{{turns:{sender}}}:{part}" for part in ("waiting", "next", "left")]
        args: list[str | int | float] = [who, in_ms(now), 1000 / per_second, int(at_once)]
        with translated():
            wait = await self._take(keys=keys, args=args)
        return timedelta(milliseconds=float(wait))
