""" "A person, please": does the lead want a human being on our side?

The grammar. He asks (I want, can I, let me, is there, get me, a bare noun) for somebody of ours: a member of our staff by
role, by name (campaign agents read as "agent"), or just "someone" or "a person". The verbs are those of talking to,
passing on to, being called by and being there:

- talk: "let me speak to a manager", "who can I talk to";
- pass on: "transfer me", "put a human on", "get me a rep";
- call: "have someone call me", "can Sarah text me back";
- be there: "is an agent available", "does anyone there speak Spanish";
- the machine refused: "I don't talk to robots";
- the bare role: "agent", "customer service please", "zero".

Roles in other sentences (my agent, the manager of my building, I spoke with a rep) are left alone: they lack the asking.
"""

import re

from agent.guard.plain import Plain

_REAL = (
    r"(?:humans?|human beings?|(?:real|actual|live|living|human) (?:persons?|people|humans?|agents?|one|body|someone|"
    r"somebody|rep|representative|being|voice)|representatives?|reps?|operators?|supervisors?|agents?|loan officers?|"
    r"advis[oe]rs?|counsel+ors?|estimators?|specialists?|managers?)"
)
_STAFF = (
    rf"(?:{_REAL}|persons?|people|someone(?: else)?|somebody(?: else)?|anyone(?: else)?|anybody(?: else)?|officers?|"
    r"associates?|experts?|professionals?|brokers?|technicians?|techs?|dispatch(?:ers?)?|receptionists?|consultants?|"
    r"coordinators?|team members?|customer (?:service|support|care)|support|staff|guys?|lady|man|woman|boss|owner|"
    r"contractors?|installers?|inspectors?|recruiters?|underwriters?|producers?|planners?|designers?|admissions|"
    r"folks?|fella|gal|foreman|principal|co ?workers?|m(?:r|rs|s) (?!right\b)\w+|enrollment|sales|the office|(?:your|the) (?:team|office|people)|employees?|higher up|who is in charge|"
    r"whoever is in charge)"
)
_KIND = (
    r"(?:(?:a|an|the|your|any|some|one of your|one of the|one of you|another|real|actual|live|living|licensed|human|"
    r"different|admissions|loan|insurance|sales|qualified|other|local|proper|enrollment|academic|mortgage|claims|"
    r"project|"
    r"course|roofing|damn|freaking|fucking|breathing|senior|available|knowledgeable|spanish speaking|bilingual|"
    r"actually|"
    r"really|with|customer service|support) )*"
)
_TALK = (
    r"(?:talk|speak|chat|talking|speaking|chatting|converse|deal|dealing|discuss this|work|communicate|"
    r"go over (?:this|it))"
)
_ASK = (
    r"(?:^|\b(?:let me|want to|wanna|need to|needs to|like to|rather|can i|could i|may i|might i|can we|could we|get to|"
    r"prefer to|"
    r"prefer|love to|have to|only|i will only|wish to|trying to|supposed to|please|to|got to|how do i|how can i|"
    r"possible to|ask to|asked to|demand to|when can i|may we|should i|can you let me|insist on)"
    r"(?: just| please| actually| rather| not| only| really| go ahead and| maybe)*)"
)
_NOT_OURS = (
    r"(?! (?:about my|who hit|who was|at (?:the|my) (?:bank|gas|city|other|old)|at (?:geico|allstate|progressive|work|"
    r"home)|of mine|"
    r"else s|i know|you know))"
)
_US = r"(?:me|us|my (?:wife|husband|phone|cell|mom|dad))"

