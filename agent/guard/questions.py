"""What else is decided before any model: wrong number, "are you a robot?", "a person, please", danger, HELP, START."""

import re

from agent.guard.plain import Plain


def wrong_number(message: Plain, first_name: str | None) -> bool:
    """Whether somebody else than the lead answers. `first_name` is the lead's, as the form gave it."""
    return _any(_WRONG_NUMBER, message.clauses) or (first_name is not None and _denies(message, first_name))


def asks_if_ai(message: Plain) -> bool:
    """Whether the lead asks if he talks to a machine, in any form that deserves a plain answer. The persona's name is
    to read "you" in it."""
    return _any(_AI, message.clauses) or _any(_AI, (message.text,)) or _AI_BARE.fullmatch(message.text) is not None


def asks_for_person(message: Plain) -> bool:
    """Whether the lead wants a human being. The names of the campaign's agents are to read "agent" in it."""
    return _any(_PERSON, message.clauses) or _PERSON_BARE.fullmatch(message.text) is not None


def danger(message: Plain) -> str | None:
    """The kind of danger somebody is in now: `gas`, `fire`, `electric`, `medical` or `self_harm`."""
    for kind, pattern in _DANGER.items():
        if pattern.search(message.text) and not _NO_DANGER.search(message.text):
            return kind
    return None


def is_start(message: Plain) -> bool:
    """The bare word that resumes texts (TWILIO default words, without YES: it answers too much else)."""
    return _START.fullmatch(message.text) is not None


def is_help(message: Plain) -> bool:
    """The bare word that CTIA wants answered with who we are and how to reach us."""
    return message.text in {"help", "info", "help please", "ayuda"}


def _any(patterns: re.Pattern[str], clauses: tuple[str, ...]) -> bool:
    return any(patterns.search(clause) for clause in clauses)


def _one_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


# Wrong number --------------------------------------------------------------------------------------------------------

_WRONG_NUMBER = _one_of(
    r"\b(?:wrong|incorrect) (?:phone |cell )?(?:number|person|guy|lady|man|woman|party)\b(?! of\b)",
    r"\b(?:nobody|no one|noone|no body|nobody here) (?:\w+ ){0,2}"
    r"(?:(?:by|with) (?:that|this)\b|(?:named|called) (?!me\b|us\b|back\b|you\b|yet\b))",
    r"\b(?:number|phone|line) (?:now )?(?:belongs to|is for) (?:someone|somebody|another|a different)\b",
    r"\bthere is no(?:body| one)? (?:\w+ )?(?:by that name|with that name|here by)",
    r"\b(?:this|it) (?:is not|is no longer|was not|used to be) (?:his|her|their|that person|him|them|who you|"
    r"the person|"
    r"the right (?:number|person)|that number)\b",
    r"\b(?:i am|we are) not (?:him|her|that person|who you|the person|the one you|the right person)\b",
    r"\b(?:do not|does not) (?:know|have) (?:a |any |anyone |anybody |any one |who )?(?:\w+ )?(?:by that name|"
    r"named|called|"
    r"that person|that is)\b",
    r"\b(?:he|she|they) (?:does not|do not|no longer|did not) (?:live|have|use|own|work)(?: at| in)? (?:here|"
    r"this number)",
    r"\b(?:just )?(?:got|bought|inherited) (?:this|a new) (?:new )?number\b(?! for| of)(?!.* (?:call|text) me)",
    r"\b(?:new phone|new number)(?:,? who (?:dis|this|is this))",
    r"\b(?:he|she) (?:has )?(?:died|passed away|is dead|is deceased)\b|\b(?:is|are) deceased\b",
    r"\b(?:this is|it is) (?:a |my )?(?:kids?|childs?|minors?|school|hospital|business|work|sons|"
    r"daughters) (?:phone|number|line)\b",
    r"\b(?:numero|persona) (?:equivocad[oa]|incorrect[oa])\b|\b(?:se )?(?:equivoco|equivocaron|"
    r"equivocado) de (?:numero|persona)\b",
    r"\b(?:aqui no|no) (?:vive|hay|existe|conozco)(?: a| aqui)? (?:nadie|ningun\w*|nadie con|esa persona|ese)\b",
    r"\bno soy (?:esa persona|el|ella|quien|la persona)\b|\b(?:tiene|tienen|marco|marcaron) (?:el |"
    r"un )?numero equivocado\b",
)


