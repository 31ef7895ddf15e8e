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
from agent.words import either

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
    r"folks?|fella|gal|foreman|principal|co ?workers?|m(?:r|rs|s) (?!right\b)\w+|enrollment|sales|the office|(?:your|"
    r"the) (?:team|office|people)|employees?|higher up|who is in charge|whoever is in charge)"
)
_KIND = (
    r"(?:(?:a|an|the|your|any|some|one of your|one of the|one of you|another|real|actual|live|living|licensed|human|"
    r"different|admissions|loan|insurance|sales|qualified|other|local|proper|enrollment|academic|mortgage|claims|"
    r"project|course|roofing|damn|freaking|fucking|breathing|senior|available|knowledgeable|spanish speaking|"
    r"bilingual|actually|really|with|customer service|support) )*"
)
_TALK = (
    r"(?:talk|speak|chat|talking|speaking|chatting|converse|deal|dealing|discuss this|work|communicate|visit|sit down|"
    r"have a word|hop on(?: the phone| a call)?|get on(?: the phone| a call)?|holler at|consult|confer|"
    r"go over (?:this|it))"
)
_ASK = (
    r"(?:^|\b(?:let me|(?<!not )(?:want to|wanna|need to|needs to|like to|have to)|rather|can i|could i|may i|might i|can we|could we|"
    r"get to|prefer to|prefer|love to|only|i will only|wish to|trying to|supposed to|please|(?<!not want )(?<!not need )(?<!not have )(?<!not like )to|got to|"
    r"how do i|how can i|possible to|ask to|asked to|demand to|when can i|may we|should i|can you let me|"
    r"insist on)(?: just| please| actually| rather| not| only| really| go ahead and| maybe)*)"
)
_NOT_OURS = (
    r"(?! (?:about my|who hit|who was|at (?:the|my) (?:bank|gas|city|other|old)|at (?:geico|allstate|progressive|work|"
    r"home)|of mine|else s|i know|you know))"
)
_US = r"(?:me|us|my (?:wife|husband|phone|cell|mom|dad))"

