"""What a request to stop looks like, as data: a verb of stopping with its object. English here, Spanish beside it.

Every pattern is matched inside one clause of `agent.guard.plain` form, so it is written without accents, apostrophes and
punctuation, and with "do not" for "don't". The first that matches gives the finding its name; above each stands what it
reads. What stands around a match (who is spoken to, whether only a time or a channel is meant) is judged by
`agent.guard.optout_context`.
"""

import re

from agent.guard.optout_spanish import SPANISH
from agent.words import alternatives

_CALL = (
    r"(?:(?:keep|start|continue|go on|be) (?:call|text|messag|contact|bother|send|email|bugg|harass|spamm|checking|"
    r"reaching|trying)\w*|(?:try|check in|send)(?: me)? again|reply|respond|write back|get back to (?:me|us)|call|"
    r"phone|dial|text|message|contact|harass|spam|pester|solicit|robocall|hit me up|blow up my phone|reach out|"
    r"(?:bother|bug|annoy|write|ring|ping|notify|disturb|hound|hassle|send|email) (?:to )?(?:me|us)|send (?:any|"
    r"anything|another|more|texts?|messages?))"
)
"""What we are not to do, after "do not"."""
_CALLING = (
    r"(?:calling|phoning|dialing|dialling|texting|messaging|contacting|harassing|spamming|pestering|soliciting|"
    r"bothering|bugging|annoying|robocalling|emailing|pinging|disturbing|hounding|hassling|blowing up|hitting me up|"
    r"reaching out|writing (?:to )?(?:me|us)|ringing (?:me|us|my)|sending (?:me|us|this|these|those|them|all|any|your|"
    r"the|texts?|messages?|out|stuff|spam)|trying to (?:call|reach|contact|text|sell))"
)
"""The same after "stop"."""
_THINGS = (
    r"(?:calls|texts|messages|text messages|phone calls|spam|contact|communications?|notifications|alerts|emails|"
    r"robocalls|sms|texting|calling|solicitations?|follow ups|reminders|voicemails|marketing|contacting)"
)
"""What we send."""
_SUCH = (
    r"(?:(?:all|any|more|further|of|the|these|those|this|your|you|ur|other|future|such|damn|freaking|fucking|stupid|"
    r"phone|text|sales|marketing|spam|automated|unwanted|annoying|sms|random|constant) )*"
)
"""What may stand between the verb and the thing: "stop all of these damn texts"."""
_OURS = (
    r"(?:me|us|(?:my|our|this|the|that) (?:\w+ )?(?:name|number|numbers|info|information|phone|cell|contact|data|"
    r"details|digits)|mine)"
)
"""What is the lead's and is to go: himself, his number."""
_LIST = r"(?:list|lists|system|systems|database|records|record|rotation|queue|files?|campaign|contacts|roster)"
"""Where he is to go from."""
_REMOVE = (
    r"(?:unenroll|disenroll|deregister|remove|delete|erase|purge|unlist|unsubscribe|block|wipe|scrub|deactivate|clear)"
)
"""Verbs that take him out by themselves."""
_LIFT = r"(?:take|get|drop|pull|strike|scratch|cross|keep|leave)"
"""Verbs that need an "off"."""

