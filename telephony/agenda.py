"""What the persona means to say of its own accord, when nobody speaks."""

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass

from agent.moves import End, Move, Say
from audio.playout import Heard
from state.events import TextReceived
from telephony.reply import Reply

Moves = AsyncIterator[Move]


@dataclass(frozen=True, slots=True)
class Item:
    """A turn of the persona's own, for a moment when nobody speaks."""

    moves: Callable[[], Moves]
    source: str
    """Id of the event that caused it."""
    then: Callable[[Heard], None] | None = None
    """Called when the turn is over, with what was heard of it."""
    text: TextReceived | None = None
    """The lead's text that it answers."""


async def stream(moves: Iterable[Move]) -> Moves:
    """Moves that are known already, as a brain would make them."""
    for move in moves:
        yield move


def rest_of(reply: Reply, heard: Heard) -> list[Move]:
    """What was not heard of a turn: the words from the cut on, and the end of the call if it was one."""
    unheard = reply.text.removeprefix(heard.text).strip()
    return [Say(unheard, reply.asks), *(move for move in reply.moves if isinstance(move, End))] if unheard else []
