from datetime import UTC, datetime, timedelta

import pytest

from telephony.sandbox.resources import Call, CallStatus, Direction, national, new_sid, rfc2822, segments

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


def test_dates_are_rfc_2822() -> None:
    """As in every resource of the API; nothing for what has not happened."""
    assert rfc2822(NOON) == "Wed, 18 Nov 2026 12:00:00 +0000"
    assert rfc2822(None) is None


def test_sids_are_two_letters_and_32_digits() -> None:
    """And no two are alike."""
    sid = new_sid("CA")
    assert sid.startswith("CA")
    assert len(sid) == 34
    assert int(sid[2:], 16) >= 0
    assert sid != new_sid("CA")


def test_numbers_are_formatted_for_people() -> None:
    """North American ones in the national form, others and words as they are."""
    assert national("+13125550142") == "(312) 555-0142"
    assert national("+442071838750") == "+442071838750"
    assert national("anonymous") == "anonymous"


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("’" * 70, 1),
        ("’" * 71, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_segments(body: str, count: int) -> None:
    """GSM-7 holds 160 alone and 153 joined, UCS-2 70 and 67; some characters take two."""
    assert segments(body) == count


def test_a_call_is_shown_with_its_duration_once_over() -> None:
    """Empty until it completed, and then whole seconds as a string."""
    call = Call("AC1", "+13125550142", "+13125550100", Direction.OUTBOUND_API, NOON)
    assert call.shown()["duration"] is None
    call.started, call.ended = NOON, NOON + timedelta(seconds=61.2)
    call.status = CallStatus.COMPLETED
    shown = call.shown()
    assert (shown["duration"], shown["status"], shown["direction"]) == ("61", "completed", "outbound-api")


@pytest.mark.parametrize("status", list(CallStatus))
def test_a_call_is_over_in_five_states(status: CallStatus) -> None:
    """Completed, busy, failed, no answer, canceled."""
    assert status.over is (status not in {CallStatus.QUEUED, CallStatus.RINGING, CallStatus.IN_PROGRESS})