def _denies(message: Plain, first_name: str) -> bool:
    name = re.escape(" ".join(Plain((first_name.lower(),)).clauses))
    pattern = _one_of(
        rf"\b(?:this is not|i am not|is not|it is not|not|no) {name}(?:s| is)?(?: number| phone| cell)?$",
        rf"\b(?:no|there is no|do not know(?: a| any| who)?|who is) {name}(?: here| lives here|"
        rf" at this number)?(?: is)?$",
        rf"\b{name} (?:does not|no longer|moved|died|passed|changed|is not at this|has a new|is dead|is deceased)\b",
        rf"\bno soy {name}\b|\b{name} no (?:vive|esta|es)\b",
    )
    return _any(pattern, message.clauses)


# "Are you a robot?" --------------------------------------------------------------------------------------------------

_MACHINE = (
    r"(?:robots?|bots?|chat ?bots?|ai|a i|a\.i|artificial(?: intelligence)?|machines?|computers?|computer program|"
    r"program|"
    r"automated|automatic|automation|recordings?|recorded|robo ?call(?:er)?|siri|alexa|chat ?gpt|gpt|algorithm|"
    r"software|"
    r"virtual|auto ?(?:reply|replies|response|responder|bot)|answering machine|voice ?bot|fake|synthetic|android|app|"
    r"scripted|llm|language model|simulation)"
)
_HUMAN = (
    r"(?:humans?|human beings?|(?:real|actual|live|living|true|breathing) (?:\w+ )?(?:persons?|people|humans?|man|"
    r"woman|guy|girl|lady|one)|(?<!one )(?<!per )(?<!two )(?<!three )(?:persons?|people))"
)
_AM = (
    r"(?:is this|are you|r you|you are|am i|is that|this is|is it|are these|is she|is you|are we|do i have|"
    r"did i get|was that|were you)"
)

