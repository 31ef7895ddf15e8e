"""Cases for the gate, as a table: a moment, a place and a history, and the answer that is right.

Columns: `id`, `now_utc`, `states`, `zones`, `channel`, `kind`, `consent`, `suppressed`, `contacts_24h`,
`last_contact_s` (seconds since our last touch on any channel), `lead_last_text_s` (since the lead's last text),
`inquiry` (1: the lead asked us himself), `expected`, `reason`, `next_allowed_local_first_zone`, `note`. An empty cell
is "long ago" or "no". The place is taken as given; nothing but the law and the gate's own rules bind.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, ValidationError

from agent.campaign import Campaign, Timing
from agent.gate.contact import Contact
from agent.gate.gate import Permit, answer
from agent.gate.tables import TableError, TableRow, numbered
from agent.gate.zones import Place
from state.effects import PermitKind
from state.events import Channel, Scope
from state.view import Call, Consent, Line, Touch, View

Verdict = Literal["allow", "hold", "block"]
Basis = Literal["written", "oral", "inquiry"]

CONSENTS: dict[str, dict[Scope, Basis]] = {
    "none": {},
    "written": {Scope.SMS: "written", Scope.AI_VOICE: "written"},
    "sms_only": {Scope.SMS: "written"},
    "voice_only": {Scope.AI_VOICE: "written"},
    "oral": {Scope.SMS: "oral", Scope.AI_VOICE: "oral"},
    "inquiry": {Scope.SMS: "inquiry", Scope.AI_VOICE: "inquiry"},
    "revoked": {Scope.SMS: "written", Scope.AI_VOICE: "written"},
    "revoked_then_START": {Scope.SMS: "written", Scope.AI_VOICE: "written"},
}
KINDS = {kind.value: kind for kind in PermitKind} | {
    "reply": PermitKind.REPLY_TO_LEAD,
    "requested": PermitKind.REQUESTED_TIME,
    "voicemail": PermitKind.VOICEMAIL_FOLLOW_UP,
    "follow_up": PermitKind.VOICEMAIL_FOLLOW_UP,
    "confirmation": PermitKind.OPT_OUT_CONFIRMATION,
}
NUMBER = "+13125550142"
LONG_AGO = timedelta(days=91)
CAMPAIGN = Campaign(
    id="cases",
    brand="Cases",
    brand_short="Cases",
    persona="Ava",
    vertical="cases",
    callback_contact=NUMBER,
    reason="asked",
    opening_question="Still looking?",
    goal="decide",
    questions=(),
    ready_when=(),
    timing=Timing(call_window=(time.min, time.max)),
)
"""It asks nothing of its own: its call window is the whole day."""


def _words(text: object) -> object:
    unknown = {"", "-", "unknown", "none"}
    return [word for word in text.split() if word.lower() not in unknown] if isinstance(text, str) else text


def _kind(text: object) -> object:
    return KINDS.get(text, text) if isinstance(text, str) else text


def _consent(text: object) -> object:
    if text not in CONSENTS:
        raise ValueError(f"write one of {', '.join(CONSENTS)}")
    return text


Words = Annotated[tuple[str, ...], BeforeValidator(_words)]


class Case(TableRow):
    """One row."""

    id: str
    now_utc: Annotated[datetime, Field(strict=False)]
    states: Words = ()
    zones: Words = ()
    channel: Channel
    kind: Annotated[PermitKind, BeforeValidator(_kind)] = PermitKind.INITIATE
    consent: Annotated[str, BeforeValidator(_consent)] = "none"
    suppressed: bool = False
    contacts_24h: int = Field(0, ge=0)
    last_contact_s: float | None = Field(None, ge=0)
    lead_last_text_s: float | None = Field(None, ge=0)
    inquiry: bool = False
    expected: Verdict
    reason: str
    next_allowed_local_first_zone: str = ""
    note: str = ""

    @property
    def now(self) -> datetime:
        """The moment, with its zone."""
        return self.now_utc if self.now_utc.tzinfo else self.now_utc.replace(tzinfo=UTC)

    def ago(self, seconds: float) -> datetime:
        """A moment before it."""
        return self.now - timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the gate says to a case, in the table's terms."""

    verdict: Verdict
    reason: str
    next_allowed: str = ""

    def matches(self, case: Case) -> bool:
        """Whether it is right. A next time is compared where the case gives one."""
        wanted = case.next_allowed_local_first_zone
        return (self.verdict, self.reason) == (case.expected, case.reason) and wanted in {"", self.next_allowed}


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that is no case."""

    line: int
    id: str
    fault: str


def read_cases(text: str, name: str) -> Iterator[Case | Unreadable]:
    """The cases of a table. A row that cannot be read does not spoil the others.

    Raises:
        TableError: if the text is no table, or lacks a column that no case can do without.
    """
    for line, cells in numbered(text, name):
        known = {column: cell for column, cell in cells.items() if column in Case.model_fields}
        try:
            yield Case.model_validate(known)
        except ValidationError as error:
            problem = error.errors()[0]
            where = str(problem["loc"][0]) if problem["loc"] else "row"
            yield Unreadable(line, cells.get("id", ""), f"{where}: {problem['msg']}")


def require_columns(text: str, name: str) -> None:
    """Refuses a table without the columns that make a case.

    Raises:
        TableError: naming what is missing.
    """
    header = text.lstrip("\ufeff").split("\n", 1)[0].split(",")
    missing = {column for column, field in Case.model_fields.items() if field.is_required()} - {
        h.strip() for h in header
    }
    if missing:
        raise TableError(name, [(1, f"the header lacks {', '.join(sorted(missing))}")])


def ask(case: Case, campaign: Campaign = CAMPAIGN) -> Answer:
    """The gate's answer to a case; an error of the gate's is a block, as `decide` has it."""
    place = Place(case.zones, case.states)
    contact = Contact(view_of(case, campaign), campaign, case.channel, case.kind, case.now, NUMBER, where=place)
    try:
        said = answer(contact)
    except Exception:  # as `decide` does: whatever fails is a no
        return Answer("block", "gate_error")
    verdict: Verdict = "allow" if isinstance(said, Permit) else "hold" if said.next_allowed else "block"
    return Answer(verdict, said.reason, _local(said.next_allowed, case.zones))


def _local(at: datetime | None, zones: tuple[str, ...]) -> str:
    return at.astimezone(ZoneInfo(zones[0])).strftime("%Y-%m-%dT%H:%M") if at and zones else ""


def view_of(case: Case, campaign: Campaign) -> View:
    """A conversation with the case's history."""
    agreed = case.ago(86_400)
    given = CONSENTS[case.consent]
    return View(
        number=NUMBER,
        brand=campaign.brand,
        campaign=campaign.id,
        source="web_form" if case.inquiry else "import",
        arrived_at=agreed,
        consents={scope: Consent(event="case", basis=basis, at=agreed) for scope, basis in given.items()},
        suppressed=case.suppressed or case.consent == "revoked",
        voice_suppressed=case.suppressed or case.consent.startswith("revoked"),
        touches=tuple(_touches(case)),
        calls=_calls(case),
        thread=_thread(case),
        last_lead_text_at=_last_text(case),
    )


