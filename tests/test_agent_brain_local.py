from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from agent.brain.local import decide
from agent.campaign import Campaign, load_campaign
from agent.handover_words import nobody_free
from agent.moves import End, HandOff, Hold, Learn, Move, Promise, Say
from agent.opening import call_opening, first_text
from agent.snapshot import Snapshot, Utterance
from agent.texting import fits, gsm7
from state.effects import HandoffStep
from state.events import Channel, HandoffAdvanced
from tests.conversation import Conversation, words_of

TESTS = Path(__file__).parent
INSURANCE = load_campaign(TESTS.parent / "campaigns" / "insurance.yaml")
CHICAGO = ZoneInfo("America/Chicago")
AFTERNOON = datetime(2026, 11, 18, 14, 5, tzinfo=CHICAGO)
NIGHT = datetime(2026, 11, 18, 21, 5, tzinfo=CHICAGO)
GUARDS = {"ai_asked", "opted_out"}
"""Facts that the guard learns, not the brain."""


@pytest.fixture
def text() -> Conversation:
    """A lead who has had the first text."""
    return texted(AFTERNOON)


@pytest.fixture
def call() -> Conversation:
    """A lead who was called without having texted, and has agreed to talk."""
    talk = called()
    talk.lead("yeah sure")
    return talk


def texted(at: datetime) -> Conversation:
    """A conversation that begins with the first text."""
    talk = Conversation(INSURANCE, at)
    talk.persona([first_text(talk.snapshot())])
    return talk


def called(facts: dict[str, JsonValue] | None = None) -> Conversation:
    """A call that was just opened."""
    talk = Conversation(INSURANCE, AFTERNOON, facts=facts)
    talk.start_call()
    talk.persona(call_opening(talk.snapshot()))
    return talk


def asks(moves: list[Move]) -> list[str]:
    """The facts that a turn asks for."""
    return [move.asks for move in moves if isinstance(move, Say) and move.asks]


def has(moves: list[Move], kind: type[Move]) -> bool:
    """Whether a turn holds a move of the kind."""
    return any(isinstance(move, kind) for move in moves)


# The story -----------------------------------------------------------------------------------------------------------


def dialogue() -> dict[str, Any]:
    """The insurance story: texts, a call, a correction, a price question, a transfer."""
    loaded: dict[str, Any] = yaml.safe_load(
        (TESTS / "dialogues" / "given" / "ins-01-home-move-warm-transfer.yaml").read_text()
    )
    return loaded


def test_the_whole_insurance_story() -> None:
    """Facts are as the dialogue wants after every lead turn; one question a turn; nothing known is asked."""
    story = dialogue()
    talk = Conversation(INSURANCE, local(story["turns"][0]["at"]))
    talk.persona([first_text(talk.snapshot())])
    moves: list[Move] = []
    for turn in story["turns"]:
        if turn["who"] == "bot" and turn["ch"] == "voice" and talk.call is None:
            talk.start_call()
            talk.persona(call_opening(talk.snapshot()))
        if turn["who"] != "lead":
            continue
        talk.at = local(turn["at"])
        if "barge_in" in turn:  # our guard, not the brain, answers the question about the AI
            talk.persona(words_of(moves), asks="property_type", heard="Nice. Is it a house, a condo")
            talk.lead(turn["text"], answer=False)
            talk.persona("I'm an AI assistant with Harbor Lane. Shall we go on?")
            continue
        moves = talk.lead(turn["text"])
        wanted = {key: value for key, value in turn["facts_after"].items() if key not in GUARDS}
        assert talk.facts() == wanted, turn["text"]
        assert words_of(moves).count("?") <= 1
        assert not set(asks(moves)) & set(talk.facts()), "asked for what it knew"
    assert [move for move in moves if isinstance(move, HandOff)] == [HandOff("qualified")]


def local(clock: str) -> datetime:
    """A time of the dialogue's, in the lead's zone."""
    return datetime.fromisoformat(clock).replace(tzinfo=CHICAGO)


def test_the_storys_own_words(text: Conversation) -> None:
    """What the source of the story quotes: a warm yes, an offer to call, congratulations, the signal followed."""
    offered = text.lead("Yeah I am, just been busy")
    assert words_of(offered) == "Totally get it! I can give you a quick call to go over options. Does now work?"
    agreed = text.lead("sure. its for home, we just bought a place")
    assert words_of(agreed) == ""
    assert has(agreed, End)
    text.start_call()
    opening = call_opening(text.snapshot())
    assert "just bought a place and want home coverage, congratulations!" in words_of(opening)
    text.persona(opening)
    assert words_of(text.lead("yeah that's fine")) == "Great. When do you close?"


