"""Requests to stop, in any words: the free-text revocation of 47 CFR 64.1200(a)(10).

Three layers, each stricter about what it reads than the one before:

1. per-se words: a message that is nothing but a stop word and courtesies;
2. directed phrases (`optout_phrases`): a verb of stopping whose object is us, our calls, our texts, the number or the
   list, spoken to us (not about somebody else, not negated) and not narrowed to a time or a channel (`optout_context`);
3. declines that may or may not mean it (`unclear_no`): a person has to look.

The rules decide a message or pass it on; but for the first layer, models have their say too (`agent.guard.reading`).
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from agent.guard.optout_context import is_among_others, is_directed, is_narrowed, is_no_earnest, is_of_others
from agent.guard.optout_phrases import PHRASES
from agent.guard.plain import Plain
from agent.guard.unclear_no import unclear_no
from agent.words import either

PER_SE = "per_se"
"""The rule of a message that is nothing but a stop word and courtesies."""


class Stop(Enum):
    """What a message says about going on."""

    CERTAIN = auto()
    UNCLEAR = auto()
    """A person has to look before anything more goes out."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message says about going on, and the rule that read it so."""

    stop: Stop
    detector: str


def read(message: Plain, *, spoken: bool = False, answering: bool = False) -> Reading | None:
    """Reads a message; None passes it on. `spoken`: said on a call. `answering`: we had just asked something."""
    if spoken and is_bare_answer(message):
        return _unclear(message, answering=answering)
    if _BARE.fullmatch(message.text):
        return Reading(Stop.CERTAIN, PER_SE)
    for phrase in _directed(message):
        if not is_narrowed(message, *phrase):
            return Reading(Stop.CERTAIN, phrase[0])
    if _closing_stop(message):
        return Reading(Stop.CERTAIN, "closing_stop")
    return _unclear(message, answering=spoken and answering)


# 1. Per-se words -----------------------------------------------------------------------------------------------------

_KEYWORDS = (
    "stop|stopall|stop all|end|quit|cancel|unsubscribe|unsuscribe|unsubcribe|unsubscibe|unsubscrib|revoke|optout|"
    "opt out|opt me out|remove|remove me|delete me|cease|desist|cease and desist|no more|detener|detenga|detengan|"
    "detenganse|parar|pare|paren|parense|alto|basta|ya basta|cancelar|cancele|cancelen|baja|no mas|ya no|terminar|"
    "detente|detengase|termine|no molestar|no molesten|no moleste|suficiente|fin|quitar|quiteme|quitenme|remuevame|"
    "cancelacion|ya parenle|parenle|ya estuvo|dejenme|raisedhand|anular|anule|anulen|revok|bloquead[oa]|"
    "reported as (?:junk|spam)|discontinue|unsubscribed|opt out of this|opted out|blocked|removed|desuscribir|"
    "desuscribirme|desuscribeme|eliminar|salir"
)
_COURTESY = (
    "please|pretty please|bro|man|guys|folks|yall|you|um|uh|yo|lol|kindly|sorry|again|both|them|these|those|thanks|"
    "thank you|now|ok|okay|just|no|yes|hey|hi|hello|omg|ugh|god|dude|sir|maam|it|this|that|all|everything|already|"
    "immediately|asap|right now|right away|today|consent|my|messages?|texts?|texting|calls?|calling|service|"
    "notifications?|alerts?|subscription|and|i said|said|i mean it|fine|yeah|well|good (?:night|bye)|goodbye|bye|"
    "so much|very much|regards|sincerely|(?:god )?bless(?: you)?|dear|honey|haha|have a (?:good|nice|great|"
    "blessed) day|por favor|gracias|ya|ahora|mensajes|llamadas|los|las|textos"
)
_BARE = re.compile(rf"(?:(?:{_COURTESY}) )*(?:{_KEYWORDS})(?: (?:{_COURTESY}|{_KEYWORDS}))*")
_BARE_SPOKEN_ONLY = re.compile(
    r"(?:(?:no|ok|okay|please|yes|my|just|all|that|this|it) )*(?:end|cancel|no more|salir|ya no|alto)"
)
"""Words that recognisers make of other sounds, or that answer a spoken question; on a call they need an object."""


_ANSWER = re.compile(
    r"(?:no|nope|nah|yes|yeah|yep|yup|sure|ok|okay|si|claro|maybe|not yet|(?:i am )?(?:ready|here|listening))"
    r"(?: (?:no|yes|sir|maam|now))*"
)


def is_plain_answer(message: Plain) -> bool:
    """Whether it is a bare yes or no, or that he is there: an answer, and nothing else, to whatever was asked."""
    return _ANSWER.fullmatch(message.text) is not None


def is_bare(reading: Reading | None) -> bool:
    """Whether a message was read as nothing but a stop word and courtesies."""
    return reading is not None and reading.detector == PER_SE


def asks_for_less(message: Plain) -> bool:
    """Whether it refuses no more than a time or a channel ("don't call, text me"), or tells of others ("I told him to stop
    calling her")."""
    if any(is_narrowed(message, *phrase) for phrase in _directed(message)):
        return True
    return any(
        is_among_others(clause, match)
        for _, pattern in PHRASES
        for clause in message.clauses
        for match in pattern.finditer(clause)
    )


