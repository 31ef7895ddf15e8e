"""The list's rows: one conversation each, from its view."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType

from agent.handoff import SEEKING
from state.effects import CheckTransfer, HandoffStep
from state.events import conversation_id
from state.listing import Shelf, digits_of, folded
from state.store import Record
from state.view import Line, View
from telephony.services import Services

PAGE = 40
"""Rows of one page."""
LIVE_SHOWN = 40
"""Live conversations above the others."""


class Tone(StrEnum):
    """How a state is shown."""

    LIVE = "live"
    GOOD = "good"
    WARN = "warn"
    STOP = "stop"
    CALM = "calm"


@dataclass(frozen=True, slots=True)
class State:
    """How a conversation stands, in a word or three."""

    label: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class Row:
    """One conversation in the list."""

    cid: str
    view: View
    state: State
    last: Line | None
    at: datetime | None

    @property
    def name(self) -> str:
        """The lead's first name, if he has one."""
        return name_of(self.view)


@dataclass(frozen=True, slots=True)
class Rows:
    """A page of the list. `pages` is how many there are, 1 for a search."""

    live: list[Row]
    rest: list[Row]
    page: int = 1
    pages: int = 1
    total: int = 0
    waiting: int = 0


def name_of(view: View) -> str:
    """What the lead is called."""
    return str(view.first_name or view.known("first_name") or "")


def state_of(view: View) -> State:
    """How a conversation stands: what an operator should know first."""
    transfer = view.handoff
    if view.live_call is not None:
        if transfer is not None and transfer.call == view.live_call.call and transfer.step in SEEKING:
            return State(f"transfer: {transfer.step.value}", Tone.LIVE)
        return State("on the phone", Tone.LIVE)
    if view.suppressed:
        return State("wrong number" if view.suppressed_as == "wrong_number" else "opted out", Tone.STOP)
    if view.held is not None:
        return State("held", Tone.WARN)
    if view.paused is not None:
        return State(f"{view.paused} took over", Tone.WARN)
    if transfer is not None and transfer.step is HandoffStep.JOINED:
        return State(f"with {transfer.agent or 'an agent'}", Tone.GOOD)
    if transfer is not None and transfer.step is HandoffStep.LEFT:
        return State(f"was with {transfer.agent or 'an agent'}", Tone.GOOD)
    waiting = [entry for entry in view.outbox.values() if not isinstance(entry.effect, CheckTransfer)]
    if waiting:
        first = min(waiting, key=lambda entry: entry.due)
        return State(COMING.get(first.effect.kind, "transfer planned"), Tone.CALM)
    last = view.thread[-1] if view.thread else None
    if last is None:
        return State("new", Tone.CALM)
    return State("replied" if last.who == "lead" else "awaiting reply", Tone.CALM)


COMING = {"answer": "being answered", "send_text": "text planned", "dial": "call planned"}
"""By the kind of the effect that is due first."""


def row_of(cid: str, view: View, active: datetime | None = None) -> Row:
    """A conversation's row. `active` is when something last happened in it, where that is known."""
    last = view.thread[-1] if view.thread else None
    spoken = last.at if last else view.arrived_at
    return Row(cid, view, state_of(view), last, max(filter(None, (spoken, active)), default=None))


async def listed(services: Services, page: int, *, waiting: bool = False) -> Rows:
    """A page: who is on the telephone first, then by last activity, or only who waits for a person."""
    listing, now = services.record.listing, services.clock()
    shelf = Shelf.WAITING if waiting else Shelf.RECENT
    total, waits = await asyncio.gather(listing.count(shelf), listing.count(Shelf.WAITING))
    pages = max(1, -(-total // PAGE))
    page = min(max(page, 1), pages)
    live = [] if waiting or page > 1 else await _borne_out(services.record, Shelf.LIVE, LIVE_SHOWN, now)
    if waiting:
        return Rows(
            [], await _borne_out(services.record, shelf, PAGE, now, (page - 1) * PAGE), page, pages, total, waits
        )
    shown = {row.cid for row in live}
    entries = await listing.newest(shelf, (page - 1) * PAGE, PAGE)
    active = {cid: datetime.fromtimestamp(ms / 1000, UTC) for cid, ms in entries}
    rest = await _rows(services.record, [cid for cid in active if cid not in shown], active)
    return Rows(live, rest, page, pages, total, waits)


async def _borne_out(record: Record, shelf: Shelf, count: int, now: datetime, start: int = 0) -> list[Row]:
    """The conversations of a shelf that belong there; the others are suspected."""
    rows = await _rows(record, [cid for cid, _ in await record.listing.newest(shelf, start, count)])
    for row in rows:
        if not _belongs(row.view, shelf):
            await record.listing.suspect(shelf, row.cid, now)
    return [row for row in rows if _belongs(row.view, shelf)]


def _belongs(view: View, shelf: Shelf) -> bool:
    if shelf is Shelf.LIVE:
        return view.live_call is not None
    return view.held is not None or view.paused is not None


async def found(services: Services, text: str) -> Rows:
    """The conversations that a name, a number or an id stands for."""
    record = services.record
    cids = dict.fromkeys([text.strip(), *_whole_number(services, text), *await record.listing.search(text, PAGE)])
    rows = [row for row in await _rows(record, list(cids)) if row.cid == text.strip() or _matches(row.view, text)]
    return Rows([], rows, total=len(rows), waiting=await record.listing.count(Shelf.WAITING))


def _whole_number(services: Services, text: str) -> list[str]:
    """A whole number needs no list: the conversations with it are known by their ids."""
    digits = digits_of(text)
    brands = {campaign.brand for campaign in services.campaigns.values()}
    numbers = [f"+{digits}", f"+1{digits}"] if len(digits) >= 10 else []
    return [conversation_id(brand, number) for brand in brands for number in numbers]


def _matches(view: View, text: str) -> bool:
    """The list of words is a hint; the view decides."""
    digits, number = digits_of(text), digits_of(view.number)
    if digits and not any(char.isalpha() for char in text):
        return number.startswith(digits) or number.endswith(digits)
    names = folded(name_of(view))
    return bool(names) and all(any(name.startswith(word) for name in names) for word in folded(text))


async def _rows(record: Record, cids: list[str], active: Mapping[str, datetime] = MappingProxyType({})) -> list[Row]:
    views = await asyncio.gather(*(record.view(cid) for cid in cids))
    return [row_of(cid, view, active.get(cid)) for cid, view in zip(cids, views, strict=True) if view.arrived_at]
