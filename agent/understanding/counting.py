"""Counts that are not said as a number: "me, my wife and our son", "a speeding ticket and a hail claim"."""

import re
from collections.abc import Sequence

from agent.understanding.whose import HOUSEHOLD, OUTSIDERS
from agent.words import clean_wording

_QUANTITY = r"(?:(?P<n>\d{1,2}|(?:a )?couple(?: of)?|an?|no|my|our|his|her|the|another|both) )?"
_JOINED = re.compile(r"(?<!\S)(?:and|plus|also|then|n|with)(?!\S)")
_ONES = {"couple": 2, "a couple": 2, "couple of": 2, "a couple of": 2, "both": 2, "no": 0}
_OF_ANOTHER = re.compile(r" (?:for|from|on|over|about) (?:it|that|the same|this)(?!\S)")
""" "An accident and the claim for it" is one."""
_AGED = re.compile(r"(?<!\S)\d{1,2} (?:yrs?|years?) olds?(?!\S)")
""" "A 17 year old" is one person."""
_ADULTS = re.compile(r"(?<!\S)\d{1,2} (?:adults?|grown ups?)(?!\S)")
"""The speaker is one of these."""
_NOT_DRIVING = (
    r"(?:quit|stopped|gave up|doesnt|dont|does not|do not|cant|cannot|never|no longer|isnt|arent|not|wont|hardly)"
    r"(?: \w+)? (?:driv(?:e|es|ing|en)|behind the wheel)|doesnt|gave up (?:his|her|the) (?:keys|license)"
    r"|(?:no|without a|never got (?:his|her|a)|hasnt got a|doesnt have a|dont have a|lost (?:his|her)) license"
    r"|too (?:young|old|little)(?: to drive)?"
    r"|(?:isnt|not|arent) old enough|(?:is|are|just|only) (?:like )?(?:[1-9]|1[0-4])(?= ?$| [,.]| and| but| so)"
    r"|(?:dont|doesnt) count"
)
_NO_DRIVER = re.compile(
    rf"(?:(?:and|plus|with|but) )?(?:my|our|the|his|her|an?) (?:\w+ )?(?:{HOUSEHOLD}|{OUTSIDERS})"
    rf"(?: (?!(?:(?:{HOUSEHOLD}|{OUTSIDERS})|i|me|my|we|both)(?!\S))\S+){{0,7}}? (?:{_NOT_DRIVING})(?!\S)"
)
""" "My mother-in-law lives with us but she quit driving" is no driver."""
_BARE_FIRST = re.compile(
    r"^((?:(?:um|uh|like|just|its|we have|i have|about) )*\d{1,2})( (?:and|plus|n) (?:an?|\d{1,2}|the|my) )"
)
""" "Two and a motorcycle": the bare number counts the same things."""


def tally(things: Sequence[str], said: str, *, himself: Sequence[str] = (), asked: bool) -> int | None:
    """How many of the `things` a cleaned text lists; None if it lists none.

    `himself`: words for the speaker; where there are such, a list without one of them is not taken for a count. Unless
    `asked`, only a list with a number in it is.
    """
    if himself:
        said = _NO_DRIVER.sub("", _AGED.sub("teen", said))
    if asked:
        said = _BARE_FIRST.sub(rf"\1 {clean_wording(things[0])} \2", said)
    name = rf"(?:{_either(things)})s?"
    adjectives = r"(?:(?!and |no |my |our |an? )[a-z]+ ){0,2}?"
    pattern = re.compile(rf"(?<!\S){_QUANTITY}{adjectives}(?P<name>{name}(?: {name})*)(?!\S)")
    named = [match for match in pattern.finditer(said) if not _OF_ANOTHER.match(said, match.end())]
    counted = {match["name"] for match in named if (match["n"] or "").isdigit()}
    found = [match["n"] for match in named if match["n"] is not None or match["name"] not in counted]
    if himself and _ADULTS.search(said) is None:
        speaker = re.search(rf"(?<!\S)(?:{_either(himself)})(?!\S)", said)
        found = [None, *found] if speaker else []
    if not found or not (asked or any((quantity or "").isdigit() for quantity in found)):
        return None
    numbers = [_number(quantity) for quantity in found]
    is_list = len(found) > 1 and (_JOINED.search(said) or any((quantity or "").isdigit() for quantity in found[1:]))
    return sum(numbers) if is_list or 0 in numbers else numbers[0]


def _either(names: Sequence[str]) -> str:
    return "|".join(map(re.escape, sorted({clean_wording(name) for name in names}, key=len, reverse=True)))


def _number(quantity: str | None) -> int:
    return int(quantity) if quantity and quantity.isdigit() else _ONES.get(quantity or "", 1)
