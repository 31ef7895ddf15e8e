"""Has the speaker finished, by his words alone? `audio/endpoint.py` has the opinion of his voice."""

import re
from enum import Enum, auto

_DANGLING = frozenset(
    {"a", "an", "the", "my", "your", "his", "our", "their", "i'm", "we're", "they're", "you're", "it's", "that's"}
    | {"and", "but", "or", "nor", "because", "cause", "if", "unless", "although", "whether", "than", "gonna", "wanna"}
    | {
        "um",
        "uh",
        "er",
        "erm",
        "uhm",
        "hmm",
        "so",
        "there's",
        "what's",
        "i'd",
        "we'd",
        "i'll",
        "we'll",
        "i've",
        "we've",
    }
    | {"every", "whose", "while", "per", "mr", "mrs", "ms", "dr"}
)
"""Nothing a caller means to say ends in one of these, whatever full stop the recogniser put behind it."""
_LEADING = frozenset(
    {"to", "of", "for", "from", "with", "in", "on", "at", "by", "into", "about", "between", "until", "before", "after"}
    | {"i", "we", "they", "very", "just", "like", "around", "without", "through", "during", "toward", "towards"}
)
"""These end only a question: "Where are you calling from?"."""
_AUXILIARIES = frozenset(
    {"is", "are", "was", "were", "am", "be", "have", "has", "had", "will", "would", "can", "could", "should", "might"}
    | {"do", "does", "did"}
)
"""These end a question or follow their subject: "Yes, we are.", "cheaper than what we have"."""
_SUBJECTS = frozenset(
    {"i", "you", "he", "she", "it", "we", "they", "there", "that", "this", "who", "not", "to"}
    | {"never", "always", "really", "still", "sure"}
)
_HAVE_AN_END = frozenset(
    {"the", "an", "to", "will", "should", "must", "can", "it", "that", "this", "no", "dead", "high", "low", "front"}
    | {"back", "rear", "year", "month", "week", "other", "east", "west", "north", "south"}
)
"""Behind any other word "end" is what the recogniser makes of an "and" before a pause: "My wife end."."""
_OPINION = frozenset({"think", "guess", "hope", "believe", "suppose", "afraid"})
"""What makes "so" an ending: "I think so.". "That" behind one of these is none: "We hope that"."""
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
_ZIP = 5
_WHOLE_NUMBERS = frozenset({_ZIP, 10, 11})
"""Digits of a ZIP code and of a telephone number."""
_YEAR = re.compile(r"(19|20)\d\d")
_ARTICLES = frozenset({"a", "an", "the", "my"})

_LEADS_ON = re.compile(r"[;:–—-]$")
_TRAILS_OFF = re.compile(r"(\.\.+|…|,)$")
"""The recogniser writes this where a voice hesitates, and where it has hardly understood; and the comma also because
the names it is given as hints are a list with commas."""
_PUNCTUATION = re.compile(r"[.,?!;:](?=\s|$)")
_WORD = re.compile(r"\w+(?:['’@.-]\w+)*")
_SPELLED = re.compile(r"[a-z](-[a-z])+|[a-z]")
_NAMES_AN_ADDRESS = frozenset({"email", "e-mail"})
_DOMAIN = re.compile(r"(\.|\bdot )(com|net|org|edu|gov|us|io|co)\b")


class Ending(Enum):
    """What the words say about being all of an utterance."""

    COMPLETE = auto()
    UNCLEAR = auto()
    """They could be, but nothing shows it."""
    UNFINISHED = auto()
    """Nobody stops there: "It's for my", "Well, the thing is,", half a telephone number."""


