"""What the lead types on his telephone, put together from single keys. Pure; times are ms of the call's audio."""

PAUSE_MS = 1_500
"""Who types no key for so long is done."""
STOP = "9"
"""The silent fallback of "stop calls" (47 CFR 64.1200(b)(3))."""
PERSON = "0"
"""What people press who want a person, on every line there is."""
_ENDS = "#"
_MOST = 20
"""No number is longer: what else comes is a child at play, or a pocket."""


class Keypad:
    """One call's keys. A 9 among others is a digit of something; by itself it is a stop."""

    def __init__(self) -> None:
        self._typed = ""
        self._pressed_ms = -PAUSE_MS

    def press(self, key: str, now_ms: int, *, number_wanted: bool) -> str | None:
        """Takes a key; returns what was typed if that is all of it. `number_wanted`: a number was asked for, so that
        more keys may follow."""
        is_first = now_ms - self._pressed_ms >= PAUSE_MS
        self._pressed_ms = now_ms
        if key == _ENDS or (key == STOP and is_first and not number_wanted):
            return self._take(key)
        self._typed = (self._typed + key)[:_MOST]
        return None

    def rest(self, now_ms: int) -> str | None:
        """What was typed, once no key has followed for a while."""
        is_done = self._typed and now_ms - self._pressed_ms >= PAUSE_MS
        return self._take("") if is_done else None

    def last(self) -> str:
        """What was typed so far: the call is over."""
        return self._take("")

    def _take(self, key: str) -> str:
        typed, self._typed = self._typed + key, ""
        return typed.strip("#*")


def is_stop(typed: str) -> bool:
    """Whether it is the key that stops everything, however often it was pressed."""
    return bool(typed) and not typed.strip(STOP)


def is_wish_for_person(typed: str) -> bool:
    """Whether it is the key by which people ask for somebody."""
    return bool(typed) and not typed.strip(PERSON)
