"""What a request to stop looks like, as data: a verb of stopping with its object, in English and Spanish.

Every pattern is matched inside one clause of `agent.guard.plain` form. What stands around a match (who is spoken to,
whether only a time or a channel is meant) is judged by `agent.guard.optout`.
"""

import re

_CALL = (
    r"(?:(?:keep|start|continue|go on|be) (?:call|text|messag|contact|bother|send|email|bugg|harass|spamm|checking|"
    r"reaching|trying)\w*|(?:try|check in|send)(?: me)? again|reply|respond|write back|get back to (?:me|us)|call|"
    r"phone|dial|text|message|contact|harass|spam|pester|solicit|robocall|hit me up|blow up my phone|reach out|"
    r"(?:bother|bug|annoy|write|ring|ping|notify|disturb|hound|hassle|send|email) (?:to )?(?:me|us)|send (?:any|"
    r"anything|another|more|texts?|messages?))"
)
_CALLING = (
    r"(?:calling|phoning|dialing|dialling|texting|messaging|contacting|harassing|spamming|pestering|soliciting|"
    r"bothering|bugging|annoying|robocalling|emailing|pinging|disturbing|hounding|hassling|blowing up|hitting me up|"
    r"reaching out|writing (?:to )?(?:me|us)|ringing (?:me|us|my)|sending (?:me|us|this|these|those|them|all|any|your|"
    r"the|texts?|messages?|out|stuff|spam)|trying to (?:call|reach|contact|text|sell))"
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
    r"details|digits)|mine)"
)
_LIST = r"(?:list|lists|system|systems|database|records|record|rotation|queue|files?|campaign|contacts|roster)"
_REMOVE = (
    r"(?:unenroll|disenroll|deregister|remove|delete|erase|purge|unlist|unsubscribe|block|wipe|scrub|deactivate|clear)"
)
_LIFT = r"(?:take|get|drop|pull|strike|scratch|cross|keep|leave)"

