from datetime import UTC, datetime, timedelta

import pytest

from agent.gate.cases import CAMPAIGN as NEUTRAL
from agent.gate.cases import CONSENTS, KINDS, Answer, Case, Unreadable, ask, read_cases, require_columns, view_of
from agent.gate.tables import TableError
from state.effects import PermitKind
from state.events import Channel

ROW = {
    "id": "X1",
    "now_utc": "2026-11-18T20:05:00Z",
    "states": "IL",
    "zones": "America/Chicago",
    "channel": "sms",
    "consent": "written",
    "expected": "allow",
    "reason": "ok",
}


def case(**changes: str) -> Case:
    """An afternoon in Chicago, some of it changed."""
    return Case.model_validate(ROW | changes)


NIGHT = "2026-11-19T05:10:00Z"
"""11:10 pm in Chicago."""


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "allow ok"),
        ({"suppressed": "1"}, "block opted_out"),
        ({"consent": "revoked"}, "block opted_out"),
        ({"consent": "revoked_then_START"}, "allow ok"),
        ({"consent": "voice_only"}, "block no_consent"),
        ({"consent": "voice_only", "channel": "voice"}, "allow ok"),
        ({"consent": "inquiry"}, "block consent_not_written"),
        ({"contacts_24h": "3"}, "hold attempts_cap"),
        ({"contacts_24h": "2", "last_contact_s": "40"}, "hold min_spacing"),
        ({"contacts_24h": "3", "last_contact_s": "80000"}, "hold attempts_cap"),
        ({"kind": "reply", "lead_last_text_s": "900", "now_utc": NIGHT}, "allow reply_to_lead"),
        ({"kind": "reply", "lead_last_text_s": "901", "now_utc": NIGHT}, "hold quiet_hours 2026-11-19T08:00"),
        ({"kind": "reply", "now_utc": NIGHT}, "hold quiet_hours 2026-11-19T08:00"),
        ({"kind": "reply", "lead_last_text_s": "20", "consent": "none"}, "allow reply_to_lead"),
        ({"kind": "reply", "lead_last_text_s": "20", "suppressed": "1"}, "block opted_out"),
        ({"kind": "reply", "lead_last_text_s": "20", "contacts_24h": "3"}, "allow reply_to_lead"),
        ({"kind": "reply", "channel": "voice", "lead_last_text_s": "20", "now_utc": NIGHT}, "hold quiet_hours"),
        ({"kind": "requested_time", "channel": "voice", "last_contact_s": "40"}, "allow requested_time"),
        ({"kind": "requested", "channel": "voice", "now_utc": NIGHT}, "hold quiet_hours"),
        ({"kind": "voicemail_follow_up", "last_contact_s": "60"}, "allow voicemail_follow_up"),
        ({"kind": "confirmation", "suppressed": "1", "lead_last_text_s": "300"}, "allow opt_out_confirmation"),
        ({"kind": "confirmation", "suppressed": "1", "lead_last_text_s": "301"}, "block opted_out"),
        ({"states": "", "zones": ""}, "block zone_unknown"),
        ({"states": "unknown", "zones": "unknown"}, "block zone_unknown"),
        ({"states": "", "now_utc": "2026-11-22T18:00:00Z"}, "hold quiet_hours 2026-11-23T10:00"),
        ({"channel": "voice", "now_utc": "2026-11-18T14:30:00Z"}, "hold quiet_hours 2026-11-18T09:00"),
        ({"states": "NJ", "channel": "voice"}, "block no_inquiry"),
        ({"states": "NJ", "channel": "voice", "inquiry": "1"}, "allow ok"),
        ({"zones": "America/Nowhere"}, "block gate_error"),
    ],
)
def test_what_the_gate_says_to_a_case(changes: dict[str, str], said: str) -> None:
    """Each column has its effect."""
    answer = ask(case(**changes))
    told = f"{answer.verdict} {answer.reason} {answer.next_allowed}".strip()
    assert told.startswith(said)


def test_right_is_verdict_reason_and_next_time() -> None:
    """The time only where the case gives one."""
    answer = Answer("hold", "quiet_hours", "2026-11-19T08:00")
    held = {"expected": "hold", "reason": "quiet_hours"}
    assert answer.matches(case(**held))
    assert answer.matches(case(**held, next_allowed_local_first_zone="2026-11-19T08:00"))
    assert not answer.matches(case(**held, next_allowed_local_first_zone="2026-11-19T09:00"))
    assert not answer.matches(case(expected="block", reason="quiet_hours"))
    assert not answer.matches(case(expected="hold", reason="attempts_cap"))


def test_a_row_that_cannot_be_read_spoils_no_other() -> None:
    """It is named, and counts as no case."""
    header = ",".join(ROW)
    good, bad = ",".join(ROW.values()), ",".join((ROW | {"consent": "perhaps", "id": "X2"}).values())
    read = list(read_cases(f"{header}\n{bad}\n{good}\n", "cases.csv"))
    assert isinstance(read[0], Unreadable)
    assert (read[0].line, read[0].id) == (2, "X2")
    assert "consent" in read[0].fault
    assert isinstance(read[1], Case)


def test_columns_nobody_knows_are_passed_over() -> None:
    """A larger table may have more of them; without the ones that make a case it is another table."""
    text = ",".join([*ROW, "author"]) + "\n" + ",".join([*ROW.values(), "me"]) + "\n"
    require_columns(text, "cases.csv")
    assert [type(one) for one in read_cases(text, "cases.csv")] == [Case]
    with pytest.raises(TableError, match=r"cases\.csv:1: the header lacks expected, reason"):
        require_columns("id,now_utc,channel\n", "cases.csv")


def test_a_moment_without_a_zone_is_utc() -> None:
    """As the column's name says."""
    assert case(now_utc="2026-11-18T20:05:00").now == datetime(2026, 11, 18, 20, 5, tzinfo=UTC)


@pytest.mark.parametrize("consent", sorted(CONSENTS))
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_word_of_the_table_makes_a_conversation(consent: str, kind: str) -> None:
    """And the gate has an answer to it."""
    row = case(consent=consent, kind=kind)
    view = view_of(row, NEUTRAL)
    assert view.number
    assert ask(row).verdict in {"allow", "hold", "block"}


def test_the_history_adds_up() -> None:
    """The last contact is one of the day's, on the other channel; the others came before it."""
    view = view_of(case(contacts_24h="3", last_contact_s="40", channel="voice"), NEUTRAL)
    now = case().now
    assert [touch.channel for touch in view.touches] == [Channel.SMS] * 3
    assert max(touch.at for touch in view.touches) == now - timedelta(seconds=40)
    assert all(now - touch.at < timedelta(hours=24) for touch in view.touches)
    yesterday = view_of(case(contacts_24h="1", last_contact_s="90000"), NEUTRAL)
    assert len(yesterday.touches) == 2
    assert view_of(case(), NEUTRAL).touches == ()
    assert {touch.permit for touch in view.touches} == {PermitKind.INITIATE}