_TALKED_TO = either(
    rf"{_ASK} ?{_TALK} (?:(?:to|with) )?{_KIND}{_STAFF}\b{_NOT_OURS}",
    rf"\b{_TALK} (?:to|with) {_KIND}(?:{_REAL}|person) (?:please|now|instead|here|today)\b",
    r"\bwho (?:can|could|do|should|may) i (?:talk|speak|chat) (?:to|with)\b",
    r"\b(?:is|are) there (?:not )?(?:\w+ ){0,3}?(?:i|we) (?:can|could|may) (?:just )?(?:talk|speak|chat|call|"
    r"text) ?(?:to|with)?\b",
    r"\b(?:want|need|like|prefer|rather have|rather) (?:to (?:talk|speak) (?:to|with) )?(?:someone|somebody|a person|"
    r"anyone) (?:who|that|to (?:talk|speak|call|help|contact|explain|answer)|real|with|knowledgeable|competent|else|"
    r"on the (?:phone|line)|human|in (?:charge|your|the office)|from your)\b(?! (?:cosign|co sign|sign|hit|own|"
    r"be home|let|watch|drive))",
)
_PASSED_ON = either(
    rf"\b(?:transfer|connect|patch|put|forward|route|hand|pass|switch|send|direct|escalate|hook|refer|link|move|take|"
    rf"bring|redirect|swap)(?: me| us| this| the call| my call| it| this call)*(?: \w+)? (?:to|through to|over to|"
    rf"with|through|on with|on to|in touch with|thru to|thru|onto|up with|up to|off to|"
    rf"across to) {_KIND}{_STAFF}\b(?! (?:policy|account|name))",
    r"^(?:(?:just|please|can you|could you|ok|now|so|hey|i said|yes|no|would you|go ahead and|you can|"
    r"will you) )*(?:connect|transfer|patch|put|escalate|forward)(?: me| us| this| my call| this call|"
    r" it)?(?: through| over| already| now| please| thru| then| right now| asap|"
    r" up)*$(?<!^connect)(?<!^put)(?<!^put it)(?<!^forward)(?<!put this)(?<!^patch)(?<!^put me over)",
    r"\b(?<!not )(?:connect|transfer|patch|put) me(?: through| over| already| now| please| thru)*$",
    rf"\b(?:get|give|find|bring|grab|send|hand|show|fetch|gimme|assign|need you to get) (?:me|us) (?:(?:over|"
    rf"through) to )?(?:on with )?{_KIND}{_STAFF}\b(?! (?:number|name|fee|to (?:cosign|sign)|who hit))",
    rf"\b(?:put|get|bring|have) {_KIND}{_STAFF} (?:on(?: the (?:phone|line))?|to the phone|in here|on here|over here|"
    rf"in (?:this|the) chat)\b"
    r"(?! (?:the |my )?(?:policy|loan|title|quote|lease|deed|account))",
    rf"\b(?:get|fetch|grab|bring) (?:your|the) {_KIND}(?:boss|manager|supervisor|agent)\b",
    rf"\b(?:can|could|may|let) (?:you|i|we|me)(?: please| just)? (?:get|have|reach|find|see) (?:me )?{_KIND}{_STAFF}\b"
    r"(?! (?:cosign|co sign|sign|else (?:drive|cosign|sign|be|on)|to (?:cosign|sign|be)|drive|number|name|fee|s name|"
    r"in (?:my|the) household|pick|sign|look at my|home))",
)
_CALLED_BY = either(
    rf"\b(?:have|can|could|would|will|let|ask|tell|may|make|get|want|need|like|prefer|rather have) "
    rf"(?:an? \w+ or )?{_KIND}(?:{_STAFF}|"
    rf"one of (?:your|the|you) ?(?:\w+)?)(?: please| just| to| actually| from \w+(?: \w+)?| there| else| real|"
    rf" human)* (?:give {_US} a (?:call|ring|shout)|(?:call|text|phone|contact|reach|help|talk|speak|ring|email|"
    rf"answer|get back|walk|explain|"
    r"message|assist|get in touch|follow up|take over|take this|reach out|come on|get on|hop on|pick up|respond|reply|"
    r"handle this))\b(?! (?:you|him|her|them|my (?:wife|husband|mom|dad)|the (?:shop|police|city))\b)",
)
_WHOM_HE_KNOWS = re.compile(
    # "I want the guy who came last spring to call".
    r"\b(?:want|need|like) (?:the|that|your|whichever) (?:same )?(?:guy|man|woman|lady|gal|fella|person|agent|rep|\w+er) "
    r"(?:who|that|i|from|we)\b.* to (?:call|phone|text|contact|reach)(?: me| us)?(?: back)?$"
)
_ONE_OF_YOURS = either(
    # "One of your people", "whoever is in charge", "a living soul".
    r"\b(?:get|have|want|need|with|to|ask|let|can|could|may|put|is|be) (?:one|some|any) of (?:your|you|"
    r"the) (?:\w+ )?(?:folks|people|coworkers|colleagues|staff|guys|reps|agents|officers|team)(?= (?:to |please|now|"
    r"on |who |that |ring|call|phone|pick|talk|speak|come|help)|$)",
    r"\b(?:get|let me|want|need|give) (?:\w+ ){0,4}?(?:whoever|who) (?:is (?:over you|in charge|above you|running)|"
    r"runs (?:the|this|that)|handles|owns)\b",
    r"\b(?:can|could|will|would) (?:someone|somebody|anyone|anybody) (?:licensed |qualified |real |"
    r"there )?(?:please )?(?:pick up|come to the phone|get on the (?:phone|line)|take this call|answer the phone)\b",
    r"\b(?:living|human|single|one) soul\b(?=.*\b(?:there|office|phone|talk|speak|help|answer)\b)",
    r"^(?:(?:um|uh|yeah|yes|hi|hey|hello|ok|so|just) )+(?:live|real|actual) (?:person|human|agent)(?: please)?$",
    r"\bhand(?:ing)? me (?:off|over) to\b(?! (?:voicemail|a (?:bot|machine)))",
    r"(?:^|\b(?:want|need|like|prefer|get me|give me|with|to) )(?:any ?(?:one|body)) (?:but|except|other than) (?:you|a (?:ro)?bot)$",
)
_LOOKED_AT_BY = either(
    # "Have a human review it", "this one is for a person", "is a human an option".
    rf"\b(?:have|can|could|would|will|let|ask|get|want|need|like) {_KIND}(?:{_REAL}|person)(?: please| just| to| actually)* "
    r"(?:review|check|decide|sort|(?:take a )?look (?:at|into|over)) (?:it|this|that|these|my (?:file|case|account|"
    r"application|claim|quote|request|question))\b",
    rf"\b(?:this|this one|question|questions|matter|that) (?:is|are) for (?:a|an|your) {_KIND}(?:humans?|person|people)\b",
    rf"\b(?:chance|possibility|way|hope) (?:of|to (?:get|have|reach)) {_KIND}(?:{_REAL}|person)(?: (?:here|today|please|instead))*$",
    r"\bis (?:a |any )?(?:real |live |actual )?(?:human|person|agent|rep) (?:an option|possible|still an option)\b",
    r"\bwhere is (?:a|the|your) (?:real|live|actual|human) (?:agent|person|human|one|rep)\b",
)
_BEING_THERE = either(
    rf"\bis {_KIND}{_STAFF} (?:i can|i could|we can|available|around|free|who can|that can|to talk|to speak|i may|"
    rf"on duty|there i|there to|there who)\b",
    rf"\bis {_KIND}(?:agent|loan officer|representative|manager|advis[oe]r|counselor|estimator|supervisor|owner|"
    rf"specialist) "
    r"(?:available|there|around|free|in|in today|on)\b(?! (?:ohio|my|the|a|illinois|person)\b)",
    rf"\b(?:is|are) there (?:even )?(?:{_KIND}{_REAL}|{_KIND}person|any (?:people|humans|agents))(?: (?:there|here|"
    rf"available|around|"
    r"working|today|on the line|in the office))*$",
    rf"\b(?:are there|do you have|have you got|got|you have|you got|is there) (?:any |some |"
    rf"an? )?{_KIND}{_STAFF} (?:i can|i could|available|to talk|to speak|there (?:i|who)|who|around|on|that|working|"
    rf"free|to help|like a real|speaks?)\b(?! (?:title|the loan|the policy))",
    rf"\b(?:are|is) (?:any|one) (?:of )?(?:your |the )?{_KIND}{_STAFF} (?:available|free|around|there)\b",
    r"\b(?:does|do|is there|can|anyone|anybody|someone|somebody|person|agent|rep|"
    r"representative)(?: \w+){0,4} (?:speaks?|talks?) (?:spanish|espanol)\b(?<!do you speak spanish)(?<!can you speak "
    r"spanish)(?<!can we speak spanish)(?<!do i speak spanish)(?<!can i speak spanish)(?<!wife can speak spanish)",
)
_A_NAME = (
    r"(?:m(?:r|rs|s) )?(?!(?:you|u|i|we|he|she|it|this|that|they|the|a|an|my|our|people|not|to|me|us|him|her|them|everyone|please|"
    r"just|always|only|still|someone|anyone|mom|dad|there|what|all|back)\b)[a-z]+"
)
_HEARD_BY = either(
    # "I want to hear it from an agent", "a human voice".
    rf"\b(?:hear|heard) (?:it |this |that |back )?(?:from|by) {_KIND}{_REAL}\b|\b(?:human|real|"
    rf"live) voice\b(?=.*\b(?:like|want|please|arrange\w*|prefer|hear)\b)",
    rf"\b(?:like|want|prefer|need)(?: to hear)? (?:a |an )?(?:human|real|live) voice\b|^not (?:you|u)(?: but)? (?:a |"
    rf"an )?{_KIND}{_REAL}$",
    rf"\b(?:might|may|can|could) i be (?:connected|transferred|put through|passed)(?: on|"
    rf" over)?(?: to {_KIND}(?:{_STAFF}|(?:\w+ )?(?:department|office|team|desk))\b|$)",
    # By a name we do not know: "can Dana call me", "have Brian get in touch", "put Kevin back on".
    rf"\b(?:(?:can|could|would|have|let) {_A_NAME}|(?:ask|tell|get) {_A_NAME}(?: to)?) (?:please |just )*(?:(?:call|text|phone|telephone|ring|"
    r"contact|buzz|email|reach out to|get back to|follow up with) (?:me|us)|get in touch|reach out|give (?:me|us) "
    r"(?:a|another) (?:call|ring|buzz|shout))\b",
    rf"\b(?:put|get) {_A_NAME} (?:back on|(?:back )?on the (?:phone|line))\b|^(?:hi |hey |so |um )*is {_A_NAME} in(?: today| yet| now)?$",
    rf"\b(?:tag|loop|bring) in {_KIND}(?:{_REAL}|coworker|colleague|someone|somebody|person)\b",
    rf"\blet {_KIND}(?:{_REAL}|person) (?:take|handle) (?:it|this)\b|\bi (?:already |have )?asked for (?:a|"
    rf"an) (?:real |live )?(?:person|human|agent|rep|manager|supervisor)\b",
    r"\b(?:real|live|actual) (?:person|human|agent|people) (?:text|call|phone|contact) (?:me|us)\b|"
    r"\bis not there (?:a|any|one) (?:\w+ )?(?:person|human)\b",
    r"\banyone human (?:free|there|around|available)\b|\bthree way (?:call )?with\b.*\b(?:one of your|your|"
    r"an?) (?:advisors?|agents?|reps?)\b",
)
_NO_MACHINE = either(
    r"\b(?:do not|will not|not going to|never|hate|refuse to|not|tired of|sick of|can not|hate to|stop|rather not|"
    r"done)(?: like| want| want to| feel like| trust| do| enjoy| be)*(?: to)? (?:talk|talking|speak|speaking|deal|"
    r"dealing|chat|chatting|text|texting|do|doing|use|conversing)?(?: to| with)? ?(?:a |an |any |these |some |stupid |"
    r"no |your |the |dumb |damn )*(?:robots?|bots?|machines?|computers?|ai|recordings?|automated \w+|"
    r"chatbots?)(?: please| thanks| stuff| thing)*$",
    r"\b(?:get|take) me (?:off|out of|away from) (?:this|the|your) (?:machine|bot|robot|recording|computer|menu)\b",
    r"\b(?:robot|bot|machine|ai) go away\b",
    r"^(?:please )?no (?:more )?(?:robots?|bots?|machines?|ai|computers?|recordings?)(?: please| thanks)*$",
    r"\b(?:real|live|actual|human) (?:person|human|agent|representative|rep|operator|people|being|one) (?:please|now|"
    r"instead|only|already)\b",
    rf"\b(?:want|need|prefer|like|looking for|require|demand|rather have|want to see|trying to reach|trying to get|"
    rf"i will take|waiting for|expect) (?:to (?:have|get|see|reach) )?(?:a |an |the |your |some )?{_KIND}(?:humans?|"
    rf"real person|live person|live agent|"
    r"actual person|representative|rep|operator|supervisor|manager|person|human being|someone real|somebody real|"
    r"real human|live human|human agent|agent|real someone|actual human|customer (?:service|support)|agents? please|"
    r"advisor|counselor|loan officer)(?: (?:please|now|not|instead|on|to (?:talk|speak|call|help|contact|explain|"
    r"answer)|who|that|here|today|right now|asap|already|thanks|for this|because|call|and|or i)\b.*)?$",
)
_ENGLISH = (
    _TALKED_TO,
    _PASSED_ON,
    _CALLED_BY,
    _LOOKED_AT_BY,
    _ONE_OF_YOURS,
    _BEING_THERE,
    _HEARD_BY,
    _NO_MACHINE,
    _WHOM_HE_KNOWS,
)
_SPANISH = either(
    r"\b(?:quiero|quisiera|queria|necesito|puedo|podria|deseo|prefiero|me gustaria|dejeme|dejame|mejor|solo quiero|"
    r"puedo yo|como|podemos|para|me urge|exijo) (?:\w+ )?(?:hablar|hablo|comunicarme|platicar|conversar|tratar|"
    r"charlar) con (?:un|una|el|la|su|alguien|otra|otro|quien|agent|algun|alguna|ustedes en|persona)\b(?! (?:esposa|"
    r"esposo|hijo|hija|mama|familia))",
    r"\b(?:paseme|pasame|pasenme|pase|transferir|transferirme|comuniqueme|comunicame|comuniquenme|comuniquese|"
    r"transfierame|transfiereme|transfieranme|transfierame|conecteme|conectame|conectenme|pongame|ponme|deme|dame|"
    r"me (?:puede|podria|pueden|pasa|pasas|comunica|transfiere|conecta)(?: \w+)?) (?:\w+ )?(?:con |a )?(?:un|una|el|"
    r"la|su|alguien|otra|otro|agent|algun)\b(?! (?:cotizacion|precio|minuto|momento|segundo|mensaje|descuento|texto|"
    r"llamada|numero|rato|link|enlace|correo))",
    r"\b(?:necesito|quiero|quisiera|prefiero) que (?:un|una|algun|alguna|su|el|la) (?:\w+ ){1,4}?(?:me|nos) (?:llame|"
    r"marque|hable|escriba|contacte|atienda|ayude)\b",
    r"\bme (?:pasa|pasas|puede pasar|comunica) (?:al|a la|con el|con la) (?:duen[oa]|jef[ea]|gerente|encargad[oa]|"
    r"supervisor\w*|asesor\w*|patron\w*)\b",
    r"\b(?:hay|habra|tienen) (?:a )?(?:un|una|algun|alguna|alguien|otra|otro)(?: \w+){0,2} (?:con quien|para|con la que|con el que) "
    r"(?:hablar|platicar|comunicarme|tratar|hable|pueda)\b",
    r"\b(?:hay|habra) (?:nadie|alguien)(?: \w+)? que me (?:atienda|ayude|conteste|hable|llame)\b",
    r"\b(?:hay|habra|esta|tienen|tiene) (?:a )?(?:alguien|alguna persona|algun \w+|un agente|una persona|algun agente|"
    r"un representante)(?: \w+){0,2} (?:que|con quien|disponible|ahi que|para)\b",
    r"\bhay (?:una persona|un humano|un ser humano|un agente)(?: real)?(?: ahi| aqui| alli)?$",
    r"\b(?:esta|se encuentra) (?:disponible )?(?:agent|un agente|el agente|la agente)\b",
    r"\b(?:alguien|alguna persona|algun agente|quien) (?:ahi |alli |aqui )?(?:habla|hable|que hable|puede hablar|"
    r"que hablen) (?:en )?espanol\b",
    r"\b(?:con )?(?:una persona|un humano|un agente|un representante|un asesor|operador|operadora|representante|"
    r"agente|asesor|supervisor|gerente|agent|alguien|un gerente|un supervisor|una asesora|"
    r"servicio al cliente)(?: real| humano| de verdad| en vivo)? por favor\b|^(?:con )?(?:una )?persona real$",
    r"\bque (?:me|nos) (?:llame|marque|contacte|atienda|escriba|ayude|hable|mande mensaje) (?:un|una|alguien|agent|su|"
    r"el|algun)\b",
    r"\b(?:me )?(?:puede|podria|pueden) (?:llamar|llamarme|marcar|marcarme|contactar|contactarme|ayudar|ayudarme|"
    r"atender|atenderme|hablar) (?:un|una|alguien|agent|algun)\b|\b(?:alguien|una persona|un agente|agent)(?: real|"
    r" de verdad)? (?:me )?(?:puede|podria) (?:llamar|marcar|ayudar|atender|contactar|hablar)\w*\b",
    r"\b(?:necesito|quiero|quisiera|prefiero|busco|deseo|ocupo) (?:que me \w+ )?(?:a )?(?:un|una|algun|"
    r"otra)? ?(?:agente|representante|asesor|asesora|persona|humano|operador|operadora|supervisor|gerente|"
    r"ser humano)(?: (?:real|de verdad|por favor|humano|humana|que|ya|ahora)\b.*)?$",
    r"\bno (?:quiero|me gusta|voy a|pienso|hablo|trato) (?:hablar |tratar )?con (?:una |un |su |el |la )?(?:maquina|"
    r"maquinas|robot|robots|bot|computadora|grabacion)\w*\b",
    r"^(?:con )?(?:atencion|servicio) al cliente$|^(?:con )?(?:su|el|la|un|una) (?:supervisor|gerente|encargado|jefe|"
    r"agente|representante|asesor)$",
)
_BARE = re.compile(
    r"(?:(?:please|just|a|an|the|real|live|human|licensed|get|hey|hello|yes|no|ok|um|i said|press|dial|i want|hit|to|"
    r"talk|your|with|then|uh|actual|sorry) )*(?:agent|agents|a gent|repre sen ta tive|representative|representatives|"
    r"rep|operator|supervisor|manager|customer (?:service|support|care)|human|humans|real person|actual person|"
    r"live person|person|zero|0+|o|live agent|human being|representante|operador|operadora|agente|asesor|asesora|"
    r"humano|una persona real|loan officer|live chat|live support|supervisora|gerente|advisor|admissions|counselor|"
    r"admissions counselor|front desk|live representative|speak to rep|someone real|somebody real)(?: (?:hello|hey|not you|"
    r"please|now|thanks|thank you|por favor|agent|representative|already|human|asap|zero|operator|0|real|de verdad|person|"
    r"supervisor|manager|"
    r"right now|instead))*"
)
_CALLED_FOR = re.compile(
    # After anything else: "screw this, agent!"
    r"(?:(?:please|just|ok|i said) )*(?:agent|representative|operator|human|supervisor|real person|live agent|live person|"
    r"operador|operadora|representante)(?: (?:please|now|already|por favor))*"
)
_STATED = re.compile(
    # He tells of it instead of asking for it.
    r"\b(?:do i (?:need|have)|already (?:spoke|talked|have)|(?:spoke|talked) (?:to|with)|i (?:am|was|work as|"
    r"used to be) (?:a|an|the)|my (?:agent|rep|manager|supervisor|boss|advisor|counselor) (?:said|told|will|has|is|"
    r"can|needs|wants)|i (?:will|have to|got to|need to) (?:talk|speak) (?:to|with) (?:my|our)|yesterday|last (?:time|"
    r"week)|^(?:when|what time|what day|how soon) (?:will|is|does|did)|if i (?:want|need) to|(?:will|when will|does|"
    r"should|did) (?:the|an|a|your) (?:agent|rep|person|inspector|estimator) (?!please|available|there))\b"
)


def asks_for_person(message: Plain) -> bool:
    """Whether the lead wants a human being. The names of the campaign's agents are to read "agent" in the message."""
    if _BARE.fullmatch(message.text) or (message.clauses and _CALLED_FOR.fullmatch(message.clauses[-1])):
        return True
    return any(_asks(clause) for clause in (*message.clauses, message.text))


def _asks(clause: str) -> bool:
    if _SPANISH.search(clause):
        return True
    return any(form.search(clause) for form in _ENGLISH) and _STATED.search(clause) is None
