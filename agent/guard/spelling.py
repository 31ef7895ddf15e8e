"""Slips of the finger and of the recogniser in the words that the guard lives on.

A stop is a stop however it is spelt. Only words near a word of the guard's own small vocabulary are put right, and only
when they are no English word themselves: "representitive" becomes "representative", "contract" stays what it is.
"""

import re
from functools import lru_cache
from string import ascii_lowercase

from agent.words import word_set

_LONG = word_set(
    """
    unsubscribe remove delete cancel message messages messaging texting calling sending contact contacting
    bothering harassing spamming please number wrong robot human person agent representative operator supervisor
    manager computer machine automated automatic recording speak talking licensed customer service mensaje
    mensajes llamada llamadas numero llamen llamar llamarme escriban cancelar equivocado
    """
)
"""Words long enough that one letter more, less, other or swapped leaves no doubt (two in words from nine letters)."""

_SHORT = ("stop", "quit", "text", "call")
"""Words too short for that: only slips that a finger makes are put right."""

_ENGLISH = word_set(
    """
    contract contrast compact testing taxing telling pleased cancer humane massage passage spending speck sneak
    special removal removed remover deleted cancels canceled cancelled messaged numbered unsubscribed robotic
    recoding rewording managed manage machined mechanic operated operate reagent argent regent aspect talkin
    walking taking tanking calming culling coaling mending contacts sealing serving services serviced servicer
    custom customs customary computed commuter compute parson prison persona personal persons humans agency
    agents licence license supervise supervised automate automation automobile automatics bothersome pleas
    humana numeros equivocada llamada llamado llame llamar llaman mensual mensajero cancelan cancela autocratic
    automatized conducting connecting contenting contesting contracting contrasting convicting deplete licenced
    licensee licenser manger pease receding recoiling recurring remote sanding scamming servile shamming
    slamming spear steak superior supervisory wring wrung reporting humano humanos operador operadora escriba
    contacten contacte llama robotica numerico stoop atop step shop spot top sop test tex tet quot quiet quiz stops stomp
    strop stoup estop fall calk dall cal cell
    """
)
"""Words that are near one of ours and stay as they are."""

_INFLECTED = re.compile(r"(?:s|d|ed|er|ers|al|ly|es|ing)")
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def _neighbours(letter: str) -> str:
    """The keys around a letter's on an American keyboard."""
    place = next(((row, keys.index(letter)) for row, keys in enumerate(_KEYS) if letter in keys), None)
    if place is None:
        return ""
    row, column = place
    beside = [(row, column - 1), (row, column + 1), (row - 1, column), (row - 1, column + 1)]
    beside += [(row + 1, column - 1), (row + 1, column)]
    return "".join(_KEYS[r][c] for r, c in beside if 0 <= r < len(_KEYS) and 0 <= c < len(_KEYS[r]))


def _slips(word: str) -> set[str]:
    """What a finger makes of a word: two letters swapped, one doubled, one left out inside, one key beside."""
    swapped = {word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1)}
    doubled = {word[:i] + word[i] + word[i:] for i in range(len(word))}
    missing = {word[:i] + word[i + 1 :] for i in range(1, len(word) - 1)}
    beside = {word[:i] + key + word[i + 1 :] for i in range(len(word)) for key in _neighbours(word[i])}
    return (swapped | doubled | missing | beside) - _ENGLISH - {word}


_SLIPPED = {slip: word for word in _SHORT for slip in _slips(word)}
_SLIPPED |= {"stop"[:i] + key + "stop"[i:]: "stop" for i in range(5) for key in ascii_lowercase}
"""With one letter too many, a stop is still one: "stopl"."""


@lru_cache(maxsize=4096)
def corrected(word: str) -> str:
    """The word of the guard's vocabulary that was meant, or the word itself.

    >>> corrected("representitive"), corrected("stpo"), corrected("contract"), corrected("numbers")
    ('representative', 'stop', 'contract', 'numbers')
    """
    if word in _ENGLISH:
        return word
    if word in _SLIPPED:
        return _SLIPPED[word]
    if len(word) < 5 or word in _LONG:
        return word
    return next((right for right in sorted(_LONG) if _is_near(word, right)), word)


def _is_near(word: str, right: str) -> bool:
    if word[0] != right[0] or abs(len(word) - len(right)) > 2 or _is_form_of(word, right):
        return False
    is_long = len(right) >= 9 and word[:3] == right[:3] and word[-1] == right[-1]
    return _distance(word, right) <= (2 if is_long else 1)


def _is_form_of(word: str, right: str) -> bool:
    """Whether it is the same word in another form: "numbers", "removed"."""
    stem = right.removesuffix("e")
    return word.startswith(stem) and _INFLECTED.fullmatch(word.removeprefix(stem)) is not None


def _distance(one: str, other: str) -> int:
    """How many letters are to be added, dropped, changed or swapped with their neighbour."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
