"""How the gate's answers are shown to an operator."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from agent.gate.contact import Contact
from agent.gate.gate import Look, Permit, Refusal, looks
from agent.gate.law import StateRule
from agent.gate.zones import lead_zone
from state.events import Channel

EXAMPLES = 10
"""Unusable lines of a list that are named; the table counts all."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A line of a list and the gate's answer; None if the line names nobody, or somebody a second time."""

    line: int
    answer: Permit | Refusal | None
    reason: str


def show(console: Console, contact: Contact, answer: Permit | Refusal, *, known: bool) -> None:
    """Prints one decision: the answer, the places, every rule, and what else the law wants of such a contact."""
    for line in headlines(contact, answer, known=known):
        console.print(line, markup=False)
    console.print(_zones(contact))
    console.print(_states(contact))
    try:
        console.print(_rules(looks(contact)))
    except Exception as error:
        console.print(f"A rule failed, so nobody is contacted: {error}", markup=False)
    for line in duties(contact):
        console.print(line, markup=False)


def headlines(contact: Contact, answer: Permit | Refusal, *, known: bool) -> Iterator[str]:
    """The answer in a few lines."""
    zone = lead_zone(contact.view)
    yield f"{contact.channel} to {contact.to} for {contact.campaign.id}, {_clock(contact.now, zone)}, {contact.permit}"
    yield (
        "The conversation on record."
        if known
        else "No conversation on record: taken to be a new lead who asked by web form and agreed in writing to both."
    )
    if isinstance(answer, Permit):
        yield f"PERMITTED: {answer.reason}"
        return
    yield f"{'HELD' if answer.next_allowed else 'REFUSED'}: {answer.reason}, by the rule {answer.rule}"
    if answer.why:
        yield f"Why: {answer.why}"
    yield f"Source: {answer.citation}"
    if answer.next_allowed is None:
        yield "Next permitted time: none, as things stand"
        return
    zones = [ZoneInfo(name) for name in answer.zones] or [zone]
    yield "Next permitted time: " + "; ".join(_clock(answer.next_allowed, one) for one in zones)


def duties(contact: Contact) -> Iterator[str]:
    """What the law wants of such a contact beside its permission, and by which edition of the rules it was judged."""
    states = contact.place.states
    if contact.channel is Channel.VOICE:
        for rule in contact.law.recording_in(states):
            yield f"Recording, {rule.state}: {rule.rule} ({rule.citation}, {rule.confidence})"
    for day in sorted(contact.days)[:1]:
        for told in contact.law.disclosures_in(states, contact.channel, day):
            yield f"Disclosure, {';'.join(told.jurisdiction)}: {told.rule} ({told.citation}, {told.confidence})"
    for row in contact.state_rules if states else ():
        if row.special_flags:
            yield f"Flags, {row.state}: {', '.join(row.special_flags)}"
    yield f"Rules of {contact.law.edition}. Not legal advice: counsel reviews the rules before real traffic."


def _clock(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%a %Y-%m-%d %H:%M} {zone.key}"


def _table(*columns: str) -> Table:
    """A table whose long texts wrap, in a terminal of any width, and whose hours and names do not."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, no_wrap=column not in {"source", "says"}, overflow="fold")
    return table


def _zones(contact: Contact) -> Table:
    table = _table("zone the lead could be in", "local time")
    for name in contact.place.zones:
        table.add_row(name, f"{contact.now.astimezone(ZoneInfo(name)):%a %Y-%m-%d %H:%M}")
    if not contact.place.zones:
        table.add_row("unknown", "")
    return table


def _states(contact: Contact) -> Table:
    table = _table("state", "texts", "AI calls", "cap", "source", "sure")
    for row in contact.state_rules if contact.place.states else ():
        cap = f"{row.cap.count} in {row.cap.hours} h" if row.cap else ""
        hours = (_hours(row, channel, contact) for channel in Channel)
        table.add_row(row.state, *hours, cap, row.citation, row.confidence)
    if not contact.place.states:
        table.add_row("all", "", "", "", "the state is unknown: the rules of all of them bind", "")
    return table


def _hours(row: StateRule, channel: Channel, contact: Contact) -> str:
    schedule = row.schedule(channel)
    return "; ".join(dict.fromkeys(str(schedule.on(day) or "closed") for day in sorted(contact.days)))


def _rules(found: list[Look]) -> Table:
    table = _table("rule", "says", "until (UTC)", "source")
    for look in found:
        objection = look.objection
        if not look.binds:
            table.add_row(look.rule.name, "does not bind", "", "")
        elif objection is None:
            table.add_row(look.rule.name, "passes", "", look.rule.citation)
        else:
            until = f"{objection.until:%Y-%m-%d %H:%M}" if objection.until else "-"
            told = f"OBJECTS: {objection.reason}" + (f" ({objection.why})" if objection.why else "")
            table.add_row(look.rule.name, told, until, objection.citation or look.rule.citation)
    return table


def show_preview(console: Console, judged: Iterable["Judged"]) -> None:
    """Prints how many leads of a list would be contacted, held or skipped, by reason."""
    judged = list(judged)
    counts = Counter((_verdict(one), one.reason if one.answer else "unusable line") for one in judged)
    table = _table("", "reason", "leads", "earliest")
    for (verdict, reason), count in sorted(counts.items(), key=lambda item: (_ORDER.index(item[0][0]), -item[1])):
        table.add_row(verdict, reason, str(count), _earliest(judged, reason) if verdict == "held" else "")
    console.print(table)
    totals = Counter(_verdict(one) for one in judged)
    said = ", ".join(f"{totals[verdict]} {verdict}" for verdict in _ORDER)
    console.print(f"{len(judged)} {'lead' if len(judged) == 1 else 'leads'}: {said}")
    for one in [one for one in judged if one.answer is None][:EXAMPLES]:
        console.print(f"line {one.line}: {one.reason}", markup=False)


_ORDER = ("contacted", "held", "skipped")


def _verdict(one: "Judged") -> str:
    if isinstance(one.answer, Permit):
        return "contacted"
    return "held" if one.answer is not None and one.answer.next_allowed is not None else "skipped"


def _earliest(judged: Iterable["Judged"], reason: str) -> str:
    times = [one.answer.next_allowed for one in judged if one.answer is not None and one.reason == reason]
    return f"{min(at for at in times if at is not None):%Y-%m-%d %H:%M} UTC"
