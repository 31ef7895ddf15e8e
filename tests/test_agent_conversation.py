"""One path for both channels: what the guard decides, what reaches the brain, and what of it reaches the lead."""

from contextlib import aclosing
from datetime import timedelta
from pathlib import Path

import pytest
from guard_support import CAMPAIGN, NOW, ScriptedBrain, line, snapshot

from agent.campaign import load_campaign
from agent.conversation import CARRIER_STOP_WORDS, events_of, respond
from agent.guard.outbound import Breach
from agent.moves import End, HandOff, Hold, Learn, Move, Promise, Resume, Say, Suppress
from agent.snapshot import Snapshot, Utterance
from state.effects import HandoffStep
from state.events import Channel, FactLearned, OutreachHeld, Promised, Suppressed, TextsResumed
from state.view import Fact, Handoff

pytestmark = pytest.mark.anyio

SMS, VOICE = Channel.SMS, Channel.VOICE
BOTH = pytest.mark.parametrize("channel", list(Channel))
QUESTION = Say("When do you plan to move in?", asks="move_in_date")


async def moves(text: str, seen: Snapshot, *script: Move) -> list[Move]:
    """Our answer to what the lead said, with a brain that would make these moves."""
    return [move async for move in respond(ScriptedBrain(script), seen, Utterance(text, "sms:1"))]


def words(made: list[Move]) -> str:
    """Everything that is said."""
    return " ".join(move.text for move in made if isinstance(move, Say))


def kinds(made: list[Move]) -> list[type[Move]]:
    """The kinds of the moves, in order."""
    return [type(move) for move in made]


@BOTH
async def test_ordinary_words_go_to_the_brain(channel: Channel) -> None:
    """What it answers goes out as it is."""
    script = (Learn("product", "home"), Say("Great."), QUESTION)
    assert await moves("its for home", snapshot(channel), *script) == list(script)


@BOTH
async def test_mixed_words_go_to_the_brain(channel: Channel) -> None:
    """A no to an offer with a fact behind it is an answer, not a refusal."""
    brain = ScriptedBrain((QUESTION,))
    said = Utterance("no it's fine go on it's a townhouse", "turn:1")
    assert [move async for move in respond(brain, snapshot(channel), said)] == [QUESTION]
    assert brain.asked == [said.text]


@BOTH
@pytest.mark.parametrize("text", ["please stop texting me", "take me off your list", "déjenme en paz"])
async def test_a_stop_suppresses_then_takes_leave(channel: Channel, text: str) -> None:
    """At once, with the words as evidence, one courteous sentence without a question, and no brain."""
    brain = ScriptedBrain((QUESTION,))
    made = [move async for move in respond(brain, snapshot(channel), Utterance(text, "x"))]
    assert kinds(made) == [Suppress, Say, Learn, End]
    assert isinstance(made[0], Suppress)
    assert (made[0].reason, made[0].channel, made[0].words) == ("opt_out", channel, text)
    assert "?" not in words(made)
    assert brain.asked == []


@pytest.mark.parametrize("text", [*sorted(CARRIER_STOP_WORDS), "stop", " Stop "])
async def test_a_word_the_carrier_confirms_is_not_confirmed_twice(text: str) -> None:
    """Twilio answers bare stop words itself, and any text of ours after one fails."""
    assert kinds(await moves(text, snapshot())) == [Suppress, Learn, End]


async def test_a_bare_stop_on_a_call_is_answered() -> None:
    """No carrier confirms what is spoken."""
    assert kinds(await moves("Stop.", snapshot(VOICE))) == [Suppress, Say, Learn, End]


async def test_the_confirmation_is_thought_of_after_the_suppression_too() -> None:
    """A webhook suppresses before anybody answers: the answer to the same words still confirms."""
    assert kinds(await moves("stop texting me", snapshot(suppressed=True))) == [Suppress, Say, Learn, End]


async def test_a_text_after_an_opt_out_goes_to_a_person() -> None:
    """No marketing, no chat: not even an answer from the brain."""
    made = await moves("??", snapshot(suppressed=True), QUESTION)
    assert kinds(made) == [Hold, End]


async def test_a_call_after_an_opt_out_is_talked_on() -> None:
    """Whoever opted out and calls us himself gets an answer."""
    made = await moves("hi, about my quote", snapshot(VOICE, suppressed=True), QUESTION)
    assert made == [QUESTION]


@BOTH
@pytest.mark.parametrize("text", ["you have the wrong number", "this isn't Jordan"])
async def test_a_stranger_learns_nothing_about_the_lead(channel: Channel, text: str) -> None:
    """Neither his name nor what he was looking for."""
    seen = snapshot(channel, facts={"product": Fact(value="home", source="x", at=NOW)})
    made = await moves(text, seen)
    assert kinds(made) == [Suppress, Say, End]
    assert isinstance(made[0], Suppress)
    assert made[0].reason == "wrong_number"
    for secret in ("Jordan", "home", "quote", "insurance", CAMPAIGN.brand):
        assert secret not in words(made)


