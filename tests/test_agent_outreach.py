"""The plan, situation by situation: which step, when, under which permit, and that planning twice is one effect."""

from datetime import UTC, datetime, timedelta

import pytest
from guard_support import CAMPAIGN, LEAD, NOW, VIEW, line
from hypothesis import given
from hypothesis import strategies as st

from agent.campaign import Campaign
from agent.outreach import CUT_OFF_AFTER, Step, effect_event, plan
from state.events import (
    Answer,
    Channel,
    Dial,
    EffectRequested,
    EffectSettled,
    HandoffStep,
    PermitKind,
    Scope,
    SendText,
    Suppressed,
    TextReceived,
    TextSent,
)
from state.view import Call, Consent, Fact, Handoff, Outbox, Touch, View, fold, fold_all

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NIGHT = datetime(2026, 11, 19, 5, tzinfo=UTC)
"""11 pm in Chicago."""
CONSENTS = {scope: Consent(event="c", basis="written", at=NOW - HOUR) for scope in Scope}
NEW = VIEW.model_copy(update={"consents": CONSENTS})
"""A lead who has just left his details."""
YES = Fact(value=True, source="sms:1", at=NOW)
TEXTED = NEW.model_copy(
    update={
        "thread": (
            line("Still looking for coverage?", channel=Channel.SMS),
            line("sure", who="lead", channel=Channel.SMS, event="sms:1"),
        ),
        "touches": (Touch(channel=Channel.SMS, at=NOW - MINUTE, permit=PermitKind.INITIATE),),
        "last_lead_text_at": NOW,
    }
)
"""A lead who got the first text and answered."""


def seen(view: View, **changes: object) -> View:
    """The conversation with some of it changed."""
    return view.model_copy(update=changes)


def planned(view: View, now: datetime = NOW, campaign: Campaign = CAMPAIGN) -> Step:
    """The step, which there has to be."""
    step = plan(view, campaign, now)
    assert step is not None
    return step


def call(**changes: object) -> Call:
    """A call that was talked on and is over."""
    known = Call(call="CA1", direction="outbound", status="completed", placed_at=NOW - 3 * MINUTE, ended=True, turns=4)
    return known.model_copy(update={"connected": True, **changes})


# The first text ------------------------------------------------------------------------------------------------------


def test_a_new_lead_is_texted_at_once() -> None:
    """Within seconds, not when somebody finds the time; as the campaign's first text."""
    step = planned(NEW)
    assert (step.id, step.due) == ("first_text", NOW)
    assert isinstance(step.effect, SendText)
    assert (step.effect.permit, step.effect.to) == (PermitKind.INITIATE, LEAD)
    assert "Jordan" in step.effect.body
    assert "STOP" in step.effect.body


def test_a_lead_of_the_night_is_texted_in_the_morning() -> None:
    """A form at 11 pm: the text is planned now, for eight o'clock."""
    assert planned(NEW, NIGHT).due == datetime(2026, 11, 19, 14, tzinfo=UTC)


def test_a_lead_without_consent_is_left_alone() -> None:
    """What the gate will never allow is not planned."""
    assert plan(seen(NEW, consents={}), CAMPAIGN, NOW) is None
    assert plan(seen(NEW, number="+18005550100"), CAMPAIGN, NOW) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"thread": (line("hello?", who="lead", channel=Channel.SMS),)},
        {"calls": {"CA1": call(direction="inbound", turns=0)}},
        {"touches": (Touch(channel=Channel.SMS, at=NOW, permit=PermitKind.INITIATE),)},
        {"arrived_at": None},
    ],
)
def test_the_first_text_is_for_a_first_contact(changes: dict[str, object]) -> None:
    """Whoever wrote, called or was texted before is in conversation already."""
    assert plan(seen(NEW, **changes), CAMPAIGN, NOW) is None


# The call the lead asked for -----------------------------------------------------------------------------------------


