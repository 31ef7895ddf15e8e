"""Where a lead could be: every time zone and state his number and his ZIP allow.

A number moves with its owner and an area code may span two zones, so nothing here picks the likeliest place: the gate
must find an hour that is lawful in all of them (POLICY 2.2, 3.1). An empty answer means unknown, and unknown is a no.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers.timezone import time_zones_for_number

from state.view import View

FALLBACK = ZoneInfo("America/Chicago")
"""For wording only, when nothing is known: the zone from which every continental clock is at most two hours away."""

_NANP = re.compile(r"\+1([2-9]\d\d)[2-9]\d{6}")
_ZIP = re.compile(r"(\d{5})(?:-?\d{4})?")


@dataclass(frozen=True, slots=True)
class Place:
    """Candidate time zones (IANA names, likeliest first) and states (postal codes). Empty zones: unknown."""

    zones: tuple[str, ...] = ()
    states: tuple[str, ...] = ()

    def union(self, other: "Place") -> "Place":
        """Every candidate of both, ours first."""
        return Place(_unique(self.zones + other.zones), _unique(self.states + other.states))


NOWHERE = Place()


# The plan, the gate and the door ask for the same one within a moment.
@lru_cache(256)
def place_of_number(number: str) -> Place:
    """Candidates of an E.164 number; `NOWHERE` for toll-free, personal (5XX), foreign and malformed numbers.

    phonenumbers goes by prefix and knows some exchanges more finely than an area code, but gives one zone for several
    codes that have two (850, 448, 458) and a wrong one for 689; so its answer is united with the table's.
    """
    match = _NANP.fullmatch(number)
    if match is None:
        return NOWHERE
    known = _area_codes().get(match[1])
    if known is None:
        return NOWHERE
    guessed = time_zones_for_number(phonenumbers.parse(number))
    usable = tuple(zone for zone in guessed if zone != "Etc/Unknown")
    return Place(usable).union(known)


def place_of_zip(code: str) -> Place:
    """Candidates of a ZIP or ZIP+4, by its first three digits; `NOWHERE` for military and unassigned ones."""
    match = _ZIP.fullmatch(code.strip())
    return _zip_prefixes().get(match[1][:3], NOWHERE) if match else NOWHERE


def possible_place(view: View) -> Place:
    """Everything the lead's number and ZIP allow (POLICY 3.1).

    A ZIP inside a state of the area code narrows the zones to its own. One in another state does not: the lead may
    have moved, or have given the ZIP of the thing to be insured. A ZIP that is nowhere leaves the place unknown.
    """
    by_number = place_of_number(view.number)
    code = zip_of(view)
    if code is None or not by_number.zones:
        return by_number
    by_zip = place_of_zip(code)
    if not by_zip.zones:
        return NOWHERE
    if set(by_zip.states) <= set(by_number.states):
        return Place(by_zip.zones, _unique(by_zip.states + by_number.states))
    return by_zip.union(by_number)


def all_states() -> frozenset[str]:
    """Postal codes of the states and territories that have an area code."""
    return frozenset(state for place in _area_codes().values() for state in place.states)


def lead_zone(view: View) -> ZoneInfo:
    """The one zone to tell the lead a time in. Never a reason to permit anything: that takes every zone."""
    code = zip_of(view)
    zones = (place_of_zip(code).zones if code else ()) or place_of_number(view.number).zones
    return ZoneInfo(zones[0]) if zones else FALLBACK


def zip_of(view: View) -> str | None:
    """The lead's ZIP: what he told us goes before what the form said. None when neither looks like a ZIP."""
    for code in (view.known("zip"), view.zip):
        text = f"{code:05}" if isinstance(code, int) else str(code).strip()
        if _ZIP.fullmatch(text):
            return text
    return None


def _unique(items: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))


@cache
def _area_codes() -> Mapping[str, Place]:
    # Area codes with every zone and state of the ZIPs that list them (zipcodes 3.0.0, MIT), and the five territories.
    return _load("npa_zones.csv", "npa")


@cache
def _zip_prefixes() -> Mapping[str, Place]:
    # From zipcodes 3.0.0 (MIT): zones that keep the same clock today are merged, military ZIPs left out, and
    # West Wendover, Nevada, given the Mountain time it keeps. The zone of most ZIPs comes first.
    return _load("zip3_zones.csv", "zip3")


def _load(name: str, key: str) -> Mapping[str, Place]:
    rows = csv.DictReader((files("agent.gate") / "data" / name).read_text(encoding="utf-8").splitlines())
    return {row[key]: Place(tuple(row["zones"].split()), tuple(row["states"].split())) for row in rows}