async def test_an_unclear_no_holds_silently_by_text_and_takes_leave_on_a_call() -> None:
    """Nothing more goes out until a person has looked."""
    assert kinds(await moves("not interested thanks", snapshot(), QUESTION)) == [Hold, End]
    spoken = await moves("not interested thanks", snapshot(VOICE), QUESTION)
    assert kinds(spoken) == [Hold, Say, End]
    assert "?" not in words(spoken)


async def test_start_resumes_texts_and_says_that_calls_stay_off() -> None:
    """One keyword, one short answer."""
    made = await moves("START", snapshot(suppressed=True))
    assert kinds(made) == [Resume, Say]
    assert "calls stay off" in words(made)


async def test_help_says_who_we_are_and_how_to_reach_us() -> None:
    """CTIA 5.1.2: brand, contact, the way out."""
    made = await moves("HELP", snapshot())
    for part in (CAMPAIGN.brand, CAMPAIGN.callback_contact, "STOP"):
        assert part in words(made)


# "Are you a robot?" --------------------------------------------------------------------------------------------------


@BOTH
async def test_the_question_gets_a_plain_yes_and_an_offer(channel: Channel) -> None:
    """And it is noted that it was asked."""
    made = await moves("are you a real person?", snapshot(channel), Say("What?"))
    assert Learn("ai_asked", True) in made
    assert "I'm an AI assistant" in words(made)
    assert "person" in words(made)


async def test_facts_beside_the_question_are_learned() -> None:
    """ "Is this a bot? Anyway, it's a condo": both halves count; the brain's question follows, its chatter does not."""
    script = (
        Learn("property_type", "condo"),
        Say("I'm a bot, yes."),
        Say("A condo, nice. When do you close?", "closing_date"),
    )
    made = await moves("is this a bot? anyway it's a condo", snapshot(VOICE), *script)
    assert Learn("property_type", "condo") in made
    assert "I'm a bot" not in words(made)
    assert made[-1] == Say("When do you close?", "closing_date")


async def test_the_open_question_is_put_again() -> None:
    """The brain had nothing to ask: what was asked before stays asked."""
    thread = (line("Is it a house, a condo or a townhouse?", asks="property_type"),)
    made = await moves("wait hold on are you a real person", snapshot(VOICE, thread=thread))
    assert isinstance(made[-1], Say)
    assert made[-1].asks == "property_type"
    assert words(made).count("?") == 1


async def test_a_question_that_was_cut_off_is_put_again() -> None:
    """The lead barged in on it with his own."""
    thread = (line("Nice. Is it a house, a condo", cut=True),)
    made = await moves("are you a robot", snapshot(VOICE, thread=thread))
    assert isinstance(made[-1], Say)
    assert made[-1].asks == "property_type"


async def test_a_question_that_was_answered_is_not_put_again() -> None:
    """Nothing known is asked twice."""
    thread = (line("Are you looking for auto, home, or both?", asks="product"),)
    facts = {"product": Fact(value="home", source="x", at=NOW)}
    made = await moves("are you a robot", snapshot(VOICE, thread=thread, facts=facts))
    assert "auto, home" not in words(made)
    assert words(made).endswith("Shall we go on?")


async def test_a_brain_that_ends_the_talk_is_not_asked_on() -> None:
    """ "Are you a robot? Never mind, bye": no question after a goodbye."""
    made = await moves("are you a robot? got to run, bye", snapshot(VOICE), End("bye"))
    assert isinstance(made[-1], End)
    assert "?" not in words(made)


# "A person, please" --------------------------------------------------------------------------------------------------


async def test_a_person_is_found_on_a_call() -> None:
    """No claim that somebody is there before somebody is; facts first, so that the summary has them."""
    made = await moves("I want to talk to a real person", snapshot(VOICE), Learn("product", "home"), QUESTION)
    assert kinds(made) == [Learn, Say, Learn, HandOff]
    assert made[0] == Learn("human_requested", True)
    assert made[-1] == HandOff("requested")
    assert "onnecting" not in words(made)


async def test_a_person_is_promised_by_text() -> None:
    """There is no call to hand over, so it is a promise."""
    made = await moves("can you have a human text me back", snapshot())
    assert any(isinstance(move, Promise) for move in made)
    assert HandOff("requested") in made


async def test_what_can_be_answered_at_once_is_not_left_to_the_person() -> None:
    """ "Can someone go over the cost with me?" gets the page now, and the person too; no other word of the brain's."""
    campaign = load_campaign(Path(__file__).parent.parent / "campaigns" / "higher_education.yaml")
    asked = snapshot(SMS, campaign)
    note = asked.fill(campaign.digressions[0].answer)
    made = await moves("can someone go over the cost with me", asked, Say("Great."), Say(note), QUESTION)
    assert Say(note) in made
    assert HandOff("requested") in made
    assert "Great." not in words(made)
    assert QUESTION not in made


async def test_whoever_waits_for_a_person_is_not_put_in_the_queue_twice() -> None:
    """Asking again is answered, not repeated."""
    waiting = Handoff(handoff="h", step=HandoffStep.RINGING, call="CA1")
    made = await moves("representative!", snapshot(VOICE, handoff=waiting))
    assert HandOff("requested") not in made
    assert words(made)


