"""Cuts a reply into clauses to speak one by one, so that the first is heard while the rest is still being made."""

import re

_ABBREVIATIONS = frozenset(
    {"mr", "mrs", "ms", "dr", "st", "jr", "sr", "vs", "etc", "inc", "co", "ltd", "apt", "ave", "blvd", "rd", "approx"}
    | {"jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec"}
)
"""A full stop behind one of these ends no sentence by itself, nor behind an initial or dotted letters ("p.m.")."""
_INITIALS = re.compile(r"(?!i$)[a-z](\.[a-z])*")
_SENTENCE_END = re.compile(r"(\S*[.?!…][\"'”’)]*)\s+(?=\S)")
_CLAUSE_END = re.compile(r"(?<=[,;:—])\s+(?=[a-z])|\s+(?=—\s)")
"""A comma before a capital or a digit stands in a name, a date or a list of numbers: "Chicago, Illinois"."""

_FIRST_WORDS = 8
_MOST_WORDS = 18
_FEWEST_WORDS = 3


def clauses(text: str) -> list[str]:
    """The clauses of `text`, in order; joined by spaces they are `text` again.

    Sentences are clauses. A first sentence of more than 8 words, and any of more than 18, is cut further at commas,
    where both sides have three words or more.
    """
    parts: list[str] = []
    for sentence in _sentences(" ".join(text.split())):
        longest = _MOST_WORDS if parts else _FIRST_WORDS
        parts.extend(_cut(sentence, longest))
    return parts


def _sentences(text: str) -> list[str]:
    sentences, start = [], 0
    for match in _SENTENCE_END.finditer(text):
        if _ends_sentence(match[1], text[match.end() :]):
            sentences.append(text[start : match.end(1)])
            start = match.end()
    return [*sentences, text[start:]] if text[start:] else sentences


def _ends_sentence(last_word: str, rest: str) -> bool:
    word = last_word.strip("\"'“”‘’()")
    if not word.endswith("."):
        return not rest[0].islower()
    stem = word.rstrip(".").lower()
    if _INITIALS.fullmatch(stem) or stem in _ABBREVIATIONS:
        return False
    return not (rest[0].islower() or (stem == "no" and rest[0].isdigit()))


def _cut(sentence: str, longest: int) -> list[str]:
    """`sentence` cut once at the first comma that leaves enough on both sides, and its rest again if still too long."""
    if len(sentence.split()) <= longest:
        return [sentence]
    for match in _CLAUSE_END.finditer(sentence):
        head, rest = sentence[: match.start()], sentence[match.end() :]
        if min(len(head.split()), len(rest.split())) >= _FEWEST_WORDS:
            return [head, *_cut(rest, _MOST_WORDS)]
    return [sentence]
