"""A no that may or may not mean the whole conversation, and complaints: a person has to look before anything goes out.

"Not interested", "no thank you", "already have one", "spam". Nobody who says so has asked us to stop, and nobody who is
asked to stop may be asked twice: the guard holds what it cannot decide.
"""

import re

from agent.guard.optout_context import is_of_others, is_playful
from agent.guard.plain import Plain


def unclear_no(message: Plain, *, answering: bool) -> str | None:
    """The rule that reads an unclear no in a message. `answering`: on a call, where we had just asked something."""
    if _SOFT.fullmatch(message.text):
        # On a call it answers what we have just asked ("Anything else?" "No, thank you."), and the talk goes on.
        return None if answering else "decline"
    for name, pattern in _RULES:
        if name == "rude" and is_playful(message):
            continue
        for clause in (*message.clauses, message.text):
            match = pattern.search(clause)
            if match and not is_of_others(clause[: match.start()].strip()):
                return name
    return None


_THANKS = r"(?: (?:please|thanks|thank you|so much|though|now|at this time|anymore|sorry|gracias|bye|man|sir|maam))*"
_SOFT = re.compile(
    rf"(?:(?:no|nah|nope|ok|okay|yeah|oh|thanks|thank you|sorry|hi|hey|um) )*(?:no thanks?|no thank you|(?:i am|"
    rf"we are|am|is) (?:good|all set|set|ok|okay|fine|all good)|all set|all good|pass|not (?:for me|right now thanks)|"
    rf"i would rather not|thanks but no|no gracias|gracias pero no|asi estoy bien|estoy bien(?: asi)?){_THANKS}"
)
_UNCLEAR = {
    "not_interested": (
        r"\b(?:not|no longer|never|un) ?(?:\w+ )?interested\b|\buninterested\b|\bno (?:longer )?interest\b"
    ),
    "no_need": r"\b(?:do not|no longer|did not) need (?:it|this|you|your|any of|anything|insurance|a quote|the quote|"
    r"help)\b|\bno longer (?:need|want|looking|shopping)\b|\bnot looking\b|\bchanged my mind\b",
    "have_one": r"\b(?:already|ya) (?:have|got|found|bought|went|taken|signed|tengo|compre|consegui)\b.*\b(?:thanks|"
    r"thank you|no|gracias|sorry)\b|\b(?:thanks|thank you|no|gracias|sorry)\b.*\b(?:already|ya) (?:have|got|found|"
    r"bought|went|taken|signed|tengo|compre)\b|\bwent with (?:someone|somebody|another)\b|"
    r"\b(?:already )?found (?:someone|somebody)\b",
    "complaint": r"^(?:this is |is |it is |you are |its |just |total |what )*(?:a |an )?(?:spam|scam|"
    r"scammers?|spammers?|harassment|illegal|ridiculous|annoying|bs|bullshit)(?: \w+)?$|\b(?:you|you guys|you people|"
    r"this|these|that) (?:is|are|guys are)(?: \w+)? (?:annoying|harassment|harassing|spam|spamming|spammers|illegal|"
    r"ridiculous|creepy|a joke|out of control)\b",
    "legal": (
        r"\b(?:report|sue|suing|lawyer|attorney|fcc|ftc|bbb|attorney general|tcpa|lawsuit)\b.*\b(?:you|your|this|"
        r"company)\b|\btcpa\b"
    ),
    "rude": r"\b(?:fuck you|screw you|shut up|eat shit|kiss my|go to hell|middlefinger|thumbsdown|angryface|vete|"
    r"chinga)\b",
    "too_many": (
        r"\b(?:too many|so many|enough|sick of|tired of|fed up)\b(?: \w+){0,4} (?:texts|calls|messages|you|this|it)\b|"
        r"\benough already\b"
    ),
    "never_asked": (
        r"\b(?:never|did not) (?:sign up|signed up|ask|asked|request|requested|subscribe|subscribed|opt|give you|"
        r"gave you)\b"
    ),
    "forget_it": r"^(?:just |please )*(?:forget (?:it|about it|me|you)|never ?mind|drop it|give it up|give up|"
    r"enough|done|i am done|not now not ever|bye|goodbye and good riddance|no means no)$",
    "no_interesa": (
        r"\bno (?:me|nos|estoy|estamos) (?:interesa\w*)\b|\bno gracias\b(?! (?:a|eso|solo|al|con))|"
        r"\bya no (?:me interesa|necesito|lo necesito|estoy)\b|\bno necesito\b"
    ),
    "why_bother": (
        r"\bwhy (?:do|are|does) you (?:keep|still|guys keep|people keep)\b(?! (?:asking|saying|need|want|repeating))|"
        r"^(?:you|you guys|you people|yall|stop you) keep (?:calling|texting|bugging|bothering|harassing|messaging)\b"
    ),
    "want_out": r"\b(?:want|get me|let me) out$|\bhow (?:do|can) i (?:get off|get out|opt)\b",
}
_RULES = tuple((name, re.compile(pattern)) for name, pattern in _UNCLEAR.items())
