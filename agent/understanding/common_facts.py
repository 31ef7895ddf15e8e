"""Facts that every campaign shares: interest, the channel liked, recording, objections, who he is, when to call him."""

import re
from collections.abc import Mapping
from datetime import datetime

from pydantic import JsonValue

from agent import identity
from agent.asking import is_disclosed
from agent.guard.language import is_spanish
from agent.understanding.call_wish import Found, call_wish
from agent.understanding.whose import third_party
from agent.words import Polarity, any_of, clean, polarity
from state.events import Channel
from state.view import View


def common_facts(
    said: str, view: View, asked: str | None, now: datetime, engaged: frozenset[str]
) -> dict[str, JsonValue]:
    """The common facts in a cleaned text. `engaged`: the campaign's own facts that were found in it."""
    last = view.last_line("persona")
    on_call = view.live_call is not None and last is not None and last.channel is Channel.VOICE
    found: dict[str, JsonValue] = {}
    found.update(call_wish(said, view, asked, now))
    found.update(_channel(said))
    found.update(_recording(said, view, asked, engaged, on_call=on_call))
    found.update(_objections(said, asked, engaged))
    found.update(_person(said, view, asked))
    found.update(_somebody(said, asked, on_call=on_call))
    found.update(_safe_again(said, view))
    found.update(_interest(said, view, asked, engaged, found))
    return found


# Channel, recording -------------------------------------------------------------------------------------------------

_EITHER = any_of(r"(?<!the same )either (?:is|works|way)", r"call or text", r"text or call", r"whichever is easier")
_LIKES_TEXT = any_of(
    r"(?:rather|prefer)(?: to| you)? (?:text|texting|texts)",
    r"(?:text|texting) (?:is )?(?:better|easier|instead|only|fine|works)",
    r"(?:just )?text me",
    r"just text",
    r"(?:hate|dont like|not a fan of) (?:talking on |being on |the )?(?:the )?(?:phone|phone calls|calls)",
    r"not (?:a |much of a )?phone person",
    r"only (?:by )?texts?(?:ing)?",
    r"(?:can|could|would) (?:you|u) (?:please |just )*(?:text|message) me(?! (?:the|a|your|that|when|once|if))",
    r"(?:by|over|via) text",
    r"instead of calling",
    r"lets text",
    r"keep (?:it )?(?:to )?text(?:ing)?",
    r"(?:mejor|prefiero) (?:por )?(?:texto|mensajes?)",
    r"(?:dont|do not|please dont|no) call(?:s)?(?: me)?(?: ,| \.)?(?: (?:please|just|but))* text",
)
_LIKES_VOICE = any_of(
    r"(?:rather|prefer)(?: to)? (?:talk|call|a call|phone|calls|the phone)",
    r"call(?:ing)? (?:is )?(?:better|easier)",
    r"(?:by|over the|on the) phone (?:is )?(?:better|easier|please)",
    r"(?:dont|do not|stop) text(?:ing)?(?: me)?(?! and| or)",
    r"instead of texting",
    r"hate texting",
    r"call me instead",
    r"call(?:ing)? me(?: \S+){0,2} (?:easier|better|best)",
    r"(?:easier|better|faster|quicker) (?:to|if we) (?:just )?(?:talk|call|chat)",
)
_NO_RECORDING = any_of(
    r"(?:dont|do not|not|without|no|stop|turn off|rather you didnt|cant) (?:\S+ ){0,3}record(?:ed|ing)?"
)


def _channel(said: str) -> Found:
    for value, pattern in (("either", _EITHER), ("voice", _LIKES_VOICE), ("sms", _LIKES_TEXT)):
        if pattern.search(said):
            yield "channel_pref", value
            return


def _recording(said: str, view: View, asked: str | None, engaged: frozenset[str], *, on_call: bool) -> Found:
    if _NO_RECORDING.search(said):
        yield "recording_ok", False
        return
    agreed = polarity(said) if asked == "recording_ok" else None
    # "Not a good time" turns down the moment, not the recording.
    if agreed is Polarity.YES or (agreed is Polarity.NO and not _BUSY.search(said)):
        yield "recording_ok", agreed is Polarity.YES
        return
    # Who has heard that the line is recorded and goes on about the matter agrees to it.
    # "Yes" to whether it is he agrees to nothing else.
    is_open = on_call and asked != identity.ASKS and view.known("recording_ok") is None and is_disclosed(view)
    if is_open and (engaged or polarity(said) is Polarity.YES):
        yield "recording_ok", True


