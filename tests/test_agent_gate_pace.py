from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from gate_support import CAMPAIGN, HOUR, LEAD, MINUTE, NOON, asked, fact, refused, seen, touch, with_campaign
from hypothesis import given
from hypothesis import strategies as st

from agent.campaign import Timing
from agent.gate.contact import Contact
from agent.gate.gate import Permit, answer
from agent.gate.pace import attempts, may_leave_message, spacing
from agent.gate.zones import Place
from state.effects import Dial, PermitKind, SendText
from state.events import Channel
from state.view import Call, Outbox, Touch, View

DAY = timedelta(days=1)
NEW_YORK = "America/New_York"


def contact(
    state: str, channel: Channel = Channel.SMS, permit: PermitKind = PermitKind.INITIATE, **changes: object
) -> Contact:
    """A contact in one state of the East, at 1 pm there."""
    view = seen(source="web_form", **changes)
    return Contact(view, CAMPAIGN, channel, permit, NOON, LEAD, where=Place((NEW_YORK,), (state,)))


def touches(*ages: timedelta, channel: Channel = Channel.SMS) -> tuple[Touch, ...]:
    """Contacts of ours, so long ago."""
    return tuple(touch(channel, age) for age in ages)


# Caps -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["FL", "OK", "MD", "OR", "IL"])
def test_three_in_a_day_wherever_the_lead_is(state: str) -> None:
    """By law in four states, by policy in the others; over both channels and all numbers of ours."""
    made = (*touches(20 * HOUR, 10 * HOUR), *touches(6 * HOUR, channel=Channel.VOICE))
    objection = attempts(contact(state, touches=made))
    assert objection is not None
    assert objection.until == NOON + 4 * HOUR
    assert attempts(contact(state, touches=made[1:])) is None


def test_maine_lets_a_device_try_once_in_eight_hours() -> None:
    """Texts count too; who asked for the call has one; a text is no device."""
    made = touches(7 * HOUR)
    objection = attempts(contact("ME", Channel.VOICE, touches=made))
    assert objection is not None
    assert (objection.until, objection.citation) == (NOON + HOUR, "10 M.R.S. 1498(3) (automated calling device)")
    assert attempts(contact("ME", Channel.SMS, touches=made)) is None
    assert attempts(contact("ME", Channel.VOICE, PermitKind.REQUESTED_TIME, touches=made)) is None
    assert attempts(contact("ME", Channel.VOICE, touches=touches(8 * HOUR))) is None


def test_answers_are_no_attempts() -> None:
    """Oregon says so; the confirmation of an opt-out and HELP are answers."""
    answers = tuple(
        touch(Channel.SMS, HOUR, kind)
        for kind in (PermitKind.REPLY_TO_LEAD, PermitKind.OPT_OUT_CONFIRMATION, PermitKind.HELP)
    )
    assert attempts(contact("OR", touches=answers * 3)) is None


def test_six_in_a_week_and_twelve_in_all() -> None:
    """Policy's own caps, which a call the lead asked for does not know."""
    week = touches(*(DAY * 1.1 * n for n in range(1, 7)))
    objection = attempts(contact("IL", touches=week))
    assert objection is not None
    assert objection.until == week[-1].at + 7 * DAY
    assert attempts(contact("IL", Channel.VOICE, PermitKind.REQUESTED_TIME, touches=week)) is None
    ever = touches(*(DAY * 7 * n for n in range(1, 13)))
    objection = attempts(contact("IL", touches=ever))
    assert objection is not None
    assert objection.until == ever[-1].at + 90 * DAY
    assert attempts(contact("IL", touches=ever[:-1])) is None


def test_the_latest_of_several_full_caps_is_waited_for() -> None:
    """A day's and a week's: the week's ends later."""
    made = touches(HOUR, 2 * HOUR, 3 * HOUR, *(DAY * 2 + HOUR * n for n in range(3)))
    objection = attempts(contact("FL", touches=made))
    assert objection is not None
    assert objection.until == min(one.at for one in made) + 7 * DAY


def test_what_is_under_way_counts() -> None:
    """Claimed and not yet made: a second worker must see it, or two contacts slip under one cap."""
    text = SendText(permit=PermitKind.INITIATE, to=LEAD, body="Hi")
    under_way = {"e1": Outbox(effect=text, due=NOON, started=True)}
    two = touches(20 * HOUR, 10 * HOUR)
    assert attempts(contact("FL", touches=two)) is None
    assert attempts(contact("FL", touches=two, outbox=under_way)) is not None
    waiting = {"e1": Outbox(effect=text, due=NOON)}
    assert attempts(contact("FL", touches=two, outbox=waiting)) is None
    said = asked(seen(outbox=under_way), Channel.VOICE)
    assert (refused(said), said.next_allowed) == ("min_spacing", NOON + 5 * MINUTE)
    dial = {"e1": Outbox(effect=Dial(permit=PermitKind.INITIATE, to=LEAD), due=NOON, started=True)}
    assert spacing(contact("FL", touches=(), outbox=dial)) is not None