_DEBT = re.compile(
    r"(?:(?:no|nah|nope|i|we|but|just|because|really) )*(?:(?:do|will|can) not (?:really )?(?:want|need|like|afford|take)|not "
    r"(?:looking|trying|going|taking)|no|never|can not) "
    r"(?:(?:any|more|no|another|to|for|take|taking|have|on|a|new|student|private|federal|extra|big|in|be|get|into) )*"
    r"(?:loans?|debts?|bills?|payments?|credit cards?)(?: (?:right now|now|this time|at all|thanks|please|for me))*"
)


def refuses_a_debt(message: Plain) -> bool:
    """Whether what he does not want is to owe: "don't want more loans" is about money, not about us."""
    return any(_DEBT.fullmatch(clause) for clause in message.clauses)


_PART_OF_TIME = re.compile(
    r"(?:(?:by|at|around|about|maybe|probably|before|after|until|towards?|like|the|very|near) )*end of "
    rf"(?:(?:the|this|next|my|our|or|{'|'.join(name.lower() for name in calendar.month_name[1:])}|"
    r"day|week|weekend|month|quarter|semester|term|year|school|spring|summer|fall|winter|\d{1,4}) ?)+"
)


def names_an_end(message: Plain) -> bool:
    """Whether the end is that of a time: "end of June" tells when, though it begins as a stop does."""
    return all(_PART_OF_TIME.fullmatch(clause) for clause in message.clauses)


_KIN = r"my (?:ex|son|daughter|kids?|husband|wife|brother|sister|roommate|mom|dad|mother|father)"
_HOUSEHOLD = either(
    r"\b(?:nobody|no one|none of (?:us|them))(?: else| in here| here| in (?:the|my|our) \w+)? (?:lives?|smokes?|drives?|"
    r"vapes|drinks|stays|rents|works|sleeps|is on)\b",
    r"\b(?:he|she|they|my \w+|our \w+|(?:my|our|the) ex \w+|roommates?|tenants?) (?:\w+ )?moved (?:out|away|in)\b",
    r"\b(?:is|are|was|were) (?:not|no longer) on (?:it|(?:the|my|our) (?:policy|lease|title|deed|loan|mortgage|plan))\b",
    r"\bget out of (?:this|that|my|our|the) (?:\w+ )?(?:apartment|house|place|condo|rental|lease|building|contract|policy|"
    r"neighborhood|city|town)\b",
    rf"\b(?:he|she|they) (?:do|does) not (?:live|stay) here\b.*\b{_KIN}\b",
    rf"\b{_KIN}(?: \w+)? (?:(?:do|does) not|no longer) (?:lives?|stays?) (?:here|with (?:me|us))\b",
)
_TO_GO = re.compile(
    r"\b(?:calls?|calling|texts?|texting|messag\w+|numbers?|list|contact\w*|remove|leave|off|wrong|you)\b"
)
_HEAR_ME = re.compile(r"\b(?:let me (?:(?:talk|speak)$|finish|get a word in)|hear me out)\b")


def asks_to_be_heard(message: Plain) -> bool:
    """Whether it is our talking that is to stop: "stop, stop, let me finish"."""
    return _HEAR_ME.search(message.text) is not None


def tells_of_household(message: Plain) -> bool:
    """Whether it tells who lives where, drives or smokes, and says nothing of us: "nobody smokes here" answers a question."""
    return any(_HOUSEHOLD.search(clause) for clause in message.clauses) and _TO_GO.search(message.text) is None


def _directed(message: Plain) -> Iterator[tuple[str, str, re.Match[str]]]:
    """The stop phrases that are spoken to us: the phrase's name, the clause it stands in, and where."""
    for name, pattern in PHRASES:
        for clause in message.clauses:
            for match in pattern.finditer(clause):
                if is_directed(message, name, clause, match):
                    yield name, clause, match


def is_bare_answer(message: Plain) -> bool:
    """Whether it is a bare word that by text is a stop, but on a call may answer a question: "no more", "cancel"."""
    return _BARE_SPOKEN_ONLY.fullmatch(message.text) is not None


# 2. A stop and nothing else, after or before other things ------------------------------------------------------------

_CLOSING = re.compile(
    r"(?:(?:please|just|now|so|and|ok|okay|seriously|for real|again) )*(?:stop|remove|unsubscribe|remove me|quit it|"
    r"basta|alto)(?: (?:it|this|that|please|now|already|immediately|asap|right now|thanks|thank you|por favor|ya))*"
)
_PLEASE_STOP = re.compile(
    r"\b(?:(?:please|just|pls) (?:stop|remove|unsubscribe)|stop please|remove please)(?: now| it| this| thanks|"
    r" thank you)*$"
)
_STOP_AT_END = re.compile(r"\bstop$")
_ANGRY = re.compile(
    r"\b(?:not interested|already (?:have|got|bought|found)|leave|lawyer|sue|report|harass\w*|annoy\w*|spam|scam|"
    r"do not|no more|wrong|remove|never|sick of|tired of|no me interesa|ya tengo|no quiero)\b"
)


def _closing_stop(message: Plain) -> bool:
    """ "Already found someone. Please stop.": a clause that is nothing but a stop, at the end or before a complaint."""
    if is_no_earnest(message):
        return False
    *others, last = message.clauses or ("",)
    angry = _ANGRY.search(message.text) is not None
    ending = _PLEASE_STOP.search(last) or (angry and _STOP_AT_END.search(last))
    if _CLOSING.fullmatch(last) or (ending and not is_of_others(last[: ending.start()].strip())):
        return True
    return angry and any(_CLOSING.fullmatch(clause) for clause in others)


def _unclear(message: Plain, *, answering: bool) -> Reading | None:
    name = unclear_no(message, answering=answering)
    return None if name is None else Reading(Stop.UNCLEAR, name)