_FORMS = re.compile(
    "|".join(
        f"(?:{form})"
        for form in (
            # Talk.
            rf"{_ASK} ?{_TALK} (?:(?:to|with) )?{_KIND}{_STAFF}\b{_NOT_OURS}",
            rf"\b{_TALK} (?:to|with) {_KIND}(?:{_REAL}|person) (?:please|now|instead|here|today)\b",
            r"\bwho (?:can|could|do|should|may) i (?:talk|speak|chat) (?:to|with)\b",
            r"\b(?:is|are) there (?:not )?(?:\w+ ){0,3}?(?:i|we) (?:can|could|may) (?:just )?(?:talk|speak|chat|"
            r"call|text) ?(?:to|with)?\b",
            r"\b(?:want|need|like|prefer|rather have|rather) (?:to (?:talk|speak) (?:to|with) )?(?:someone|somebody|"
            r"a person|anyone) "
            r"(?:who|that|to (?:talk|speak|call|help|contact|explain|answer)|real|with|knowledgeable|competent|else|"
            r"on the (?:phone|line)|human|in (?:charge|your|the office)|from your)\b"
            r"(?! (?:cosign|co sign|sign|hit|own|be home|let|watch|drive))",
            # Pass on.
            rf"\b(?:transfer|connect|patch|put|forward|route|hand|pass|switch|send|direct|escalate|hook|refer|link|"
            rf"move|take|"
            rf"bring|redirect|swap)(?: me| us| this| the call| my call| it| this call)*(?: \w+)? "
            rf"(?:to|through to|over to|with|through|on with|on to|in touch with|thru to|thru|onto|up with|up to|"
            rf"off to|across to) "
            rf"{_KIND}{_STAFF}\b(?! (?:policy|account|name))",
            r"^(?:(?:just|please|can you|could you|ok|now|so|hey|i said|yes|no|would you|go ahead and|you can|"
            r"will you) )*(?:connect|transfer|"
            r"patch|put|escalate|forward)(?: me| us| this| my call| this call| it)?(?: through| over| already| now|"
            r" please| thru| then| "
            r"right now| asap|"
            r" up)*$(?<!^connect)(?<!^put)(?<!^put it)(?<!^forward)(?<!put this)(?<!^patch)(?<!^put me over)",
            r"\b(?:connect|transfer|patch|put) me(?: through| over| already| now| please| thru)*$",
            rf"\b(?:get|give|find|bring|grab|send|hand|show|fetch|gimme|assign|need you to get) (?:me|us) (?:(?:over|"
            rf"through) to )?(?:on with )?"
            rf"{_KIND}{_STAFF}\b(?! (?:number|name|fee|to (?:cosign|sign)|who hit))",
            rf"\b(?:put|get|bring|have) {_KIND}{_STAFF} (?:on(?: the (?:phone|line))?|to the phone|in here|on here|"
            rf"over here|in (?:this|the) chat)\b"
            r"(?! (?:the |my )?(?:policy|loan|title|quote|lease|deed|account))",
            rf"\b(?:get|fetch|grab|bring) (?:your|the) {_KIND}(?:boss|manager|supervisor|agent)\b",
            rf"\b(?:can|could|may|let) (?:you|i|we|me)(?: please| just)? (?:get|have|reach|find|"
            rf"see) (?:me )?{_KIND}{_STAFF}\b"
            r"(?! (?:cosign|co sign|sign|else (?:drive|cosign|sign|be|on)|to (?:cosign|sign|be)|drive|number|name|fee|"
            r"s name|in (?:my|the) household|"
            r"pick|sign|look at my|home))",
            # Be called.
            rf"\b(?:have|can|could|would|will|let|ask|tell|may|make|get|want|need|like|prefer|"
            rf"rather have) {_KIND}(?:{_STAFF}|one of "
            rf"(?:your|the|you) ?(?:\w+)?)(?: please| just| to| actually| from \w+(?: \w+)?| there| else| real|"
            rf" human)* "
            rf"(?:give {_US} a (?:call|ring|shout)|(?:call|text|phone|contact|reach|help|talk|speak|ring|email|answer|"
            rf"get back|walk|explain|"
            r"message|assist|get in touch|follow up|take over|take this|reach out|come on|get on|hop on|pick up|"
            r"respond|reply|handle this))\b"
            r"(?! (?:you|him|her|them|my (?:wife|husband|mom|dad)|the (?:shop|police|city))\b)",
            # One of yours, whoever is in charge.
            r"\b(?:get|have|want|need|with|to|ask|let|can|could|may|put|is|be) (?:one|some|any) of (?:your|you|the) (?:\w+ )?"
            r"(?:folks|people|coworkers|colleagues|staff|guys|reps|agents|officers|team)"
            r"(?= (?:to |please|now|on |who |that |ring|call|phone|pick|talk|speak|come|help)|$)",
            r"\b(?:get|let me|want|need|give) (?:\w+ ){0,4}?(?:whoever|who) (?:is (?:over you|in charge|above you|running)|"
            r"runs (?:the|this|that)|handles|owns)\b",
            r"\b(?:can|could|will|would) (?:someone|somebody|anyone|anybody) (?:licensed |qualified |real |there )?"
            r"(?:please )?(?:pick up|come to the phone|get on the (?:phone|line)|take this call|answer the phone)\b",
            r"\b(?:living|human|single|one) soul\b(?=.*\b(?:there|office|phone|talk|speak|help|answer)\b)",
            r"^(?:(?:um|uh|yeah|yes|hi|hey|hello|ok|so|just) )+(?:live|real|actual) (?:person|human|agent)(?: please)?$",
            r"\bhand(?:ing)? me (?:off|over) to\b(?! (?:voicemail|a (?:bot|machine)))",
            # Be there.
            rf"\bis {_KIND}{_STAFF} (?:i can|i could|we can|available|around|free|who can|that can|to talk|to speak|"
            rf"i may|on duty|"
            rf"there i|there to|there who)\b",
            rf"\bis {_KIND}(?:agent|loan officer|representative|manager|advis[oe]r|counselor|estimator|supervisor|"
            rf"owner|specialist) "
            r"(?:available|there|around|free|in|in today|on)\b(?! (?:ohio|my|the|a|illinois|person)\b)",
            rf"\b(?:is|are) there (?:even )?(?:{_KIND}{_REAL}|{_KIND}person|any (?:people|humans|agents))(?: (?:there|"
            rf"here|available|around|"
            r"working|today|on the line|in the office))*$",
            rf"\b(?:are there|do you have|have you got|got|you have|you got|is there) (?:any |some |"
            rf"an? )?{_KIND}{_STAFF} (?:i can|i could|available|to talk|"
            rf"to speak|there (?:i|who)|who|around|on|that|working|free|to help|like a real|speaks?)\b(?! (?:title|"
            rf"the loan|the policy))",
            rf"\b(?:are|is) (?:any|one) (?:of )?(?:your |the )?{_KIND}{_STAFF} (?:available|free|around|there)\b",
            r"\b(?:does|do|is there|can|anyone|anybody|someone|somebody|person|agent|rep|"
            r"representative)(?: \w+){0,4} (?:speaks?|talks?) "
            r"(?:spanish|"
            r"espanol)\b(?<!do you speak spanish)(?<!can you speak spanish)(?<!can we speak spanish)(?<!do i speak "
            r"spanish)"
            r"(?<!can i speak spanish)(?<!wife can speak spanish)",
            # Heard by one, a voice of one, called upon by title.
            rf"\b(?:hear|heard) (?:it |this |that |back )?(?:from|by) {_KIND}{_REAL}\b|\b(?:human|real|live) voice\b(?=.*\b(?:like|want|please|arrange\w*|prefer|hear)\b)",
            rf"\b(?:like|want|prefer|need)(?: to hear)? (?:a |an )?(?:human|real|live) voice\b|^not (?:you|u)(?: but)? (?:a |an )?{_KIND}{_REAL}$",
            rf"\b(?:might|may|can|could) i be (?:connected|transferred|put through|passed)(?: on| over)? to {_KIND}(?:{_STAFF}|(?:\w+ )?(?:department|office|team|desk))\b",
            rf"\bhave m(?:r|rs|s) \w+ (?:call|phone|telephone|ring|text|contact)\b|\b(?:tag|loop|bring) in {_KIND}(?:{_REAL}|coworker|colleague|someone|somebody|person)\b",
            rf"\blet {_KIND}(?:{_REAL}|person) (?:take|handle) (?:it|this)\b|\bi (?:already |have )?asked for (?:a|an) (?:real |live )?(?:person|human|agent|rep|manager|supervisor)\b",
            r"\b(?:real|live|actual) (?:person|human|agent|people) (?:text|call|phone|contact) (?:me|us)\b|\bis not there (?:a|any|one) (?:\w+ )?(?:person|human)\b",
            r"\banyone human (?:free|there|around|available)\b|\bthree way (?:call )?with\b.*\b(?:one of your|your|an?) (?:advisors?|agents?|reps?)\b",
            # Machines refused.
            r"\b(?:do not|will not|not going to|never|hate|refuse to|not|tired of|sick of|can not|hate to|stop|"
            r"rather not|done)(?: like| want| want to|"
            r" feel like| trust| do| enjoy| be)*(?: to)? (?:talk|talking|speak|speaking|deal|dealing|chat|chatting|"
            r"text|texting|do|doing|use|conversing)?"
            r"(?: to| with)? ?(?:a |an |any |these |some |stupid |no |your |the |dumb |damn )*"
            r"(?:robots?|bots?|machines?|computers?|ai|recordings?|automated \w+|chatbots?)(?: please| thanks| stuff|"
            r" thing)*$",
            r"^(?:please )?no (?:more )?(?:robots?|bots?|machines?|ai|computers?|recordings?)(?: please| thanks)*$",
            r"\b(?:real|live|actual|human) (?:person|human|agent|representative|rep|operator|people|being|"
            r"one) (?:please|now|instead|only|already)\b",
            rf"\b(?:want|need|prefer|like|looking for|require|demand|rather have|want to see|trying to reach|"
            rf"trying to get|i will take|waiting for|"
            rf"expect) (?:to (?:have|get|see|reach) )?(?:a |an |the |your |some )?{_KIND}(?:humans?|real person|"
            rf"live person|live agent|"
            r"actual person|representative|rep|operator|supervisor|manager|person|human being|someone real|"
            r"somebody real|"
            r"real human|live human|human agent|agent|real someone|actual human|customer (?:service|support)|"
            r"agents? please|advisor|counselor|loan officer)"
            r"(?: (?:please|now|not|instead|on|to (?:talk|speak|call|help|contact|explain|answer)|who|that|here|today|"
            r"right now|asap|already|thanks|for this|because|call|and|or i)\b.*)?$"
            r"",
        )
    )
)
_SPANISH = re.compile(
    "|".join(
        f"(?:{form})"
        for form in (
            r"\b(?:quiero|quisiera|queria|necesito|puedo|podria|deseo|prefiero|me gustaria|dejeme|dejame|mejor|"
            r"solo quiero|puedo yo|como|podemos|para|"
            r"me urge|exijo) (?:\w+ )?(?:hablar|hablo|comunicarme|platicar|conversar|tratar|charlar) con (?:un|una|el|"
            r"la|su|alguien|otra|otro|quien|agent|algun|"
            r"alguna|ustedes en|persona)\b(?! (?:esposa|esposo|hijo|hija|mama|familia))",
            r"\b(?:paseme|pasame|pasenme|pase|transferir|transferirme|comuniqueme|comunicame|comuniquenme|comuniquese|"
            r"transfierame|transfiereme|transfieranme|"
            r"transfierame|conecteme|conectame|conectenme|pongame|ponme|deme|dame|"
            r"me (?:puede|podria|pueden|pasa|pasas|comunica|transfiere|conecta)(?: \w+)?) (?:\w+ )?(?:con |a )?(?:un|"
            r"una|el|la|su|alguien|otra|otro|agent|algun)"
            r"\b(?! (?:cotizacion|precio|minuto|momento|segundo|mensaje|descuento|texto|llamada|numero|rato|link|"
            r"enlace|correo))",
            r"\b(?:necesito|quiero|quisiera|prefiero) que (?:un|una|algun|alguna|su|el|la) (?:\w+ ){1,4}?(?:me|nos) (?:llame|marque|hable|escriba|contacte|atienda|ayude)\b",
            r"\bme (?:pasa|pasas|puede pasar|comunica) (?:al|a la|con el|con la) (?:duen[oa]|jef[ea]|gerente|encargad[oa]|"
            r"supervisor\w*|asesor\w*|patron\w*)\b",
            r"\b(?:hay|habra) (?:nadie|alguien)(?: \w+)? que me (?:atienda|ayude|conteste|hable|llame)\b",
            r"\b(?:hay|habra|esta|tienen|tiene) (?:a )?(?:alguien|alguna persona|algun \w+|un agente|una persona|"
            r"algun agente|un representante)(?: \w+){0,2} "
            r"(?:que|con quien|disponible|ahi que|para)\b",
            r"\b(?:esta|se encuentra) (?:disponible )?(?:agent|un agente|el agente|la agente)\b",
            r"\b(?:alguien|alguna persona|algun agente|quien) (?:ahi |alli |aqui )?(?:habla|hable|que hable|"
            r"puede hablar|que hablen) (?:en )?espanol\b",
            r"\b(?:con )?(?:una persona|un humano|un agente|un representante|un asesor|operador|operadora|"
            r"representante|agente|"
            r"asesor|supervisor|gerente|agent|alguien|un gerente|un supervisor|una asesora|"
            r"servicio al cliente)(?: real| humano| de verdad| en vivo)? por favor\b"
            r"|^(?:con )?(?:una )?persona real$",
            r"\bque (?:me|nos) (?:llame|marque|contacte|atienda|escriba|ayude|hable|mande mensaje) (?:un|una|alguien|"
            r"agent|su|el|algun)\b",
            r"\b(?:me )?(?:puede|podria|pueden) (?:llamar|llamarme|marcar|marcarme|contactar|contactarme|ayudar|"
            r"ayudarme|atender|atenderme|hablar) (?:un|una|alguien|agent|"
            r"algun)\b|\b(?:alguien|una persona|un agente|agent)(?: real| de verdad)? (?:me )?(?:puede|"
            r"podria) (?:llamar|marcar|ayudar|atender|contactar|hablar)\w*\b",
            r"\b(?:necesito|quiero|quisiera|prefiero|busco|deseo|ocupo) (?:que me \w+ )?(?:a )?(?:un|una|algun|"
            r"otra)? ?(?:agente|representante|asesor|asesora|persona|humano|"
            r"operador|operadora|supervisor|gerente|ser humano)(?: (?:real|de verdad|por favor|humano|humana|que|ya|"
            r"ahora)\b.*)?$",
            r"\bno (?:quiero|me gusta|voy a|pienso|hablo|trato) (?:hablar |tratar )?con (?:una |un |su |el |"
            r"la )?(?:maquina|maquinas|robot|robots|bot|computadora|grabacion)\w*\b",
            r"^(?:con )?(?:atencion|servicio) al cliente$|^(?:con )?(?:su|el|la|un|una) (?:supervisor|gerente|"
            r"encargado|jefe|agente|representante|asesor)$",
        )
    )
)
_BARE = re.compile(
    r"(?:(?:please|just|a|an|the|real|live|human|licensed|get|hey|hello|yes|no|ok|um|i said|press|dial|i want|hit|to|"
    r"talk|your|with|then|uh|actual|"
    r"sorry) )*"
    r"(?:agent|agents|a gent|repre sen ta tive|representative|representatives|rep|operator|supervisor|manager|customer (?:service|support|"
    r"care)|human|humans|real person|"
    r"actual person|live person|person|zero|0+|o|live agent|human being|representante|operador|operadora|agente|asesor|"
    r"asesora|humano|una persona real|"
    r"loan officer|live chat|live support|supervisora|gerente|advisor|admissions|counselor|admissions counselor|"
    r"live representative|speak to rep|"
    r"someone real|somebody real)"
    r"(?: (?:hello|hey|not you|please|now|thanks|thank you|por favor|agent|representative|already|human|asap|zero|operator|0|real|"
    r"de verdad|right now|instead))*"
)
_STATED = re.compile(
    # He tells of it instead of asking for it.
    r"\b(?:do i (?:need|have)|already (?:spoke|talked|have)|(?:spoke|talked) (?:to|with)|i (?:am|was|work as|"
    r"used to be) (?:a|an|the)|my (?:agent|rep|"
    r"manager|supervisor|boss|advisor|counselor) (?:said|told|will|has|is|can|needs|wants)|i (?:will|have to|got to|"
    r"need to) (?:talk|speak) (?:to|with) (?:my|our)|"
    r"yesterday|last (?:time|week)|^(?:when|what time|what day|how soon) (?:will|is|does|did)|if i (?:want|need) to|"
    r"(?:will|when will|does|should|did) (?:the|an|a|your) (?:agent|rep|person|inspector|"
    r"estimator) (?!please|available|there))\b"
)


def asks_for_person(message: Plain) -> bool:
    """Whether the lead wants a human being. The names of the campaign's agents are to read "agent" in the message."""
    if _BARE.fullmatch(message.text):
        return True
    return any(_asks(clause) for clause in (*message.clauses, message.text))


def _asks(clause: str) -> bool:
    if _SPANISH.search(clause):
        return True
    return _FORMS.search(clause) is not None and _STATED.search(clause) is None
