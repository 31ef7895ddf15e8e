from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.campaign import load_campaigns
from state.view import Fact, View
from telephony.dialogues.question_in import QuestionFinder

SOME_DAY = datetime(2026, 11, 18, tzinfo=UTC)
CAMPAIGNS = load_campaigns(Path(__file__).parent.parent / "campaigns")


@pytest.mark.parametrize(
    ("campaign", "line", "asks"),
    [
        ("insurance", "Got it. When do you close?", "closing_date"),
        ("insurance", "So, who's your provider at the moment, any coverage today?", "current_insurance"),
        ("insurance", "I can give you a quick call. Does now work?", "ready_to_talk"),
        ("insurance", "Ava here, on a recorded line. Is that okay?", "recording_ok"),
        ("insurance", "Is 5 pm better, or tomorrow?", "callback_earliest"),
        ("insurance", "A fresh start, got it.", None),
        ("lending", "And when would you like it done?", "timeframe"),
        ("lending", "Want me to connect you?", "transfer_now"),
        ("higher_education", "Shall I put you through to Dr. Osei?", "transfer_now"),
        ("higher_education", "Have you begun the application?", "application_status"),
        ("higher_education", "Still on your mind?", "interest"),
        ("home_services", "We have 2-4 or 4-6 today, which is better?", "appointment"),
        ("home_services", "Denise can call you at 2 or 4, which suits you?", "callback_earliest"),
    ],
)
def test_what_a_line_asks_for(campaign: str, line: str, asks: str | None) -> None:
    """By the campaign's wordings, by what calls are asked about, else by shared words."""
    assert QuestionFinder(CAMPAIGNS[campaign]).asked_in(line, View()) == asks


@pytest.mark.parametrize(
    ("campaign", "line", "known", "asks"),
    [
        ("insurance", "Good to know. Who is that policy with?", {"current_insurance": "insured"}, "current_carrier"),
        ("insurance", "Do you know which day it ended?", {"current_insurance": "cancelled"}, "policy_end_date"),
        ("lending", "What is the line for?", {"product": "heloc"}, "loan_purpose"),
        ("lending", "Shall Priya take it from here?", {}, "transfer_now"),
        ("higher_education", "Is that for a certificate or an associate degree?", {}, "degree_level"),
        ("home_services", "Is the landlord okay with the visit?", {"owner_status": "renter"}, "owner_ok"),
        ("home_services", "About how old is the electrical panel?", {"service": "electrical"}, "system_age_years"),
        ("home_services", "Thursday nine to eleven, or Friday one to three?", {}, "appointment"),
    ],
)
def test_a_question_in_other_words(campaign: str, line: str, known: dict[str, str], asks: str) -> None:
    """By the kind of answer its words want, the values it names, and what is still open."""
    facts = {key: Fact(value=value, source="before", at=SOME_DAY) for key, value in known.items()}
    assert QuestionFinder(CAMPAIGNS[campaign]).asked_in(line, View(facts=facts)) == asks
