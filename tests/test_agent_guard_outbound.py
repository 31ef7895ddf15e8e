"""What may not leave, whoever thought of it, and what goes out in its place."""

import pytest
from guard_support import CALL, CAMPAIGN, NOW, snapshot

from agent.campaign import Campaign
from agent.guard.outbound import Breach, Refused, check
from agent.handover_words import agent_accepted
from agent.moves import Say
from agent.opening import call_opening, first_text, help_text
from agent.snapshot import Snapshot
from state.effects import HandoffStep
from state.events import Channel
from state.view import Fact, Handoff

VOICE = snapshot(Channel.VOICE)


def breach(text: str, seen: Snapshot = VOICE) -> Breach | None:
    """Why a clause is refused; None if it is not."""
    answer = check(Say(text), seen)
    return answer.breach if isinstance(answer, Refused) else None


def instead(text: str, seen: Snapshot = VOICE, *, asked: bool = False) -> str | None:
    """What is said in place of a refused clause."""
    answer = check(Say(text), seen, asked=asked)
    assert isinstance(answer, Refused), answer
    return answer.instead.text if answer.instead else None


@pytest.mark.parametrize(
    "text",
    [
        "I'm a real person.",
        "I am human, I promise.",
        "I’m actually a person.",
        "You're talking to a real person.",
        "No, I'm not a robot.",
        "I am not an AI.",
        "This isn't a recording.",
        "I'm a licensed agent here.",
        "I'm an insurance advisor.",
        "As a fellow human, I get it.",
    ],
)
def test_being_a_machine_is_never_denied(text: str) -> None:
    """Nor is being human claimed, nor a human's title."""
    assert breach(text) is Breach.DENIES_AI
    assert instead(text) == "I'm an AI assistant with Harbor Lane."


@pytest.mark.parametrize(
    "text",
    [
        "I'm an AI assistant with Harbor Lane.",
        "I'm not a person, I'm an AI assistant.",
        "I'm Ava, the virtual assistant.",
        "I can get you a person whenever you like.",
        "Is this a good time?",
        "This is Ava.",
        "I'm not a licensed agent.",
    ],
)
def test_the_truth_may_be_said(text: str) -> None:
    """A disclosure holds the same words as a denial."""
    assert breach(text) is None


HANDOFF_CLAIMS = [
    "Connecting you with Sarah now.",
    "I'm transferring you.",
    "Putting you through now.",
    "I'll connect you with an agent.",
    "She already has your details.",
    "Sarah has your information.",
    "She's expecting you.",
    "Sarah is on the line.",
    "You won't need to repeat anything.",
]


@pytest.mark.parametrize("text", HANDOFF_CLAIMS)
def test_a_hand_over_is_announced_only_when_somebody_has_accepted(text: str) -> None:
    """Before that nobody is connecting, waiting or informed (S41)."""
    assert breach(text) is Breach.UNVERIFIED_HANDOFF
    for step in HandoffStep:
        seen = snapshot(Channel.VOICE, handoff=Handoff(handoff="h", step=step, call="CA1"))
        accepted = step in {HandoffStep.ACCEPTED, HandoffStep.JOINED}
        assert (breach(text, seen) is None) is accepted


def test_an_acceptance_of_another_call_is_none() -> None:
    """Sarah took yesterday's call; nobody has taken this one."""
    old = Handoff(handoff="h", step=HandoffStep.ACCEPTED, call="CA0")
    assert breach("Connecting you with Sarah now.", snapshot(Channel.VOICE, handoff=old)) is Breach.UNVERIFIED_HANDOFF


@pytest.mark.parametrize(
    "text",
    [
        "I have a few quick questions before I connect you with one of our agents.",
        "I can put you through to a person whenever you like.",
        "Let me see who's free for you.",
        "Sarah, our licensed agent, goes over the price with you.",
    ],
)
def test_a_plan_is_no_claim(text: str) -> None:
    """What will be, and what may be, may be said."""
    assert breach(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Good news, you're covered.",
        "You are approved!",
        "You've been pre-approved.",
        "Your application has been accepted.",
        "You won't qualify.",
        "That's guaranteed.",
        "We guarantee the lowest rate.",
    ],
)
def test_nothing_is_promised_that_is_for_licensed_people_to_say(text: str) -> None:
    """No cover, approval or guarantee."""
    assert breach(text) is Breach.UNVERIFIED_APPROVAL
    assert instead(text) == "Sarah will go over that with you."