def _last_text(case: Case) -> datetime | None:
    if case.lead_last_text_s is not None:
        return case.ago(case.lead_last_text_s)
    return case.now - LONG_AGO if case.kind is PermitKind.REPLY_TO_LEAD else None


def _thread(case: Case) -> tuple[Line, ...]:
    at = _last_text(case)
    return () if at is None else (Line(channel=Channel.SMS, who="lead", text="...", at=at, event="case"),)


def _touches(case: Case) -> Iterator[Touch]:
    """The last one was on the other channel, for that is the strict case; the others of the day came before it."""
    other = Channel.VOICE if case.channel is Channel.SMS else Channel.SMS
    last = case.last_contact_s
    if last is not None:
        yield Touch(channel=other, at=case.ago(last), permit=PermitKind.INITIATE)
    others = case.contacts_24h - (last is not None and last < 86_400)
    earlier = 72_000 if last is None or last < 72_000 else (last + 86_400) / 2
    for _ in range(others):
        yield Touch(channel=other, at=case.ago(earlier), permit=PermitKind.INITIATE)


def _calls(case: Case) -> dict[str, Call]:
    """The call that a follow-up text follows."""
    if case.kind is not PermitKind.VOICEMAIL_FOLLOW_UP:
        return {}
    placed = case.ago((case.last_contact_s or 0) + 60)
    return {"case": Call(call="case", direction="outbound", status="completed", placed_at=placed, ended=True)}
