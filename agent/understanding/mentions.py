"""Finds the values of a campaign's facts in what a lead said, and drops those he did not say of himself and now.

A value counts if one of its words stands in the text, unless a longer phrase of the campaign explains that word, or
it is denied ("not a townhouse"), somebody else's ("my sister has a condo"), past ("sold our condo") or asked of us.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.campaign import Question
from agent.understanding.whose import PEOPLE, others_clauses
from agent.words import any_of, phrase_pattern

_VAGUE_NAMES = frozenset(
    {"none", "no", "yes", "other", "unsure", "later", "not_sure", "prefer_not", "time", "family", "landlord"}
)
"""Value names that are everyday words: only synonyms and answers stand for them."""
_NAMES_IN_ANSWERS = frozenset({"good", "fair", "excellent"})
"""Of these the names too, but only in an answer: "sounds good" rates nothing."""

ANSWER_WITHIN = 4
"""An answer's word stands among the first so many, or the whole utterance is hardly longer."""
SHORT_ANSWER = 6


@dataclass(frozen=True, slots=True)
class Mention:
    """A value named in a cleaned text, and where. `denied`: the lead said that it is not so."""

    value: str
    start: int
    end: int
    denied: bool = False


def mentions(question: Question, said: str, *, asked: bool) -> list[Mention]:
    """The values named in a cleaned text, in order. `asked`: the text answers this very question."""
    spans = _longest(list(_spans(question, said, asked=asked)))
    others = others_clauses(said)
    found = []
    for value, start, end in spans:
        before = said[:start]
        if (
            value is None
            or any(first <= start < last for first, last in others)
            or _NOT_HIS.search(before)
            or _is_for_later(before, said[end:])
            or (question.type != "bool" and _ASKED_OF_US.search(before))
        ):
            continue
        found.append(Mention(value, start, end, denied=_is_denied(before)))
    return sorted(found, key=lambda mention: mention.start)


_PERHAPS = re.compile(
    r"(?<!\S)(?:maybe|possibly|might (?:do|add|want|need)|perhaps|eventually)(?: (?:the|a|an|my|our|for))* $"
)
_LATER = re.compile(r" (?:\S+ )?(?:later|down the (?:road|line)|eventually|some ?day|next year|another time)(?!\S)")


def _is_for_later(before: str, after: str) -> bool:
    """ "Home. Maybe auto later": only the first is what he wants."""
    return _PERHAPS.search(before) is not None and _LATER.match(after) is not None


def _is_denied(before: str) -> bool:
    return _DENIED.search(before) is not None and _NO_AFTER_NOT.search(before) is None


_Span = tuple[str | None, int, int]
_EXPLAINED = any_of(
    r"(?:from|for|until|till|by|as of|up to) now",
    r"none of (?:your|ur|yalls|anybodys|their)(?: \S+)? business",
)
"""Words that are no value of any question's, whatever they are like: "five months from now" is not now."""


def _spans(question: Question, said: str, *, asked: bool) -> Iterator[_Span]:
    for pattern in (phrase_pattern(question.ignore), _EXPLAINED):
        for match in pattern.finditer(said):
            yield None, match.start(), match.end()
    for value, phrases in _phrases(question, asked=asked).items():
        for match in phrase_pattern(phrases).finditer(said):
            yield value, match.start(), match.end()
    if not asked:
        return
    is_short = len(said.split()) <= SHORT_ANSWER
    for value, phrases in question.answers.items():
        for match in phrase_pattern(tuple(p for p in phrases if p not in ("yes", "no"))).finditer(said):
            if is_short or said[: match.start()].count(" ") < ANSWER_WITHIN:
                yield value, match.start(), match.end()


def _phrases(question: Question, *, asked: bool) -> dict[str, tuple[str, ...]]:
    named: dict[str, tuple[str, ...]] = {}
    for value in dict.fromkeys((*question.values, *question.synonyms)):
        is_name = question.type in ("enum", "text") and value not in _VAGUE_NAMES
        is_name = is_name and (asked or value not in _NAMES_IN_ANSWERS)
        own = (value.replace("_", " "),) if is_name else ()
        named[value] = own + question.synonyms.get(value, ())
    return named


def _longest(spans: list[_Span]) -> list[_Span]:
    """Drops what lies inside a longer span, "family" in "single family", or is explained away by one that overlaps:
    "a car" by "car accident"."""

    def is_covered(span: _Span) -> bool:
        _, start, end = span
        longer = [(value, s, e) for value, s, e in spans if e - s > end - start]
        return any((s <= start and end <= e) or (value is None and s < end and start < e) for value, s, e in longer)

    return list(dict.fromkeys(span for span in spans if not is_covered(span)))


_FILLER = (
    r"(?:a|an|the|my|our|for|in|on|at|it|its|is|that|thats|this|about|really|actually|technically|exactly|necessarily"
    r"|looking|interested|want|wanting|need|needing|have|having|had|got|get|getting|any|to|like|be|been|i|we|insure"
    r"|insuring|do|well|great|good|enjoy|think|yet|currently|live|living|own|buy|bought|with|currently|even|of|as)"
)
_DENIED = re.compile(
    r"(?<!\S)(?:not|never|isnt|arent|aint|dont|doesnt|didnt|wasnt|wont|havent|hasnt|without|nor|instead of|rather than"
    rf"|other than|except|besides|(?<=\S )no)(?: {_FILLER})* $"
)
_NO_AFTER_NOT = re.compile(r"(?<!\S)not (?:an? )?\S+ no(?: an?| the)* $")
""" "Not a condo no a town house": the "no" is about the condo."""
_NOT_HIS = re.compile(
    rf"(?:(?<!\S)(?:my|our|his|her|their|a|the) (?:\w+ )?{PEOPLE} (?:(?!and |but |so |[,.?])\S+ ){{0,3}}"
    r"|(?<!\S)(?:previous|former|childhood|used to (?:have|own|live in|be|rent|be in)|sold|sell|selling|leaving"
    r"|moved out of|moving out of) (?:(?:a|an|the|my|our|in|from) )*"
    r"|(?<!\S)(?:not sure|dont know|no idea|wondering|unsure|wonder|remember) (?:if|whether) (?:\S+ ){0,3}"
    r"|(?<!\S)if (?:it|its|i|we|that) (?:\S+ ){0,2})$"
)


_DO_YOU = r"(?<!\S)(?:do|does|can|could|would|will|are) (?:you|u|yall|they) (?:guys )?"
_SERVE = r"(?:do|cover|offer|insure|sell|handle|write|have|take) "
_ASKED_OF_US = re.compile(rf"{_DO_YOU}(?:also |even |only )*{_SERVE}(?:\S+ ){{0,2}}$")
"""Who asks whether we take the GI bill has it; who asks whether we insure boats may only wonder."""
_SOMEBODY = re.compile(rf"(?<!\S){PEOPLE}(?!\S)")
_ASKING_FOR = re.compile(_DO_YOU + _SERVE)


def without_asking(said: str) -> str:
    """The words without the "do you do" of who asks whether we have a thing, unless for somebody else or besides."""
    return said if _SOMEBODY.search(said) else _ASKING_FOR.sub("", said)


def asks_whether_we_have(said: str) -> bool:
    """Whether that is what he asks."""
    return without_asking(said) != said


def is_or(said: str, first: Mention, second: Mention) -> bool:
    """Whether the two are offered as alternatives: "a house or a condo"."""
    return re.search(r"(?<!\S)(?:or|versus|vs)(?!\S)", said[first.end : second.start]) is not None
