"""What is said of calling, apart from when: "call me", "I'd rather text", "I'll call you", "still thinking", "later".

Every function answers one question about a text in the form of `spoken_shorthand`. They are asked in an order
(`spoken_time`), and most only where the text names no time: "call me" is a call now, "call me at 5" is not.
"""

from agent.words import either

_TEXT = r"(?:text|texts|texting|message|messages|email|whatsapp|sms)"
_CAN_NOT = r"(?:cant|can not|cannot|unable to|not able to|couldnt)"
_RING_ME = r"(?:call|ring|phone|dial|buzz)(?: me| us)?"

# Is a call spoken of at all? -----------------------------------------------------------------------------------------

_FACTS = either(
    r"\b(?:renews?|expires?|closed|closing|moved|moving|bought|built|born|since|accident|ticket|lease|policy|yesterday)\b",
    r"\b(?:on call|happened|occurred|dentist|graduat\w+|turn(?:ed|s|ing) \d+|storm|hail|court|inspection|resets?|due)\b",
    r"\b(?:effective|birthday|surgery|installed|filed|deadline|semester|married|last|years? old|house number)\b",
    r"\b(?:ends|starts|started|i work (?:from )?\d|per month|a month(?! from)|a year)\b",
    r"\b(?:what time|what day|how late|your hours)\b",
    r"\bwas(?! (?:thinking|hoping|wondering))\b",
)
"""What dates and numbers are about when they are not about calling."""
_CALLING = either(
    r"\b(?:(?<!on )call|talk|reach|ring|phone|try|chat|available|free|(?<!i )(?<!we )works?|good|best|better)\b",
    r"\bnot (?:before|until|till)\b|\d tonight\b",
)
_SPOKEN_OF = either(
    r"\b(?:they|you|we|people|i) call (?:it|that|this|them)\b",
    r"\bwhat (?:should|do|can) i call\b",
    r"\b(?:curb|house|service|cold|robo|emergency|conference|missed|close) calls?\b(?! me)",
    r"\b(?:i|we) (?:already )?(?:called|phoned)\b",
)
"""Calls, but none that is asked for: "a curb call", "I called the gas company on Friday"."""
_ASKED_FOR = either(
    r"\b(?:call|ring|phone|try|reach) (?:me|us|back)\b",
    r"\b(?:available|free|works|talk|callback|call back)\b",
    r"\b(?:so|please|can you|could you) (?:call|ring|phone)\b",
)


_ASKS_ABOUT_US = either(
    r"\bdid (?:you|yall|someone|somebody|anyone|one of you)(?: guys| just| try to)? (?:call|ring|phone|dial)\b",
    r"\bare (?:you|yall|you guys)(?: guys| all)? (?:open|closed)\b",
)
_WANTED_TOO = either(
    r"\b(?:please|so|then|just) (?:call|ring|phone|try)\b|\b(?:call|ring|try) (?:me |us )?(?:back|again)\b"
)


def is_about_something_else(text: str) -> bool:
    """Whether its dates and numbers belong to a fact: "the policy renews on the 5th"."""
    return bool(_FACTS.search(text)) and not _CALLING.search(text)


def only_mentions_calls(text: str) -> bool:
    """Whether calls are spoken of and none is asked for."""
    if _ASKS_ABOUT_US.search(text):
        return _WANTED_TOO.search(text) is None
    return bool(_SPOKEN_OF.search(text)) and not _ASKED_FOR.search(text)


# No call -------------------------------------------------------------------------------------------------------------