def test_a_yes_is_called_at_once() -> None:
    """The permit is his request; the effect is named after his yes."""
    step = planned(seen(TEXTED, facts={"ready_to_talk": YES}))
    assert (step.id, step.due) == ("dial:sms:1", NOW)
    assert step.effect == Dial(permit=PermitKind.REQUESTED_TIME, to=LEAD)


def test_without_a_yes_there_is_no_call() -> None:
    """ "Yeah I am, just been busy" is interest, not a yes to a call."""
    assert plan(TEXTED, CAMPAIGN, NOW) is None
    assert plan(seen(TEXTED, facts={"ready_to_talk": YES.model_copy(update={"value": False})}), CAMPAIGN, NOW) is None


def test_a_yes_is_called_once() -> None:
    """Answered or not: the next try is another rule's."""
    called = {"CA1": call(placed_at=NOW + MINUTE, connected=False, turns=0)}
    assert plan(seen(TEXTED, facts={"ready_to_talk": YES}, calls=called), CAMPAIGN, NOW + 2 * MINUTE) is None


def test_a_second_yes_is_a_second_call() -> None:
    """Named after the second yes, so it is another effect."""
    later = Fact(value=True, source="sms:2", at=NOW + HOUR)
    view = seen(TEXTED, facts={"ready_to_talk": later}, calls={"CA1": call(placed_at=NOW)})
    assert planned(view, NOW + HOUR).id == "dial:sms:2"


def test_a_yes_said_on_the_call_is_no_request_for_another() -> None:
    """He is being talked to already."""
    spoken = line("yes that's fine", who="lead", event="turn:CA1:1")
    view = seen(TEXTED, thread=(*TEXTED.thread, spoken), calls={"CA1": call()})
    said = Fact(value=True, source="turn:CA1:1", at=NOW)
    assert plan(seen(view, facts={"ready_to_talk": said}), CAMPAIGN, NOW + MINUTE) is None


def test_a_time_named_on_a_call_is_kept() -> None:
    """ "Call me tomorrow at three", said on the telephone."""
    spoken = line("call me tomorrow at three", who="lead", event="turn:CA1:1")
    view = seen(TEXTED, thread=(*TEXTED.thread, spoken), calls={"CA1": call()})
    time = Fact(value="2026-11-19T15:00", source="turn:CA1:1", at=NOW)
    step = planned(seen(view, facts={"ready_to_talk": YES, "callback_earliest": time}), NOW + MINUTE)
    assert (step.id, step.due) == ("dial:turn:CA1:1", datetime(2026, 11, 19, 21, tzinfo=UTC))


def test_a_time_without_a_yes_is_no_request() -> None:
    """ "End of the month works" asks to be left alone until then, not to be called."""
    time = Fact(value="2026-11-30T09:00", source="sms:1", at=NOW)
    assert plan(seen(TEXTED, facts={"callback_earliest": time}), CAMPAIGN, NOW) is None


def test_a_call_waits_for_the_named_time() -> None:
    """ "Not before Monday" at nine, in the lead's clock."""
    time = Fact(value="2026-11-23T09:00", source="sms:1", at=NOW)
    step = planned(seen(TEXTED, facts={"ready_to_talk": YES, "callback_earliest": time}))
    assert step.due == datetime(2026, 11, 23, 15, tzinfo=UTC)


def test_a_yes_at_night_is_called_by_day() -> None:
    """Never dialled at night, and not at eight in the morning either: the campaign's window starts at ten."""
    late = YES.model_copy(update={"at": NIGHT})
    step = planned(seen(TEXTED, facts={"ready_to_talk": late}), NIGHT)
    assert step.due == datetime(2026, 11, 19, 16, tzinfo=UTC)


def test_a_yes_without_voice_consent_is_not_called() -> None:
    """A yes by text is no written consent to an artificial voice."""
    texts_only = {Scope.SMS: CONSENTS[Scope.SMS]}
    assert plan(seen(TEXTED, facts={"ready_to_talk": YES}, consents=texts_only), CAMPAIGN, NOW) is None


