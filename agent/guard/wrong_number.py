""" "Wrong number": does somebody else than the lead answer, or has the lead died, or is it a child's telephone?

All of them close the number (POLICY 2.4). A "wrong number" of bedrooms, or one that the lead himself mistyped, is none.
"""

import re

from agent.guard.plain import Plain
from agent.words import either


def wrong_number(message: Plain, first_name: str | None) -> bool:
    """Whether this is not the lead's number. `first_name` is the lead's, as the form gave it."""
    if _TAKEN_BACK.search(message.text):
        return False
    if any(_FORMS.search(clause) and not _OWN_MISTAKE.search(clause) for clause in message.clauses):
        return not _is_death_in_passing(message)
    return first_name is not None and _denies(message, first_name)


def _is_death_in_passing(message: Plain) -> bool:
    """A death that is the reason of the lead's own request, or that of a thing: "my husband passed and I need to move the
    policy", "the bell is dead"."""
    if not _DEATH.search(message.text):
        return False
    if _THING_DIED.search(message.text):
        return True
    return _OWN_BUSINESS.search(message.text) is not None and _AN_END.search(message.text) is None


_DEATH = re.compile(r"\b(?:died|dead|deceased|passed|murio|fallecio)\b")
_THING_DIED = re.compile(
    r"\b(?:bell|doorbell|battery|phone|car|truck|engine|furnace|unit|heater|ac|fridge|boiler|tree|lawn|grass|line|"
    r"outlet|laptop|computer) (?:is|has|was|just|has just|went)* ?(?:died|dead)\b"
)
_OWN_BUSINESS = re.compile(
    r"\b(?:i|we) (?:\w+ )?(?:need|want|have to|would like|am trying|am looking|do not know what)\b|\b(?:can|"
    r"could) you help\b|\b(?:a|en) mi nombre\b|\b(?:necesito|quiero|que hago)\b"
)
_AN_END = re.compile(
    r"\b(?:stop|remove|quit|delete|wrong|no more|not (?:call|text|contact|message|bother)|take (?:me|him|her|this|us)|"
    r"leave|off|dejen?|no (?:llam|escrib|mand)\w+|quit\w+|borr\w+|nobody|not my|no longer)\b"
)
_OWN_MISTAKE = re.compile(
    r"\b(?:i|we|they|he|she) (?:\w+ )?(?:gave|sent (?:that|this|it) to|sent|put|typed|entered|wrote|texted|read|told|"
    r"said|tagged|have|had|got|dialed|called|listed|submitted|left)(?: you| in| down| them)* (?:the |a )?wrong\b|"
    r"\bwrong (?:number|person|guy|lady|man|woman|one) (?:as|of|for|on|in|was|listed|to)\b(?! (?:jordan|him|her|me|"
    r"that))|\bnot (?:a|the) wrong (?:number|person)\b|\b(?:was|had|is that|is this|do i have|did i (?:get|text|call)|"
    r"hope)(?: \w+){0,3} wrong (?:number|person)\b|\bwrong (?:house|policy|account|apartment|unit|route|serial|tag|"
    r"plate|social|case|claim|model|phone number for)\b"
)
_TAKEN_BACK = re.compile(
    r"\b(?:no|nah|not at all|yes|yeah) (?:you are (?:good|fine|right|ok|okay)|you (?:have|got) (?:me|the right)|this is (?:me|him|her|he|she)|it is me)\b"
)
"""Asked and answered by himself: "wrong number? No, you're good"."""
_WHO = r"(?:him|her|that person|who you|the person|the one you|the right person|that guy|whoever|who you think)"
_FORMS = either(
    r"\b(?:wrong|incorrect) (?:phone |cell |telephone )?(?:number|numbers|person|guy|lady|man|woman|party|dude|girl|"
    r"contact|phone|chick)\b(?! of\b)",
    r"\b(?:this|the|your) (?:number|phone|line) (?:is|was) (?:wrong|incorrect)\b(?! on| in)|^wrong (?:one|num|no)$",
    r"\b(?:that|this) is not my name\b|\bmy name is not (?:leadname|jordan)\b|\byou (?:have |have just |"
    r"just )?(?:called|reached|texted|dialed) (?:a|an|the) (?:business|church|school|hospital|restaurant|store|office|"
    r"wrong|company|clinic)\b|\bthis is (?:a|an|the) (?:church|school|hospital|clinic|police|fire|restaurant|business|"
    r"doctors?|dental) (?:office|station|line|department|number)?\b(?! (?:policy|loan|account|quote))|\b(?:tiene|"
    r"tienen) mal el numero\b",
    r"\b(?:nobody|no one|noone|no body|nobody here|there is not anyone|not anyone|"
    r"there is not anybody) (?:\w+ ){0,2}(?:(?:by|with) (?:that|this)\b|(?:named|called) (?!me\b|us\b|back\b|you\b|"
    r"yet\b))",
    r"\b(?:number|phone|line) (?:now )?(?:belongs to|is for|has a new|changed owners)\b(?! me)(?: (?:someone|somebody|"
    r"another|a different|owner|my|new))?",
    r"\b(?:no|is no|is not) (?:longer )?(?:his|her|their) (?:number|phone|cell)\b|\b(?:he|she) (?:changed|"
    r"got a new) (?:his |her )?(?:number|phone)\b",
    r"\bthere is (?:no|not)(?: body| one| any)? (?:\w+ )?(?:by that name|with that name|here by)\b|\b(?:by|"
    r"with) that name (?:here|lives|at)\b",
    rf"\b(?:this|it) (?:is not|is no longer|was not|used to be) (?:his|her|their|{_WHO}|him|them|the right (?:number|"
    rf"person)|that number|who)\b",
    rf"\b(?:you are|you) (?:\w+ )?(?:looking|asking|searching|texting|calling|want)(?: for)? (?:someone|"
    rf"somebody) else\b|\b(?:number|phone) used to be (?:his|hers|theirs|somebody|someone)\b|\b(?:i am|"
    rf"we are) not {_WHO}\b|\bnot (?:the person|who) you (?:are|were|want|think|need)\b",
    r"\b(?:do not|does not|never) (?:know|have|heard of|known) (?:a |any |anyone |anybody |any one |"
    r"who )?(?:\w+ )?(?:by that name|named|called|that person|that is|who that is|that guy)\b(?! (?:the|a|it)\b)",
    r"\b(?:he|she|they) (?:does not|do not|no longer|did not|do no longer) (?:live|have|use|own|work|has|uses|"
    r"lives)(?: at| in)? (?:here|this (?:number|phone))",
    r"\b(?:just )?(?:got|bought|inherited) (?:this|a new) (?:new )?number\b(?! for| of|"
    r" and)(?!.*\bsame person\b)(?!.* (?:call|text) me)",
    r"\b(?:new phone|new number)(?:,? who (?:dis|this|is this))",
    r"\b(?:died|passed away|(?:is|has been|was) (?:dead|deceased)|is no longer with us|no longer (?:alive|"
    r"living))$(?<!battery died)(?<!phone died)(?<!car died)|^(?:he|she|jordan|they|my (?:dad|father|mom|mother|son|"
    r"daughter|husband|wife|brother|sister|friend|uncle|aunt|grand\w+)|sorry he|sorry she|the lead) (?:has |just |"
    r"recently )*(?:died|passed(?: away| on)?|is (?:dead|deceased|gone))\b|\b(?:he|she) (?:has )?(?:died|passed away|"
    r"is dead|is deceased)\b|\b(?:is|are) deceased\b|\bmy (?:dad|father|mom|mother|son|husband|wife|brother|"
    r"sister) (?:died|passed away)\b.*\b(?:remove|stop|take|quit|do not|please)\b",
    r"\b(?:this|it) is (?:someone|somebody) elses? (?:phone|number|cell)\b|\bis (?:[4-9]|1[0-5]),? ?(?:and )?(?:this|"
    r"it) is (?:his|her|their) (?:phone|number|cell)\b|\b(?:this is|it is|you are (?:texting|calling)|you (?:called|"
    r"texted)|that is) (?:a |an |my )?(?:\w+ )?(?:kid|kids|childs?|child|minors?|school|hospital|business|work|sons|"
    r"daughters|company|office|church|restaurant|landline|teenagers?|toddlers?|strangers)(?: cell)? (?:phone|number|"
    r"line)\b(?! (?:yes|but|so call|call me|text me|is fine))",
    r"\bi am (?:only |just |literally |like )*(?:a (?:kid|minor|child)|under ?age|(?:[5-9]|1[0-7]|five|six|seven|"
    r"eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen)(?: years? old| yrs? old| yo| y o))|"
    r"^i am (?:only|just|literally) 1[0-7]$",
    r"^(?:sorry |hi |there is |we have )*no (?!one\b|body\b|problem|issue|pets?\b|kids?\b|damage|leaks?\b|insurance|"
    r"power|rush|change|complaints?|smok|dogs?\b|heat|ac\b|more\b|longer\b|worries|thanks?\b|need\b|not\b|rain|snow|"
    r"hail|mortgage|garage|basement|gas\b|internet|signal|service|luck|i\b|it\b|we\b|you\b)\w+ here$|"
    r"\bdo not know who (?!it\b|this\b|the\b|my\b|you\b|to\b)\w+ is$|\b(?:asking|looking|calling|"
    r"texting) for my late (?:husband|wife|mother|father|mom|dad|son|daughter|brother|sister)\b|\beste (?:celular|"
    r"telefono|numero) es de (?:mi|un|una) (?:hij[oa]|nin[oa]|menor|niet[oa])\b",
    r"\b(?:numero|persona|telefono) (?:equivocad[oa]|incorrect[oa]|erroneo)\b|\b(?:se |te |me )?(?:equivoco|"
    r"equivocaron|equivocaste|equivocad[oa]|equivocados) de (?:numero|persona|telefono)\b|^(?:esta |estan |"
    r"creo que esta |creo que |se |usted esta )?(?:equivocad[oa]s?|equivoco|equivocaron)$",
    r"\b(?:aqui no|no|ya no) (?:vive|hay|existe|conozco|conocemos)(?: a| aqui| ya)*(?: aqui| mas)? (?:nadie|ningun\w*|"
    r"nadie con|esa persona|ese nombre|ese senor|esa senora|a esa)\b",
    r"\b(?:esa persona|ese senor|esa senora|el|ella) (?:ya )?no (?:vive|esta|trabaja|usa|tiene)(?: aqui| este| mas)\b|"
    r"^aqui no(?: es| vive)?$|\bse (?:ha )?equivoc(?:ado|o)\b|\bno (?:soy|es) (?:esa persona|el|ella|quien|"
    r"la persona)\b(?! (?:que|de))|\b(?:tiene|tienen|marco|marcaron|llamo) (?:el |al |un )?numero (?:equivocado|"
    r"incorrecto)\b|\beste (?:ya )?no es (?:su|el) (?:numero|telefono)\b|\b(?:fallecio|murio|ya fallecio)\b(?! (?:el|"
    r"la|mi) (?:carro|bateria))|\bsoy (?:un )?menor(?: de edad)?\b",
)


