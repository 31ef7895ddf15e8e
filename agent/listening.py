"""Sounds of listening: what a lead says under the persona's speech without wanting the floor."""

import re

_SOUND = re.compile(
    r"m+h?m*|h+m+|uh|huh|u+m|a+h|a+ha+|o+h|ok(ay)?|yeah?|ye[ps]|yup|y|right|sure|alright|cool|great|nice|good|exactly"
    r"|got|it|i|see|all|hi|hello|hey|wow|really|gotcha|perfect|awesome|makes?|sense"
)
_TAKES_THE_FLOOR = frozenset(
    {"no", "nope", "nah", "not", "don", "never", "stop", "quit", "wait", "hold", "hang", "sorry", "pardon", "excuse"}
    | {"what", "who", "why", "how", "where", "when", "which", "bye", "person", "human", "agent", "operator"}
    | {"remove", "call", "calls", "calling", "interested", "question"}
)
"""However short and however badly heard, whoever says one of these wants to speak."""
_WORD = re.compile(r"[a-z]+")
MOST_WORDS = 4


def is_backchannel(text: str, *, mumbled: bool = False) -> bool:
    """Whether an utterance, spoken while the persona speaks, only says "I'm listening".

    `mumbled` says that it was short and hardly understood: recognisers make words of an "uh-huh" ("I help"), so that
    then only words that take the floor count as any.
    """
    words = _WORD.findall(text.lower())
    if mumbled:
        return not _TAKES_THE_FLOOR.intersection(words)
    return 0 < len(words) <= MOST_WORDS and all(_SOUND.fullmatch(word) for word in words)