@pytest.mark.parametrize("text", ["Are you covered right now?", "Do you want it covered before you move in?"])
def test_asking_about_cover_is_no_promise(text: str) -> None:
    """The campaign's own questions pass."""
    assert breach(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "That's about $90.",
        "Roughly 90 dollars a month.",
        "It runs 1,200 a year.",
        "Rates start at 3.5%.",
        "You could pay two hundred a month.",
        "About ninety dollars a month.",
    ],
)
def test_no_price_and_no_rate(text: str) -> None:
    """In figures or in words."""
    assert breach(text) is Breach.PRICE
    assert instead(text) == "Sarah will go over that with you."


def test_an_amount_the_lead_named_may_be_said_back() -> None:
    """Reading his own figure back is no quote. (A campaign may forbid it all the same.)"""
    free = CAMPAIGN.model_copy(update={"never_say_patterns": ()})
    facts = {"amount": Fact(value=310000, source="x", at=NOW)}
    assert breach("You owe about $310,000, right?", snapshot(Channel.SMS, free, facts=facts)) is None
    assert breach("You owe about $310,000, right?", snapshot(Channel.SMS, free)) is Breach.PRICE


def test_the_campaigns_own_patterns_hold() -> None:
    """They are data, in whatever case they are met."""
    campaign = CAMPAIGN.model_copy(update={"never_say_patterns": (r"\bonly \d+ seats\b",)})
    assert breach("Hurry, ONLY 3 seats left!", snapshot(Channel.SMS, campaign)) is Breach.NEVER_SAY
    assert breach("You should cancel your old policy.") is Breach.NEVER_SAY


# One question --------------------------------------------------------------------------------------------------------


def test_a_clause_with_one_question_passes() -> None:
    """Unchanged, with what it asks."""
    say = Say("Great. When do you close?", asks="closing_date")
    assert check(say, VOICE) is say


def test_a_second_question_in_a_clause_is_left_for_another_turn() -> None:
    """What was asked first is asked."""
    answer = check(Say("Great. When do you close? And when do you move in?", "closing_date"), VOICE)
    assert answer == Refused(Breach.SECOND_QUESTION, Say("Great. When do you close?", "closing_date"))


def test_a_second_question_in_a_turn_is_dropped() -> None:
    """The rest of its clause is said, without asking anything; a clause that only asks is not said at all."""
    answer = check(Say("Noted. How many cars?", "vehicles"), VOICE, asked=True)
    assert answer == Refused(Breach.SECOND_QUESTION, Say("Noted."))
    assert instead("How many cars?", asked=True) is None


# Our own words -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("breach_text", ["I'm a real person.", "She's expecting you.", "It's $90.", "You're covered."])
@pytest.mark.parametrize("agents", [CAMPAIGN.agents, ()], ids=["with agents", "without"])
def test_what_is_said_instead_passes_itself(breach_text: str, agents: tuple[object, ...]) -> None:
    """A replacement that would be refused is none."""
    campaign: Campaign = CAMPAIGN.model_copy(update={"agents": agents})
    seen = snapshot(Channel.VOICE, campaign)
    said = instead(breach_text, seen)
    assert said is not None
    assert breach(said, seen) is None


def test_the_words_that_are_due_by_rule_pass() -> None:
    """The first text, the call's opening, HELP and, once somebody has accepted, the hand-over."""
    accepted = snapshot(
        Channel.VOICE,
        handoff=Handoff(handoff="h", step=HandoffStep.ACCEPTED, call=CALL.call, agent="Sarah", briefed=True),
    )
    for say, seen in [
        (first_text(snapshot()), snapshot()),
        (help_text(CAMPAIGN), snapshot()),
        *((say, VOICE) for say in call_opening(VOICE)),
        *((say, accepted) for say in agent_accepted(accepted.view, CAMPAIGN)),
    ]:
        assert check(say, seen) is say


@pytest.mark.parametrize("channel", list(Channel), ids=str)
def test_the_campaigns_questions_and_answers_pass(channel: Channel) -> None:
    """What a campaign asks and answers by itself is not refused by the guard it is under."""
    wordings = [w for q in CAMPAIGN.questions for w in (q.ask, q.ask_voice, q.ask_again) if w]
    answers = [CAMPAIGN.fill(digression.answer) for digression in CAMPAIGN.digressions]
    assert [text for text in wordings + answers if breach(text, snapshot(channel)) is not None] == []
