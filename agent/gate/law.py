"""The law as data: what each state allows, read once from the tables in `data/` and never changed afterwards.

A rule that changes is a new row with a date from which it is in force, not new code. Sources and their confidence
(H read in the text, M one good source, L weak or disputed) stand in each row; docs/compliance.md says what they mean.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from hashlib import sha256
from importlib.resources import files
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from agent.gate.hours import FEDERAL, Schedule, Window, both
from agent.gate.legal_holidays import STATES, overrides
from agent.gate.tables import TableError, TableRow, numbered, read_table
from state.events import Channel

INQUIRY_FLAGS = {
    "no_unsolicited_cell_sales": "unsolicited sales calls to cell phones are barred",
    "natural_voice_intro": "a recorded or artificial voice needs a live introduction first",
    "adad_commercial_ban": "automated devices are barred for commercial solicitation",
    "adad_live_operator": "an automated voice needs a live operator, or the person's own request, first",
}
"""Flags that close a state to a sales call by an artificial voice, unless the lead asked himself."""
CENTRAL_FLAG = "fixed_zone_central"
"""The state's hours are read on the Central clock, whatever the person's."""
HOLIDAY_AS_SUNDAY_FLAG = "auto_holiday_as_sunday"
"""For an automated voice, a legal holiday has Sunday's hours."""

FLAGS = {
    *INQUIRY_FLAGS,
    CENTRAL_FLAG,
    HOLIDAY_AS_SUNDAY_FLAG,
    "adad_consent",
    "adad_consent_or_live_operator",
    "adad_limits",
    "adad_no_consent_exemption",
    "adad_optout",
    "adad_prior_agreement",
    "ai_adm_law_2027",
    "ai_disclosure_proactive",
    "ai_on_request",
    "artificial_voice_disclosure",
    "auto_weekdays_only",
    "bot_act",
    "caller_id_true",
    "emergency_moratorium",
    "end_within_10s",
    "identify_30s",
    "identify_30s_true_name",
    "identify_first_last_name",
    "intro_10s",
    "intro_name_first",
    "joint_liability_seller",
    "no_commercial_text_without_consent",
    "offer_continue_end_remove",
    "offer_dnc_at_start",
    "pewc_any_sales_call",
    "pewc_automated_selection_and_dialing",
    "pewc_automated_selection_or_dialing",
    "pewc_prerecorded",
    "platform_liable_assist",
    "prerecorded_consent",
    "private_action_dtpa",
    "private_action_no_knowledge",
    "record_all_party",
    "record_all_party_announcement_recorded",
    "record_all_party_doubtful",
    "record_doubtful",
    "seller_licence_unless_exempt",
    "seller_registration_unless_exempt_or_consented_texts",
    "state_dnc",
    "stop_on_negative_response",
    "text_stop_10_years",
    "text_stop_15_day_cure",
}
"""Every flag a row may have: a misspelt one would be a rule that nobody heeds."""


def _window(text: object) -> object:
    return (None if text == "none" else Window.parse(text)) if isinstance(text, str) else text


def _listed(text: object) -> object:
    return [part.strip() for part in text.split(";")] if isinstance(text, str) else text


DayHours = Annotated[Window | None, BeforeValidator(_window)]
Listed = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Confidence = Literal["H", "M", "L"]
Postal = Annotated[str, Field(pattern="^[A-Z]{2}$")]


class Cap(TableRow):
    """At most so many contacts in so many hours."""

    count: int
    hours: int