ENGLISH = {
    "stop_contacting": rf"\b(?:stop|quit|cease|discontinue|halt|enough|done|no more)(?: with| w| all| ever| even|"
    rf" all of| fkn| fucking| fking| freaking| damn| effing| it with)?(?: the| your| this)? {_CALLING}(?: (?:or|and|"
    rf"n) {_CALLING})*\b",
    "stop_contacts": rf"\b(?:stop|quit|cease|discontinue|halt|no more|enough|turn off|shut off|disable|"
    rf"no)(?: with| of| w| it with| receiving| getting)? {_SUCH}(?:{_THINGS}|stop call)\b",
    "no_longer_follow_up": r"\byou (?:can|may|could) (?:stop|quit) (?:following up|reaching out|checking in|trying|all (?:this|that))\b",
    "be_rid_of": rf"\b(?:be|get) rid of (?:you|{_SUCH}{_THINGS}|these|this)\b|\bnix {_SUCH}{_THINGS}\b",
    "neither_one": r"\bneither (?:one|of them|of those)? ?(?:again|anymore|please)\b|\bdo not want (?:either|neither)(?: one| of (?:them|those))?$",
    "stop_call": r"\bstop (?:the |these |this |all )?calls?\b",
    "cancel_contacts": (
        rf"\b(?:cancel|end|kill) {_SUCH}(?:calls|texts|messages|alerts|notifications|communications?|spam)\b"
    ),
    "stop_all": r"\bstop (?:everything|it all|all of (?:this|it|that)|all)$",
    "do_not_contact": rf"\b(?:do not|never|must not|should not|shall not|not to|no longer)(?: you)?"
    rf"(?: ever| even| dare| please| try to| again| to)* {_CALL}(?: (?:or|and|nor|n) {_CALL})*\b(?! (?:list|registry|"
    rf"lists|thing|law|rule|rules))",
    "could_you_not": rf"\b(?:could|can|would|will) you (?:please )?not (?:ever )?{_CALL}",
    "no_contact_wanted": r"\b(?:do not|did not|no longer|not) (?:want|wish|like|need|care|interested in)(?: \w+){0,3} "
    rf"(?:receiv\w*|getting|hear(?:ing)? (?:from|back)|contacted|called|texted|messaged|{_CALLING}|{_SUCH}{_THINGS})\b",
    "want_none": rf"\bwant (?:none|no more|nothing) (?:of|to do with) {_SUCH}(?:{_THINGS}|you)\b",
    "the_last": r"\b(?:last|final) (?:one|time|call|text|message)(?: that)? (?:i (?:ever |want to |care to )*(?:want|get|"
    r"receive|hear|see)|you (?:will )?(?:ever )?(?:call|text|contact|message|send))\b|\b(?:better|should|must|"
    r"needs to|will|had better|has to) be (?:the|your) last (?:one|time|call|text|message)\b|\b(?:grateful|happy|"
    r"appreciate it|nice|great) if (?:this|that|it) (?:was|is|were) (?:the|your) last\b",
    "forget_me": r"\b(?:forget|pretend|act like|act as if)(?: that)? (?:i|we) (?:exist|do not exist|never existed)\b",
    "off_my_line": r"\b(?:stay|keep|get) (?:off|out) (?:of )?my (?:line|phone|channel|cell|inbox|messages)\b",
    "enough_is_enough": r"^enough is enough$|^(?:please |can you |could you |just )+(?:do )?not$",
    "way_out": r"\bhow (?:do|does|can|would|could) (?:i|we|you|one|a person|someone|somebody) (?:get out of|get off|"
    r"get off of|make) (?:this|these|it)(?: stop| thing)?$|\bwhat (?:do|must) i (?:\w+ ){1,3}(?:so|for) (?:this|these|"
    r"it) (?:to )?(?:quits?|stops?|ends?)$",
    "second_thoughts": r"\bchanged my mind (?:about|on) (?:letting|allowing|having|wanting) (?:you|these|this|the|your)\b",
    "want_no_contact": (
        rf"\b(?:do not|no longer) (?:want|wish|need|like) (?:to )?(?:get |receive |have )?{_SUCH}{_THINGS}\b"
    ),
    "do_not_want_you_to": (
        rf"\b(?:do not|no longer) (?:want|need|like) (?:you|you guys|you people|anyone|anybody|it) (?:to )?{_CALL}\b"
    ),
    "rather_not": r"\brather (?:you )?not (?:be contacted|be called|get|receive|hear|call|text|contact)\b",
    "remove_me": rf"\b{_REMOVE} {_OURS}\b",
    "take_me_off": rf"\b{_LIFT} {_OURS} (?:(?:right|all|just) )?(?:off|out|from|of)\b(?: of)?",
    "off_the_list": (
        rf"\b(?:off|out|from|leave|exit) (?:of )?(?:your|the|this|that|ur|all|"
        rf"any)(?: of your)? (?:\w+ ){{0,3}}?{_LIST}\b"
    ),
    "lose_number": r"\b(?:lose|forget|delete|erase|burn|trash|toss|ditch|throw away|get rid of|rid of) "
    r"(?:my|this|our|the|that)(?: \w+)? (?:number|digits|info|contact)\b",
    "do_not_call_list": r"\b(?:put|add|place|include|register|join)\b(?: \w+){0,5} "
    r"(?:do not (?:call|contact|text)|dnc|no call)(?: list| registry)?\b",
    "on_do_not_call": r"^(?:\w+ ){0,3}?(?:am|is|are|number is) (?:already |also )?(?:registered )?(?:on|with) (?:the |"
    r"your )?(?:national |federal |state )?(?:do not (?:call|contact|text)|dnc|no call)(?: list| registry| register)?$",
    "unsubscribe": r"\b(?:unsubscribe|unsuscribe|unsubcribe|unsubscribing)\b"
    rf"(?! from (?:the|my|his|her|our|their) (?!{_SUCH}(?:{_THINGS}|{_LIST}|program|service|number)\b))",
    "opt_out": rf"\b(?:opt|opting|opted) (?:me |us |my number )?out(?=$| (?:please|now|thanks|thank|immediately|asap|"
    rf"from)\b| (?:out )?of (?:{_SUCH}{_THINGS}|this|these|it|everything|all|your|receiving|getting)\b)",
    "revoke_consent": r"\b(?:revok\w*|withdraw\w*|rescind\w*|cancel\w*|retract\w*|take back) (?:my |any |all |the )*"
    r"(?:prior |previous |express |written )*(?:consent|permission|authorization)\b",
    "revoke_it": r"^(?:i |we )(?:hereby )?(?:revoke|rescind|withdraw)(?: (?:that|it|this|everything|all of it))?$",
    "no_consent": r"\b(?:do|did|does|have) not (?:\w+ ){0,2}?(?:consent|authorize|agree|consented|authorized|"
    r"agreed) to "
    rf"(?:receiv\w+|be |being |get|these|this|your|any|{_SUCH}{_THINGS})",
    "no_permission": (
        r"\b(?:do not|no longer|never) (?:have|had|has|gave you|give you)(?: my| any)? (?:permission|consent)\b"
    ),
    "leave_alone": (
        r"\b(?:leave|let) (?:me|us|my family|my phone|this number)(?: the \w+| all)? (?:alone|in peace|be$)(?=$| \w)"
    ),
    "go_away": r"(?:^|\b(?:please|just|so|and|now) )(?:go away|get lost|buzz off|back off(?! (?:the|my|of|on|from)\b)|bugger off|scram|go to hell|"
    r"(?:f|fuck|fck|fuk|piss|screw|eff|sod) (?:right )?off)\b",
    "forget_number": r"\b(?:forget|pretend|act like) you (?:ever |never )?(?:have|had|got) (?:my|this|our)\b",
    "refrain": rf"\b(?:refrain|desist|abstain|stay away) from (?:ever )?{_CALLING}\b",
    "done_with": rf"\b(?:done|finished|through|over it|fed up|had enough|had it) (?:with|w|of) {_SUCH}(?:{_THINGS})\b",
    "not_supposed": rf"\b(?:not|never) (?:supposed|allowed|authorized|permitted|welcome|"
    rf"free) to (?:be )?(?:{_CALLING}|{_CALL})\b",
    "should_not_be_listed": r"\b(?:should|do|would|must) not (?:even )?(?:be|want to be|belong) on (?:your|this|the|"
    r"any)(?: \w+)? (?:list|lists|database)\b",
    "make_sure": rf"\b(?:make sure|ensure|see to it)(?: that)? (?:nobody|no one|you do not|i do not|it does not|"
    rf"this number|i never|we do not)\b.*\b(?:{_CALL}|calls|texts|called|texted|contacted|{_THINGS})\b",
    "someone_else": rf"^(?:(?:please|go|just|so|and|find|can you|why do not you|ok|get) )*(?:{_CALL}|bother|bug|text|"
    rf"call|spam|harass|annoy|pester|find|try) (?:someone|somebody|some other|other people|anyone)"
    r"(?: (?:else|people|person))?(?: to (?:spam|bother|bug|call|text|harass|annoy|scam))?(?: please| thanks)?$",
    "not_another": r"\b(?:not|never) (?:another|one more|a single) (?:text|call|message|word|email)\b",
    "police": r"\b(?:call|calling) (?:the )?(?:cops|police|sheriff)\b(?=.*\b(?:you|again|next|stop|if|on)\b|"
    r"$)(?<!i called the police)(?<!did call the police)",
    "why_not_stop": r"\bwhy (?:will|do|can|would) (?:not you|you not)(?: just| ever| please)? stop$",
    "why_keep": rf"\bwhy (?:do|are|does|would) (?:you|u|yall)(?: guys| people| all)? (?:keep|still|always|"
    rf"continue to)(?: on)? (?:{_CALLING}|{_CALL})\b",
    "make_it_stop": r"\b(?:make|get) (?:it|this|that|them|these|those|the|all|your)(?: \w+){0,3} (?:to )?stop\b",
    "it_must_stop": (
        rf"\b(?:{_THINGS}|this|these|it|that) (?:really )?(?:needs?|has|have|must|should|got|better)(?: to)? (?:stop|"
        rf"end)\b"
    ),
    "want_it_stopped": (
        rf"\b(?:want|need|like) {_SUCH}(?:{_THINGS}|it|this|you) (?:to )?(?:be )?(?:stop|stopped|ended)\b(?! by)(?=$|"
        rf" (?:now|please|right|immediately|asap|already|today|thanks|{_CALLING}|{_THINGS}|sending|bothering|with)\b)"
    ),
    "how_to_stop": rf"\bhow (?:do|can|would|to|does one|could)(?: i| we| you)?(?: \w+)? (?:stop|end|block|"
    rf"cancel|get rid of|turn off) {_SUCH}(?:{_THINGS}|these|this)\b",
    "asked_to_stop": r"\b(?:said|told you|asked you|telling you|asking you|ask you|want you|tell you|"
    r"told you (?:people|guys)|beg you|begging you|need you)(?: \w+)? (?:to )?(?:please )?stop$",
    "you_can_stop": (
        r"\byou (?:can|may|could|should|must|need to|have to|better|guys can)(?: all)?(?: please)? (?:stop|"
        r"quit)(?: now| it| please)*$"
    ),
    "get_pulled": r"\bget(?:ting)? (?:me|us|my (?:name|number|info)) (?:pulled|removed|taken off|deleted|off) (?:from|of|this|your)\b",
    "be_removed": (
        r"\b(?:like|want|wish|need|ask\w*|request\w*|demand\w*|have|get|please) (?:to (?:be|get) |me |us |my (?:name|"
        r"number|info) |to have my (?:name|number) )(?:removed|unsubscribed|deleted|taken off|opted out|"
        r"unlisted)\b(?! from (?:my|his|her|the (?:policy|title|loan|deed|quote|lease)))"
    ),
    "not_bother": (
        r"\b(?:do not|never|no need to|do not even) (?:even )?bother (?:calling|texting|messaging|contacting|again|me|"
        r"us|sending|reaching)\b"
    ),
    "no_need_to": rf"\b(?:no need to|no reason to|you do not (?:need|have) to|do not need to) {_CALL}(?: (?:me|us|him|"
    rf"her))?(?: (?:anymore|again|any more|further|any longer|"
    r"about this|back))+",
    "lay_off": rf"\b(?:lay off|ease off|knock off|cut out|lose|end|drop|kill|enough with|enough of|turn off|shut off|"
    rf"no more of) {_SUCH}{_THINGS}\b|\b(?:turn|shut|switch) {_SUCH}(?:{_THINGS}|this|it) off\b(?! by| when)",
    "please_discontinue": r"^(?:please |kindly |just )*(?:discontinue|cease|desist|end)(?: (?:this|it|please|now|"
    r"immediately|all|everything|service|communication|contact))*$",
    "stop_at_last": r"\b(?:told|asked|said to|telling|asking|begged|ask|tell)(?: you| yall| u)?(?: \w+){0,2} (?:to |"
    r")?(?:please )?stop(?: (?:once|twice|already|before|\d times|so many times|\w+ times|multiple|several|now|"
    r"repeatedly|many|last|yesterday|this|it|and))+",
    "vocative_stop": r"^(?:(?:bro|dude|man|yo|girl|guys|sir|ma ?am|lady|buddy|omg|ugh|seriously|hello|hey|hi|thanks|"
    r"thank you|ok|okay|enough|for real|jesus|wtf|lol|ffs|fr|god|please|just|but|so|ava|you|can|could|would|will|"
    r"need to|guys|all|people|have to|really|now|yes|yeah|no|nah|nope|well|look|listen|i said|i say|kindly|everyone|"
    r"today|again|then|already) )+stop(?: (?:it|this|that|now|please|already|bro|dude|man|texting|seriously|ok|okay|"
    r"thanks|fr))*$",
    "times_stop": r"\b(?:times|texts|calls|messages|day|daily|week|hours?|minutes?|today|already|me|number|agent|"
    r"insurance|quote|else|interested|annoying|covered|set|spam|one|thanks|policy|house|geico|progressive|allstate|"
    r"farm) (?:so |please |just |now )*stop(?: (?:it|this|now|please|already|thanks))*$",
    "but_stop": rf"\b(?:but|so|and|now) (?:please |just |pls )*(?:stop|quit) (?:{_CALLING}|{_THINGS})\b",
    "cut_it_out": (
        r"^(?:please |just |will you |would you )*(?:cut it out|knock it off|stop this|stop it|quit it|"
        r"give it a rest)(?=$| (?:now|please|already|thanks|you|guys|or|before|with|man|dude|bro|immediately|asap|"
        r"right|seriously|and|i)\b)"
    ),
    "cease_and_desist": r"\bcease and desist\b",
    "court": r"\bsee you in (?:small claims )?court\b|\b(?:fcc|ftc|bbb|attorney general|state ag|my lawyer|my attorney) "
    r"(?:is|are|will|is going to|will be) (?:be )?hear\w*\b|\bstraight to my (?:lawyer|attorney)\b|\bfil(?:e|"
    r"ing) with the (?:state|fcc|ftc|bbb|attorney)\b",
    "legal": r"\b(?:sue|suing|prosecute) (?:you|u|yall|your|this company|ya)\b|\b(?:will|gonna|going to|might|"
    r"ready to) (?:be )?(?:sue|suing)\b|\bhear(?:ing)? from my (?:\w+ )?(?:lawyer|attorney)|\b(?:my|a|our) (?:lawyer|"
    r"attorney)s? (?:will|is going to) (?:be )?(?:contact|call|hear|sue|in touch)\w*|\b(?:contact|call|hir|"
    r"gett?)(?:ing|e)? (?:my|a|our) (?:lawyer|attorney)|\b(?:legal action|lawsuit|"
    r"cease and desist letter)\b(?!.*\b(?:cover|policy|liability)\b)|\b(?:fil(?:e|ing|ed)|submit\w*|mak(?:e|ing)|"
    r"lodg\w+) (?:a |an |my |this )*(?:complaint|report)\b|\b(?:report|reporting|reported) (?:you|u|this|your|these|"
    r"yall)\b|\btcpa\b|\b(?:to|with|the|call|calling|an|a|file|filing) (?:the )?(?:fcc|ftc|bbb|better business bureau|"
    r"attorney general|do not call (?:registry|people))\b",
    "will_block": r"\b(?:i am|i will|i have|i|we will|we are|going to|am) (?:now |just )?(?:block|blocking|"
    r"blocked|report|reporting|reported) (?:you|this number|your number|it|this)\b",
}

