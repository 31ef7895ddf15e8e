"""Writes text out the way it is spoken.

hibari's pronunciation already reads dates, times, money, years, ordinals, units, titles and initialisms well. Here is
what it gets wrong: whatever is read digit by digit or letter by letter, and the shorthand of text messages.
"""

import re
from collections.abc import Callable

from phonenumbers import Leniency, PhoneNumberMatcher

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_DAYS = {
    **{"Mon": "Monday", "Tue": "Tuesday", "Tues": "Tuesday", "Wed": "Wednesday", "Thu": "Thursday", "Thur": "Thursday"},
    **{"Thurs": "Thursday", "Fri": "Friday", "Sat": "Saturday", "Sun": "Sunday"},
}
_ZONES = {"ET": "Eastern", "CT": "Central", "MT": "Mountain", "PT": "Pacific"}
_PERIODS = {"mo": "month", "yr": "year", "hr": "hour", "wk": "week"}
_SHORTHAND = {
    "24/7": "twenty-four seven",
    "HELOC": "hee-lock",
    "Msg&data": "message and data",
    "sq. ft.": "square feet",
    "w/": "with",
}
_SIGNS = {".": "dot", "_": "underscore", "-": "dash", "+": "plus", "/": "slash", "@": "at"}
_MONTH = "Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec"
_COUNTED = "miles|dollars|square|feet|people|points|homes|policies|customers"


def verbalise(text: str) -> str:
    """`text` as a voice should read it: "60614" becomes "six, zero, six, one, four"."""
    text = _phone_numbers(text)
    for pattern, spoken in _RULES:
        text = pattern.sub(spoken, text)
    return text


def _digits(digits: str, between: str = " ") -> str:
    return between.join(_DIGITS[int(digit)] for digit in digits if digit.isdigit())


def _phone_numbers(text: str) -> str:
    """Area code, exchange and line, a breath between them; other countries' numbers in threes."""
    found = list(PhoneNumberMatcher(text, "US", leniency=Leniency.POSSIBLE))
    for match in reversed([match for match in found if len(re.sub(r"\D", "", match.raw_string)) >= 10]):
        national = str(match.number.national_number)
        groups = [national[:3], national[3:6], national[6:]] if match.number.country_code == 1 else _threes(national)
        spoken = ", ".join(_digits(group) for group in groups)
        text = text[: match.start] + spoken + text[match.end :]
    return text


def _threes(digits: str) -> list[str]:
    return [digits[start : start + 3] for start in range(0, len(digits), 3)]


def _address(match: re.Match[str]) -> str:
    """An e-mail or web address: its words as words, its signs by name, its digits one by one."""
    parts = re.findall(r"[^\W\d_]+|\d+|\W|_", match["address"])
    return " ".join(_SIGNS.get(part) or (_digits(part) if part.isdigit() else part) for part in parts)


def _zip(match: re.Match[str]) -> str:
    return _digits(match["zip"], ", ") + (", dash, " + _digits(match["more"], ", ") if match["more"] else "")


_RULES: list[tuple[re.Pattern[str], Callable[[re.Match[str]], str]]] = [
    (re.compile("|".join(rf"(?<!\w){re.escape(short)}" for short in _SHORTHAND)), lambda m: _SHORTHAND[m[0]]),
    (re.compile(r"(?P<address>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"), _address),
    (
        re.compile(
            r"\b(?:https?://)?(?:www\.)?(?P<address>[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|gov|edu|co|io)(?:/[\w/-]+)?)\b"
        ),
        _address,
    ),
    (re.compile(rf"\b({'|'.join(_DAYS)})\b\.?(?=,? (?:\d|at\b|{_MONTH})|,)"), lambda m: _DAYS[m[1]]),
    (re.compile(r"\b([ap]\.m\.|[AP]M|[ap]m) ([ECMP]T)\b"), lambda m: f"{m[1]} {_ZONES[m[2]]}"),
    (re.compile(r"(?<=\d)/(month|mo|year|yr|week|wk|day|hour|hr)\b"), lambda m: f" a {_PERIODS.get(m[1], m[1])}"),
    (re.compile(r"(?<![\w$.,-])(?:911|988|811|411|211)(?![\w-]|[.,]\d)"), lambda m: _digits(m[0])),
    (
        re.compile(rf"(?<![\w$.,-])(?P<zip>\d{{5}})(?:-(?P<more>\d{{4}}))?(?![\w-]|[.,]\d)(?! (?:{_COUNTED}))"),
        _zip,
    ),
    (re.compile(r"(?<![\w$.,])#?(?P<id>\d{6,})(?![\w]|[.,]\d)"), lambda m: ", ".join(map(_digits, _threes(m["id"])))),
]
"""In order: an address holds digits and slashes that the later rules would take for something else."""
