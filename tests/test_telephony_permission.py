"""What may be carried out now, and when something is tried again."""

from datetime import timedelta

import pytest
from telephony_kit import ARRIVED, CALL, CAMPAIGN, CONSENT, LEAD, NOW, SARAH

from agent.gate.gate import RECHECK
from agent.gate.registers import Registers
from state.effects import (
    Answer,
    BriefAgent,
    Dial,
    Effect,
    HandoffStep,
    PermitKind,
    RingAgent,
    SendText,
    origin,
)
from state.events import CallEnded, CallPlaced, Event, HandoffAdvanced, Paused, TextReceived
from state.fold import fold_all
from state.view import View
from telephony.carrier import CarrierError
from telephony.permission import (
    RETRY_AFTER,
    Go,
    Stop,
    lead_is_there,
    permission,
    postponed,
    retry_at,
)

TEXT = SendText(permit=PermitKind.INITIATE, to=LEAD, body="Hi Jordan, it's Ava.", asks="interest")
DIAL = Dial(permit=PermitKind.INITIATE, to=LEAD)
BRIEF = BriefAgent(handoff="h1", to=SARAH, body="Home, condo.")
RING = RingAgent(handoff="h1", agent="Sarah", to=SARAH)
ON_A_CALL = CallPlaced(id="placed", at=NOW - timedelta(minutes=1), call=CALL, effect="d", permit=PermitKind.INITIATE)
HUNG_UP = CallEnded(id="ended", at=NOW, call=CALL, cause="lead_hung_up", heard_ms=9_000)


def at(step: HandoffStep) -> HandoffAdvanced:
    """A transfer of the lead's call, at a step."""
    return HandoffAdvanced(id=f"handoff:h1:{step}", at=NOW, handoff="h1", step=step, call=CALL, agent="Sarah")


def view(*events: Event) -> View:
    """The lead, and what else happened."""
    return fold_all(View(), [ARRIVED, CONSENT, *events])


@pytest.mark.parametrize("effect", [TEXT, DIAL])
def test_the_lead_may_be_contacted_by_the_gates_permit(effect: Effect) -> None:
    """Its rule goes on the record."""
    assert permission(view(), CAMPAIGN, effect, NOW) == Go("initiate")


@pytest.mark.parametrize("effect", [TEXT, DIAL])
def test_a_number_that_is_not_the_leads_is_refused(effect: SendText | Dial) -> None:
    """Whoever asked for it."""
    elsewhere = effect.model_copy(update={"to": "+13125550999"})
    assert permission(view(), CAMPAIGN, elsewhere, NOW) == Stop("refused", "recipient: not_the_lead")


def test_while_a_person_has_taken_over_the_persona_neither_texts_nor_dials() -> None:
    """What a person writes himself goes out, and so does what is owed to the lead."""
    taken_over = view(TextReceived(id="sms:1", at=NOW, sid="SM1", body="HELP"), Paused(id="paused:1", at=NOW, by="Kim"))
    for effect in (TEXT, DIAL):
        assert permission(taken_over, CAMPAIGN, effect, NOW) == Stop("cancelled", "a person has taken over")
    theirs, owed = {"by": "Kim"}, {"permit": PermitKind.HELP}
    for change in (theirs, owed):
        assert isinstance(permission(taken_over, CAMPAIGN, TEXT.model_copy(update=change), NOW), Go)


@pytest.mark.parametrize("effect", [BRIEF, RING])
def test_staff_means_the_campaigns_agents(effect: BriefAgent | RingAgent) -> None:
    """The staff permit opens no way to anybody else."""
    stranger = effect.model_copy(update={"to": "+13125550999"})
    asked = view(ON_A_CALL, at(HandoffStep.REQUESTED))
    assert permission(asked, CAMPAIGN, effect, NOW) == Go("staff")
    assert permission(asked, CAMPAIGN, stranger, NOW) == Stop("refused", "recipient: not_staff")


@pytest.mark.parametrize("effect", [TEXT, DIAL, BRIEF, RING])
def test_nothing_goes_without_its_campaign(effect: Effect) -> None:
    """A file that was taken away takes its outreach with it."""
    assert isinstance(permission(view(), None, effect, NOW), Stop)


def test_what_only_time_forbids_says_until_when() -> None:
    """At ten at night in Chicago: until eight in the morning."""
    stop = permission(view(), CAMPAIGN, TEXT, NOW + timedelta(hours=8))
    assert isinstance(stop, Stop)
    assert stop.until is not None
    assert stop.until.isoformat() == "2026-11-19T14:00:00+00:00"


@pytest.mark.parametrize("effect", [RING])
def test_a_transfers_effect_is_pointless_once_it_has_moved_on(effect: Effect) -> None:
    """A late wake-up rings nobody."""
    stop = permission(view(ON_A_CALL, at(HandoffStep.UNREACHED)), CAMPAIGN, effect, NOW)
    assert stop == Stop("cancelled", "the transfer has moved on")