class StateRule(TableRow):
    """What one state allows: to anybody (`live`), and to automated devices (`auto`), which an AI's voice may be.

    Consent is never read to lift hours, and an area code never to presume a place: both columns are kept for the
    person who reviews the table.
    """

    state: Postal
    name: str
    in_force_from: date | None = None
    """Empty: for as long as the product exists."""
    live_weekday: DayHours
    live_sat: DayHours
    live_sun: DayHours
    holiday_ban: bool
    attempts_cap: int | None = Field(None, ge=1)
    cap_hours: int | None = Field(None, ge=1)
    auto_weekday: DayHours
    auto_sat: DayHours
    auto_sun: DayHours
    auto_holiday_ban: bool
    auto_cap: int | None = Field(None, ge=1)
    auto_cap_hours: int | None = Field(None, ge=1)
    texts_covered: Literal["yes", "no", "unknown"]
    consent_lifts_hours: Literal["yes", "no", "unknown", "disputed"]
    presume_area_code: bool
    special_flags: Listed = ()
    citation: str
    confidence: Confidence
    note: str = ""

    @model_validator(mode="after")
    def _means_something(self) -> Self:
        for column in ("live_weekday", "live_sat", "live_sun"):
            window: Window | None = getattr(self, column)
            if window and not window.within(FEDERAL):
                raise ValueError(f"{column}: {window} is wider than the federal {FEDERAL}")
        if (self.attempts_cap is None) != (self.cap_hours is None):
            raise ValueError("attempts_cap and cap_hours go together")
        if (self.auto_cap is None) != (self.auto_cap_hours is None):
            raise ValueError("auto_cap and auto_cap_hours go together")
        if unknown := set(self.special_flags) - FLAGS:
            raise ValueError(f"special_flags: {', '.join(sorted(unknown))}: no such flag")
        if self.state not in STATES:
            raise ValueError(f"state: the holidays of {self.state} are not known")
        return self

    @cached_property
    def _texts(self) -> Schedule:
        banned = self.state if self.holiday_ban else None
        return Schedule(self.live_weekday, self.live_sat, self.live_sun, banned)

    @cached_property
    def _calls(self) -> Schedule:
        """Both columns bind an artificial voice."""
        sunday = both(self.live_sun, self.auto_sun)
        as_sunday = HOLIDAY_AS_SUNDAY_FLAG in self.special_flags
        banned = self.holiday_ban or self.auto_holiday_ban
        return Schedule(
            weekday=both(self.live_weekday, self.auto_weekday),
            saturday=both(self.live_sat, self.auto_sat),
            sunday=sunday,
            state=self.state if banned or as_sunday else None,
            holiday=sunday if as_sunday and not banned else None,
        )

    def schedule(self, channel: Channel) -> Schedule:
        """When a text, or a call by an artificial voice, may be started."""
        return self._texts if channel is Channel.SMS else self._calls

    @property
    def cap(self) -> Cap | None:
        """How often anybody may try."""
        return Cap(count=self.attempts_cap, hours=self.cap_hours) if self.attempts_cap and self.cap_hours else None

    @property
    def automated_cap(self) -> Cap | None:
        """How often an automated device may try."""
        return Cap(count=self.auto_cap, hours=self.auto_cap_hours) if self.auto_cap and self.auto_cap_hours else None


class RecordingRule(TableRow):
    """Whose consent a recording needs. `US` is the rule where a state has none."""

    state: Postal
    rule: Literal[
        "one_party",
        "one_party_phone",
        "all_party",
        "all_party_phone",
        "all_party_notice",
        "treat_all_party",
        "doubtful",
        "no_statute",
    ]
    how_to_apply: str
    citation: str
    confidence: Confidence


class DisclosureRule(TableRow):
    """When a machine has to say that it is one."""

    jurisdiction: Listed
    rule: str
    trigger: str
    channels: Annotated[tuple[Channel, ...], BeforeValidator(_listed)] = ()
    """Of ours; empty: it speaks of others and is listed so that nobody mixes it up."""
    status: Literal["in_force", "partly", "proposed", "company"]
    in_force_from: date | None = None
    in_force_until: date | None = None
    citation: str
    confidence: Confidence
    note: str = ""

    def applies(self, states: Iterable[str], channel: Channel, day: date) -> bool:
        """Whether it speaks to a contact on a day with somebody in one of these states."""
        reach = {"US-FCC", "US-FTC", "company", *states}
        begun = self.in_force_from is None or self.in_force_from <= day
        over = self.in_force_until is not None and self.in_force_until < day
        return self.status != "proposed" and begun and not over and channel in self.channels and self._in(reach)

    def _in(self, reach: set[str]) -> bool:
        return not reach.isdisjoint(self.jurisdiction)


