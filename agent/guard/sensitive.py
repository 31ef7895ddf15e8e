"""Masking: numbers that must not be stored are taken out before anything else sees a lead's words.

Social security numbers, payment cards, account and routing numbers, gate and alarm codes; typed, or recognised as
words ("one two three, forty-five, ..."). Telephone numbers, ZIPs, amounts, years and dates survive.

A text is read as units: words, and runs of digits. What a run is follows from its grouping ("123-45-6789"), its own
check digits (cards) and the cue words within reach ("routing number is ...").

A number may come in parts, over several utterances or texts: "my social is zero seven eight zero five", "one one two
zero". A first part is known by its cue, and masked as `[ssn: 5 digits]`, by which the next is known for its rest.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from pydantic import JsonValue

from agent.words import word_set

REACH = 5
"""How many units away a cue word may stand from the number it names."""
FAR = 7
"""The same for "the last four of my social are ..."."""


class Mask(StrEnum):
    """What stands in a masked text in place of a number."""

    SSN = "[ssn]"
    CARD = "[card]"
    ACCOUNT = "[account]"
    CODE = "[code]"


def mask(text: str, before: str = "") -> str:
    """The text without numbers that must not be kept. Masking twice changes nothing more.

    `before` is what the same person said last, masked: it may have ended in a part of a number.
    """
    units = list(_units(text))
    masked, at = [], 0
    for index, unit in enumerate(units):
        if not isinstance(unit, _Run):
            continue
        kind = _kind(units, index)
        token = kind.value if kind is not None else _part(units, index, before)
        if token is not None:
            masked += [text[at : unit.start], token]
            at = unit.end
    return "".join(masked) + text[at:]


def mask_fields(fields: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """The same for what a form or a model filled in: values of any shape, with a field's name as the cue for it."""
    return {key: _mask_value(value, key.replace("_", " ")) for key, value in fields.items()}


def _mask_value(value: JsonValue, name: str) -> JsonValue:
    match value:
        case str() | int() | float() if not isinstance(value, bool):
            masked = mask(f"{name}: {value}").removeprefix(f"{name}: ")
            return value if masked == str(value) else masked
        case list():
            return [_mask_value(item, name) for item in value]
        case dict():
            return mask_fields(value)
        case _:
            return value


def was_masked(text: str) -> bool:
    """Whether something was taken out of the text."""
    return _MASKED.search(text) is not None


