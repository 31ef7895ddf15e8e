"""Has the speaker finished, by his words alone? `audio/endpoint.py` has the opinion of his voice."""

import re
from enum import Enum, auto

from audio.phrasing import is_circumstance, is_condition, is_stranded, leads_up, may_end

_ASSENTS = frozenset(
    {"yes", "yeah", "yep", "yup", "no", "nope", "nah", "ok", "okay", "sure", "right", "correct", "exactly"}
    | {"absolutely", "definitely", "thanks", "sir", "ma'am", "please"}
)
"""All that a question for yes or no asks for."""
_AGREES = frozenset({"yes", "yeah", "yep", "ok", "okay", "sure", "right"})
_SHORT_ANSWERS = frozenset(
    {"yes", "yeah", "yep", "yup", "no", "nope", "nah", "ok", "okay", "sure", "right", "correct", "exactly", "fine"}
    | {"hello", "hi", "hey", "thanks", "bye", "goodbye", "stop", "maybe", "none", "both", "neither", "really", "not"}
)
"""Complete as they stand, with or without punctuation."""
_FRAGMENT = 4
"""The recogniser puts no full stop behind answers of so few words: "Two people"."""

_DIGIT_WORDS = {
    name: str(value)
    for value, name in enumerate(("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"))
} | {"oh": "0", "o": "0"}
_BEFORE_THINGS = frozenset(
    {"a", "the", "this", "that", "another", "any", "have", "got", "new", "only", "which", "every", "no"}
)
"""Behind one of these "one" is no digit: "I don't have one."."""
_ZIP = 5
_ZIP_AND_MORE = 9
_TELEPHONE = 10
_WHOLE_NUMBERS = frozenset({_ZIP, _TELEPHONE, _TELEPHONE + 1})
"""Digits of a ZIP code and of a telephone number."""
_YEAR = re.compile(r"(19|20)\d\d")
_TIME = re.compile(r"([1-9]|1[0-2])[0-5]\d")
_ARTICLES = frozenset({"a", "an", "the", "my"})
_APPROXIMATELY = frozenset(
    {"about", "around", "roughly", "nearly", "almost", "maybe", "probably", "over", "under"} | {"round"}
)
"""Before an amount. Nobody says his telephone number roughly."""
_BEFORE_TIMES = frozenset({"by", "until", "till", "after", "before", "for", "past"})
_NUMBER_FOLLOWS = frozenset({"reach", "call", "number", "phone", "cell", "text", "zip", "code"})
"""Words of somebody who is about to give his telephone number or the like."""
_AMOUNT = re.compile(r"(\$\s?\d[\d,]*(\.\d+)?|\b\d{1,3}(,\d{3})+|\b[1-9]\d*00|\d%)[.?!,]*$")
"""Numbers that were not said digit by digit: the recogniser writes these for dollars, thousands and hundreds."""

_LEADS_ON = re.compile(r"[;:–—-]$")
_TRAILS_OFF = re.compile(r"(\.\.+|…|,)$")
"""The recogniser writes this where a voice hesitates, and where it has hardly understood; and the comma also because
the names it is given as hints are a list with commas."""
_PUNCTUATION = re.compile(r"[.,?!;:](?=\s|$)")
_WORD = re.compile(r"\w+(?:['’@.-]\w+)*")
_SPELLED = re.compile(r"[a-z](-[a-z])+|[a-z]")
_NAMES_AN_ADDRESS = frozenset({"email", "e-mail"})
_DOMAIN = re.compile(r"(\.|\bdot )(com|net|org|edu|gov|us|io|co)\b")
_ADDRESS_ENDS = re.compile(_DOMAIN.pattern + r"[.!]?$")
_EVASIONS = frozenset({"no", "not", "don't", "rather", "won't", "can't", "sorry", "why", "already", "text"})


class Asked(Enum):
    """What was asked for, as far as it tells when the answer is whole."""

    ANYTHING = auto()
    ASSENT = auto()
    """Yes or no."""
    COUNT = auto()
    """A number of something: years, cars, dollars."""
    ZIP = auto()
    TELEPHONE = auto()
    EMAIL = auto()
    SPELLING = auto()