_AI = _one_of(
    rf"\b{_AM}(?: \w+){{0,6}}? (?:{_MACHINE})(?: (?:voice|thing|things|system|assistant|agent|caller|call|text|"
    rf"texts|message|"
    r"messages|program|bot|person|operator|or what|or something|right|huh|lol|talking|calling|texting|now|though|"
    r"too|not you|are you not|are not you|or (?:not|no|nah)))*"
    rf"(?: or (?:\w+ ){{0,4}}\w+)?$",
    rf"\b(?:is this|are you|am i|is that|is it|is she|is you|do i have|did i get|"
    rf"are we)(?: \w+){{0,5}}? (?:{_HUMAN})(?: (?:or|on the|here|there|right|being|"
    r"at all|texting|talking|calling|typing|writing|answering|behind|with|named)\b.*)?$(?<!per person)",
    rf"\b(?:{_MACHINE}) or (?:\w+ ){{0,2}}(?:{_HUMAN}|{_MACHINE}|real)\b|\b(?:{_HUMAN}|"
    rf"real) or (?:\w+ ){{0,2}}(?:{_MACHINE})\b",
    rf"\b(?:talking|speaking|chatting|texting|writing|dealing|typing)(?: to| with)? (?:\w+ ){{0,3}}?(?:{_MACHINE}|"
    rf"{_HUMAN})(?: (?:right now|here|or|again|on)\b.*)?$(?<!to my people)",
    rf"\b(?:sound|sounds|seem|seems|feel|feels|look|looks|talk|talks|read|reads|act|acts) (?:\w+ )?(?:like |"
    rf"as )?(?:\w+ ){{0,2}}?(?:{_MACHINE})\b",
    rf"\b(?:prove|swear|promise|tell me|admit|confirm|convince me|show me)(?: \w+){{0,4}} (?:{_MACHINE}|{_HUMAN})$",
    rf"\b(?:you are|youre|this is|bet you are|think you are|"
    rf"know you are) (?:\w+ ){{0,2}}?(?:{_MACHINE}|(?<=not a )(?:{_HUMAN}))(?: (?:are you not|are not you|"
    rf"is not it|right|huh|is it not|"
    rf"or what|correct|yeah|lol|voice))*$",
    rf"\b(?:did|does|do|is|was|will|would) (?:a |an |any |some ?|the )?(?:{_HUMAN}|someone real|anyone real|"
    rf"anybody real|actual someone|{_MACHINE}) (?:\w+ )?"
    r"(?:write|wrote|type|typed|send|sent|read|text|texting|there|typing|writing|writes|behind|reading|sending|"
    r"answering|respond\w*)(?: (?:this|these|that|it|me|my|texts?|messages?))*$",
    r"\b(?:are|is) you (?:even |really |actually |for )?(?:real|human|alive|sentient)(?: (?:or (?:what|not|fake)|right|"
    r"though|person|human))*$",
    r"\b(?:is|are) (?:there|this|it) (?:even |really |actually )?(?:a |an )?(?:real|actual|live) (?:person|"
    r"human)(?: (?:there|here|on|behind|at)\b.*)?$",
    rf"\bwhat are you\b(?: (?:an?|some kind of|some sort of))?(?: (?:{_MACHINE}))?$",
    r"\b(?:eres|es|esto es|es esto|es usted|sos|son)(?: \w+){0,3}? (?:robot|bot|maquina|computadora|grabacion|ia|"
    r"inteligencia artificial|"
    r"humano|humana|automatic\w+|persona real|persona de verdad|contestadora|programa|persona)(?: (?:o|de|real|"
    r"verdad|acaso)\b.*)?$",
    r"\b(?:hablo|hablando|estoy hablando|habla|platicando|chateando) con (?:un|una|alguien)? ?(?:\w+ )?(?:robot|"
    r"bot|maquina|computadora|"
    r"persona|grabacion|humano|real|ia)\b",
)
_AI_BARE = re.compile(
    rf"(?:(?:wait|hold on|um|so|lol|hey|is|a|an|ai|wow|ok|just) )*(?:{_MACHINE}|human|real person|robot|humano|"
    rf"una maquina|persona)(?: (?:huh|right|lol|voice|then))*"
)
# "human??" asks; "Human please" wants one; a bare "automated" or "app" says nothing.


# "A person, please" --------------------------------------------------------------------------------------------------

_STAFF = (
    r"(?:human|humans|human being|person|people|representative|representatives|rep|agent|operator|supervisor|"
    r"manager|advisor|"
    r"adviser|counselor|specialist|live (?:one|body)|someone|somebody|anyone|anybody|loan officer|officer|"
    r"associate|expert|"
    r"professional|broker|technician|dispatcher|receptionist|consultant|coordinator|team member|customer service|staff|"
    r"guy|lady|man|woman|boss|real one)"
)
_KIND = (
    r"(?:(?:a|an|the|your|any|some|one of your|one of the|another|real|actual|live|living|licensed|human|different|"
    r"admissions|loan|insurance|sales|qualified|other|local|proper|with) )*"
)
_TALK = r"(?:talk|speak|chat|talking|speaking|chatting)"

