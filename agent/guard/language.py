"""Is Spanish spoken on the call? Then we offer to go on in Spanish by text, or with a person who speaks it.

The offline recogniser knows English only. It writes Spanish down as words it half knows ("no ablo ingles"), as English
that nobody said, or with little confidence in itself. So two kinds of evidence count:

- words: the lead says so ("no hablo inglés", "Spanish please"), or most of what was heard is Spanish;
- doubt: two utterances running which the recogniser itself hardly believes.

Words are enough for an offer, doubt alone for a question: a bad line sounds the same. It is offered once in a call.
"""

import re
from dataclasses import dataclass, replace
from enum import Enum, auto

from agent.guard.plain import Plain, plain
from agent.words import word_set

HARDLY_BELIEVED = -0.9
"""Mean log-probability per token, from here down; English telephone speech stays above -0.6."""
DOUBTS_NEEDED = 2
"""So many utterances running have to be hardly believed."""
MANY_WORDS = 0.6
"""Share of Spanish words from which on an utterance is Spanish."""


class Proposal(Enum):
    """What the call is to do about language."""

    OFFER_SPANISH = auto()
    """Spanish it is: offer a text thread in Spanish or a Spanish speaker."""
    ASK = auto()
    """We hardly understand: ask whether Spanish is better."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a call's utterances have told of its language so far."""

    doubts: int = 0
    """Utterances running that the recogniser hardly believed."""
    has_proposed: bool = False


def hear(evidence: Evidence, text: str, confidence: float) -> tuple[Evidence, Proposal | None]:
    """Weighs one final transcript. `confidence` is its mean log-probability per token, 0 for certain."""
    if evidence.has_proposed or not text.strip():
        return evidence, None
    if is_spanish(text):
        return replace(evidence, has_proposed=True), Proposal.OFFER_SPANISH
    doubts = evidence.doubts + 1 if confidence <= HARDLY_BELIEVED else 0
    if doubts >= DOUBTS_NEEDED:
        return Evidence(doubts, has_proposed=True), Proposal.ASK
    return replace(evidence, doubts=doubts), None


def is_spanish(text: str) -> bool:
    """Whether an utterance is Spanish, or asks for Spanish."""
    message = plain(text)
    return _ASKED.search(message.text) is not None or _is_mostly_spanish(message)


_ASKED = re.compile(
    r"\b(?:h?ablo|h?abla|h?abl[ae][ns]?|hablar|hable|speaks?|talk|in|en|solo|prefer|habla usted)(?: (?:only|solo|en|"
    r"usted|me))? "
    r"(?:espanol|espanyol|spanish|espaniol|es panol|espano)\b(?! fork)"
    r"|\b(?:spanish|espanol) (?:please|por favor|only|better|speaker)\b|^(?:espanol|spanish|habla espanol)$"
    r"|\bno (?:h?ablo|hablar|speak|entiendo|intiendo|se|comprendo|much|habla|puedo hablar)(?: \w+)?(?: (?:ingles|"
    r"english|inglis|engles))?$"
    r"|\b(?:no|not much|little|poquito|muy poco) (?:ingles|english)\b|\bno (?:h?ablo|habla|hablamos)\b"
)
_WORDS = word_set(
    """
    si no que de la el los las un una por favor gracias hola bueno buenos buenas dias tardes noches como esta
    estan usted quien es soy estoy tengo tiene quiero necesito puede puedo para con mi su me le se yo ya pero
    porque cuando donde cuanto cuesta casa carro seguro llamo llama llame llamada manana hoy ahora mucho muy mas
    mensaje numero entiendo senor senora digame mande hablar habla hablo ingles espanol familia trabajo esposo
    esposa hijo hija dinero pagar en a o y al del lo eso esto esta este ese muchas nada todo bien mal tambien
    despues antes quisiera vivo vive dos tres cuatro cinco
    """
)
_ENGLISH_TOO = word_set(
    """
    no me a of o an he as in on the y el la se con bien para dos mi mal su lo
    """
)
"""Spanish words that English speech is often written down as: they prove nothing alone."""


def _is_mostly_spanish(message: Plain) -> bool:
    words = message.text.split()
    spanish = [word for word in words if word in _WORDS]
    telling = {word for word in spanish if word not in _ENGLISH_TOO}
    return len(telling) >= 2 and len(spanish) >= MANY_WORDS * len(words)
