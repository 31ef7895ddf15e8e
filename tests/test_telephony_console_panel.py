"""What stands beside the thread."""

import pytest

from agent.gate.registers import NO_REGISTERS
from state.effects import PermitKind, SendText
from state.events import Event, FactLearned, Promised
from state.fold import fold_all
from state.view import View
from telephony.console.panel import Panel, panel_of
from tests.happenings import at, call_connected, call_placed, held, paused, requested, suppressed, text_received
from tests.telephony_kit import ARRIVED, CAMPAIGN, CONSENT, LEAD, NOW


def panel(*events: Event) -> Panel:
    """The panel of the story's lead, after this happened."""
    told = (ARRIVED, CONSENT, *events)
    return panel_of(list(enumerate(told, start=1)), fold_all(View(), told), CAMPAIGN, NOW, NO_REGISTERS)


def learned(value: str, n: int) -> FactLearned:
    """The lead said which product."""
    return FactLearned(id=f"f{n}", at=at(n), key="product", value=value, source="sms:1")


def test_a_fact_leads_to_the_words_it_was_learned_from() -> None:
    """And says when it was corrected."""
    [fact] = panel(text_received(1), learned("auto", 1), learned("home", 2)).facts
    assert (fact.title, fact.value, fact.source, fact.corrected) == ("Product", "home", "e3", 1)


def test_consent_is_shown_with_its_evidence() -> None:
    """For each scope, and whether the chain holds."""
    made = panel()
    assert [(one.scope, one.basis, one.anchor) for one in made.consents] == [
        ("texts", "written", "e2"),
        ("calls by an AI", "written", "e2"),
    ]
    assert made.evidence == "Evidence of 1 act, unchanged since it was recorded."


def test_promises_are_shown_with_their_time() -> None:
    """So that somebody can keep them."""
    assert panel(Promised(id="p", at=NOW, what="a call", due=at(60))).promises == (("a call", at(60)),)


def test_what_comes_next_says_why() -> None:
    """Before it is asked for, and while it waits in the outbox."""
    [planned] = panel().following
    assert planned.what == "Text (begun by us)"
    assert planned.why
    assert planned.words
    text = SendText(permit=PermitKind.INITIATE, to=LEAD, body="Hi")
    [waiting] = panel(requested("some:other", text, due=60)).following
    assert (waiting.what, waiting.due, waiting.words) == ("Text (begun by us)", at(60), "Hi")


@pytest.mark.parametrize(
    ("events", "why"),
    [
        ([suppressed()], "opted out"),
        ([held()], "held until"),
        ([paused()], "Kim"),
        ([call_placed(), call_connected()], "on the telephone"),
    ],
)
def test_where_nothing_comes_next_it_says_why(events: list[Event], why: str) -> None:
    """In the plan's own words."""
    [nothing] = panel(*events).following
    assert nothing.what == "Nothing"
    assert why in nothing.why


def test_the_gate_says_what_it_would_say() -> None:
    """To a text and to a call that we began now, with the source."""
    text, call = panel(suppressed()).verdicts
    assert (text.permitted, call.permitted) == (False, False)
    assert (text.rule, text.reason) == ("suppression", "opted out")
    assert "47 CFR" in text.citation
    assert all(verdict.permitted for verdict in panel().verdicts)


def test_without_its_campaign_nothing_may_follow() -> None:
    """Its file is gone; the panel says so and asks nobody."""
    view = fold_all(View(), [ARRIVED])
    made = panel_of([(1, ARRIVED)], view, None, NOW, NO_REGISTERS)
    assert made.verdicts == ()
    assert "insurance is gone" in made.following[0].why
