"""By how much a time that stands is to be moved: "can we do an hour later", "push it back thirty minutes"."""

import re
from datetime import timedelta

from agent.words import any_of

_COUNT = r"(?P<{0}>\d{{1,3}}|an?|half an|a half|a couple(?: of)?|couple(?: of)?)"
_UNIT = r"(?P<{0}u>hours?|hrs?|minutes?|mins?)(?P<{0}h> and a half)?"
_FIRST, _SECOND, _THIRD = (f"{_COUNT.format(which)} {_UNIT.format(which)}" for which in "abc")
_IT = r"(?:it|that|the \S+|our \S+|my \S+|me|us)"
_SHIFT = any_of(
    rf"{_FIRST} (?P<which>later|earlier|sooner|back)(?! today| on)",
    rf"(?:push|move|bump|shift|put) {_IT} (?P<to>back|out|up|forward)(?: by)? {_SECOND}",
    rf"(?:push|bump|delay|put off) {_IT}(?: by)? {_THIRD}",
)
_EARLIER = frozenset({"earlier", "sooner", "up", "forward"})


def shift_in(said: str) -> timedelta | None:
    """The move that a cleaned text asks for, negative for an earlier time; None if it asks for none."""
    match = _SHIFT.search(said)
    if match is None:
        return None
    which = next(name for name in "abc" if match[name])
    length = _length(match[which], match[f"{which}u"], has_half=match[f"{which}h"] is not None)
    return -length if (match["which"] or match["to"]) in _EARLIER else length


def _length(count: str, unit: str, *, has_half: bool) -> timedelta:
    number = float(count) if count.isdigit() else 0.5 if "half" in count else 2.0 if "couple" in count else 1.0
    one = timedelta(hours=1) if re.match("h", unit) else timedelta(minutes=1)
    return (number + 0.5 * has_half) * one
