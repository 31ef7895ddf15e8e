"""Numbers in what a lead says: counts, sums of money, days, ZIP codes."""

import re
from collections.abc import Iterator

from agent.campaign import Question
from agent.words import clean, clean_wording, phrase_pattern

_SOUNDS_LIKE = {"to": 2, "too": 2, "for": 4, "won": 1, "ate": 8, "tree": 3, "none": 0, "zero": 0, "nothing": 0}
"""What the recogniser writes for a digit spoken alone."""
_NUMBER = re.compile(r"(?<![\w/:.-])\d{1,3}(?![\w/:-]|\.\d)")
_CORRECTED = re.compile(
    r"(?<!\S)(?:no wait|wait no|wait|actually|i mean|scratch that|make (?:it|that)|no make that)(?!\S)"
)
_AMOUNT = re.compile(r"(?<![\w/:-])(?P<n>\d+(?:\.\d+)?) ?(?P<unit>k|grand|m|mil|million)?(?:ish)?(?![\w/:-])")
_SCALE = {"k": 1e3, "grand": 1e3, "m": 1e6, "mil": 1e6, "million": 1e6}
_LEAST_PLAIN_AMOUNT = 1_000
"""A smaller number without a unit is no sum: "three hundred" may be thousands."""

_LEAST_IN_THOUSANDS = 40

_SPOKEN_HUNDREDS = re.compile(r"(?<!\S)([1-9]) ([1-9]\d)(?!\S)")
""" "three forty" for 340."""
_OTHER_SUM = re.compile(
    r"(?<!\S)(?:make|makes|earn|salary|income|a year|yearly|annual|score|worth|value|valued|appraised|miles|rent|down"
    r"|per month|a month|monthly|deductible|price|house is|listed)(?!\S)"
)
"""A sum beside one of these may be of something else than what is to be borrowed or spent."""

CUE_WITHIN = 4
"""Words before a sum in which its cue may stand."""


_SUM = re.compile(
    r"(?<!\S)(?:so|thats|that makes|makes|total of|altogether|in total|all together)"
    r"(?: (?:like|about|its|thats|just))* "
    r"(?=\d)"
)


def adds_up(said: str) -> bool:
    """Whether a figure is what the words before it come to: "me, my wife and our daughter, so three"."""
    return _SUM.search(said) is not None


def number_of(question: Question, said: str, *, asked: bool) -> int | None:
    """The count a cleaned text gives for an int question, within its limits; None if there is none."""
    for number in _counts(question, said, asked=asked):
        if (question.min is None or number >= question.min) and (question.max is None or number <= question.max):
            return number
    return None


def _counts(question: Question, said: str, *, asked: bool) -> Iterator[int]:
    for cue in question.cues:
        before, _, after = (re.escape(clean_wording(part)) for part in cue.partition("#"))
        near = rf"{before} (?:[^\W\d]+ ){{0,3}}" if before else ""
        behind = rf" (?:[^\W\d]+ )?{after}" if after else ""
        for match in re.finditer(rf"(?<!\S){near}(\d{{1,3}}){behind}(?!\S)", said):
            yield int(match[1])
    if asked:
        corrected = _CORRECTED.search(said) or _SUM.search(said)
        said = said[corrected.end() :] if corrected and _NUMBER.search(said, corrected.end()) else said
        named = [clean_wording(cue.partition("#")[2]).split() for cue in question.cues]
        units = {words[0] for words in named if words}
        numbers = list(_NUMBER.finditer(said))
        # "Since 18, so ten, maybe eleven years": the number with the unit behind it is meant.
        measured = [match for match in numbers if units & set(said[match.end() :].split()[:3])]
        for match in (*measured, *numbers):
            yield int(match[0])
        if said.strip(" .") in _SOUNDS_LIKE:
            yield _SOUNDS_LIKE[said.strip(" .")]


def amount_band(
    question: Question, said: str, *, cued: bool, in_thousands: bool = False, alone: bool = False
) -> str | None:
    """The band of the first sum named, "about 310k"; if `cued`, only of one behind a cue: "owe about 310k".

    `in_thousands`: who says "about 280" here means thousands. `alone`: a single "18 grand" needs no cue. Where several
    sums are named and one is what they come to ("four twenty less eighty, so three forty"), that one is meant.
    """
    said = _SPOKEN_HUNDREDS.sub(r"\1\2", said) if in_thousands else said
    if summed := _SUM.search(said):
        said = said[summed.end() :]
    sums = list(_AMOUNT.finditer(said))
    is_clear = alone and len([match for match in sums if match["unit"]]) == 1 and _OTHER_SUM.search(said) is None
    for match in sums:
        if cued and not _is_cued(question, said[: match.start()]) and not (is_clear and match["unit"]):
            continue
        amount = float(match["n"]) * _SCALE.get(match["unit"] or "", 1)
        if in_thousands and not match["unit"] and _LEAST_IN_THOUSANDS <= amount < _LEAST_PLAIN_AMOUNT:
            amount *= 1e3
        if match["unit"] or amount >= _LEAST_PLAIN_AMOUNT:
            return next((value for value, band in question.bands.items() if band.holds(amount)), None)
    return None


def _is_cued(question: Question, before: str) -> bool:
    words = before.split()[-CUE_WITHIN:]
    return phrase_pattern(question.cues).search(" ".join(words)) is not None


def day_band(question: Question, days: int) -> str | None:
    """The band of a number of days from today."""
    return next((value for value, band in question.bands.items() if band.holds(days)), None)


_ZIP_ALONE = re.compile(
    r"(?<![\w$.,/#-])(\d{5})(?:-\d{4})?(?![\w%-]|[.,]\d| ?(?:dollars|bucks|miles|sq|square|k|usd|a|per)\b)"
)
_ZIP_NAMED = re.compile(r"\b(?:zip|zip code|zipcode|postal code)(?: (?:is|its|code))* ((?:\d ?){5})(?!\d)")
_ZIP_SPOKEN = re.compile(r"(?<!\d)((?:\d ?){4}\d)(?! ?\d)")


_LEADING_ZERO = re.compile(r"(?<!\S)(?:oh|o)(?= \d)")


_CORRECTED_ZIP = re.compile(r"(?<!\S)(?:no|sorry|wait|actually|i mean|scratch that|make that)(?!\S)")


def zip_of(text: str, asked: bool) -> str | None:
    """A five-digit ZIP: after the word, as an answer to the question, or alone and no sum of money."""
    said = clean(text)
    if asked:
        said = _LEADING_ZERO.sub("0", said)
    alone = list(_ZIP_ALONE.finditer(text))
    if alone and _CORRECTED_ZIP.search(said):
        alone = alone[-1:]  # "53202, no sorry, 53207"
    match = _ZIP_NAMED.search(said) or next(iter(alone), None) or (_ZIP_SPOKEN.search(said) if asked else None)
    return match[1].replace(" ", "") if match else None