def test_home_we_just_bought_a_house(call: Conversation) -> None:
    """S59: congratulations first, then what follows from the news."""
    moves = call.lead("home we just bought a house")
    assert words_of(moves).startswith("Congratulations!")
    assert asks(moves) == ["closing_date"]


# One question, nothing known, nothing lost ---------------------------------------------------------------------------


VOLUNTEERED = [
    ["auto", "with geico", "next month"],
    ["it's for my car and i'm with state farm until march first", "i need it in two weeks"],
    ["starting fresh", "home", "it's a condo", "before we move in", "december fifth"],
    ["i want to compare", "both", "no coverage right now", "single family", "no rush"],
    ["um", "what", "home", "how much is it", "who is this", "townhouse", "none", "asap"],
    ["renters", "no", "in about three weeks"],
]


@pytest.mark.parametrize("lines", VOLUNTEERED, ids=lambda lines: lines[0])
@pytest.mark.parametrize("channel", list(Channel))
def test_any_order_is_taken(channel: Channel, lines: list[str]) -> None:
    """Whatever comes first, every turn asks at most one thing, never a known one, and is never a dead end."""
    talk = called() if channel is Channel.VOICE else texted(AFTERNOON)
    if channel is Channel.VOICE:
        talk.lead("sure")
    else:
        talk.lead("yes")
        talk.lead("no, texting is fine")
    for line in lines:
        moves = talk.lead(line)
        assert words_of(moves).count("?") <= 1
        assert not {key for key in asks(moves) if talk.view.known(key) is not None}
        assert asks(moves) or has(moves, HandOff) or has(moves, End), f"dead end after {line!r}"
        if has(moves, HandOff):
            break


def test_an_answer_days_later_is_an_answer() -> None:
    """Five days after the question it still answers it, and the talk goes on with the next one, not from the start."""
    talk = texted(AFTERNOON)
    talk.lead("yes")
    assert talk.view.thread[-1].asks == "ready_to_talk"
    talk.lead("no, texting is fine")
    asked = talk.view.thread[-1].asks
    assert asked == "product"
    talk.at += timedelta(days=5)
    moves = talk.lead("home")
    assert talk.view.known("product") == "home"
    assert asks(moves)
    assert set(asks(moves)).isdisjoint({"interest", "product", "ready_to_talk"})


def test_everything_at_once_is_ready_at_once(call: Conversation) -> None:
    """A lead who says it all is asked nothing more."""
    moves = call.lead("i need home insurance i don't have any right now and i want it within the next few weeks")
    assert moves[-1] == HandOff("qualified")
    assert asks(moves) == []


def test_a_hand_off_promises_nobody(call: Conversation) -> None:
    """Nobody says "connecting you" before somebody has accepted (S41)."""
    moves = call.lead("home, no insurance now, in a few weeks")
    assert moves[-1] == HandOff("qualified")
    assert "onnecting" not in words_of(moves)
    assert "Sarah" not in words_of(moves)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from([line for lines in VOLUNTEERED for line in lines] + ["", "asdf", "no", "yes"]), max_size=9)
)
def test_no_mixture_of_lines_breaks_the_rules(lines: list[str]) -> None:
    """One question at most, none about a known fact, and the same twice from the same snapshot."""
    talk = called()
    for line in lines:
        snapshot = talk.snapshot()
        utterance = Utterance(line, "x")
        assert decide(snapshot, utterance) == decide(snapshot, utterance)
        moves = talk.lead(line)
        assert words_of(moves).count("?") <= 1
        assert not {key for key in asks(moves) if talk.view.known(key) is not None}
        assert words_of(moves) or has(moves, End) or has(moves, HandOff)


# Being human enough --------------------------------------------------------------------------------------------------


def test_a_correction_is_confirmed_and_replaces(call: Conversation) -> None:
    """The new value is said back; the talk goes on."""
    call.lead("home")
    call.lead("it's a townhouse")
    moves = call.lead("actually it's a condo, not a townhouse")
    assert words_of(moves).startswith("Condo, thanks, I've fixed that.")
    assert call.facts()["property_type"] == "condo"
    assert asks(moves) == ["current_insurance"]