# Units ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Word:
    """A word in lower case, or a number that stands for an amount, a date or a mask."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Run:
    """Digits that are said or written in one breath. `groups` are the pieces between separators; digits that were
    spoken as words make one group up to the next pause."""

    groups: tuple[str, ...]
    start: int
    end: int

    @property
    def digits(self) -> str:
        return "".join(self.groups)

    def typed(self, text: str) -> bool:
        """Whether it stands in the text as figures, not as words."""
        return text[self.start].isdigit()

    @property
    def grouping(self) -> tuple[int, ...]:
        return tuple(len(group) for group in self.groups)


_MASK = r"\[(?:ssn|card|account|code)(?:: \d+ digits)?\]"
_MASKED = re.compile(_MASK)
_UNIT = re.compile(
    rf"(?P<mask>(?-x:{_MASK}))"
    r"""
    | (?P<plain>                                    # a number that says itself what it is
          [$€£]\s?[\d.,]*\d                         # $1,200
        | \d{1,4}/\d{1,2}(?:/\d{2,4})?             # 12/5, 12/05/2026
        | (?:19|20)\d\d-\d\d-\d\d(?!\d)           # 2026-12-05
        | \d{1,2}:\d\d                             # 4:30
        | \d+(?:[.,]\d+)*\s?(?:%|k\b|dollars?\b|bucks\b|usd\b|percent\b)
      )
    | (?P<number> \d+ )
    | (?P<word> [^\W\d_]+(?:'[^\W\d_]+)? )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_JOINT = re.compile(r"[\s.,()#*·‐‑–—-]*(?:(?:dash|hyphen|guion|space)[\s.,-]*)?", re.IGNORECASE)
"""What may stand between two pieces of one number."""


def _said_as(listed: str) -> dict[str, str]:
    """Words and the digits they stand for, from entries `digits word word`, parted by commas."""
    entries = (entry.split() for entry in listed.split(","))
    return {word: digits for digits, *words in entries for word in words}


_DIGIT = _said_as(
    "0 zero oh o cero nought, 1 one uno un una, 2 two dos, 3 three tres, 4 four cuatro, 5 five cinco, 6 six seis, "
    "7 seven siete, 8 eight ocho, 9 nine nueve"
)
_TEEN = _said_as(
    "10 ten diez, 11 eleven once, 12 twelve doce, 13 thirteen trece, 14 fourteen catorce, 15 fifteen quince, "
    "16 sixteen, 17 seventeen, 18 eighteen, 19 nineteen"
)
_TENS = _said_as(
    "2 twenty veinte, 3 thirty treinta, 4 forty cuarenta, 5 fifty cincuenta, 6 sixty sesenta, 7 seventy setenta, "
    "8 eighty ochenta, 9 ninety noventa"
)
"""The first of two digits; the second is 0 unless it is said: "forty five"."""
_TIMES = {"double": 2, "triple": 3, "doble": 2}


def _units(text: str) -> Iterator[_Word | _Run]:
    run: list[_Run] = []
    tokens = [match for match in _UNIT.finditer(text) if not _joins(match[0])]
    for digits, match in zip(__said_as(tokens), tokens, strict=True):
        if run and (digits is None or not _JOINT.fullmatch(text[run[-1].end : match.start()])):
            yield from _without_phone(run)
            run = []
        if digits is None:
            yield _Word(match[0].lower(), match.start(), match.end())
        elif run and not match["number"] and not text[run[-1].end : match.start()].strip() and not run[-1].typed(text):
            run[-1] = _Run((run[-1].digits + digits,), run[-1].start, match.end())
        else:
            run.append(_Run((digits,), match.start(), match.end()))
    yield from _without_phone(run)


def _without_phone(groups: Sequence[_Run]) -> Iterator[_Run]:
    """The number that the groups make up, or three, when one of them is a telephone number: 312-555-0142 60614."""
    lengths = [len(group.digits) for group in groups]
    at = next((at for at in range(len(groups)) if lengths[at : at + 3] == [3, 3, 4]), None)
    parts = [groups] if at is None else [groups[:at], groups[at : at + 3], groups[at + 3 :]]
    for part in parts:
        if part:
            yield _Run(tuple(group.digits for group in part), part[0].start, part[-1].end)


def _joins(word: str) -> bool:
    return word.lower() in {"dash", "hyphen", "guion", "space"}


def __said_as(tokens: Sequence[re.Match[str]]) -> list[str | None]:
    """The digits each token stands for; None for a word. A "double" stands for all but the last of its digits."""
    digits = [_digits(token) for token in tokens]
    for at, (token, following) in enumerate(pairwise(tokens)):
        word, after = token[0].lower(), _digits(following)
        if word in _TIMES and after is not None and len(after) == 1:
            digits[at] = after * (_TIMES[word] - 1)
        elif word in _TENS and following[0].lower() in _DIGIT:
            digits[at] = _TENS[word]  # "forty five" is 45, not 40 and 5
    return digits


def _digits(token: re.Match[str]) -> str | None:
    if token["number"]:
        return token["number"]
    word = token[0].lower()
    return _DIGIT.get(word) or _TEEN.get(word) or (f"{_TENS[word]}0" if word in _TENS else None)


# What a run is -------------------------------------------------------------------------------------------------------

_PHONE_GROUPS = {(3, 3, 4), (3, 4), (1, 10)}
"""How telephone numbers are written: 312-555-0142, 555-0142, 1 3125550142."""
_ZIP_PLUS_4 = (5, 4)
_SSN_GROUPS = (3, 2, 4)
_CARD_DIGITS, _ACCOUNT_DIGITS, _CODE_DIGITS = range(13, 20), range(6, 18), range(3, 9)
"""How many digits each has."""
_SSN_CUES = word_set("ssn social itin ss tin seguro")
_CARD_CUES = word_set("card visa mastercard amex debit credit tarjeta discover")
_ACCOUNT_CUES = word_set("account acct routing iban checking savings cuenta ruta aba")
_NUMBER = word_set("number numero número routing iban aba acct")
_LAST = word_set("last ultimos últimos ends ending")
_CODE_CUES = word_set("gate alarm lockbox keypad garage door porton portón alarma puerta cvv cvc pin passcode")
_OTHER_CUES = word_set("zip phone cell mobile call reach text fax telefono teléfono celular postal unit apt suite")
"""Words that say what a number is when they stand nearest before it, and that it may stay."""


def _kind(units: Sequence[_Word | _Run], index: int) -> Mask | None:
    run = units[index]
    assert isinstance(run, _Run)
    if _is_ssn(run, _cues(units, index, FAR)):
        return Mask.SSN
    cues = _cues(units, index, REACH)
    if len(run.digits) in _CARD_DIGITS and (_luhn(run.digits) or cues & _CARD_CUES):
        return Mask.CARD
    if _keeps(units, index, run):
        return None
    if len(run.digits) in _ACCOUNT_DIGITS and cues & _ACCOUNT_CUES:
        return Mask.ACCOUNT
    if len(run.digits) in _CODE_DIGITS and cues & _CODE_CUES:
        return Mask.CODE
    return None


def _is_ssn(run: _Run, cues: frozenset[str]) -> bool:
    if len(run.digits) == 4 and cues & _SSN_CUES and cues & _LAST:
        return True
    if len(run.digits) != sum(_SSN_GROUPS):
        return False
    return bool(cues & _SSN_CUES) or (run.grouping == _SSN_GROUPS and _is_issued(run.digits))


def _is_issued(digits: str) -> bool:
    """Whether a social security number could have been given to anybody: no area 000, 666 or from 900, no zeros alone."""
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    return area not in {"000", "666"} and area[0] != "9" and group != "00" and serial != "0000"


# Numbers in parts ----------------------------------------------------------------------------------------------------

_BEGUN = re.compile(r"\[(?P<kind>ssn|card|account): (?P<digits>\d+) digits\]\W*$")
_WHOLE = {Mask.SSN: 9, Mask.CARD: 16, Mask.ACCOUNT: 12}
"""Digits of a whole number of a kind; of accounts, which have any length, the most that come in parts."""
LEAST_PART = 3
LEAD_IN = 2
"""Units that may stand before the rest of a number: "and then one one two zero"."""
_MONEY = frozenset(
    ["income", "get", "receive", "benefits", "check", "month", "monthly", "debt", "balance", "owe", "limit", "score"]
)


def _part(units: Sequence[_Word | _Run], index: int, before: str) -> str | None:
    """What stands for a run that is a part of a number: its rest, or its beginning; None if it is neither."""
    run = units[index]
    assert isinstance(run, _Run)
    if run.grouping in _PHONE_GROUPS:
        return None
    begun, leads = _BEGUN.search(before), not any(isinstance(unit, _Run) for unit in units[:index])
    if begun is not None and leads and index <= LEAD_IN:
        kind = Mask(f"[{begun['kind']}]")
        digits = int(begun["digits"]) + len(run.digits)
        return _so_far(kind, digits) if digits <= _WHOLE[kind] else None
    if index < len(units) - 1 or len(run.digits) < LEAST_PART:
        return None
    cues = _cues(units, index, FAR)
    if cues & _MONEY:
        return None
    # A few digits beside "account" are as often a sum, a year, or an account's last four.
    if cues & _ACCOUNT_CUES and cues & _NUMBER and not cues & _LAST and len(run.digits) < _ACCOUNT_DIGITS.start:
        return _so_far(Mask.ACCOUNT, len(run.digits))
    if cues & _SSN_CUES and len(run.digits) < _WHOLE[Mask.SSN]:
        return _so_far(Mask.SSN, len(run.digits))
    in_fours = len(run.digits) % 4 == 0 and (len(run.digits) > 4 or "number" in cues)
    is_card = in_fours and cues & _CARD_CUES and len(run.digits) < _WHOLE[Mask.CARD]
    return _so_far(Mask.CARD, len(run.digits)) if is_card else None


def _so_far(kind: Mask, digits: int) -> str:
    return kind.value if digits == _WHOLE[kind] else f"{kind.value[:-1]}: {digits} digits]"


def _keeps(units: Sequence[_Word | _Run], index: int, run: _Run) -> bool:
    """Whether the number is a telephone number or a ZIP by its shape, or is called one by the words before it."""
    if run.grouping in _PHONE_GROUPS or run.grouping == _ZIP_PLUS_4:
        return True
    for unit in reversed(units[max(0, index - 3) : index]):
        if isinstance(unit, _Word) and unit.text in _OTHER_CUES:
            return True
        if isinstance(unit, _Word) and unit.text in _ACCOUNT_CUES | _CODE_CUES:
            return False
    return False


def _cues(units: Sequence[_Word | _Run], index: int, reach: int) -> frozenset[str]:
    near = units[max(0, index - reach) : index + reach]
    return frozenset(unit.text for unit in near if isinstance(unit, _Word))


def _luhn(digits: str) -> bool:
    """The check digit of payment cards (ISO/IEC 7812-1, annex B)."""
    doubled = [sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(int(digit) for digit in digits[::-2])) % 10 == 0
