"""`segue eval phrases` and `segue eval callbacks`: the guard and the reading of times against labelled phrases."""

import csv
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from agent.campaign import Campaign, HumanAgent
from agent.guard.inbound import Finding, FindingKind, inspect
from agent.snapshot import Snapshot
from agent.understanding.spoken_time import CallTime, call_time
from state.events import Channel
from state.view import View
from telephony.commands.people import InputError, refused
from telephony.commands.shares import asked_share

Kind = Literal["optout", "ai_question", "human_request"]
Row = dict[str, str]

NOW = datetime(2026, 11, 18, 14, 5, tzinfo=ZoneInfo("America/Chicago"))
"""What the phrases' "tomorrow" is counted from: a Wednesday, five past two, Central time."""
AMBIGUOUS = "ambiguous"
TIMES = frozenset({"earliest", "latest"})

STOPS = frozenset({FindingKind.OPT_OUT, FindingKind.WRONG_NUMBER})


@dataclass(frozen=True, slots=True)
class Scored:
    """A phrase, its label, and what was made of it."""

    text: str
    label: str
    said: str
    note: str = ""

    @property
    def right(self) -> bool:
        """Whether label and answer agree."""
        return self.label == self.said


def phrases(file: Path, *, kind: Kind, min_recall: float = 0.0, max_false: float = 1.0) -> int:
    """Show the guard every phrase of a table, and print what it caught, what it flagged wrongly, and every miss.

    Caught is a phrase with the label opt_out, ai_question or human_request that the guard takes for one; an
    `ambiguous` one must be held or stopped, and counts with them. Flagged wrongly is any other phrase that is taken
    for one, or held. Exits with 1 below --min-recall or above --max-false, and with 2 if the file is no such table.

    Parameters
    ----------
    file
        A CSV with the columns text and label.
    kind
        What the phrases are about.
    min_recall
        The least share caught: 0.98 or 98.
    max_false
        The greatest share flagged wrongly: 0.02 or 2.
    """
    try:
        min_recall, max_false = asked_share("--min-recall", min_recall), asked_share("--max-false", max_false)
        wanted = "opt_out" if kind == "optout" else kind
        labels = {wanted, f"not_{wanted}", AMBIGUOUS}
        rows = _read(file, ("text", "label"), labels)
    except InputError as error:
        return refused(error)
    scored = [Scored(row["text"], row["label"], _flag(row, wanted), row.get("note") or "") for row in rows]
    caught, positives, flagged, negatives = _shares(scored, wanted)
    recall, false = caught / max(1, positives), flagged / max(1, negatives)
    console = Console(highlight=False, soft_wrap=True)
    misses = [one for one in scored if _is_miss(one, wanted)]
    _show(console, scored, misses)
    console.print(
        f"caught {caught} of {positives} ({recall:.1%}); flagged wrongly {flagged} of {negatives} ({false:.1%})"
    )
    return int((positives > 0 and recall < min_recall) or false > max_false)


def callbacks(file: Path, *, min_right: float = 0.0) -> int:
    """Ask when each phrase of a table wants a call, as of Wednesday 2026-11-18 14:05 Central, and show every miss.

    Right is a phrase whose label, earliest, latest and confirm all match. Exits with 1 below --min-right, and with 2
    if the file is no such table.

    Parameters
    ----------
    file
        A CSV with the columns text, label, earliest, latest and confirm.
    min_right
        The least share of right answers: 0.95 or 95.
    """
    try:
        min_right = asked_share("--min-right", min_right)
        rows = _read(file, ("text", "label", "earliest", "latest", "confirm"))
    except InputError as error:
        return refused(error)
    scored = [Scored(row["text"], _wanted_time(row), _said_time(call_time(row["text"], NOW), row)) for row in rows]
    console = Console(highlight=False, soft_wrap=True)
    misses = [one for one in scored if not one.right]
    _show(console, [Scored(one.text, one.label.split()[0], one.said.split()[0]) for one in scored], misses)
    right = len(scored) - len(misses)
    console.print(f"{right} of {len(scored)} right ({right / len(scored):.1%}); asked for {min_right:.1%}")
    return int(right < min_right * len(scored))