# The call that broke off ---------------------------------------------------------------------------------------------

TALKED = seen(
    TEXTED,
    thread=(
        *TEXTED.thread,
        line("it's a condo", who="lead"),
        line("When do you plan to move in?", asks="move_in_date"),
    ),
    touches=(*TEXTED.touches, Touch(channel=Channel.VOICE, at=NOW - 3 * MINUTE, permit=PermitKind.REQUESTED_TIME)),
    facts={"ready_to_talk": YES.model_copy(update={"at": NOW - 4 * MINUTE})},
)


@pytest.mark.parametrize("connected", [True, False])
def test_a_call_that_broke_off_is_taken_up_by_text(connected: bool) -> None:
    """A dead line, or a lead gone with our question in the air: the text asks it, a little later."""
    step = planned(seen(TALKED, calls={"CA1": call(connected=connected)}))
    assert (step.id, step.due) == ("cut_off:CA1", NOW + CUT_OFF_AFTER)
    assert isinstance(step.effect, SendText)
    assert step.effect.permit is PermitKind.VOICEMAIL_FOLLOW_UP
    assert step.effect.asks == "move_in_date"
    assert step.effect.body.count("?") == 1
    assert "STOP" in step.effect.body


def test_nothing_known_is_asked_in_that_text() -> None:
    """Our question had been answered: the text offers to go on, and asks no more than that."""
    facts = TALKED.facts | {"move_in_date": Fact(value="2026-12-05", source="x", at=NOW)}
    step = planned(seen(TALKED, calls={"CA1": call(connected=False)}, facts=facts))
    assert isinstance(step.effect, SendText)
    assert step.effect.asks is None
    assert "move in" not in step.effect.body


GOODBYE = (*TALKED.thread, line("Bye for now!"))


@pytest.mark.parametrize(
    "changes",
    [
        {"calls": {"CA1": call()}, "thread": GOODBYE},
        {"calls": {"CA1": call(turns=0, connected=False)}},
        {"calls": {"CA1": call(ended=False, connected=False)}},
        {"calls": {"CA1": call(ended=False)}},
        {"calls": {"CA1": call()}, "thread": (*TALKED.thread, line("hi", who="lead", channel=Channel.SMS))},
        {"calls": {"CA1": call()}, "handoff": Handoff(handoff="h", step=HandoffStep.JOINED, call="CA1")},
    ],
    ids=["said goodbye", "never talked", "may come back", "still up", "wrote since", "transferred"],
)
def test_a_call_that_did_not_break_off_is_not_followed(changes: dict[str, object]) -> None:
    """No text "looks like we got cut off" to whoever was not."""
    assert plan(seen(TALKED, **changes), CAMPAIGN, NOW) is None


def test_a_call_is_followed_once() -> None:
    """The text was sent: the thread's last word is no longer the call's."""
    view = seen(TALKED, calls={"CA1": call(connected=False)})
    step = planned(view)
    assert isinstance(step.effect, SendText)
    sent = TextSent(id="t", at=step.due, sid="SM9", effect=step.id, body=step.effect.body, permit=step.effect.permit)
    assert plan(fold(view, sent), CAMPAIGN, step.due) is None


# Nothing to do -------------------------------------------------------------------------------------------------------

SITUATIONS = {
    "new": NEW,
    "asked for a call": seen(TEXTED, facts={"ready_to_talk": YES}),
    "broke off": seen(TALKED, calls={"CA1": call(connected=False)}),
}


@pytest.mark.parametrize("view", SITUATIONS.values(), ids=SITUATIONS)
def test_nothing_is_planned_where_nothing_may_happen(view: View) -> None:
    """Suppressed, held, on the telephone, or in a campaign that is paused."""
    assert plan(view, CAMPAIGN, NOW) is not None
    assert plan(seen(view, suppressed=True, voice_suppressed=True), CAMPAIGN, NOW) is None
    assert plan(seen(view, held="ambiguous_stop"), CAMPAIGN, NOW) is None
    talking = {"CA2": call(call="CA2", ended=False)}
    assert plan(seen(view, calls=view.calls | talking), CAMPAIGN, NOW) is None
    assert plan(view, CAMPAIGN.model_copy(update={"active": False}), NOW) is None


