"""What a lead takes back as he speaks: "tuesday, no sorry, wednesday", "five to seven, no wait, three to five"."""

import re
from collections.abc import Callable, Sequence

from agent.words import any_of

_BETWEEN = re.compile(
    r"(?: [,.])*(?: (?:no|nope|nah|wait|sorry|oops|actually|scratch that|i (?:mean|meant)|make (?:it|that)|rather"
    r"|correction|my bad|typo"
    r"|my mistake|i mistyped|strike that|wrong 1|hang on|hold on)(?: [,.])*)+"
    r"(?: (?:or|on|the|its|that|it|like|is|about|maybe|more))* "
)
_ANEW = any_of(
    r"no wait",
    r"wait",
    r"(?:no )?(?:hang|hold) on",
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


def explained_away(said: str, named: Sequence[tuple[int, int]]) -> set[int]:
    """Which of the `named` spans of a cleaned text, by their place, a correction takes back by naming one again.

    "The 9th, no wait, the 9th was the monday, it was the 10th": what it was called goes with it.
    """
    for match in reversed(list(_ANEW.finditer(said))):
        before = [place for place, (_, end) in enumerate(named) if end <= match.start()]
        if not before:
            continue
        word = _bare(said[slice(*named[before[-1]])])
        again = {place for place, span in enumerate(named) if place > before[-1] and _bare(said[slice(*span)]) == word}
        what = {place + 1 for place in again if _is_called(said, named, place)}
        gone = {before[-1], *again, *what}
        if again and len(gone) < len(named):
            return gone
    return set()


_IS = re.compile(r"(?: is| was)? (?:a |the |my )*")


def _is_called(said: str, named: Sequence[tuple[int, int]], place: int) -> bool:
    following = named[place + 1 : place + 2]
    return any(_IS.fullmatch(said[named[place][1] : start]) for start, _ in following)


def _bare(words: str) -> str:
    return re.sub(r"^(?:(?:on|the|this|next|for|at) )+|s$", "", words)


def last_word(said: str, holds: Callable[[str], bool]) -> str:
    """What follows the last correction in a cleaned text, if that `holds` what is looked for; else the whole text."""
    for match in reversed(list(_ANEW.finditer(said))):
        if holds(rest := said[match.end() :].strip()):
            return rest
    return said