def test_a_retraction_opens_the_question_again(call: Conversation) -> None:
    """ "It's not a condo" leaves the kind of home open."""
    call.lead("home")
    call.lead("a condo")
    moves = call.lead("sorry, it's not a condo")
    assert "property_type" not in call.facts()
    assert words_of(moves).startswith("Okay, not condo then.")


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("how much is it", "won't guess"),
        ("how long will this take", "couple of minutes"),
        ("who is this", "virtual assistant"),
        ("what do you do with my data", "only goes to Sarah"),
        ("is flood covered", "licensed"),
    ],
)
def test_a_digression_is_answered_and_led_back(call: Conversation, asked: str, answer: str) -> None:
    """A sensible answer, then the open question (S61)."""
    call.lead("home")
    moves = call.lead(asked)
    assert answer in words_of(moves)
    assert asks(moves) == ["property_type"]


def test_a_question_without_a_note_goes_to_the_human(call: Conversation) -> None:
    """What the campaign has no answer to is passed on, not made up, and the talk goes on."""
    moves = call.lead("do you guys sponsor the little league")
    assert "I'll pass it on" in words_of(moves)
    assert has(moves, Promise)
    assert asks(moves) == ["product"]


def test_a_digression_that_asks_is_not_followed_by_a_second_question(text: Conversation) -> None:
    """Trust first: no qualifying question in the same breath."""
    moves = text.lead("is this legit? how did you get my number")
    assert asks(moves) == ["interest"]
    assert text.facts() == {"objection": "trust"}


def test_the_first_time_it_rephrases_then_it_moves_on(call: Conversation) -> None:
    """Not understood: other words once, then another question, in the end a person."""
    heard = [words_of(call.lead("mumble mumble")) for _ in range(8)]
    questions = [words.rpartition(". ")[2] for words in heard]
    assert len(set(questions[:3])) == 3
    assert any("person" in words for words in heard)


def test_who_does_not_know_may_skip(call: Conversation) -> None:
    """ "I don't know" is an answer to respect."""
    call.lead("home")
    moves = call.lead("i don't know")
    assert words_of(moves).startswith("No problem, we can skip that.")
    assert asks(moves) != ["property_type"]


@pytest.mark.parametrize(("said", "answer"), [("hello?", "Yes, I'm here."), ("can you hear me", "Yes, I'm here.")])
def test_hello_gets_a_sign_of_life_and_the_question(call: Conversation, said: str, answer: str) -> None:
    """A checked line is not a failed answer."""
    call.lead("home")
    moves = call.lead(said)
    assert words_of(moves).startswith(answer)
    assert asks(moves) == ["property_type"]


@pytest.mark.parametrize(
    "said", ["what did you say", "can you repeat that please", "what?", "sorry i didn't catch that"]
)
def test_a_question_is_repeated_on_request(call: Conversation, said: str) -> None:
    """Nobody has to guess what was asked."""
    call.lead("home")
    assert asks(call.lead(said)) == ["property_type"]


@pytest.mark.parametrize("said", ["hold on", "one sec", "give me a minute", "let me check"])
def test_who_asks_for_a_moment_gets_it(call: Conversation, said: str) -> None:
    """No question while the lead looks for something."""
    call.lead("home")
    moves = call.lead(said)
    assert asks(moves) == []
    assert words_of(moves) == "Sure, take your time."


def test_who_has_a_question_is_let_put_it(call: Conversation) -> None:
    """Ours waits: it was taken for a wish to skip it."""
    call.lead("home")
    moves = call.lead("Wait, I have another question.")
    assert (asks(moves), words_of(moves)) == ([], "Sure, go ahead.")


def test_who_is_there_again_is_asked_again(call: Conversation) -> None:
    """Not told that he was not understood."""
    call.lead("home")
    moves = call.lead("Sorry, I was on mute.")
    assert asks(moves) == ["property_type"]
    assert words_of(moves).startswith("There you are.")


