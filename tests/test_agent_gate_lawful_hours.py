from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from gate_support import CAMPAIGN, HOUR, LEAD, NOON, VIEW, seen, touch, with_campaign
from hypothesis import given
from hypothesis import strategies as st

from agent.campaign import Timing
from agent.gate import lawful_hours
from agent.gate.contact import Contact, Objection
from agent.gate.gate import Permit, Refusal, answer
from agent.gate.law import current_law
from agent.gate.zones import Place
from state.effects import PermitKind
from state.events import Channel
from state.view import Commitment, Fact

CHICAGO, NEW_YORK, DENVER, PHOENIX = "America/Chicago", "America/New_York", "America/Denver", "America/Phoenix"
ANY_HOUR = with_campaign(timing=Timing(call_window=(time.min, time.max)))
"""A campaign whose own call window does not get in the way of the states'."""
ASKED = seen(source="web_form")
STATES = sorted(row.state for row in current_law().states)


def contact(
    states: str, zones: str, local: str, channel: Channel = Channel.SMS, kind: PermitKind = PermitKind.INITIATE
) -> Contact:
    """A contact in some states and zones; the moment is read on the first zone's clock."""
    place = Place(tuple(zones.split()), tuple(states.split()))
    now = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(place.zones[0])).astimezone(UTC)
    view = ASKED.model_copy(update={"arrived_at": now - HOUR})
    return Contact(view, ANY_HOUR, channel, kind, now, LEAD, where=place)


def opens(asked: Contact) -> str:
    """When the gate would let it pass, on the first zone's clock; "now" if it does."""
    said = answer(asked)
    if isinstance(said, Permit):
        return "now"
    assert said.reason == "quiet_hours", said
    assert said.next_allowed is not None
    return said.next_allowed.astimezone(ZoneInfo(asked.place.zones[0])).strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize(
    ("local", "until"),
    [
        ("2026-11-18T07:59", "2026-11-18T08:00"),
        ("2026-11-18T08:00", None),
        ("2026-11-18T19:59", None),
        ("2026-11-18T20:00", "2026-11-19T08:00"),  # nine in New York
    ],
)
def test_federal_hours_hold_by_themselves(local: str, until: str | None) -> None:
    """Also where no state's row says a stricter hour, and in every zone the lead could be in."""
    objection = lawful_hours.federal_hours(contact("", f"{CHICAGO} {NEW_YORK}", local))
    assert (objection is None) == (until is None)
    if objection is not None and until is not None:
        assert objection.until == datetime.fromisoformat(until).replace(tzinfo=ZoneInfo(CHICAGO))


@pytest.mark.parametrize(
    ("states", "zones", "local", "when"),
    [
        # windows, to the minute
        ("KY", NEW_YORK, "2026-11-18T09:59", "2026-11-18T10:00"),
        ("KY", NEW_YORK, "2026-11-18T10:00", "now"),
        ("CT", NEW_YORK, "2026-11-18T19:59", "now"),
        ("CT", NEW_YORK, "2026-11-18T20:00", "2026-11-19T09:00"),
        ("WA", "America/Los_Angeles", "2026-11-18T20:30", "2026-11-19T08:00"),
        # Saturdays and Sundays
        ("RI", NEW_YORK, "2026-11-21T09:30", "2026-11-21T10:00"),
        ("RI", NEW_YORK, "2026-11-21T17:00", "2026-11-23T09:00"),
        ("TX", CHICAGO, "2026-11-22T11:59", "2026-11-22T12:00"),
        ("SD", CHICAGO, "2026-11-22T12:00", "2026-11-23T09:00"),
        ("MS", CHICAGO, "2026-11-22T12:00", "2026-11-23T08:00"),
        # legal holidays, one of them on a Thursday before a closed Friday
        ("PA", NEW_YORK, "2026-11-26T12:00", "2026-11-28T08:00"),
        ("UT", DENVER, "2026-11-26T12:00", "2026-11-27T08:00"),
        ("LA", CHICAGO, "2027-11-01T12:00", "2027-11-02T08:00"),
        ("AL", CHICAGO, "2026-02-17T12:00", "2026-02-18T08:00"),
        # several zones, several states
        ("AZ", f"{PHOENIX} {DENVER}", "2026-07-14T20:30", "2026-07-15T08:00"),
        ("AZ", f"{PHOENIX} {DENVER}", "2026-11-17T21:30", "2026-11-18T08:00"),
        ("IL FL", f"{CHICAGO} {NEW_YORK}", "2026-11-18T18:59", "now"),
        ("IL FL", f"{CHICAGO} {NEW_YORK}", "2026-11-18T19:00", "2026-11-19T08:00"),
        ("NY LA", f"{NEW_YORK} {CHICAGO}", "2026-11-21T21:00", "2026-11-23T09:00"),
        # the days on which the clocks change
        ("NY", NEW_YORK, "2026-10-31T21:30", "2026-11-01T08:00"),
        ("NY", NEW_YORK, "2027-03-13T21:30", "2027-03-14T08:00"),
        ("AZ", f"{PHOENIX} {DENVER}", "2027-03-13T21:30", "2027-03-14T08:00"),
    ],
)
def test_state_hours(states: str, zones: str, local: str, when: str) -> None:
    """Every state's row on every zone's clock, and the first minute at which all are open."""
    assert opens(contact(states, zones, local)) == when


