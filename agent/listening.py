"""Sounds of listening: what a lead says under the persona's speech without wanting the floor."""

import re

_SOUND = re.compile(
    r"m+h?m*|h+m+|uh|huh|u+m|a+h|o+h|ok(ay)?|yeah|ye[ps]|yup|right|sure|alright|cool|great|nice|good|exactly"
    r"|got|it|i|see|all|hi|hello|hey"
)
_WORD = re.compile(r"[a-z]+")
MOST_WORDS = 4


def is_backchannel(text: str) -> bool:
    """Whether an utterance, spoken while the persona speaks, only says "I'm listening"."""
    words = _WORD.findall(text.lower())
    return 0 < len(words) <= MOST_WORDS and all(_SOUND.fullmatch(word) for word in words)
