"""What the inbound guard finds in a lead's words, and what it must not find."""

import pytest
from guard_support import CAMPAIGN, NOW, line, phrases, snapshot
from hypothesis import given
from hypothesis import strategies as st

from agent.guard.inbound import Finding, FindingKind, inspect
from agent.guard.optout import Stop, read
from agent.guard.plain import plain
from agent.moves import Hold, Resume, Suppress
from state.events import Channel
from state.view import Fact

SMS, VOICE = Channel.SMS, Channel.VOICE
STOPS = frozenset({FindingKind.OPT_OUT, FindingKind.WRONG_NUMBER})
HOLD, AI, PERSON = FindingKind.AMBIGUOUS_STOP, FindingKind.AI_QUESTION, FindingKind.HUMAN_REQUEST
BOTH = pytest.mark.parametrize("channel", list(Channel), ids=str)


def kinds(text: str, channel: Channel = SMS) -> frozenset[FindingKind]:
    """Everything found in a text of Jordan's."""
    found = inspect(text, snapshot(channel))
    return found.kinds if found else frozenset()


def texts(table: str, label: str) -> list[str]:
    """Phrases with one label."""
    rows = [row["text"] for row in phrases(table) if row["label"] == label]
    assert rows, f"no {label} in {table}"
    return rows


# The tables ----------------------------------------------------------------------------------------------------------

STOP_TABLES = [(table, channel) for table in ("optout", "more") for channel in Channel]
VOICE_NEEDS_AN_OBJECT = frozenset({"Cancel", "cancel?", "cancel please", "no más", "alto"})
"""Bare words that end a text conversation but may answer a spoken question; on a call they are left to the brain."""


@pytest.mark.parametrize(("table", "channel"), STOP_TABLES)
def test_every_stop_in_the_tables_is_honoured(table: str, channel: Channel) -> None:
    """Full recall: typed, spoken, misspelt, rude, polite, English, Spanish."""
    expected = [text for text in texts(table, "opt_out") if channel is SMS or text not in VOICE_NEEDS_AN_OBJECT]
    assert [text for text in expected if not kinds(text, channel) & STOPS] == []


@pytest.mark.parametrize(("table", "channel"), STOP_TABLES)
def test_no_near_miss_in_the_tables_is_taken_for_a_stop(table: str, channel: Channel) -> None:
    """ "Stop by", "end of the month", "won't stop running", "don't call, text me": not even held."""
    misread = [text for text in texts(table, "not_opt_out") if kinds(text, channel) & (STOPS | {HOLD})]
    assert misread == []


@BOTH
def test_every_unclear_no_in_the_table_is_held(channel: Channel) -> None:
    """Neither suppressed by a rule nor let pass."""
    assert [text for text in texts("optout", "ambiguous") if kinds(text, channel) != {HOLD}] == []


@BOTH
@pytest.mark.parametrize(("table", "kind"), [("ai_question", AI), ("human_request", PERSON)])
def test_the_tables_of_questions_and_requests(table: str, kind: FindingKind, channel: Channel) -> None:
    """Each row is found or not, as labelled."""
    wrong = [row["text"] for row in phrases(table) if (kind in kinds(row["text"], channel)) != (row["label"] == kind)]
    assert wrong == []


@pytest.mark.parametrize("kind", [AI, PERSON])
def test_more_questions_and_requests(kind: FindingKind) -> None:
    """Other wordings than the tables'."""
    assert [text for text in texts("more", kind) if kind not in kinds(text)] == []
    assert [text for text in texts("more", f"not_{kind}") if kind in kinds(text)] == []


# Stops ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "don't call, text me",
        "stop calling me and just text me",
        "please don't call me before 9",
        "no calls after 6 please",
        "Don't call me tomorrow, call me Friday",
        "do not call me right now",
    ],
)
def test_a_refused_time_or_channel_is_no_stop(text: str) -> None:
    """Something is asked of us, not an end."""
    assert kinds(text) == frozenset()


