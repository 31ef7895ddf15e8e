"""What the gate must know beyond the conversation and the law: lists that operators keep, each with its date.

Files in one directory, all optional:

    kill_switch             stops all outreach for as long as it is there; its text says why
    emergencies.csv         state,area,zips,starts,ends,source: where solicitation is suspended
    internal.csv            number,reason,added: people who are never contacted
    dnc-YYYY-MM-DD.csv      number: the Do-Not-Call registry as it was copied that day; the newest copy counts
    reassigned.csv          number,answer,asked_on: answers of the Reassigned Numbers Database
"""

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal, Self, TypeVar

from pydantic import BeforeValidator, Field, model_validator

from agent.gate.legal_holidays import STATES
from agent.gate.tables import TableError, TableRow, read_table

KILL_SWITCH = "kill_switch"
_DNC = re.compile(r"dnc-(\d{4}-\d\d-\d\d)\.csv")
_NUMBER = re.compile(r"(?:\+?1)?([2-9]\d{9})")

Number = Annotated[str, Field(pattern=r"^\+[1-9]\d{6,14}$")]


def _split(text: object) -> object:
    return text.split() if isinstance(text, str) else text


class Emergency(TableRow):
    """A place in which nobody may be solicited, because an emergency was declared there."""

    state: str = Field(pattern="^[A-Z]{2}$")
    area: str = ""
    """County or parish, for people; the ZIPs say what belongs to it."""
    zips: Annotated[tuple[Annotated[str, Field(pattern=r"^\d{3,5}$")], ...], BeforeValidator(_split)] = ()
    """ZIPs, or their first three or four digits; empty: the whole state."""
    starts: date
    ends: date | None = None
    """The last day; empty: until somebody writes it down."""
    source: str

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if self.state not in STATES:
            raise ValueError(f"state: there is no state {self.state}")
        if self.ends is not None and self.ends < self.starts:
            raise ValueError(f"ends on {self.ends}, before it starts")
        return self

    def covers(self, states: Iterable[str], code: str | None) -> bool:
        """Whether somebody who may be in any of these states, with this ZIP or none that is known, may be in it."""
        return self.state in states and (not self.zips or code is None or code.startswith(self.zips))


class Barred(TableRow):
    """A number that is never contacted: a litigator, a complaint, whoever the company decided on."""

    number: Number
    reason: str
    added: date


class Reassignment(TableRow):
    """Whether a number has changed hands. Only a plain `no` protects the caller (47 CFR 64.1200(m))."""

    number: Number
    answer: Literal["yes", "no", "no_data"]
    asked_on: date


class DoNotCall:
    """A dated copy of the registry: eight bytes a number, found by bisection."""

    def __init__(self, copied_on: date, numbers: Iterable[str]) -> None:
        """Takes US numbers in E.164 form."""
        self.copied_on = copied_on
        self._numbers = array("Q", sorted(int(number[1:]) for number in numbers))

    def __contains__(self, number: str) -> bool:
        digits = number.removeprefix("+")
        if not digits.isdecimal():
            return False
        place = bisect_left(self._numbers, int(digits))
        return place < len(self._numbers) and self._numbers[place] == int(digits)

    def __len__(self) -> int:
        return len(self._numbers)


@dataclass(frozen=True)
class Registers:
    """All registers at one moment. `fault` says why they could not be read: nobody is then contacted."""

    kill_switch: str | None = None
    emergencies: tuple[Emergency, ...] = ()
    barred: Mapping[str, Barred] = field(default_factory=lambda: MappingProxyType({}))
    do_not_call: DoNotCall | None = None
    reassigned: Mapping[str, Reassignment] = field(default_factory=lambda: MappingProxyType({}))
    paused: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Campaigns that contact nobody until they are resumed, by id, and why. From the record, not from a file."""
    fault: str | None = None


NO_REGISTERS = Registers()
"""Nobody keeps any."""


def read_registers(directory: Path) -> Registers:
    """Reads the files of a directory; what is not there is empty.

    Raises:
        TableError: naming file and line of what cannot be read.
    """
    return Registers(
        kill_switch=_kill_switch(directory),
        emergencies=_table(directory, "emergencies.csv", Emergency),
        barred=MappingProxyType({row.number: row for row in _table(directory, "internal.csv", Barred)}),
        do_not_call=_do_not_call(directory),
        reassigned=MappingProxyType({row.number: row for row in _newest_last(directory)}),
    )


def register_files(directory: Path) -> list[Path]:
    """The files that `read_registers` would read."""
    names = {KILL_SWITCH, "emergencies.csv", "internal.csv", "reassigned.csv"}
    listed = directory.iterdir() if directory.is_dir() else ()
    return sorted(path for path in listed if path.name in names or path.name.startswith("dnc-"))


def _kill_switch(directory: Path) -> str | None:
    path = directory / KILL_SWITCH
    # Whatever the file holds, or even if it cannot be read, its being there is the switch.
    return (_text(path).strip() or "no reason given") if path.exists() else None


def _newest_last(directory: Path) -> list[Reassignment]:
    return sorted(_table(directory, "reassigned.csv", Reassignment), key=lambda row: row.asked_on)


def _do_not_call(directory: Path) -> DoNotCall | None:
    copies = [path for path in register_files(directory) if path.name.startswith("dnc-")]
    if not copies:
        return None
    newest = max(copies, key=_copied_on)
    return DoNotCall(_copied_on(newest), _registered(_text(newest), newest.name))


def _copied_on(path: Path) -> date:
    match = _DNC.fullmatch(path.name)
    try:
        return date.fromisoformat(match[1] if match else "")
    except ValueError:
        what = "name a copy of the registry by the day it was made: dnc-2026-11-20.csv"
        raise TableError(path.name, [(1, what)]) from None


def _registered(text: str, name: str) -> list[str]:
    """The numbers of a copy. Read by hand: it may hold millions of them."""
    lines = text.splitlines()
    if not lines or lines[0].strip() != "number":
        raise TableError(name, [(1, "the first line must be the column's name: number")])
    numbers = []
    for line, cell in enumerate(lines[1:], start=2):
        match = _NUMBER.fullmatch(re.sub(r'[\s,()"-]', "", cell))
        if match is None:
            raise TableError(name, [(line, "is no US number; write 3125550142 or +13125550142")])
        numbers.append(f"+1{match[1]}")
    return numbers


_Row = TypeVar("_Row", bound=TableRow)


def _table(directory: Path, name: str, model: type[_Row]) -> tuple[_Row, ...]:
    path = directory / name
    return read_table(_text(path), name, model) if path.exists() else ()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise TableError(path.name, [(1, f"cannot be read: {error}")]) from error