IN_PIECES = frozenset({Asked.ZIP, Asked.TELEPHONE, Asked.EMAIL, Asked.SPELLING})
"""Answers that are said in pieces, with pauses between them."""


class Ending(Enum):
    """What the words say about being all of an utterance."""

    WHOLE = auto()
    """They are what was asked for, and all of it: however the voice sounded, there is no more to come."""
    COMPLETE = auto()
    UNCLEAR = auto()
    """They could be, but nothing shows it."""
    SERIES = auto()
    """A row of digits or letters that nobody asked for: who knows how many there are."""
    UNFINISHED = auto()
    """Nobody stops there: "It's for my", "Well, the thing is,", half of the telephone number that he was asked for."""


def ending(text: str, asked: Asked = Asked.ANYTHING) -> Ending:
    """How an utterance ends, by its words as recognised so far, if `asked` is what it answers.

    A full stop alone proves little: recognisers put one behind every fragment. Wrong either way it costs a little
    patience or a merged turn, never words.
    """
    text = text.strip(" \"'”’)")
    words = [word.lower().replace("’", "'") for word in _WORD.findall(text)]
    if not words:
        return Ending.UNCLEAR
    if _is_whole(text, words, asked):
        return Ending.WHOLE
    if _LEADS_ON.search(text):
        return Ending.UNFINISHED
    if len(words) <= 2 and words[-1] in _SHORT_ANSWERS:
        # "Sure", and he looks for it.
        return Ending.UNFINISHED if asked in IN_PIECES and _AGREES.issuperset(words) else Ending.COMPLETE
    if digits := _trailing_digits(words):
        return _of_number(text, words, digits, asked)
    if _is_spelling(words):
        return Ending.UNFINISHED if asked in IN_PIECES or words[-3:-1] == ["as", "in"] else Ending.SERIES
    if _wants_address(words, text, asked):
        return Ending.UNFINISHED
    return Ending.COMPLETE if _ADDRESS_ENDS.search(text.lower()) else _of_sentence(text, words)


def _of_sentence(text: str, words: list[str]) -> Ending:
    question = text.endswith("?")
    if not question and is_stranded(words):
        return Ending.UNCLEAR
    if not may_end(words, question=question) or leads_up(words, question=question):
        return Ending.UNFINISHED
    if not question and "," not in text:
        if is_condition(words):
            return Ending.UNFINISHED
        if is_circumstance(words):
            return Ending.UNCLEAR
    return Ending.COMPLETE if _is_closed(text, words) and not _TRAILS_OFF.search(text) else Ending.UNCLEAR


def _is_whole(text: str, words: list[str], asked: Asked) -> bool:
    digits = "".join(_trailing_digits(words))
    match asked:
        case Asked.ASSENT:
            leads_on = _LEADS_ON.search(text) or _TRAILS_OFF.search(text)
            # One word is often the first of more: "Yeah, … that's fine."
            return len(words) == 2 and _ASSENTS.issuperset(words) and not leads_on
        case Asked.ZIP:
            return len(digits) in {_ZIP, _ZIP_AND_MORE}
        case Asked.TELEPHONE:
            return len(digits.removeprefix("1")) == _TELEPHONE
        case Asked.EMAIL:
            return bool(_ADDRESS_ENDS.search(text.lower()))
        case _:
            return False


def _is_closed(text: str, words: list[str]) -> bool:
    """Whether the punctuation says so. Whisper at times writes none; then it says nothing either way, unless what it
    wrote is long and begins like a sentence."""
    if not _PUNCTUATION.search(text):
        return text[0].islower() or len(words) <= _FRAGMENT
    return text.endswith((".", "?", "!")) or (text[0].islower() and "," not in text)


def _trailing_digits(words: list[str]) -> list[str]:
    """The digit groups the words end in: "It's 312-555" ends in ["312", "555"], "two nine" in ["2", "9"]."""
    groups: list[str] = []
    for word in reversed(words):
        parts = [_DIGIT_WORDS.get(part, part) for part in word.split("-")]
        if not all(part.isdigit() for part in parts):
            break
        groups = parts + groups
    alone = groups == ["1"] and words[-1] == "one"
    return [] if alone and _before(words, groups) in _BEFORE_THINGS else groups


