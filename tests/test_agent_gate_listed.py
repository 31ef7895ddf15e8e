from datetime import UTC, date, datetime, timedelta

import pytest
from gate_support import CAMPAIGN, HOUR, LEAD, MINUTE, NOON, SARAH, VIEW, WRITTEN, asked, refused, said, seen

from agent.gate.contact import Contact
from agent.gate.gate import Permit
from agent.gate.listed import do_not_call
from agent.gate.registers import Barred, DoNotCall, Emergency, Reassignment, Registers
from state.effects import PermitKind
from state.events import Channel, Scope
from state.view import Call, View

TODAY = NOON.date()
OTHER_KINDS = set(PermitKind) - {PermitKind.STAFF}


def listed_on(copied_on: date, *numbers: str) -> Registers:
    """A copy of the Do-Not-Call registry."""
    return Registers(do_not_call=DoNotCall(copied_on, numbers))


def asked_database(answer: str, asked_on: date = TODAY) -> Registers:
    """An answer of the Reassigned Numbers Database."""
    row = Reassignment.model_validate({"number": LEAD, "answer": answer, "asked_on": asked_on})
    return Registers(reassigned={LEAD: row})


def agreed(ago: timedelta, basis: str = "written") -> View:
    """A lead whose consents are so old."""
    at = NOON - ago
    return seen(consents={scope: c.model_copy(update={"at": at, "basis": basis}) for scope, c in WRITTEN.items()})


# Switches -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("permit", sorted(OTHER_KINDS))
def test_the_kill_switch_stops_every_contact_with_a_lead(permit: PermitKind) -> None:
    """Replies too. It says why, and has no end of its own."""
    answer = asked(seen(**said(MINUTE)), permit=permit, registers=Registers(kill_switch="wrong form text"))
    assert (refused(answer), answer.next_allowed) == ("kill_switch", None)
    assert getattr(answer, "why", "") == "wrong form text"


def test_registers_that_cannot_be_read_stop_everything_too() -> None:
    """What is on them is not known, so everybody could be."""
    broken = Registers(fault="internal.csv:3: number: is empty")
    assert refused(asked(registers=broken)) == "registers_unreadable"


def test_a_lead_on_the_line_still_reaches_a_person() -> None:
    """Our own people's telephones are not outreach."""
    stopped = Registers(kill_switch="x")
    assert isinstance(asked(channel=Channel.VOICE, permit=PermitKind.STAFF, to=SARAH, registers=stopped), Permit)


# The company's own list -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("permit", sorted(OTHER_KINDS - {PermitKind.OPT_OUT_CONFIRMATION}))
def test_who_is_on_the_companys_list_is_never_contacted(permit: PermitKind) -> None:
    """Consent or not, answer or not."""
    row = Barred(number=LEAD, reason="litigator", added=date(2026, 1, 2))
    answer = asked(seen(**said(MINUTE)), permit=permit, registers=Registers(barred={LEAD: row}))
    assert refused(answer) == "internal_list"


def test_another_number_on_the_list_does_not_matter() -> None:
    """It is looked up by the number that would be contacted."""
    row = Barred(number=SARAH, reason="x", added=TODAY)
    assert isinstance(asked(registers=Registers(barred={SARAH: row})), Permit)


# Do not call ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("age", "permitted"), [(0, True), (31, True), (32, False), (-1, True), (-2, False)])
def test_a_copy_of_the_registry_is_good_for_31_days(age: int, permitted: bool) -> None:
    """47 CFR 64.1200(c)(2)(i)(D). An old copy stops everything that needs one; one from the future is no copy."""
    answer = asked(registers=listed_on(TODAY - timedelta(days=age)))
    assert isinstance(answer, Permit) is permitted
    assert answer.reason == ("ok" if permitted else "dnc_copy_stale")


def test_written_consent_lifts_do_not_call() -> None:
    """The signed agreement names seller and number (64.1200(c)(2)(ii)); it does so for both channels."""
    registers = listed_on(TODAY, LEAD)
    for channel in Channel:
        assert isinstance(asked(channel=channel, registers=registers), Permit)


def contact(channel: Channel, registers: Registers, source: str, basis: str = "inquiry") -> Contact:
    """A contact without written consent, which the consent rule would refuse before this one is asked."""
    view = agreed(timedelta(days=1), basis).model_copy(update={"source": source, "arrived_at": NOON - HOUR})
    return Contact(view, CAMPAIGN, channel, PermitKind.INITIATE, NOON, LEAD, registers)


def test_an_inquiry_lifts_it_for_texts_but_never_for_an_artificial_voice() -> None:
    """An established business relationship never replaces written consent (64.1200(f)(5), FCC 24-17)."""
    registers = listed_on(TODAY, LEAD)
    assert do_not_call(contact(Channel.SMS, registers, "web_form")) is None
    for channel, source in [(Channel.VOICE, "web_form"), (Channel.SMS, "import"), (Channel.VOICE, "import")]:
        objection = do_not_call(contact(channel, registers, source))
        assert objection is not None
        assert objection.reason == "dnc_registered"
    assert (
        refused(asked(agreed(timedelta(days=1), "inquiry"), Channel.VOICE, registers=registers))
        == "consent_not_written"
    )


def test_without_a_copy_nobody_without_written_consent_is_clear() -> None:
    """Unknown is a no."""
    unknown = do_not_call(contact(Channel.VOICE, Registers(), "web_form"))
    assert unknown is not None
    assert unknown.reason == "dnc_unknown"
    assert do_not_call(contact(Channel.VOICE, listed_on(TODAY), "import")) is None