def test_no_agent_is_rung_for_a_lead_who_has_left() -> None:
    """Not even if the transfer does not know yet."""
    gone = view(ON_A_CALL, at(HandoffStep.REQUESTED), HUNG_UP)
    assert permission(gone, CAMPAIGN, RING, NOW) == Stop("cancelled", "the lead has left")
    assert permission(gone, CAMPAIGN, BRIEF, NOW) == Go("staff")


def test_an_answer_does_not_go_out() -> None:
    """It is thought of, and what it says is asked for as a text."""
    assert isinstance(permission(view(), CAMPAIGN, Answer(text_id="t"), NOW), Stop)


def test_the_lead_is_there_while_his_call_is() -> None:
    """Broken audio is no hang-up: the call comes back."""
    dropped = HUNG_UP.model_copy(update={"cause": "dropped"})
    asked = (ON_A_CALL, at(HandoffStep.RINGING))
    assert lead_is_there(view(*asked))
    assert lead_is_there(view(*asked, dropped))
    assert not lead_is_there(view(*asked, HUNG_UP))
    assert not lead_is_there(view(ON_A_CALL))


# Trying again --------------------------------------------------------------------------------------------------------


def test_a_postponed_effect_keeps_its_name() -> None:
    """However often it was put off, its origin is readable."""
    (once,) = postponed("first_text", TEXT, NOW, NOW)
    (twice,) = postponed(once.id, TEXT, NOW + timedelta(minutes=1), NOW)
    assert (once.id, twice.id) == ("first_text@20261118T200500Z", "first_text@20261118T200600Z")
    assert origin(twice.id) == "first_text"
    assert (twice.effect, twice.due) == (TEXT, NOW + timedelta(minutes=1))


@pytest.mark.parametrize("effect", [RING, BRIEF])
def test_a_transfers_effect_is_not_put_off(effect: Effect) -> None:
    """The lead waits now."""
    assert postponed("e1", effect, NOW, NOW) == []


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (CarrierError("no connection"), True),
        (CarrierError("slow down", code=20429), True),
        (CarrierError("slow down", code=10011), True),
        (CarrierError("not a mobile", code=21614), False),
        (CarrierError("opted out", code=21610), False),
        (CarrierError("timed out", outcome_unknown=True), False),
    ],
)
def test_only_what_was_surely_not_done_is_tried_again(error: CarrierError, again: bool) -> None:
    """What may have happened is reconciled, what was refused stays refused."""
    assert (retry_at(error, 0, NOW) is not None) is again


def test_a_fault_of_our_own_account_gives_nobody_up() -> None:
    """However often: the next channel would fail as well, and the lead has done nothing."""
    error = CarrierError("authentication failed", code=20003)
    assert retry_at(error, 100, NOW) == NOW + RETRY_AFTER[-1]


def test_the_pauses_grow_and_end() -> None:
    """A carrier that stays away is given up."""
    error = CarrierError("no connection")
    pauses = [retry_at(error, failures, NOW) for failures in range(len(RETRY_AFTER) + 1)]
    assert pauses == [NOW + pause for pause in RETRY_AFTER] + [None]
    assert list(RETRY_AFTER) == sorted(RETRY_AFTER)


# The gate's registers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("effect", [TEXT, DIAL])
def test_what_an_operator_holds_up_is_asked_for_again(effect: Effect) -> None:
    """The kill switch has no end of its own; an hour later somebody may have turned it off."""
    held = permission(view(), CAMPAIGN, effect, NOW, Registers(kill_switch="recall"))
    assert held == Stop("refused", "switch: kill_switch", until=NOW + RECHECK)


def test_an_answer_is_never_put_off() -> None:
    """Its words were for that moment: in the morning they would come out of nothing."""
    wrote = TextReceived(id="sms:1", at=NOW, sid="SM1", body="Hi")
    reply = TEXT.model_copy(update={"permit": PermitKind.REPLY_TO_LEAD})
    assert permission(view(wrote), CAMPAIGN, reply, NOW) == Go("reply_to_lead")
    late = permission(view(wrote), CAMPAIGN, reply, NOW + timedelta(hours=8))
    assert late == Stop("refused", "federal_hours: quiet_hours", until=None)
    killed = permission(view(wrote), CAMPAIGN, reply, NOW, Registers(kill_switch="recall"))
    assert killed == Stop("refused", "switch: kill_switch", until=None)


def test_a_permit_carries_what_it_was_given_on() -> None:
    """For the record, beside the rule."""
    go = permission(view(), CAMPAIGN, TEXT, NOW)
    assert isinstance(go, Go)
    assert go.evidence["states"] == ["IL"]