@pytest.mark.parametrize("said", ["call me back", "Can you call me back?"])
def test_who_wants_to_be_called_back_is_asked_when(call: Conversation, said: str) -> None:
    """And nothing else."""
    call.lead("home")
    assert "What time suits you" in words_of(call.lead(said))


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("Is this call recorded?", "Yes, our calls are recorded."),
        ("What's your name?", "It's Ava"),
        ("Sorry, what did you say your name was?", "It's Ava"),
    ],
)
def test_what_any_caller_may_ask_is_answered_and_passed_to_nobody(call: Conversation, said: str, answer: str) -> None:
    """Then the talk goes on."""
    call.lead("home")
    moves = call.lead(said)
    assert words_of(moves).startswith(answer)
    assert asks(moves) == ["property_type"]
    assert not [move for move in moves if isinstance(move, Promise)]


def test_goodbye_ends_the_call(call: Conversation) -> None:
    """A farewell and a way back."""
    moves = call.lead("gotta go bye")
    assert moves[-1] == End("goodbye")
    assert "text me" in words_of(moves)


def test_a_question_cut_short_is_put_again(call: Conversation) -> None:
    """What was not heard was not asked."""
    call.lead("home")
    call.persona("Is it a house, a condo or a townhouse?", asks="property_type", heard="Is it")
    assert asks(call.lead("sorry go ahead")) == ["property_type"]


def test_half_a_question_may_be_answered(call: Conversation) -> None:
    """Who knows what is coming answers early, and is understood."""
    call.lead("home")
    call.lead("condo")
    question = "Do you have any coverage now, or are you starting fresh?"
    call.persona(question, asks="current_insurance", heard="Do you have any coverage")
    call.lead("no")
    assert call.facts()["current_insurance"] == "none"


def test_who_cuts_into_the_opening_still_hears_it() -> None:
    """Brand, assistant and recording are said again before anything else, if they were not heard."""
    talk = Conversation(INSURANCE, AFTERNOON)
    talk.start_call()
    talk.persona(call_opening(talk.snapshot()), heard="Hi Jordan, this")
    moves = talk.lead("who is this")
    assert "Harbor Lane Insurance's virtual assistant, on a recorded line" in words_of(moves)
    assert asks(moves) == ["recording_ok"]


def test_urgency_offers_a_person_now(call: Conversation) -> None:
    """The campaign's action for an urgent need comes before its next question; a yes is taken at its word."""
    moves = call.lead("auto, i need it asap")
    assert asks(moves) == ["transfer_now"]
    assert call.lead("yes please")[-1] == HandOff("requested")


# No, not now, not here -----------------------------------------------------------------------------------------------


def test_no_is_taken_courteously(text: Conversation) -> None:
    """No pitch after a no."""
    moves = text.lead("no thanks")
    assert has(moves, End)
    assert asks(moves) == []
    assert text.facts() == {"interest": "no"}


def test_no_recording_means_no_call() -> None:
    """Our calls are recorded; who minds goes on by text."""
    talk = called()
    moves = talk.lead("i don't want to be recorded")
    assert moves[-1] == End("no_call")
    assert "text me" in words_of(moves)


def test_a_bad_moment_gets_another_one() -> None:
    """ "Not a good time" asks for a better one; the time named is said back with its zone and promised."""
    talk = called()
    assert asks(talk.lead("this isn't a good time")) == ["callback_earliest"]
    moves = talk.lead("tomorrow at 10")
    assert words_of(moves) == "Got it. I'll call you tomorrow at 10 am Central."
    promise = next(move for move in moves if isinstance(move, Promise))
    assert promise.due == datetime(2026, 11, 19, 16, 0, tzinfo=UTC)
    assert moves[-1] == End("callback_booked")


def test_a_day_without_a_time_is_asked_once(text: Conversation) -> None:
    """ "Not before Monday" gets one question for the hour, which then belongs to Monday."""
    text.lead("yes")
    assert asks(text.lead("not before monday, im traveling")) == ["callback_time"]
    assert "Monday at 10 am Central" in words_of(text.lead("10"))
    assert text.facts()["callback_earliest"] == "2026-11-23T10:00"


def test_a_time_outside_the_hours_is_not_promised(text: Conversation) -> None:
    """What we may not do we do not say."""
    text.lead("yes")
    moves = text.lead("10 tonight")
    assert "between 9 am and 8 pm" in words_of(moves)
    assert "callback_earliest" not in text.facts()


def test_who_rather_texts_is_not_offered_a_call(text: Conversation) -> None:
    """The channel he likes, and the talk goes on there."""
    text.lead("yes")
    moves = text.lead("i'd rather text")
    assert asks(moves) == ["product"]
    for line in ("auto", "none", "in two weeks"):
        moves = text.lead(line)
    assert "ready_to_talk" not in asks(moves)


