"""What is in the record when a script is played: the lead's lines answered, the script's in place of ours."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.brain.local import LocalBrain
from agent.campaign import load_campaign
from agent.gate.gate import Permit
from state.effects import PermitKind
from state.events import CallEnded, PersonaSaid, TextSent
from state.view import View
from telephony.dialogues.player import Moment, facts_of, play
from telephony.dialogues.script import Business, Dialogue, Lead, Turn

pytestmark = pytest.mark.anyio

CAMPAIGN = load_campaign(Path(__file__).parent.parent / "campaigns" / "insurance.yaml")
LEAD = Lead(
    first_name="Jordan",
    phone="+13125550142",
    tz="America/Chicago",
    source="web_quote_form",
    consent={"sms": "written", "ai_voice": "written"},
)


def turn(minute: float, who: str, text: str, ch: str = "sms", **more: object) -> Turn:
    """A turn, so many minutes after two in the afternoon."""
    at = datetime(2026, 11, 18, 14) + timedelta(minutes=minute)  # noqa: DTZ001 -- a script's times are local
    return Turn.model_validate({"n": round(minute * 10), "at": at, "ch": ch, "who": who, "text": text, **more})


async def played(*turns: Turn) -> list[Moment]:
    """What comes of a script."""
    business = Business(brand="Harbor Lane Insurance", persona="Ava", agent="Sarah")
    script = Dialogue(id="x", vertical="insurance", lead=LEAD, business=business, turns=turns)
    moments, _ = await play(script, CAMPAIGN, LocalBrain())
    return moments


OPENING = turn(0, "bot", "Hi Jordan, still looking for coverage? Reply STOP to opt out.")


async def test_the_scripts_line_stands_where_we_spoke() -> None:
    """He answers the script; what we would have said is beside it, and what the gate says to it."""
    first, answered = await played(OPENING, turn(1, "lead", "yes, home insurance"))
    assert [event.body for event in first.log if isinstance(event, TextSent)] == [OPENING.text]
    assert "virtual assistant at Harbor Lane" in first.said
    assert isinstance(first.gate, Permit)
    assert answered.before == first.after
    assert answered.facts["product"] == "home"
    assert answered.now == datetime(2026, 11, 18, 20, 1, tzinfo=UTC)


async def test_what_must_not_be_kept_is_masked_before_it_is_kept() -> None:
    """As at the webhook."""
    *_, last = await played(OPENING, turn(1, "lead", "my social is 078-05-1120"))
    assert "078-05-1120" not in last.words
    assert not any("078-05-1120" in event.model_dump_json() for event in last.log)


@pytest.mark.parametrize(
    ("before", "permit"),
    [
        ((), PermitKind.INITIATE),
        ((turn(1, "lead", "yes"),), PermitKind.REPLY_TO_LEAD),
        ((turn(1, "lead", "stop"),), PermitKind.OPT_OUT_CONFIRMATION),
        ((turn(1, "bot", "(voicemail) Hi, it's Ava.", "voice"),), PermitKind.VOICEMAIL_FOLLOW_UP),
    ],
)
async def test_a_text_of_the_scripts_goes_out_for_its_reason(before: tuple[Turn, ...], permit: PermitKind) -> None:
    """An answer, the last word, what follows a call, or of our own accord."""
    *_, last = await played(OPENING, *before, turn(2, "bot", "One more thing."))
    assert [event.permit for event in last.log if isinstance(event, TextSent)][-1] is permit


async def test_a_call_ends_with_the_next_text_or_a_long_silence() -> None:
    """The script does not say so; it could not go on otherwise."""
    spoken = turn(1, "bot", "Hi, it's Ava on a recorded line.", "voice")
    for following in (turn(2, "lead", "can you text me?"), turn(5, "lead", "hello?", "voice")):
        *_, last = await played(OPENING, spoken, following)
        assert [event.call for event in last.log if isinstance(event, CallEnded)] == [f"call-{spoken.n}"]
    *_, last = await played(OPENING, spoken, turn(3, "lead", "hello?", "voice"))
    assert last.after.live_call is not None
    assert last.after.live_call.call == f"call-{spoken.n}"


async def test_of_our_line_he_heard_what_he_let_us_say() -> None:
    """His next turn says where he cut in; a message on a machine was heard by nobody."""
    spoken = turn(1, "bot", "Hi, it's Ava. Do you own your home?", "voice")
    cut_in = turn(1.1, "lead", "who?", "voice", barge_in={"heard": "Hi, it's"})
    *_, last = await played(OPENING, spoken, cut_in)
    assert [event.heard for event in last.log if isinstance(event, PersonaSaid)] == ["Hi, it's"]
    *_, last = await played(OPENING, turn(1, "bot", "(voicemail) Hi, it's Ava.", "voice"))
    assert not any(isinstance(event, PersonaSaid) for event in last.log)
    assert last.after.live_call is None


async def test_a_person_takes_the_call_over() -> None:
    """The search he asked for has found somebody, and our part of the call is over."""
    *_, last = await played(
        OPENING,
        turn(1, "bot", "Hi, it's Ava on a recorded line. Still looking for coverage?", "voice"),
        turn(1.2, "lead", "can I talk to a real person please", "voice"),
        turn(1.5, "agent", "Hi, this is Sarah.", "voice"),
    )
    assert last.after.handoff is not None
    assert last.after.handoff.step == "joined"
    assert last.after.live_call is None


def test_what_the_record_keeps_in_a_form_of_its_own_is_a_fact_here() -> None:
    """The dialogues name a stop, a wrong number and a hold like anything else that is known."""
    assert facts_of(View(suppressed_as="opt_out")) == {"opted_out": True}
    assert facts_of(View(suppressed_as="wrong_number", held="a minor")) == {"wrong_number": True, "on_hold": True}
