"""How a time that stands is to be moved: by so much ("push it back thirty minutes"), or to another ("make it 5")."""

import re
from datetime import date, timedelta

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


_HOUR = r"\d{1,2}(?::\d\d)?(?:am|pm)?"
_WE = r"(?:can|could|should) (?:we|you|she|he|they)"
_THE_CALL = r"(?: it| that| the call| our call)?(?: back| up)?"
_MOVED_TO = any_of(
    rf"(?<!cant )(?<!not )(?:{_WE} |lets )?(?:push|move|bump|change|switch|make|say|do|call|ring){_THE_CALL}(?: me)?"
    r"(?: (?:to|for|till|at))?(?= (?:at )?\d)",
    rf"{_WE} (?:push|bump|change|switch){_THE_CALL}(?: (?:to|for|till))?",
)
_NOT_AT = re.compile(rf"(?:^| )not (?:at )?{_HOUR}(?: sorry| please| pls| thanks)?(?= ?$| [,.])")
_BARE_HOUR = re.compile(r"^(?:(?:sorry|no|oops|wait|actually|i meant?|[,.]) )*(?=\d{1,2}(?::\d\d)?(?: ?[ap]m)?(?: |$))")
_DAY_AFTER = any_of(r"the next day", r"the day after(?: that)?", r"1 day later", r"a day later")


def as_wish(said: str, agreed: date | None) -> str:
    """A change of time as the wish it comes to: "push it to 5" is "call me 5"."""
    if agreed is not None:
        after = agreed + timedelta(days=1)
        said = _DAY_AFTER.sub(f"on {after:%B} {after.day}".lower(), said)
    return _BARE_HOUR.sub("call me ", _NOT_AT.sub("", _MOVED_TO.sub("call me", said)).strip())