def test_at_night_no_call_is_proposed_for_now() -> None:
    """An answer at 9 pm is fine; "does now work" is not."""
    talk = texted(NIGHT)
    moves = talk.lead("yes i am")
    assert asks(moves) == ["callback_earliest"]
    assert "now" not in words_of(moves)


def test_a_minor_is_sold_nothing(text: Conversation) -> None:
    """A person looks first."""
    moves = text.lead("im 16")
    assert has(moves, Hold)
    assert asks(moves) == []


def test_a_relative_learns_nothing(text: Conversation) -> None:
    """Details are for the lead alone."""
    text.lead("yes its for home")
    moves = text.lead("this is his wife, what did he tell you")
    assert "home" not in words_of(moves)
    assert "only go over details with Jordan" in words_of(moves)


# Hand-over -----------------------------------------------------------------------------------------------------------


def advance(talk: Conversation, step: HandoffStep) -> None:
    """A transfer reached a step."""
    talk.fold(HandoffAdvanced(id=f"h:{step}", at=talk.at, handoff="h", step=step, call=talk.call or "", agent="Sarah"))


def test_while_a_person_is_sought_nothing_new_is_begun(call: Conversation) -> None:
    """Facts still count, questions are answered, no second search starts."""
    call.lead("home, no insurance now, in a few weeks")
    advance(call, HandoffStep.RINGING)
    moves = call.lead("oh and it's a condo")
    assert call.facts()["property_type"] == "condo"
    assert not has(moves, HandOff)
    assert asks(moves) == []
    assert "won't guess" in words_of(call.lead("how much will it be"))


def test_nobody_free_ends_in_a_time(call: Conversation) -> None:
    """No queue and no second attempt on the spot: a time, promised."""
    call.lead("home, no insurance now, in a few weeks")
    advance(call, HandoffStep.UNREACHED)
    call.persona(nobody_free(call.snapshot()))
    moves = call.lead("615")
    assert words_of(moves) == "Got it. We'll call you back today at 6:15 pm Central."
    assert has(moves, Promise)
    assert not has(moves, HandOff)


def test_after_the_hand_over_texts_go_to_the_person(text: Conversation) -> None:
    """The persona does not start over."""
    text.call = None
    advance(text, HandoffStep.LEFT)
    moves = text.lead("forgot to say, the roof is new")
    assert "let Sarah know" in words_of(moves)
    assert asks(moves) == []


# Texts ---------------------------------------------------------------------------------------------------------------


def test_ready_by_text_is_answered_by_the_call_itself(text: Conversation) -> None:
    """After a yes to a call, words would only cross with its ringing; a question is still answered."""
    text.lead("yes")
    assert words_of(text.lead("sure")) == ""
    assert words_of(text.lead("ok waiting")) == ""


def test_a_question_with_the_yes_is_answered(text: Conversation) -> None:
    """A yes does not swallow what else was asked."""
    text.lead("yes")
    assert "won't guess" in words_of(text.lead("sure. how much is it roughly?"))


def test_every_text_is_plain_and_short() -> None:
    """GSM characters, two segments at most, however much there is to say."""
    wordy = "{agent} will explain — that’s a promise. " * 9
    aside = INSURANCE.digressions[0].model_copy(update={"answer": wordy})
    campaign: Campaign = INSURANCE.model_copy(update={"digressions": (aside, *INSURANCE.digressions[1:])})
    talk = Conversation(campaign, AFTERNOON)
    talk.persona([first_text(talk.snapshot())])
    for line in ("yes", "no", "how much is it?", "home", "🏠 condo"):
        body = words_of(talk.lead(line))
        assert body == gsm7(body)
        assert fits(body)


def test_learning_points_at_the_words() -> None:
    """The reply is a function of its arguments alone."""
    talk = texted(AFTERNOON)
    snapshot = Snapshot(talk.view, INSURANCE, Channel.SMS, AFTERNOON + timedelta(minutes=1))
    moves = decide(snapshot, Utterance("yes, its for home", "sms:1"))
    assert [move for move in moves if isinstance(move, Learn)] == [Learn("product", "home"), Learn("interest", "yes")]
    assert talk.facts() == {}
