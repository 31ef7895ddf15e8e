"""What tells by its words alone that a sentence has not ended. Punctuation tells little: recognisers put a full stop
behind every fragment.

Pure. `words` are lower case, with straight apostrophes, in the order said.
"""

import re
from collections.abc import Sequence

_DANGLING = frozenset(
    {"a", "an", "the", "my", "your", "his", "our", "their", "i'm", "we're", "they're", "you're", "it's", "that's"}
    | {"and", "but", "or", "nor", "because", "cause", "if", "unless", "although", "whether", "than", "gonna", "wanna"}
    | {"um", "uh", "er", "erm", "uhm", "hmm", "so"}
    | {"there's", "what's", "i'd", "we'd", "i'll", "we'll", "i've", "we've"}
    | {"every", "whose", "while", "per", "mr", "mrs", "ms", "dr", "as", "another", "its", "approximately", "roughly"}
)
"""Nothing a caller means to say ends in one of these, whatever full stop the recogniser put behind it."""
_LEADING = frozenset(
    {"to", "of", "for", "from", "with", "in", "on", "at", "by", "into", "about", "between", "until", "before", "after"}
    | {"i", "we", "they", "very", "just", "like", "around", "without", "through", "during", "toward", "towards"}
)
"""These end only a question: "Where are you calling from?"."""
_STRANDED = re.compile(
    r".*\b(who|whom|what|whatever|whoever|which|(some|any|every|no)(one|body|thing)|person|people|one|number|list|that)"
    r" (.* )?(i|you|we|he|she|they|it|i'm|you're|we're|he's|she's|they're|it's|was|were)\b.*"
)
"""Before a preposition it belongs to one of these: "someone I can talk to", "not that I know of"."""
_PARTICLES = re.compile(
    r".*\b((put|puts|patch|get|getting|go|goes|went|come|came|send|run|ran|fall|fell)( \w+){0,2} through"
    r"|(come|comes|came|coming|stop|go|log|sign|check|move|moved|moving|let|turn|send|call|called)( \w+){0,2} in"
    r"|(put|hold|go|going|went|moving|moved|turn|pass|later|now)( \w+){0,2} on|(stop|stopped|come|came|drop|swing) by"
    r"|(shop|shopping|look|looking|drive|walk|ask|asking|come|all|way) around"
    r"|(i've|we've|have|has|had|been|never|ever) (\w+ )*before|(day|week|month|year|time) (before|after)|or so)"
)
"""Not prepositions, here: "put me through", "I've been there before", "in a week or so"."""
_AUXILIARIES = frozenset(
    {"is", "are", "was", "were", "am", "be", "have", "has", "had", "will", "would", "can", "could", "should", "might"}
    | {"do", "does", "did"}
)
"""These end a question or follow their subject: "Yes, we are.", "cheaper than what we have"."""
_SUBJECTS = frozenset(
    {"i", "you", "he", "she", "it", "we", "they", "there", "that", "this", "who", "not", "to"}
    | {"never", "always", "really", "still", "sure"}
)
_HAVE_AN_END = frozenset(
    {"the", "an", "to", "will", "should", "must", "can", "it", "that", "this", "no", "dead", "high", "low", "front"}
    | {"back", "rear", "year", "month", "week", "other", "east", "west", "north", "south"}
)
"""Behind any other word "end" is what the recogniser makes of an "and" before a pause: "My wife end."."""
_PRELUDE = re.compile(
    r"((okay|ok|um|uh|oh|and|so|but|well) )*(well|actually|basically|i mean|listen)"
    r"|((yes|yeah|no|okay|ok|um|uh|oh|and|so|but|well) )*(let me (see|think|check|look)|let's see|(hold|hang) on"
    r"|(just |give me )?(a|one) (second|sec|moment|minute)|(i|we) (think|believe|need|want|got|bought|make))"
)
"""All that is said by somebody who is about to speak, and wants the floor until then."""
_LEADS_UP = re.compile(
    r".*\b(((want|wanted|like|need) to (know|ask)|wondering|hoping|trying|supposed)"
    r"|(and|but|or) (then|also|maybe|probably)|you know|i mean|(i'd|we'd|would) say"
    r"|(a|an|our|my) (new|newer|old|older|small|smaller|big|bigger|large|larger|different|nice|brand)"
    r"|(i'm|it's|we're|they're|i|we|they) (probably|maybe|mostly|basically|actually|currently|usually|also|only|even)"
    r"|on (january|february|march|april|may|june|july|august|september|october|november|december))"
)
"""Ends in words that more comes behind, unless it is a question."""
_INTRODUCED = r"((and|but|so|well|yes|yeah|no|okay|um|uh) )*"
_SUBJECT = r" (i|we|you|he|she|it|they|my|our|your|his|her|their|i'm|we're|you're|he's|she's|it's|they're)\b"
_CONDITION = re.compile(_INTRODUCED + r"(if|unless|although|whenever)" + _SUBJECT)
_CIRCUMSTANCE = re.compile(_INTRODUCED + r"(when|once|after|before|while|until|since|because)" + _SUBJECT)
_CLAUSE = 7
"""A half is hardly longer than so many words."""
_OPINION = frozenset({"think", "guess", "hope", "believe", "suppose", "afraid"})
"""What makes "so" an ending: "I think so.". "That" behind one of these is none: "We hope that"."""


def may_end(words: Sequence[str], *, question: bool) -> bool:
    """Whether an utterance can end in such a last word. Raises IndexError if there is none."""
    before, last = (words[-2] if len(words) > 1 else ""), words[-1]
    if _PARTICLES.fullmatch(" ".join(words)):
        return True
    if last == "end":
        return not before or before in _HAVE_AN_END or bool({"on", "does"}.intersection(words))
    if last == "so":
        return before in _OPINION
    if last == "that":
        return before not in _OPINION | {"sure", "so", "thinking"}
    if last in _AUXILIARIES:
        return question or before in _SUBJECTS or bool({"who", "where"}.intersection(words))
    if last in _LEADING:
        return question or before.endswith("n't")
    return last not in _DANGLING


def is_stranded(words: Sequence[str]) -> bool:
    """Whether the last word is a preposition that may belong to something said before: "who I'm talking to"."""
    return words[-1] in _LEADING and _STRANDED.fullmatch(" ".join(words[:-1])) is not None


def leads_up(words: Sequence[str], *, question: bool) -> bool:
    """Whether they only announce what is to come: "Well?", "Let me see.", "I was wondering"."""
    said = " ".join(words)
    return bool(_PRELUDE.fullmatch(said) or (not question and _LEADS_UP.fullmatch(said)))


def is_condition(words: Sequence[str]) -> bool:
    """Whether all of it is half a sentence that wants the other half: "If it rains on Saturday."."""
    return _is_clause(words, _CONDITION)


def is_circumstance(words: Sequence[str]) -> bool:
    """Whether it is half a sentence or an answer as it stands: "When my lease ends."."""
    return _is_clause(words, _CIRCUMSTANCE)


def _is_clause(words: Sequence[str], pattern: re.Pattern[str]) -> bool:
    return len(words) <= _CLAUSE and pattern.match(" ".join(words)) is not None
