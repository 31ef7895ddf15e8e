"""Brings a lead's words, typed or recognised, into one plain form that the rules of understanding can match.

Recognised speech comes without punctuation and with or without apostrophes; typed words come with anything. `clean`
makes them alike: lower case, no apostrophes, no accents, numbers in digits, ordinals as "5th", punctuation as tokens
of their own. Phrases from campaigns pass through the same function, so both sides always agree.
"""

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache

_UNITS = {
    "zero": 0,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "thirteen": 13,
    "fourteen": 14,
    "fifteen": 15,
    "sixteen": 16,
    "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19,
}
_TENS = {
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}
_ORDINALS = {
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "fifth": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
    "tenth": 10,
    "eleventh": 11,
    "twelfth": 12,
    "thirteenth": 13,
    "fourteenth": 14,
    "fifteenth": 15,
    "sixteenth": 16,
    "seventeenth": 17,
    "eighteenth": 18,
    "nineteenth": 19,
    "twentieth": 20,
    "thirtieth": 30,
}
_SCALES = {"dozen": 12, "hundred": 100, "thousand": 1_000, "million": 1_000_000}

_TOKEN = re.compile(r"\d+(?:[:/.,-]\d+)*(?:st|nd|rd|th|k|m|am|pm|ish)?(?![a-z\d])|[^\W\d_]+|\d+|[?!.,;:&]")
_STOPS = {"!": ".", ";": ",", ":": ","}


# To answer one text its words are wanted a dozen times over. No more than that is remembered: what leads say is not to
# be kept.
@lru_cache(32)
def clean(text: str) -> str:
    """The plain form: tokens with one space between them; `,` `.` `?` are tokens.

    >>> clean("We're closing on the twenty-third. OK?")
    'were closing on the 23rd . ok ?'
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    plain = re.sub(r"['’‘`´]", "", plain)
    plain = re.sub(r"(?<=\d),(?=\d{3}\b)", "", plain)
    plain = re.sub(r"\b([ap])\s?\.?\s?m\b\.?", r"\1m", plain)
    plain = re.sub(r"\b(m|ed|ph|psy)\.\s?(ed|d|s)\b\.?", r"\1 \2", plain)
    plain = re.sub(r"\b(?:[a-z]\.){2,}", lambda match: match[0].replace(".", ""), plain)
    plain = re.sub(r"(?<=\s)\+(?=\s)", "and", plain)
    plain = re.sub(r"\bhalf (?:a )?dozen\b", "six", re.sub(r"\bb4\b", "before", plain))
    tokens = [_STOPS.get(token, token) for token in _TOKEN.findall(plain)]
    return " ".join("and" if token == "&" else token for token in _with_digits(tokens))


clean_wording = lru_cache(4096)(clean.__wrapped__)
"""`clean` for a campaign's words, looked for in every text. Not for what leads say, which is not to be kept."""


def word_set(listed: str) -> frozenset[str]:
    """The words of a list that is written with blanks between them."""
    return frozenset(listed.split())


def alternatives(*forms: str) -> str:
    """Several forms as one, so that each can stand on a line of its own."""
    return "|".join(forms)


def either(*forms: str) -> re.Pattern[str]:
    """The same, compiled."""
    return re.compile(alternatives(*forms))


