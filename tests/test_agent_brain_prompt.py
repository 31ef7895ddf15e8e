from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal

import pytest
from brain_support import CAMPAIGN, NOW, said, snapshot

from agent.brain.prompt import messages_of, open_questions
from agent.moves import End, HandOff, Learn, Move, Promise, Say
from agent.snapshot import Snapshot, local_now
from state.events import Channel
from state.view import Line


def line(
    who: Literal["lead", "persona"], text: str, channel: Channel = Channel.VOICE, event: str = "e", *, cut: bool = False
) -> Line:
    """A line of the thread."""
    return Line(channel=channel, who=who, text=text, at=NOW, event=event, cut=cut)


def messages(at: Snapshot, *plan: Move, words: str = "Yes.") -> list[tuple[str, str]]:
    """Role and content of each message."""
    return [(str(message["role"]), str(message.get("content"))) for message in messages_of(at, said(words), plan)]


def system(at: Snapshot, *plan: Move) -> str:
    """The system message."""
    return messages(at, *plan)[0][1]


def test_who_the_model_is_and_must_not_be() -> None:
    """Persona, brand, goal and the rules of every turn stand in the prompt."""
    text = system(snapshot())
    assert "You are Ava, the virtual assistant of Harbor Lane Insurance." in text
    assert "warm transfer to a licensed agent" in text
    assert "Never claim or suggest to be human" in text
    assert "at most one question" in text
    assert "Never ask for: ssn." in text
    assert "Never say: a price." in text
    assert "{" not in text


def test_what_is_known_is_not_open() -> None:
    """A known fact stands with its value under what must not be asked, and not under what is open."""
    text = system(snapshot({"product": "home"}))
    assert "Known, never ask again: product = home." in text
    still_open = next(part for part in text.splitlines() if part.startswith("Still open"))
    assert "product;" not in still_open
    assert "property_type" in still_open


def test_only_questions_that_apply_are_open() -> None:
    """A question for home owners is not open for a car; one that is never asked is never open."""
    keys = [question.key for question in open_questions(snapshot({"product": "auto"}))]
    assert "vehicles" in keys
    assert "property_type" not in keys
    assert "bought_house" not in keys


def test_a_question_put_twice_is_left_alone() -> None:
    """What the lead did not answer twice is not asked a third time, by either brain."""
    at = snapshot({"product": "auto"})
    asked = replace(at, view=at.view.model_copy(update={"asked": ("vehicles", "vehicles")}))
    assert "vehicles" not in [question.key for question in open_questions(asked)]


@pytest.mark.parametrize(("channel", "style"), [(Channel.VOICE, "on the telephone"), (Channel.SMS, "a text message")])
def test_the_style_follows_the_channel(channel: Channel, style: str) -> None:
    """The same persona speaks briefly and writes briefly; only the style differs."""
    assert style in system(snapshot(channel=channel))


def test_personal_data_stays_out() -> None:
    """Number and ZIP never reach a model, not even a ZIP the lead has told us."""
    text = str(messages(snapshot({"zip": "60614"})))
    assert "5550142" not in text
    assert "60614" not in text
    assert "zip" in text


def test_the_lead_hears_his_own_clock() -> None:
    """Day and hour are the lead's, so that "tomorrow" means his tomorrow."""
    assert local_now(snapshot()).utcoffset() != datetime.now(UTC).utcoffset()
    assert "Wednesday, 18 November 2026, 14:11 (UTC-0600)" in system(snapshot())


NEXT: list[tuple[tuple[Move, ...], str]] = [
    ((Say("When do you close?", "closing_date"),), 'find out closing_date, for example: "When do you close?"'),
    ((HandOff("qualified"),), "a human is being found"),
    ((End("bye"),), "say goodbye"),
    ((Promise("call back", datetime(2026, 11, 19, 0, 0, tzinfo=UTC)),), "call back, Thursday 00:00 UTC"),
    ((Promise("send the link"),), "send the link."),
    ((Learn("product", "home"), Say("Great.")), "answer the lead."),
    ((), "answer the lead."),
]


@pytest.mark.parametrize(("plan", "step"), NEXT)
def test_the_rules_plan_is_the_next_step(plan: tuple[Move, ...], step: str) -> None:
    """The model is told what the rules would do, not in which words."""
    assert step in system(snapshot(), *plan).split("Next: ")[1]


def test_an_interruption_is_told() -> None:
    """When the lead cut in, the model must not assume that its last words were heard."""
    assert "cut in" in system(snapshot(heard_to_end=False))
    assert "cut in" not in system(snapshot())


def test_promises_are_told() -> None:
    """What was promised is kept in mind on every channel."""
    assert "You promised: call at six." in system(snapshot(promises=("call at six",)))


def test_what_an_operator_whispers_is_told() -> None:
    """As a colleague's hint, which the lead does not hear."""
    plain = snapshot()
    told = system(replace(plain, view=plain.view.model_copy(update={"whispers": ("mention the bundle",)})))
    assert "A colleague who listens tells you, and the lead does not hear it: mention the bundle." in told
    assert "colleague who listens" not in system(snapshot())


def test_turns_alternate_and_begin_with_the_lead() -> None:
    """Lines of one side in a row are one message: many chat templates refuse anything else."""
    thread = [
        line("persona", "Hi Jordan!"),
        line("persona", "Is it a house?"),
        line("lead", "Hm."),
        line("lead", "Yes"),
    ]
    roles = [role for role, _ in messages(snapshot(thread=thread), words="a condo")]
    assert roles == ["system", "user", "assistant", "user"]
    assert messages(snapshot(thread=thread), words="a condo")[-1][1] == "Hm.\nYes\na condo"


def test_a_line_from_the_other_channel_says_so() -> None:
    """On a call the model knows which words came by text."""
    thread = [line("lead", "sure", Channel.SMS), line("persona", "Great.", Channel.SMS)]
    assert messages(snapshot(thread=thread))[1][1] == "(by text) sure"
    assert messages(snapshot(thread=thread, channel=Channel.SMS))[1][1] == "sure"


def test_a_line_that_was_cut_is_seen_as_cut() -> None:
    """Of an interrupted turn only what was heard is in the thread, and it ends open."""
    thread = [line("lead", "hello"), line("persona", "Is it a house, a condo", cut=True)]
    assert messages(snapshot(thread=thread))[2][1] == "Is it a house, a condo ..."


def test_the_utterance_stands_once() -> None:
    """A text that the record already holds is not shown twice."""
    thread = [line("lead", "sure", Channel.SMS, event="turn:CA1:3")]
    assert [content for role, content in messages(snapshot(thread=thread), words="sure") if role == "user"] == ["sure"]


def test_old_lines_are_left_out() -> None:
    """The prompt does not grow with the conversation."""
    thread = [line("lead" if n % 2 else "persona", f"line {n}") for n in range(100)]
    text = str(messages(snapshot(thread=thread)))
    assert "line 99" in text
    assert "line 80'" not in text


def test_what_changes_stands_after_what_stays() -> None:
    """Two turns of one campaign share a long beginning, which a provider's prompt cache can hold."""
    one, other = system(snapshot()), system(snapshot({"product": "home"}), HandOff("qualified"))
    shared = next(index for index, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    assert shared > len(one) // 2


def test_every_question_is_described() -> None:
    """Keys and values that the tools take are explained."""
    text = system(snapshot())
    assert all(f"- {question.key}" in text for question in CAMPAIGN.questions)
    assert "property_type [house, condo]" in text