def ending(text: str, *, detail: bool = False) -> Ending:
    """How an utterance ends, by its words as recognised so far. `detail` says that a ZIP code or the like was asked
    for: then a single digit is not an answer, but the beginning of one.

    A full stop alone proves little: recognisers put one behind every fragment. Wrong either way it costs a little
    patience or a merged turn, never words.
    """
    text = text.strip(" \"'”’)")
    words = [word.lower().replace("’", "'") for word in _WORD.findall(text)]
    if not words:
        return Ending.UNCLEAR
    if _LEADS_ON.search(text):
        return Ending.UNFINISHED
    if len(words) <= 2 and words[-1] in _SHORT_ANSWERS:
        return Ending.COMPLETE
    if digits := _trailing_digits(words):
        return _of_number(words, digits, closed=text.endswith((".", "?", "!")) and not detail, detail=detail)
    if _is_spelling(words) or _wants_address(words, text) or not _may_end(words, question=text.endswith("?")):
        return Ending.UNFINISHED
    return Ending.COMPLETE if _is_closed(text, words) and not _TRAILS_OFF.search(text) else Ending.UNCLEAR


def _is_closed(text: str, words: list[str]) -> bool:
    """Whether the punctuation says so. Whisper at times writes none; then it says nothing either way, unless what it
    wrote is long and begins like a sentence."""
    if not _PUNCTUATION.search(text):
        return text[0].islower() or len(words) <= _FRAGMENT
    return text.endswith((".", "?", "!")) or (text[0].islower() and "," not in text)


def _may_end(words: list[str], question: bool) -> bool:
    before, last = (words[-2] if len(words) > 1 else ""), words[-1]
    if last == "end":
        return before in _HAVE_AN_END
    if last == "so":
        return before in _OPINION
    if last == "that":
        return before not in _OPINION | {"sure", "so", "thinking"}
    if last in _AUXILIARIES:
        return question or before in _SUBJECTS
    if last in _LEADING:
        return question
    return last not in _DANGLING


def _trailing_digits(words: list[str]) -> list[str]:
    """The digit groups the words end in: "It's 312-555" ends in ["312", "555"], "two nine" in ["2", "9"]."""
    groups: list[str] = []
    for word in reversed(words):
        parts = [_DIGIT_WORDS.get(part, part) for part in word.split("-")]
        if not all(part.isdigit() for part in parts):
            break
        groups = parts + groups
    return groups


def _of_number(words: list[str], groups: list[str], *, closed: bool, detail: bool) -> Ending:
    """Whether a number at the end may be all of it. Somebody who has said half a telephone number is not done."""
    digits = "".join(groups)
    before = words[-len(groups) - 1] if len(words) > len(groups) else ""
    if len(digits) == _ZIP and len(groups) > 1 and not detail and "zip" not in words:
        return Ending.UNCLEAR  # Digit by digit, and nobody asked for a ZIP code: it may be any number.
    if len(digits) in _WHOLE_NUMBERS:
        return Ending.COMPLETE
    if before in _ARTICLES:
        return Ending.UNFINISHED  # "I have a 2019": a Ford, say
    if len(groups) == 1 and (_YEAR.fullmatch(digits) or (len(digits) < 3 and closed)):
        return Ending.COMPLETE
    if len(groups) == 2 and len(groups[0]) <= 2 and groups[1] in {"00", "15", "30", "45"}:
        return Ending.COMPLETE  # "5 30"
    half = len(groups) > 1 or len(digits) > 2
    return Ending.UNFINISHED if half and len(digits) < max(_WHOLE_NUMBERS) else Ending.UNCLEAR


def _is_spelling(words: list[str]) -> bool:
    """Whether the words end in letters that are being spelled: "S M", "M as in Mary", but not "plan B"."""
    if words[-3:-1] == ["as", "in"]:
        return True
    *_, before, last = ["", *words]
    return bool(_SPELLED.fullmatch(last)) and (len(last) > 1 or bool(_SPELLED.fullmatch(before))) and last != "i"


def _wants_address(words: list[str], text: str) -> bool:
    """Whether an e-mail address was begun and has no domain yet."""
    named = [at for at, word in enumerate(words) if word in _NAMES_AN_ADDRESS]
    if not named or "?" in text:
        return False
    begun = words[named[-1] + 1 : named[-1] + 2]
    return begun in (["is"], ["address"], ["it's"]) and not _DOMAIN.search(text.lower())
