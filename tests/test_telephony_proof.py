"""The proof says what was agreed to, what became of it, and on what ground each contact was made."""

import json
from datetime import timedelta

from happenings import (
    LEAD,
    NOW,
    at,
    call_placed,
    call_status,
    consent,
    dial,
    lead_arrived,
    requested,
    send_text,
    settled,
    started,
    suppressed,
    text_received,
    text_sent,
    text_status,
)

from state.consent import GENESIS, canonical, row_hash, rows_of, sealing
from state.effects import BriefAgent, PermitKind
from state.events import Channel, Event, OutreachHeld, Scope, TextsResumed
from telephony.proof import Proof, prove

TICK = consent(Scope.SMS, Scope.AI_VOICE).model_copy(
    update={"seller": "Harbor Lane Insurance", "language": "en", "source_chain": ("web_quote_form",)}
)
SEND, DIAL = send_text(), dial()
TEXTED: tuple[Event, ...] = (
    lead_arrived(),
    TICK,
    requested("send:1", SEND),
    started("send:1"),
    text_sent(1),
    settled("send:1"),
    text_status(1, "delivered"),
)


def proof_of(*events: Event) -> Proof:
    """The proof from a log that was sealed at its end."""
    log = list(enumerate(events, 1))
    seal = sealing(log, NOW)
    return prove("harbor-lane", LEAD, "c1", [*log, *([(len(log) + 1, seal)] if seal else [])], NOW + timedelta(days=1))


def test_rows_are_told_word_for_word_with_their_hashes() -> None:
    """Whoever holds the file can compute the hash of each row from it, by the rule it states."""
    (row,) = proof_of(*TEXTED).evidence
    assert (row.event, row.prev_hash) == (2, GENESIS)
    assert json.dumps(row.row, sort_keys=True, separators=(",", ":")).encode() == canonical(TICK)
    assert row.row_hash == row_hash(GENESIS, TICK)
    assert row.row["disclosure"] == "I agree to calls and texts."
    assert "ip" not in row.row


def test_the_chain_is_verified() -> None:
    """With its head, by which two exports can be compared."""
    chain = proof_of(*TEXTED, suppressed()).chain
    assert (chain.rows, chain.sealed, chain.intact, chain.faults) == (2, 2, True, ())
    assert chain.head == rows_of(list(enumerate((*TEXTED, suppressed()), 1)))[-1].row_hash
    assert "SHA-256" in chain.algorithm


def test_a_broken_chain_is_told() -> None:
    """The proof does not vouch for what was changed."""
    log = list(enumerate(TEXTED, 1))
    seal = sealing(log, NOW)
    assert seal is not None
    log[1] = (2, TICK.model_copy(update={"disclosure": "I agree to everything."}))
    chain = prove("harbor-lane", LEAD, "c1", [*log, (len(log) + 1, seal)], NOW).chain
    assert not chain.intact
    assert chain.faults[0].endswith("look at the events 2")


def test_each_contact_says_on_what_ground_it_was_made() -> None:
    """The consent that stood then, the rule of the gate, what the carrier made of it."""
    (text,) = proof_of(*TEXTED).contacts
    assert (text.channel, text.permit, text.rule) == (Channel.SMS, PermitKind.INITIATE, "reply")
    assert (text.consent, text.carrier_id, text.outcome, text.status) == ("consent:1", "SMo1", "done", "delivered")
    assert text.decided_at == text.carried_at == NOW


def test_a_contact_is_told_with_the_consent_of_its_time() -> None:
    """A later form is no ground for an earlier text."""
    later = consent(Scope.SMS, id="consent:2", seconds=60)
    again = (requested("send:2", SEND), started("send:2"))
    first, second = proof_of(*TEXTED, later, *again).contacts
    assert (first.consent, second.consent) == ("consent:1", "consent:2")
    assert (second.carrier_id, second.outcome, second.status) == (None, None, None)


def test_calls_are_contacts_too() -> None:
    """With how they ended."""
    events = (lead_arrived(), TICK, requested("dial:1", DIAL), started("dial:1"), call_placed(), settled("dial:1"))
    (call,) = proof_of(*events, call_status("completed", 3)).contacts
    assert (call.channel, call.carrier_id, call.status, call.consent) == (
        Channel.VOICE,
        "CA1",
        "completed",
        "consent:1",
    )


def test_what_never_left_the_house_is_no_contact() -> None:
    """Refused by the gate, or meant for an agent."""
    brief = BriefAgent(handoff="h", to="+13125550177", body="Jordan")
    refused = settled("send:1").model_copy(update={"outcome": "refused"})
    events = (lead_arrived(), TICK, requested("send:1", SEND), refused, requested("brief:1", brief), started("brief:1"))
    assert proof_of(*events).contacts == ()


def test_the_state_of_suppression_is_told() -> None:
    """By channel, with its reason, and a hold beside it."""
    before, stopped = proof_of(lead_arrived(), TICK), proof_of(lead_arrived(), TICK, suppressed())
    resumed = proof_of(lead_arrived(), TICK, suppressed(), TextsResumed(id="s", at=at(9)))
    held = proof_of(lead_arrived(), TICK, OutreachHeld(id="h", at=NOW, reason="text after an opt-out"))
    assert (before.suppression.texts, before.suppression.calls, before.suppression.reason) == ("open", "open", None)
    assert (stopped.suppression.texts, stopped.suppression.calls) == ("suppressed", "suppressed")
    assert stopped.suppression.reason == "opt_out"
    assert (resumed.suppression.texts, resumed.suppression.calls) == ("open", "suppressed")
    assert held.suppression.held == "text after an opt-out"


def test_a_stranger_has_no_evidence() -> None:
    """He wrote; he agreed to nothing."""
    proof = proof_of(lead_arrived(), text_received(1))
    assert (proof.evidence, proof.contacts, proof.chain.head) == ((), (), GENESIS)


def test_the_proof_survives_json() -> None:
    """What is exported is what was found."""
    proof = proof_of(*TEXTED, suppressed())
    assert Proof.model_validate_json(proof.model_dump_json()) == proof
