"""The list of conversations: who was active last, who is on the telephone, who waits for a person, and whose name or
number begins so.

It spans conversations, so no append can keep it in its one step. Like the due hints (`state.hints`) it is a hint: what
would be missed is written before the append, so a crash leaves an entry too many, never one too few, and whoever reads
an entry looks at the view, which decides. Only the order in which conversations were last active may lag: it is
written behind the appends, a moment's worth at a time, and a crash can lose that moment.

Its keys share a hash tag of their own, so each question is one command to one node:

    segue:{list}:recent   sorted set, conversation by the time of its last event, in ms
    segue:{list}:live     the same, of conversations that may have a call on
    segue:{list}:waiting  the same, of conversations that may wait for a person
    segue:{list}:words    sorted set of "word/conversation": names, and numbers forwards and backwards

It adds some 350 bytes to each conversation.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import cast

import structlog

from state.behind import Behind
from state.connect import Client, Commands
from state.errors import RecordUnavailable, translated
from state.events import CallConnected, Event, FactLearned, LeadArrived, OutreachHeld, Paused
from state.suspects import Suspects, in_ms

log = structlog.get_logger(__name__)

_WORDS = "segue:{list}:words"
_BACKWARDS = "<"
"""Begins a word that is a number from its end, for "the number ends in 0142"."""
_LAST = "\U0010ffff"


class Shelf(StrEnum):
    """Which conversations."""

    RECENT = "recent"
    LIVE = "live"
    WAITING = "waiting"


Entry = tuple[str, float]
"""A conversation, and its score: ms since the epoch."""


class Listing:
    """The list of all conversations of a Redis."""

    def __init__(self, redis: Client) -> None:
        self._redis = redis
        self._suspects = {shelf: Suspects(redis, _key(shelf)) for shelf in Shelf}
        self._touched: dict[str, int] = {}
        self._behind = Behind(self._write_touched, "listing")

    def put(self, writing: Commands, cid: str, events: Sequence[Event]) -> None:
        """Lists what these events, not yet appended, will make worth listing."""
        if not events:
            return
        when = max(in_ms(event.at) for event in events)
        words, shelves = set(_words(events)), set(_shelves(events))
        for shelf in shelves:
            # Anew, where it was suspected; but nothing late makes a conversation older than it is.
            writing.zadd(_key(shelf), {cid: when}, gt=shelf is Shelf.RECENT)
        if words:
            writing.zadd(_WORDS, {f"{word}/{cid}": 0 for word in words})
        if Shelf.RECENT not in shelves:
            self._touch(cid, when)

    async def write(self, cid: str, events: Sequence[Event]) -> None:
        """The same, by itself."""
        with translated():
            writing = self._redis.pipeline(transaction=False)
            self.put(writing, cid, events)
            await writing.execute()

    async def newest(self, shelf: Shelf, start: int = 0, count: int = 50) -> list[Entry]:
        """A part of the conversations of a shelf, the most recent first."""
        with translated():
            found = await self._redis.zrange(_key(shelf), start, start + count - 1, desc=True, withscores=True)
        return cast(list[Entry], found)

    async def since(self, when: datetime, count: int) -> list[Entry]:
        """Conversations with anything in them since then, the most recent first, at most `count`."""
        with translated():
            found = await self._redis.zrange(
                _key(Shelf.RECENT), "+inf", in_ms(when), desc=True, byscore=True, withscores=True, offset=0, num=count
            )
        return cast(list[Entry], found)

    async def count(self, shelf: Shelf) -> int:
        """How many conversations a shelf has."""
        with translated():
            return int(await self._redis.zcard(_key(shelf)))

    async def search(self, text: str, limit: int = 50) -> list[str]:
        """Conversations of which a name begins with the words, or the number begins or ends with the digits."""
        found = dict[str, None]()
        for word in _asked(text):
            with translated():
                members = await self._redis.zrange(
                    _WORDS, f"[{word}", f"[{word}{_LAST}", bylex=True, offset=0, num=limit
                )
            found |= dict.fromkeys(member.rpartition("/")[2] for member in cast(list[str], members))
        return list(found)[:limit]

    async def suspect(self, shelf: Shelf, cid: str, now: datetime) -> None:
        """Takes an entry off whose view does not bear it out, in time: its append may still be under way."""
        await self._suspects[shelf].suspect(cid, now)

    async def forget(self, cid: str, events: Iterable[Event]) -> None:
        """Takes the names out that these events gave. The number stays, as it stays in the record."""
        names = [f"{word}/{cid}" for word in _names(events)]
        if names:
            with translated():
                await self._redis.zrem(_WORDS, *names)

    async def close(self) -> None:
        """Writes what is still to be written."""
        await self._behind.close()

    def _touch(self, cid: str, when: int) -> None:
        self._touched[cid] = max(when, self._touched.get(cid, 0))
        self._behind.soon()

    async def _write_touched(self) -> None:
        touched, self._touched = self._touched, {}
        try:
            with translated():
                # Whoever is listed: other logs, such as those of staff, are no conversations.
                await self._redis.zadd(_key(Shelf.RECENT), touched, gt=True, xx=True)
        except RecordUnavailable as error:
            log.warning("the list of conversations lags", conversations=len(touched), error=str(error))


def folded(name: str) -> list[str]:
    """The words of a name, without case and accents: what is listed, and what is asked for."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    kept = "".join(char for char in plain if not unicodedata.combining(char))
    return "".join(char if char.isalnum() else " " for char in kept).split()


def digits_of(number: str) -> str:
    """The digits of a number, however it is written."""
    return "".join(char for char in number if char in "0123456789")


def _key(shelf: Shelf) -> str:
    return f"segue:{{list}}:{shelf}"


def _shelves(events: Iterable[Event]) -> Iterator[Shelf]:
    for event in events:
        match event:
            case LeadArrived():
                yield Shelf.RECENT
            case CallConnected():
                yield Shelf.LIVE
            case OutreachHeld() | Paused():
                yield Shelf.WAITING
            case _:
                pass


def _words(events: Sequence[Event]) -> Iterator[str]:
    yield from _names(events)
    for event in events:
        if isinstance(event, LeadArrived) and (digits := digits_of(event.number)):
            yield digits
            yield _BACKWARDS + digits[::-1]


def _names(events: Iterable[Event]) -> Iterator[str]:
    for event in events:
        if isinstance(event, LeadArrived) and event.first_name:
            yield from folded(event.first_name)
        elif isinstance(event, FactLearned) and event.key == "first_name" and isinstance(event.value, str):
            yield from folded(event.value)


def _asked(text: str) -> list[str]:
    """What to look for in the list of words."""
    digits = digits_of(text)
    if digits and not any(char.isalpha() for char in text):
        return [digits, _BACKWARDS + digits[::-1]]
    return folded(text)[:1]