# Spacing --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "now", "apart"),
    [
        (Channel.SMS, Channel.VOICE, 5 * MINUTE),
        (Channel.VOICE, Channel.SMS, 5 * MINUTE),
        (Channel.SMS, Channel.SMS, 10 * MINUTE),
        (Channel.VOICE, Channel.VOICE, 4 * HOUR),
    ],
)
def test_contacts_keep_their_distance(before: Channel, now: Channel, apart: timedelta) -> None:
    """To the second, and the wait is named."""
    second = timedelta(seconds=1)
    objection = spacing(contact("IL", now, touches=touches(apart - second, channel=before)))
    assert objection is not None
    assert objection.until == NOON + second
    assert spacing(contact("IL", now, touches=touches(apart, channel=before))) is None


def test_a_text_the_lead_has_answered_is_no_text_in_a_row() -> None:
    """Two texts without a word in between are what is meant."""
    made = touches(3 * MINUTE)
    assert spacing(contact("IL", touches=made, last_lead_text_at=NOON - MINUTE)) is None
    assert spacing(contact("IL", touches=made, last_lead_text_at=NOON - 4 * MINUTE)) is not None
    reply = (touch(Channel.SMS, 3 * MINUTE, PermitKind.REPLY_TO_LEAD),)
    assert spacing(contact("IL", touches=reply)) is None


def test_a_campaign_sets_its_own_distances() -> None:
    """They are settings, with the defaults of policy."""
    patient = with_campaign(timing=Timing(spacing_s=3600))
    texted = seen(touches=touches(30 * MINUTE))
    assert refused(asked(texted, Channel.VOICE, campaign=patient)) == "min_spacing"
    assert isinstance(asked(texted, Channel.VOICE), Permit)


def test_who_asked_for_a_call_gets_it_at_once() -> None:
    """A yes to a call is answered in seconds, by the telephone."""
    wants = seen(touches=touches(MINUTE), facts={"ready_to_talk": fact(True)})
    assert isinstance(asked(wants, Channel.VOICE, PermitKind.REQUESTED_TIME), Permit)
    assert refused(asked(wants, Channel.VOICE)) == "min_spacing"


ages = st.lists(st.timedeltas(timedelta(0), timedelta(days=100)), max_size=16)


@given(made=ages, more=ages, channel=st.sampled_from(Channel), state=st.sampled_from(["FL", "ME", "IL"]))
def test_more_contacts_never_allow_more(
    made: list[timedelta], more: list[timedelta], channel: Channel, state: str
) -> None:
    """Neither the cap nor the spacing opens because more was sent."""
    fewer, all_of_them = touches(*made), touches(*made, *more)
    for rule, other in product((attempts, spacing), Channel):
        mixed = tuple(one.model_copy(update={"channel": other}) for one in all_of_them)
        few = tuple(one.model_copy(update={"channel": other}) for one in fewer)
        if rule(contact(state, channel, touches=few)) is not None:
            assert rule(contact(state, channel, touches=mixed)) is not None


@given(made=ages, state=st.sampled_from(["FL", "ME", "IL"]))
def test_the_named_time_has_room_under_every_cap(made: list[timedelta], state: str) -> None:
    """And a microsecond before it there is none."""
    asking = contact(state, Channel.VOICE, touches=touches(*made))
    objection = attempts(asking)
    if objection is not None:
        assert objection.until is not None
        assert attempts(asking.at(objection.until)) is None
        assert attempts(asking.at(objection.until - timedelta(microseconds=1))) is not None


def test_a_capped_night_waits_for_the_morning() -> None:
    """The cap's end is no opening hour."""
    night = datetime(2026, 11, 19, 2, 50, tzinfo=UTC)  # 9:50 pm in New York
    made = tuple(Touch(channel=Channel.SMS, at=night - age, permit=PermitKind.INITIATE) for age in (23 * HOUR,) * 3)
    asking = contact("FL", touches=made).at(night)
    assert answer(asking).next_allowed == datetime(2026, 11, 19, 13, tzinfo=UTC)


# Messages on machines -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours_ago", "left", "allowed", "may"),
    [(2, True, 1, False), (23.9, True, 1, False), (24, True, 1, True), (2, False, 1, True), (48, True, 0, False)],
)
def test_a_machine_gets_one_message_in_a_day(hours_ago: float, left: bool, allowed: int, may: bool) -> None:
    """A call that left none does not count; a campaign may want none at all."""
    placed = NOON - hours_ago * HOUR
    called = Call(call="CA1", direction="outbound", status="completed", placed_at=placed, message_left=left)
    timing = CAMPAIGN.timing.model_copy(update={"voicemails_24h": allowed})
    campaign = CAMPAIGN.model_copy(update={"timing": timing})
    assert may_leave_message(View(calls={"CA1": called}), campaign, NOON) is may
