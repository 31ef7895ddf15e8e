"""The proof of a consent: what a dispute asks for, read from one conversation's log and from nothing else."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from state.consent import Row, rows_of, verify_chain
from state.effects import Dial, PermitKind, SendText
from state.events import CallPlaced, Channel, EffectSettled, EffectStarted, Event, Scope, TextSent
from state.fold import fold, fold_all
from state.view import View

ALGORITHM = (
    "row_hash = SHA-256(prev_hash + newline + row as JSON with sorted keys, no spaces, ASCII only), in hexadecimal;"
    " prev_hash of the first row is 64 zeros"
)

Log = Sequence[tuple[int, Event]]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class EvidenceRow(_Part):
    """A row of the ledger. `event` is its place in the log, `row` what was recorded, without fields nobody filled."""

    event: int
    row: dict[str, Any]
    prev_hash: str
    row_hash: str


class Chain(_Part):
    """What became of the chain when it was computed anew."""

    algorithm: str = ALGORITHM
    rows: int
    sealed: int
    head: str
    intact: bool
    faults: tuple[str, ...]


class Suppression(_Part):
    """What we may not do any more."""

    texts: Literal["open", "suppressed"]
    calls: Literal["open", "suppressed"]
    reason: Literal["opt_out", "wrong_number"] | None
    held: str | None


class ContactMade(_Part):
    """A text or call of ours to the lead that left the house, or may have."""

    effect: str
    channel: Channel
    permit: PermitKind
    rule: str
    """The gate rule that allowed it."""
    decided_at: datetime
    decided_on: dict[str, Any]
    """What the gate decided on."""
    consent: str | None
    """The newest evidence for this channel at that moment."""
    carrier_id: str | None = None
    carried_at: datetime | None = None
    outcome: str | None = None
    status: str | None = None
    """The last the carrier reported."""


class Proof(_Part):
    """Everything about one number and one brand."""

    brand: str
    number: str
    conversation: str
    as_of: datetime
    evidence: tuple[EvidenceRow, ...]
    chain: Chain
    suppression: Suppression
    contacts: tuple[ContactMade, ...]


def prove(brand: str, number: str, conversation: str, log: Log, now: datetime) -> Proof:
    """Reads the proof from a whole log."""
    view = fold_all(View(), (event for _, event in log))
    verdict = verify_chain(log)
    return Proof(
        brand=brand,
        number=number,
        conversation=conversation,
        as_of=now,
        evidence=tuple(map(_evidence, rows_of(log))),
        chain=Chain(
            rows=verdict.rows,
            sealed=verdict.sealed,
            head=verdict.head,
            intact=verdict.intact,
            faults=verdict.faults,
        ),
        suppression=Suppression(
            texts="suppressed" if view.suppressed else "open",
            calls="suppressed" if view.voice_suppressed else "open",
            reason=view.suppressed_as,
            held=view.held,
        ),
        contacts=tuple(_contacts([event for _, event in log], view)),
    )


def _evidence(row: Row) -> EvidenceRow:
    fields = {"kind": row.event.kind, **row.event.model_dump(mode="json", exclude_defaults=True)}
    return EvidenceRow(event=row.version, row=fields, prev_hash=row.prev_hash, row_hash=row.row_hash)


def _contacts(events: Sequence[Event], final: View) -> Iterator[ContactMade]:
    """One for each claim of an effect that reaches the lead, with what the log says came of it."""
    carried = {event.effect: event for event in events if isinstance(event, TextSent | CallPlaced)}
    settled = {event.effect: event for event in events if isinstance(event, EffectSettled)}
    view = View()
    for event in events:
        if isinstance(event, EffectStarted) and (made := _made(event, view)) is not None:
            yield made.model_copy(update=_outcome(carried.get(made.effect), settled.get(made.effect), final))
        view = fold(view, event)


def _made(started: EffectStarted, view: View) -> ContactMade | None:
    waiting = view.outbox.get(started.effect)
    if waiting is None or not isinstance(waiting.effect, SendText | Dial):
        return None  # staff, or our own thinking
    channel, scope = (
        (Channel.SMS, Scope.SMS) if isinstance(waiting.effect, SendText) else (Channel.VOICE, Scope.AI_VOICE)
    )
    consent = view.consents.get(scope)
    return ContactMade(
        effect=started.effect,
        channel=channel,
        permit=waiting.effect.permit,
        rule=started.rule,
        decided_at=started.at,
        decided_on=started.evidence,
        consent=consent.event if consent else None,
    )


def _outcome(carried: TextSent | CallPlaced | None, settled: EffectSettled | None, final: View) -> dict[str, Any]:
    outcome: dict[str, Any] = {"outcome": settled.outcome if settled else None}
    if isinstance(carried, TextSent):
        outcome |= {"carrier_id": carried.sid, "status": final.texts.get(carried.sid)}
    elif isinstance(carried, CallPlaced):
        outcome |= {"carrier_id": carried.call, "status": final.calls[carried.call].status}
    return outcome | {"carried_at": carried.at if carried else None}
