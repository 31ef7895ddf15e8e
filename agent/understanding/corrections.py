"""What a lead takes back as he speaks: "tuesday, no sorry, wednesday", "five to seven, no wait, three to five"."""

import re
from collections.abc import Callable

from agent.words import any_of

_BETWEEN = re.compile(
    r"(?: [,.])*(?: (?:no|nope|nah|wait|sorry|oops|actually|scratch that|i (?:mean|meant)|make (?:it|that)|rather"
    r"|correction|my bad|typo"
    r"|my mistake|i mistyped|strike that|wrong 1)(?: [,.])*)+(?: (?:or|on|the|its|that|it|like|is|about|maybe|more))* "
)
_ANEW = any_of(
    r"no wait",
    r"wait",
    r"no sorry",
    r"sorry",
    r"no actually",
    r"actually",
    r"i (?:mean|meant)",
    r"(?:no )?make (?:it|that)",
    r"scratch that",
    r"oops",
    r"my bad",
    r"or no",
    r"typo(?: sorry)?",
    r"my mistake",
    r"strike that",
)


def is_withdrawn(between: str) -> bool:
    """Whether the words between two of a kind, in cleaned text, take the first one back for the second."""
    return _BETWEEN.fullmatch(between.replace(" or no ", " no ")) is not None


def last_word(said: str, holds: Callable[[str], bool]) -> str:
    """What follows the last correction in a cleaned text, if that `holds` what is looked for; else the whole text."""
    for match in reversed(list(_ANEW.finditer(said))):
        if holds(rest := said[match.end() :].strip()):
            return rest
    return said
