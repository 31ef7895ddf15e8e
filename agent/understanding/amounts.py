"""Sums of money in what a lead says: "60, maybe 65 thousand", "half a million", "18, no, 20k", "25 bucks an hour".

A range counts as its middle, and what is paid by the hour, week or month as what it comes to in a year.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from agent.campaign import Question
from agent.understanding.corrections import is_withdrawn, last_word
from agent.words import any_of, phrase_pattern

_WORDED = tuple(
    (re.compile(rf"(?<!\S){words}(?!\S)"), figures)
    for words, figures in (
        (r"(?:about |like )?half (?:of )?(?:1000000|a mil|mil)", "500000"),
        (r"(?:a |1 )?quarter (?:of )?(?:1000000|a mil|million|mil)", "250000"),
        (r"(?:a )?couple(?: of)? (?:thousand|grand|k)", "2000"),
        (r"(?:a )?few (?:thousand|grand|k)", "3000"),
        (r"(?:a )?couple(?: of)? (?:hundred|100) (?:thousand|grand|k)", "200000"),
        (r"(?:a )?couple(?: of)? (?:hundred|100)(?: bucks| dollars)?", "200 bucks"),
        (r"(?:a )?few (?:hundred|100)(?: bucks| dollars)?", "300 bucks"),
        (r"a (?:grand|k)", "1000"),
        (r"(?:low |barely )?6 figures", "100000"),
        (r"5 figures", "50000"),
    )
)
_DASHED = re.compile(r"(?<![\w/.-])(\d{1,4}(?:\.\d)?k?)-(\d{1,4}(?:\.\d)?k?)(?![\w/-])")
_HUNDREDS_AND_K = re.compile(r"(?<!\S)([1-9]) ([1-9]\d)(?= (?:k|grand)(?!\S))")
""" "one fifty k" for 150k."""
_THOUSANDS = re.compile(r"(?<!\S)([1-9]) ([1-9]\d)000(?!\S)")
""" "one fifty thousand" for 150,000."""
_THOUSANDS_AND_HUNDREDS = re.compile(r"(?<!\S)([1-9]\d?) ([1-9]00)(?!\S)")
""" "seven five hundred" for 7,500."""
_SPOKEN_HUNDREDS = re.compile(r"(?<!\S)([1-9]) ([1-9]\d)(?!\S)")
""" "three forty" for 340."""

_AMOUNT = re.compile(
    r"(?<![\w/:.-])(?P<n>\d+(?:\.\d+)?) ?(?P<unit>k|grand|m|mil|million|bucks|dollars|usd)?(?:ish)?(?![\w/:-])"
)
_SCALE = {"k": 1e3, "grand": 1e3, "m": 1e6, "mil": 1e6, "million": 1e6, "bucks": 1.0, "dollars": 1.0, "usd": 1.0}
_RANGE = re.compile(r" (?:(?:to|or|maybe|or maybe|possibly|and|up to|, maybe|, or|or like|to maybe|even) )+")
_RATE = re.compile(
    r" (?:(?:(?:dollars|bucks) )?(?:an?|per|each|every|1) (?P<one>hour|hr|week|wk|month|mo|year|yr)"
    r"|(?P<all>hourly|weekly|biweekly|monthly|yearly|annually|salary))(?!\S)"
)
_PER_YEAR = {"hour": 2080, "hr": 2080, "hourly": 2080, "week": 52, "wk": 52, "weekly": 52, "biweekly": 26,
             "month": 12, "mo": 12, "monthly": 12}  # fmt: skip
_BARE = re.compile(
    r"(?: ?$| [,.?]| (?:or|to|maybe|and|tops|max|ish|total|together|altogether|but|probably|if|would|should|is"
    r"|please|thanks|lol|household|before|combined|between|after|with|i|no|wait|at|for)(?!\S))"
)
"""What may follow a number that is a sum by itself; before any other word it counts that: "3 cards"."""
_DENIED = re.compile(r"(?<!\S)(?:not|instead of|rather than)(?: (?:the|like|about))? $")

_LEAST_PLAIN_AMOUNT = 1_000
"""A smaller number without a unit is no sum: "three hundred" may be thousands."""
_LEAST_CLEAR = 10_000
"""So much is money without a word for it, where a sum is wanted; 2019 is a year."""
_LEAST_HUNDREDS = 100
_LEAST_IN_THOUSANDS = 40
_MOST_IN_THOUSANDS = 100
"""Asked for a sum, who says less than this means thousands: "like 15"."""
_LEAST_HOURLY, _MOST_HOURLY = 7, 400
CUE_WITHIN = 4
"""Words before a sum in which its cue may stand."""
_OTHER_SUM = any_of(
    r"makes?|earn|salary|income|a year|a yr|yearly|annual|score|worth|value|valued|appraised|miles|rent|down",
    r"per month|a month|monthly|deductible|price|house is|listed",
)
"""A sum beside one of these may be of something else than what is to be borrowed or spent."""
_EARNED = any_of(
    r"ma(?:ke|kes|king)(?! it| that)", r"earn(?:s|ing)?", r"br(?:ing|ings|inging) in", r"salary", r"income", r"clear"
)
_MADE = any_of(r"make (?:it|that)")
_SUM = re.compile(
    r"(?<!\S)(?:so|thats|that makes|makes|total of|altogether|in total|all together)"
    r"(?: (?:like|about|its|thats|just))* "
    r"(?=\d)"
)


@dataclass(frozen=True, slots=True)
class _Sum:
    """One sum in a text: `amount` as the figures have it, `is_plain` if neither unit nor size says that it is money."""

    amount: float
    start: int
    end: int
    unit: str | None
    is_bare: bool
    rate: str | None

    @property
    def is_plain(self) -> bool:
        return self.unit is None and self.amount + 1 < _LEAST_PLAIN_AMOUNT  # "under 1000" is 999


_CONCLUDED = re.compile(
    r"(?<!\S)(?:put(?: (?:me|us|it|that|down|in|for|at|as))*|lets (?:say|do|go with|call it|make it)|call it|go with"
    r"|make (?:it|that)|settle on|(?:so|then|just|need to|want to|would|wed|id|ill|well) (?:\w+ )?borrow|in the end)"
    r"(?: (?:like|about|around|a|um|uh|,))* (?=\d)"
)
""" "He says 10, I say 25, so put 20": the sum it ends with."""


def adds_up(said: str) -> bool:
    """Whether a figure is what the words before it come to: "me, my wife and our daughter, so three"."""
    return _SUM.search(said) is not None


def after_sum(said: str) -> str:
    """The text from the figure on that the others come to, or end in; all of it, if there is none."""
    if concluded := list(_CONCLUDED.finditer(said)):
        return said[concluded[-1].start() :]
    summed = _SUM.search(said)
    return said[summed.end() :] if summed else said


def amount_band(
    question: Question, said: str, *, cued: bool, in_thousands: bool = False, alone: bool = False
) -> str | None:
    """The band of the first sum named, "about 310k"; if `cued`, only of one behind a cue: "owe about 310k".

    `in_thousands`: who says "about 280" here means thousands. `alone`: a single "18 grand" needs no cue. Where several
    sums are named and one is what they come to ("four twenty less eighty, so three forty"), that one is meant.
    """
    said = after_sum(_in_figures(said))
    if not cued:
        said = last_word(said, lambda rest: _AMOUNT.search(rest) is not None)
    sums = [one for one in _sums(said) if not _DENIED.search(said[: one.start])]
    is_clear = alone and len([one for one in sums if _is_money(one)]) == 1 and _OTHER_SUM.search(said) is None
    is_clear = is_clear and _EARNED.search(said) is None
    for one in sums:
        if cued and not _is_cued(question, one, said) and not (is_clear and _is_money(one)):
            continue
        amount = _amount(question, one, in_thousands=in_thousands, asked=not cued)
        if amount is not None:
            return next((value for value, band in question.bands.items() if band.holds(amount)), None)
    return None


def is_one_sum(said: str) -> bool:
    """Whether a cleaned text names one sum, or one range."""
    return len(_sums(_in_figures(said))) == 1


def _in_figures(said: str) -> str:
    for words, figures in _WORDED:
        said = words.sub(figures, said)
    said = _DASHED.sub(r"\1 to \2", said)
    said = _THOUSANDS.sub(r"\1\g<2>000", _HUNDREDS_AND_K.sub(r"\1\2", said))
    said = _THOUSANDS_AND_HUNDREDS.sub(lambda m: str(int(m[1]) * 1000 + int(m[2])), said)
    return _SPOKEN_HUNDREDS.sub(r"\1\2", said)


def _sums(said: str) -> list[_Sum]:
    """The sums in order: of two that make a range, their middle; of two of which one is taken back, the other."""
    joined: list[_Sum] = []
    for one in _each(said):
        before = joined[-1] if joined else None
        between = said[before.end : one.start] if before else ""
        if before and is_withdrawn(between):
            joined[-1] = one
        elif before and _RANGE.fullmatch(between) and (spanned := _spanned(before, one)):
            joined[-1] = spanned
        else:
            joined.append(one)
    return joined


def _each(said: str) -> Iterator[_Sum]:
    for match in _AMOUNT.finditer(said):
        unit, end = match["unit"], match.end()
        rate = _RATE.match(said, end)
        amount = float(match["n"]) * _SCALE.get(unit or "", 1)
        is_bare = unit is None and _BARE.match(said, end) is not None
        amount += _beyond(said[: match.start()])
        yield _Sum(amount, match.start(), end, unit, is_bare, (rate["one"] or rate["all"]) if rate else None)


_UNDER = re.compile(r"(?<!\S)(?:under|below|less than) (?:a |like |about )*$")
_OVER = re.compile(r"(?<!\S)(?<!not )(?<!no )(?:over|above|more than) (?:a |like |about )*$")


def _beyond(before: str) -> float:
    """What "under" and "over" add: a dollar, where a band ends at the figure itself."""
    return -1 if _UNDER.search(before) else 1 if _OVER.search(before) else 0


def _is_money(one: _Sum) -> bool:
    return one.unit is not None or one.amount >= _LEAST_CLEAR


def _spanned(low: _Sum, high: _Sum) -> _Sum | None:
    """Two sums as one range; the first shares the second's thousands: "60, maybe 65 thousand"."""
    least = low.amount
    if low.unit is None and least < _LEAST_PLAIN_AMOUNT <= high.amount:
        least *= 1e3
    if not 0 < least <= high.amount:
        return None
    return replace(high, amount=(least + high.amount) / 2, start=low.start, unit=high.unit or low.unit)