@dataclass(frozen=True)
class Law:
    """All rules of one edition. Pure: it never looks at a file or a clock."""

    states: tuple[StateRule, ...]
    recording: tuple[RecordingRule, ...]
    disclosure: tuple[DisclosureRule, ...]
    edition: str
    """Its date and a digest of its tables: what a decision was made by."""

    @cached_property
    def _by_state(self) -> dict[str, tuple[StateRule, ...]]:
        """Each state's rows, the newest first; one without a date came before all others."""
        newest = sorted(self.states, key=lambda row: row.in_force_from or date.min, reverse=True)
        return {code: tuple(row for row in newest if row.state == code) for code in {row.state for row in newest}}

    def rules_for(self, states: Iterable[str], days: Iterable[date]) -> tuple[StateRule, ...]:
        """The rows that bind somebody who may be in any of these states, on any of these local days.

        Nobody knows which state, or one of them has no row in force: every row binds, which is the strictest there is.
        """
        found = [self._in_force(state, day) for state in states for day in days]
        if not found or None in found:
            return tuple(dict.fromkeys(row for code in sorted(self._by_state) for row in self._by_state[code]))
        return tuple(dict.fromkeys(row for row in found if row is not None))

    def _in_force(self, state: str, day: date) -> StateRule | None:
        rows = self._by_state.get(state, ())
        return next((row for row in rows if row.in_force_from is None or row.in_force_from <= day), None)

    def recording_in(self, states: Iterable[str]) -> tuple[RecordingRule, ...]:
        """The recording rules of these states, after the federal one."""
        named = {"US", *states}
        return tuple(row for row in self.recording if row.state in named)

    def disclosures_in(self, states: Iterable[str], channel: Channel, day: date) -> tuple[DisclosureRule, ...]:
        """The disclosure rules that speak to a contact."""
        named = tuple(states)
        return tuple(row for row in self.disclosure if row.applies(named, channel, day))


@cache
def current_law() -> Law:
    """The edition that comes with the product, read once.

    Raises:
        TableError: naming file and line of every row that cannot be read.
    """
    here = files("agent.gate") / "data"
    names = ("state_rules.csv", "recording_consent.csv", "ai_disclosure.csv", "holiday_overrides.csv", "edition.toml")
    overrides()  # a bad row is to be found now, not on the day it would matter
    return read_law({name: (here / name).read_text(encoding="utf-8") for name in names})


def read_law(texts: dict[str, str]) -> Law:
    """A law out of its files' texts, by file name.

    Raises:
        TableError: naming file and line of the rows that cannot be read.
    """
    states = read_table(texts["state_rules.csv"], "state_rules.csv", StateRule)
    _refuse_doubles(texts["state_rules.csv"], "state_rules.csv")
    digest = sha256("".join(texts[name] for name in sorted(texts)).encode()).hexdigest()
    return Law(
        states=states,
        recording=read_table(texts["recording_consent.csv"], "recording_consent.csv", RecordingRule),
        disclosure=read_table(texts["ai_disclosure.csv"], "ai_disclosure.csv", DisclosureRule),
        edition=f"{_as_of(texts['edition.toml'])}+{digest[:8]}",
    )


def _as_of(text: str) -> date:
    try:
        as_of = tomllib.loads(text)["as_of"]
    except (tomllib.TOMLDecodeError, KeyError):
        as_of = None
    if not isinstance(as_of, date):
        raise TableError("edition.toml", [(1, "as_of: write the date of the edition, such as 2026-11-22")])
    return as_of


def _refuse_doubles(text: str, name: str) -> None:
    seen: dict[tuple[str, str], int] = {}
    for line, cells in numbered(text, name):
        key = (cells["state"], cells.get("in_force_from", ""))
        if first := seen.get(key):
            raise TableError(name, [(line, f"{key[0]} is in force from the same day as on line {first}")])
        seen[key] = line
