"""Requests to stop, in any words: the free-text revocation of 47 CFR 64.1200(a)(10).

Three layers, each stricter about what it reads than the one before:

1. per-se words: a message that is nothing but a stop word and courtesies;
2. directed phrases: a verb of stopping whose object is us, our calls, our texts, the number or the list, spoken to us
   (not about somebody else, not negated) and not narrowed to a time or a channel;
3. declines that may or may not mean it: a person has to look.

The rules never clear a message that holds a stop word, they only decide it or pass it on.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto

from agent.guard.optout_phrases import OF_THE_LEAD_HIMSELF, PHRASES
from agent.guard.plain import Plain

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
    for name, pattern in PHRASES:
        for clause in message.clauses:
            if any(_directed(message, name, clause, match) for match in pattern.finditer(clause)):
                return Reading(Stop.CERTAIN, name)
    if _closing_stop(message):
        return Reading(Stop.CERTAIN, "closing_stop")
    return _unclear(message, answering=spoken and answering)


# 1. Per-se words -----------------------------------------------------------------------------------------------------

_KEYWORDS = (
    "stop|stopall|stop all|end|quit|cancel|unsubscribe|unsuscribe|unsubcribe|unsubscibe|unsubscrib|revoke|optout|"
    "opt out|opt me out|remove|remove me|delete me|cease|desist|cease and desist|no more|"
    "detener|detenga|detengan|detenganse|parar|pare|paren|parense|alto|basta|ya basta|cancelar|cancele|cancelen|"
    "baja|no mas|ya no|terminar|detente|detengase|termine|no molestar|no molesten|no moleste|"
    "suficiente|fin|quitar|quiteme|quitenme|remuevame|cancelacion|ya parenle|parenle|ya estuvo|dejenme|"
    "raisedhand|anular|anule|anulen|revok|bloquead[oa]|reported as (?:junk|spam)|discontinue|unsubscribed|opt out of this|opted out|blocked|removed|desuscribir|desuscribirme|desuscribeme|"
    "eliminar|salir"
)
_COURTESY = (
    "please|pretty please|bro|man|guys|folks|yall|you|um|uh|yo|lol|kindly|sorry|again|both|them|these|those|"
    "thanks|thank you|now|ok|okay|just|no|yes|hey|hi|hello|omg|ugh|god|dude|sir|maam|it|this|that|all|"
    "everything|already|immediately|asap|right now|right away|today|consent|my|messages?|texts?|texting|calls?|calling|"
    "service|notifications?|alerts?|subscription|and|i said|said|i mean it|fine|yeah|well|good (?:night|bye)|goodbye|bye|"
    "so much|very much|regards|sincerely|(?:god )?bless(?: you)?|dear|honey|haha|have a (?:good|nice|great|blessed) day|"
    "por favor|gracias|ya|ahora|mensajes|llamadas|los|las|textos"
)
_BARE = re.compile(rf"(?:(?:{_COURTESY}) )*(?:{_KEYWORDS})(?: (?:{_COURTESY}|{_KEYWORDS}))*")
_BARE_SPOKEN_ONLY = re.compile(
    r"(?:(?:no|ok|okay|please|yes|my|just|all|that|this|it) )*(?:end|cancel|no more|salir|ya no|alto)"
)
"""Words that recognisers make of other sounds, or that answer a spoken question; on a call they need an object."""


_STOP_WORDS = re.compile(
    r"\b(?:stop|quit|end|cancel|revoke|cease|unsubscrib\w*|opt out|opting out|remove|delete|no more|"
    r"not (?:call|text|message|contact)|pare|paren|alto|basta|deje|dejen|baja|no me|ya no|quit\w+|"
    r"borr\w+|elimin\w+)\b"
)


def holds_stop_word(message: Plain) -> bool:
    """Whether a word is in it that stops are made of: such a message is cleared only if nothing else speaks for a stop."""
    return _STOP_WORDS.search(message.text) is not None


def has_stop_phrase(message: Plain) -> bool:
    """Whether a stop phrase is in it, even one that is said of others, denied, or narrowed to a time or a channel."""
    return any(pattern.search(clause) for _, pattern in PHRASES for clause in message.clauses)


def is_bare_answer(message: Plain) -> bool:
    """Whether it is a bare word that by text is a stop, but on a call may answer a question: "no more", "cancel"."""
    return _BARE_SPOKEN_ONLY.fullmatch(message.text) is not None


# 2. Directed phrases -------------------------------------------------------------------------------------------------


def _directed(message: Plain, name: str, clause: str, match: re.Match[str]) -> bool:
    """Whether a stop phrase is spoken to us and means it: not about others, not negated, not narrowed."""
    before, after = clause[: match.start()].strip(), clause[match.end() :].strip()
    if _of_others(before) or _OTHER_OBJECT.match(after):
        return False
    if "call" in match[0] and _A_NAME.match(after) and any(map(_MY_NAME.search, message.clauses)):
        return False
    if name in ("cut_it_out", "vocative_stop") and (_PLAYFUL.search(message.text) or _BACK_TO_US.search(message.text)):
        return False
    if name not in OF_THE_LEAD_HIMSELF and _MYSELF.search(before):
        return False
    return not _narrowed(message, name, clause, before, after)


_A_NAME = re.compile(r"(?:me|her|him|us) \w+")
_MY_NAME = re.compile(
    r"^(?:it is|my name is|i go by|the name is) (?!me\b|a\b|the\b|not\b|\w+ing\b|spam\b)\w+$|"
    r"\bi am (?:not )?a (?:man|woman|lady|guy|girl|maam|ma am|sir|female|male|dude)\b"
)
"""What he is to be called by: "stop calling me sir", "do not call me Robert, it's Bob"."""


_OTHERS = re.compile(
    # Somebody else does the calling: "my ex will not", "they did not", "he".
    r"\b(?:he|she|they|who|them|him|her|nobody|someone|somebody|my \w+|his \w+|their \w+|"
    r"the (?!same\b|last\b)\w+|el|ella|ellos)(?: \w+)?(?: (?:will|would|does|did|do|can|could|has|have|is|are|was|were|to|told me|said|finally|"
    r"just|never|not|me))*$"
    r"|\bit(?: \w+)?(?: (?:will|would|does|did|can|could|has|is|was|to|just|never|not))+$"
    r"|\b(?:told|asked|made|got|had|called|emailed|begged|tell|ask|get) (?!you\b|u\b|your\b|yall\b|"
    r"ya\b)(?:\w+ ){1,3}(?:to|about)"
    r"(?: take me| take us| put me| remove me| please| get me)*$"
)
_OPPOSITE = re.compile(
    # "Do not stop calling", "why do you not call me"; but "why will you not stop calling me" means stop.
    r"(?:(?<!you )(?<!guys )(?<!people )(?<!you do )(?<!you will )\b(?:do|did|does|will|would|could|can|to|"
    r"please do) not|"
    r"\bnever|\bwithout|"
    r"\b(?:do|did|does) not (?:want|need|ask|tell|mean|have|wish)(?: you| them| this| it| me)?(?: to)?|"
    r"\bnot (?:asking|telling|trying|saying|going|looking|wanting)(?: you)?(?: to)?|\bno need to|\bdo not (?:want|"
    r"need) you to|"
    r"\b(?:do|did|will|would) not (?:ever |just |please )?(?:take|remove|get|drop|put) (?:me|us|him)|\bafraid you will|"
    r"\b(?:please|pls) (?:do not|never)|"
    r"\b(?:never|did not|not|nobody|who) (?:said|say|told you|asked|asked you|ask you|tell you|mean|meant)(?: to|"
    r" you to)?|"
    r"\b(?:took|taken|get|got|put) (?:myself|ourselves|himself|herself)|\b(?:took|taken) (?:us|me|him|her|it)|"
    r"\bwhy|\bwhy do|\bif you|\bif i|\bunless you|\binstead of|\brather than)$"
)
_MYSELF = re.compile(
    # The lead speaks of his own doing: "I do not call", "I will", "we used to".
    r"(?<!do )(?<!can )(?<!should )\b(?:i|we)(?: (?:will|would|can|could|just|never|usually|had to|have to|want to|"
    r"need to|am|"
    r"was|going to|might|try to|tried to))*$"
)


_FRESH_START = re.compile(
    r"\b(?:but|so|please|already|anymore|thanks|then|thank you)\b(?! (?:not|never|will|would|"
    r"does|do|did)\b)"
)


def _of_others(before: str) -> bool:
    # "Thanks for the help but stop messaging": who was spoken of before the "but" is not who messages.
    *_, subject = _FRESH_START.split(before)
    return bool(_OTHERS.search(subject.strip()) or _OPPOSITE.search(before))


_OTHER_OBJECT = re.compile(
    r"(?:(?:from|off|of|on|out|out of|as|de|del) )*(?:(?:una|un|la|el|mi|the|my|his|her|our|their|your|this|that|a|an) )?(?:\w+ )?"
    r"(?:(?:e ?mail )?newsletters?(?: only)?|mailers?|catalogs?|postcards?|policy|policies|quote|application|title|loan|deed|account|plan|mortgage|speaker|speakerphone|hold|lease|"
    r"market|"
    r"bill|wait ?list|waiting list|waiting|approved list|guest list|insurance|coverage|escrow|household|calendar|"
    r"and drive|hook|work|my chest|poliza|cuenta|prestamo|cotizacion|espera|clase|curso|materia|class|course)\b"
)

_AT_A_TIME = re.compile(
    r"\b(?:before|after|until|till|til|past|antes de|despues de|hasta) (?:\d|i|we|my|noon|work|school|lunch|dinner|five|six|"
    r"seven|eight|nine|"
    r"ten|then|that|mon|tue|wed|thu|fri|sat|sun|tomorrow|next|i get|las?\b|el\b)"
    r"|\b(?:during|between|while|except|unless|today|tonight|tomorrow|so early|so late|this (?:early|late|morning|"
    r"afternoon|"
    r"evening|week|month)|in the (?:mornings?|evenings?|afternoons?|middle)|(?:on )?(?:mon|tues|wednes|thurs|fri|"
    r"satur|sun)days?|"
    r"on (?:the )?weekends?|at (?:\d+(?: ?[ap]m)?|noon|night|work|dinner|lunch|school|the office)|when (?:i am|we are|"
    r"i|it is)|"
    r"ahora|hoy|manana|temprano|tan tarde|por la (?:manana|noche|tarde)|durante|al trabajo|en el trabajo|mientras|"
    r"cuando|los (?:lunes|domingos|sabados))\b"
)
_REFUSALS = frozenset({"do_not_contact", "could_you_not", "no_me", "no_llamar"})
_NOT_YET = re.compile(r"(?:yet|so far|came|received|from (?!you\b|this\b|your\b))\b")
_NOW = re.compile(
    r"^(?:me |us |my \w+ )*(?:right now|now|just yet|yet|at the moment|so much|so often)(?:$| (?:i am|i have|i got|we|"
    r"because|cause|my|am|"
    r"at|in|please|thanks)\b)"
)

_OTHER_WAY = re.compile(
    r"(?:^|\| |\b(?:just|please|can you|could you|you can|but|and|so|only|rather|better|prefer|instead) )"
    r"(?:just |please |only )*(?:text|call|email|message|phone|txt) (?:me|us|my \w+)\b(?! (?:not|again|one more)\b)"
    r"|\b(?:send|shoot|drop|mandeme|mande|envieme|enviame|mandame) (?:me |us )?(?:an? |un |it by |por )?(?:text|email|"
    r"message|mensaje|correo|texto)\b"
    r"|\b(?:use|try) (?:this|my|the other) (?:one|number|line|\w*cell|personal|home|mobile)\b|\bwrite (?:to )?me instead\b"
    r"|\bi (?:do )?want (?:the|that|a|your) calls?\b"
    r"|\b(?:just|only) (?:texts?|emails?|calls?|messages?)\b|\byou can (?:call|text|email|message)\b(?! off)"
    r"|(?:^|\| )(?:just|only|instead|please|but)? ?(?:just |only )?(?:text|email|message|sms|call)(?: only| instead|"
    r" please| is (?:fine|ok|better|best))*(?= \||$)"
    r"|\b(?:texts?|calls?|e ?mails?|messages|texting|calling|emailing) (?:only|instead|first|preferred|"
    r"(?:is|are|works?|would be|is just|are totally|will be)(?: \w+)? ?(?:fine|ok|okay|better|best|good|great|"
    r"easier|preferred|instead|me)?)\b"
    r"|\b(?:text|call|email|message)s? (?:only|instead)\b"
    # Something is to go on: "but keep texting me", "this cell is fine", "the other lender, you guys are good".
    r"|\bi (?:do )?still (?:want|need|would like)\b|\bkeep me (?:posted|updated|in the loop)\b|\bkeep (?:this|that) (?:one|number)\b"
    r"|\b(?:texting|texts?|calling|calls|words|chatting)(?: like this| here| only| this way)+ (?:is|are|works)(?: just)? (?:fine|ok|okay|good|great)\b"
    r"|\bhappy to (?:chat|text|talk)\b|\bbut (?:i|we) (?:\w+ )?(?:asked|requested|signed up|want you to)\b|\bi do not mind you\b"
    r"|\b(?:mine|my number|this (?:one|number)) is (?:ok|okay|fine|good)(?: to (?:call|text))?\b"
    r"|(?<!no )\b(?:escrib[ae]|mand[ae]|envi[ae]|llam[ae]|marqu?[ce]a?|habl[ae]|text[ee]e?)n?(?:me|nos)(?:lo|la)?\b"
    r"|(?<!you )(?<!they )(?<!guys )(?<!people )\bkeep (?:texting|calling|sending|messaging)(?: me| us)?\b"
    r"|\b(?:this|my) (?:\w+ )?(?:cell|number|phone|one|line) is (?:fine|ok|okay|good)\b"
    r"|\b(?:you|you guys|you all|you people|yours) (?:are|is) (?:fine|good|ok|okay|great)\b"
    r"|\b(?:prefer|rather)(?: have| get| you| a| to)* (?:text|call|email|message|phone)\w*\b"
    r"|\b(?:prefiero|mejor|solo|solamente) (?:por )?(?:mensajes?|textos?|llamadas?|correo|me (?:llam|escrib|mand)\w+)\b"
    r"|\b(?:mande|escriba|envie|llame|mandeme|escribame|enviame|llamame|llamenme|escribanme)(?:me|"
    r"nme)?(?: un)?(?: mensaje| texto| por| mejor| manana| despues)\b"
)


def _narrowed(message: Plain, name: str, clause: str, before: str, after: str) -> bool:
    """Whether only a time or a channel is refused: then something is asked of us, not an end.

    "Do not call me now" is about now; "stop calling me now" is not.
    """
    if _AT_A_TIME.search(after) or (name in _REFUSALS and _NOW.match(after)):
        return True
    if name == "stop_contacts" and _NOT_YET.match(after):
        return True
    elsewhere = [other for other in message.clauses if other != clause]
    return _OTHER_WAY.search(" | ".join([before, after, *elsewhere])) is not None


_CLOSING = re.compile(
    r"(?:(?:please|just|now|so|and|ok|okay|seriously|for real|again) )*(?:stop|remove|unsubscribe|remove me|"
    r"quit it|basta|alto)"
    r"(?: (?:it|this|that|please|now|already|immediately|asap|right now|thanks|thank you|por favor|ya))*"
)
_PLEASE_STOP = re.compile(
    r"\b(?:(?:please|just|pls) (?:stop|remove|unsubscribe)|stop please|remove please)(?: now| it| this| thanks|"
    r" thank you)*$"
)
_STOP_AT_END = re.compile(r"\bstop$")
_ANGRY = re.compile(
    r"\b(?:not interested|already (?:have|got|bought|found)|leave|lawyer|sue|report|harass\w*|annoy\w*|spam|scam|"
    r"do not|no more|wrong|remove|"
    r"never|sick of|tired of|no me interesa|ya tengo|no quiero)\b"
)


_PLAYFUL = re.compile(
    r"\b(?:i am in$|sign me up|haha\w*|lmao|really|no way|that cheap|jk|hilarious|so funny|stop and (?:listen|wait|think|let))\b"
)


_BACK_TO_US = re.compile(
    r"\b(?:sorry|ok|okay|alright|all right)(?: sorry)? (?:what|where|go ahead|go on|i am back|you were)\b|\bi am back\b"
)
"""The stop before was called to somebody in the room: "quit it, you two. Sorry, what was the question?"."""


def _closing_stop(message: Plain) -> bool:
    """ "Already found someone. Please stop.": a clause that is nothing but a stop, at the end or before a complaint."""
    if _PLAYFUL.search(message.text) or _BACK_TO_US.search(message.text):
        return False
    *others, last = message.clauses or ("",)
    angry = _ANGRY.search(message.text) is not None
    ending = _PLEASE_STOP.search(last) or (angry and _STOP_AT_END.search(last))
    if _CLOSING.fullmatch(last) or (ending and not _of_others(last[: ending.start()].strip())):
        return True
    return angry and any(_CLOSING.fullmatch(clause) for clause in others)


# 3. Unclear ----------------------------------------------------------------------------------------------------------

_THANKS = r"(?: (?:please|thanks|thank you|so much|though|now|at this time|anymore|sorry|gracias|bye|man|sir|maam))*"
_SOFT = re.compile(
    rf"(?:(?:no|nah|nope|ok|okay|yeah|oh|thanks|thank you|sorry|hi|hey|um) )*"
    rf"(?:no thanks?|no thank you|(?:i am|we are|am|is) (?:good|all set|set|ok|okay|fine|all good)|all set|"
    rf"all good|pass|"
    rf"not (?:for me|right now thanks)|i would rather not|thanks but no|no gracias|gracias pero no|asi estoy bien|"
    rf"estoy bien(?: asi)?){_THANKS}"
)
_UNCLEAR = {
    "not_interested": (
        r"\b(?:not|no longer|never|un) ?(?:\w+ )?interested\b|\buninterested\b|\bno (?:longer )?interest\b"
    ),
    "no_need": r"\b(?:do not|no longer|did not) need (?:it|this|you|your|any of|anything|insurance|a quote|the quote|"
    r"help)\b"
    r"|\bno longer (?:need|want|looking|shopping)\b|\bnot looking\b|\bchanged my mind\b",
    "have_one": r"\b(?:already|ya) (?:have|got|found|bought|went|taken|signed|tengo|compre|consegui)\b.*\b(?:thanks|"
    r"thank you|no|gracias|sorry)\b"
    r"|\b(?:thanks|thank you|no|gracias|sorry)\b.*\b(?:already|ya) (?:have|got|found|bought|went|taken|signed|"
    r"tengo|compre)\b"
    r"|\bwent with (?:someone|somebody|another)\b|\b(?:already )?found (?:someone|somebody)\b",
    "complaint": r"^(?:this is |is |it is |you are |its |just |total |what )*(?:a |an )?(?:spam|scam|"
    r"scammers?|spammers?|"
    r"harassment|"
    r"illegal|ridiculous|annoying|bs|bullshit)(?: \w+)?$|\b(?:you|you guys|you people|this|these|that) (?:is|are|"
    r"guys are)(?: \w+)? "
    r"(?:annoying|harassment|harassing|spam|spamming|spammers|illegal|ridiculous|creepy|a joke|out of control)\b",
    "legal": (
        r"\b(?:report|sue|suing|lawyer|attorney|fcc|ftc|bbb|attorney general|tcpa|lawsuit)\b.*\b(?:you|your|this|"
        r"company)\b|\btcpa\b"
    ),
    "rude": r"\b(?:fuck you|screw you|shut up|eat shit|kiss my|go to hell|middlefinger|thumbsdown|angryface|vete|"
    r"chinga)\b",
    "too_many": (
        r"\b(?:too many|so many|enough|sick of|tired of|fed up)\b(?: \w+){0,4} (?:texts|calls|messages|you|this|"
        r"it)\b|\benough already\b"
    ),
    "never_asked": (
        r"\b(?:never|did not) (?:sign up|signed up|ask|asked|request|requested|subscribe|subscribed|opt|give you|"
        r"gave you)\b"
    ),
    "forget_it": r"^(?:just |please )*(?:forget (?:it|about it|me|you)|never ?mind|drop it|give it up|give up|"
    r"enough|done|"
    r"i am done|not now not ever|bye|goodbye and good riddance|no means no)$",
    "no_interesa": (
        r"\bno (?:me|nos|estoy|estamos) (?:interesa\w*)\b|\bno gracias\b(?! (?:a|eso|solo|al|con))|"
        r"\bya no (?:me interesa|necesito|"
        r"lo necesito|estoy)\b|\bno necesito\b"
    ),
    "why_bother": (
        r"\bwhy (?:do|are|does) you (?:keep|still|guys keep|people keep)\b(?! (?:asking|saying|need|want|repeating))|"
        r"^(?:you|you guys|you people|yall|stop you) keep (?:calling|texting|bugging|"
        r"bothering|harassing|messaging)\b"
    ),
    "want_out": r"\b(?:want|get me|let me) out$|\bhow (?:do|can) i (?:get off|get out|opt)\b",
}
_UNCLEAR_RULES = tuple((name, re.compile(pattern)) for name, pattern in _UNCLEAR.items())


def _unclear(message: Plain, *, answering: bool) -> Reading | None:
    if _SOFT.fullmatch(message.text):
        # On a call it answers what we have just asked ("Anything else?" "No, thank you."), and the talk goes on.
        return None if answering else Reading(Stop.UNCLEAR, "decline")
    for name, pattern in _UNCLEAR_RULES:
        if name == "rude" and _PLAYFUL.search(message.text):
            continue
        for clause in (*message.clauses, message.text):
            match = pattern.search(clause)
            if match and not _of_others(clause[: match.start()].strip()):
                return Reading(Stop.UNCLEAR, name)
    return None
