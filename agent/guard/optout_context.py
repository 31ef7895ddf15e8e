"""What stands around a stop phrase: is it said to us, is it meant, and is it meant for good?

"Stop calling" ends everything. "My ex won't stop calling", "don't stop calling", "stop calling before nine" and "stop
calling, text me" do not: somebody else calls, the opposite is said, a time is refused, a channel is. Everything is read
in `agent.guard.plain` form, where an instruction and its object stand in one clause.
"""

import re

from agent.guard.optout_phrases import OF_THE_LEAD_HIMSELF
from agent.guard.plain import Plain
from agent.words import either


def is_directed(message: Plain, name: str, clause: str, match: re.Match[str]) -> bool:
    """Whether the stop phrase of that name, found in a clause, is spoken to us, and is about us."""
    before, after = clause[: match.start()].strip(), clause[match.end() :].strip()
    if is_of_others(before) or _OTHER_OBJECT.match(after):
        return False
    if "call" in match[0] and _A_NAME.match(after) and any(map(_MY_NAME.search, message.clauses)):
        return False
    if name in ("cut_it_out", "vocative_stop") and is_no_earnest(message):
        return False
    return name in OF_THE_LEAD_HIMSELF or not _MYSELF.search(before)


def is_among_others(clause: str, match: re.Match[str]) -> bool:
    """Whether a stop phrase is said to somebody else about somebody else: "I told my brother to stop texting her"."""
    return (
        is_of_others(clause[: match.start()].strip()) and _THIRD_PERSON.match(clause[match.end() :].strip()) is not None
    )


_THIRD_PERSON = re.compile(r"(?:her|him|them|each other|his \w+|their \w+)\b")


def is_no_earnest(message: Plain) -> bool:
    """Whether a bare "stop it" is delight, or was called to somebody in the room."""
    return bool(_PLAYFUL.search(message.text) or _BACK_TO_US.search(message.text))


def is_playful(message: Plain) -> bool:
    """Whether it is said in delight: "stop, that's hilarious"."""
    return _PLAYFUL.search(message.text) is not None


_PLAYFUL = either(
    r"\b(?:i am in$|sign me up|haha\w*|lmao|really|no way|that cheap|jk|hilarious|so funny|you are saying)\b",
    r"\bstop and (?:listen|wait|think|let)\b",
)
_BACK_TO_US = either(
    r"\b(?:sorry|ok|okay|alright|all right)(?: sorry)? (?:what|where|go ahead|go on|i am back|you were)\b",
    r"\bi am back\b",
)
"""The stop before was called to somebody in the room: "quit it, you two. Sorry, what was the question?"."""

# Who stops whom ------------------------------------------------------------------------------------------------------