def _amount(question: Question, one: _Sum, *, in_thousands: bool, asked: bool) -> float | None:
    """What a sum comes to in dollars, a year's worth where the question wants that; None if it is no such sum."""
    if question.per == "year":
        return _in_a_year(one, asked=asked)
    if one.rate is not None:
        return None
    if not one.is_plain:
        return one.amount
    if asked and one.is_bare and _counts_hundreds(question) and one.amount >= _LEAST_HUNDREDS:
        return one.amount
    if in_thousands and one.amount >= _LEAST_IN_THOUSANDS:
        return one.amount * 1e3
    return one.amount * 1e3 if asked and one.is_bare and 1 < one.amount < _MOST_IN_THOUSANDS else None


def _counts_hundreds(question: Question) -> bool:
    """Whether the question has a band for sums so small that "like 500" is one of them, and no thousands."""
    return any(band.max is not None and band.max < _LEAST_PLAIN_AMOUNT for band in question.bands.values())


def _in_a_year(one: _Sum, *, asked: bool) -> float | None:
    times = _PER_YEAR.get(one.rate or "", 1)
    if times == _PER_YEAR["hour"]:
        return one.amount * times if _LEAST_HOURLY <= one.amount < _MOST_HOURLY else None
    if not one.is_plain or times > 1:
        return one.amount * times
    return one.amount * 1e3 if one.rate or (asked and one.is_bare and one.amount > 1) else None


def _is_cued(question: Question, one: _Sum, said: str) -> bool:
    near = " ".join(said[: one.start].split()[-CUE_WITHIN:])
    if question.per == "year":
        is_paid = one.rate in ("hour", "hr", "hourly", "year", "yr", "yearly", "annually", "salary")
        return is_paid or phrase_pattern(question.cues).search(_MADE.sub("", near)) is not None
    return _EARNED.search(near) is None and phrase_pattern(question.cues).search(near) is not None
