"""Which question a sentence is about, by the words they share."""

import re
from collections.abc import Mapping

_COMMON_WORDS = """
a about an and any are at be can do does for from have how i if in is it like of on or ok okay our please so that the
then there this to was we what when where which who will with would you your
"""
_COMMON = frozenset(_COMMON_WORDS.split())


def asked_by(sentence: str, askable: Mapping[str, str]) -> str | None:
    """The fact that a sentence asks for: the one whose wording shares most words with it, the first one on a tie.

    None when no word is shared. That is the safe side: a question wrongly marked as asked might never be asked, one
    wrongly left open is at worst asked twice.
    """
    words = _stems(sentence)
    shared = {key: len(words & _stems(wording.replace("_", " "))) for key, wording in askable.items()}
    best = max(shared, key=lambda key: shared[key], default=None)
    return best if best is not None and shared[best] else None


def _stems(text: str) -> set[str]:
    words = set(re.findall(r"[a-z]+", text.lower())) - _COMMON
    return {re.sub(r"(?<=\w{3})(ing|ed|es|e|s)$", "", word) for word in words}