# A person, safety ---------------------------------------------------------------------------------------------------

_SOMEBODY = any_of(
    r"(?:can|could|will|would) (?:someone|somebody|anyone|anybody|1 of you|a person"
    r"|an? (?:agent|advisor|counselor|officer|rep))"
    r" (?:\S+ ){0,2}?(?:go over|walk me|call|help|talk|explain|tell|reach|get back|answer|look|contact)",
    r"(?:can|could|may) i (?:just |please )?(?:talk|speak) (?:to|with) (?:somebody|someone|a person|a human|an agent)",
    r"(?:need|want|like) (?:someone|somebody) to (?:go over|walk me|call|help me with|talk|explain|tell|answer)",
)
_SAFE_AGAIN = any_of(
    r"all clear",
    r"(?:its|it is|were|we are|everyones|everything is|everythings) (?:all )?(?:safe|ok|okay|fine)(?: now| again)?",
    r"safe now",
    r"false alarm",
    r"(?:gave|given|got|gives) (?:us |me )?(?:the|an) (?:all clear|ok|okay|green light)",
    r"(?:cleared|checked) (?:it|us|the house|and)",
    r"no (?:more|longer)(?: \S+)? (?:smell|smells|gas|smoke|sparks)",
    r"(?:smell|gas|smoke) is gone",
    r"already fixed",
    r"(?:leak|valve) fixed",
)


def _somebody(said: str, asked: str | None, *, on_call: bool) -> Found:
    """ "Can someone go over it with me?", and a yes to being put through."""
    is_yes = asked == "transfer_now" and polarity(said) is Polarity.YES
    if is_yes or _SOMEBODY.search(said):
        yield "human_requested", True
    if is_yes and not on_call:
        yield "ready_to_talk", True


def _safe_again(said: str, view: View) -> Found:
    if view.known("safety_issue") is True and _SAFE_AGAIN.search(said):
        yield "safety_issue", False


# Objections ---------------------------------------------------------------------------------------------------------

