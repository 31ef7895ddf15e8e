"""What is typed on a telephone, key by key."""

import pytest

from telephony.live.keypad import PAUSE_MS, Keypad, is_stop, is_wish_for_person


def test_nine_by_itself_is_told_at_once() -> None:
    """It is the way out: nobody waits for it."""
    assert Keypad().press("9", 0, number_wanted=False) == "9"


def test_a_nine_in_a_number_is_a_digit() -> None:
    """Where a number was asked for, and behind other keys."""
    asked, unasked = Keypad(), Keypad()
    assert [asked.press(key, at, number_wanted=True) for at, key in enumerate("90219")] == [None] * 5
    assert [unasked.press(key, at, number_wanted=False) for at, key in enumerate("609")] == [None] * 3
    assert asked.rest(PAUSE_MS) is None
    assert [pad.rest(PAUSE_MS + 4) for pad in (asked, unasked)] == ["90219", "609"]
    assert asked.rest(2 * PAUSE_MS) is None


def test_a_nine_right_behind_other_keys_stops_nothing() -> None:
    """A pocket presses them all; a nine after a pause is meant."""
    keypad = Keypad()
    assert [keypad.press(key, at, number_wanted=False) for at, key in enumerate("5#")] == [None, "5"]
    assert keypad.press("9", 2, number_wanted=False) is None
    assert keypad.press("4", 3, number_wanted=False) is None
    assert keypad.rest(3 + PAUSE_MS) == "94"
    assert keypad.press("9", 3 + PAUSE_MS, number_wanted=False) == "9"


def test_a_nine_where_a_number_was_asked_for_stops_when_nothing_follows() -> None:
    """In doubt he is left alone."""
    keypad = Keypad()
    assert keypad.press("9", 0, number_wanted=True) is None
    typed = keypad.rest(PAUSE_MS)
    assert typed is not None
    assert is_stop(typed)


def test_the_number_sign_ends_what_is_typed() -> None:
    """As people are used to; by itself it is nothing."""
    keypad = Keypad()
    assert [keypad.press(key, 0, number_wanted=True) for key in "60614#"][-1] == "60614"
    assert keypad.press("#", 0, number_wanted=False) == ""
    assert keypad.last() == ""


def test_what_was_typed_as_the_call_ended_is_not_lost() -> None:
    """It may be a stop."""
    keypad = Keypad()
    keypad.press("9", 0, number_wanted=True)
    assert keypad.last() == "9"


def test_keys_without_end_are_not_kept() -> None:
    """A telephone in a pocket."""
    keypad = Keypad()
    for at in range(1_000):
        keypad.press("5", at, number_wanted=False)
    assert keypad.last() == "5" * 20


@pytest.mark.parametrize("typed", ["9", "99", "0", "00", "90", "911", ""])
def test_what_keys_mean_by_themselves(typed: str) -> None:
    """However often they are pressed."""
    assert is_stop(typed) == (typed in {"9", "99"})
    assert is_wish_for_person(typed) == (typed in {"0", "00"})