def _denies(message: Plain, first_name: str) -> bool:
    name = re.escape(" ".join(Plain((first_name.lower(),)).clauses))
    forms = (
        rf"\b(?:this is not|i am not|is not|it is not|not|no|are not|do not know(?: a| any| who| anyone named)?|"
        rf"never heard of(?: a)?|aint) {name}(?:s| is)?(?: number| phone| cell| anymore| here| at all| sorry| man|"
        rf" dude)*$",
        rf"\b(?:this is not|i am not|is not|this is no longer|not) {name}(?:s)?\b(?! (?:wife|husband|policy|car|house|"
        rf"account|name on|with an?|but|it is|spelled|\w+ with))",
        rf"\b(?:no|there is no|do not know(?: a| any| who)?|who is|who the (?:hell|heck) is|whos|"
        rf"there is no one named|there is nobody named|nobody named|no one named|no one called) {name}(?: here|"
        rf" lives here| at this (?:number|address|phone))?(?: is)?$",
        rf"\b{name} (?:does not|do not|no longer|moved|died|passed|changed|is not at this|has a new|is dead|"
        rf"is deceased|is no longer|got a new|has not lived|is not here|used to|has passed|is gone|"
        rf"has not had)\b(?! (?:need|want|mind|know|care|think|like|have (?:a|any)))",
        rf"\bno soy {name}\b|\b{name} (?:ya )?no (?:vive|esta|es|tiene|usa)\b|\b(?:ningun|quien es|conozco a|"
        rf"hay ningun|vive ningun) {name}\b|\b{name} (?:fallecio|murio|se mudo)\b",
    )
    pattern = re.compile("|".join(forms))
    return any(pattern.search(clause) for clause in message.clauses)


_AWAY = re.compile(
    r"\b(?:he|she|they)(?:s|re| is| are)? ?(?:(?:not|isnt|arent) (?:here|home|in|available|around|with me)"
    r"|(?:out|away|asleep|sleeping|at (?:work|school|the store)|in the shower))\b(?! (?:anymore|any more|any longer))"
)


def is_away(message: Plain) -> bool:
    """Whether somebody says that the lead is not at the telephone just now, which asks for nothing to stop."""
    return any(_AWAY.search(clause) for clause in message.clauses)
