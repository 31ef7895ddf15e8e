"""What the persona means to say of its own accord, when nobody speaks."""

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass

from agent.moves import Move
from audio.playout import Heard

Moves = AsyncIterator[Move]


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """A turn of the persona's own, for a moment when nobody speaks."""

    moves: Callable[[], Moves]
    source: str
    """Id of the event that caused it."""
    then: Callable[[Heard], None] | None = None
    """Called when the turn is over, with what was heard of it. It then says itself what is to become of the rest."""
    texts: tuple[str, ...] = ()
    """Ids of the lead's texts that it answers."""


async def stream(moves: Iterable[Move]) -> Moves:
    """Moves that are known already, as a brain would make them."""
    for move in moves:
        yield move
