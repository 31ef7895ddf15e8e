"""Pairs of names and values become a lead."""

import pytest
from pydantic import ValidationError
from telephony_kit import CAMPAIGN, LEAD

from agent.campaign import Question
from state.events import Scope
from telephony.leads.flat import as_lead, our_name, unknown_names

ROW = {"Phone": "312-555-0142", "source": "web_form", "consent": "sms", "disclosure": "I agree."}
ASKING = CAMPAIGN.model_copy(
    update={"questions": (*CAMPAIGN.questions, Question(key="cars", type="int"), Question(key="owner", type="bool"))}
)


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("number", "number"),
        ("Phone Number", "number"),
        ("First Name", "first_name"),
        ("zip-code", "zip"),
        ("consent", "consent.scopes"),
        ("disclosure", "consent.disclosure"),
        ("consent.ip", "consent.ip"),
        ("Consent IP", "consent.ip"),
        ("consent_at", "submitted_at"),
        ("product", "facts.product"),
        ("facts.product", "facts.product"),
        ("utm_source", None),
    ],
)
def test_names_are_read_as_people_write_them(name: str, ours: str | None) -> None:
    """Case and punctuation do not matter; what is nobody's is nothing."""
    assert our_name(name, CAMPAIGN) == ours
    assert unknown_names([name], CAMPAIGN) == ([] if ours else [name])


def test_values_get_the_type_of_their_question() -> None:
    """A list has only text; numbers, yes and no are read. What is neither stays as it is."""
    lead = as_lead(ROW | {"cars": "2", "owner": "Yes", "product": "home"}, ASKING, actor="test")
    assert lead.facts == {"cars": 2, "owner": True, "product": "home"}
    assert as_lead(ROW | {"cars": "two"}, ASKING, actor="test").facts == {"cars": "two"}


@pytest.mark.parametrize(
    ("words", "scopes", "basis"),
    [
        ("sms", {Scope.SMS}, "written"),
        ("sms,ai_voice", {Scope.SMS, Scope.AI_VOICE}, "written"),
        ("written", {Scope.SMS, Scope.AI_VOICE}, "written"),
        ("oral", {Scope.SMS, Scope.AI_VOICE}, "oral"),
    ],
)
def test_the_words_of_a_consent(words: str, scopes: set[Scope], basis: str) -> None:
    """The same words that `segue gate preview` reads."""
    lead = as_lead(ROW | {"consent": words}, CAMPAIGN, actor="test")
    assert (lead.number, set(lead.consent.scopes), lead.consent.basis) == (LEAD, scopes, basis)


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (ROW | {"consent": ""}, ("consent",)),
        (ROW | {"consent": "none"}, ("consent",)),
        (ROW | {"consent": "fax"}, ("consent", "scopes", 0)),
        (ROW | {"disclosure": " "}, ("consent", "disclosure")),
        (ROW | {"source": ""}, ("source",)),
    ],
)
def test_what_is_not_shown_is_not_assumed(row: dict[str, str], field: tuple[object, ...]) -> None:
    """No consent, words or source out of nothing."""
    with pytest.raises(ValidationError) as caught:
        as_lead(row, CAMPAIGN, actor="test")
    assert caught.value.errors()[0]["loc"] == field


def test_what_holds_for_all_is_outdone_by_the_row() -> None:
    """A default is no more than that."""
    fixed = {"source": "import", "consent.disclosure": "Others agreed to this."}
    lead = as_lead(ROW, CAMPAIGN, actor="test", fixed=fixed)
    assert (lead.source, lead.consent.disclosure) == ("web_form", "I agree.")