_PERSON = _one_of(
    rf"(?:^|\b(?:let me|want to|need to|like to|rather|can i|could i|may i|can we|get to|prefer to|love to|"
    rf"have to|only|"
    rf"wish to|trying to|supposed to|please|to|gotta|just)(?: just| please| actually| rather| not)? )"
    rf"{_TALK} (?:to|with) {_KIND}{_STAFF}\b(?! (?:about my|who hit))",
    rf"\b(?:transfer|connect|patch|put|forward|route|hand|pass|switch|send|direct|escalate)(?: me| us| this|"
    rf" the call| it)*(?: \w+)? "
    rf"(?:to|through to|over to|with|through|on with|on to|in touch with|thru to) {_KIND}{_STAFF}\b",
    r"\b(?:just |please )?(?:connect|transfer|patch|put) me(?: through| over| already| now| please| thru)*$",
    rf"\b(?:get|give|find|bring|grab|send|hand) me (?:over to )?{_KIND}{_STAFF}\b",
    rf"\b(?:have|can|could|would|will|let|ask|tell|may|make|get|want|need|like|"
    rf"prefer) {_KIND}(?:{_STAFF})(?: please| just| to| actually)* "
    r"(?:call|text|phone|contact|reach|help|talk|speak|ring|email|take|answer|get back|walk|explain|"
    r"follow up)\b(?! (?:you|him|her|them)\b)",
    rf"\b(?:want|need|prefer|like|looking for|require|demand) (?:to (?:have|get|see|reach) )?{_KIND}(?:human|"
    rf"real person|live person|live agent|actual person|"
    r"representative|operator|supervisor|manager|person to|human being|someone who|somebody who|someone real|"
    r"real human|live human|human agent)\b",
    rf"\bis (?:there |it possible to (?:talk|speak) (?:to|with) )?{_KIND}{_STAFF} (?:i can|i could|we can|"
    rf"available|around|there i|free|who can|that can|to talk|to speak|i may|in today|on duty)\b",
    rf"\bis {_KIND}(?:agent|loan officer|representative|manager|advisor|counselor) (?:available|there|around|free|"
    rf"in)\b",
    rf"\b(?:are there|do you have|have you got|got) (?:any |some )?{_KIND}{_STAFF} (?:i can|i could|available|"
    rf"to talk|to speak|there|who|around|on)\b",
    r"\b(?:do not|will not|not going to|never|hate|refuse to|not|tired of|sick of|can not)(?: like| want| want to|"
    r" gonna| feel like)*(?: to)? "
    r"(?:talk|talking|speak|speaking|deal|dealing|chat|chatting)(?: to| with)? (?:a |an |any |these |some |stupid |"
    r"no |your )*"
    r"(?:robots?|bots?|machines?|computers?|ai|recordings?|automated \w+)\b",
    r"\b(?:real|live|actual|human) (?:person|human|agent|representative|operator|people|being) (?:please|now|"
    r"instead)\b",
    r"\b(?:can|could) (?:you|i) (?:get|have|reach) (?:me )?(?:a |an |the |your |some )?(?:real |live |"
    r"actual )?(?:human|person|agent|representative|manager|supervisor|operator)\b",
    r"\b(?:quiero|quisiera|necesito|puedo|podria|deseo|prefiero|me gustaria|dejeme) (?:hablar|comunicarme|platicar|"
    r"conversar) con (?:un|una|el|la|su|alguien|otra)\b",
    r"\b(?:paseme|pasame|transferir|comuniqueme|comunicame|transfierame|transfiereme|conecteme|conectame|"
    r"pongame|me (?:puede|"
    r"podria|pasa|comunica)(?: \w+)?) (?:\w+ )?(?:con|a) (?:un|una|el|la|su|alguien|otra)\b",
    r"\bhay (?:alguien|alguna persona|un agente|una persona|algun agente)(?: \w+){0,2} que (?:hable|me|pueda|sepa)\b",
    r"\b(?:una persona|un humano|un agente|un representante|una persona real|un asesor|operador|representante|"
    r"agente|asesor)(?: real| humano| de verdad| en vivo)? por favor\b",
)
_PERSON_BARE = re.compile(
    r"(?:(?:please|just|a|an|the|real|live|human|licensed|get|hey|hello|yes|no|ok|um|i said|press) )*"
    r"(?:agent|representative|representatives|rep|operator|supervisor|manager|customer service|human|real person|"
    r"live person|person|zero|0|"
    r"live agent|human being|representante|operador|operadora|agente|asesor|humano|una persona)"
    r"(?: (?:please|now|thanks|thank you|por favor|agent|representative|already|human|asap))*"
)