@pytest.mark.parametrize("view", SITUATIONS.values(), ids=SITUATIONS)
def test_planning_twice_is_one_effect(view: View) -> None:
    """The same cause gives the same id; once it is in the outbox nothing is planned."""
    step = planned(view)
    assert planned(view, NOW + MINUTE).id == step.id
    assert plan(fold(view, effect_event(step, NOW)), CAMPAIGN, NOW) is None


def test_an_answer_in_the_outbox_does_not_hold_the_call_back() -> None:
    """ "Great, calling you now" goes out beside the call itself; a second call does not."""
    view = seen(TEXTED, facts={"ready_to_talk": YES})
    reply = SendText(permit=PermitKind.REPLY_TO_LEAD, to=LEAD, body="Great, calling you now.")
    waiting = {"reply": Outbox(effect=reply, due=NOW), "answer": Outbox(effect=Answer(text_id="sms:1"), due=NOW)}
    assert isinstance(planned(seen(view, outbox=waiting)).effect, Dial)
    dialling = {"other": Outbox(effect=Dial(permit=PermitKind.REQUESTED_TIME, to=LEAD), due=NOW)}
    assert plan(seen(view, outbox=dialling), CAMPAIGN, NOW) is None


def test_a_stop_empties_the_plan() -> None:
    """From the log: a planned call, then a stop, then nothing."""
    view = seen(TEXTED, facts={"ready_to_talk": YES})
    stopped = fold_all(
        view,
        [
            effect_event(planned(view), NOW),
            TextReceived(id="sms:2", at=NOW, sid="2", body="stop calling me"),
            Suppressed(id="s", at=NOW, reason="opt_out", channel=Channel.SMS, words="stop calling me", detector="x"),
        ],
    )
    assert stopped.outbox == {}
    assert plan(stopped, CAMPAIGN, NOW) is None


def test_a_settled_first_text_that_was_sent_is_not_planned_again() -> None:
    """The thread holds it."""
    step = planned(NEW)
    assert isinstance(step.effect, SendText)
    after = fold_all(
        NEW,
        [
            effect_event(step, NOW),
            TextSent(id="t", at=NOW, sid="SM1", effect=step.id, body=step.effect.body, permit=step.effect.permit),
            EffectSettled(id="e", at=NOW, effect=step.id, outcome="done"),
        ],
    )
    assert plan(after, CAMPAIGN, NOW) is None


def test_a_step_becomes_the_event_of_its_effect() -> None:
    """The event's id is the effect's."""
    step = planned(NEW)
    assert effect_event(step, NOW) == EffectRequested(id="first_text", at=NOW, effect=step.effect, due=step.due)


@given(
    situation=st.sampled_from(list(SITUATIONS.values())),
    later=st.timedeltas(timedelta(0), timedelta(days=30)),
)
def test_a_step_is_never_due_before_it_was_planned(situation: View, later: timedelta) -> None:
    """Nor at an hour when nobody may be contacted."""
    now = NOW + later
    step = plan(situation, CAMPAIGN, now)
    if step is not None:
        assert step.due >= now
        assert step.due.hour >= 14 or step.due.hour < 3  # 8 am to 9 pm in Chicago, in UTC


def test_a_campaign_without_consent_settings_plans_nothing() -> None:
    """The loader refuses it; were it to come in some other way, nobody would hear from it."""
    assert plan(NEW, CAMPAIGN, NOW) is not None
    unset = CAMPAIGN.model_copy(update={"consent_required": ()})
    assert plan(NEW, unset, NOW) is None
    assert plan(seen(TEXTED, facts={"ready_to_talk": YES}), unset, NOW) is None
