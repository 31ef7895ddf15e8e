"""The word classes of the guard's grammar, English and Spanish alike.

"Stop texting me" and "quit calling us" are one sentence, STOP CONTACTING ME, in these classes. The learned layer
(`agent.guard.learned`) sees a message in words and in classes, so that what it knows of one wording holds for its
sisters, and some of it for the other language.
"""

_CLASSES = {
    "STOP": """
        stop stopped stopping stops quit quitting cease desist end halt discontinue enough refrain stopall
        basta deje dejen deja dejar dejes paren pare parar alto detener detenga detengan detengase detente
        cesen suspendan terminar suficiente nix suspend suspender suspenda suspended terminate terminated
        ceases ceasing mute silence pause discontinued ended quits scram parenle parenles pararle cesar
    """,
    "OUT": """
        unsubscribe unsubscribed unsubscribing unsub optout opt opting opted revoke revoking revoked
        withdraw withdrawing rescind baja desuscribir desuscribirme revoco retiro cancel cancelar cancele
        cancelen unenroll disenroll disenrolled unenrolled unfollow deregister unregister unlist exclude
        excluir darme
    """,
    "NOT": "not no never nor without nobody none nunca jamas ni nada",
    "CONTACT": """
        call text message contact phone dial ring email write reach reply respond bother bug harass spam
        pester annoy ping hound hassle disturb solicit reach tex llame llamen llamar llames llamando llaman
        llama escriba escriban escribir escribas escriben mande manden mandar mandes envie envien enviar
        contacte contacten contactar moleste molesten molestar molestes marque marquen marcar hablen textear
        texteen busquen insistan hmu hit buzz notify approach pitch remind correspond correspondence phoned
        marquenme escribanme insista
    """,
    "CONTACTING": """
        calling texting messaging contacting phoning dialing ringing emailing writing reaching bothering
        bugging harassing spamming pestering annoying pinging hounding hassling disturbing soliciting
        sending blowing hitting llamandome escribiendo molestando mandando dinging pitching buzzing
        notifying approaching following reminding pushing selling dialling chasing hunting marcando
        insistiendo fastidiando
    """,
    "ME_CONTACTED": """
        llamarme llamarnos escribirme escribirnos mandarme enviarme contactarme molestarme llameme llamenme
        escribame escribanme mandeme mandenme contacteme marqueme marcarme hablarme buscarme textearme
        avisarme escribirle
    """,
    "CONTACTED": "called texted messaged contacted emailed phoned contactado llamado",
    "THINGS": """
        texts messages calls spam communication communications notifications alerts emails robocalls sms
        reminders voicemails marketing solicitations mensaje mensajes llamadas llamada textos texto
        publicidad stuff junk mailings offers promos blasts pings dings ads mensajitos robotexts anuncios
        avisos promociones ofertas letters
    """,
    "THESE": "these this those them it that estos estas esto esos esas",
    "ME": "me us myself nos mi",
    "MY": "my our mine",
    "YOU": "you your yall guys people usted ustedes su sus tu",
    "NUMBER": "number numbers phone cell line digits telephone numero telefono celular",
    "RECORD": "name info information details data contacts contact datos nombre informacion",
    "LIST": """
        list lists database system systems records record rotation roster registry lista listas sistema
        registros base rolls directory rolodex book phonebook mailing rollo
    """,
    "REMOVE": """
        remove removed delete deleted erase purge scrub wipe take taken drop lose forget block blocked
        blocking quite quiten quitar quiteme quitenme borre borren borrar borreme borrenme elimine eliminen
        eliminar elimineme saque saquen saqueme saquenme remuevan remueva strike scratch cross trash toss
        ditch expunge clear dump sacar sacarme saquenos quitenos borrame eliminame tachen tache tacheme
        olviden olvidense olvide olvidame suelten
    """,
    "OFF": "off out from fuera de",
    "LEAVE": "leave let dejenme dejeme dejame",
    "ALONE": "alone peace paz tranquilo tranquila away",
    "PLEASE": "please kindly porfavor porfa favor",
    "AGAIN": "again anymore ever more further longer mas vuelva vuelvan nuevo otra",
    "WANT": "want wish like need prefer rather quiero deseo necesito quisiera prefiero gustaria",
    "CONSENT": """
        consent permission authorize authorized agree agreed allow consentimiento permiso autorizo "
        "autorizacion
    """,
    "THREAT": """
        sue suing lawyer attorney fcc ftc tcpa bbb report reporting reported complaint lawsuit legal illegal
        harassment court violation demandar demandarlos reportar reportarlos denunciar abogado acoso
        authorities police cops sheriff damages statute counsel litigation abogada policia
    """,
    "CURSE": """
        fuck fucking fck fkn fking damn hell asshole shit piss bitch ass chingar chinguen joder carajo heck
        crap bastard bastards idiots stupid dumb puta pinche mierda cabron cabrones carajos
    """,
    "TOLD": "told said asked told asking telling dije dijo pedi",
    "WRONG": """
        wrong incorrect mistaken equivocado equivocada equivoco equivocaron incorrecto misdialed mistook
        mistake confused confundido confundida
    """,
    "DEAD": "dead died deceased passed fallecio murio",
    "HERE": "here there aqui ahi alli",
    "HE": """
        he she they him her his their them mom dad mother father wife husband son daughter kid kids ex
        brother sister neighbor friend boss doctor bank company contractor roofer landlord el ella esposo
        esposa hijo hija mama papa nephew niece uncle aunt cousin grandson granddaughter roommate tenant
        fella lady man guy woman grandma grandpa nieto nieta sobrino hermano hermana vecino
    """,
    "RIVAL": "geico allstate progressive farm statefarm insurer carrier usaa nationwide liberty competitor",
    "TRADE": """
        policy policies quote quotes coverage insurance car cars truck house home roof windows window furnace ac
        heater water leak loan mortgage rate rates payment payments payoff escrow deductible claim claims
        premium bill bills driver drivers vehicle lease title deed appointment inspection estimate application
        class classes program course school degree kitchen driveway fence gutter siding carpet tree wall walls
        shingles job work working license smoking drinking account visit subscription discount price cost poliza
        seguro carro carros casa techo pago pagos cita cotizacion trabajo prestamo
    """,
    "TIME": """
        before after until till during morning mornings afternoon afternoons evening evenings night tonight
        today tomorrow now later weekend weekends monday tuesday wednesday thursday friday saturday sunday week
        month year noon am pm antes despues hoy manana ahora noche tarde lunes martes miercoles jueves viernes
        sabado domingo semana mes
    """,
    "INSTEAD": "instead only just better rather prefer fine ok okay easier best mejor solo prefiero vez",
    "BUSY": "busy driving meeting work dinner lunch sleeping manejando ocupado ocupada",
    "BY": "by over in at on",
    "SECOND": "second sec moment minute wait hold hang talking interrupting segundo momento espere",
    "DONE": """
        interested covered set good pass decided bought already interesa interesado interesada comprado
        compre tengo sold signed enrolled chose hired found settled switched went elegi consegui contrate
    """,
    "WHY": "why how where what who which quien como donde cual cuando when",
    "AM": "am are is was were be r es eres son esta soy",
    "ROBOT": """
        robot robots bot bots ai machine machines computer computers automated automatic automation
        recording recorded siri alexa chatgpt gpt chatbot algorithm software virtual artificial synthetic
        robocall robocaller program maquina maquinas computadora grabacion grabada automatico automatica ia
        robotica claude gemini llm cyborg android tape canned scripted recordings clanker toaster simulation
        humanoid grabadora robo
    """,
    "HUMAN": """
        human humans person being humano humana persona personas alive mortal soul breathing flesh sentient
        heartbeat carne hueso ser
    """,
    "REAL": "real actual live living actually really legit true verdad genuine",
    "STAFF": """
        agent agents representative representatives rep reps operator operators supervisor manager managers
        advisor adviser counselor specialist officer broker estimator technician tech dispatcher
        receptionist consultant coordinator owner associate expert professional contractor installer
        inspector underwriter admissions enrollment sales support agente agentes representante asesor
        asesora operador operadora supervisora gerente encargado coworker colleague department dept team
        staff office boss superior principal foreman attendant secretary clerk banker lender adjuster dean
        worker employee consejero consejera encargada jefe jefa dueno duena secretaria empleado ejecutivo
        ejecutiva vendedor tecnico
    """,
    "SOMEONE": "someone somebody anyone anybody alguien one",
    "TALK": """
        talk speak chat talking speaking chatting deal dealing discuss hablar hablo hablando platicar
        comunicarme conversar hear converse conversation conversing platico platicamos
    """,
    "PASS": """
        transfer connect patch put forward route hand pass switch escalate redirect get give bring paseme
        pasame comuniqueme comunicame transfierame conecteme pongame transferir comunicar loop tag summon
        fetch grab page comuniquenme pasenme pase conectame ponme comunique pongan
    """,
    "CAN": "can could may would will should puede puedo podria pueden",
    "HAVE": "have has had got tengo tiene hay",
    "SPANISH": "spanish espanol",
    "PROVE": "prove tell admit honest honestly swear sure know think bet sound sounds feel feels seem seems like",
    "THANKS": "thanks thank gracias appreciate appreciated grateful regards sincerely bless blessed agradezco agradeceria",
    "UNHAPPY": """
        annoyed annoying ridiculous nuisance ashamed pathetic disgusting creepy rude shame wasting racket scam scammers
        garbage joke pushy thirsty relentless pesado pesados molesto fastidio asco hartos harto harta cansado cansada
        sick tired fed thumbsdown middlefinger angryface
    """,
    "COUNT": "two three four five six seven eight nine ten per each many",
}

CLASS_OF = {word: name for name, words in reversed(_CLASSES.items()) for word in words.split()}
"""The class of a word in plain form. A word of two classes has the first; one of none stands for itself."""


def classes(clause: str) -> list[str]:
    """A clause of plain form in classes.

    >>> classes("stop texting me"), classes("dejen de llamarme")
    (['STOP', 'CONTACTING', 'ME'], ['STOP', 'OFF', 'ME_CONTACTED'])
    """
    return [CLASS_OF.get(word) or ("NUM" if word.isdigit() else word) for word in clause.split()]
