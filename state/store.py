"""The record: one ordered log per conversation in Redis, which any number of processes may append to.

Callers deliver at least once, the record keeps each event once. Keys, of which those of a conversation share a hash
tag so that each script touches one Redis Cluster slot:

    segue:{cid}:log     stream of events; the entry of the n-th event has the id n-0
    segue:{cid}:seen    hash of the ids in it
    segue:{cid}:view    hash with a snapshot of the view; may be missing or old
    segue:{cid}:bell    channel on which every append rings
    segue:due           sorted set of hints, see `state.hints`
    segue:{list}:...    which conversations there are, see `state.listing`
    segue:{campaign:ID}:...    how many it contacted and how many stopped, see `state.tallies`
    segue:{turns:NUMBER}:...   who waits for a sender's pace, see `state.turns`
    segue:{out}:...     what others are still to be told, see `state.outgoing`
    segue:{cid}:told    and how far each of them is
    segue:token:TOKEN   one-time token
"""

import asyncio
import json
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from importlib.resources import files
from typing import Any, cast

import structlog
from pydantic import ValidationError
from redis.asyncio import RedisCluster
from redis.exceptions import NoScriptError

from state.codec import encode
from state.compaction import compact
from state.connect import Client, Commands, connect
from state.errors import Conflict, HistoryChanged, RecordError, RecordUnavailable, RecordUnreadable, translated
from state.events import SCHEMA, Event
from state.fold import fold_all
from state.follow import ANY, Bell, follow
from state.hints import HINT_GRACE, Backlog, Hints
from state.listing import Listing
from state.outgoing import Outgoing
from state.tallies import Tallies
from state.turns import Turns
from state.view import View
from state.views import Entry, Held, Views, read_entry

__all__ = [
    "HINT_GRACE",
    "Appended",
    "Conflict",
    "Record",
    "RecordError",
    "RecordUnavailable",
    "RecordUnreadable",
    "Stored",
]

log = structlog.get_logger(__name__)

SNAPSHOT_AFTER = 32
"""Events after which a reader leaves a snapshot. It serves processes that meet the conversation anew: who has read it
lately keeps the view (`state.views`). Three texts and their answers are as many, folded in about a ms."""

_HERE = files("state")
# A snapshot made by any other fold is of no use, so the fold's own source names it; there is no number to forget.
_FOLD = blake2b(
    _HERE.joinpath("view.py").read_bytes() + _HERE.joinpath("events.py").read_bytes(), digest_size=8
).hexdigest()


_Call = tuple[list[str], list[str | int]]
"""Of a script: keys and arguments."""


@dataclass(frozen=True, slots=True)
class Appended:
    """What an append did."""

    version: int
    """Of the conversation, now."""
    added: tuple[str, ...]
    """Ids of the events this call added, in order; the others were there. An id is added by one call in the world,
    whatever was retried, so who finds the id of his claim here holds it."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What Redis holds of one conversation at one instant, not interpreted."""

    entries: list[tuple[str, dict[str, str]]]
    """The log: entry ids, and the fields of each entry."""
    seen: frozenset[str]
    """Ids of the events an append would leave out."""
    snapshot: dict[str, str]
    """The snapshot's fields, none if there is no snapshot, or only one of another fold's."""


