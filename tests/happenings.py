"""Events for tests, with everything filled in that the test at hand does not care about."""

from datetime import UTC, datetime, timedelta
from typing import Literal

from state.effects import Answer, Dial, Effect, PermitKind, SendText
from state.events import (
    CallArrived,
    CallConnected,
    CallEnded,
    CallPlaced,
    CallStatus,
    Channel,
    ConsentGiven,
    EffectRequested,
    EffectSettled,
    EffectStarted,
    FactLearned,
    HoldLifted,
    LeadArrived,
    LeadSaid,
    OutreachHeld,
    Paused,
    PersonaSaid,
    PersonaSaying,
    Resumed,
    Scope,
    Suppressed,
    TextReceived,
    TextSent,
    TextStatus,
    TransferOrdered,
    Whispered,
)
from state.store import Record

NOW = datetime(2026, 11, 18, 20, 5, tzinfo=UTC)
LEAD = "+13125550142"


def at(seconds: float) -> datetime:
    """An instant after NOW."""
    return NOW + timedelta(seconds=seconds)


def lead_arrived(**facts: str | int | bool) -> LeadArrived:
    """Jordan filled in the form."""
    return LeadArrived(
        id="lead:form:1",
        at=NOW,
        number=LEAD,
        brand="harbor-lane",
        campaign="insurance",
        source="form",
        first_name="Jordan",
        zip="60614",
        facts=dict(facts),
    )


def consent(*scopes: Scope, id: str = "consent:1", seconds: float = 0) -> ConsentGiven:
    """Jordan ticked the box."""
    return ConsentGiven(
        id=id, at=at(seconds), scopes=scopes, basis="written", act="tick", disclosure="I agree to calls and texts."
    )


def text_received(n: int, body: str = "Yeah I am", seconds: float = 0) -> TextReceived:
    """The n-th text from Jordan."""
    return TextReceived(id=f"sms:{n}", at=at(seconds), sid=f"SM{n}", body=body)


def text_sent(n: int, body: str = "Still looking for coverage?", asks: str | None = None) -> TextSent:
    """The n-th text of ours."""
    return TextSent(
        id=f"sent:{n}",
        at=NOW,
        sid=f"SMo{n}",
        effect=f"send:{n}",
        body=body,
        asks=asks,
        permit=PermitKind.INITIATE,
    )


def text_status(n: int, status: str) -> TextStatus:
    """A delivery report on the n-th text of ours."""
    return TextStatus(id=f"sent:{n}:{status}", at=NOW, sid=f"SMo{n}", status=status)


def call_placed(call: str = "CA1") -> CallPlaced:
    """We dialled."""
    return CallPlaced(id=f"placed:{call}", at=NOW, call=call, effect="dial:1", permit=PermitKind.INITIATE)


def call_arrived(call: str = "CA1") -> CallArrived:
    """Jordan dialled."""
    return CallArrived(id=f"arrived:{call}", at=NOW, call=call)


def call_status(status: str, sequence: int, call: str = "CA1") -> CallStatus:
    """A progress report on a call."""
    return CallStatus(id=f"status:{call}:{status}", at=NOW, call=call, status=status, sequence=sequence)


def call_connected(call: str = "CA1", stream: str = "MZ1") -> CallConnected:
    """The call's audio is here."""
    return CallConnected(id=f"connected:{stream}", at=NOW, call=call, stream=stream)


def call_ended(call: str = "CA1", cause: Literal["lead_hung_up", "transferred"] = "lead_hung_up") -> CallEnded:
    """The call's audio is over."""
    return CallEnded(id=f"ended:{call}", at=NOW, call=call, cause=cause, heard_ms=30_000)


def lead_said(turn: int, text: str = "We just bought a place.", call: str = "CA1") -> LeadSaid:
    """Jordan spoke."""
    return LeadSaid(id=f"turn:{call}:{turn}", at=NOW, call=call, turn=turn, text=text, start_ms=0, end_ms=900)


def persona_saying(turn: int, text: str, heard: str = "", asks: str | None = None, ends: bool = False) -> PersonaSaying:
    """Ava is speaking, and this much of it has been played."""
    return PersonaSaying(
        id=f"saying:CA1:{turn}:{len(heard)}",
        at=NOW,
        call="CA1",
        turn=turn,
        text=text,
        heard=heard,
        heard_ms=60 * len(heard.split()),
        asks=asks,
        ends=ends,
    )


def persona_said(
    turn: int, text: str, heard: str | None = None, cut_ms: int | None = None, asks: str | None = None
) -> PersonaSaid:
    """Ava spoke."""
    return PersonaSaid(
        id=f"said:CA1:{turn}",
        at=NOW,
        call="CA1",
        turn=turn,
        text=text,
        heard=text if heard is None else heard,
        cut_ms=cut_ms,
        asks=asks,
    )


def fact(key: str, value: str | int | bool, n: int = 1) -> FactLearned:
    """Jordan told us something."""
    return FactLearned(id=f"fact:{key}:{n}", at=at(n), key=key, value=value, source="sms:1")


def suppressed(reason: Literal["opt_out", "wrong_number"] = "opt_out") -> Suppressed:
    """Jordan wants no more of this."""
    return Suppressed(id="stop:1", at=NOW, reason=reason, channel=Channel.SMS, words="STOP", detector="keyword")


def send_text(body: str = "Hi Jordan") -> SendText:
    """The effect of texting Jordan."""
    return SendText(permit=PermitKind.INITIATE, to=LEAD, body=body)


def dial() -> Dial:
    """The effect of calling Jordan."""
    return Dial(permit=PermitKind.INITIATE, to=LEAD)


def requested(id: str, effect: Effect | None = None, due: float = 0) -> EffectRequested:
    """Something is to be done, `due` seconds after NOW."""
    return EffectRequested(id=id, at=NOW, effect=effect or Answer(text_id="sms:1"), due=at(due))


def started(effect: str) -> EffectStarted:
    """A worker is about to act."""
    return EffectStarted(id=f"{effect}:started", at=NOW, effect=effect, rule="reply")


def settled(effect: str) -> EffectSettled:
    """It was done."""
    return EffectSettled(id=f"{effect}:settled", at=NOW, effect=effect, outcome="done")


def held(reason: str = "text after an opt-out") -> OutreachHeld:
    """A person has to look."""
    return OutreachHeld(id="held:1", at=NOW, reason=reason)


def hold_lifted() -> HoldLifted:
    """Kim has looked."""
    return HoldLifted(id="lifted:1", at=NOW, by="Kim")


def paused() -> Paused:
    """Kim takes over."""
    return Paused(id="paused:1", at=NOW, by="Kim")


def resumed() -> Resumed:
    """Kim gives back."""
    return Resumed(id="resumed:1", at=NOW, by="Kim")


def whispered(hint: str = "Ask about the roof.", call: str = "CA1") -> Whispered:
    """Kim tells Ava something."""
    return Whispered(id="whispered:1", at=NOW, call=call, hint=hint, by="Kim")


def transfer_ordered(call: str = "CA1") -> TransferOrdered:
    """Kim wants Jordan put through."""
    return TransferOrdered(id="ordered:1", at=NOW, call=call, by="Kim")


async def hint_alone(record: Record, cid: str, *events: EffectRequested) -> None:
    """Hints at effects as an append does that dies before it has taken place."""
    writing = record._redis.pipeline(transaction=False)
    record._hints.put(writing, cid, events)
    await writing.execute()
