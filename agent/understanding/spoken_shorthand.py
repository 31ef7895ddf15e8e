"""A message about when to call in full words: shorthand, slips and asides gone, holidays as dates, Spanish in English.

"b4 5 lol" becomes "before 5", "sat am" "saturday morning", "once Thanksgiving's over with" "after 2026-11-26". What is
left, `spoken_time` reads by its grammar. The steps stand in the order in which they have to be taken.
"""

import calendar
import re
from datetime import date

from agent.understanding.spanish_time import in_english
from agent.understanding.spoken_holidays import dated
from agent.words import clean


def in_full(text: str, today: date) -> str:
    """The message in the one form that the grammar of times reads. `today` is the lead's."""
    said = _ASIDE.sub("", _THIS_SECOND.sub("this minute", _REPEATED.sub(r"\1", clean(_typed_out(text)))))
    said = _ONCE_OVER.sub(r"after \1", in_english(_spelled_out(said)))
    said = dated(said, today)
    said = _HALF_OF_DAY.sub(lambda match: f"{match[1]} {_HALVES[match[2]]}", said)
    said = _TWENTY_FOUR_HOURS.sub(r"at \1:\2", said).replace("last day of", "end of")
    said = _NOT_TODAY.sub("", _HEDGE.sub("", _PAST.sub("", said))).replace("my time", "")
    said = _SHORT_DAY.sub(lambda match: _WEEKDAYS[match[0][:3]], said)
    return _OF_NEXT_WEEK.sub(r"next \1\2", said)


# As typed, and as heard ----------------------------------------------------------------------------------------------

_TYPED = tuple(
    (re.compile(typed, re.IGNORECASE), full)
    for typed, full in (
        (r"\bb4\b", "before"),
        (r"\b2n(?:ite|ight)\b", "tonight"),
        (r"\b2mo?r+o?w?\b", "tomorrow"),
        (r"\bl8e?r\b", "later"),
        (r"\b(\w+)ish\b", r"\1 ish"),
        (r"\b(\d+)\.5(?= ?h)", r"\1 and a half"),
        (r"(?:3/4|three quarters) of an hour", "45 minutes"),
        (r"\bpee em\b", "pm"),
        (r"\bbout\b", "about"),
        (r"\blater (?=(?:today|tonight|this (?:afternoon|evening)),? (?:(?:like|around|about|at|maybe) )?\d)", ""),
        (r"\bin the am\b", "in the morning"),
        (r"\bno time like the present\b", "right now"),
        (r"\bminutit(?=os?\b)", "minut"),
        (r"\bmedia horita\b", "media hora"),
        (r"\bm[aá]s tardecito\b", "más tarde"),
        (r"\b(today|tonight|tomorrow)['’]?s (?=(?:no|not|bad|out|booked|full)\b)", r"\1 is "),
        (r"\b(?:some ?time |any ?time )?(?:between |from )?now (?:and|to|un?till?) (?=\d|noon)", "before "),
    )
)
"""What cleaning would take apart, mixed of letters and figures, and what recognisers make of "pm"."""


def _typed_out(text: str) -> str:
    for typed, full in _TYPED:
        text = typed.sub(full, text)
    return text


_REPEATED = re.compile(r"\b([a-z]+)(?: \1\b)+")
"""A word said twice while thinking: "from three to to four"."""
_THIS_SECOND = re.compile(r"\bthis (?:very )?2nd\b(?! of)")
"""Not the second of the month."""
_ASIDE = re.compile(
    r"\b(?:lol|lmao|haha|smh|jaja|hon|dear|honey)\b ?|"
    r"[ ,.]*\b(?:regards|sincerely|kindly|cordially|yours(?: truly)?|warmly|signed)(?: ,)? \w+[ .]*$"
)
"""What changes nothing: laughter, endearments, and how a letter is signed."""

# Words ---------------------------------------------------------------------------------------------------------------

_SHORTHAND = {
    "aft": "afternoon",
    "atm": "at the moment",
    "btwn": "between",
    "eve": "evening",
    "gimme": "give me",
    "hr": "hour",
    "hrs": "hours",
    "k": "ok",
    "lemme": "let me",
    "n": "and",
    "pls": "please",
    "plz": "please",
    "rn": "right now",
    "telephone": "phone",
    "thx": "thanks",
    "til": "till",
    "tmrw": "tomorrow",
    "tmw": "tomorrow",
    "tonite": "tonight",
    "txt": "text",
    "u": "you",
    "ur": "your",
    "wanna": "want to",
    "wk": "week",
    "wknd": "weekend",
    "wks": "weeks",
    "ya": "you",
    "yall": "you",
}
_P_M = re.compile(r"\b(\d{1,2}(?::\d\d)?) p\b")
_HAVE_AN_EVE = frozenset({"christmas", "xmas", "years"})
_SPANISH_YA = re.compile(
    r"\bya (?:puede\w*|me|no|estoy|call|llam\w+|marq\w+|marc\w+|mismo)\b|\b(?:llam|marqu|marc)\w* ya\b"
)


def _spelled_out(said: str) -> str:
    """Shorthand of the thumbs spelled out; "christmas eve" and the Spanish "ya" stay."""
    if _SPANISH_YA.search(said):
        return said
    words = _P_M.sub(r"\1pm", said).split()
    return " ".join(
        word if word == "eve" and place and words[place - 1] in _HAVE_AN_EVE else _SHORTHAND.get(word, word)
        for place, word in enumerate(words)
    )


_ONCE_OVER = re.compile(
    r"\bonce ((?:the )?\w+?)s? (?:is |are |gets |has )?(?:over|past|passed|done|passes|behind us)(?: with)?\b"
)
_HEDGE = re.compile(r" (?:maybe|probably|i think|i guess|if possible)(?= ?[.,]|$)")

# Days and hours ------------------------------------------------------------------------------------------------------

_WEEKDAYS = {name[:3]: name for name in (day.lower() for day in calendar.day_name)}
_SHORT_DAY = re.compile(
    r"\b(?:mon|tues?|weds?|thu|thurs?|fri|sat|sun)\b(?= (?:morning|afternoon|evening|night|at|after|before|between|"
    r"around|works|is|or|\d)|$| [,.?])"
)
_OF_NEXT_WEEK = re.compile(rf"\b({'|'.join(_WEEKDAYS.values())})( morning| afternoon| evening)? (?:of )?next week\b")
_HALVES = {"am": "morning", "pm": "afternoon"}
_HALF_OF_DAY = re.compile(
    r"\b((?:mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun)(?:day|sday|nesday|rsday|urday)?|tomorrow) ([ap]m)\b"
)
_TWENTY_FOUR_HOURS = re.compile(r"\b([01]\d|2[0-3])([0-5]\d) hours\b")
_PAST = re.compile(
    r"\b(?:in |about )?(?:\d+|an?|a few|a couple(?: of)?) (?:years?|months?|weeks?|days?|hours?|minutes?) ago\b"
)
_NOT_TODAY = re.compile(r"\bnot (?:today|tonight|now|right now)(?: ,| \.| but)* (?=.*\b(?:tomorrow|next|\w+day)\b)")
"""The day that does not suit, before one that does."""
