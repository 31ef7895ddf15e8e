"""Numbers in what a lead says: counts, ages, credit scores, days, ZIP codes. Sums of money: `amounts`."""

import re
from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from agent.campaign import Question
from agent.understanding.amounts import after_sum
from agent.understanding.corrections import is_withdrawn
from agent.words import any_of, clean, clean_wording, phrase_pattern

_SOUNDS_LIKE = {"to": 2, "too": 2, "for": 4, "won": 1, "ate": 8, "tree": 3, "none": 0, "zero": 0, "nothing": 0}
"""What the recogniser writes for a digit spoken alone."""
_NUMBER = re.compile(r"(?<![\w/:.-])\d{1,3}(?![\w/:-]|\.\d)")
_CORRECTED = re.compile(
    r"(?<!\S)(?:no wait|wait no|wait|actually|i mean|scratch that|make (?:it|that)|no make that)(?!\S)"
)


_NOT_ONE = any_of(r"not (?:even |a |a single )*1", r"not a thing", r"not any", r"never had (?:any|1)", r"0")


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
        said = phrase_pattern(question.ignore).sub("", said)
        if _NOT_ONE.search(said):
            yield 0
        corrected = _CORRECTED.search(said)
        said = said[corrected.end() :] if corrected and _NUMBER.search(said, corrected.end()) else after_sum(said)
        named = [clean_wording(cue.partition("#")[2]).split() for cue in question.cues]
        units = {words[0] for words in named if words}
        numbers = list(_NUMBER.finditer(said))
        # "Since 18, so ten, maybe eleven years": the number with the unit behind it is meant.
        measured = [match for match in numbers if units & set(said[match.end() :].split()[:3])]
        for match in (*measured, *numbers):
            yield int(match[0])
        if said.strip(" .") in _SOUNDS_LIKE:
            yield _SOUNDS_LIKE[said.strip(" .")]


_YEAR = re.compile(r"(?<![\w/:.-])(?P<year>(?:19[4-9]|20[0-4])\d)(?![\w/:-])")
_SHORT_YEAR = re.compile(r"(?<!\S)(?:in|from|since|of) (?:0|oh|o) ?(?P<year>\d)(?!\S)")
_PUT_IN = any_of("new", "installed", "replaced", "put", "redone", "redid", "its from", "is from", "unit is from")
_AGES = (
    (any_of(r"(?:less than|under) a year", r"(?:this|last) (?:spring|summer|fall|winter|month)", r"this year"), 0),
    (any_of(r"last year", r"a year(?: ago| old| and a half)?", r"about a year"), 1),
    (any_of(r"(?:a )?couple(?: of)? (?:years|yrs)"), 2),
)


_TENURE = re.compile(
    r"(?<!\S)(?:own|owned|lived?|living|(?<!its )(?<!thats )(?<!has )been here|been in (?:the|this)(?= )|married)"
    r"(?: (?:it|here|there|the|this|in|for|house|home|place|been|about|like))* \d{1,2} (?:years?|yrs?)(?! ago| old)"
)
_OF_THE_HOUSE = re.compile(
    r"(?<!\S)(?:building|house|home|place|property|complex)(?:s| is| was)?(?: \S+){0,3}? \d{1,3} (?:years|yrs)(?: old)?"
)


def of_the_thing(said: str) -> str:
    """Without how long he has owned or lived in it, and how old the house is if another age is told too."""
    said = _TENURE.sub("", said)
    without = _OF_THE_HOUSE.sub("", said)
    return without if _NUMBER.search(without) else said


