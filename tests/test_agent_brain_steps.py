from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from agent.campaign import Campaign, load_campaigns
from agent.conversation import events_of
from agent.moves import End, HandOff, Promise, Say
from state.effects import FindAgent
from state.events import Channel, ConsentGiven, EffectRequested, Event, Scope, Suppressed, TextsResumed
from tests.conversation import Conversation, words_of

CAMPAIGNS = load_campaigns(Path(__file__).parent.parent / "campaigns")
NOON = datetime(2026, 11, 18, 12, 40, tzinfo=ZoneInfo("America/Detroit"))
KNOWN = {
    "service": "hvac",
    "issue": "furnace stopped working",
    "urgency": "today",
    "zip": "49503",
    "owner_status": "owner",
}


BOTH = (Scope.SMS, Scope.AI_VOICE)
STOPPED = Suppressed(id="stop", at=NOON, reason="opt_out", channel=Channel.SMS, words="STOP", detector="keyword")
RESUMED = TextsResumed(id="resumed", at=NOON)


def consented(*scopes: Scope) -> ConsentGiven:
    """What he ticked."""
    return ConsentGiven(id="consent", at=NOON, scopes=scopes, basis="written", act="tick", disclosure="the form's")


def talk(campaign: Campaign, **facts: str) -> Conversation:
    """A lead of the campaign's in Michigan, of whom these facts are known."""
    return Conversation(campaign, NOON, number="+16165550172", zip_code="49503", facts=dict(facts))


def test_a_visit_is_booked_and_promised() -> None:
    """The slot taken is said back with its end, kept as a promise, and nobody's telephone rings for it."""
    home = talk(CAMPAIGNS["home_services"], **KNOWN, property_type="house")
    home.persona("We have 2-4 or 4-6 today, which is better?", asks="appointment")
    moves = home.lead("2-4")
    assert words_of(moves) == "Booked: today 2-4. The technician has your notes."
    assert [move.due.hour for move in moves if isinstance(move, Promise) and move.due] == [19]
    assert moves[-1] == End("visit_booked")
    assert not any(isinstance(move, HandOff) for move in moves)


def test_nobody_waits_where_we_do_not_come() -> None:
    """A ZIP outside the service area ends the talk at once and courteously."""
    near = CAMPAIGNS["home_services"].model_copy(update={"service_area": ("495", "49302")})
    home = talk(near, service="hvac")
    home.persona("What's the ZIP for the property?", asks="zip")
    assert "don't come to 60614" in words_of(home.lead("60614"))
    assert home.view.known("zip") == "60614"


def test_a_follow_up_says_what_its_fact_calls_for() -> None:
    """Once, when it is learned, with the facts it names; without them it is left out."""
    lending = talk(CAMPAIGNS["lending"], application_status="docs_needed", missing_documents="two pay stubs")
    assert "pay stubs" not in words_of(lending.lead("is this still open?"))
    school = talk(CAMPAIGNS["higher_education"])
    school.persona("What's the highest level you've finished so far?", asks="highest_education")
    assert "a parent is welcome" in words_of(school.lead("still in high school"))


def test_the_last_word_on_a_question_is_a_question() -> None:
    """A digression is answered, and the open question put again."""
    school = talk(CAMPAIGNS["higher_education"], program_interest="nursing")
    school.persona("Have you started the application yet?", asks="application_status")
    moves = school.lead("do you guys have parking?")
    assert [move.asks for move in moves if isinstance(move, Say) and move.asks] == ["application_status"]


def test_what_is_asked_before_a_later_call_is_answered() -> None:
    """A call agreed on for another day silences no question of the lead's, and its open hour is asked for again."""
    lead = talk(CAMPAIGNS["insurance"])
    lead.persona("I can give you a quick call to go over options. Does now work?", asks="ready_to_talk")
    assert "What time suits you best?" in words_of(lead.lead("Not before the fifth of December"))
    asked = lead.lead("Do you also do condos?")
    assert words_of(asked) == "Good question for Sarah. I'll pass it on. What time suits you best?"
    assert [move.by for move in asked if isinstance(move, Promise)] == ["person"]
    assert words_of(lead.lead("It is a house, 60614")) != "", "what he tells is taken up"


def test_a_call_about_to_ring_is_not_talked_over_but_answers_wait_for_nobody() -> None:
    """Between a yes to a call now and its ringing, news is only learned; a question still gets its answer."""
    lead = talk(CAMPAIGNS["insurance"])
    lead.persona("I can give you a quick call to go over options. Does now work?", asks="ready_to_talk")
    lead.lead("Yes")
    assert words_of(lead.lead("It is a house, 60614")) == ""
    assert words_of(lead.lead("Do you also do condos?")) == "Good question for Sarah. I'll pass it on."


@pytest.mark.parametrize("why", [(), (consented(Scope.SMS),), (consented(*BOTH), STOPPED, RESUMED)])
def test_who_may_not_be_called_is_offered_no_call_and_hears_why(why: tuple[Event, ...]) -> None:
    """He only called us, agreed to texts alone, or took calls back: a yes would be followed by silence."""
    lead = Conversation(CAMPAIGNS["insurance"], NOON, number="+16165550172", zip_code="49503", scopes=())
    lead.fold(*why)
    lead.persona("Hi Jordan, it's Ava. Still looking for coverage?", asks="interest")
    assert "call" not in words_of(lead.lead("yes"))
    answer = words_of(lead.lead("call me now please"))
    assert "I can't call you without your written okay. You can reach us at" in answer
    assert "?" in answer
    assert "?" in words_of(lead.lead("home insurance"))


@pytest.mark.parametrize("on_call", [True, False])
def test_a_time_named_by_who_may_not_be_called_is_kept_by_a_person(on_call: bool) -> None:
    """He only ever called us: our voice may not call him back, one of our people may, and has his card for it."""
    lead = Conversation(CAMPAIGNS["insurance"], NOON, number="+16165550172", scopes=())
    if on_call:
        lead.start_call(inbound=True)
        lead.persona(
            "Hi, this is Ava, a virtual assistant on a recorded line; say 'stop calls' any time. How can I help?"
        )
    moves = lead.lead("can you call me back tomorrow at 3 pm")
    assert "One of our people will call you tomorrow at 3 pm" in words_of(moves)
    assert [move.by for move in moves if isinstance(move, Promise)] == ["person"]
    *_, promised, asked = events_of(moves, "sms:1", NOON)
    assert isinstance(asked, EffectRequested)
    assert asked.effect == FindAgent(search=promised.id)


@pytest.mark.parametrize(
    "said", [("this is his wife, he's not here",), ("this is his wife", "he's at work until five")]
)
def test_who_says_that_the_lead_is_away_is_told_nothing(said: tuple[str, ...]) -> None:
    """Nor asked anything, nor promised: when he is back is no wish of the lead's."""
    lead = talk(CAMPAIGNS["insurance"])
    lead.start_call()
    lead.persona("Hi, this is Ava, a virtual assistant on a recorded line; say 'stop calls' any time. Is that okay?")
    moves = [lead.lead(one) for one in said][-1]
    assert words_of(moves) == "No problem, thanks. Jordan can call or text this number any time. Bye!"
    assert moves[-1] == End("lead_away")
    assert not any(isinstance(move, Promise) for move in moves)
