from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.campaign import load_campaign
from agent.moves import Say
from agent.opening import call_opening, first_text
from agent.summary import CARD_CHARACTERS, HEADLINE_WORDS, WHISPER_WORDS, Summary, summarise
from agent.texting import gsm7
from state.events import ConsentGiven, FactLearned, Promised, Scope
from tests.conversation import Conversation

INSURANCE = load_campaign(Path(__file__).parent.parent / "campaigns" / "insurance.yaml")
HOME_SERVICES = load_campaign(Path(__file__).parent.parent / "campaigns" / "home_services.yaml")
NOW = datetime(2026, 11, 18, 14, 5, tzinfo=ZoneInfo("America/Chicago"))


def new() -> Conversation:
    """A lead with his consents."""
    talk = Conversation(INSURANCE, NOW)
    talk.fold(
        ConsentGiven(
            id="form:8831",
            at=NOW,
            scopes=(Scope.SMS, Scope.AI_VOICE),
            basis="written",
            act="tick",
            disclosure="I agree to calls and texts, also by an artificial voice.",
        )
    )
    return talk


def story() -> Conversation:
    """The insurance story up to its hand-over."""
    talk = new()
    talk.persona([first_text(talk.snapshot())])
    talk.lead("Yeah I am, just been busy")
    talk.lead("sure. its for home, we just bought a place")
    talk.start_call()
    talk.persona(call_opening(talk.snapshot()))
    for line in (
        "yeah that's fine",
        "we closed last friday we move in on december fifth",
        "no it's fine go on it's a townhouse",
        "starting fresh just want to compare how much is it gonna be roughly",
        "yeah ideally before the fifth oh and actually it's a condo technically not a townhouse",
    ):
        talk.lead(line)
    talk.fold(FactLearned(id="ai", at=talk.at, key="ai_asked", value=True, source="l"))
    return talk


def summary_of(talk: Conversation) -> Summary:
    """What the agent gets."""
    return summarise(talk.view, INSURANCE, talk.log)


def test_the_headline_carries_product_and_timing() -> None:
    """S42: who, what, by when, in at most twelve words."""
    headline = summary_of(story()).headline
    assert headline == "Jordan: home, no present cover, within weeks"
    assert len(headline.split()) <= HEADLINE_WORDS


def test_the_story_is_told_in_full() -> None:
    """Everything the dialogue wants is there."""
    summary = summary_of(story())
    for wanted in (
        "sms",
        "home",
        "condo",
        "2026-11-13",
        "2026-12-05",
        "no present cover",
        "wants to compare",
        "asked about price",
        "asked if this is AI",
        "form:8831",
    ):
        assert wanted in summary.card
        assert wanted in summary.full


@pytest.mark.parametrize("invented", ["auto", "bundle", "renters", "townhouse", "$"])
def test_nothing_is_in_it_that_the_lead_did_not_say(invented: str) -> None:
    """The seed's trap: Jordan said "home", never "auto"; and what he corrected is gone."""
    summary = summary_of(story())
    assert invented not in f"{summary.card} {summary.whisper} {summary.full}".lower()


def test_the_whisper_is_ten_seconds_at_most() -> None:
    """Words, not symbols; dates as they are spoken."""
    whisper = summary_of(story()).whisper
    assert len(whisper.split()) <= WHISPER_WORDS
    assert whisper.startswith("Jordan, home")
    assert "December 5th" in whisper
    assert "_" not in whisper


def test_a_retracted_fact_is_not_told() -> None:
    """What was taken back is nobody's business."""
    talk = story()
    talk.lead("no wait it's not a condo")
    assert "condo" not in summary_of(talk).full.lower()


def test_first_channel_is_where_the_lead_first_answered() -> None:
    """By text in the story, by voice for who only ever called."""
    assert "First channel: text (sms)." in summary_of(story()).full
    talk = new()
    talk.start_call(inbound=True)
    talk.lead("i need home insurance")
    assert "First channel: call (voice)." in summary_of(talk).full


def test_promises_wishes_and_objections_are_told() -> None:
    """What was promised must be kept by the one who takes over."""
    talk = new()
    talk.persona([first_text(talk.snapshot())])
    talk.lead("yes")
    talk.lead("not before monday, im traveling")
    talk.fold(Promised(id="p", at=NOW, what="call Monday at 10 am Central", due=NOW + timedelta(days=5)))
    full = summary_of(talk).full
    assert "Promised: call Monday at 10 am Central." in full
    assert "Wants a call: 2026-11-23 09:00 or later" in full
    assert "Objection: timing." in full


def test_removed_data_is_mentioned_and_not_shown() -> None:
    """The agent knows that something was sent, and not what."""
    talk = new()
    talk.lead("my social is [ssn] if you need it")
    summary = summary_of(talk)
    assert "Volunteered and removed: SSN." in summary.full
    assert "[ssn]" not in summary.full


def test_an_empty_conversation_has_a_summary() -> None:
    """Also a lead of whom nothing is known can ask for a person."""
    summary = summarise(Conversation(INSURANCE, NOW, first_name=None).view, INSURANCE, [])
    assert summary.headline == "The lead: nothing asked yet"
    assert summary.whisper == "The lead."


@given(st.lists(st.text(max_size=120), max_size=6))
def test_a_card_always_fits_a_text(promises: list[str]) -> None:
    """Plain characters, three segments or so, however much was promised."""
    talk = story()
    talk.fold(*(Promised(id=f"p{n}", at=NOW, what=what) for n, what in enumerate(promises)))
    card = summary_of(talk).card
    assert len(card) <= CARD_CHARACTERS
    assert card == gsm7(card)
    assert card.startswith("Jordan: home, no present cover, within weeks.")


def test_a_danger_reported_and_over_is_told() -> None:
    """With what he was told to do, and that he says it is cleared."""
    talk = Conversation(HOME_SERVICES, NOW)
    talk.persona([first_text(talk.snapshot())])
    talk.lead("no heat and now it smells like gas down there")
    talk.fold(FactLearned(id="danger", at=talk.at, key="safety_issue", value=True, source="l"))
    gas = "gas smell reported, told to call 911 or the gas company"
    assert f"Safety: {gas}." in summarise(talk.view, HOME_SERVICES, talk.log).full
    talk.lead("all clear, leaky valve fixed")
    assert f"Safety: {gas}; cleared since, he says." in summarise(talk.view, HOME_SERVICES, talk.log).full


def test_a_visit_is_told_with_its_end() -> None:
    """As it was offered: "2-4" is from two to four."""
    talk = Conversation(HOME_SERVICES, NOW)
    talk.persona([Say("We have Thursday 2-4 or 4-6, which is better?", asks="appointment")])
    talk.lead("2-4")
    assert "Appointment: 2026-11-19 14:00-16:00" in summarise(talk.view, HOME_SERVICES, talk.log).full