@pytest.mark.parametrize(
    "text", ["stop calling me right now", "stop calling and texting me", "never call me again ever"]
)
def test_impatience_is_no_refused_time(text: str) -> None:
    """ "Stop calling me now" means stop."""
    assert FindingKind.OPT_OUT in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "my ex won't stop calling me",
        "they stopped calling after a while",
        "I told my brother to stop texting her",
        "my ex took me off his policy",
        "he said to never call his work",
    ],
)
def test_reported_speech_is_no_stop(text: str) -> None:
    """Who is spoken of does the calling, not we."""
    assert not kinds(text) & STOPS


@pytest.mark.parametrize(
    "text", ["why won't you stop calling me", "you guys won't stop texting me", "can't you stop calling"]
)
def test_a_complaint_about_us_is_a_stop(text: str) -> None:
    """Negated, and still spoken to us."""
    assert FindingKind.OPT_OUT in kinds(text)


@pytest.mark.parametrize(
    "text", ["wait wait stop let me finish", "Wait. Stop talking for a second.", "sorry stop repeat the last part"]
)
def test_a_word_to_interrupt_us_is_no_stop(text: str) -> None:
    """On a call "stop" is often a barge-in."""
    assert kinds(text, VOICE) == frozenset()


def test_a_suppression_carries_its_evidence() -> None:
    """The channel, the masked words, and the rule that read them."""
    found = inspect("please stop texting me", snapshot(SMS))
    assert found is not None
    assert found.moves == (Suppress("opt_out", found.detector, SMS, "please stop texting me"),)
    assert found.detector == "stop_contacting"


@pytest.mark.parametrize("text", ["I am ready", "ready", "I'm here", "I'm listening", "ready now"])
def test_that_he_is_there_is_no_stop(text: str) -> None:
    """Nor held for a person to look at."""
    assert kinds(text) == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        "this is his wife, he is not here",
        "he's not here right now",
        "she's out",
        "Jordan isn't home, he's at work",
        "He's not available right now, can I take a message?",
    ],
)
def test_that_the_lead_is_away_is_no_stop(text: str) -> None:
    """Somebody answers his telephone; a stop of theirs still is one, and who is not there any more is a stranger."""
    assert kinds(text) == frozenset()
    assert FindingKind.OPT_OUT in kinds(f"{text}, stop calling")
    assert FindingKind.WRONG_NUMBER in kinds("he doesn't live here anymore")


def test_a_stop_goes_before_everything_else() -> None:
    """Whatever else the words hold."""
    found = inspect("are you a robot? let me talk to a human. stop calling me", snapshot(VOICE))
    assert found is not None
    assert found.kind is FindingKind.OPT_OUT
    assert {AI, PERSON} <= found.also


@pytest.mark.parametrize(
    "text", ["dont want more loans", "i don't want to take on more loans", "we dont need any more debt"]
)
def test_who_wants_to_owe_nothing_does_not_stop_us(text: str) -> None:
    """It is about money, and answers what we asked; with a stop beside it, it is one."""
    asked = line("Would it help to go over financial aid?", channel=SMS, asks="product")
    assert inspect(text, snapshot(SMS, thread=(asked,))) is None
    assert FindingKind.OPT_OUT in kinds(f"{text}. stop texting me")


@pytest.mark.parametrize(
    ("text", "stop"),
    [
        ("nobody smokes here", "nobody here wants your calls"),
        ("Nobody else lives here.", "Nobody else lives here, so stop calling."),
        ("she moved out so she isn't here anymore", "she moved out, take her off your list"),
        ("my ex isn't on it anymore", "my ex isn't on it anymore, and quit texting me"),
        ("I'm dying to get out of this apartment", "get me out of this call list"),
    ],
)
def test_what_is_told_of_the_household_is_no_stop(text: str, stop: str) -> None:
    """It answers what we asked. Whatever also says a word of us is read as ever."""
    asked = line("Who else drives the car?", asks="product")
    assert inspect(text, snapshot(VOICE, thread=(asked,))) is None
    found = inspect(stop, snapshot(VOICE, thread=(asked,)))
    assert found is not None
    assert found.kind is FindingKind.OPT_OUT


