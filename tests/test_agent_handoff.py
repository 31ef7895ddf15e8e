"""The warm transfer's machine."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.handoff import FAILED, OVER, Cause, advanced, following
from state.effects import HandoffStep
from state.events import HandoffAdvanced
from state.fold import fold_all
from state.view import Handoff, View

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
