"""Two conversations for `segue bench record`, by events as the server writes them."""

from datetime import UTC, datetime

from state.effects import PermitKind, SendText
from state.events import (
    CallConnected,
    CallEnded,
    CallPlaced,
    CallStatus,
    ConsentGiven,
    EffectRequested,
    EffectSettled,
    EffectStarted,
    Event,
    FactLearned,
    LeadArrived,
    LeadSaid,
    PersonaSaid,
    Scope,
    TextReceived,
    TextSent,
    TextStatus,
)

AT = datetime(2026, 11, 18, 20, 5, tzinfo=UTC)
LEAD = "+13125550142"
TURNS = 40
CONSENT = "I agree to be called and texted at this number, also by automated means and artificial voices. " * 4
FIRST_TEXT = (
    "Hi Jordan, this is Ava, Harbor Lane Insurance's virtual assistant. You asked us for a home insurance quote; are "
    "you still looking for coverage? Reply STOP to opt out."
)
HEARD = "We closed last Friday, and we are moving in on the fifth of December."
SAID = "Congratulations on the new place. Is it a house, a townhouse, or a condo?"


def texted() -> list[Event]:
    """A lead arrived, was texted, and has not answered."""
    text = SendText(permit=PermitKind.INITIATE, to=LEAD, body=FIRST_TEXT)
    return [
        LeadArrived(
            id="lead:form:1",
            at=AT,
            number=LEAD,
            brand="Harbor Lane Insurance",
            campaign="insurance",
            source="form",
            first_name="Jordan",
            zip="60614",
            facts={"product": "home"},
        ),
        ConsentGiven(
            id="consent:form:1",
            at=AT,
            scopes=(Scope.SMS, Scope.AI_VOICE),
            basis="written",
            act="tick",
            disclosure=CONSENT,
            source_url="https://harborlane.example/quote",
        ),
        EffectRequested(id="outreach:1", at=AT, effect=text, due=AT),
        EffectStarted(id="outreach:1:started", at=AT, effect="outreach:1", rule="initiate"),
        TextSent(
            id="outreach:1:sent", at=AT, sid=f"SM{1:032x}", effect="outreach:1", body=text.body, permit=text.permit
        ),
        EffectSettled(id="outreach:1:settled", at=AT, effect="outreach:1", outcome="done"),
        *(
            TextStatus(id=f"SM{1:032x}:{status}", at=AT, sid=f"SM{1:032x}", status=status)
            for status in ("sent", "delivered")
        ),
    ]


def talked() -> list[Event]:
    """The same lead answered and was called: forty turns, a fact in every other."""
    call = f"CA{1:032x}"
    turns: list[Event] = []
    for n in range(1, TURNS + 1):
        turns += [
            LeadSaid(
                id=f"turn:{call}:{n}:lead",
                at=AT,
                call=call,
                turn=n,
                text=HEARD,
                start_ms=n * 6000,
                end_ms=n * 6000 + 2400,
            ),
            PersonaSaid(
                id=f"turn:{call}:{n}:persona", at=AT, call=call, turn=n, text=SAID, heard=SAID, asks="property_type"
            ),
        ]
        if n % 2:
            source = f"turn:{call}:{n}:lead"
            turns.append(FactLearned(id=f"{source}:fact", at=AT, key=f"fact_{n}", value="townhouse", source=source))
    return [
        *texted(),
        TextReceived(id=f"SM{2:032x}", at=AT, sid=f"SM{2:032x}", body="Yeah I am, just been busy"),
        CallPlaced(id=f"placed:{call}", at=AT, call=call, effect="dial:1", permit=PermitKind.REQUESTED_TIME),
        *(
            CallStatus(id=f"status:{call}:{n}", at=AT, call=call, status=status, sequence=n)
            for n, status in enumerate(("ringing", "in-progress", "completed"))
        ),
        CallConnected(id="connected:MZ1", at=AT, call=call, stream="MZ1"),
        *turns,
        CallEnded(id="ended:MZ1", at=AT, call=call, cause="transferred", heard_ms=TURNS * 6000),
    ]