# Danger --------------------------------------------------------------------------------------------------------------

_DANGER = {
    "gas": re.compile(
        r"\bsmell(?:s|ing|ed)? (?:\w+ ){0,3}?(?:gas|rotten eggs?|propane|sulfur)\b|\bgas (?:smell|odor|leak|"
        r"leaking|is leaking)\b|"
        r"\bleaking gas\b|\b(?:carbon monoxide|co) (?:alarm|detector|monitor) (?:is |keeps |just |started |"
        r"has )*(?:going|went|beep\w*|sound\w*|scream\w*|off)|"
        r"\bcarbon monoxide (?:leak|poisoning)\b|\b(?:huele|olor) a gas\b|\bfuga de gas\b"
    ),
    "fire": re.compile(
        r"\b(?:house|home|kitchen|roof|furnace|garage|stove|attic|basement|apartment|building|car|outlet|wall|unit|"
        r"it) (?:is|caught|just caught) "
        r"(?:on fire|fire|burning|in flames)\b|\b(?:there is|theres|got|have) (?:a )?(?:fire|flames|smoke) (?:in|"
        r"coming|inside|everywhere|at|right now|filling)\b|"
        r"\bsmoke (?:is )?(?:coming|pouring|filling|everywhere)\b|\bse (?:esta )?(?:quema|incendia|quemando|"
        r"incendiando)\w*\b"
    ),
    "electric": re.compile(
        r"\b(?:sparks?|sparking|arcing) (?:\w+ ){0,3}?(?:from|out|coming|flying|at|in|everywhere|when)\b|"
        r"\b(?:outlet|panel|breaker|wire|wires|furnace|box) (?:is|are|keeps?|started) (?:sparking|smoking|arcing|"
        r"buzzing and hot)\b|"
        r"\bwater (?:\w+ ){0,4}(?:near|around|in|on|into|by|over) (?:the )?(?:\w+ )?(?:panel|outlets?|breaker|"
        r"electric\w*|fuse box|wiring)\b|\b(?:power ?line|live wire) (?:\w+ ){0,2}(?:down|fell)\b"
    ),
    "medical": re.compile(
        r"\b(?:having|had|is having|think i am having) a (?:heart attack|stroke|seizure)\b|\b(?:can not|can hardly|"
        r"not|is not|stopped) breath(?:e|ing)\b|\bchest pains?\b|\b(?:unconscious|not responding|passed out) "
        r"(?:on|right|now|and)\b|\bneed an ambulance\b|\b(?:call|calling) (?:911|an ambulance|9 1 1)\b|\b(?:is|"
        r"he is|she is) (?:bleeding|choking|overdos\w+)\b|\bambulancia\b"
    ),
    "self_harm": re.compile(
        r"\b(?:kill|hurt|harm) myself\b|\b(?:want|going|plan) to (?:die|end my life|end it all)\b|\bsuicid(?:e|"
        r"al)\b|\bmatarme\b|\bquitarme la vida\b"
    ),
}
_NO_DANGER = re.compile(
    r"\b(?:last (?:year|month|winter|summer|spring|fall|week)|years? ago|months? ago|in (?:19|20)\d\d|back in|"
    r"insurance for|covers?|"
    r"does (?:it|that|this) cover|what if|in case of|used to|was fixed|false alarm|life insurance|rider|exclusion|"
    r"clause)\b"
)
_START = re.compile(
    r"(?:please )?(?:start|unstop|resume|opt in|opt me in|opt me back in|resubscribe|subscribe me again|reanudar|"
    r"iniciar|empezar)(?: please| texts| messages| again)*"
)
