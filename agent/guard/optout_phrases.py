"""What a request to stop looks like, as data: a verb of stopping with its object, in English and Spanish.

Every pattern is matched inside one clause of `agent.guard.plain` form. What stands around a match (who is spoken to,
whether only a time or a channel is meant) is judged by `agent.guard.optout`.
"""

import re

_CALL = (
    r"(?:call|phone|dial|text|message|contact|harass|spam|pester|solicit|robocall|hit me up|blow up my phone|reach out|"
    r"(?:bother|bug|annoy|write|ring|ping|notify|disturb|hound|hassle|send|email) (?:to )?(?:me|us)|"
    r"send (?:any|anything|another|more|texts?|messages?))"
)
_CALLING = (
    r"(?:calling|phoning|dialing|dialling|texting|messaging|contacting|harassing|spamming|pestering|soliciting|"
    r"bothering|"
    r"bugging|annoying|robocalling|emailing|pinging|disturbing|hounding|hassling|blowing up|hitting me up|reaching out|"
    r"writing (?:to )?(?:me|us)|ringing (?:me|us|my)|"
    r"sending (?:me|us|this|these|those|them|all|any|your|the|texts?|messages?|out|stuff|spam)|"
    r"trying to (?:call|reach|contact|text|sell))"
)
_THINGS = (
    r"(?:calls|texts|messages|text messages|phone calls|spam|contact|communications?|notifications|alerts|emails|"
    r"robocalls|sms|texting|calling|solicitations?|follow ups|reminders|voicemails|marketing|contacting)"
)
_SUCH = (
    r"(?:(?:all|any|more|further|of|the|these|those|this|your|you|ur|other|future|such|damn|freaking|fucking|stupid|"
    r"phone|text|sales|marketing|spam|automated|unwanted|annoying|sms|random|constant) )*"
)
_OURS = (
    r"(?:me|us|(?:my|our|this|the|that) (?:\w+ )?(?:name|number|numbers|info|information|phone|cell|contact|data|"
    r"details|"
    r"digits)|mine)"
)
_LIST = r"(?:list|lists|system|systems|database|records|record|rotation|queue|files?|campaign|contacts|roster)"
_REMOVE = r"(?:remove|delete|erase|purge|unlist|unsubscribe|block|wipe|scrub|deactivate|clear)"
_LIFT = r"(?:take|get|drop|pull|strike|scratch|cross|keep|leave)"

