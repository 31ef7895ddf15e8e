"""Rules and models together: what is held out of the training still has to be read right."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.guard import reading
from agent.guard.reading import LEARNED, FindingKind, Listener, findings
from telephony.commands.eval_phrases import Kind
from telephony.commands.eval_phrases import callbacks as eval_callbacks
from telephony.commands.eval_phrases import phrases as eval_phrases

DATA = Path(__file__).parent / "data"
TEXT = Listener("Ava", ("Sarah",), "Jordan")
CALL = Listener("Ava", ("Sarah",), "Jordan", is_call=True)
STOPS = {FindingKind.OPT_OUT, FindingKind.WRONG_NUMBER}
HELD = FindingKind.AMBIGUOUS_STOP


def held_out(name: str, label: str) -> list[str]:
    """Phrases that no model was fitted on."""
    with (DATA / f"heldout_{name}.csv").open(encoding="utf-8", newline="") as rows:
        found = [row["text"] for row in csv.DictReader(rows) if row["label"] == label]
    assert found
    return found


def share(texts: list[str], kinds: set[FindingKind], listener: Listener = TEXT) -> float:
    """How many of the texts hold one of the kinds."""
    return sum(bool(kinds & findings(text, listener).keys()) for text in texts) / len(texts)


def test_stops_held_out_are_caught() -> None:
    """99 % of them, and no more than 3 % of the near misses flagged or held (three of the hundred)."""
    assert share(held_out("optout", "opt_out"), STOPS) >= 0.99
    assert share(held_out("optout", "not_opt_out"), STOPS | {HELD}) <= 0.03


def test_unclear_noes_held_out_never_pass() -> None:
    """They are held, or taken for a stop."""
    assert share(held_out("optout", "ambiguous"), STOPS | {HELD}) == 1


@pytest.mark.parametrize("name", ["ai_question", "human_request"])
def test_questions_and_requests_held_out_are_found(name: str) -> None:
    """98 % of them, and no more than one of the thirty-odd near misses."""
    assert share(held_out(name, name), {FindingKind(name)}) >= 0.98
    assert share(held_out(name, f"not_{name}"), {FindingKind(name)}) <= 0.034


@pytest.mark.parametrize("kind", ["optout", "ai_question", "human_request"])
def test_what_an_author_taught_stays_known(kind: Kind) -> None:
    """A table that models and rules have since been fitted to: a regression test, no more."""
    assert eval_phrases(DATA / f"fitted_{kind}.csv", kind=kind, min_recall=0.98, max_false=0.02) == 0


@pytest.mark.parametrize(
    ("author", "kind", "recall", "false"),
    [
        ("fresh", "optout", 0.99, 0.02),
        ("fresh", "ai_question", 0.98, 0.03),
        ("fresh", "human_request", 0.98, 0.03),
        ("sealed", "optout", 0.99, 0.02),
        ("sealed", "ai_question", 0.98, 0.02),
        ("sealed", "human_request", 0.98, 0.02),
        ("unseen", "optout", 0.99, 0.04),
        ("unseen", "ai_question", 0.97, 0.03),
        ("unseen", "human_request", 0.97, 0.03),
    ],
)
def test_what_nobody_taught_is_known_no_worse(author: str, kind: Kind, recall: float, false: float) -> None:
    """Three authors whom rules and models have not seen; what they have of them the README says ("Guard and gate")."""
    assert eval_phrases(DATA / f"{author}_{kind}.csv", kind=kind, min_recall=recall, max_false=false) == 0


@pytest.mark.parametrize("author", ["fresh", "sealed", "unseen"])
def test_times_nobody_taught_are_read_no_worse(author: str) -> None:
    """95 % of them."""
    assert eval_callbacks(DATA / f"{author}_callbacks.csv", min_right=0.95) == 0


@pytest.mark.parametrize(
    "text",
    [
        "I'm gonna need y'all to forget I exist",
        "this had better be the last call I ever get",
        "stay off my line",
        "how do I get out of this",
        "keep going and see you in court",
        "enough is enough",
        "want none of these texts",
        "no Kevin here",
        "que sea la última vez que me llaman",
        "hagan como que no existo",
        "my dad passed away, please take him off your list",
        "stopl",
        "st op",
        "❌",
    ],
)
def test_an_end_in_other_words_is_an_end(text: str) -> None:
    """The last of it, out of it, off my line, nobody of that name: no verb of stopping is needed."""
    assert STOPS & findings(text, TEXT).keys()


@pytest.mark.parametrize(
    "text",
    [
        "don't call my house phone, use this one",
        "I'm hard of hearing, no phone calls, write me instead",
        "stop calling me sir, I'm a woman",
        "don't call me Robert, it's Bob",
        "no me dejen fuera de la lista de espera",
        "my husband passed in May and I need to move the policy to my name",
        "knock on the side door, the bell is dead",
        "no phone calls at all pls but text away",
        "please text, don't call",
        "my mother keeps telling scammers to stop calling her",
        "can I unsubscribe from the driving tracker after the first term",
        "back off the down payment a bit",
        "wrong number? no you're good, this is Denise",
        "no problem here",
    ],
)
def test_another_line_another_name_and_a_death_in_passing_go_on(text: str) -> None:
    """Where to call, what to be called, and why somebody asks are no ends."""
    assert not (STOPS | {HELD}) & findings(text, TEXT).keys()


def test_an_unclear_no_passes_only_where_the_models_rule_it_out() -> None:
    """ "Not interested" is held; "not interested in the leasing option" says what is wanted."""
    assert HELD in findings("not interested", TEXT)
    assert not findings("not interested in the leasing option, I'd want to own the panels", TEXT)


@pytest.mark.parametrize("text", ["no", "Nope.", "yes", "not yet", "no sir"])
def test_a_bare_answer_is_no_end(text: str) -> None:
    """A yes or a no answers what was asked, whatever a model makes of so short a word."""
    assert not findings(text, TEXT)


@pytest.mark.parametrize(
    "text", ["no i dont want any more debt", "no more debt for me", "we can't take on another loan"]
)
def test_who_wants_no_debt_has_not_stopped_us(text: str) -> None:
    """It is about money; at the most a person looks at it."""
    assert not STOPS & findings(text, TEXT).keys()


@pytest.mark.parametrize("text", ["End of June", "by the end of May or next year", "at the end of the semester"])
def test_the_end_of_a_time_is_no_stop(text: str) -> None:
    """It answers when; a stop beside it is one."""
    assert not findings(text, TEXT)
    assert FindingKind.OPT_OUT in findings(f"{text}. stop texting me", TEXT)


def test_the_models_earn_their_place() -> None:
    """Some stops that no rule knows are found by a model."""
    assert LEARNED in {findings(text, TEXT).get(FindingKind.OPT_OUT) for text in held_out("optout", "opt_out")}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("get me whoever runs the place", FindingKind.HUMAN_REQUEST),
        ("could someone licensed pick up", FindingKind.HUMAN_REQUEST),
        ("hand me off to one of your people", FindingKind.HUMAN_REQUEST),
        ("is there one living soul in that office", FindingKind.HUMAN_REQUEST),
        ("¿me pasa al dueño?", FindingKind.HUMAN_REQUEST),
        ("screw this, agent!!", FindingKind.HUMAN_REQUEST),
        ("get me off this machine and onto a person", FindingKind.HUMAN_REQUEST),
        ("could a teacher or advisor call me rather than this", FindingKind.HUMAN_REQUEST),
        ("have Brian get in touch", FindingKind.HUMAN_REQUEST),
        ("ask Maria to ring me", FindingKind.HUMAN_REQUEST),
        ("put Kevin back on", FindingKind.HUMAN_REQUEST),
        ("can a real person check my file", FindingKind.HUMAN_REQUEST),
        ("is a human possible", FindingKind.HUMAN_REQUEST),
        ("anybody but you", FindingKind.HUMAN_REQUEST),
        ("¿hay una persona aquí?", FindingKind.HUMAN_REQUEST),
        ("have I reached a real person", FindingKind.AI_QUESTION),
        ("is this computerized", FindingKind.AI_QUESTION),
        ("is a machine asking me all this", FindingKind.AI_QUESTION),
        ("is anybody alive in there", FindingKind.AI_QUESTION),
        ("does anyone actually write these", FindingKind.AI_QUESTION),
        ("are there fingers behind this", FindingKind.AI_QUESTION),
        ("are you like alexa for insurance", FindingKind.AI_QUESTION),
        ("¿hablo con gente?", FindingKind.AI_QUESTION),
    ],
)
def test_people_and_machines_go_by_many_names(text: str, kind: FindingKind) -> None:
    """Whoever is in charge, one of your people, a soul; a voice from a can, fingers on the keys."""
    assert kind in findings(text, TEXT)


@pytest.mark.parametrize(
    "text",
    [
        "don't transfer me",
        "I don't need to talk to anyone, send the link",
        "is someone home required",
        "is anybody home during the inspection",
        "one of my guys called",
        "put Kevin on the policy",
        "is the house in Ohio",
        "you don't have permission to call me names lol",
    ],
)
def test_people_at_the_leads_place_are_not_ours(text: str) -> None:
    """Who is home there asks nothing of us."""
    assert not {FindingKind.AI_QUESTION, FindingKind.HUMAN_REQUEST} & findings(text, TEXT).keys()


@pytest.mark.parametrize("text", ["no more", "cancel", "alto", "end"])
def test_a_bare_word_on_a_call_is_left_to_the_conversation(text: str) -> None:
    """By text it stops, on a call it may answer what was asked: no model overrules that."""
    assert STOPS & findings(text, TEXT).keys()
    assert not STOPS & findings(text, CALL).keys()


@pytest.mark.parametrize(
    "text",
    [
        "take me off the newsletter only, I still want the loan",
        "oops I sent that to the wrong person lol, ignore. So what's the rate?",
        "quit it guys mommy's on the phone sorry what was the question",
    ],
)
def test_the_models_may_rule_out_a_phrase_of_stopping(text: str) -> None:
    """What they see clearly is no stop outweighs a rule; a bare stop word they are not asked about."""
    assert not STOPS & findings(text, TEXT).keys()


@pytest.mark.parametrize("text", ["stop it youre too funny", "get lost a lot driving lol"])
def test_what_a_rule_is_sure_of_is_held_at_least(text: str) -> None:
    """However clearly the models see something else, nobody is contacted before a person has looked."""
    assert findings(text, TEXT).keys() == {HELD}


def test_what_leads_say_every_day_holds_nothing() -> None:
    """Answers that no model was fitted on (every fourth of the table), each as the first words of a stranger: two in a
    hundred may be looked at by a person, no more."""
    with (DATA / "answers.csv").open(encoding="utf-8", newline="") as rows:
        answers = [row["text"] for row in csv.DictReader(rows)][::4]
    assert share(answers, STOPS | {HELD}, Listener("Ava", ("Sarah",))) <= 0.02


@pytest.mark.parametrize(
    "text",
    ["I am looking for home insurance.", "i filled it all out and hit send", "50000", "buying", "homeowners please"],
)
def test_a_plain_wish_is_nothing_else(text: str) -> None:
    """Such words were held once, and a caller was bidden goodbye for them."""
    assert not findings(text, Listener("Ava", is_call=True))


def test_other_matters_drown_no_stop() -> None:
    """A clause that asks for a stop by itself is one, whatever stands around it."""
    assert FindingKind.OPT_OUT in findings("are you a robot? let me talk to a human. stop calling me", TEXT)


@pytest.mark.parametrize("text", ["START", "unstop", "opt me back in", "resume please", "reanudar"])
def test_the_word_that_resumes_texts_is_no_stop(text: str) -> None:
    """However much its letters look like one to a model."""
    assert findings(text, TEXT).keys() == {FindingKind.START}


def test_a_stranger_is_one_finding() -> None:
    """ "Wrong number" closes the number for that reason; the models do not add another."""
    assert findings("wrong number", TEXT) == {FindingKind.WRONG_NUMBER: "wrong_number"}


def test_names_are_roles() -> None:
    """Whoever the agents are, asking for one is asking for a person."""
    other = Listener("Max", ("Priya",), "Sam")
    assert FindingKind.HUMAN_REQUEST in findings("can Priya call me", other)
    assert FindingKind.HUMAN_REQUEST not in findings("can Sarah drive my car", other)
    assert FindingKind.AI_QUESTION in findings("is Max a robot", other)
    assert FindingKind.WRONG_NUMBER in findings("this isn't Sam", other)


@given(st.text(max_size=200))
def test_any_text_is_survived(text: str) -> None:
    """Whatever arrives is read, or passed on, the same way each time."""
    assert findings(text, TEXT) == findings(text, TEXT)


STOP_PHRASES = st.sampled_from(
    ["stop texting me", "take me off your list", "no me llamen mas", "wrong number", "lose my number", "unsubscribe"]
)


@given(STOP_PHRASES, st.sampled_from(["", ".", "!", "!!!", " ...", "?"]), st.booleans(), st.integers(1, 4))
def test_case_punctuation_and_spaces_do_not_matter(text: str, end: str, upper: bool, gap: int) -> None:
    """A stop stays one however it is typed."""
    written = (" " * gap).join(f"{text}{end}".split(" "))
    assert STOPS & findings(written.upper() if upper else written.title(), TEXT).keys()


@given(st.sampled_from(["can you stop by tomorrow", "end of the month works", "remove the second car from the quote"]))
def test_near_misses_stay_near_misses_in_any_case(text: str) -> None:
    """Shouting does not turn an errand into a revocation."""
    assert not (STOPS | {HELD}) & findings(text.upper(), TEXT).keys()


def test_the_same_words_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text is looked at when it comes and when it is answered: the second time the verdict is there."""
    read_texts: list[str] = []
    monkeypatch.setattr(reading, "_findings", lambda clauses, text, listener, models: read_texts.append(text) or {})
    assert [findings("is the second verdict the first", TEXT) for _ in range(2)] == [{}, {}]
    assert read_texts == ["is the second verdict the first"]
