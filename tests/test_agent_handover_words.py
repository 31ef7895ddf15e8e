"""What the lead is told of a transfer."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conversation import Conversation, words_of
from happenings import NOW

from agent.campaign import HumanAgent, load_campaign
from agent.handover_words import agent_accepted, back_again, dropped_off, nobody_free, trying_next
from agent.moves import Say
from agent.opening import call_opening
from agent.routing import Bar
from agent.snapshot import Snapshot
from state.effects import HandoffStep
from state.events import Channel
from state.view import Commitment, Fact, Handoff, View

INSURANCE = load_campaign(Path("campaigns/insurance.yaml"))
READY = {
    key: Fact(value=value, source="l1", at=NOW)
    for key, value in {"product": "home", "current_insurance": "none", "coverage_start": "asap"}.items()
}


def view(step: HandoffStep = HandoffStep.ACCEPTED, **handoff: object) -> View:
    """A view with a transfer to Sarah in it."""
    given = {"handoff": "h", "step": step, "call": "CA1", "agent": "Sarah", "briefed": True} | handoff
    return View(number="+13125550142", zip="60614", facts=READY, handoff=Handoff.model_validate(given))


def snapshot(seen: View, now: datetime = NOW) -> Snapshot:
    """The moment."""
    return Snapshot(seen, INSURANCE, Channel.VOICE, now)


def test_the_hand_over_sentence() -> None:
    """S41, word for word, when all of it is true."""
    assert words_of(agent_accepted(view(), INSURANCE)) == (
        "I have everything I need. Connecting you with Sarah now. "
        "She already has your details so you won't need to repeat anything."
    )


def test_a_card_that_did_not_go_out_is_not_claimed() -> None:
    """Who accepted has heard the summary; her screen shows nothing."""
    said = words_of(agent_accepted(view(briefed=False), INSURANCE))
    assert "already has your details" not in said
    assert "She has heard what you told me so you won't need to repeat anything." in said


def test_a_lead_who_was_not_asked_everything_is_not_told_so() -> None:
    """He asked for a person in the middle."""
    seen = view().model_copy(update={"facts": {}})
    assert words_of(agent_accepted(seen, INSURANCE)).startswith("Connecting you with Sarah now.")


def test_an_agent_of_unknown_pronoun_keeps_his_name() -> None:
    """Nobody is called "she" by default."""
    campaign = INSURANCE.model_copy(update={"agents": (HumanAgent(name="Dr. Osei", number="+13125550178"),)})
    assert "Dr. Osei already has your details" in words_of(agent_accepted(view(agent="Dr. Osei"), campaign))


def test_the_next_one_is_named_and_the_first_is_not() -> None:
    """He hears that it goes on, and with whom."""
    assert trying_next(view(HandoffStep.REQUESTED, tried=("Sarah",))) == []
    said = words_of(trying_next(view(HandoffStep.REQUESTED, agent="Mike", tried=("Sarah", "Mike"))))
    assert said == "Sarah can't take it just now. I'm trying Mike for you."


@pytest.mark.parametrize(
    ("why", "said"),
    [
        (Bar.BUSY, "Everyone's on another call right now."),
        (Bar.HOURS, "Our people are off at the moment."),
        (Bar.TRIED, "I couldn't get hold of anyone just now."),
        (Bar.LICENCE, "Nobody who can help with this is free right now."),
    ],
)
def test_nobody_free_says_why_honestly(why: Bar, said: str) -> None:
    """An evening is not "another call"."""
    assert words_of(nobody_free(snapshot(view(HandoffStep.NOBODY_FREE, why=why.value)))).startswith(said)


def test_a_time_is_offered_in_the_leads_clock() -> None:
    """One question, which a yes answers."""
    offer = datetime(2026, 11, 18, 21, 30, tzinfo=UTC)
    says = nobody_free(snapshot(view(HandoffStep.NOBODY_FREE, offer=offer)))
    assert "I can have you called back today at 3:30 pm Central" in words_of(says)
    assert words_of(says).count("?") == 1
    assert says[-1].asks == "callback_earliest"


@pytest.mark.parametrize(("hour", "offer"), [(17, "later today or tomorrow"), (1, "tomorrow")])
def test_without_an_offer_a_time_is_asked_for_that_exists(hour: int, offer: str) -> None:
    """Not "today" when the day is over: 11 in the morning and 7 in the evening in Chicago."""
    says = nobody_free(snapshot(view(HandoffStep.NOBODY_FREE), NOW.replace(hour=hour)))
    assert offer in words_of(says)


def test_a_yes_takes_the_time_that_was_offered() -> None:
    """It is said back, promised with its hour, and the talk ends."""
    offer = datetime(2026, 11, 18, 21, 30, tzinfo=UTC)
    talk = Conversation(INSURANCE, at=NOW)
    talk.start_call()
    talk.persona(call_opening(talk.snapshot()))
    talk.lead("yes that's okay")
    talk.view = talk.view.model_copy(
        update={"handoff": view(HandoffStep.NOBODY_FREE, offer=offer, call=talk.call or "").handoff}
    )
    talk.persona(nobody_free(talk.snapshot()))
    moves = talk.lead("yes that works")
    assert talk.facts()["callback_earliest"] == "2026-11-18T15:30"
    assert any(getattr(move, "due", None) == offer for move in moves)


def test_back_from_a_talk_that_broke_off() -> None:
    """The lead hears who speaks again, that nothing is lost, and is asked for a time."""
    promised = Commitment(promise="promise:1", made_at=NOW, what="call tomorrow")
    left = view(HandoffStep.LEFT, joined_at=NOW - timedelta(seconds=8)).model_copy(update={"ledger": (promised,)})
    says = back_again(snapshot(left))
    assert says[0] == Say("It's Ava again, the virtual assistant.")
    assert "the line to Sarah broke off" in words_of(says)
    assert "What I promised you still stands." in words_of(says)
    assert says[-1].asks == "callback_earliest"


def test_back_from_a_talk_that_was_had() -> None:
    """No excuse for what was no fault."""
    left = view(HandoffStep.LEFT, joined_at=NOW - timedelta(minutes=8))
    assert words_of(back_again(snapshot(left))).endswith("Is there anything else I can help you with?")


def test_back_without_having_met_anybody() -> None:
    """The agent dropped off while the lead was on his way into the room."""
    gone = view(HandoffStep.UNREACHED)
    assert back_again(snapshot(gone))[1:] == dropped_off(gone)
    assert "Sarah just dropped off" in words_of(dropped_off(gone))