ENGLISH = {
    "stop_contacting": rf"\b(?:stop|quit|cease|discontinue|halt|enough|done|no more)(?: with| all| ever| even| all of)?"
    rf"(?: the| your| this)? {_CALLING}(?: (?:or|and|n) {_CALLING})*\b",
    "stop_contacts": rf"\b(?:stop|quit|cease|discontinue|halt|no more|enough|turn off|shut off|disable|"
    rf"no)(?: with| of)? "
    rf"{_SUCH}(?:{_THINGS}|stop call)\b",
    "stop_call": r"\bstop (?:the |these |this |all )?calls?\b",
    "cancel_contacts": (
        rf"\b(?:cancel|end|kill) {_SUCH}(?:calls|texts|messages|alerts|notifications|communications?|spam)\b"
    ),
    "stop_all": r"\bstop (?:everything|it all|all of (?:this|it|that)|all)$",
    "do_not_contact": rf"\b(?:do not|never|must not|should not|shall not|not to|no longer)(?: you)?"
    rf"(?: ever| even| dare| please| try to| again| to)* {_CALL}(?: (?:or|and|nor|n) {_CALL})*\b(?! (?:list|"
    rf"registry|lists))",
    "could_you_not": rf"\b(?:could|can|would|will) you (?:please )?not (?:ever )?{_CALL}",
    "no_contact_wanted": r"\b(?:do not|did not|no longer|not) (?:want|wish|like|need|care|interested in)(?: \w+){0,3} "
    rf"(?:receiv\w*|getting|hear(?:ing)? (?:from|back)|contacted|called|texted|messaged|{_CALLING}|{_SUCH}{_THINGS})\b",
    "want_no_contact": (
        rf"\b(?:do not|no longer) (?:want|wish|need|like) (?:to )?(?:get |receive |have )?{_SUCH}{_THINGS}\b"
    ),
    "do_not_want_you_to": (
        rf"\b(?:do not|no longer) (?:want|need|like) (?:you|you guys|you people|anyone|anybody|"
        rf"it) (?:to )?{_CALL}\b"
    ),
    "rather_not": r"\brather (?:you )?not (?:be contacted|be called|get|receive|hear|call|text|contact)\b",
    "remove_me": rf"\b{_REMOVE} {_OURS}\b",
    "take_me_off": rf"\b{_LIFT} {_OURS} (?:off|out|from|of)\b(?: of)?",
    "off_the_list": (
        rf"\b(?:off|out|from|leave|exit) (?:of )?(?:your|the|this|that|ur|all|"
        rf"any)(?: of your)? (?:\w+ ){{0,3}}?{_LIST}\b"
    ),
    "lose_number": r"\b(?:lose|forget|delete|erase|burn|trash|toss|ditch|throw away|get rid of|rid of) "
    r"(?:my|this|our|the|that)(?: \w+)? (?:number|digits|info|contact)\b",
    "do_not_call_list": r"\b(?:put|add|place|get|include|want|register|on|join)\b(?: \w+){0,5} "
    r"(?:do not (?:call|contact|text)|dnc|no call)(?: list| registry)?\b",
    "unsubscribe": r"\b(?:unsubscribe|unsuscribe|unsubcribe|unsubscribing)\b",
    "opt_out": rf"\b(?:opt|opting|opted) (?:me |us |my number )?out(?=$| (?:please|now|thanks|thank|immediately|asap|"
    rf"from)\b|"
    rf" of (?:{_SUCH}{_THINGS}|this|these|it|everything|all|your|receiving|getting)\b)",
    "revoke_consent": r"\b(?:revok\w*|withdraw\w*|rescind\w*|cancel\w*|retract\w*|take back) (?:my |any |all |the )*"
    r"(?:prior |previous |express |written )*(?:consent|permission|authorization)\b",
    "no_consent": r"\b(?:do|did|does|have) not (?:\w+ ){0,2}?(?:consent|authorize|agree|consented|authorized|"
    r"agreed) to "
    rf"(?:receiv\w+|be |being |get|these|this|your|any|{_SUCH}{_THINGS})",
    "no_permission": (
        r"\b(?:do not|no longer|never) (?:have|had|has|gave you|give you)(?: my| any)? (?:permission|consent)\b"
    ),
    "leave_alone": (
        r"\b(?:leave|let) (?:me|us|my family|my phone|this number)(?: the \w+| all)? (?:alone|in peace|be$)(?=$| \w)"
    ),
    "go_away": r"(?:^|\b(?:please|just|so|and|now) )(?:go away|get lost|buzz off|back off|bugger off|scram|go to hell|"
    r"(?:f|fuck|fck|fuk|piss|screw|eff|sod) (?:right )?off)\b",
    "make_it_stop": r"\b(?:make|get) (?:it|this|that|them|these|those|the|all|your)(?: \w+){0,3} (?:to )?stop\b",
    "it_must_stop": (
        rf"\b(?:{_THINGS}|this|these|it|that) (?:really )?(?:needs?|has|have|must|should|got|"
        rf"better)(?: to)? (?:stop|end)\b"
    ),
    "want_it_stopped": (
        rf"\b(?:want|need|like) {_SUCH}(?:{_THINGS}|it|this|you) (?:to )?(?:be )?(?:stop|stopped|ended)\b(?! by)"
    ),
    "how_to_stop": rf"\bhow (?:do|can|would|to|does one|could)(?: i| we| you)?(?: \w+)? (?:stop|end|block|"
    rf"cancel|get rid of|"
    rf"turn off)"
    rf" {_SUCH}(?:{_THINGS}|these|this)\b",
    "asked_to_stop": r"\b(?:said|told you|asked you|telling you|asking you|ask you|want you|tell you|"
    r"told you (?:people|guys)|"
    r"beg you|begging you|need you)(?: \w+)? (?:to )?(?:please )?stop$",
    "you_can_stop": (
        r"\byou (?:can|may|could|should|must|need to|have to|better|guys can)(?: all)?(?: please)? (?:stop|"
        r"quit)(?: now| it| please)*$"
    ),
    "cut_it_out": (
        r"^(?:please |just |will you |would you )*(?:cut it out|knock it off|stop this|stop it|quit it|"
        r"give it a rest)\b"
    ),
    "cease_and_desist": r"\bcease and desist\b",
    "will_block": r"\b(?:i am|i will|i have|i|we will|we are|going to|am) (?:now |just )?(?:block|blocking|"
    r"blocked|report|"
    r"reporting|reported) "
    r"(?:you|this number|your number|it|this)\b",
}