_SOMEBODY = (
    r"(?:he|she|they|who|them|him|her|nobody|someone|somebody|my \w+|his \w+|their \w+|the (?!same\b|last\b)\w+|"
    r"el|ella|ellos)"
)
_OTHERS = either(
    # Somebody else does the calling: "my ex will not", "they did not", "he".
    rf"\b{_SOMEBODY}(?: \w+)?(?: (?:will|would|does|did|do|can|could|has|have|is|are|was|were|to|told me|said|finally|"
    r"just|never|not|me))*$",
    r"\bit(?: \w+)?(?: (?:will|would|does|did|can|could|has|is|was|to|just|never|not))+$",
    # Somebody else was told: "asked my carrier to".
    r"\b(?:told|asked|made|got|had|called|emailed|begged|tell|ask|get|telling|asking) (?!you\b|u\b|your\b|yall\b|ya\b)"
    r"(?:\w+ ){1,3}(?:to|about)(?: take me| take us| put me| remove me| please| get me)*$",
)
_OPPOSITE = either(
    # "Do not stop calling", "why do you not call me"; but "why will you not stop calling me" means stop.
    r"(?<!you )(?<!guys )(?<!people )(?<!you do )(?<!you will )\b(?:do|did|does|will|would|could|can|to|please do) not$",
    r"\b(?:never|without|no need to|afraid you will|why|why do|if you|if i|unless you|instead of|rather than)$",
    r"\b(?:do|did|does) not (?:want|need|ask|tell|mean|have|wish)(?: you| them| this| it| me)?(?: to)?$",
    r"\bnot (?:asking|telling|trying|saying|going|looking|wanting)(?: you)?(?: to)?$|\bdo not (?:want|need) you to$",
    r"\b(?:do|did|will|would) not (?:ever |just |please )?(?:take|remove|get|drop|put) (?:me|us|him)$",
    r"\b(?:please|pls) (?:do not|never)$",
    r"\b(?:never|did not|not|nobody|who) (?:said|say|told you|asked|asked you|ask you|tell you|mean|meant)(?: to| you to)?$",
    r"\b(?:took|taken|get|got|put) (?:myself|ourselves|himself|herself)$|\b(?:took|taken) (?:us|me|him|her|it)$",
)
_MYSELF = either(
    # The lead speaks of his own doing: "I do not call", "I will", "we used to".
    r"(?<!do )(?<!can )(?<!should )\b(?:i|we)(?: (?:will|would|can|could|just|never|usually|had to|have to|want to|"
    r"need to|am|was|going to|might|try to|tried to))*$"
)
_FRESH_START = re.compile(
    r"\b(?:but|so|please|already|anymore|thanks|then|thank you)\b(?! (?:not|never|will|would|does|do|did)\b)"
)
_A_NAME = re.compile(r"(?:me|her|him|us) \w+")
_MY_NAME = either(
    r"^(?:it is|my name is|i go by|the name is) (?!me\b|a\b|the\b|not\b|\w+ing\b|spam\b)\w+$",
    r"\bi am (?:not )?a (?:man|woman|lady|guy|girl|maam|ma am|sir|female|male|dude)\b",
)
"""What he is to be called by: "stop calling me sir", "do not call me Robert, it's Bob"."""
_OTHER_OBJECT = either(
    r"(?:(?:from|off|of|on|out|out of|as|de|del) )*(?:(?:una|un|la|el|mi|the|my|his|her|our|their|your|this|that|a|an) )?"
    r"(?:\w+ )?(?:(?:e ?mail )?newsletters?(?: only)?|mailers?|catalogs?|postcards?|policy|policies|quote|application|"
    r"title|loan|deed|account|plan|mortgage|speaker|speakerphone|hold|lease|market|bill|wait ?list|waiting list|waiting|"
    r"approved list|guest list|insurance|coverage|escrow|household|calendar|and drive|hook|work|my chest|poliza|cuenta|"
    r"prestamo|cotizacion|espera|clase|curso|materia|class|course|(?:machine|bot|robot|recording|menu)(?! calls?| list))\b"
)
"""What is to be stopped or taken off is no contact with us: "take me off the title"."""


def is_of_others(before: str) -> bool:
    """Whether what stands before a stop says it of somebody else, or denies it.

    "Thanks for the help but stop messaging": who was spoken of before the "but" is not who messages.
    """
    *_, subject = _FRESH_START.split(before)
    return bool(_OTHERS.search(subject.strip()) or _OPPOSITE.search(before))


# Only a time, or only a channel --------------------------------------------------------------------------------------