def ordinal(number: int) -> str:
    """1 → "1st".

    >>> [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 23)]
    ['1st', '2nd', '3rd', '4th', '11th', '12th', '23rd']
    """
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return str(number) + {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def _with_digits(tokens: list[str]) -> list[str]:
    """Number words become digits; the words between stay."""
    result: list[str] = []
    place = 0
    while place < len(tokens):
        number, taken, is_ordinal = _number_at(tokens, place)
        if year := _year_at(tokens, place):
            result.append(str(year))
            place += 2
        elif taken:
            result.append(ordinal(number) if is_ordinal else str(number))
            place += taken
        else:
            word = tokens[place]
            # "six oh six": a spoken zero, but only among digits.
            spoken_zero = word in ("oh", "o") and result and result[-1].isdigit()
            result.append("0" if spoken_zero else word)
            place += 1
    return result


def _year_at(tokens: list[str], place: int) -> int:
    """A year as it is spoken, "twenty eighteen", "nineteen ninety"; 0 if there is none."""
    century, years = _at(tokens, place), _at(tokens, place + 1)
    if century == "twenty" and 10 <= _UNITS.get(years, 0) <= 19:
        return 2000 + _UNITS[years]
    return 1900 + _TENS[years] if century == "nineteen" and years in _TENS and _TENS[years] >= 50 else 0


def _number_at(tokens: list[str], place: int) -> tuple[int, int, bool]:
    """The number that begins at a token: its value, how many tokens it takes (0: none), whether it is an ordinal."""
    small, taken, is_ordinal = _below_hundred(tokens, place)
    if not taken:
        if tokens[place] == "a" and _at(tokens, place + 1) in _SCALES:
            small, taken = 1, 1
        else:
            return 0, 0, False
    if is_ordinal:
        return small, taken, True
    total, current = 0, small
    while (scale := _SCALES.get(_at(tokens, place + taken))) is not None:
        taken += 1
        if scale == 100:
            current *= scale
        else:
            total, current = total + current * scale, 0
        joined = 1 if _at(tokens, place + taken) == "and" else 0
        more, used, is_ordinal = _below_hundred(tokens, place + taken + joined)
        if used and more < scale:
            current += more
            taken += used + joined
        if is_ordinal:
            break
    return total + current, taken, is_ordinal


def _below_hundred(tokens: list[str], place: int) -> tuple[int, int, bool]:
    word, following = _at(tokens, place), _at(tokens, place + 1)
    if word in _TENS:
        if 0 < _UNITS.get(following, 0) < 10:
            return _TENS[word] + _UNITS[following], 2, False
        if _ORDINALS.get(following, 10) < 10:
            return _TENS[word] + _ORDINALS[following], 2, True
        return _TENS[word], 1, False
    if word in _UNITS:
        return _UNITS[word], 1, False
    if word in _ORDINALS:
        return _ORDINALS[word], 1, True
    if word.isdigit() and following in _SCALES:
        return int(word), 1, False
    return 0, 0, False


def _at(tokens: list[str], place: int) -> str:
    return tokens[place] if place < len(tokens) else ""


@lru_cache(maxsize=4096)
def phrase_pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Matches any of the phrases, as whole words of a cleaned text; of two that begin together, the longer.

    A `*` behind a word of a phrase stands for up to three words, "when the * ends", and a `#` for a number, "since #".
    """
    cleaned = sorted({_with_gaps(phrase) for phrase in phrases} - {""}, key=len, reverse=True)
    if not cleaned:
        return re.compile(r"(?!)")
    return re.compile(rf"(?<!\S)(?:{'|'.join(cleaned)})(?!\S)")


def _with_gaps(phrase: str) -> str:
    gap = r"(?: [^\s,.?]+){0,3}"
    parts = [_with_numbers(part) for part in phrase.split("*")]
    return f"{gap} ".join(filter(None, parts)) + (gap if len(parts) > 1 and not parts[-1] else "")


def _with_numbers(phrase: str) -> str:
    return " ".join(re.escape(clean(word)) if word != "#" else r"\d+" for word in re.split(r" ?(#) ?", phrase) if word)


def any_of(*patterns: str) -> re.Pattern[str]:
    """Matches any of the regular expressions, as whole words of a cleaned text."""
    return re.compile(rf"(?<!\S)(?:{'|'.join(patterns)})(?!\S)")


# Yes and no ---------------------------------------------------------------------------------------------------------


class Polarity(StrEnum):
    """Whether an answer agrees."""

    YES = "yes"
    NO = "no"


_OPENERS = re.compile(
    r"^(?:(?:um+|uh+(?! huh)|er|erm|ah|oh|so|well|hey|hi|hello|hm+|haha|ha|lol|omg|actually|honestly|i mean|like|and"
    r"|but|sorry|mm|thanks|thank you|[,.]) )+(?=\S)"
)
_AFTER_NO = (
    r"(?:its|it is|thats|that is|thatll be|it|everythings|im|we|were|i am)? ?(?:all |totally |completely |quite )?"
    r"(?:fine|ok|okay|cool|alright|good to go|all right)|problem|problems|worries|prob|biggie|go (?:on|ahead|for it)"
    r"|carry on|continue|not at all|please|yeah|yes|yep|sure|of course|by all means|i dont mind|we dont mind"
)
_YES_AFTER_NO = re.compile(rf"^(?:no|nah|nope)(?: ,| \.)? (?:{_AFTER_NO})(?!\S)")
_NO_AFTER_YES = re.compile(
    r"^(?:yeah|yeh|yes|yea|ok|okay)(?: ,)? (?:no|nah|not)"
    r"(?: (?:thanks|thank|i|im|not|we|its|sorry|really|now|yet|interested)\b| ?$| [,.])"
)
_NOT_OK = re.compile(
    r"(?<!\S)(?:not (?:ok|okay|fine|good|great|cool|a good (?:time|moment)|right now|now|today|the best time|really)"
    r"|(?:doesnt|does not|wont|will not|wouldnt|cant|cannot|isnt|aint) (?:really )?"
    r"(?:work|do|a good|good|talk|right now)"
    r"|bad time|no good|not interested|id rather not|prefer not|rather you didnt)(?!\S)"
)
_YES = re.compile(
    r"^(?:yes|yessir|yeh|yess+|yupp+|indeed(?! not)|very much so|you betcha|most (?:definitely|certainly)|okie dokie"
    r"|yeah|yea|ya|yah|yep|yup|yass?|y|si|claro|sure|ok|okay|okey|k|kk|absolutely|definitely|certainly|totally"
    r"|of course|for sure|correct|right|exactly|thats right|uh huh|mhm|mm hmm|mmhmm|you bet|by all means|go ahead|go on"
    r"|go for it|please|please do|fine|thats fine|thats ok|thats okay|thats cool|thats good|its fine|its ok|its okay"
    r"|all good|sounds good|sounds great|sounds fine|that works|works|now works|now is (?:good|fine|great)|now is ok"
    r"|perfect|great|good|cool|awesome|alright|all right|why not|i guess|i suppose|i think so|i believe so|i am|we are"
    r"|i do|we do|it is|they do|i would|id like that|id love (?:to|that)|i did|we did|i have|we have|still am"
    r"|i still am"
    r"|still looking|im still|lets do it|lets go|ready|bring it|sup|no doubt|affirmative|gladly|happy to|why yes)(?!\S)"
)
_NO = re.compile(
    r"^(?:no|nope|nah|naw|n|nay|never|negative|not|no way|i dont(?! mind)|we dont(?! mind)"
    r"|i do not|we do not|im not|i am not|were not"
    r"|we are not|i havent|we havent|i didnt|we didnt|dont|it isnt|its not|it is not|it doesnt|neither|nada"
    r"|none(?! of (?:your|ur|yalls|anybodys))"
    r"|id rather not|im good|im all set|all set|were good|were all set|pass|hard pass|i cant|cant|i wont|unfortunately)"
    r"(?!\S)"
)
_UNSURE = re.compile(
    r"^(?:(?:im |i am |were |honestly |well )?(?:not (?:really |totally |quite )?sure|unsure)"
    r"|(?:i )?(?:really |honestly )?dont know|no idea|no clue|maybe|perhaps|it depends|depends|idk)(?!\S)"
)
_YES_BUT = re.compile(r"^(?:yes|yeah|yea|yep|yup|sure|si|i am|still am)(?: \S+){0,3}? but(?!\S)")
_ECHOED = re.compile(
    r"^(?:it|that|they|he|she|there|those|these) (?:"
    r"(?P<no>(?:would|will|does|do|did|is|are|was|has|have|should)(?:nt| not)|wont)(?= ?$| [,.])"
    r"|(?:would|will|does|do|did|is|are|was|has|have|should)"
    r"(?=[ .]*$| \. (?!(?:no|nah|nope|not|never|but|dont|i dont)(?!\S))))"
)
""" "It would." "They don't, no." An assent is a sentence: "they are, no thanks" is none. """
_AGREED = re.compile(
    r"(?<!\S)(?:works for me|that works|sounds good|sounds great|is fine|is ok|is okay|is good|is great|works great"
    r"|fine with me|fine by me|ok with me|good with me|im in|yes please|i dont mind|we dont mind"
    r"|that would (?:help|be (?:great|good|nice|helpful|perfect|awesome))|thatd (?:help|be (?:great|good|nice)))(?!\S)"
    r"|(?<=\S )(?:yes|yeah|yep|yup)(?: please)?(?: \.)?$"
)


_NO_IDEA = any_of(
    r"(?:im |i am |were |really |honestly )*(?:not (?:really |totally |quite )?sure|unsure)",
    r"dont (?:really )?know",
    r"(?:couldnt|cant) (?:really )?(?:tell|say)(?: you| ya| u)?",
    r"no (?:idea|clue)",
    r"(?:havent|have not|never) (?:looked|checked|thought about it|decided)",
    r"beats me",
    r"who knows",
    r"good question",
    r"idk",
)


def is_unsure(text: str) -> bool:
    """Whether a cleaned answer says that he does not know."""
    return _NO_IDEA.search(text) is not None


def polarity(text: str) -> Polarity | None:
    """Whether a cleaned answer says yes or no; None if it says neither.

    "No, it's fine, go on" agrees; "yeah, no thanks" does not; "yeah no heat" does.
    """
    said = _OPENERS.sub("", text)
    if _UNSURE.match(said):
        return None
    if _YES_AFTER_NO.match(said):
        return Polarity.YES
    if _NO_AFTER_YES.match(said):
        return Polarity.NO
    if refused := _NOT_OK.search(said):
        # "Yes, but text me, I can't talk at work" agrees, and says how.
        return Polarity.YES if _YES_BUT.match(said[: refused.start()]) else Polarity.NO
    if echoed := _ECHOED.match(said):
        return Polarity.NO if echoed["no"] else Polarity.YES
    if _YES.match(said):
        return Polarity.YES
    if _NO.match(said):
        return Polarity.NO
    return Polarity.YES if _AGREED.search(said) else None
