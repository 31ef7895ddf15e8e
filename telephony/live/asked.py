"""What the persona's question asks for, as far as it tells when its answer is whole."""

import re

from agent.campaign import Question
from audio.completeness import Asked

_BY_TYPE = {"zip": Asked.ZIP, "int": Asked.COUNT}
_BY_WORDS = (
    (re.compile(r"\bzip\b"), Asked.ZIP),
    (re.compile(r"\b(spell|spelled|letter by letter)\b"), Asked.SPELLING),
    (re.compile(r"\b(your|best|good|which|what) (best )?e-?mail\b|\be-?mail address\b"), Asked.EMAIL),
    (
        re.compile(r"\b(phone|telephone|cell|mobile|callback|back|best|good|better|what|which) number\b(?! of)"),
        Asked.TELEPHONE,
    ),
)
_WANTS_IT = re.compile(
    r"\b(what|what's|which|where|is there (a|another|any)"
    r"|(can|could|may|would) (you|i|we) (please )?(have|get|give|tell|spell|take|ask|share))\b"
)
"""How somebody asks who wants the thing itself, not whether there is one: "Did you get our e-mail?"."""
_YES_OR_NO = re.compile(
    r"((and|so|okay|great|thanks),? )*"
    r"(is|are|was|were|do|does|did|have|has|will|would|shall|should|can|could|may)\b"
)
_WANTS_MORE = re.compile(r"\b(or|what|when|where|who|which|how|why|any\w*|some\w*|tell|give|share|explain)\b")
"""Then a yes is no answer, or not all of one: "Could you tell me when?", "Is there anything else?"."""
_SENTENCE = re.compile(r"[^.!?]+\?")


def asked_for(question: Question | None, said: str) -> Asked:
    """By the campaign's `question` if it is one with a type that tells, else by the words of the last question in what
    was `said`, as far as it was heard: whatever a language model asks is known by them alone."""
    if question is not None and question.type in _BY_TYPE:
        return _BY_TYPE[question.type]
    sentences = _SENTENCE.findall(said.lower().replace("’", "'"))
    return _by_words(sentences[-1].strip()) if sentences else Asked.ANYTHING


def _by_words(sentence: str) -> Asked:
    named = next((asked for pattern, asked in _BY_WORDS if pattern.search(sentence)), None)
    wants_yes_or_no = _YES_OR_NO.match(sentence) is not None
    if named is not None and (_WANTS_IT.search(sentence) or not wants_yes_or_no):
        return named
    return Asked.ASSENT if wants_yes_or_no and not _WANTS_MORE.search(sentence) else Asked.ANYTHING