_ANOTHER_TIME = (
    r"(?:maybe|perhaps) (?:later(?: on)?|another time|some other time|another day|next time|down the (?:road|line))|"
    r"(?:some other|another) time[ ,]*(?:maybe|perhaps)|down the (?:road|line)"
)
_BAD_TIME = (
    r"(?:(?:now|this|it) (?:is not|isnt) |(?:its )?not )(?:really )?(?:a|the) (?:good|great|best|right) time|"
    r"(?:its )?(?:a )?bad time"
)
_NOT_READY = either(
    r"^(?:(?:no|sorry|nah|um|uh|well|oh|,|\.) )*(?:"
    r"not (?:right now|now|at the moment|just yet|yet|at this time|ready|really)|"
    r"(?:im |i am )?not ready(?: yet| for (?:a|that) call)?|cant (?:do (?:it|this) )?(?:right )?now|"
    r"no call(?: now| right now| yet)?|no calls (?:now|right now|yet)|rather not(?: right now| now)?|"
    rf"dont call(?: me)?(?: right)? now|{_ANOTHER_TIME}|{_BAD_TIME}"
    r")(?: (?:thanks|thank you|please|sorry|though|yet))*[ ,.]*$"
)
_UNDECIDED = either(
    r"\bstill (?:thinking|deciding|debating|undecided|on the fence|not sure|mulling)",
    r"\b(?:have not|havent|not) (?:yet )?(?:decided|made up my mind)",
    r"\b(?:need|want|got|have|let me|give me|gonna|going|just need|like) (?:\w+ ){0,3}?(?:to )?"
    r"(?:think|sleep|mull|pray|chew) (?:(?:it|this|that|things) )?(?:on|over|about)\b",
    r"\b(?:need|want|give me)(?: \w+){0,2} (?:more )?time to (?:think|decide)\b|\bneed to think[ .]*$",
    r"\b(?:run|talk) (?:it|this|that|things) (?:by|past|over with) (?:my|the)\b",
    r"\bhold off (?:for now|a bit|on (?:this|that|it|the call))",
    r"\b(?:lets|let us|gonna|rather) hold off\b(?! (?:until|till?|on))",
    r"\b(?:on the fence|undecided|not (?:quite |really )?there yet)\b",
    r"\bnot (?:really |quite |exactly )?(?:sure|ready)(?: (?:yet|about (?:this|it)|to (?:talk|commit|decide)))\b",
    r"\bnot yet\b(?! (?:at|but))|\bno calls? (?:yet|just yet)\b|\b(?:some other|another) time maybe\b",
    r"\bno me decido\b|\bno (?:lo )?(?:he|hemos) decidido\b|\bno estoy (?:segur|list)\w+\b",
    r"\blo (?:estoy|estamos|voy a|tengo que) pens\w+\b|\b(?:pensarlo|pensandolo)\b",
)
_NO_CALL = (
    r"(?:(?:no|dont|do not|please|cant|wont|not) )*(?:call|calls|calling)(?: me)?(?: ,| \.)? ?"
    r"(?:please |but |and |just )*"
)
_TEXT_ONLY = either(
    rf"\b{_TEXT} (?:a lot |way |much )?(?:better|instead)\b",
    rf"\b(?:rather|prefer|better|easier)(?: to| you| if you| we| by| be| not talk)? (?:just )?{_TEXT}\b",
    rf"\b(?:just|only) (?:by )?{_TEXT}\b|\b{_TEXT}(?: me)? (?:only|instead|please|works better|preferred|first)\b",
    rf"\b{_TEXT} (?:is|are|would be|works)(?: way| much| a lot)? ?(?:better|best|easier|fine|preferred|ok|good)\b",
    rf"\b(?:can|could) (?:we|you|i)(?: please| just)* {_TEXT}\b(?! you)",
    rf"\b(?:keep|stick) (?:it )?(?:to|with) {_TEXT}\b|\bdo (?:this|it) (?:over|by|via) {_TEXT}\b",
    rf"{_NO_CALL}{_TEXT} me\b|^(?:please |pls |ok |no )*{_TEXT} me(?: please)?$",
    r"\bno (?:phone )?calls\b|\b(?:only|just) write (?:to )?me\b|\bwrite (?:to )?me (?:only|instead)\b",
)
_LEAD_CALLS = either(
    r"\b(?:ill|i will|i shall|i can|let me|i would|id rather|im going to|i am going to|im gonna|i|we will|well) (?:just )?"
    r"(?:be the (?:one|1) to )?(?:call|ring|phone|try|hit|buzz|dial|reach out to|get back to|give) (?:you|yas|your office)\b",
    r"^(?:ok |sure |ill |no |, |, )*(?:call|ring|buzz|phone) you (?:later|back|tomorrow|when|in|soon|tonight)\b",
    r"\b(?:ill|i will) (?:just )?(?:call|reach out|be the one (?:to call|calling)|call (?:back|in|later))\b(?! me)",
    r"\bill be the 1 calling\b",
)


