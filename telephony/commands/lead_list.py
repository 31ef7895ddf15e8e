"""Leads as a CSV lists them, before any of them is taken in.

Columns: `number` (or `phone`), and, where they are known, `zip`, `source` (see `agent.gate.inquiry`), `consent`,
`consent_at`. Others are ignored. `consent` is one of the words of `agent.gate.cases.CONSENTS`, or the scopes that were
agreed to in writing (`sms`, `ai_voice`, or both); empty means none: what is not shown is not assumed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from agent.campaign import Campaign
from agent.gate.cases import Basis
from agent.gate.tables import TableError, numbered
from state.events import Scope
from state.view import Consent, View
from telephony.leads.flat import agreed_to
from telephony.numbers import e164

NUMBER_COLUMNS = ("number", "phone")


@dataclass(frozen=True, slots=True)
class Listed:
    """One lead of the list."""

    line: int
    number: str
    zip: str | None
    source: str
    consents: dict[Scope, Basis]
    agreed_at: datetime | None

    def view(self, campaign: Campaign, now: datetime) -> View:
        """The conversation as it would begin, were he taken in now."""
        agreed = self.agreed_at or now
        given = {scope: Consent(event="list", basis=basis, at=agreed) for scope, basis in self.consents.items()}
        return View(
            number=self.number,
            brand=campaign.brand,
            campaign=campaign.id,
            source=self.source,
            zip=self.zip,
            arrived_at=now,
            consents=given,
        )


@dataclass(frozen=True, slots=True)
class Unusable:
    """A line that names nobody."""

    line: int
    why: str


def read_leads(text: str, name: str) -> Iterator[Listed | Unusable]:
    """The leads of a list. A line that cannot be used does not spoil the others.

    Raises:
        TableError: if the text is no table, or has no column of numbers.
    """
    header = [column.strip() for column in text.split("\n", 1)[0].split(",")]
    column = next((one for one in NUMBER_COLUMNS if one in header), None)
    if column is None:
        raise TableError(name, [(1, "the header has no column number")])
    for line, cells in numbered(text, name):
        try:
            yield _listed(line, cells, column)
        except ValueError as error:
            yield Unusable(line, str(error))


def has_consents(text: str) -> bool:
    """Whether a list says anything of consent."""
    return "consent" in [column.strip() for column in text.split("\n", 1)[0].split(",")]


def _listed(line: int, cells: dict[str, str], column: str) -> Listed:
    try:
        number = e164(cells.get(column, ""))
    except ValueError as error:
        raise ValueError(f"{column} {error}") from None
    return Listed(
        line=line,
        number=number,
        zip=cells.get("zip"),
        source=cells.get("source", "").strip(),
        consents=agreed_to(cells.get("consent", "none").strip()),
        agreed_at=_instant(cells.get("consent_at")),
    )


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"consent_at {text!r} is no date such as 2026-11-18T14:05-06:00") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
