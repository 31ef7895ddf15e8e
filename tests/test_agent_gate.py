from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
from gate_support import (
    HOUR,
    LEAD,
    MINUTE,
    NIGHT,
    NOON,
    SARAH,
    VIEW,
    WRITTEN,
    asked,
    fact,
    refused,
    said,
    seen,
    touch,
    with_campaign,
)
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from agent.campaign import Timing
from agent.gate import gate
from agent.gate.cases import Case, ask, read_cases
from agent.gate.gate import RECHECK, Permit, Refusal, try_again_at
from agent.gate.law import Law
from agent.gate.rules import RULES, Contact, Objection, Rule
from agent.gate.tables import TableError
from state.effects import PermitKind
from state.events import Channel, Scope
from state.view import Call, Line, Touch, View

# The table of cases ---------------------------------------------------------------------------------------------------

TABLE = Path(__file__).parent / "data" / "gate_cases.csv"
CASES = [case for case in read_cases(TABLE.read_text(encoding="utf-8"), TABLE.name) if isinstance(case, Case)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_table_of_gate_cases(case: Case) -> None:
    """Each row's answer, reason and next lawful time."""
    assert ask(case).matches(case), ask(case)


CONSENTS = [
    WRITTEN,
    {},
    {Scope.SMS: WRITTEN[Scope.SMS]},
    {scope: consent.model_copy(update={"basis": "oral"}) for scope, consent in WRITTEN.items()},
]


# Rule by rule ---------------------------------------------------------------------------------------------------------


def test_a_lawful_contact_is_permitted_with_its_zones_and_sources() -> None:
    """A permit says why it is one, so that the record can show it later."""
    permit = asked()
    assert isinstance(permit, Permit)
    assert (permit.rule, permit.reason, permit.zones) == ("initiate", "ok", ("America/Chicago",))
    assert "64.1200" in permit.citation


def test_an_inactive_campaign_contacts_nobody() -> None:
    """Not even staff."""
    paused = with_campaign(active=False)
    assert refused(asked(campaign=paused)) == "campaign_inactive"
    assert refused(asked(campaign=paused, permit=PermitKind.STAFF, to=SARAH)) == "campaign_inactive"


def test_a_campaign_without_consent_settings_contacts_nobody() -> None:
    """Opt-in mechanics come before scale: a channel the campaign has no consent rule for stays shut."""
    assert refused(asked(campaign=with_campaign(consent_required=()))) == "consent_settings_missing"
    texts_only = with_campaign(consent_required=("sms",))
    assert isinstance(asked(campaign=texts_only), Permit)
    assert refused(asked(campaign=texts_only, channel=Channel.VOICE)) == "consent_settings_missing"


def test_a_campaign_contacts_only_its_own_leads() -> None:
    """Consent is given to one campaign of one brand."""
    assert refused(asked(campaign=with_campaign(id="lending"))) == "wrong_campaign"


def test_a_permit_is_for_the_lead_and_nobody_else() -> None:
    """A lead's permit cannot be used to reach another number."""
    assert isinstance(asked(to=LEAD), Permit)
    assert refused(asked(to="+12125550100")) == "not_the_lead"
    assert refused(asked(seen(number=""))) == "not_the_lead"


def test_a_suppressed_lead_gets_nothing() -> None:
    """A stop covers both channels and every kind of contact with the lead."""
    stopped = seen(suppressed=True, voice_suppressed=True, **said(MINUTE))
    for channel in Channel:
        for permit in set(PermitKind) - {PermitKind.STAFF, PermitKind.OPT_OUT_CONFIRMATION}:
            assert refused(asked(stopped, channel, permit)) == "opted_out"


def test_an_opt_out_is_confirmed_once_and_soon_and_by_text() -> None:
    """47 CFR 64.1200(a)(12): one confirmation, within five minutes; at night too, for the lead has just written."""
    confirm = PermitKind.OPT_OUT_CONFIRMATION
    stopped = {"suppressed": True, "voice_suppressed": True}
    assert isinstance(asked(seen(**stopped, **said(MINUTE)), permit=confirm), Permit)
    late_evening = Line(channel=Channel.SMS, who="lead", text="stop", at=NIGHT, event="e")
    assert isinstance(asked(seen(**stopped, thread=(late_evening,)), permit=confirm, now=NIGHT), Permit)
    assert refused(asked(seen(**stopped, **said(6 * MINUTE)), permit=confirm)) == "opted_out"
    again = seen(**stopped, **said(MINUTE), touches=(touch(Channel.SMS, HOUR, confirm),))
    assert refused(asked(again, permit=confirm)) == "already_confirmed"
    assert refused(asked(seen(**stopped, **said(MINUTE)), Channel.VOICE, confirm)) == "nothing_to_confirm"
    assert refused(asked(seen(**said(MINUTE)), permit=confirm)) == "nothing_to_confirm"


def test_start_gives_back_texts_but_not_calls() -> None:
    """A call by an artificial voice needs a new written consent after a stop."""
    resumed = seen(suppressed=False, voice_suppressed=True)
    assert isinstance(asked(resumed), Permit)
    assert refused(asked(resumed, Channel.VOICE)) == "no_voice_consent"


def test_a_held_conversation_waits_for_a_person() -> None:
    """An unclear "not interested" stops everything of ours, replies too, but not the staff's own telephones."""
    held = seen(held="ambiguous_stop", **said(MINUTE))
    for permit in set(PermitKind) - {PermitKind.STAFF, PermitKind.OPT_OUT_CONFIRMATION}:
        assert refused(asked(held, permit=permit)) == "held"
    assert isinstance(asked(held, Channel.VOICE, PermitKind.STAFF, to=SARAH), Permit)


def test_a_requested_call_needs_written_consent_all_the_same() -> None:
    """A yes to a call is no consent to an artificial voice (47 CFR 64.1200(a)(2), FCC 24-17)."""
    texted = seen(consents={Scope.SMS: WRITTEN[Scope.SMS]}, facts={"ready_to_talk": fact(True)})
    assert refused(asked(texted, Channel.VOICE, PermitKind.REQUESTED_TIME)) == "no_voice_consent"


def test_a_reply_is_free_for_a_quarter_of_an_hour_at_any_time() -> None:
    """An answer needs no hours, zone or cap: the lead began the exchange. It is still only an answer."""
    reply = PermitKind.REPLY_TO_LEAD
    wrote = seen(last_lead_text_at=NIGHT - 14 * MINUTE)
    assert asked(wrote, permit=reply, now=NIGHT).reason == "reply_to_lead"
    late = seen(last_lead_text_at=NIGHT - 16 * MINUTE)
    assert refused(asked(late, permit=reply, now=NIGHT)) == "quiet_hours"
    assert refused(asked(VIEW, permit=reply)) == "not_a_reply"
    foreign = seen(number="+447911123456", last_lead_text_at=NOON)
    assert isinstance(asked(foreign, permit=reply), Permit)
    busy = seen(last_lead_text_at=NOON, touches=(touch(Channel.SMS, HOUR),) * 5)
    assert isinstance(asked(busy, permit=reply), Permit)


def test_nobody_is_dialled_as_a_reply() -> None:
    """Not even on "call me now" at night: the next allowed time is offered instead."""
    wrote = seen(last_lead_text_at=NIGHT, facts={"ready_to_talk": fact(True)})
    for permit in (PermitKind.REPLY_TO_LEAD, PermitKind.REQUESTED_TIME):
        answer = asked(wrote, Channel.VOICE, permit, NIGHT)
        assert refused(answer) == "quiet_hours"
        assert answer.next_allowed == datetime(2026, 11, 19, 16, tzinfo=UTC)


def test_an_answer_that_comes_too_late_is_an_ordinary_contact() -> None:
    """By day it may go out, under every rule: consent, caps and hours bind it like a first text."""
    wrote = {"last_lead_text_at": NOON - 16 * MINUTE}
    reply = PermitKind.REPLY_TO_LEAD
    assert asked(seen(**wrote), permit=reply).reason == "ok"
    assert refused(asked(seen(**wrote, consents={}), permit=reply)) == "no_consent"
    busy = tuple(touch(Channel.SMS, hours * HOUR) for hours in (20, 10, 6))
    assert refused(asked(seen(**wrote, touches=busy), permit=reply)) == "attempts_cap"


def test_an_unknown_zone_is_a_no() -> None:
    """A toll-free or foreign number has no lawful hour we know of."""
    answer = asked(seen(number="+18005550100"))
    assert refused(answer) == "zone_unknown"
    assert answer.next_allowed is None


@pytest.mark.parametrize(
    ("local", "permitted"),
    [("07:59:59", False), ("08:00:00", True), ("20:59:59", True), ("21:00:00", False)],
)
def test_federal_hours_are_eight_to_nine_at_the_leads(local: str, permitted: bool) -> None:
    """47 CFR 64.1200(c)(1): the edges, to the second."""
    now = datetime.fromisoformat(f"2026-11-18T{local}").replace(tzinfo=ZoneInfo("America/Chicago"))
    assert isinstance(asked(now=now), Permit) is permitted


def test_hours_bind_in_every_zone_the_lead_could_be_in() -> None:
    """A panhandle number: Eastern closes first, Central opens last."""
    panhandle = seen(number="+18505550142")
    evening = datetime(2026, 11, 19, 2, 30, tzinfo=UTC)  # 9:30 pm Eastern, 8:30 pm Central
    answer = asked(panhandle, now=evening)
    assert refused(answer) == "quiet_hours"
    assert answer.next_allowed == datetime(2026, 11, 19, 14, tzinfo=UTC)  # 8 am Central
    assert set(answer.zones) == {"America/Chicago", "America/New_York"}


def test_hours_follow_the_wall_clock_over_a_change_of_time() -> None:
    """The morning after 1 November 2026 opens at 8 standard time, an hour later by UTC."""
    answer = asked(now=datetime(2026, 11, 1, 4, tzinfo=UTC))
    assert answer.next_allowed == datetime(2026, 11, 1, 14, tzinfo=UTC)


def test_a_call_nobody_asked_for_keeps_to_the_campaigns_window() -> None:
    """A form at 11 pm: texts from 8, no call before mid-morning."""
    eight = datetime(2026, 11, 19, 14, tzinfo=UTC)
    assert asked(now=NIGHT).next_allowed == eight
    assert asked(channel=Channel.VOICE, now=NIGHT).next_allowed == eight + 2 * HOUR
    answer = asked(channel=Channel.VOICE, now=eight + HOUR)
    assert (refused(answer), answer.next_allowed) == ("call_window", eight + 2 * HOUR)


def test_a_yes_in_the_evening_is_no_yes_to_a_call_at_eight() -> None:
    """A request counts against the call window while it is fresh, or if the lead named the time himself."""
    requested = PermitKind.REQUESTED_TIME
    at_nine = datetime(2026, 11, 19, 15, tzinfo=UTC)
    fresh = fact(True).model_copy(update={"at": at_nine - MINUTE})
    stale = fact(True).model_copy(update={"at": at_nine - 12 * HOUR})
    assert isinstance(asked(seen(facts={"ready_to_talk": fresh}), Channel.VOICE, requested, at_nine), Permit)
    assert refused(asked(seen(facts={"ready_to_talk": stale}), Channel.VOICE, requested, at_nine)) == "call_window"
    named = {"ready_to_talk": stale, "callback_earliest": fact("2026-11-19T09:00")}
    assert isinstance(asked(seen(facts=named), Channel.VOICE, requested, at_nine), Permit)


def test_three_attempts_in_a_day_over_both_channels() -> None:
    """The fourth waits until the first is a day old; answers to the lead do not count."""
    touches = tuple(touch(Channel.SMS, hours * HOUR) for hours in (20, 10, 6))
    answer = asked(seen(touches=touches), Channel.VOICE)
    assert refused(answer) == "attempts_cap"
    assert answer.next_allowed == NOON + 4 * HOUR
    replies = tuple(touch(Channel.SMS, 10 * HOUR, PermitKind.REPLY_TO_LEAD) for _ in range(9))
    assert isinstance(asked(seen(touches=(*touches[:2], *replies)), Channel.VOICE), Permit)
    older = (touch(Channel.SMS, 24 * HOUR), *touches[1:])
    assert isinstance(asked(seen(touches=older), Channel.VOICE), Permit)


def test_a_campaign_may_lower_the_cap_but_not_raise_it() -> None:
    """Three is what the strictest states allow."""
    touches = tuple(touch(Channel.SMS, hours * HOUR) for hours in (20, 10, 6))
    generous = with_campaign(timing=Timing(attempts_24h=9))
    assert refused(asked(seen(touches=touches), campaign=generous)) == "attempts_cap"
    sparing = with_campaign(timing=Timing(attempts_24h=1))
    assert refused(asked(seen(touches=touches[:1]), campaign=sparing)) == "attempts_cap"
    nothing = with_campaign(timing=Timing(attempts_24h=0))
    assert asked(campaign=nothing).next_allowed is None


def test_text_and_call_keep_their_distance() -> None:
    """Two channels within minutes feel like an ambush, unless the lead asked for the call."""
    texted = seen(touches=(touch(Channel.SMS, 2 * MINUTE),), facts={"ready_to_talk": fact(True)})
    answer = asked(texted, Channel.VOICE)
    assert (refused(answer), answer.next_allowed) == ("min_spacing", NOON + 3 * MINUTE)
    assert isinstance(asked(texted, Channel.VOICE, PermitKind.REQUESTED_TIME), Permit)


def test_the_next_allowed_time_satisfies_every_rule() -> None:
    """Spacing that runs past nine in the evening waits for the morning's window, not just for its own end."""
    late = datetime(2026, 11, 19, 1, 58, tzinfo=UTC)  # 7:58 pm in Chicago, two minutes before the window shuts
    texted = seen(touches=(Touch(channel=Channel.SMS, at=late - MINUTE, permit=PermitKind.INITIATE),))
    answer = asked(texted, Channel.VOICE, now=late)
    assert (refused(answer), answer.next_allowed) == ("min_spacing", datetime(2026, 11, 19, 16, tzinfo=UTC))


CALL = Call(call="CA1", direction="outbound", status="completed", placed_at=NOON - 3 * MINUTE, ended=True)


def test_a_text_follows_a_call_once_and_only_when_it_is_over() -> None:
    """It is spared the spacing rule because it speaks of the call; it still counts and keeps hours."""
    follow = PermitKind.VOICEMAIL_FOLLOW_UP
    called = {"touches": (touch(Channel.VOICE, 3 * MINUTE),), "calls": {"CA1": CALL}}
    assert isinstance(asked(seen(**called), permit=follow), Permit)
    assert refused(asked(VIEW, permit=follow)) == "no_call_to_follow"
    talking = {"CA1": CALL.model_copy(update={"ended": False, "connected": True})}
    assert refused(asked(seen(calls=talking), permit=follow)) == "no_call_to_follow"
    followed = seen(calls={"CA1": CALL}, touches=(touch(Channel.SMS, MINUTE, follow),))
    assert refused(asked(followed, permit=follow)) == "already_followed_up"


@pytest.mark.parametrize(
    ("call", "busy"),
    [
        ({"ended": False, "connected": True, "placed_at": NOON - HOUR}, True),
        ({"ended": False, "connected": False, "placed_at": NOON - MINUTE}, True),
        ({"ended": False, "connected": False, "placed_at": NOON - HOUR}, False),
        ({"ended": True}, False),
    ],
)
def test_nothing_goes_out_while_the_lead_is_on_the_phone(call: dict[str, object], busy: bool) -> None:
    """A call that rings or is up holds contacts back; one that was lost track of does not, or it would for ever."""
    view = seen(calls={"CA1": CALL.model_copy(update=call)})
    answer = asked(view)
    assert isinstance(answer, Refusal) is busy
    assert answer.reason == ("call_in_progress" if busy else "ok")


def test_the_lead_is_not_contacted_before_the_time_he_named() -> None:
    """ "Not before Monday" holds texts and calls, requested ones too, in the lead's own clock."""
    view = seen(facts={"callback_earliest": fact("2026-11-23T09:00"), "ready_to_talk": fact(True)})
    for channel, permit in [(Channel.SMS, PermitKind.INITIATE), (Channel.VOICE, PermitKind.REQUESTED_TIME)]:
        answer = asked(view, channel, permit)
        assert refused(answer) == "not_before"
        assert answer.next_allowed == datetime(2026, 11, 23, 15, tzinfo=UTC)
    past = seen(facts={"callback_earliest": fact("2026-11-18T11:00-06:00")})
    assert isinstance(asked(past), Permit)


def test_a_wish_that_cannot_be_read_is_a_no() -> None:
    """A time we do not understand is no leave to call at any time."""
    for value in ("sometime", 7):
        assert refused(asked(seen(facts={"callback_earliest": fact(value)}))) == "gate_error"


def test_text_only_means_no_calls_until_the_lead_asks_for_one() -> None:
    """The newer wish wins."""
    texts = {"channel_pref": fact("sms", HOUR)}
    assert refused(asked(seen(facts=texts), Channel.VOICE)) == "text_only"
    assert isinstance(asked(seen(facts=texts)), Permit)
    later = texts | {"ready_to_talk": fact(True)}
    assert isinstance(asked(seen(facts=later), Channel.VOICE, PermitKind.REQUESTED_TIME), Permit)
    no = texts | {"ready_to_talk": fact(False)}
    assert refused(asked(seen(facts=no), Channel.VOICE, PermitKind.REQUESTED_TIME)) == "text_only"
    earlier = texts | {"ready_to_talk": fact(True, 2 * HOUR)}
    assert refused(asked(seen(facts=earlier), Channel.VOICE, PermitKind.INITIATE)) == "text_only"


@pytest.mark.parametrize(
    ("who", "channel", "words", "owed"),
    [
        ("lead", Channel.SMS, "HELP", True),
        ("lead", Channel.SMS, "hello", False),
        ("lead", Channel.VOICE, "help", False),
        ("persona", Channel.SMS, "HELP", False),
    ],
)
def test_one_text_is_owed_to_whoever_texts_help(
    who: Literal["lead", "persona"], channel: Channel, words: str, owed: bool
) -> None:
    """Also after an opt-out; to nobody else, once, by text, and soon."""
    line = Line(channel=channel, who=who, text=words, at=NOON - MINUTE, event="sms:1")
    view = seen(thread=(line,), suppressed=True)
    answer = asked(view, permit=PermitKind.HELP)
    assert isinstance(answer, Permit) if owed else refused(answer) == "opted_out"
    answered = Touch(at=NOON, channel=Channel.SMS, permit=PermitKind.HELP)
    assert refused(asked(view.model_copy(update={"touches": (answered,)}), permit=PermitKind.HELP)) == "opted_out"
    assert refused(asked(view, Channel.VOICE, PermitKind.HELP)) == "opted_out"
    assert refused(asked(view, permit=PermitKind.HELP, now=NOON + HOUR)) == "opted_out"


def test_a_refusal_names_the_narrowest_source() -> None:
    """What the objection itself gives; else that of its rule. A permit says what the clocks of the lead showed."""
    suppressed = asked(seen(suppressed=True))
    assert suppressed.citation == next(rule.citation for rule in RULES if rule.name == "suppression")
    rhode_island = asked(seen(zip="02903"), Channel.VOICE, now=datetime(2026, 11, 22, 17, tzinfo=UTC))
    assert rhode_island.citation.startswith("R.I. Gen. Laws")
    permit = asked()
    assert isinstance(permit, Permit)
    assert permit.evidence["local_times"] == {"America/Chicago": "2026-11-18T12:00-06:00"}


@pytest.mark.parametrize(
    ("reason", "lifted_at", "again"),
    [
        ("outside_hours", NOON + HOUR, NOON + HOUR),
        ("campaign_paused", None, NOON + RECHECK),
        ("opted_out", None, None),
    ],
)
def test_a_refusal_is_looked_at_again_when_it_may_have_ended(
    reason: str, lifted_at: datetime | None, again: datetime | None
) -> None:
    """By time, or because an operator has lifted it; an opt-out does not end."""
    assert try_again_at(Refusal("rule", reason, "", next_allowed=lifted_at), NOON) == again


def test_a_minor_is_not_called() -> None:
    """No sales call by an artificial voice to anybody under 18."""
    young = seen(facts={"under_18": fact(True)})
    assert refused(asked(young, Channel.VOICE)) == "minor"
    assert isinstance(asked(young), Permit)


def test_staff_permits_reach_only_the_campaigns_agents() -> None:
    """An agent may be rung at night and about a suppressed lead; nobody else's telephone is staff."""
    staff = PermitKind.STAFF
    assert isinstance(asked(permit=staff, to=SARAH, now=NIGHT), Permit)
    assert isinstance(asked(seen(suppressed=True), Channel.VOICE, staff, to=SARAH), Permit)
    assert refused(asked(permit=staff, to=LEAD)) == "not_staff"
    assert refused(asked(permit=staff)) == "not_staff"


# Failing closed -------------------------------------------------------------------------------------------------------


def test_a_naive_time_is_a_no() -> None:
    """A clock without a zone could be hours off."""
    assert refused(asked(now=NOON.replace(tzinfo=None))) == "gate_error"


@given(
    broken=st.sampled_from(range(len(RULES))),
    error=st.sampled_from([ValueError, KeyError, RuntimeError, ZeroDivisionError, RecursionError]),
    channel=st.sampled_from(Channel),
    permit=st.sampled_from(PermitKind),
)
def test_no_exception_ever_yields_a_permit(
    broken: int, error: type[Exception], channel: Channel, permit: PermitKind
) -> None:
    """Whichever rule fails, in whatever way, whoever it binds gets a refusal, and the log says where."""

    def fail(contact: Contact) -> Objection | None:
        raise error("broken")

    rules = list(RULES)
    rules[broken] = Rule(rules[broken].name, "", fail, rules[broken].exempt)
    if permit in rules[broken].exempt:
        return
    with pytest.MonkeyPatch.context() as patch, capture_logs() as logs:
        patch.setattr(gate, "RULES", tuple(rules))
        answer = asked(VIEW, channel, permit, to=SARAH if permit is PermitKind.STAFF else LEAD)
    assert isinstance(answer, Refusal)
    if answer.reason == "gate_error":
        assert [entry["error"] for entry in logs] == [error.__name__]


def test_rules_that_cannot_be_read_permit_nothing() -> None:
    """No table, no contact; not even an answer."""

    def unreadable() -> Law:
        raise TableError("state_rules.csv", [(3, "live_sat: is empty")])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gate, "current_law", unreadable)
        for permit in PermitKind:
            assert refused(asked(seen(**said(MINUTE)), permit=permit)) == "gate_error"