ENGLISH = {
    # stop sending me this garbage
    "stop_contacting": (
        r"\b(?:stop|quit|cease|discontinue|halt|enough|done|no more)(?: with| w| all| ever| even| all of| fkn|"
        rf" fucking| fking| freaking| damn| effing| it with)?(?: the| your| this)? {_CALLING}(?: (?:or|and|"
        rf"n) {_CALLING})*\b"
    ),
    # stop the calls and the texts
    "stop_contacts": (
        r"\b(?:stop|quit|cease|discontinue|halt|no more|enough|turn off|shut off|disable|no)(?: with| of| w|"
        rf" it with| receiving| getting)? {_SUCH}(?:{_THINGS}|stop call)\b"
    ),
    # you can stop following up with me
    "no_longer_follow_up": (
        r"\byou (?:can|may|could) (?:stop|quit) (?:following up|reaching out|checking in|trying|all (?:this|that))\b"
    ),
    # how do I get rid of these
    "be_rid_of": alternatives(
        rf"\b(?:be|get) rid of (?:you|{_SUCH}{_THINGS}|these|this)\b",
        rf"\bnix {_SUCH}{_THINGS}\b",
    ),
    # neither one again, please
    "neither_one": alternatives(
        r"\bneither (?:one|of them|of those)? ?(?:again|anymore|please)\b",
        r"\bdo not want (?:either|neither)(?: one| of (?:them|those))?$",
    ),
    # stop these calls
    "stop_call": r"\bstop (?:the |these |this |all )?calls?\b",
    # how can I end these messages
    "cancel_contacts": (
        rf"\b(?:cancel|end|kill) {_SUCH}(?:calls|texts|messages|alerts|notifications|communications?|spam)\b"
    ),
    # stop all of it
    "stop_all": r"\bstop (?:everything|it all|all of (?:this|it|that)|all)$",
    # You may no longer contact me
    "do_not_contact": (
        r"\b(?:do not|never|must not|should not|shall not|not to|no longer)(?: you)?(?: ever| even| dare| please|"
        rf" try to| again| to)* {_CALL}(?: (?:or|and|nor|n) {_CALL})*\b(?! (?:list|registry|lists|thing|law|rule|"
        r"rules))"
    ),
    # can y'all not text me like ever
    "could_you_not": rf"\b(?:could|can|would|will) you (?:please )?not (?:ever )?{_CALL}",
    # i don't want to be contacted
    "no_contact_wanted": (
        r"\b(?:do not|did not|no longer|not) (?:want|wish|like|need|care|interested in)(?: \w+){0,3} (?:receiv\w*|"
        rf"getting|hear(?:ing)? (?:from|back)|contacted|called|texted|messaged|{_CALLING}|{_SUCH}{_THINGS})\b"
    ),
    # want none of these texts
    "want_none": rf"\bwant (?:none|no more|nothing) (?:of|to do with) {_SUCH}(?:{_THINGS}|you)\b",
    # Let this be the last message you send
    "the_last": alternatives(
        r"\b(?:last|final) (?:one|time|call|text|message)(?: that)? (?:i (?:ever |want to |care to )*(?:want|get|"
        r"receive|hear|see)|you (?:will )?(?:ever )?(?:call|text|contact|message|send))\b",
        r"\b(?:better|should|must|needs to|will|had better|has to) be (?:the|your) last (?:one|time|call|text|"
        r"message)\b",
        r"\b(?:grateful|happy|appreciate it|nice|great) if (?:this|that|it) (?:was|is|were) (?:the|your) last\b",
    ),
    # I'm gonna need y'all to forget I exist
    "forget_me": r"\b(?:forget|pretend|act like|act as if)(?: that)? (?:i|we) (?:exist|do not exist|never existed)\b",
    # get off my phone
    "off_my_line": r"\b(?:stay|keep|get) (?:off|out) (?:of )?my (?:line|phone|channel|cell|inbox|messages)\b",
    # enough is enough
    "enough_is_enough": alternatives(
        r"^enough is enough$",
        r"^(?:please |can you |could you |just )+(?:do )?not$",
    ),
    # how do I get off this thing
    "way_out": alternatives(
        r"\bhow (?:do|does|can|would|could) (?:i|we|you|one|a person|someone|somebody) (?:get out of|get off|"
        r"get off of|make) (?:this|these|it)(?: stop| thing)?$",
        r"\bwhat (?:do|must) i (?:\w+ ){1,3}(?:so|for) (?:this|these|it) (?:to )?(?:quits?|stops?|ends?)$",
    ),
    # I changed my mind about letting you text me
    "second_thoughts": (
        r"\bchanged my mind (?:about|on) (?:letting|allowing|having|wanting) (?:you|these|this|the|your)\b"
    ),
    # I don't want your calls
    "want_no_contact": (
        rf"\b(?:do not|no longer) (?:want|wish|need|like) (?:to )?(?:get |receive |have )?{_SUCH}{_THINGS}\b"
    ),
    # i don't want you to call me anymore
    "do_not_want_you_to": (
        rf"\b(?:do not|no longer) (?:want|need|like) (?:you|you guys|you people|anyone|anybody|it) (?:to )?{_CALL}\b"
    ),
    # I'd rather not be contacted again
    "rather_not": r"\brather (?:you )?not (?:be contacted|be called|get|receive|hear|call|text|contact)\b",
    # remove my number
    "remove_me": rf"\b{_REMOVE} {_OURS}\b",
    # take me off of there
    "take_me_off": rf"\b{_LIFT} {_OURS} (?:(?:right|all|just) )?(?:off|out|from|of)\b(?: of)?",
    # is there a way off this list
    "off_the_list": (
        r"\b(?:off|out|from|leave|exit) (?:of )?(?:your|the|this|that|ur|all|"
        rf"any)(?: of your)? (?:\w+ ){{0,3}}?{_LIST}\b"
    ),
    # lose my number
    "lose_number": (
        r"\b(?:lose|forget|delete|erase|burn|trash|toss|ditch|throw away|get rid of|rid of) (?:my|this|our|the|"
        r"that)(?: \w+)? (?:number|digits|info|contact)\b"
    ),
    # add me to your no call list
    "do_not_call_list": (
        r"\b(?:put|add|place|include|register|join)\b(?: \w+){0,5} (?:do not (?:call|contact|text)|dnc|"
        r"no call)(?: list| registry)?\b"
    ),
    # i'm on the do not call list
    "on_do_not_call": (
        r"^(?:\w+ ){0,3}?(?:am|is|are|number is) (?:already |also )?(?:registered )?(?:on|with) (?:the |"
        r"your )?(?:national |federal |state )?(?:do not (?:call|contact|text)|dnc|no call)(?: list| registry|"
        r" register)?$"
    ),
    # unsubscribe me from these
    "unsubscribe": (
        r"\b(?:unsubscribe|unsuscribe|unsubcribe|unsubscribing)\b(?! from (?:the|my|his|her|our|"
        rf"their) (?!{_SUCH}(?:{_THINGS}|{_LIST}|program|service|number)\b))"
    ),
    # i'm opting out of all of it
    "opt_out": (
        r"\b(?:opt|opting|opted) (?:me |us |my number )?out(?=$| (?:please|now|thanks|thank|immediately|asap|"
        rf"from)\b| (?:out )?of (?:{_SUCH}{_THINGS}|this|these|it|everything|all|your|receiving|getting)\b)"
    ),
    # I revoke any prior consent
    "revoke_consent": (
        r"\b(?:revok\w*|withdraw\w*|rescind\w*|cancel\w*|retract\w*|take back) (?:my |any |all |the )*(?:prior |"
        r"previous |express |written )*(?:consent|permission|authorization)\b"
    ),
    # I hereby revoke
    "revoke_it": r"^(?:i |we )(?:hereby )?(?:revoke|rescind|withdraw)(?: (?:that|it|this|everything|all of it))?$",
    # I haven't consented to these
    "no_consent": (
        r"\b(?:do|did|does|have) not (?:\w+ ){0,2}?(?:consent|authorize|agree|consented|authorized|"
        rf"agreed) to (?:receiv\w+|be |being |get|these|this|your|any|{_SUCH}{_THINGS})"
    ),
    # you no longer have my consent
    "no_permission": (
        r"\b(?:do not|no longer|never) (?:have|had|has|gave you|give you)(?: my| any)? (?:permission|consent)\b"
    ),
    # leave me alone
    "leave_alone": (
        r"\b(?:leave|let) (?:me|us|my family|my phone|this number)(?: the \w+| all)? (?:alone|in peace|be$)(?=$| \w)"
    ),
    # go away
    "go_away": (
        r"(?:^|\b(?:please|just|so|and|now) )(?:go away|get lost|buzz off|back off(?! (?:the|my|of|on|from)\b)|"
        r"bugger off|scram|go to hell|(?:f|fuck|fck|fuk|piss|screw|eff|sod) (?:right )?off)\b"
    ),
    # forget you ever had my number
    "forget_number": r"\b(?:forget|pretend|act like) you (?:ever |never )?(?:have|had|got) (?:my|this|our)\b",
    # please refrain from contacting me
    "refrain": rf"\b(?:refrain|desist|abstain|stay away) from (?:ever )?{_CALLING}\b",
    # im done w these texts
    "done_with": rf"\b(?:done|finished|through|over it|fed up|had enough|had it) (?:with|w|of) {_SUCH}(?:{_THINGS})\b",
    # not authorized to text this line
    "not_supposed": (
        rf"\b(?:not|never) (?:supposed|allowed|authorized|permitted|welcome|free) to (?:be )?(?:{_CALLING}|"
        rf"{_CALL})\b"
    ),
    # I shouldn't be on this list
    "should_not_be_listed": (
        r"\b(?:should|do|would|must) not (?:even )?(?:be|want to be|belong) on (?:your|this|the|"
        r"any)(?: \w+)? (?:list|lists|database)\b"
    ),
    # make sure nobody calls me again
    "make_sure": (
        r"\b(?:make sure|ensure|see to it)(?: that)? (?:nobody|no one|you do not|i do not|it does not|this number|"
        rf"i never|we do not)\b.*\b(?:{_CALL}|calls|texts|called|texted|contacted|{_THINGS})\b"
    ),
    # find somebody else to spam
    "someone_else": (
        rf"^(?:(?:please|go|just|so|and|find|can you|why do not you|ok|get) )*(?:{_CALL}|bother|bug|text|call|spam|"
        r"harass|annoy|pester|find|try) (?:someone|somebody|some other|other people|anyone)(?: (?:else|people|"
        r"person))?(?: to (?:spam|bother|bug|call|text|harass|annoy|scam))?(?: please| thanks)?$"
    ),
    # not another word from you
    "not_another": r"\b(?:not|never) (?:another|one more|a single) (?:text|call|message|word|email)\b",
    # next time I call the cops
    "police": (
        r"\b(?:call|calling) (?:the )?(?:cops|police|sheriff)\b(?=.*\b(?:you|again|next|stop|if|on)\b|"
        r"$)(?<!i called the police)(?<!did call the police)"
    ),
    # why won't you stop
    "why_not_stop": r"\bwhy (?:will|do|can|would) (?:not you|you not)(?: just| ever| please)? stop$",
    # why do you keep calling me
    "why_keep": (
        r"\bwhy (?:do|are|does|would) (?:you|u|yall)(?: guys| people| all)? (?:keep|still|always|"
        rf"continue to)(?: on)? (?:{_CALLING}|{_CALL})\b"
    ),
    # make the texts stop please
    "make_it_stop": r"\b(?:make|get) (?:it|this|that|them|these|those|the|all|your)(?: \w+){0,3} (?:to )?stop\b",
    # these texts need to stop
    "it_must_stop": (
        rf"\b(?:{_THINGS}|this|these|it|that) (?:really )?(?:needs?|has|have|must|should|got|"
        r"better)(?: to)? (?:stop|end)\b"
    ),
    # I want it stopped
    "want_it_stopped": (
        rf"\b(?:want|need|like) {_SUCH}(?:{_THINGS}|it|this|you) (?:to )?(?:be )?(?:stop|stopped|"
        rf"ended)\b(?! by)(?=$| (?:now|please|right|immediately|asap|already|today|thanks|{_CALLING}|{_THINGS}|"
        r"sending|bothering|with)\b)"
    ),
    # tell me how to stop these
    "how_to_stop": (
        r"\bhow (?:do|can|would|to|does one|could)(?: i| we| you)?(?: \w+)? (?:stop|end|block|cancel|get rid of|"
        rf"turn off) {_SUCH}(?:{_THINGS}|these|this)\b"
    ),
    # i already asked you to stop
    "asked_to_stop": (
        r"\b(?:said|told you|asked you|telling you|asking you|ask you|want you|tell you|told you (?:people|guys)|"
        r"beg you|begging you|need you)(?: \w+)? (?:to )?(?:please )?stop$"
    ),
    # went w geico so u can stop now
    "you_can_stop": (
        r"\byou (?:can|may|could|should|must|need to|have to|better|guys can)(?: all)?(?: please)? (?:stop|"
        r"quit)(?: now| it| please)*$"
    ),
    # how do I get my number pulled from this
    "get_pulled": (
        r"\bget(?:ting)? (?:me|us|my (?:name|number|info)) (?:pulled|removed|taken off|deleted|off) (?:from|of|this|"
        r"your)\b"
    ),
    # I would like to be removed
    "be_removed": (
        r"\b(?:like|want|wish|need|ask\w*|request\w*|demand\w*|have|get|please) (?:to (?:be|get) |me |us |"
        r"my (?:name|number|info) |to have my (?:name|number) )(?:removed|unsubscribed|deleted|taken off|opted out|"
        r"unlisted)\b(?! from (?:my|his|her|the (?:policy|title|loan|deed|quote|lease)))"
    ),
    # don't bother calling again
    "not_bother": (
        r"\b(?:do not|never|no need to|do not even) (?:even )?bother (?:calling|texting|messaging|contacting|again|"
        r"me|us|sending|reaching)\b"
    ),
    # no need to contact me anymore
    "no_need_to": (
        rf"\b(?:no need to|no reason to|you do not (?:need|have) to|do not need to) {_CALL}(?: (?:me|us|him|"
        r"her))?(?: (?:anymore|again|any more|further|any longer|about this|back))+"
    ),
    # how do I turn these messages off
    "lay_off": alternatives(
        r"\b(?:lay off|ease off|knock off|cut out|lose|end|drop|kill|enough with|enough of|turn off|shut off|"
        rf"no more of) {_SUCH}{_THINGS}\b",
        rf"\b(?:turn|shut|switch) {_SUCH}(?:{_THINGS}|this|it) off\b(?! by| when)",
    ),
    # kindly discontinue
    "please_discontinue": (
        r"^(?:please |kindly |just )*(?:discontinue|cease|desist|end)(?: (?:this|it|please|now|immediately|all|"
        r"everything|service|communication|contact))*$"
    ),
    # I told you to stop three times now
    "stop_at_last": (
        r"\b(?:told|asked|said to|telling|asking|begged|ask|tell)(?: you| yall| u)?(?: \w+){0,2} (?:to |"
        r")?(?:please )?stop(?: (?:once|twice|already|before|\d times|so many times|\w+ times|multiple|several|now|"
        r"repeatedly|many|last|yesterday|this|it|and))+"
    ),
    # dude, can you just stop
    "vocative_stop": (
        r"^(?:(?:bro|dude|man|yo|girl|guys|sir|ma ?am|lady|buddy|omg|ugh|seriously|hello|hey|hi|thanks|thank you|ok|"
        r"okay|enough|for real|jesus|wtf|lol|ffs|fr|god|please|just|but|so|ava|you|can|could|would|will|need to|"
        r"guys|all|people|have to|really|now|yes|yeah|no|nah|nope|well|look|listen|i said|i say|kindly|everyone|"
        r"today|again|then|already) )+stop(?: (?:it|this|that|now|please|already|bro|dude|man|texting|seriously|ok|"
        r"okay|thanks|fr))*$"
    ),
    # sick of these calls stop
    "times_stop": (
        r"\b(?:times|texts|calls|messages|day|daily|week|hours?|minutes?|today|already|me|number|agent|insurance|"
        r"quote|else|interested|annoying|covered|set|spam|one|thanks|policy|house|geico|progressive|allstate|"
        r"farm) (?:so |please |just |now )*stop(?: (?:it|this|now|please|already|thanks))*$"
    ),
    # nice offer, but please stop calling
    "but_stop": rf"\b(?:but|so|and|now) (?:please |just |pls )*(?:stop|quit) (?:{_CALLING}|{_THINGS})\b",
    # cut it out
    "cut_it_out": (
        r"^(?:please |just |will you |would you )*(?:cut it out|knock it off|stop this|stop it|quit it|"
        r"give it a rest)(?=$| (?:now|please|already|thanks|you|guys|or|before|with|man|dude|bro|immediately|asap|"
        r"right|seriously|and|i)\b)"
    ),
    # consider this a cease and desist
    "cease_and_desist": r"\bcease and desist\b",
    # filing w the FTC if these don't quit
    "court": alternatives(
        r"\bsee you in (?:small claims )?court\b",
        r"\b(?:fcc|ftc|bbb|attorney general|state ag|my lawyer|my attorney) (?:is|are|will|is going to|"
        r"will be) (?:be )?hear\w*\b",
        r"\bstraight to my (?:lawyer|attorney)\b",
        r"\bfil(?:e|ing) with the (?:state|fcc|ftc|bbb|attorney)\b",
    ),
    # I'm filing an FCC complaint
    "legal": alternatives(
        r"\b(?:sue|suing|prosecute) (?:you|u|yall|your|this company|ya)\b",
        r"\b(?:will|gonna|going to|might|ready to) (?:be )?(?:sue|suing)\b",
        r"\bhear(?:ing)? from my (?:\w+ )?(?:lawyer|attorney)",
        r"\b(?:my|a|our) (?:lawyer|attorney)s? (?:will|is going to) (?:be )?(?:contact|call|hear|sue|in touch)\w*",
        r"\b(?:contact|call|hir|gett?)(?:ing|e)? (?:my|a|our) (?:lawyer|attorney)",
        r"\b(?:legal action|lawsuit|cease and desist letter)\b(?!.*\b(?:cover|policy|liability)\b)",
        r"\b(?:fil(?:e|ing|ed)|submit\w*|mak(?:e|ing)|lodg\w+) (?:a |an |my |this )*(?:complaint|report)\b",
        r"\b(?:report|reporting|reported) (?:you|u|this|your|these|yall)\b",
        r"\btcpa\b",
        r"\b(?:to|with|the|call|calling|an|a|file|filing) (?:the )?(?:fcc|ftc|bbb|better business bureau|"
        r"attorney general|do not call (?:registry|people))\b",
    ),
    # I'm blocking you
    "will_block": (
        r"\b(?:i am|i will|i have|i|we will|we are|going to|am) (?:now |just )?(?:block|blocking|blocked|report|"
        r"reporting|reported) (?:you|this number|your number|it|this)\b"
    ),
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