@pytest.mark.parametrize(
    ("state", "zone", "local", "text", "call"),
    [
        ("IL", CHICAGO, "2026-11-18T08:30", "now", "2026-11-18T09:00"),
        ("IN", NEW_YORK, "2026-11-18T20:30", "now", "2026-11-19T09:00"),
        ("ME", NEW_YORK, "2026-11-20T17:30", "now", "2026-11-23T09:00"),
        ("SD", CHICAGO, "2026-11-21T12:00", "now", "2026-11-23T09:00"),
        ("NE", CHICAGO, "2026-11-22T12:00", "now", "2026-11-22T13:00"),
        ("NE", CHICAGO, "2026-11-26T09:00", "now", "2026-11-26T13:00"),
    ],
)
def test_an_artificial_voice_keeps_the_automated_hours_too(
    state: str, zone: str, local: str, text: str, call: str
) -> None:
    """Whether an AI is an automated device is untested; a text is not one."""
    assert opens(contact(state, zone, local)) == text
    assert opens(contact(state, zone, local, Channel.VOICE)) == call


@pytest.mark.parametrize(
    ("channel", "local", "when"),
    [
        (Channel.SMS, "2026-11-18T09:59", "2026-11-18T10:00"),
        (Channel.SMS, "2026-11-18T17:59", "now"),
        (Channel.SMS, "2026-11-18T18:00", "2026-11-19T10:00"),
        (Channel.SMS, "2026-11-21T16:59", "now"),
        (Channel.SMS, "2026-11-21T17:00", "2026-11-23T10:00"),
        (Channel.SMS, "2026-11-22T12:00", "2026-11-23T10:00"),
        (Channel.SMS, "2026-11-26T12:00", "2026-11-28T10:00"),
        (Channel.VOICE, "2026-11-18T16:59", "now"),
        (Channel.VOICE, "2026-11-18T17:00", "2026-11-19T10:00"),
        (Channel.VOICE, "2026-11-21T12:00", "2026-11-23T10:00"),
    ],
)
@pytest.mark.parametrize("states", ["", "AS", "IL ??"])
def test_an_unknown_state_has_the_strictest_hours_of_all(channel: Channel, local: str, when: str, states: str) -> None:
    """Weekdays 10 to 6, Saturdays 10 to 5, never on Sundays and holidays; calls on weekdays 10 to 5 (POLICY 2.2)."""
    assert opens(contact(states, CHICAGO, local, channel)) == when


def test_mississippi_reads_the_central_clock_wherever_the_lead_is() -> None:
    """Its hours are stated in Central time: 8:30 in New York is not yet eight."""
    early = contact("MS", NEW_YORK, "2026-11-18T08:30")
    assert opens(early) == "2026-11-18T09:00"
    assert opens(contact("NY", NEW_YORK, "2026-11-18T08:30")) == "now"


def test_a_refusal_names_the_states_that_are_closed() -> None:
    """With their sources, not those of the states that are open."""
    said = answer(contact("NY RI", NEW_YORK, "2026-11-18T18:30"))
    assert isinstance(said, Refusal)
    assert (said.rule, said.why) == ("state_hours", "closed in Rhode Island")
    assert said.citation.startswith("R.I. Gen. Laws 5-61-2(9)")
    anywhere = answer(contact("", NEW_YORK, "2026-11-22T12:00"))
    assert isinstance(anywhere, Refusal)
    assert anywhere.why.endswith("more")


