"""`segue eval gate`: the contact gate against a table of cases."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from rich.console import Console
from rich.table import Table

from agent.gate.cases import Answer, Case, Unreadable, Verdict, ask, read_cases, require_columns
from agent.gate.tables import TableError
from telephony.commands.people import InputError, refused
from telephony.commands.shares import asked_share

VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


@dataclass(frozen=True, slots=True)
class Scored:
    """One row and what the gate said to it; None if the row cannot be read."""

    row: Case | Unreadable
    answer: Answer | None

    @property
    def right(self) -> bool:
        """Whether verdict, reason and, where one is given, next time are the row's."""
        return isinstance(self.row, Case) and self.answer is not None and self.answer.matches(self.row)


def gate(file: Path, *, min_right: float = 0.0) -> int:
    """Ask the contact gate every case of a table, and show where verdicts differ and every miss.

    Right is a case whose verdict (allow, hold or block), reason and, where one is given, next allowed time all match.
    Only the law and the gate's own rules are asked: no campaign's hours, no registers. Exits with 1 below
    --min-right, and with 2 if the file is no such table.

    Parameters
    ----------
    file
        A CSV with the columns id, now_utc, states, zones, channel, kind, consent, suppressed, contacts_24h,
        last_contact_s, lead_last_text_s, inquiry, expected, reason, next_allowed_local_first_zone, note.
    min_right
        The least share of right answers: 0.95 or 95.
    """
    try:
        min_right = asked_share("--min-right", min_right)
        scored = score(file)
    except InputError as error:
        return refused(error)
    console = Console(highlight=False, soft_wrap=True)
    show(console, scored)
    right = sum(one.right for one in scored)
    console.print(f"{right} of {len(scored)} right ({right / len(scored):.1%}); asked for {min_right:.1%}")
    return int(right < min_right * len(scored))


def score(file: Path) -> list[Scored]:
    """Every row of a table with the gate's answer.

    Raises:
        InputError: if the file cannot be read, is no such table, or is empty.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
        require_columns(text, file.name)
        scored = [Scored(row, ask(row) if isinstance(row, Case) else None) for row in read_cases(text, file.name)]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file} cannot be read: {error}") from None
    except TableError as error:
        raise InputError(str(error)) from None
    if not scored:
        raise InputError(f"{file} holds no case")
    return scored


def show(console: Console, scored: list[Scored]) -> None:
    """Prints the confusion of verdicts and every miss."""
    console.print(_confusion(scored))
    misses = [one for one in scored if not one.right]
    if misses:
        console.print(_misses(misses))


def _confusion(scored: list[Scored]) -> Table:
    counts = Counter(
        (one.row.expected, one.answer.verdict) for one in scored if isinstance(one.row, Case) and one.answer is not None
    )
    table = Table("expected", *(f"said {verdict}" for verdict in VERDICTS), title="verdicts")
    for expected in VERDICTS:
        table.add_row(expected, *(str(counts[expected, verdict]) for verdict in VERDICTS))
    return table


def _misses(misses: list[Scored]) -> Table:
    table = Table("case", "expected", "said", "note", title="misses")
    for one in misses:
        if isinstance(one.row, Unreadable):
            table.add_row(one.row.id or f"line {one.row.line}", "", "cannot be read", one.row.fault)
        elif one.answer is not None:
            wanted = _told(one.row.expected, one.row.reason, one.row.next_allowed_local_first_zone)
            said = _told(one.answer.verdict, one.answer.reason, one.answer.next_allowed)
            table.add_row(one.row.id, wanted, said, one.row.note)
    return table


def _told(verdict: str, reason: str, until: str) -> str:
    return f"{verdict}: {reason}" + (f" until {until}" if until else "")