def age_of(question: Question, said: str, today: date, *, asked: bool) -> int | None:
    """Years since something was put in, by the year or the time of it; unasked only where it is said to have been."""
    match = _YEAR.search(said) or (_SHORT_YEAR.search(said) if asked else None)
    if match is not None:
        things = {clean_wording(cue.partition("#")[0]) for cue in question.cues} - {""}
        is_told = _PUT_IN.search(said) and (not things or any(thing in said.split() for thing in things))
        year = int(match["year"]) if len(match["year"]) == 4 else 2000 + int(match["year"])
        return today.year - year if (asked or is_told) and year <= today.year else None
    return next((age for words, age in _AGES if words.search(said)), None) if asked else None


_SCORE = re.compile(
    r"(?<![\w/:.$-])(?P<n>[3-8]\d\d)(?P<tens> ?s)?(?:ish)?(?![\w/:-])(?! ?(?:k|grand|dollars|bucks|a month))"
)
_SPOKEN_SCORE = re.compile(r"(?<!\S)([3-8]) (\d\d)(?!\S)")
_SCORE_NAMED = any_of(r"scores?", r"credit", r"credits", r"fico")
_WITHIN = {"low": 15, "lower": 15, "mid": 50, "middle": 50, "high": 85, "upper": 85}


def score_band(question: Question, said: str, *, asked: bool) -> str | None:
    """The band of a credit score, "around 720", "the high 600s"; unasked only where score or credit is spoken of."""
    said = _SPOKEN_SCORE.sub(r"\1\2", said)
    if not asked and _SCORE_NAMED.search(said) is None:
        return None
    match = _SCORE.search(said)
    if match is None:
        return None
    before = said[: match.start()].split()
    tens = _WITHIN.get(before[-1] if before else "", 50) if match["tens"] else 0
    score = int(match["n"]) + tens
    return next((value for value, band in question.bands.items() if band.holds(score)), None)


def day_band(question: Question, days: int) -> str | None:
    """The band of a number of days from today."""
    return next((value for value, band in question.bands.items() if band.holds(days)), None)


_ZIP_ALONE = re.compile(
    r"(?<![\w$.,/#-])(?!\d\d000)(\d{5})(?:-\d{4})?(?![\w%-]|[.,]\d| ?(?:dollars|bucks|miles|sq|square|k|usd|a|per)\b)"
)
_ZIP_NAMED = re.compile(r"\b(?:zip|zip code|zipcode|postal code)(?: (?:is|its|code))* ((?:\d ?){5})(?!\d)")
_ZIP_SPOKEN = re.compile(r"(?<!\d)((?:\d ?){4}\d)(?! ?\d)")


_LEADING_ZERO = re.compile(r"(?<!\S)(?:oh|o)(?= \d)")


_OTHER_PLACE = any_of(
    r"(?:the )?(?:home|house|job|property|apartment|condo|rental|new 1)(?: 1)? is",
    r"thats (?:my|the|our) (?:old|work|office|mailing|billing|other|former|moms?|parents)(?: 1)?",
    r"property is",
    r"house is",
    r"place is",
    r"work is",
    r"its at",
    r"is at",
    r"rental is",
    r"correct 1 is",
    r"right 1 is",
)


def zip_of(text: str, asked: bool) -> str | None:
    """A five-digit ZIP: after the word, as an answer to the question, or alone and no sum of money.

    Of several the first, unless it is taken back, or another is said to be where the property is.
    """
    said = clean(text)
    if asked:
        said = _LEADING_ZERO.sub("0", said)
    alone = list(_ZIP_ALONE.finditer(text))
    for one, other in pairwise(alone):
        between = f" {clean(text[one.end() : other.start()])} "
        if is_withdrawn(between) or _OTHER_PLACE.search(between):
            return other[1]
    spoken = list(_ZIP_SPOKEN.finditer(said)) if asked else []
    for one, other in pairwise(spoken):
        between = f" {said[one.end() : other.start()].strip()} "
        if is_withdrawn(between) or _OTHER_PLACE.search(between):
            return other[1].replace(" ", "")
    match = _ZIP_NAMED.search(said) or next(iter(alone), None) or next(iter(spoken), None)
    return match[1].replace(" ", "") if match else None