# Reassigned numbers ---------------------------------------------------------------------------------------------------


def test_a_number_that_changed_hands_is_closed() -> None:
    """For both channels, until there is a consent that is younger than the answer."""
    for channel in Channel:
        assert refused(asked(channel=channel, registers=asked_database("yes"))) == "number_reassigned"
    before = asked_database("yes", (NOON - timedelta(days=2)).date())
    assert isinstance(asked(registers=before), Permit)


@pytest.mark.parametrize(
    ("answer", "ago", "reason"),
    [
        ("no", 0, "ok"),
        ("no", 31, "ok"),
        ("no", 32, "rnd_unchecked"),
        ("no_data", 0, "rnd_unchecked"),
        (None, 0, "rnd_unchecked"),
    ],
)
def test_an_old_consent_needs_a_fresh_no_before_the_first_call(answer: str | None, ago: int, reason: str) -> None:
    """Only "no" protects (64.1200(m)); "no data" does not. Texts are not concerned."""
    old = agreed(timedelta(days=60))
    registers = asked_database(answer, TODAY - timedelta(days=ago)) if answer else Registers()
    assert asked(old, Channel.VOICE, registers=registers).reason == reason
    assert isinstance(asked(old, registers=registers), Permit)


def test_a_fresh_consent_needs_none() -> None:
    """Thirty days, to the second."""
    month = timedelta(days=30)
    assert isinstance(asked(agreed(month), Channel.VOICE), Permit)
    assert refused(asked(agreed(month + timedelta(seconds=1)), Channel.VOICE)) == "rnd_unchecked"


def test_an_answer_from_before_the_consent_says_nothing() -> None:
    """It is about another owner's time."""
    old = agreed(timedelta(days=40))
    assert refused(asked(old, Channel.VOICE, registers=asked_database("no", date(2026, 10, 1)))) == "rnd_unchecked"


def test_who_has_talked_with_us_has_the_number_still() -> None:
    """On a call since he agreed; a call from before, or one that nobody answered, shows nothing."""
    old = agreed(timedelta(days=60))
    talked = Call(
        call="CA1", direction="outbound", status="completed", placed_at=NOON - timedelta(days=50), ended=True, turns=2
    )
    assert isinstance(asked(old.model_copy(update={"calls": {"CA1": talked}}), Channel.VOICE), Permit)
    for change in ({"turns": 0}, {"placed_at": NOON - timedelta(days=61)}):
        view = old.model_copy(update={"calls": {"CA1": talked.model_copy(update=change)}})
        assert refused(asked(view, Channel.VOICE)) == "rnd_unchecked"


# Emergencies ----------------------------------------------------------------------------------------------------------


def suspended(**changes: object) -> Registers:
    """Illinois, all of it, since yesterday."""
    row = {"state": "IL", "starts": TODAY - timedelta(days=1), "source": "Proclamation 7"} | changes
    return Registers(emergencies=(Emergency.model_validate(row),))


def test_nobody_is_solicited_where_an_emergency_was_declared() -> None:
    """On either channel, asked for or not; the source is named."""
    for channel, permit in [
        (Channel.SMS, PermitKind.INITIATE),
        (Channel.VOICE, PermitKind.INITIATE),
        (Channel.VOICE, PermitKind.REQUESTED_TIME),
    ]:
        answer = asked(channel=channel, permit=permit, registers=suspended())
        assert (refused(answer), answer.next_allowed) == ("emergency", None)
        assert "Proclamation 7" in getattr(answer, "why", "")


def test_an_answer_may_go_there() -> None:
    """Who writes to us is answered."""
    assert isinstance(asked(seen(**said(MINUTE)), permit=PermitKind.REPLY_TO_LEAD, registers=suspended()), Permit)


def test_elsewhere_and_at_other_times_it_does_not_matter() -> None:
    """Another state, a county he is not in, a day before it starts or after it ends."""
    tomorrow = TODAY + timedelta(days=1)
    for registers in (
        suspended(state="NY"),
        suspended(starts=tomorrow),
        suspended(ends=TODAY - timedelta(days=1)),
    ):
        assert isinstance(asked(registers=registers), Permit)
    county = suspended(zips="605 6061")
    assert refused(asked(seen(zip="60614"), registers=county)) == "emergency"
    assert isinstance(asked(seen(zip="60714"), registers=county), Permit)
    assert refused(asked(registers=county)) == "emergency"


def test_an_emergency_that_ends_is_waited_for() -> None:
    """Until the morning after its last day, at the lead's."""
    answer = asked(registers=suspended(ends=TODAY))
    assert refused(answer) == "emergency"
    assert answer.next_allowed == datetime(2026, 11, 19, 14, tzinfo=UTC)


def test_all_states_he_could_be_in_count() -> None:
    """A Chicago ZIP on a Tampa number: an emergency in Florida may be his."""
    view = seen(number="+18135550142", zip="60614")
    assert refused(asked(view, to="+18135550142", registers=suspended(state="FL"))) == "emergency"


def test_consent_of_the_scope_is_what_counts() -> None:
    """A written consent to texts lifts nothing for a call."""
    texts_only = VIEW.model_copy(update={"consents": {Scope.SMS: WRITTEN[Scope.SMS]}, "source": "import"})
    call = Contact(texts_only, CAMPAIGN, Channel.VOICE, PermitKind.INITIATE, NOON, LEAD, listed_on(TODAY, LEAD))
    objection = do_not_call(call)
    assert objection is not None
    assert objection.reason == "dnc_registered"
