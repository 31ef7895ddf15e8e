"""The thread: the log as a person reads it."""

from datetime import timedelta

import pytest

from agent.gate.rules import RULES
from state.effects import HandoffStep, PermitKind
from state.events import (
    EffectSettled,
    EffectStarted,
    Event,
    FactLearned,
    HandoffAdvanced,
    Suppressed,
    TurnTiming,
)
from state.fold import fold_all
from state.view import View
from telephony.console.thread import Item, anchors, citations_of, shown, thread_of, unheard, waterfall
from tests.happenings import (
    NOW,
    call_arrived,
    call_connected,
    call_ended,
    call_placed,
    call_status,
    held,
    hold_lifted,
    lead_arrived,
    lead_said,
    paused,
    persona_said,
    persona_saying,
    requested,
    resumed,
    send_text,
    settled,
    started,
    suppressed,
    text_received,
    text_sent,
    text_status,
    transfer_ordered,
    whispered,
)
from tests.telephony_kit import CAMPAIGN, CONSENT

TIMING = TurnTiming(gap=500, wait=300, transcript=0, reply=0.2, speech=150, send=49.8)


def read(*events: Event) -> list[Item]:
    """The items of a conversation in which this happened."""
    log = list(enumerate(events, start=1))
    return thread_of(log, fold_all(View(), events), CAMPAIGN)


def test_texts_and_speech_stand_in_one_column() -> None:
    """In the order of the log, whoever said them on whichever channel."""
    items = read(lead_arrived(), text_sent(1), text_received(1), call_placed(), call_connected(), lead_said(1))
    assert [(item.side, item.channel, item.who) for item in items if item.kind == "message"] == [
        ("ours", "text", "Ava"),
        ("lead", "text", "Jordan"),
        ("lead", "voice", "Jordan"),
    ]


def test_what_was_cut_is_told_from_what_was_heard() -> None:
    """The words he heard, and the rest that he never did."""
    [said] = read(persona_said(1, "Congrats on the home! When do you move in?", "Congrats on the", cut_ms=900))
    assert (said.words, said.unheard) == ("Congrats on the", "home! When do you move in?")
    assert said.meta == "cut off after 0.9 s"
    assert unheard("Hello there", "Hi") == "Hello there"


def test_a_fact_stands_with_the_words_it_was_learned_from() -> None:
    """With the campaign's name for it; one from a form stands with the form."""
    fact = FactLearned(id="f1", at=NOW, key="product", value="home", source="sms:1")
    items = read(lead_arrived(), text_received(1, "Home insurance"), fact)
    assert [(one.title, one.value) for one in items[1].learned] == [("Product", "home")]
    assert anchors([(2, text_received(1))]) == {"sms:1": "e2"}
    assert items[1].anchor == "e2"


def test_a_turn_shows_where_its_gap_went() -> None:
    """Parts of a thousand, in their order, none without time."""
    parts = waterfall(TIMING)
    assert [(part.name, part.ms) for part in parts] == [("wait", 300), ("speech", 150), ("send", 50)]
    assert (parts[0].at, parts[-1].at + parts[-1].width) == (0, 1000)
    [said] = read(persona_said(1, "Hello").model_copy(update={"timing": TIMING}))
    assert (said.gap, said.parts) == (500, parts)


def test_a_text_shows_its_fate_and_its_permit() -> None:
    """By which rule, on what evidence, with the sources of all rules that it passed."""
    permit = EffectStarted(id="send:1:started", at=NOW, effect="send:1", rule="initiate", evidence={"states": ["IL"]})
    items = read(requested("send:1", send_text()), permit, text_sent(1), settled("send:1"), text_status(1, "delivered"))
    [text] = [item for item in items if item.kind == "message"]
    assert text.meta == "delivered"
    assert text.decision is not None
    assert (text.decision.permitted, text.decision.rule) == (True, "initiate")
    assert text.decision.evidence == (("states", "IL"),)
    assert "47 CFR 64.1200" in text.decision.citation