class Record:
    """All conversations. One per process; safe to share between tasks."""

    def __init__(self, redis: Client, snapshot_after: int = SNAPSHOT_AFTER, *, told: bool = False) -> None:
        """Takes a client that decodes responses, such as `state.connect.connect` makes. `told`: others subscribe."""
        self._redis = redis
        self._snapshot_after = snapshot_after
        self._append = redis.register_script(_HERE.joinpath("append.lua").read_text())
        self._rewrite = redis.register_script(_HERE.joinpath("rewrite.lua").read_text())
        self._keep_snapshot = redis.register_script(_HERE.joinpath("snapshot.lua").read_text())
        self._read = redis.register_script(_HERE.joinpath("view.lua").read_text())
        self._hints = Hints(redis)
        self.listing = Listing(redis)
        """Which conversations there are, newest first; for people who look."""
        self.turns = Turns(redis)
        """Whose turn it is to be texted."""
        self.tallies = Tallies(redis)
        """How campaigns fare with the people they contact."""
        self.outgoing = Outgoing(redis)
        """What others are still to be told."""
        self._told = told
        self._views = Views()
        self._vouched = ""
        self._bell = Bell(redis, pattern=_key("*", "bell"))

    @classmethod
    def connect(cls, url: str, *, told: bool = False) -> "Record":
        """The record at a URL (see `state.connect.connect`). Does no I/O: `ping` tells whether Redis is there."""
        return cls(connect(url), told=told)

    async def append(self, cid: str, *events: Event, expect: int | None = None, vouched: bool = False) -> Appended:
        """Adds events at the end of a conversation, all or none, leaving out those whose id is there.

        Args:
            cid: the conversation.
            events: in order. Effects go in the same append as their cause.
            expect: the version a decision was made on. Plain facts need none; permits, claims and steps do.
            vouched: append only to the history that `vouch_for` or `trust` was last told of.

        Raises:
            Conflict: if `expect` is not the current version and an event is new.
            HistoryChanged: if another history answers than the one vouched for.
            RecordUnavailable: if Redis did not answer; append the same events again.
        """
        writing = self._redis.pipeline(transaction=False)
        self._put_hints(writing, cid, events)
        encoded = [encode(event) for event in events]
        keys, args = _append_call(cid, events, encoded, expect, self._vouched if vouched else "")
        with translated():
            outcome, version, *added = await self._after(writing, keys, args)
        if outcome == _OTHER_HISTORY:
            self._distrust()
            raise HistoryChanged
        if outcome == _OTHER_VERSION:
            raise Conflict(-1 if expect is None else expect, version)
        held = self._views.get(cid)
        await self._hints.settled(cid, events, held.newest.outbox if held else ())
        mine = {event.id: data for event, data in zip(reversed(events), reversed(encoded), strict=True)}
        done = Appended(version, tuple(dict.fromkeys(added)))
        self._views.appended(cid, [{"schema": str(SCHEMA), "event": mine[added]} for added in done.added], version)
        return done

    async def begin(self, logs: Mapping[str, Sequence[Event]]) -> dict[str, Appended]:
        """Begins many conversations at once: appends to each that has no event yet, or these very ones.

        Returns what was done, by conversation; to those left out, which had begun otherwise, nothing was appended.

        Raises:
            RecordUnavailable: if Redis did not answer; begin the same again.
        """
        writing, calls = self._redis.pipeline(transaction=False), []
        for cid, events in logs.items():
            self._put_hints(writing, cid, events)
            calls.append(_append_call(cid, events, [encode(event) for event in events], 0, ""))
        with translated():
            await writing.execute()
            replies = await self._append_each(calls)
        return {
            cid: Appended(version, tuple(dict.fromkeys(added)))
            for cid, (outcome, version, *added) in zip(logs, replies, strict=True)
            if outcome != _OTHER_VERSION
        }

    async def _append_each(self, calls: Sequence[_Call]) -> list[list[Any]]:
        if isinstance(self._redis, RedisCluster):
            return [cast(list[Any], await self._append(keys=keys, args=args)) for keys, args in calls]
        appending = self._redis.pipeline(transaction=False)
        for keys, args in calls:
            appending.evalsha(self._append.sha, len(keys), *keys, *args)
        replies = await appending.execute(raise_on_error=False)
        for place, (keys, args) in enumerate(calls):
            if isinstance(replies[place], NoScriptError):
                replies[place] = await self._append(keys=keys, args=args)
            if isinstance(replies[place], Exception):
                raise replies[place]
        return cast(list[list[Any]], replies)

    def _put_hints(self, writing: Commands, cid: str, events: Sequence[Event]) -> None:
        """What spans conversations, and is written before the append it is about."""
        self._hints.put(writing, cid, events)
        self.listing.put(writing, cid, events)
        if self._told:
            self.outgoing.put(writing, cid, events)

    async def _after(self, writing: Commands, keys: list[str], args: list[str | int]) -> list[Any]:
        """Appends once `writing` is done: behind it on the same connection, where there is but one node."""
        if not len(writing) or isinstance(self._redis, RedisCluster):
            if len(writing):
                await writing.execute()
            return cast(list[Any], await self._append(keys=keys, args=args))
        writing.evalsha(self._append.sha, len(keys), *keys, *args)
        *before, done = await writing.execute(raise_on_error=False)
        for result in before:
            if isinstance(result, Exception):
                raise result
        if isinstance(done, NoScriptError):  # the first append to this Redis, or since it was emptied of scripts
            done = await self._append(keys=keys, args=args)
        if isinstance(done, Exception):
            raise done
        return cast(list[Any], done)

    async def log(self, cid: str, after: int = 0) -> list[tuple[int, Event]]:
        """The events after a version, oldest first, each with the version it made."""
        with translated():
            entries = await self._redis.xrange(_key(cid, "log"), min=f"({after}-0")
        return [read_entry(entry) for entry in cast(list[Entry], entries)]

    async def view(self, cid: str) -> View:
        """What a conversation adds up to now. Of one that never began, the empty view."""
        held = self._views.get(cid)
        return await self._kept(cid, await self._since(cid, held) if held else None)

    async def _kept(self, cid: str, found: Held | None) -> View:
        """Keeps what was read, and returns the view. None: nothing known leads on to it, so all of it is read."""
        if found is None:
            found = await self._whole(cid)
        if found.unsaved >= self._snapshot_after:
            await self._leave_snapshot(cid, found.view)
            found = found.saved()
        self._views.keep(cid, found)
        return found.view

    async def seen(self, cid: str) -> View:
        """The view as this process last saw it, which may be old; read now if it did not see it lately.

        For what never changes, and for decisions that are appended with `expect`. What the process itself has appended
        is in it.
        """
        held = self._views.get(cid)
        return held.newest if held else await self.view(cid)

    async def begun(self, cids: Sequence[str]) -> dict[str, View]:
        """Those of some conversations that have begun; asked at once, as most of them have not."""
        held = {cid: self._views.get(cid) for cid in cids}
        with translated():
            asking = self._redis.pipeline(transaction=False)
            for cid, known in held.items():
                if known:
                    asking.xrange(_key(cid, "log"), min=f"{known.view.version}-0")
                else:
                    asking.exists(_key(cid, "log"))
            found = await asking.execute()
        return {
            cid: await self._kept(cid, known.onwards(answer) if known else None)
            for (cid, known), answer in zip(held.items(), found, strict=True)
            if answer
        }

    async def _since(self, cid: str, held: Held) -> Held | None:
        with translated():
            entries = await self._redis.xrange(_key(cid, "log"), min=f"{held.view.version}-0")
        return held.onwards(cast(list[Entry], entries))

    async def _whole(self, cid: str) -> Held:
        with translated():
            data, rows = await self._read(keys=[_key(cid, "log"), _key(cid, "view")], args=[_FOLD])
        # A script's reply has the fields of an entry in a row, not in a dict.
        entries = [(entry, dict(zip(row[::2], row[1::2], strict=True))) for entry, row in rows]
        try:
            return Held.of(View() if data is None else View.model_validate_json(data), entries)
        except ValidationError:
            log.warning("a snapshot does not validate and is folded anew", conversation=cid)
        with translated():
            return Held.of(View(), cast(list[Entry], await self._redis.xrange(_key(cid, "log"))))

    def follow(self, cid: str, after: int = 0) -> AsyncGenerator[tuple[int, Event], None]:
        """Yields the events after a version, those that are there and then those to come, as `log` does.

        Never ends and outlives a lost Redis; stop it by cancelling the task or closing the generator.
        """
        return follow(self._bell, _key(cid, "bell"), lambda version: self.log(cid, version), after)

    def rings(self) -> AbstractContextManager[asyncio.Event]:
        """An event that is set whenever anything lands in any conversation, or may have landed unheard."""
        return self._bell.watch(ANY)

    async def due(self, now: datetime, limit: int = 100) -> list[tuple[str, str]]:
        """Conversations and effects that may be due, longest overdue first. Hints: the view's outbox decides."""
        return await self._hints.due(now, limit)

    async def backlog(self, now: datetime) -> Backlog:
        """How much is due and not done, over all conversations."""
        return await self._hints.backlog(now)

    async def settle_hint(self, cid: str, effect_id: str, now: datetime | None = None) -> bool:
        """Removes a hint unless its effect is in the outbox; returns whether it did.

        A hint is written before its append, so one whose effect is unknown may be waited for: it goes only when
        `now` is given, and not before it was looked at twice, HINT_GRACE apart (see `state.hints`).
        """
        with translated():
            known = await self._redis.hexists(_key(cid, "seen"), effect_id)
        if not known:
            return now is not None and await self._hints.suspect(cid, effect_id, now)
        # The view is read after the id was found: an effect that is then not in the outbox has settled for good.
        if effect_id in (await self.view(cid)).outbox:
            return False
        await self._hints.remove(cid, effect_id)
        return True

    async def plan_hint(self, cid: str) -> float | None:
        """The hint that a conversation's plan is to be thought of, as it stands (see `Hints.planned`)."""
        return await self._hints.plan(cid)

    async def planned(self, cid: str, seen: float | None, again: datetime | None) -> bool:
        """Has the plan thought of at a later time, or not before something happens. False: something has."""
        return await self._hints.planned(cid, seen, again)

    async def defer_hint(self, cid: str, effect_id: str, until: datetime) -> None:
        """Lets nobody look for an effect before a later time; its wake-up, or else the sweeper, finds it then."""
        await self._hints.defer(cid, effect_id, until)

    async def hints(self) -> list[tuple[str, str]]:
        """Conversation and effect of every hint there is."""
        return await self._hints.all()

    async def is_hinted(self, cid: str, effect_id: str) -> bool:
        """Whether there is a hint for an effect."""
        return await self._hints.exists(cid, effect_id)

    async def put_token(self, token: str, value: dict[str, str], ttl_s: int) -> None:
        """Keeps a value for whoever presents the token first, for at most `ttl_s` seconds."""
        with translated():
            await self._redis.set(_token_key(token), json.dumps(value), ex=ttl_s)

    async def take_token(self, token: str) -> dict[str, str] | None:
        """The value of a token, once. None if it is unknown, expired or taken (also by an attempt whose reply was
        lost: then its holder has to ask for a new one)."""
        with translated():
            value = await self._redis.getdel(_token_key(token))
        return None if value is None else json.loads(value)

    async def conversations(self) -> AsyncIterator[str]:
        """Ids of all conversations, each once, in no order; of those that begin meanwhile, some."""
        seen = set[str]()
        with translated():
            async for key in self._redis.scan_iter(match=_key("*", "log"), count=1000):
                cid = key.partition("{")[2].rpartition("}")[0]
                if cid not in seen:
                    seen.add(cid)
                    yield cid

    async def stored(self, cid: str) -> Stored:
        """What Redis holds of a conversation, read in one step, for those who examine it."""
        with translated():
            reading = self._redis.pipeline(transaction=True)
            reading.xrange(_key(cid, "log"))
            reading.hkeys(_key(cid, "seen"))
            reading.hgetall(_key(cid, "view"))
            entries, seen, snapshot = await reading.execute()
        return Stored(entries, frozenset(seen), snapshot if snapshot.get("fold") == _FOLD else {})

    async def rewrite(self, cid: str, events: Sequence[Event], closing: Event) -> None:
        """Puts `events` in the place of a whole log and adds `closing`, in one step; see `state.erasure`.

        Raises:
            Conflict: if the log does not hold exactly as many events.
            RecordUnavailable: if Redis did not answer; it may be done all the same.
        """
        log = [*events, closing]
        view = fold_all(View(), log).model_dump_json()
        with translated():
            done, version = await self._rewrite(
                keys=[_key(cid, "log"), _key(cid, "seen"), _key(cid, "view")],
                args=[
                    *(_key(cid, "bell"), secrets.token_hex(6), _FOLD, view, SCHEMA, closing.id),
                    *(encode(event) for event in log),
                ],
            )
        if not done:
            raise Conflict(len(events), version)

    async def compact(self, within_s: float = 60) -> None:
        """Has Redis write its append-only file anew, so that what was taken out is on its disk no longer.

        Raises:
            RecordUnavailable: if it did not, or not in time.
        """
        with translated():
            await compact(self._redis, within_s)

    async def ping(self) -> dict[str, str | bool]:
        """Who answers: `server` (name), `version`, and whether it is `appendonly`."""
        with translated():
            info = await self._redis.info("server", "persistence")
        name = info.get("server_name", "redis")
        return {
            "server": name,
            "version": str(info.get(f"{name}_version", info["redis_version"])),
            "appendonly": bool(info["aof_enabled"]),
        }

    async def lineage(self) -> str:
        """Which history this is: it changes when a replica takes over, and when a server starts anew.

        Both may have lost the newest writes.
        """
        return " ".join(sorted(str(node["master_replid"]) for node in await self._primaries("replication")))

    async def memory(self) -> int:
        """Bytes that Redis has in use, in all primaries together."""
        return sum(int(node["used_memory"]) for node in await self._primaries("memory"))

    async def _primaries(self, section: str) -> list[dict[str, Any]]:
        """What INFO says of each."""
        with translated():
            if not isinstance(self._redis, RedisCluster):
                return [await self._redis.info(section)]
            found = await self._redis.info(section, target_nodes=RedisCluster.PRIMARIES)
        return list(found.values()) if found and all(isinstance(one, dict) for one in found.values()) else [found]

    async def last_lineage(self) -> str | None:
        """The history that was last vouched for; None in a new record."""
        with translated():
            return cast(str | None, await self._redis.get(_LINEAGE))

    async def vouch_for(self, lineage: str) -> None:
        """Notes that nothing is missing from this history."""
        with translated():
            await self._redis.set(_LINEAGE, lineage)
        self.trust(lineage)

    def trust(self, lineage: str) -> None:
        """Takes it from another process that nothing is missing from this history."""
        if lineage != self._vouched:
            self._distrust()
        self._vouched = lineage

    @property
    def trusted(self) -> bool:
        """Whether the history is vouched for, as far as is known here: an append that is `vouched` makes sure."""
        return bool(self._vouched)

    def _distrust(self) -> None:
        # What was read of a history that is lost is no beginning of another.
        self._vouched = ""
        self._views.clear()

    async def close(self) -> None:
        """Ends all following and closes the connections."""
        await self._bell.close()
        await self.listing.close()
        await self.tallies.close()
        await self._hints.close()
        with translated():
            await self._redis.aclose()

    async def _leave_snapshot(self, cid: str, view: View) -> None:
        try:
            with translated():
                await self._keep_snapshot(keys=[_key(cid, "view")], args=[_FOLD, view.version, view.model_dump_json()])
        except RecordUnavailable as error:
            log.warning("a snapshot was not kept", conversation=cid, error=str(error))


_LINEAGE = "segue:lineage"
_OTHER_VERSION, _OTHER_HISTORY = 0, 2
"""What `append.lua` answers in place of 1."""


def _append_call(cid: str, events: Sequence[Event], encoded: Sequence[str], expect: int | None, history: str) -> _Call:
    """The keys and arguments of `append.lua`."""
    stored = [part for event, data in zip(events, encoded, strict=True) for part in (event.id, data)]
    header = [_key(cid, "bell"), "" if expect is None else expect, secrets.token_hex(6), SCHEMA]
    return [_key(cid, "log"), _key(cid, "seen")], [*header, history, *stored]


def _key(cid: str, part: str) -> str:
    return f"segue:{{{cid}}}:{part}"


def _token_key(token: str) -> str:
    return f"segue:token:{token}"