def test_who_wants_to_be_heard_out_does_not_stop_us() -> None:
    """He was interrupted; a stop that says what is to stop is one all the same."""
    assert kinds("stop stop, let me finish", VOICE) == frozenset()
    assert FindingKind.OPT_OUT in kinds("let me finish: stop calling me", VOICE)


def test_a_polite_no_on_a_call_answers_what_was_asked() -> None:
    """ "Any accidents?" "No, thank you": the talk goes on. The same to "is that okay?" is a no to the talk."""
    asked = line("Any accidents in the last three years?", asks="incidents_3y")
    assert inspect("no thank you", snapshot(VOICE, thread=(asked,))) is None
    assert HOLD in kinds("no thank you", VOICE)
    permission = line("Is that okay?", asks="recording_ok")
    found = inspect("no thank you", snapshot(VOICE, thread=(permission,)))
    assert found is not None
    assert found.kind is HOLD
    texted = line("Any accidents?", channel=SMS, asks="incidents_3y")
    assert inspect("no thank you", snapshot(SMS, thread=(texted,))) is not None


def test_an_unclear_no_is_held() -> None:
    """With the rule's name, for the person who looks."""
    found = inspect("not interested thanks", snapshot())
    assert found == Finding(HOLD, "not_interested", moves=(Hold("ambiguous_stop: not_interested"),))


@pytest.mark.parametrize("text", ["okay okay i'm going out", "ok leaving now", "we're out, on the lawn"])
def test_who_does_as_he_was_told_in_danger_is_not_held(text: str) -> None:
    """ "I'm going out" obeys "please leave the house now"; a stop stays a stop."""
    told = line("Please leave the house now.")
    in_danger = snapshot(VOICE, thread=(told,), facts={"safety_issue": Fact(value=True, source="l", at=NOW)})
    assert inspect(text, in_danger) is None
    found = inspect("stop calling me", in_danger)
    assert found is not None
    assert found.kind is FindingKind.OPT_OUT


# Wrong number --------------------------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize(
    "text",
    [
        "wrong number",
        "this isn't Jordan",
        "I'm not Jordan",
        "no Jordan here",
        "nobody here by that name",
        "número equivocado",
    ],
)
def test_somebody_else_answers(text: str, channel: Channel) -> None:
    """By the words, or by the lead's name denied."""
    found = inspect(text, snapshot(channel))
    assert found is not None
    assert found.kind is FindingKind.WRONG_NUMBER
    assert found.moves == (Suppress("wrong_number", "wrong_number", channel, text),)


@pytest.mark.parametrize(
    "text", ["that's the wrong number of bedrooms", "wrong zip, it's 60614", "this isn't a good time", "this is Jordan"]
)
def test_a_correction_is_no_wrong_number(text: str) -> None:
    """Other things are wrong, or other things are not."""
    assert FindingKind.WRONG_NUMBER not in kinds(text)


def test_without_a_name_only_the_words_count() -> None:
    """A lead whose name we never had cannot deny it, though the models may take the words for a stop."""
    assert FindingKind.WRONG_NUMBER in kinds("this isn't Jordan")
    found = inspect("this isn't Jordan", snapshot(first_name=None))
    assert found is None or FindingKind.WRONG_NUMBER not in found.kinds


# The rest ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "danger"),
    [
        ("kinda smells like gas down there", "gas"),
        ("the carbon monoxide alarm is going off", "gas"),
        ("huele a gas", "gas"),
        ("the house is on fire", "fire"),
        ("sparks coming out of the outlet", "electric"),
        ("I can't breathe", "medical"),
        ("I want to kill myself", "self_harm"),
    ],
)
def test_danger_is_noticed(text: str, danger: str) -> None:
    """With its kind, for the right words."""
    found = inspect(text, snapshot(VOICE))
    assert found is not None
    assert (found.kind, found.detector) == (FindingKind.EMERGENCY, danger)