views = st.builds(
    lambda **changes: seen(**changes),
    number=st.sampled_from([LEAD, "+18505550142", "+18005550100", ""]),
    zip=st.sampled_from([None, "60614", "09012", "x"]),
    held=st.sampled_from([None, "ambiguous_stop"]),
    consents=st.sampled_from(CONSENTS),
    touches=st.lists(
        st.builds(
            touch,
            st.sampled_from(Channel),
            st.timedeltas(timedelta(0), timedelta(days=2)),
            st.sampled_from(PermitKind),
        ),
        max_size=5,
    ).map(tuple),
    last_lead_text_at=st.sampled_from([None, NOON - MINUTE]),
)
START = datetime(2026, 11, 1, tzinfo=UTC)
moments = st.timedeltas(timedelta(0), timedelta(days=150)).map(lambda later: START + later)


@given(view=views, channel=st.sampled_from(Channel), permit=st.sampled_from(PermitKind), now=moments)
def test_a_suppressed_lead_is_never_contacted_but_to_confirm(
    view: View, channel: Channel, permit: PermitKind, now: datetime
) -> None:
    """Whatever else is true of the conversation."""
    stopped = view.model_copy(update={"suppressed": True, "voice_suppressed": True})
    answer = asked(stopped, channel, permit, now)
    assert isinstance(answer, Refusal) or permit is PermitKind.OPT_OUT_CONFIRMATION


@given(view=views, channel=st.sampled_from(Channel), now=moments)
def test_the_next_allowed_time_is_allowed(view: View, channel: Channel, now: datetime) -> None:
    """Asking again at the time the gate named gets a permit, if nothing happened in between."""
    answer = asked(view, channel, PermitKind.INITIATE, now)
    if isinstance(answer, Refusal) and answer.next_allowed is not None:
        assert answer.next_allowed > now
        assert isinstance(asked(view, channel, PermitKind.INITIATE, answer.next_allowed), Permit)