_REFUSALS = frozenset({"do_not_contact", "could_you_not", "no_me", "no_llamar"})
_AT_A_TIME = either(
    r"\b(?:before|after|until|till|til|past|antes de|despues de|hasta) (?:\d|noon|work|school|lunch|dinner|five|six|seven|"
    r"eight|nine|ten|then|that|mon|tue|wed|thu|fri|sat|sun|tomorrow|next|i get|las?\b|el\b)",
    r"\b(?:until|till|til) (?:i(?! die\b)|we|my)\b",
    r"\b(?:during|between|while|except|unless|today|tonight|tomorrow|so early|so late|(?:at|behind) the wheel)\b",
    r"\bthis (?:early|late|morning|afternoon|evening|week|month)\b|\bin the (?:mornings?|evenings?|afternoons?|middle)\b",
    r"\b(?:on )?(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\bon (?:the )?weekends?\b",
    r"\bat (?:\d+(?: ?[ap]m)?|noon|night|work|dinner|lunch|school|the office)\b|\bwhen (?:i am|we are|i|it is)\b",
    r"\b(?:ahora|hoy|manana|temprano|tan tarde|por la (?:manana|noche|tarde)|durante|al trabajo|en el trabajo|mientras|"
    r"cuando|los (?:lunes|domingos|sabados))\b",
)
_NOT_YET = re.compile(r"(?:yet|so far|came|received|from (?!you\b|this\b|your\b))\b")
_NOW = re.compile(
    r"^(?:me |us |my \w+ )*(?:right now|now|just yet|yet|at the moment|so much|so often)"
    r"(?:$| (?:i am|i have|i got|we|because|cause|my|am|at|in|please|thanks)\b)"
)
_CHANNEL = either(
    # "Text me", "send an email", "use my cell".
    r"(?:^|\| |\b(?:just|please|can you|could you|you can|but|and|so|only|rather|better|prefer|instead) )"
    r"(?:just |please |only )*(?:text|call|email|message|phone|txt|dial|ring|write) (?:me|us|my \w+|to me|away)\b"
    r"(?! (?:not|again|one more)\b)",
    r"\b(?:type|write|put) (?:it|this|that|everything)(?: all)?(?: out| down| here| in writing)\b",
    r"\b(?:send|shoot|drop|mandeme|mande|envieme|enviame|mandame) (?:me |us )?(?:an? |un |it by |por )?"
    r"(?:text|email|message|mensaje|correo|texto)\b",
    r"\b(?:use|try) (?:this|my|the other) (?:one|number|line|\w*cell|personal|home|mobile)\b|\bwrite (?:to )?me instead\b",
    r"\bi (?:do )?want (?:the|that|a|your) calls?\b|\byou can (?:call|text|email|message)\b(?! off)",
    # "Texts only", "calls are better".
    r"\b(?:just|only) (?:texts?|emails?|calls?|messages?)\b|\b(?:text|call|email|message)s? (?:only|instead)\b",
    r"(?:^|\| )(?:(?:just|only|instead|please|but|ok|yeah|no) )*(?:text|email|message|sms|call)"
    r"(?: only| instead| please| is (?:fine|ok|better|best))*(?= \||$)",
    r"\b(?:texts?|calls?|e ?mails?|messages|texting|calling|emailing) (?:only|instead|first|preferred|(?:is|are|works?|"
    r"would be|is just|are totally|will be)(?: \w+)? ?(?:fine|ok|okay|better|best|good|great|easier|preferred|instead|me)?)\b",
    r"\b(?:texting|texts?|calling|calls|words|chatting)(?: like this| here| only| this way)+ (?:is|are|works)(?: just)? "
    r"(?:fine|ok|okay|good|great)\b",
    r"\b(?:prefer|rather)(?: have| get| you| a| to)* (?:text|call|email|message|phone)\w*\b",
    r"\b(?:prefiero|mejor|solo|solamente) (?:por )?(?:mensajes?|textos?|llamadas?|correo|me (?:llam|escrib|mand)\w+)\b",
    r"\b(?:mande|escriba|envie|llame|mandeme|escribame|enviame|llamame|llamenme|escribanme)(?:me|nme)?(?: un)?"
    r"(?: mensaje| texto| por| mejor| manana| despues)\b",
    # In Spanish the pronoun stands behind the verb only where something is asked for: "escríbame".
    r"(?<!no )\b(?:escrib[ae]|mand[ae]|envi[ae]|llam[ae]|marqu?[ce]a?|habl[ae]|text[ee]e?)n?(?:me|nos)(?:lo|la)?\b",
)
_GOING_ON = either(
    # "But keep texting me", "this cell is fine", "the other lender, you guys are good", "but I asked for it".
    r"\bi (?:do )?still (?:want|need|would like)\b(?! (?:you|this|it|these|them|nothing|out|off)\b)",
    r"\bkeep me (?:posted|updated|in the loop)\b|\bkeep (?:this|that) (?:one|number)\b",
    r"(?<!you )(?<!they )(?<!guys )(?<!people )\bkeep (?:texting|calling|sending|messaging)(?: me| us)?\b",
    r"\bhappy to (?:chat|text|talk)\b|\bi do not mind you\b|\bbut (?:i|we) (?:asked|requested|signed up|want you to) (?:for|to)\b",
    r"\b(?:mine|my number|this (?:one|number)) is (?:ok|okay|fine|good)(?: to (?:call|text))?\b",
    r"\b(?:this|my) (?:\w+ )?(?:cell|number|phone|one|line) is (?:fine|ok|okay|good)\b",
    r"\b(?:you|you guys|you all|you people|yours) (?:are|is) (?:fine|good|ok|okay|great)\b",
)


def is_narrowed(message: Plain, name: str, clause: str, match: re.Match[str]) -> bool:
    """Whether only a time or a channel is refused: then something is asked of us, not an end.

    "Do not call me now" is about now; "stop calling me now" is not.
    """
    before, after = clause[: match.start()].strip(), clause[match.end() :].strip()
    if _AT_A_TIME.search(after) or (name in _REFUSALS and _NOW.match(after)):
        return True
    if name == "stop_contacts" and _NOT_YET.match(after):
        return True
    elsewhere = [other for other in message.clauses if other != clause]
    around = " | ".join([before, after, *elsewhere])
    return bool(_CHANNEL.search(around) or _GOING_ON.search(around))