def refuses(text: str) -> bool:
    """Whether it is a no to a call, and nothing else: "not now", "maybe later"."""
    return _NOT_READY.search(text) is not None


def is_undecided(text: str) -> bool:
    """No call, and no refusal either: the lead is thinking."""
    return _UNDECIDED.search(text) is not None


def wants_texts(text: str) -> bool:
    """Whether texts are wanted instead of calls."""
    return _TEXT_ONLY.search(text) is not None


def will_call_us(text: str) -> bool:
    """Whether the lead means to call us: "I'll call you"."""
    return _LEAD_CALLS.search(text) is not None


# A call now ----------------------------------------------------------------------------------------------------------

_POLITE = (
    r"(?:(?:yes|yeah|yep|sure|ok|okay|please|pls|so|well|hi|hey|oh|alright|great|good|si|just|then|fine|absolutely|"
    r"perfect|,|\.|you|can|could|may|u|feel free to|go ahead|and|im free|i am free|im available) )*"
)
_CALL_ME = (
    rf"(?:{_RING_ME}(?: up)?|give (?:me|us) a (?:call|ring|buzz|shout|holler)|go ahead(?: and call)?(?: me)?|"
    r"ready(?: when(?:ever)? you are| now| to talk| for the call)?|im ready(?: now| to talk| when you are)?|i am ready|"
    r"(?:i )?can talk(?: now)?|lets talk|lets do it|call)"
)
_AT_ONCE = r"(?:now|asap|right away|immediately|this minute|as soon as)"
_SUITS = r"(?:good|fine|great|perfect|ok|okay|best)"
_READY = either(
    # Nothing but "call me" and courtesies.
    rf"^{_POLITE}{_CALL_ME}(?: (?:now|right now|please|asap|right away|thanks|whenever you(?:re| are) ready|back|,|\.|"
    r"im (?:free|ready|here|available)|anytime now|if you want|if you can))*[ .?]*$",
    rf"\b(?:call|ring|phone|try)(?: me)?(?: back)?(?: (?:on |at )?my (?:cell|mobile|house|home|work|landline|phone)"
    rf"(?: phone)?)?(?: right)? {_AT_ONCE}\b|\bcall now\b|\bhmu\b",
    r"\b(?:call|ring|phone|buzz) (?:me |us )?(?:real |super )?quick(?:ly)?\b",
    r"\b(?:telephone|call|phone|ring) me (?<!all )at once\b|\b(?:hit|call|ring) me up now\b",
    r"\bgive me a (?:call|ring|buzz)(?: now)?[ .]*$",
    r"\b(?:go ahead(?: and)?|(?:you|u) can|feel free to) (?:call|ring|dial|buzz|try)(?: me| us)?"
    r"(?= (?:im|i am|now|if|back)\b|[ .]*$)",
    # The moment suits.
    rf"\b(?:now|right now|this minute) (?:works|is {_SUITS})\b|\b(?:right )?nows? (?:is )?{_SUITS}\b",
    r"\b(?:right now|asap|anytime now|any time now|as soon as (?:you can|possible)|at your earliest|right this minute)\b",
    r"\bthis (?:very )?second\b|\bgood time (?:is )?now\b|\bthe sooner the better\b",
    r"^(?:(?:yes|yeah|ok|sure|how about|,) )*(?:nows good|now|right away|immediately|this minute)(?: please| ,.*)?[ .?]*$",
    # The lead is there.
    r"\b(?:im|i am|were|we are) (?:free|available|around|ready)(?: to talk)?(?: right)? now\b",
    r"\b(?:im|i am) (?:free|available|around|ready|here)(?: right)? now\b|\bfree (?:right )?now\b",
    r"\bim (?:free|available|around)$|^ready$|^(?:im |i am |yeah |yes )*free to (?:talk|chat)[ .]*$",
    r"\bi can talk[ .]*$|\bready when(?:ever)? you are\b|\b(?:pleased|happy|glad) to take (?:your|the|a) call\b",
    r"\bwhenever[ ,.]* im (?:here|free|around|available|ready)\b|\bphones? (?:is )?in (?:my )?hand\b|\bby the phone\b",
    r"\b(?:i have|ive got|i got|got) (?:a (?:few|couple)(?: of)? (?:min\w*|sec\w*)|a (?:minute|min|sec|moment)|time|some time)"
    r"(?: to talk)?(?: right)? now\b",
    r"\b(?:i have|ive got|i got|got) a (?:few |couple )?(?:minutes?|mins?|sec|moment)[ ,.]*(?:so )?(?:try|call|ring) me\b",
    # The line broke.
    r"\b(?:cut (?:out|off)|disconnected|dropped|lost you|hung up|got cut|broke up|breaking up)\b.*"
    r"\b(?:call|ring|try)(?: me)? (?:back|again)\b",
)
_CLAUSE_OF_INVITATION = either(
    rf"(?:^|[,.?] |\b(?:and|but|so) ){_POLITE}(?:go on and )?(?:{_RING_ME}(?: up| back)?|go ahead(?: and call)?)"
    r"(?: (?:now|already|real quick|please|anytime|up))*(?= *(?:[,.]|$))"
)
"""A clause that is nothing but "call me", in a message that names no time."""
_HINDERED = either(
    r"\b(?:dont|not|cant|cannot|wont|never|no|isnt|busy|driving|meeting|working|swamped|in class|tied up|at work)\b"
)


