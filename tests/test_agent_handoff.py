"""The warm transfer's machine."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.campaign import HumanAgent
from agent.handoff import (
    FAILED,
    OVER,
    PATIENCE,
    SEEKING,
    Cause,
    Remedy,
    advanced,
    following,
    following_events,
    is_seeking,
    nobody,
    remedy,
    requested,
    sought,
)
from state.effects import BriefAgent, CheckTransfer, FindAgent, HandoffStep, RingAgent
from state.events import EffectRequested, HandoffAdvanced
from state.fold import fold_all
from state.view import Call, Handoff, View

NOW = datetime(2026, 11, 18, 20, 5, tzinfo=UTC)
START = Handoff(handoff="h1", step=HandoffStep.REQUESTED, call="CA1", agent="Sarah", summary="Home, condo.")


def run(*causes: Cause, start: HandoffStep = HandoffStep.REQUESTED) -> HandoffStep:
    """The step after the causes, in order."""
    step = start
    for cause in causes:
        step = following(step, cause) or step
    return step


def test_a_transfer_that_goes_well_passes_every_step_in_order() -> None:
    """Dialled, answered, agreed, bridged and left are its five moves."""
    steps = [HandoffStep.REQUESTED]
    for cause in (Cause.DIALLED, Cause.ANSWERED, Cause.AGREED, Cause.BRIDGED, Cause.AGENT_LEFT):
        step = following(steps[-1], cause)
        assert step is not None
        steps.append(step)
    assert steps == [
        HandoffStep.REQUESTED,
        HandoffStep.RINGING,
        HandoffStep.BRIEFING,
        HandoffStep.ACCEPTED,
        HandoffStep.JOINED,
        HandoffStep.LEFT,
    ]


@pytest.mark.parametrize(
    ("causes", "end"),
    [
        ((Cause.AGENT_LEFT,), HandoffStep.UNREACHED),
        ((Cause.DIALLED, Cause.AGENT_LEFT), HandoffStep.UNREACHED),
        ((Cause.DIALLED, Cause.ANSWERED, Cause.REFUSED), HandoffStep.DECLINED),
        ((Cause.DIALLED, Cause.ANSWERED, Cause.AGENT_LEFT), HandoffStep.DECLINED),
        ((Cause.DIALLED, Cause.ANSWERED, Cause.AGREED, Cause.AGENT_LEFT), HandoffStep.UNREACHED),
        ((Cause.LEAD_LEFT,), HandoffStep.LEAD_GONE),
        ((Cause.DIALLED, Cause.LEAD_LEFT), HandoffStep.LEAD_GONE),
        ((Cause.DIALLED, Cause.ANSWERED, Cause.LEAD_LEFT), HandoffStep.LEAD_GONE),
        ((Cause.DIALLED, Cause.ANSWERED, Cause.AGREED, Cause.LEAD_LEFT), HandoffStep.LEAD_GONE),
    ],
)
def test_each_failure_has_its_way_back(causes: tuple[Cause, ...], end: HandoffStep) -> None:
    """No answer, refusal and a lead who hangs up end the transfer, whenever they come."""
    assert run(*causes) is end
    assert end in FAILED


def test_the_whisper_may_be_asked_for_before_the_dial_is_answered() -> None:
    """A webhook that overtakes the REST answer is taken, and the late answer changes nothing."""
    assert run(Cause.ANSWERED) is HandoffStep.BRIEFING
    assert run(Cause.ANSWERED, Cause.DIALLED) is HandoffStep.BRIEFING


def test_when_the_lead_leaves_first_the_agent_cannot_accept() -> None:
    """The race between accepting and hanging up has one winner."""
    assert run(Cause.DIALLED, Cause.ANSWERED, Cause.LEAD_LEFT, Cause.AGREED) is HandoffStep.LEAD_GONE


@given(st.lists(st.sampled_from(Cause)))
def test_nobody_is_bridged_before_somebody_agreed(causes: list[Cause]) -> None:
    """In every order of causes, `joined` needs answered, agreed and bridged before it."""
    if run(*causes) in {HandoffStep.JOINED, HandoffStep.LEFT}:
        assert causes.index(Cause.ANSWERED) < len(causes) - 1
        agreed = causes.index(Cause.AGREED, causes.index(Cause.ANSWERED))
        assert Cause.BRIDGED in causes[agreed:]


@given(st.sampled_from(sorted(OVER)), st.sampled_from(Cause))
def test_what_is_over_stays_over(step: HandoffStep, cause: Cause) -> None:
    """No late callback revives a transfer."""
    assert following(step, cause) is None


def test_a_step_is_recorded_under_its_own_id() -> None:
    """The same cause reported twice makes the same event, so the record keeps one."""
    once = advanced(START, Cause.DIALLED, NOW, agent_call="CA2")
    assert once is not None
    assert once == advanced(START, Cause.DIALLED, NOW, agent_call="CA2")
    assert (once.id, once.step, once.agent_call) == ("handoff:h1:ringing", HandoffStep.RINGING, "CA2")


def test_a_cause_that_does_not_fit_makes_no_event() -> None:
    """There is nothing to record about it."""
    assert advanced(START, Cause.BRIDGED, NOW) is None


def test_the_view_keeps_agent_and_summary_through_the_steps() -> None:
    """An event names only what is new; the fold carries the rest on."""
    requested = HandoffAdvanced(
        id="handoff:h1:requested",
        at=NOW,
        handoff="h1",
        step=HandoffStep.REQUESTED,
        call="CA1",
        agent="Sarah",
        summary="Home, condo.",
    )
    ringing = advanced(START, Cause.DIALLED, NOW, agent_call="CA2")
    assert ringing is not None
    handoff = fold_all(View(), [requested, ringing]).handoff
    assert handoff is not None
    assert (handoff.agent, handoff.summary, handoff.agent_call) == ("Sarah", "Home, condo.", "CA2")


SARAH = HumanAgent(name="Sarah", number="+13125550177")
SEARCH = FindAgent(search="h1", call="CA1", attempt=2)


def standing_at(step: HandoffStep, handoff: str = "h1", **call: bool) -> View:
    """A lead whose transfer has come to a step."""
    placed = Call(call="CA1", direction="inbound", status="in-progress", placed_at=NOW, **call)
    return View(handoff=Handoff(handoff=handoff, step=step, call="CA1", tried=("Sarah",)), calls={"CA1": placed})


def test_asking_a_person_is_one_append() -> None:
    """The step, the card, the ring and a second look: whoever dies after it has asked, and nobody is left hanging."""
    step, brief, ring, look = requested(SEARCH, "CA1", SARAH, "Home, condo.", "A home lead.", NOW)
    assert isinstance(step, HandoffAdvanced)
    assert (step.handoff, step.step, step.agent) == ("h1.2", HandoffStep.REQUESTED, "Sarah")
    assert isinstance(brief, EffectRequested)
    assert brief.effect == BriefAgent(handoff="h1.2", to=SARAH.number, body="Home, condo.")
    assert isinstance(ring, EffectRequested)
    assert ring.effect == RingAgent(handoff="h1.2", agent="Sarah", to=SARAH.number)
    assert isinstance(look, EffectRequested)
    assert look.effect == CheckTransfer(handoff="h1.2", step=HandoffStep.REQUESTED)
    assert look.due == NOW + PATIENCE[HandoffStep.REQUESTED]


@pytest.mark.parametrize("cause", [Cause.REFUSED, Cause.AGENT_LEFT])
def test_who_did_not_come_is_followed_by_the_next(cause: Cause) -> None:
    """In the same search, under an id that says which attempt it is."""
    asked = Handoff(handoff="h1", step=HandoffStep.BRIEFING, call="CA1", tried=("Sarah",))
    event = advanced(asked, cause, NOW)
    assert event is not None
    assert following_events(asked, event) == [sought("h1", "CA1", NOW, attempt=2)]
    assert sought("h1", "CA1", NOW, attempt=2).id == "find:h1:2"
    assert nobody(SEARCH, "CA1", "all busy", None, NOW).id == "handoff:h1.2:nobody_free"


def test_a_lead_on_the_line_is_being_found_somebody_from_the_wish_on() -> None:
    """Also before anybody was asked; a lead who texted waits for nobody's telephone."""
    found = {call: fold_all(View(), [sought("h1", call, NOW)]) for call in ("CA1", None)}
    assert (is_seeking(View()), is_seeking(found["CA1"]), is_seeking(found[None])) == (False, True, False)
    assert [step for step in HandoffStep if is_seeking(standing_at(step))] == [
        step for step in HandoffStep if step in SEEKING
    ]