SPANISH = {
    "no_imperativo": r"^(?:(?:por favor|ya|porfavor|favor de|oiga|oigan|mire|que|gracias|y|pero|porfa|le pido que|"
    r"les pido que|quiero que|le digo que) )*no (?:me |nos |se )?(?:llam|mand|envi|escrib|molest|contact|text|marqu|"
    r"habl|insist|busqu|comuni|jod|chingu|fastidi)(?:e|en|es|a|an|as|qu\w+)(?:me|nos)?(?: (?:mas|nunca|jamas|"
    r"por favor|gracias|a este numero|a esta casa|aqui|otra vez|de nuevo|ya|nada|mensajes?|textos?|mas mensajes|"
    r"por favor no|ni .*|nadie|este numero|al celular|a mi celular|a mi numero|a mi casa|tanto))*$",
    "no_autorizo": r"\bno (?:autorizo|doy|di|he dado|consiento|acepto|tienen|tiene) (?:\w+ )?(?:que|a que|mi|permiso|"
    r"consentimiento|autorizacion|recibir|mensajes|llamadas)\b",
    "revoco": r"\b(?:revoco|retiro|revocar|retirar|cancelo) (?:mi |el )?(?:consentimiento|permiso|autorizacion|"
    r"suscripcion)\b",
    "bloquear": r"\b(?:los|lo|la|las|te|le) (?:voy a (?:bloquear|reportar|demandar|denunciar)|bloqueo|reporto|"
    r"bloqueare|reportare|demando|denuncio)\b",
    "parar_mensajes": r"\b(?:paren|pare|para|parar|detengan|detenga|detener|cesen|cese|suspendan|suspenda|terminen|"
    r"cancelen|cancele|basta)(?: con| de| ya)?(?: (?:los|las|sus|estos|estas|esos|esas|tantos|tantas|el|de|todos|"
    r"todas))* (?:mensajes?|llamadas?|textos?|spam|mensajitos|comunicaciones|publicidad|acoso)\b",
    "fuera_de_lista": r"\b(?:fuera|salir|salirme|salga|sacar|sacarme|sacame|saqueme|quitar|quitarme|remover|removerme|"
    r"eliminar|eliminarme|borrar|borrarme)\b(?: \w+){0,3} (?:lista|base de datos|sistema|registros?)\b",
    "dejen_ya": r"^(?:por favor |ya )*(?:dejen|deje|deja|dejenme|dejeme|dejame)(?: ya| tranquil\w+| en paz|"
    r" de una vez| por favor)*$(?<!^deje)(?<!^deja)",
    "como_detengo": r"\bcomo (?:hago para |puedo |le hago para )?(?:detengo|detener|paro|parar|cancelo|cancelar|quito|"
    r"quitar|dejar de recibir|dejo de recibir|salirme|me salgo|me doy de baja|darme de baja)(?:$| (?:de )?(?:los|las|"
    r"estos|estas|esto|esta|la|sus|este)?(?: )?(?:mensajes|llamadas|textos|lista|recibir|esto)?\b)(?! (?:seguro|"
    r"poliza))",
    "alto_a": r"\b(?:alto|fin|stop) (?:a|con|de) (?:los |las |sus |estos |estas )*(?:mensajes?|llamadas?|textos?)\b",
    "no_ser": r"\bno (?:quiero|deseo|quisiera) (?:ser|estar|que)(?: \w+)? (?:contactad|llamad|molestad|en (?:su|la|"
    r"esta) lista)\w*",
    "como_cancelo": r"\b(?:quiero|como|deseo|necesito) (?:puedo )?(?:cancel|deten|par|quit)\w* (?:de recibir )?(?:los|"
    r"las|estos|estas|sus) (?:mensajes|llamadas|textos|notificaciones)\b",
    "demandar": r"\b(?:demandar|reportar|denunciar)(?:los|lo|las|la)\b",
    "dije_que_no": r"\b(?:dije|pedi|dijimos|dicho) que (?:ya )?no (?:me |nos )?(?:llam|escrib|mand|contact|molest)\w*",
    "no_me_esten": r"\bno (?:me|nos) (?:esten?|anden?|sigan?) (?:llam|escrib|mand|molest|contact|envi)\w*",
    "dejar_de": r"\b(?:deje|dejen|deja|dejad|dejar|paren|pare|para|parar|basta) (?:ya )?de "
    r"(?:llamar|mandar|enviar|escribir|molestar|contactar|textear|marcar|hablar|acosar|hostigar|insistir|fastidiar)\w*",
    "no_me": r"\bno (?:me|nos|vuelva[ns]? a|vuelvas a|quiero que (?:me|nos)|(?:me|"
    r"nos) vuelva[ns]? a) ?(?:vuelva[ns]? a )?(?:llam|mand|envi|escrib|molest|contact|text|busqu|marqu|habl|insist|"
    r"moleste|contacte)\w*",
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
    r"retire|retiren|tache|tachen)(?:me|nos)\b(?! (?:el|la|los|las|un|una|una cita)\b)",
    "borrar_numero": (
        r"\b(?:quit|borr|elimin|saqu|sacar|olvid|remuev|remov|pierd|retir|tach)\w* (?:de su lista )?(?:mi|este|el|mis|"
        r"nuestro) (?:numero|telefono|nombre|celular|datos)"
    ),
    "en_paz": r"\b(?:deje|dejen|deja)(?:me|nos)? (?:ya )?(?:en paz|tranquil\w+|quiet[oa]s?|sol[oa]s?)\b",
    "que_me_sigan": r"\bno (?:quiero|deseo|quisiera) que (?:me|nos) (?:sigan?|esten?|anden?) (?:llam|escrib|mand|molest|"
    r"contact|envi)\w*",
    "ultima_vez": r"\b(?:ultima vez|ultimo mensaje|ultima llamada) que (?:me|nos) (?:llam|escrib|mand|contact|molest)\w*",
    "no_existo": r"\bcomo (?:que|si) no (?:existo|exista|existiera)\b",
    "darse_de_baja": r"\b(?:dar(?:me|nos)?|darnos|deme|denme|quiero|de) (?:darme )?de baja\b",
    "desuscribir": r"\b(?:desuscrib|desinscrib|cancel\w* (?:mi |la )?suscrip)\w*",
    "suspender": r"\b(?:suspender|suspendan?|cesar|cancelar) (?:\w+ )?(?:todo|todos|todas|toda|cualquier) (?:los |las )?(?:mensajes?|llamadas?|contacto|comunicacion\w*)\b",
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
        "legal",
        "be_removed",
        "done_with",
        "should_not_be_listed",
        "police",
        "forget_number",
        "stop_at_last",
        "on_do_not_call",
        "no_need_to",
        "times_stop",
        "but_stop",
        "no_autorizo",
        "revoco",
        "bloquear",
        "fuera_de_lista",
        "como_detengo",
        "no_mas",
        "no_quiero_recibir",
        "darse_de_baja",
    }
)
"""Phrases whose subject is the lead: "I do not want", "we revoke". With the others an "I" means that he speaks of his
own doing ("I do not call after nine")."""

PHRASES = tuple((name, re.compile(pattern)) for name, pattern in {**ENGLISH, **SPANISH}.items())
