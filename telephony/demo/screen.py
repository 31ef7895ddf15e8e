"""Shows the conversation in the terminal as it happens: channel, who, words, facts learned, gaps."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import numpy as np
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from state.events import (
    CallConnected,
    CallEnded,
    CallPlaced,
    Event,
    FactLearned,
    HandoffAdvanced,
    LeadArrived,
    LeadSaid,
    PersonaSaid,
    TextReceived,
    TextSent,
)
from state.view import View
from telephony.demo.verdict import Check, Evidence

SMS, VOICE, SYSTEM = "sms", "voice", ""
LEAD, PERSONA = "bold cyan", "bold green"


class Screen:
    """One line per event of the conversation, in the lead's local time."""

    def __init__(self, console: Console, persona: str, zone: ZoneInfo) -> None:
        self._console = console
        self._persona = persona
        self._zone = zone
        self._lead = "Lead"

    def show(self, event: Event) -> None:
        """Shows an event, if it is one a person would want to see."""
        match event:
            case LeadArrived(first_name=name, source=source):
                self._lead = name or self._lead
                self._line(event, SYSTEM, self._lead, f"filled in a form ({source})", LEAD)
            case TextSent(body=body):
                self._line(event, SMS, self._persona, body, PERSONA)
            case TextReceived(body=body):
                self._line(event, SMS, self._lead, body, LEAD)
            case FactLearned(key=key, value=value):
                self._note(f"learned {key} = {value}")
            case CallPlaced():
                self._note(f"calling {self._lead} …")
            case CallConnected():
                self._note("the call is answered")
            case LeadSaid(text=text):
                self._line(event, VOICE, self._lead, text, LEAD)
            case PersonaSaid():
                self._persona_said(event)
            case HandoffAdvanced(step=step, agent=agent):
                self._note(f"transfer: {step}" + (f" ({agent})" if agent else ""))
            case CallEnded(cause=cause):
                self._note(f"{self._persona} leaves the call: {cause.replace('_', ' ')}")
            case _:
                pass

    def _persona_said(self, event: PersonaSaid) -> None:
        words = Text(event.heard)
        if event.cut_ms is not None:
            words.append(" … cut off; never heard: ", "yellow")
            words.append(event.text.removeprefix(event.heard).strip(), "dim strike")
        gap = f"{event.timing.gap:.0f} ms" if event.timing is not None else ""
        self._line(event, VOICE, self._persona, words, PERSONA, gap)

    def _line(self, event: Event, channel: str, who: str, words: str | Text, style: str, gap: str = "") -> None:
        row = Table.grid(padding=(0, 1), expand=True)
        row.add_column(width=8, style="dim")
        row.add_column(width=5, style="magenta")
        row.add_column(width=8, style=style)
        row.add_column(overflow="fold", ratio=1)
        row.add_column(width=7, justify="right", style="dim")
        row.add_row(f"{event.at.astimezone(self._zone):%H:%M:%S}", channel, who, words, gap)
        self._console.print(row)

    def _note(self, text: str) -> None:
        self._console.print(Text(f"{'':24}{text}", "dim"))

    # The closing table

    def close(self, evidence: Evidence, checks: Sequence[Check], recording: str) -> None:
        """Facts, summary, gaps and the verdict."""
        self._console.print()
        self._console.print(_facts(evidence.view))
        self._console.print(Panel(Text(evidence.card or "(none)"), title="What the agent was told", style="none"))
        self._console.print(_gaps(evidence))
        self._console.print(_verdict(checks))
        self._console.print(f"The call, in stereo (left: the lead, right: what he heard): {recording}")


def _facts(view: View) -> Table:
    table = Table("fact", "value", "learned from", title="What the lead told us", title_justify="left")
    for key, fact in view.facts.items():
        table.add_row(key, str(fact.value), "sms" if fact.source.startswith("sms") else "voice")
    return table


def _gaps(evidence: Evidence) -> Table:
    measured = [gap.gap_ms for gap in evidence.turns]
    own = [event.timing.gap for event in evidence.of(PersonaSaid) if event.timing is not None]
    table = Table("turn gap", "n", "p50", "p95", title="Last word to first word", title_justify="left")
    for name, values in (("in the recording", measured), ("by our own account", own)):
        if values:
            p50, p95 = np.percentile(values, [50, 95])
            table.add_row(name, str(len(values)), f"{p50:.0f} ms", f"{p95:.0f} ms")
    return table


def _verdict(checks: Sequence[Check]) -> Table:
    table = Table("", "what had to happen", "shown by", title="Did it happen?", title_justify="left")
    for check in checks:
        mark = Text("yes", "bold green") if check.happened else Text("NO", "bold red")
        table.add_row(mark, check.what, Text(check.shown_by))
    return table
