"""What the lines of a script mean: each rule passes one way of having done and fails another."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.campaign import load_campaign
from agent.moves import Hold, Move, Say
from agent.outreach import Step
from state.effects import Dial, PermitKind, SendText
from state.events import Channel, Event, FactLearned, Scope, Suppressed
from state.view import Consent, Fact, Outbox, View
from telephony.dialogues.player import Moment
from telephony.dialogues.rules import MUST, MUST_NOT, Seen
from telephony.dialogues.script import Business, Dialogue, Lead, Turn

CAMPAIGN = load_campaign(Path(__file__).parent.parent / "campaigns" / "insurance.yaml")
TWO = datetime(2026, 11, 18, 20, tzinfo=UTC)
"""Two in the afternoon in Chicago."""
NUMBER = "+13125550142"
AGREED = View(
    number=NUMBER,
    brand=CAMPAIGN.brand,
    campaign=CAMPAIGN.id,
    arrived_at=TWO,
    consents={scope: Consent(event="c", basis="written", at=TWO) for scope in Scope},
)
STOPPED = Suppressed(id="s", at=TWO, reason="opt_out", channel=Channel.SMS, words="leave me be", detector="phrase")


def known(**facts: object) -> View:
    """The lead, with these facts."""
    held = {key: Fact(value=value, source="x", at=TWO) for key, value in facts.items()}
    return AGREED.model_copy(update={"facts": held})


def call_due(after: timedelta) -> Step:
    """A call that is planned."""
    return Step("dial:1", Dial(permit=PermitKind.REQUESTED_TIME, to=NUMBER), TWO + after, "he asked for it")


def text_due(after: timedelta) -> Step:
    """A text that is planned."""
    effect = SendText(permit=PermitKind.INITIATE, to=NUMBER, body="Still looking?")
    return Step("nudge:1", effect, TWO + after, "he has not answered")


def fault(
    line: str,
    *moves: Move,
    after: View = AGREED,
    step: Step | None = None,
    log: tuple[Event, ...] = (),
    said: str = "hello",
    words: str = "hello",
    now: datetime = TWO,
    learned: dict[str, object] | None = None,
    forbidden: bool = False,
) -> str | None:
    """What is wrong, by the rule that the line means, with a turn after which things stand so."""
    turn = Turn.model_validate(
        {"n": 2, "at": datetime(2026, 11, 18, 14), "ch": "sms", "who": "lead", "text": said, "learned": learned or {}}  # noqa: DTZ001
    )
    script = Dialogue(
        id="x",
        vertical="insurance",
        lead=Lead(phone=NUMBER, tz="America/Chicago"),
        business=Business(brand=CAMPAIGN.brand, persona="Ava", agent="Sarah"),
        turns=(turn,),
    )
    moment = Moment(turn, now, after, after, moves, words, next_step=step, log=log)
    rule = next(rule for pattern, rule in (MUST_NOT if forbidden else MUST) if pattern.search(line))
    return rule.fault(Seen(moment, CAMPAIGN, script), line)


SOON, HOUR = timedelta(seconds=30), timedelta(hours=1)


def test_a_call_is_due_when_the_line_says() -> None:
    """Within a minute, at an hour on his clock, or not at all."""
    assert fault("dial within 10 s", step=call_due(SOON)) is None
    assert fault("dial within 10 s", step=call_due(HOUR)) == "the call is due in 1:00:00"
    assert fault("dial within 10 s", step=text_due(SOON)) == "no call is planned"
    assert fault("one call at 15:00", step=call_due(HOUR)) is None
    assert fault("one call at 15:30", step=call_due(HOUR)) == "the call is due at Wed 15:00"
    assert fault("call before a yes", step=call_due(HOUR), forbidden=True) == "a call is planned: he asked for it"
    assert fault("call before a yes", step=text_due(HOUR), forbidden=True) is None


def test_nothing_comes_before_the_time_he_named() -> None:
    """Without one, nothing on the same day; a line that speaks of calls binds calls alone."""
    named = known(callback_earliest="2026-11-18T16:00")
    assert fault("no cadence before that", step=call_due(2 * HOUR), after=named) is None
    assert fault("no cadence before that", step=call_due(HOUR), after=named) == "planned: he asked for it, Wed 15:00"
    assert fault("no call before that", step=text_due(HOUR), after=named) is None
    assert fault("no cadence tonight", step=text_due(HOUR)) == "planned: he has not answered, Wed 15:00"
    assert fault("no cadence tonight", step=text_due(20 * HOUR)) is None
    assert fault("any later contact", step=text_due(20 * HOUR), forbidden=True) is not None
    assert fault("any later contact", forbidden=True) is None


def test_the_gate_is_asked_at_the_moment_of_the_turn() -> None:
    """Whether it would permit the contact, for what reason not, and from when."""
    night = TWO + 9 * HOUR
    answering = AGREED.model_copy(update={"last_lead_text_at": TWO})
    assert fault("a text answer is fine", after=answering) is None
    assert fault("a text answer is fine", after=AGREED.model_copy(update={"suppressed_as": "opt_out"})) is not None
    assert fault("the gate blocks a call", now=night) is None
    assert fault("the gate blocks a call") == "it is permitted"
    assert fault("the gate blocks a call, reason cap", now=night) == "refused, but as quiet_hours"
    assert fault("next allowed 08:00", now=night) is None
    assert fault("next allowed 09:00", now=night) == "next allowed Thu 08:00"
    assert fault("next allowed 08:00") == "a text is permitted now"


def test_a_stop_is_kept_word_by_word_and_ends_everything() -> None:
    """On both channels, with the words that were it, and nothing left to go out."""
    stopped = AGREED.model_copy(update={"suppressed_as": "opt_out", "suppressed": True, "voice_suppressed": True})
    assert fault("suppress both channels", after=stopped) is None
    assert fault("suppress both channels") == "he is not suppressed on both channels"
    waiting = {"e1": Outbox(effect=Dial(permit=PermitKind.INITIATE, to=NUMBER), due=TWO)}
    assert fault("cancel everything that waits") is None
    assert fault("cancel everything that waits", after=AGREED.model_copy(update={"outbox": waiting})) is not None
    assert fault("raw words stored", log=(STOPPED,), words="leave me be") is None
    assert fault("raw words stored", log=(STOPPED,), words="other words") is not None


def test_a_correction_leaves_both_values_in_the_log() -> None:
    """The new one counts."""
    two = tuple(
        FactLearned(id=f"f{n}", at=TWO, key="product", value=value, source="x")
        for n, value in enumerate(("auto", "home"))
    )
    line, learned = "the new value replaces the old one", {"product": "home"}
    assert fault(line, log=two, after=known(product="home"), learned=learned) is None
    assert fault(line, log=two[1:], after=known(product="home"), learned=learned) is not None
    assert fault(line, log=two, after=known(product="auto"), learned=learned) is not None


def test_a_number_that_was_masked_stands_nowhere() -> None:
    """Neither in the record nor in our answer."""
    told = {"said": "it's 4111 1111 1111 1111", "words": "it's [card]"}
    kept = FactLearned(id="f", at=TWO, key="x", value="4111 1111 1111 1111", source="x")
    assert fault("masked in the record", **told) is None  # type: ignore[arg-type]
    assert fault("masked in the record", log=(kept,), **told) is not None  # type: ignore[arg-type]
    echo = Say("Got it, 4111 1111 1111 1111.")
    assert fault("echo the number", echo, forbidden=True, **told) is not None  # type: ignore[arg-type]
    assert fault("echo the number", Say("Got it."), forbidden=True, **told) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "right", "wrong"),
    [
        ("one confirmation", Say("You're removed."), Say("Removed. Why?")),
        ("goes to a person", Hold("a minor"), Say("Let me see.")),
        ("safety line first", Say("Leave the house now."), Say("What kind of leak?")),
        ("no further qualifying", Say("Okay."), Say("Auto or home?", "product")),
        ("one question", Say("Auto or home?"), Say("Okay.")),
        ("do not restart the opening", Say("Where were we?"), Say("Hi, it's Ava on a recorded line.")),
        ("the answer comes from Sarah; say who will give it", Say("Sarah will."), Say("Somebody will.")),
        ("offer a call", Say("Shall I have Sarah call?"), Say("Okay.")),
        ("the open point is named", Say("So when do you close?"), Say("Okay.")),
    ],
)
def test_our_words_are_judged_by_the_line(line: str, right: Move, wrong: Move) -> None:
    """What fits passes, what does not fails."""
    assert fault(line, right) is None
    assert fault(line, wrong) is not None


def test_another_question_may_be_asked_than_the_forbidden_one() -> None:
    """The line names the fact in words; ours is known by the question it was made from."""
    assert fault("ask the property type", Say("House or condo?", "property_type"), forbidden=True) is not None
    assert fault("ask the property type", Say("Auto or home?", "product"), forbidden=True) is None