def test_no_zone_is_no_hour() -> None:
    """Whatever the states."""
    nowhere = Contact(VIEW, CAMPAIGN, Channel.SMS, PermitKind.INITIATE, NOON, LEAD, where=Place((), ("IL",)))
    assert answer(nowhere).reason == "zone_unknown"


# An own request -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["NJ", "CA", "WA", "MT", "RI", "MN", "ND"])
def test_some_states_want_the_leads_own_request_for_a_voice(state: str) -> None:
    """Without an inquiry an artificial voice stays away, for ever; texts and requested calls are not concerned."""
    cold = contact(state, DENVER, "2026-11-18T12:00", Channel.VOICE)
    cold = replace(cold, view=cold.view.model_copy(update={"source": "import"}))
    said = answer(cold)
    assert isinstance(said, Refusal)
    assert (said.reason, said.next_allowed) == ("no_inquiry", None)
    assert said.citation
    assert isinstance(answer(replace(cold, view=cold.view.model_copy(update={"source": "web_form"}))), Permit)
    assert isinstance(answer(replace(cold, channel=Channel.SMS)), Permit)
    assert isinstance(answer(replace(cold, permit=PermitKind.REQUESTED_TIME)), Permit)


@pytest.mark.parametrize("state", ["IL", "FL", "TX", "IN"])
def test_elsewhere_written_consent_is_enough(state: str) -> None:
    """The rule is the row's, not ours."""
    cold = contact(state, CHICAGO, "2026-11-18T12:00", Channel.VOICE)
    assert isinstance(answer(replace(cold, view=cold.view.model_copy(update={"source": "import"}))), Permit)


def test_waiting_that_leads_nowhere_names_what_no_time_lifts() -> None:
    """At night in New Jersey, without an inquiry: not "quiet hours", for the morning would not help."""
    night = contact("NJ", NEW_YORK, "2026-11-18T23:00", Channel.VOICE)
    said = answer(replace(night, view=night.view.model_copy(update={"source": "import"})))
    assert isinstance(said, Refusal)
    assert (said.reason, said.next_allowed) == ("no_inquiry", None)


# The morning after ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrote", "now", "when"),
    [
        ("2026-11-18T21:00", "2026-11-19T08:30", "2026-11-19T10:00"),
        ("2026-11-18T20:00", "2026-11-19T09:59", "2026-11-19T10:00"),
        ("2026-11-18T19:59", "2026-11-19T09:30", "now"),
        ("2026-11-19T02:00", "2026-11-19T09:30", "2026-11-19T10:00"),
        ("2026-11-18T21:00", "2026-11-19T10:00", "now"),
        ("2026-11-17T21:00", "2026-11-19T09:30", "now"),
    ],
)
def test_who_writes_late_is_not_called_early(wrote: str, now: str, when: str) -> None:
    """A text at 9 pm is no reason to ring before ten; one by day, or of another day, does not matter."""
    asked = contact("TX", CHICAGO, now, Channel.VOICE)
    at = datetime.fromisoformat(wrote).replace(tzinfo=ZoneInfo(CHICAGO))
    asked = replace(asked, view=asked.view.model_copy(update={"last_lead_text_at": at}))
    assert opens(asked) == when
    assert lawful_hours.morning_after(replace(asked, channel=Channel.SMS)) is None


@pytest.mark.parametrize(
    ("facts", "promises", "when"),
    [
        ({"ready_to_talk": (True, "18T20:59")}, [], "10:00"),
        ({"ready_to_talk": (True, "18T20:59"), "callback_earliest": ("2026-11-19T09:00", "18T20:59")}, [], "now"),
        ({"callback_earliest": ("2026-11-19T09:00", "18T20:59")}, [], "now"),
        ({"ready_to_talk": (True, "18T20:59"), "callback_earliest": ("2026-11-18T15:00", "18T14:00")}, [], "10:00"),
        ({"ready_to_talk": (True, "18T20:59")}, ["18T21:05"], "now"),
        ({"ready_to_talk": (True, "18T20:59")}, ["18T14:00"], "10:00"),
    ],
    ids=["a yes", "a yes with an hour", "an hour", "an hour before the yes", "promised since", "promised before"],
)
def test_a_yes_in_the_evening_is_none_to_an_early_call(
    facts: dict[str, tuple[object, str]], promises: list[str], when: str
) -> None:
    """Whoever says at 8:59 pm that we may call is called from ten on, unless an earlier hour was agreed on."""

    def at(text: str) -> datetime:
        return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=ZoneInfo(CHICAGO))

    asked = contact("TX", CHICAGO, "2026-11-19T09:30", Channel.VOICE, PermitKind.REQUESTED_TIME)
    view = asked.view.model_copy(
        update={
            "last_lead_text_at": at("18T20:59"),
            "facts": {key: Fact(value=value, source="sms:1", at=at(said)) for key, (value, said) in facts.items()},
            "ledger": tuple(
                Commitment(promise="p", what="call", by="call", due=asked.now, made_at=at(made)) for made in promises
            ),
        }
    )
    assert opens(replace(asked, view=view)).removeprefix("2026-11-19T") == when