_OBJECTIONS = {
    "price": any_of(
        r"too (?:expensive|much money|pricey|costly|high)",
        r"cant (?:afford|swing)(?: it| that| this)?(?: right)?(?: now)?",
        r"too rich for",
        r"(?:way|a lot|lot) more than (?:i|we)",
        r"thats (?:way too much|a lot|alot|steep|crazy)",
        r"costs? too much",
        r"(?:tuition|prices?|costs?|rates?|quote|premium|fees|payment|its|thats)(?: \S+){0,2} too (?:much|high|steep)",
    ),
    "trust": any_of(
        r"is (?:this|it) (?:a |even |really )?(?:legit|scam|spam|fraud|real)",
        r"(?:a |another )?(?:scam|spam)",
        r"(?:dont|if i|can i|should i|why would i) trust",
        r"(?:is|are) (?:this|you|u|yall|it|you guys|you all|that)(?: guys| all| even| really| a| actually| for)* legit",
        r"is (?:this|it|that)(?: even| really| actually| for)* real",
        r"never heard of (?:you|u|yall|ya|this|harbor|cedar|lakemont|bright)",
        r"how do (?:i|we) know (?:this|you|youre|its|that)",
        r"(?:real|legit|actual) (?:company|business|school|lender)",
        r"sounds? (?:fishy|sketchy|shady|like a scam|fake)",
        r"(?:seems|looks) (?:fishy|sketchy|shady|fake)",
        r"(?:how|hows|howd|where|whered) (?:did |d |do )?(?:you|u|ya) (?:\S+ )?(?:get|got|find) my"
        r" (?:number|info|name)",
    ),
    "privacy": any_of(
        r"(?:dont|do not|not comfortable|rather not|wont|not) (?:\S+ ){0,3}"
        r"(?:share|sharing|giving (?:\S+ )?out|give out)",
        r"(?:dont feel|not) comfortable (?:giving|sharing|with|telling)",
        r"not giving (?:you|u|out|that)",
        r"why (?:do|would|does) (?:you|u|yall|they) (?:guys )?(?:need|want)(?: to know)? (?:that|this|my|all)",
        r"none of (?:your|ur) business",
        r"(?:sell|selling|share|sharing) my (?:info|information|data|number)",
    ),
    "spouse": any_of(
        r"(?:talk|speak|check|ask|discuss|run)(?: it| this)?(?: (?:to|with|by|over with|past))?(?: my| the)? (?:\S+ )?"
        r"(?:wife|husband|spouse|partner|fiance|fiancee|girlfriend|boyfriend|better half|hubby)",
        r"(?:my|me and my|the) (?:wife|husband|spouse|partner|fiance|fiancee|hubby)(?: and i| and me)?"
        r" (?:\S+ ){0,2}(?:talk|discuss|decide|handles|deals with|takes care of)",
    ),
}
_HAS_ONE = any_of(
    r"already (?:have|with|insured|covered|have one|have someone)",
    r"happy with (?:my|our|who|what|the 1)",
    r"have an? (?:agent|lender|guy|broker|plumber|contractor|roofer)(?: \S+){0,3} (?:like|love|trust|use|already)",
)
_IS_DONE = any_of(
    r"already (?:got|bought|found|signed|switched|went|took care|did it|done)",
    r"(?:took care of it|got it (?:done|fixed|taken care of)|got 1|found 1|signed with (?:somebody|someone)) already",
    r"(?:went with|found|going with) (?:someone|somebody|another|a different|one already)",
    r"(?:went with|going with) (?:a|an|my|our|his|the other) (?:\S+ )?(?:bank|lender|credit union|company|agent"
    r"|broker|guy|school|college|university|contractor|plumber|roofer|friend)",
)
_BUSY = any_of(
    r"(?:im|i am|were|we are|currently|super|so|really|pretty|kinda) (?:\S+ )?"
    r"(?:slammed|swamped|busy|teaching|working|on shift|in class|with a client|at the doctors?|traveling|travelling"
    r"|driving|away|out of town|tied up|underwater|at work|in a meeting"
    r"|on vacation)",
    r"(?:let me|need to|have to|want to|gotta|ill) (?:just )?(?:think|sleep)(?: (?:about|on|it|this|that|over))*",
    r"(?:bad|not a good|not a great|not the best|isnt a good|isnt a great|isnt the best) (?:time|moment)",
    r"(?:cant|cannot) talk",
    r"not (?:before|until|till|right now|now)",
    r"(?:going|be|am|im) on (?:leave|vacation|a trip|holiday)",
    r"(?:leaving town|out of the country)",
    r"^(?:sorry |hey |hi |im )?(?:driving|in a meeting|in class)",
    r"^(?:sorry |hey |hi |im )?at (?:work|the doctors?|my (?:kids|sons|daughters) \w+)",
    r"(?:hes|shes|they are|theyre) (?:at work|working|busy|asleep|driving)",
    r"now ?s not (?:good|a good|great)",
    r"busy (?:today|now|right now|rn|atm|all day|this week)",
    r"but not (?:today|tonight|now|this week)",
)


_BUT = any_of(r"but")


def _objections(said: str, asked: str | None, engaged: frozenset[str]) -> Found:
    for name, pattern in _OBJECTIONS.items():
        if pattern.search(said):
            yield "objection", name
            return
    # "I already have insurance" answers the question about it; to any other it objects.
    if asked not in engaged and (_HAS_ONE.search(said) or _IS_DONE.search(said)):
        yield "objection", "already_have"
    elif _BUSY.search(said) and (polarity(said) is not Polarity.YES or _BUT.search(said)):
        yield "objection", "timing"


# Interest -----------------------------------------------------------------------------------------------------------