@pytest.mark.parametrize(
    ("view", "step", "due"),
    [
        (View(), HandoffStep.REQUESTED, Remedy.NONE),
        (standing_at(HandoffStep.RINGING), HandoffStep.REQUESTED, Remedy.GIVE_UP),
        (standing_at(HandoffStep.RINGING, handoff="h2"), HandoffStep.REQUESTED, Remedy.NONE),
        (standing_at(HandoffStep.DECLINED), HandoffStep.REQUESTED, Remedy.NONE),
        (standing_at(HandoffStep.JOINED), HandoffStep.JOINED, Remedy.ASK_FOR_AGENT),
        (standing_at(HandoffStep.LEFT), HandoffStep.LEFT, Remedy.BRING_BACK),
        (standing_at(HandoffStep.LEFT, connected=True), HandoffStep.LEFT, Remedy.NONE),
        (standing_at(HandoffStep.LEFT, ended=True), HandoffStep.LEFT, Remedy.NONE),
    ],
)
def test_a_second_look_mends_what_hangs_and_nothing_else(view: View, step: HandoffStep, due: Remedy) -> None:
    """A transfer that has moved on, is another by now, or whose lead is with the persona or gone needs nothing."""
    assert remedy(view, CheckTransfer(handoff="h1", step=step)) is due