# Properties -----------------------------------------------------------------------------------------------------------

START = datetime(2026, 10, 25, tzinfo=UTC)
moments = st.timedeltas(timedelta(0), timedelta(days=146)).map(lambda later: START + later)
some_states = st.lists(st.sampled_from(STATES), min_size=1, max_size=4, unique=True).map(tuple)
some_zones = st.lists(
    st.sampled_from([CHICAGO, NEW_YORK, DENVER, PHOENIX, "America/Los_Angeles"]), min_size=1, max_size=3, unique=True
).map(tuple)


def within(states: tuple[str, ...], zones: tuple[str, ...], now: datetime, channel: Channel) -> Contact:
    """A contact with an inquiry an hour ago."""
    view = ASKED.model_copy(update={"arrived_at": now - HOUR})
    return Contact(view, ANY_HOUR, channel, PermitKind.INITIATE, now, LEAD, where=Place(zones, states))


def objects(asked: Contact) -> Objection | None:
    """What the rules of hours say."""
    return lawful_hours.federal_hours(asked) or lawful_hours.state_hours(asked)


@given(states=some_states, zones=some_zones, now=moments, channel=st.sampled_from(Channel))
def test_the_hour_that_is_named_is_never_refused_for_its_hour(
    states: tuple[str, ...], zones: tuple[str, ...], now: datetime, channel: Channel
) -> None:
    """Asked again at the named minute, no rule of hours objects; a minute earlier one does."""
    said = answer(within(states, zones, now, channel))
    if isinstance(said, Permit) or said.next_allowed is None:
        return
    assert said.next_allowed > now
    assert objects(within(states, zones, said.next_allowed, channel)) is None
    before = max(now, said.next_allowed - timedelta(minutes=1))
    assert objects(within(states, zones, before, channel)) is not None


@given(states=some_states, more=some_states, zones=some_zones, now=moments, channel=st.sampled_from(Channel))
def test_more_states_never_open_more(
    states: tuple[str, ...], more: tuple[str, ...], zones: tuple[str, ...], now: datetime, channel: Channel
) -> None:
    """What is refused for some candidates is refused for more of them, and for none known."""
    fewer = objects(within(states, zones, now, channel))
    wider = [objects(within((*states, *more), zones, now, channel)), objects(within((), zones, now, channel))]
    for objections in pairwise([fewer, *wider]):
        assert objections[0] is None or objections[1] is not None


@given(state=st.sampled_from(STATES), zones=some_zones, now=moments)
def test_no_state_lets_a_voice_in_where_it_keeps_a_text_out(state: str, zones: tuple[str, ...], now: datetime) -> None:
    """A call is bound by both columns."""
    text = objects(within((state,), zones, now, Channel.SMS))
    assert text is None or objects(within((state,), zones, now, Channel.VOICE)) is not None


def test_the_cap_and_the_hours_meet() -> None:
    """The cap is free at 2 am; the day opens at eight."""
    asked = contact("FL", NEW_YORK, "2026-11-18T12:00")
    old = tuple(
        touch(Channel.SMS, age).model_copy(update={"at": asked.now - age}) for age in (10 * HOUR, 9 * HOUR, 8 * HOUR)
    )
    said = answer(replace(asked, view=asked.view.model_copy(update={"touches": old})))
    assert isinstance(said, Refusal)
    assert said.reason == "attempts_cap"
    assert said.next_allowed is not None
    assert said.next_allowed.astimezone(ZoneInfo(NEW_YORK)).isoformat() == "2026-11-19T08:00:00-05:00"