_WANTS = any_of(
    r"still (?:am|looking|interested|shopping|need|want|do|thinking about|in the market)",
    r"(?<!not )(?<!no longer )interested",
    r"(?<!not )in the market",
    r"(?:im|i am|were|we are) looking",
    r"(?<!not )(?<!longer )looking (?:for|to|into)",
    r"(?<!dont )want to (?:compare|see|know|get|lower)",
    r"id like (?:a|an|to)",
    r"(?:i|we) need (?:a|an|some)",
)
_REFUSES = any_of(
    r"not interested",
    r"no longer (?:interested|looking|need|needed|want|shopping|in the market)",
    r"not any ?more",
    r"not for me",
    r"dont (?:need|want) (?:it|this|any|anything|one)(?: any ?more)",
    r"changed my mind about (?:it|this|the whole)",
)
_DECLINES = any_of(
    r"not (?:looking|shopping|in the market)",
    r"dont (?:need|want) (?:it|this|any|anything|one)",
    r"(?:ill )?pass",
    r"no (?:thanks|thank you|ty|thx)",
    r"(?:im|were|we are|i am) (?:good|all set|set)",
    r"all set",
)
_UNSURE = any_of(
    r"maybe",
    r"just curious",
    r"on the fence",
    r"thinking about it",
    r"still (?:deciding|thinking)",
    r"havent decided",
    r"not sure",
    r"unsure",
    r"depends",
    r"possibly",
    r"perhaps",
    r"idk",
    r"dont know",
    r"kinda",
    r"i might",
)


UNSURE_WITHIN = 12
"""Who tells something of use is unsure only if he begins with it."""


def _interest(
    said: str, view: View, asked: str | None, engaged: frozenset[str], found: Mapping[str, JsonValue]
) -> Found:
    is_open = asked in (None, "interest")
    agreed = polarity(said) if asked == "interest" else None
    objects = found.get("objection") not in (None, "timing")
    declines = is_open and not engaged and (agreed is Polarity.NO or _DECLINES.search(said) is not None)
    if declines or _REFUSES.search(said) or (_IS_DONE.search(said) and asked not in engaged):
        yield "interest", "no"
    elif asked == "interest" and _UNSURE.search(said[:UNSURE_WITHIN] if engaged else said):
        yield "interest", "unsure"
    elif agreed is Polarity.YES or _WANTS.search(said) or found.get("ready_to_talk") is True:
        yield "interest", "yes"
    elif (engaged or found.get("callback_earliest")) and not objects and view.known("interest") in (None, "unsure"):
        # Who answers what a quote needs, or names a time, is interested.
        yield "interest", "yes"


# The person ---------------------------------------------------------------------------------------------------------

_NAME = any_of(r"(?:my name is|my names|the names|name is)(?: actually)? (?P<name>[a-z]{2,20})")
_ANSWERED_NAME = re.compile(
    r"^(?:(?:hi|hello|hey|yes|yeah|sure|its|it is|im|i am|this is|my name is|,|\.) )*"
    r"(?P<name>[a-z]{2,20})(?: here| speaking)?[ .]*$"
)
_NO_NAMES = frozenset({
    "a", "an", "the", "not", "just", "about", "for", "on", "in", "it", "that", "this", "here", "who",
    "what", "why", "how", "none", "nobody", "busy", "good", "fine",
    "wrong", "private", "speaking", "calling", "looking", "hello",
})  # fmt: skip
_AGE = re.compile(
    r"(?<!\S)(?:im|i am)(?: only| just)? 1[0-7](?: (?:years|yrs|yr|year)(?: old)?)?(?= ?$| [,.]| and| so| but)"
)
_SPANISH = any_of(r"espanol", r"(?:in|speak) spanish", r"no hablo ingles", r"no english")


def _person(said: str, view: View, asked: str | None) -> Found:
    if who := third_party(said):
        yield "third_party_contact", who
    named = _NAME.search(said) or (_ANSWERED_NAME.match(said) if asked == "first_name" else None)
    if named and named["name"] not in _NO_NAMES and polarity(named["name"]) is None:
        name = named["name"].capitalize()
        if name != view.first_name:
            yield "first_name", name
    if _AGE.search(said):
        yield "under_18", True


def wants_spanish(text: str) -> bool:
    """Whether a lead asks for Spanish, or speaks it."""
    return _SPANISH.search(clean(text)) is not None or is_spanish(text)