SPANISH = {
    "dejar_de": r"\b(?:deje|dejen|deja|dejad|dejar|paren|pare|para|parar|basta) (?:ya )?de "
    r"(?:llamar|mandar|enviar|escribir|molestar|contactar|textear|marcar|hablar|acosar|hostigar|insistir|fastidiar)\w*",
    "no_me": r"\bno (?:me|nos|vuelva[ns]? a|vuelvas a|quiero que (?:me|nos)|(?:me|"
    r"nos) vuelva[ns]? a) ?(?:vuelva[ns]? a )?"
    r"(?:llam|mand|envi|escrib|molest|contact|text|busqu|marqu|habl|insist|moleste|contacte)\w*",
    "no_llamar": r"\bno (?:llam(?:e|en|es|ar)|escrib(?:a|an|as|ir)|mande[ns]?|envie[ns]?|moleste[ns]?|contacte[ns]?)"
    r"(?: mas| a este numero| otra vez| de nuevo| aqui)",
    "basta_de": r"\b(?:basta|suficiente|no mas|cansad\w+) de (?:\w+ )?(?:mensajes|llamadas|textos|llamarme)\b",
    "no_mas": r"\b(?:no|ya no|ni un|ningun|nada de) (?:quiero )?(?:mas )?(?:recibir )?(?:mas )?(?:sus |estos |estas )?"
    r"(?:mensajes?|llamadas?|textos?|contacto|publicidad|spam)\b",
    "no_quiero_recibir": (
        r"\bno (?:quiero|deseo|quisiera|me interesa) (?:seguir )?(?:recib\w+|que me (?:llam|escrib|contact|mand|"
        r"envi)\w*)"
    ),
    "quitar": r"\b(?:quite|quiten|quita|borre|borren|borra|elimine|eliminen|elimina|saque|saquen|saca|remueva|remuevan|"
    r"retire|retiren|"
    r"tache|tachen)(?:me|nos)\b(?! (?:el|la|los|las|un|una|una cita)\b)",
    "borrar_numero": (
        r"\b(?:quit|borr|elimin|saqu|sac|olvid|remuev|pierd)\w* (?:de su lista )?(?:mi|este|el|mis|"
        r"nuestro) (?:numero|telefono|nombre|celular|datos)"
    ),
    "en_paz": r"\b(?:deje|dejen|deja)(?:me|nos)? (?:ya )?(?:en paz|tranquil\w+|sol[oa]s?)\b",
    "darse_de_baja": r"\b(?:dar(?:me|nos)?|darnos|deme|denme|quiero|de) (?:darme )?de baja\b",
    "desuscribir": r"\b(?:desuscrib|desinscrib|cancel\w* (?:mi |la )?suscrip)\w*",
    "larguese": r"\b(?:larguese|vayase|vete al|no (?:chingue|joda|jodas|fastidie)[ns]?)\b",
    "lista": r"\b(?:de|en) (?:su|la|esta|esa) lista (?:de )?(?:no llamar|llamadas|contactos)?$",
}

OF_THE_LEAD_HIMSELF = frozenset(
    {
        "no_contact_wanted",
        "want_no_contact",
        "do_not_want_you_to",
        "rather_not",
        "off_the_list",
        "do_not_call_list",
        "unsubscribe",
        "opt_out",
        "revoke_consent",
        "no_consent",
        "no_permission",
        "want_it_stopped",
        "asked_to_stop",
        "will_block",
        "no_mas",
        "no_quiero_recibir",
        "darse_de_baja",
    }
)
"""Phrases whose subject is the lead: "I do not want", "we revoke". With the others an "I" means that he speaks of his
own doing ("I do not call after nine")."""

PHRASES = tuple((name, re.compile(pattern)) for name, pattern in {**ENGLISH, **SPANISH}.items())