async def test_a_person_and_the_truth_in_one_breath() -> None:
    """ "Are you a robot? Let me talk to a human": both are answered."""
    made = await moves("are you a robot? let me talk to a human", snapshot(VOICE))
    assert "I'm an AI assistant" in words(made)
    assert Learn("ai_asked", True) in made
    assert HandOff("requested") in made


# Sensitive data and danger -------------------------------------------------------------------------------------------


@BOTH
async def test_sensitive_data_is_refused_and_the_talk_goes_on(channel: Channel) -> None:
    """The lead is told that it is gone, and then gets his answer."""
    made = await moves("my social is [ssn] if you need it", snapshot(channel), QUESTION)
    assert "removed it" in words(made)
    assert made[-1] == QUESTION


async def test_sensitive_data_beside_a_question_is_refused_too() -> None:
    """Whatever decides, he hears that it was removed."""
    made = await moves("are you a bot? my ssn is [ssn]", snapshot())
    assert "removed it" in words(made)
    assert "I'm an AI assistant" in words(made)


@pytest.mark.parametrize(
    ("text", "safety"),
    [
        ("yeah no heat and now it kinda smells like gas down there", "leave the house"),
        ("my kitchen is on fire", "get out"),
        ("there are sparks coming from the panel", "keep well away"),
        ("I think I'm having a heart attack", "911"),
        ("I want to kill myself", "988"),
    ],
)
async def test_danger_is_answered_with_safety_first_and_a_person(text: str, safety: str) -> None:
    """The first words are the safety line, nothing is asked, and a human is found."""
    made = await moves(text, snapshot(VOICE), QUESTION)
    assert isinstance(made[0], Say)
    assert safety in made[0].text
    assert "?" not in words(made)
    assert Learn("safety_issue", True) in made
    assert made[-1] == HandOff("emergency")


# Outbound ------------------------------------------------------------------------------------------------------------


async def test_what_the_brain_may_not_say_is_replaced_and_counted() -> None:
    """A price from a model never reaches the lead; somebody hears of it."""
    refused: list[Breach] = []
    brain = ScriptedBrain((Say("That's about $90 a month."), Say("Or $80."), QUESTION))
    said = Utterance("how much", "x")
    made = [move async for move in respond(brain, snapshot(), said, on_refusal=refused.append)]
    assert refused == [Breach.PRICE, Breach.PRICE]
    assert made == [Say("Sarah will go over that with you."), QUESTION]


async def test_a_turn_asks_one_question() -> None:
    """The second one waits for another turn."""
    made = await moves("ok", snapshot(), QUESTION, Say("Noted. And how many cars?", "vehicles"))
    assert made == [QUESTION, Say("Noted.")]


async def test_a_brain_cannot_suppress_or_resume() -> None:
    """What it takes for a stop is held for a person; a resumption it makes up is dropped."""
    made = await moves("hm", snapshot(), Suppress("opt_out", "model"), Resume(), Say("All right."))
    assert kinds(made) == [Hold, Say]


@pytest.mark.parametrize("text", ["ok", "are you a robot", "let me talk to a human", "my ssn is [ssn]"])
async def test_an_answer_thrown_away_closes_the_brains_stream(text: str) -> None:
    """A speculative reply must not leave a request to a model running."""
    brain = ScriptedBrain((Learn("a", 1), Learn("b", 2), Learn("c", 3)))
    async with aclosing(respond(brain, snapshot(VOICE), Utterance(text, "x"))) as made:
        async for move in made:
            if move == Learn("a", 1):
                break
    assert brain.closed


# Into the record -----------------------------------------------------------------------------------------------------


def test_moves_become_events_of_their_utterance() -> None:
    """Facts name their source; what is said, handed off or ended is the channel's to record."""
    due = NOW + timedelta(hours=1)
    made: list[Move] = [
        Learn("product", "home"),
        Promise("call back", due),
        Say("Great."),
        HandOff("qualified"),
        Suppress("opt_out", "per_se", SMS, "stop"),
        Hold("unclear"),
        Resume(),
        End("bye"),
    ]
    assert events_of(made, "sms:1", NOW) == [
        FactLearned(id="sms:1:fact:0", at=NOW, key="product", value="home", source="sms:1"),
        Promised(id="sms:1:promise:1", at=NOW, what="call back", due=due),
        Suppressed(id="sms:1:suppressed", at=NOW, reason="opt_out", channel=SMS, words="stop", detector="per_se"),
        OutreachHeld(id="sms:1:held", at=NOW, reason="unclear"),
        TextsResumed(id="sms:1:resumed", at=NOW),
    ]


def test_a_turn_recorded_in_parts_has_the_ids_of_the_whole() -> None:
    """Recording the first moves early does not record them under other names."""
    made: list[Move] = [Learn("a", 1), Say("x"), Learn("b", 2)]
    parts = events_of(made[:1], "t", NOW) + events_of(made[1:], "t", NOW, first=1)
    assert [event.id for event in parts] == [event.id for event in events_of(made, "t", NOW)]
