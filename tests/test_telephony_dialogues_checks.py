from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.campaign import load_campaign
from agent.moves import HandOff, Move, Say, Suppress
from agent.summary import Summary
from state.view import Fact, View
from telephony.dialogues.checks import Verdict, checked
from telephony.dialogues.player import Moment
from telephony.dialogues.script import Business, Dialogue, Lead, Turn

CAMPAIGN = load_campaign(Path(__file__).parent.parent / "campaigns" / "insurance.yaml")
AT = datetime(2026, 11, 18, 15, 0)  # noqa: DTZ001 -- a script's times are local
NOW = datetime(2026, 11, 18, 21, 0, tzinfo=UTC)
SUMMARY = Summary(headline="Jordan: home", card="Jordan: home", whisper="Jordan, home.", full="Closing: 2026-11-13")


def verdicts(moves: tuple[Move, ...], *, must: tuple[str, ...] = (), must_not: tuple[str, ...] = ()) -> list[Verdict]:
    """What the checks of a turn in which we made these moves say of its lines."""
    turn = Turn(n=2, at=AT, ch="sms", who="lead", text="hello", must=must, must_not=must_not)
    script = Dialogue(
        id="x",
        vertical="insurance",
        lead=Lead(phone="+13125550142", tz="America/Chicago"),
        business=Business(brand="Harbor Lane Insurance", persona="Ava", agent="Sarah"),
        turns=(turn,),
    )
    view = View(facts={"product": Fact(value="home", source="x", at=NOW)})
    moment = Moment(turn, NOW, view, view, moves, "hello")
    found = checked(script, [moment], SUMMARY, CAMPAIGN)
    return [one.verdict for one in found if one.check.startswith("must")]


@pytest.mark.parametrize(
    ("line", "right", "wrong"),
    [
        ("say plainly: a virtual (AI) assistant", Say("I'm an AI assistant."), Say("I'm Ava.")),
        ("no price; say who will give it and when", Say("Sarah will price it."), Say("It's $40.")),
        ("connect a person at once", HandOff("requested"), Say("One moment.")),
        ("back to the open question", Say("When do you close?", "closing_date"), Say("Okay.")),
        ("refuse kindly, give the portal link", Say("Use cedar.example/u."), Say("No.")),
    ],
)
def test_what_must_be_said_or_done(line: str, right: Move, wrong: Move) -> None:
    """Each rule passes what fits and fails what does not."""
    assert Verdict.FAILED not in verdicts((right,), must=(line,))
    assert Verdict.FAILED in verdicts((wrong,), must=(line,))


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("ask which product", Say("Auto, home, or both?", "product")),
        ("treat as an opt-out", Suppress("opt_out", "x")),
        ("state a premium", Say("About 90 dollars.")),
        ("claim to be human", Say("I'm a real person.")),
        ("repeat what Tess said", Say("She wants home coverage.")),
        ("ask why", Say("Why?")),
    ],
)
def test_what_must_not_be(line: str, wrong: Move) -> None:
    """Each rule fails what was forbidden and passes something else."""
    assert verdicts((wrong,), must_not=(line,)) == [Verdict.FAILED]
    assert verdicts((Say("Okay."),), must_not=(line,)) == [Verdict.PASSED]


def test_what_no_rule_knows_is_unchecked() -> None:
    """It is listed, and never counts as passed."""
    assert verdicts((Say("Okay."),), must=("answered within 2 rings",)) == [Verdict.UNCHECKED]


def test_two_questions_and_a_known_one_fail() -> None:
    """The rules that hold for every turn."""
    turn = Turn(n=2, at=AT, ch="sms", who="lead", text="hello")
    script = Dialogue(
        id="x",
        vertical="insurance",
        lead=Lead(phone="+13125550142", tz="America/Chicago"),
        business=Business(brand="Harbor Lane Insurance", persona="Ava", agent="Sarah"),
        turns=(turn,),
        summary_must_have=("closed 2026-11-13", "auto"),
    )
    view = View(facts={"product": Fact(value="home", source="x", at=NOW)})
    asked = (Say("Auto or home?", "product"), Say("And when do you close?", "closing_date"))
    found = checked(script, [Moment(turn, NOW, view, view, asked, "hello")], SUMMARY, CAMPAIGN)
    failed = [one.check for one in found if one.verdict is Verdict.FAILED]
    assert failed == ["one question at most", "nothing known is asked", "has: auto"]
