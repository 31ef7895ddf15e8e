"""Times of day as people say them: "3:30", "half past four", "between 4 and 6", "5 eastern", "around noon".

A bare number is a time only where one is expected: after "at", "before" and the like, or standing alone. "3 cars" and
"4 bedrooms" are none. Texts come cleaned (`agent.words.clean`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Clock:
    """One time of day, or two that bound a window."""

    first: time
    last: time | None = None
    roughly: bool = False
    """Said with "around", "ish" and the like."""
    zone: ZoneInfo | None = None
    """The zone that was named with it."""


def find_clock(text: str) -> Clock | None:
    """The first time of day in a cleaned text."""
    text = _NOON.sub("12pm", _MIDNIGHT.sub("12am", text))
    if match := _HALF_PAST.search(text):
        is_rough = _ROUGHLY.search(text[: match.start()]) or _GIVE_OR_TAKE.match(text[match.end() :])
        return replace(_half_past(match), roughly=bool(is_rough))
    if match := _RANGE.search(text):
        return _range(match)
    return next(_points(text), None)


_ZONES = {
    "eastern": "America/New_York",
    "central": "America/Chicago",
    "mountain": "America/Denver",
    "pacific": "America/Los_Angeles",
}
_ZONE_OF = {short: name for name in _ZONES for short in (name, f"{name[0]}st", f"{name[0]}dt", f"{name[0]}t")}
_ZONE = rf"(?: (?P<zone>{'|'.join(sorted(_ZONE_OF, key=len, reverse=True))})(?: time)?)?"
_T = r"(?P<h{0}>[01]?\d|2[0-3])(?:(?::| )?(?P<m{0}>[0-5]\d))? ?(?P<p{0}>am|pm|oclock)?"
_RANGE = re.compile(
    rf"(?<![\w/:.-])(?:between |from )?{_T.format(1)}(?: (?:and|to|till|until|thru|through|or|(?:but|and) before) |"
    rf" ?- ?){_T.format(2)}(?![\w/:-])"
    r"(?! (?:years?|kids?|cars?|people|bed\w*|minutes?|mins?|hours?|days?|weeks?|months?|drivers?|percent|miles))"
)
_POINT = re.compile(
    rf"(?<![\w/:.$-]){_T.format(1)}(?P<ish> ?-?ish| or so| or thereabouts|(?: ,)? give or take)?{_ZONE}(?![\w/:-])(?!\.\d)"
)
_HALF_PAST = re.compile(
    r"\b(?P<what>(?:half|quarter|[1-5]?[05]) (?:minutes )?(?:past|after)|quarter (?:to|of|till?)|2[05] (?:minutes )?(?:to|till?)) "
    r"(?P<h>\d{1,2})(?P<p> ?[ap]m)?\b"
)
_GIVE_OR_TAKE = re.compile(r" (?:or so|or thereabouts|(?:, )?give or take)\b")
_NOON = re.compile(r"\b(?:12 )?(?:noon|midday|lunch ?time)\b|(?<=\bat )lunch\b")
_MIDNIGHT = re.compile(r"\b(?:12 )?midnight\b")

_BEFORE_TIME = re.compile(
    r"(?:^|\b(?:at|after|before|around|until|till|til|by|from|past|between|than|say|make it|do|how about|what about|"
    r"about|like|"
    r"maybe|approximately|roughly|try|ok|okay|yes|yeah|sure|or|but|today|tonight|tomorrow|for|\w+day|\d(?:st|nd|rd|th)|"
    r"\d/\d+|is|me|call|monday|mon|tues?|wed|thu|thurs?|fri|sat|sun|afternoon|evening|morning|-\d\d|starting)) $"
    r"|[,.?] $|^$"
)
_AFTER_TIME = re.compile(
    r"^(?: (?:instead|works?|is|isnt|would|will|today|tonight|tomorrow|tmrw|please|pls|or|thanks|thank|sounds|then|if|so|ok|"
    r"okay|good|fine|great|on|in the|"
    r"this|sharp|for me|and|but|central|eastern|pacific|mountain|my time|at|best|perfect|should|i|im|ill|,|\.|\?|we|"
    r"the|when|next|because|cause|"
    r"\w+day|mon|tues?|wed|thu|thurs?|fri|sat|sun|onwards?|onward|every|morning|afternoon|evening|after|before)\b| ?[,.?]|$)"
)
_REFUSED = re.compile(r"\b(?:cant (?:do|make)|not) (?:at )?$")
"""Before a time that does not suit: "can't do 4 but 5 is fine"."""
_ROUGHLY = re.compile(
    r"(?<!how )(?<!what )\b(?:around|about|like|approximately|approx|roughly|circa|close to|"
    r"sometime around) (?:at )?$"
)


_LATEST_EVENING = 8
"""The end of "between 6 and 8" is in the evening; that of "6 to 10" is not clear from the words."""


def _half_past(match: re.Match[str]) -> Clock:
    count, *_, way = match["what"].split()
    minutes = {"half": 30, "quarter": 15}.get(count) or int(count)
    minutes = -minutes if way in ("to", "of", "til", "till") else minutes
    hour = _likely(int(match["h"]) % 24, 0, (match["p"] or "").strip() or None)
    return Clock((datetime.combine(date.min + timedelta(days=1), hour) + timedelta(minutes=minutes)).time())


def _range(match: re.Match[str]) -> Clock | None:
    last = _likely(int(match["h2"]), int(match["m2"] or 0), match["p2"])
    first = _likely(int(match["h1"]), int(match["m1"] or 0), match["p1"] or match["p2"])
    if first > last and match["p2"] is None and last.hour <= _LATEST_EVENING:
        last = last.replace(hour=last.hour + 12)
    if first > last:
        first = _likely(int(match["h1"]), int(match["m1"] or 0), match["p1"] or "am")
    return Clock(first, last) if first < last else None


def _points(text: str) -> Iterator[Clock]:
    for match in _POINT.finditer(text):
        before, after = text[: match.start()], text[match.end() :]
        if not _is_time(match, before, after):
            continue
        zone = match["zone"]
        yield Clock(
            _likely(int(match["h1"]), int(match["m1"] or 0), match["p1"]),
            roughly=bool(match["ish"] or _ROUGHLY.search(before)),
            zone=ZoneInfo(_ZONES[_ZONE_OF[zone]]) if zone else None,
        )


def _is_time(match: re.Match[str], before: str, after: str) -> bool:
    if _REFUSED.search(before):
        return False
    if match["p1"] or match["ish"] or match["zone"] or ":" in match[0]:
        return True
    stands_alone = not before.strip(" around") and not after
    if stands_alone and re.fullmatch(r"\d{3,4}", match[0]):
        return True
    if re.fullmatch(r"\d{3,4}", match[0].strip()) and re.search(
        r"\b(?:is|for|than|about|around|like|me|maybe) $", before
    ):
        return False
    is_year = re.fullmatch(r"(?:19|20)[0-3]\d", match[0].strip()) and match[0].strip() not in ("1930", "2030", "2000")
    if is_year and not re.search(r"\b(?:at|after|before|by) $", before):
        return False
    return _BEFORE_TIME.search(before) is not None and _AFTER_TIME.search(after) is not None


def _likely(hour: int, minute: int, meridiem: str | None) -> time:
    """The time of day meant: a bare hour from 1 to 7 is in the afternoon."""
    if meridiem == "pm" and hour < 12:
        hour += 12
    elif meridiem == "am" and hour == 12:
        hour = 0
    elif meridiem in (None, "oclock") and 1 <= hour <= 7:
        hour += 12
    return time(hour, minute)
