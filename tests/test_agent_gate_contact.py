from datetime import UTC, date, datetime

import pytest
from gate_support import CAMPAIGN, LEAD, MINUTE, NIGHT, NOON, VIEW, seen

from agent.gate.contact import Contact, Rule
from agent.gate.zones import Place
from state.effects import PermitKind
from state.events import Channel, Scope


def contact(permit: PermitKind = PermitKind.INITIATE, channel: Channel = Channel.SMS, **changes: object) -> Contact:
    """A contact with the lead at noon."""
    return Contact(seen(**changes), CAMPAIGN, channel, permit, NOON, LEAD)


@pytest.mark.parametrize(
    ("channel", "minutes", "kind"),
    [
        (Channel.SMS, 0, PermitKind.REPLY_TO_LEAD),
        (Channel.SMS, 15, PermitKind.REPLY_TO_LEAD),
        (Channel.SMS, 16, PermitKind.INITIATE),
        (Channel.VOICE, 0, PermitKind.INITIATE),
    ],
)
def test_an_answer_is_one_for_a_while_and_by_text(channel: Channel, minutes: int, kind: PermitKind) -> None:
    """What comes later, or rings, is ours."""
    asked = contact(PermitKind.REPLY_TO_LEAD, channel, last_lead_text_at=NOON - minutes * MINUTE)
    assert asked.kind is kind
    rule = Rule("r", "", lambda contact: None, frozenset({PermitKind.REPLY_TO_LEAD}))
    assert rule.binds(asked) is (kind is PermitKind.INITIATE)


@pytest.mark.parametrize("permit", sorted(set(PermitKind) - {PermitKind.REPLY_TO_LEAD}))
def test_any_other_kind_is_what_it_says(permit: PermitKind) -> None:
    """Whenever it comes."""
    assert contact(permit).kind is permit


def test_the_place_is_the_numbers_and_zips_unless_it_is_given() -> None:
    """A case names its own."""
    assert contact().place.zones == ("America/Chicago",)
    given = Place(("America/Denver",), ("UT",))
    assert Contact(VIEW, CAMPAIGN, Channel.SMS, PermitKind.INITIATE, NOON, LEAD, where=given).place == given


def test_the_day_is_the_leads() -> None:
    """At 11 pm in Chicago it is tomorrow in New York: the rules of both days bind."""
    both = Place(("America/Chicago", "America/New_York"), ("IL",))
    late = datetime(2026, 11, 19, 5, 30, tzinfo=UTC)
    asked = Contact(VIEW, CAMPAIGN, Channel.SMS, PermitKind.INITIATE, late, LEAD, where=both)
    assert asked.days == {date(2026, 11, 18), date(2026, 11, 19)}
    assert [row.state for row in asked.state_rules] == ["IL"]


def test_each_channel_has_a_consent_of_its_own() -> None:
    """A text's is no call's."""
    texts = {Scope.SMS: VIEW.consents[Scope.SMS]}
    assert contact(consents=texts).consent == texts[Scope.SMS]
    assert contact(channel=Channel.VOICE, consents=texts).consent is None


def test_a_later_time_is_tried_on_the_same_contact() -> None:
    """It remembers when it was first asked about."""
    later = contact().at(NIGHT)
    assert (later.now, later.asked_at) == (NIGHT, NOON)
    assert later.at(NIGHT + MINUTE).asked_at == NOON
    assert later.view is VIEW or later.view == VIEW