def is_ready_now(text: str) -> bool:
    """Whether a call may come at once."""
    return bool(_READY.search(text) or _CLAUSE_OF_INVITATION.search(text)) and not _HINDERED.search(text)


# A call, but when? ---------------------------------------------------------------------------------------------------

_OPEN = either(
    r"\byour time\b|\bwhere (?:you|yall|you guys) are\b",
    r"\blater (?:on )?today\b|\btoday later\b|\bsome ?time this week\b|\bthis week some ?time\b",
    r"\b(?:one|1) of these days\b",
)
_VAGUE = either(
    r"\b(?:later|soon(?!er or)|some(?:time| other time| time)|another (?:time|day)|whenever|any ?time)\b",
    r"\bafter (?:i|we|my|the kids|they|he|she|work|dinner|lunch|school|church|class|practice|my shift|this|the meeting|the game)\b",
    r"\b(?:when|once|as soon as) (?:i|im|the|my|we|hes|shes|its)\b",
    r"\bin a (?:bit|while|few|sec|second|minute|moment|little)\b|\bgive me a (?:bit|few|minute|sec|second|moment)\b",
    r"\ba few minutes\b|\bcouple(?: of)? minutes\b|\bbefore bed\b|\bat lunch\b|\bon my (?:lunch|break)\b|\blunch break\b",
    rf"\b{_CAN_NOT} (?:really )?(?:talk|speak|chat|answer|take (?:a )?calls?|pick up|get to the phone|do (?:a )?calls?)\b",
    r"\bnot a good time\b|\bbad time\b|\bbusy\b|\b(?:im )?driving\b|\bat work\b|\bin a meeting\b|\bin class\b",
    r"\bat the doctors?\b|\bswamped\b|\btied up\b|\bin the middle of\b",
    r"\bcall me back\b|\btry me back\b|\btry again\b",
)


def names_no_hour_of_ours(text: str) -> bool:
    """Whether it names a time that is none to go by: "4 your time", "later today"."""
    return _OPEN.search(text) is not None


def is_vague(text: str) -> bool:
    """Whether a call is welcome, or only now is not, and no time is said."""
    return _VAGUE.search(text) is not None
