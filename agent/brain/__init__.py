"""Brains decide what to say next. See `Brain` for the contract."""

from collections.abc import AsyncIterator
from typing import Protocol

from agent.moves import Move
from agent.snapshot import Snapshot, Utterance


class Brain(Protocol):
    """Turns what the lead said into moves.

    A reply is a pure function of the snapshot and the utterance: it must not remember, write or send anything, for
    it may be asked speculatively and thrown away. Moves stream in speaking order: the first `Say` should be a short
    clause, because speech starts with it.
    """

    def reply(self, snapshot: Snapshot, utterance: Utterance) -> AsyncIterator[Move]:
        """Streams the moves of one turn."""
        ...