def _of_number(text: str, words: list[str], groups: list[str], asked: Asked) -> Ending:
    """Whether a number at the end may be all of it. Somebody who has said half a telephone number is not done."""
    digits = "".join(groups)
    if asked in IN_PIECES:
        return Ending.UNFINISHED
    if len(digits) == _ZIP and len(groups) > 1 and "zip" not in words and not _AMOUNT.search(text):
        return Ending.UNCLEAR  # Digit by digit, and nobody asked for a ZIP code: it may be any number.
    if len(digits) in _WHOLE_NUMBERS or (asked is Asked.COUNT and len(groups) == 1) or _has_lost_a_digit(groups):
        return Ending.COMPLETE
    if _is_said_as_one(text, words, groups):
        return Ending.COMPLETE if text.endswith((".", "?", "!")) else Ending.UNCLEAR
    if _is_year_or_time(words, groups):
        return Ending.COMPLETE
    if _before(words, groups) in _ARTICLES or (_NUMBER_FOLLOWS.intersection(words) and len(digits) < _TELEPHONE):
        return Ending.UNFINISHED
    return Ending.SERIES if _may_be_row(groups) and len(digits) < _TELEPHONE else Ending.UNCLEAR


def _may_be_row(groups: list[str]) -> bool:
    """Whether it may have been said digit by digit: not "250"."""
    return len(groups) > 1 or len(groups[0]) > 3 or (len(groups[0]) == 3 and not groups[0].endswith("0"))


def _has_lost_a_digit(groups: list[str]) -> bool:
    """Whether it ends like a telephone number, "312-55-0142": the recogniser misses one of equal digits in a row."""
    return len(groups) == 3 and len(groups[0]) == 3 and len(groups[2]) == 4


def _before(words: list[str], groups: list[str]) -> str:
    """The word before the digits at the end."""
    return words[-len(groups) - 1] if len(words) > len(groups) else ""


def _is_said_as_one(text: str, words: list[str], groups: list[str]) -> bool:
    """Whether a number is one number, not a row of digits of which more may come: "$300", "about 150", "24"."""
    before = _before(words, groups)
    if before in _ARTICLES:
        return False  # "I have a 2019": a Ford, say
    if _AMOUNT.search(text):
        return True
    return len(groups) == 1 and (before in _APPROXIMATELY or len(groups[0]) < 3)


def _is_year_or_time(words: list[str], groups: list[str]) -> bool:
    """Whether it is a year, or a time of day: "in 1984", "5 30", "at 630", but not "reach me at 415"."""
    before = _before(words, groups)
    if before in _ARTICLES:
        return False
    if len(groups) == 2:
        return len(groups[0]) <= 2 and groups[1] in {"00", "15", "30", "45"}
    on_the_half = before == "at" and groups[0].endswith(("00", "30"))
    for_time = before in _BEFORE_TIMES or on_the_half or (before == "at" and not _NUMBER_FOLLOWS.intersection(words))
    return len(groups) == 1 and bool(_YEAR.fullmatch(groups[0]) or (for_time and _TIME.fullmatch(groups[0])))


def _is_spelling(words: list[str]) -> bool:
    """Whether the words end in letters that are being spelled: "S M", "M as in Mary", but not "plan B"."""
    if words[-3:-1] == ["as", "in"]:
        return True
    *_, before, last = ["", *words]
    return bool(_SPELLED.fullmatch(last)) and (len(last) > 1 or bool(_SPELLED.fullmatch(before))) and last != "i"


def _wants_address(words: list[str], text: str, asked: Asked) -> bool:
    """Whether an e-mail address was begun and has no domain yet. Who was asked for one begins it without saying so,
    unless he has words for not giving it."""
    if "?" in text or _DOMAIN.search(text.lower()):
        return False
    if asked is Asked.EMAIL:
        return not _EVASIONS.intersection(words)
    named = [at for at, word in enumerate(words) if word in _NAMES_AN_ADDRESS]
    return bool(named) and words[named[-1] + 1 : named[-1] + 2] in (["is"], ["address"], ["it's"])
