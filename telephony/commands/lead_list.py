"""Leads as a CSV lists them, before any of them is taken in.

Columns are those of `segue leads import`, under all their names (`telephony.leads.flat`): the number, and, where known,
ZIP, source (see `agent.gate.inquiry`), consent and its time. Others are ignored. A consent is a word of
`agent.gate.cases.CONSENTS`, or the scopes that were agreed to in writing (`sms`, `ai_voice`, or both); empty means
none: what is not shown is not assumed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import get_args

from agent.campaign import Campaign
from agent.gate.cases import Basis
from agent.gate.tables import TableError, numbered
from state.events import Scope
from state.view import Consent, View
from telephony.leads.flat import agreed_to, by_our_names, has_ticked, our_name
from telephony.numbers import e164

BASES: tuple[Basis, ...] = get_args(Basis)


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


def read_leads(text: str, name: str, campaign: Campaign) -> Iterator[Listed | Unusable]:
    """The leads of a list for a campaign. A line that cannot be used does not spoil the others.

    Raises:
        TableError: if the text is no table, or has no column of numbers.
    """
    if "number" not in _columns(text, campaign):
        raise TableError(name, [(1, "the header has no column number")])
    for line, cells in numbered(text, name):
        try:
            yield _listed(line, cells, campaign)
        except ValueError as error:
            yield Unusable(line, str(error))


def has_consents(text: str, campaign: Campaign) -> bool:
    """Whether a list says anything of consent."""
    return "consent.scopes" in {*_columns(text, campaign), *campaign.form.fixed}


def _columns(text: str, campaign: Campaign) -> list[str | None]:
    return [our_name(column.strip(), campaign) for column in text.split("\n", 1)[0].split(",")]


def _listed(line: int, cells: dict[str, str], campaign: Campaign) -> Listed:
    said = by_our_names(cells, campaign)
    try:
        number = e164(said.get("number", ""))
    except ValueError as error:
        raise ValueError(f"number {error}") from None
    return Listed(
        line=line,
        number=number,
        zip=said.get("zip"),
        source=said.get("source", ""),
        consents=_consents(said) if has_ticked(cells, campaign) else {},
        agreed_at=_instant(said.get("submitted_at")),
    )


def _consents(said: Mapping[str, str]) -> dict[Scope, Basis]:
    agreed = agreed_to(said.get("consent.scopes", "none"))
    if (written := said.get("consent.basis")) is None:
        return agreed
    basis = next((one for one in BASES if one == written), None)
    if basis is None:
        raise ValueError(f"consent.basis {written!r} is none of {', '.join(BASES)}")
    return dict.fromkeys(agreed, basis)


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"consent_at {text!r} is no date such as 2026-11-18T14:05-06:00") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