def test_a_refusal_shows_its_rule_and_source() -> None:
    """And what would have been said."""
    refused = EffectSettled(
        id="send:1:settled", at=NOW, effect="send:1", outcome="refused", detail="suppression: opted_out"
    )
    [note] = read(requested("send:1", send_text("Hi Jordan")), refused)
    assert note.decision is not None
    assert (note.decision.permitted, note.decision.rule) == (False, "suppression")
    assert note.decision.citation == next(rule.citation for rule in RULES if rule.name == "suppression")
    assert (note.words, note.details) == ("Text (begun by us) refused: opted out", (("words", "Hi Jordan"),))


def test_every_permit_has_its_sources() -> None:
    """Answers are bound by fewer rules than what we begin."""
    sources = {kind: citations_of(kind).split("; ") for kind in PermitKind}
    assert set(sources[PermitKind.REPLY_TO_LEAD]) < set(sources[PermitKind.INITIATE])
    assert citations_of("unheard of") == ""


def test_a_person_s_words_are_shown_as_a_person_s() -> None:
    """With his name, and as nobody else's."""
    [text] = read(text_sent(1, "Kim here.").model_copy(update={"by": "Kim"}))
    assert (text.who, text.person, text.side) == ("Kim", True, "ours")


def test_what_operators_did_is_in_the_thread() -> None:
    """With their names."""
    events = (paused(), whispered(), transfer_ordered(), resumed(), held(), hold_lifted())
    stop = Suppressed(**suppressed().model_dump(exclude={"by", "detector"}), detector="operator", by="Kim")
    items = read(lead_arrived(), call_arrived(), *events, stop)
    told = [item.words for item in items[2:]]
    assert all("Kim" in words for words in (*told[:4], *told[5:]))
    assert "Ask about the roof." in told[1]


def test_a_call_that_nobody_took_says_so() -> None:
    """One that was talked on does not end twice."""
    assert [item.words for item in read(call_placed(), call_status("no-answer", 3))] == [
        "We call",
        "Nobody picked up",
    ]
    words = [item.words for item in read(call_placed(), call_connected(), call_ended(), call_status("completed", 4))]
    assert words == ["We call", "On the line", "The lead hung up, after 0:30"]
    assert "The call is back" in [item.words for item in read(call_placed(), call_connected(), call_connected("CA1"))]


def test_circumstances_are_notes() -> None:
    """Consent with its words, a transfer with what the agent was told."""
    step = HandoffAdvanced(
        id="h",
        at=NOW + timedelta(1),
        handoff="h",
        step=HandoffStep.REQUESTED,
        call="CA1",
        agent="Sarah",
        summary="home",
    )
    consent, transfer = read(lead_arrived(), CONSENT, step)[1:]
    assert ("words agreed to", "I agree to be called and texted.") in consent.details
    assert (transfer.words, transfer.details) == ("Sarah is asked to take Jordan over", (("told", "home"),))


def test_what_is_being_said_is_shown_before_it_is_over() -> None:
    """How much of it was heard, and what is to come; once it is over its own entry stands in its place."""
    said = "Congrats on the home! When do you move in?"
    speaking = [call_placed(), call_connected(), persona_saying(1, said, "Congrats on the home!")]
    now = read(*speaking)[-1]
    assert (now.words, now.coming) == ("Congrats on the home!", "When do you move in?")
    over = [item for item in read(*speaking, persona_said(1, said)) if item.kind == "message"]
    assert [(item.words, item.coming) for item in over] == [(said, "")]


def test_bookkeeping_is_not_shown() -> None:
    """What was asked for, begun and done shows in what came of it."""
    assert read(requested("answer:1"), started("answer:1"), settled("answer:1"), text_status(1, "sent")) == []


def test_without_its_campaign_a_thread_is_still_readable() -> None:
    """Facts have their bare names then."""
    fact = FactLearned(id="f1", at=NOW, key="move_in_date", value="2026-12-01", source="sms:1")
    items = thread_of([(1, text_received(1)), (2, fact)], View(), None)
    assert [(one.title, one.value) for one in items[0].learned] == [("Move in date", "Tue, Dec 1, 2026")]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("2026-11-13", "Fri, Nov 13, 2026"),
        ("2026-11-19T16:30", "Thu, Nov 19, 2026, 4:30 pm"),
        ("2026-13-45", "2026-13-45"),
        ("60614-2026", "60614-2026"),
    ],
)
def test_a_date_is_shown_as_people_say_it(value: str, words: str) -> None:
    """What only looks like one is left as it was said."""
    assert shown("closing_date", value, None) == words
