from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import JsonValue

from agent.asking import action_due, applies, asked_last, is_disclosed, is_ready, next_question, pending, wording
from agent.campaign import load_campaign
from agent.snapshot import Snapshot
from state.events import Channel
from state.view import Fact, Line, View

INSURANCE = load_campaign(Path(__file__).parent.parent / "campaigns" / "insurance.yaml")
NOW = datetime(2026, 11, 18, 20, 5, tzinfo=UTC)


def view(asked: tuple[str, ...] = (), lines: tuple[Line, ...] = (), **facts: JsonValue) -> View:
    """A record with these facts, questions put and lines of ours."""
    known = {key: Fact(value=value, source="x", at=NOW) for key, value in facts.items()}
    return View(facts=known, asked=asked, thread=lines)


def line(text: str, asks: str | None = None, *, cut: bool = False, channel: Channel = Channel.VOICE) -> Line:
    """One line of the persona's."""
    return Line(channel=channel, who="persona", text=text, at=NOW, event="e", asks=asks, cut=cut)


@pytest.mark.parametrize(
    ("facts", "key"),
    [
        ({}, "product"),
        ({"product": "auto"}, "current_insurance"),
        ({"product": "home"}, "property_type"),
        ({"bought_house": True}, "closing_date"),
        ({"bought_house": True, "closing_date": "2026-11-13"}, "move_in_date"),
        ({"bought_house": True, "closing_date": "2026-11-13", "move_in_date": "2026-12-05"}, "product"),
        ({"product": "home", "property_type": "condo", "current_insurance": "cancelled"}, "policy_end_date"),
        ({"product": "auto", "current_insurance": "none"}, "coverage_start"),
        ({"product": None}, "product"),
    ],
)
def test_the_next_question_follows_the_signal_then_the_plan(facts: dict[str, JsonValue], key: str) -> None:
    """Follow-ups first, then the campaign's order; what is known, inapplicable or optional is passed over."""
    question = next_question(view(**facts), INSURANCE)
    assert question is not None
    assert question.key == key


def test_a_question_is_put_as_often_as_patience_allows() -> None:
    """Asked twice in vain, the talk moves on; after an aside it may be put again."""
    twice = view(asked=("product", "product"))
    question = next_question(twice, INSURANCE)
    assert question is not None
    assert question.key == "current_insurance"
    again = next_question(twice, INSURANCE, patience=4)
    assert again is not None
    assert again.key == "product"


def test_optional_questions_are_not_asked() -> None:
    """When the rest is known, nothing is left to ask."""
    known = view(product="auto", current_insurance="none", coverage_start="asap")
    assert next_question(known, INSURANCE) is None
    assert is_ready(known, INSURANCE)
    assert not is_ready(view(product="auto"), INSURANCE)


@pytest.mark.parametrize(
    ("hint", "key"),
    [
        ("ask about the closing date first", "closing_date"),
        ("what is his ZIP?", "product"),
        ("nice work, Ava", "product"),
    ],
)
def test_an_operators_hint_goes_first(hint: str, key: str) -> None:
    """If it is about a question that is open and applies; other words are for a model to read."""
    hinted = view(bought_house=True, closing_date=None).model_copy(update={"whispers": (hint,)})
    if key == "product":
        hinted = view(zip="60614").model_copy(update={"whispers": (hint,)})
    question = next_question(hinted, INSURANCE)
    assert question is not None
    assert question.key == key


def test_a_skipped_question_is_left_alone() -> None:
    """ "I don't know" takes a question off the list for this turn."""
    question = next_question(view(), INSURANCE, skip=frozenset({"product"}))
    assert question is not None
    assert question.key != "product"


def test_what_applies_depends_on_what_is_known() -> None:
    """The kind of home matters to a home policy."""
    question = INSURANCE.question("property_type")
    assert question is not None
    assert applies(question, view(product="home"))
    assert not applies(question, view(product="auto"))
    assert not applies(question, view())


def test_an_action_is_due_when_its_fact_is_there() -> None:
    """Urgency calls for an action instead of a question."""
    due = action_due(view(coverage_start="asap"), INSURANCE)
    assert due is not None
    assert due.action == "offer_transfer_now"
    assert action_due(view(coverage_start="within_weeks"), INSURANCE) is None


def test_wordings_fit_the_channel_the_facts_and_the_repetition() -> None:
    """Spoken words on a call, fitting words once more is known, other words the second time."""
    present, start = INSURANCE.question("current_insurance"), INSURANCE.question("coverage_start")
    assert present is not None
    assert start is not None
    assert wording(present, Snapshot(view(), INSURANCE, Channel.SMS, NOW)) == present.ask
    assert wording(present, on_call(view())) == present.ask_voice
    assert wording(present, on_call(view(asked=("current_insurance",)))) == present.ask_again
    assert "before you move in" in wording(start, on_call(view(move_in_date="2026-12-05")))


def on_call(seen: View) -> Snapshot:
    """A call of the insurance campaign."""
    return Snapshot(seen, INSURANCE, Channel.VOICE, NOW)


@pytest.mark.parametrize(
    ("lines", "asked"),
    [
        ((), None),
        ((line("Are you looking for auto, home, or both?", "product"),), "product"),
        ((line("When do you close?", "closing_date"), line("Sure, take your time.")), "closing_date"),
        ((line("When do you close?", "closing_date"), line("Shall I, or go on first?")), None),
        ((line("Is it a house, a condo", cut=True),), "property_type"),
        ((line("Got it. Do you have any coverage", cut=True),), "current_insurance"),
        ((line("Is it", cut=True),), None),
        ((line("Hi, this is Ava, on a recorded line; say", cut=True),), "recording_ok"),
        ((line("Hi Jordan, it's", cut=True),), None),
        ((line("a", "product"), line("b"), line("c"), line("d")), None),
    ],
)
def test_what_was_asked_last(lines: tuple[Line, ...], asked: str | None) -> None:
    """The last question heard, whole or by half; an unknown question in between makes it unclear."""
    assert asked_last(view(lines=lines), INSURANCE) == asked


def test_a_question_stays_pending_behind_other_questions() -> None:
    """After "shall I?", "a condo" still answers what was asked before; once known it is pending no more."""
    lines = (line("Is it a house, a condo", cut=True), line("I'm an AI. Shall I, or go on first?"))
    assert pending(view(lines=lines), INSURANCE) == "property_type"
    assert pending(view(lines=lines, property_type="condo"), INSURANCE) is None


def test_a_call_is_disclosed_once_the_lead_heard_all_of_it() -> None:
    """What was cut off before those words does not count."""
    assert is_disclosed(view(lines=(line("Hi, Ava here, on a recorded line; say 'stop calls' any", cut=True),)))
    assert not is_disclosed(view(lines=(line("Hi, Ava here, on a recorded line; say", cut=True),)))
    assert not is_disclosed(view(lines=(line("Hi, this is", cut=True),)))
    assert not is_disclosed(view(lines=(line("on a recorded line", channel=Channel.SMS),)))