def _flag(row: Row, wanted: str) -> str:
    channel = Channel.VOICE if "voice" in (row.get("note") or "") else Channel.SMS
    finding = inspect(row["text"], Snapshot(View(first_name="Jordan"), _setting(), channel, NOW))
    kinds = _kinds(finding)
    if wanted == "opt_out":
        return wanted if kinds & STOPS else AMBIGUOUS if FindingKind.AMBIGUOUS_STOP in kinds else f"not_{wanted}"
    return wanted if FindingKind(wanted) in kinds else f"not_{wanted}"


def _kinds(finding: Finding | None) -> frozenset[FindingKind]:
    return frozenset() if finding is None else finding.also | {finding.kind}


def _setting() -> Campaign:
    """Where the phrases are spoken: to Ava, who may put Jordan through to Sarah. The campaign asks nothing."""
    return Campaign(
        id="phrases",
        brand="Harbor Lane Insurance",
        brand_short="Harbor Lane",
        persona="Ava",
        vertical="any",
        callback_contact="nobody",
        reason="asked",
        opening_question="Still interested?",
        goal="none",
        questions=(),
        ready_when=(),
        agents=(HumanAgent(name="Sarah", number="+13125550177"),),
    )


def _shares(scored: list[Scored], wanted: str) -> tuple[int, int, int, int]:
    """How many were caught of how many, and flagged wrongly of how many."""
    positives = [one for one in scored if one.label in {wanted, AMBIGUOUS}]
    negatives = [one for one in scored if one.label == f"not_{wanted}"]
    caught = sum(not _is_miss(one, wanted) for one in positives)
    return caught, len(positives), sum(_is_miss(one, wanted) for one in negatives), len(negatives)


def _is_miss(one: Scored, wanted: str) -> bool:
    if one.label == AMBIGUOUS:
        return one.said == f"not_{wanted}"
    return not one.right


def _wanted_time(row: Row) -> str:
    return " ".join((row["label"], row["earliest"] or "-", row["latest"] or "-", row["confirm"] or "-"))


def _said_time(said: CallTime | None, row: Row) -> str:
    if said is None:
        return "none - - no"
    confirm = "yes" if said.confirm else "no"
    # A blank in the table asks nothing about it.
    return " ".join(
        (said.meaning.value, _minute(said.earliest), _minute(said.latest), confirm if row["confirm"] else "-")
    )


def _minute(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%dT%H:%M}" if moment else "-"


def _read(file: Path, columns: tuple[str, ...], labels: set[str] | None = None) -> list[Row]:
    """The rows of a table.

    Raises:
        InputError: naming file and line.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            reader = csv.DictReader(text)
            header = reader.fieldnames or ()
            if missing := [column for column in columns if column not in header]:
                raise InputError(f"{file.name} has no column {', '.join(missing)}: the first line must name it")
            if len(set(header)) < len(header):
                raise InputError(f"{file.name}: the first line names a column twice")
            rows = [_checked(row, f"{file.name}, line {reader.line_num}", columns, labels) for row in reader]
    except UnicodeDecodeError as error:
        raise InputError(f"{file} is not in UTF-8: save it as that ({error})") from None
    except (OSError, csv.Error) as error:
        raise InputError(f"{file} cannot be read: {error}") from None
    if not rows:
        raise InputError(f"{file} holds no phrase")
    return rows


def _checked(row: Row, where: str, columns: tuple[str, ...], labels: set[str] | None) -> Row:
    if any(row[column] is None for column in columns):
        raise InputError(f"{where}: a column is missing")
    if labels is not None and row["label"] not in labels:
        raise InputError(f"{where}: the label is {row['label']!r}, not one of {', '.join(sorted(labels))}")
    for column in TIMES.intersection(columns):
        if row[column] and not _is_time(row[column]):
            raise InputError(f"{where}: {column} {row[column]!r} is no time; write it as 2026-11-18T14:05")
    return row


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _show(console: Console, scored: list[Scored], misses: list[Scored]) -> None:
    counts = Counter((one.label, one.said) for one in scored)
    labels, answers = sorted({label for label, _ in counts}), sorted({said for _, said in counts})
    table = Table("label", *(f"said {said}" for said in answers), title="labels", title_justify="left")
    for label in labels:
        table.add_row(label, *(str(counts[label, said]) for said in answers))
    console.print(table)
    if misses:
        missed = Table("phrase", "label", "said", "note", title="misses", title_justify="left")
        for one in misses:
            missed.add_row(one.text, one.label, one.said, one.note)
        console.print(missed)