@pytest.mark.parametrize(
    "text",
    [
        "we had a kitchen fire in 2019",
        "does it cover carbon monoxide leaks",
        "gas furnace, 15 years old",
        "the gas company says it's fine",
        "the fire station is a mile away",
        "I'm dying to see the price",
    ],
)
def test_what_is_insured_is_no_danger(text: str) -> None:
    """The past, a question, a thing."""
    assert FindingKind.EMERGENCY not in kinds(text)


def test_start_and_help_are_words_of_texting() -> None:
    """Bare keywords by text; spoken, or inside a sentence, they are ordinary words."""
    found = inspect("START", snapshot(suppressed=True))
    assert found is not None
    assert found.moves == (Resume(),)
    assert kinds("Help") == {FindingKind.HELP}
    for text in ("start", "help"):
        assert kinds(text, VOICE) == frozenset()
    for text in ("can you help me", "yes", "I want to start fresh"):
        assert kinds(text) == frozenset()


def test_names_of_our_side_are_roles() -> None:
    """ "Can Sarah call me" asks for a person and "is Ava a computer" for the truth, whoever they are."""
    assert kinds("is Sarah available") == {PERSON}
    assert kinds("is Ava a computer program") == {AI}
    others = CAMPAIGN.model_copy(update={"agents": (), "persona": "Max"})
    assert inspect("is Ava in today", snapshot(SMS, others)) is None


def test_a_masked_text_is_sensitive() -> None:
    """The guard sees the mark, not the number."""
    assert kinds("my social is [ssn] ok") == {FindingKind.SENSITIVE}


@pytest.mark.parametrize(
    "text",
    [
        "Yeah I am, just been busy",
        "sure. its for home, we just bought a place",
        "yeah that's fine",
        "we closed last friday we move in on december fifth",
        "no it's fine go on it's a townhouse",
        "starting fresh just want to compare how much is it gonna be roughly",
        "yeah ideally before the fifth oh and actually it's a condo technically not a townhouse",
        "is this legit? how did you get my number",
        "not before Monday, im traveling",
    ],
)
def test_ordinary_talk_is_left_to_the_brain(text: str) -> None:
    """From the conversations this was built for."""
    for channel in Channel:
        assert inspect(text, snapshot(channel)) is None


@given(st.text(max_size=200))
def test_no_text_breaks_the_guard(text: str) -> None:
    """Whatever arrives, it is read or passed on."""
    found = inspect(text, snapshot())
    assert found is None or found.kind in FindingKind


# Plain form ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("Don’t CALL me, pls!", ("do not call me", "please")),
        ("dont txt this #", ("do not text this number",)),
        ("S.T.O.P", ("stop",)),
        ("s t o p", ("stop",)),
        ("st0p", ("stop",)),
        ("stoooop", ("stop",)),
        ("¡Quítenme de su lista!", ("quitenme de su lista",)),
        ("🛑", ("stop",)),
        ("I can't; won't. Ain't?", ("i can not", "will not", "is not")),
        ("60614", ("60614",)),
        ("...", ()),
    ],
)
def test_words_are_brought_into_one_form(text: str, clauses: tuple[str, ...]) -> None:
    """Case, accents, contractions, disguises and punctuation make no difference to a rule."""
    assert plain(text).clauses == clauses


def test_the_reading_is_the_same_without_a_conversation() -> None:
    """The opt-out rules stand alone: words in, verdict out."""
    assert read(plain("take me off your list")) is not None
    reading = read(plain("spam"))
    assert reading is not None
    assert reading.stop is Stop.UNCLEAR


def test_an_empty_text_says_nothing() -> None:
    """A picture without words, say."""
    assert inspect("", snapshot()) is None
