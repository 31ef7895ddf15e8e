"""Requests to stop in Spanish, as `agent.guard.optout_phrases` has them in English."""

SPANISH = {
    # Por favor no me escriban más
    "no_imperativo": (
        r"^(?:(?:por favor|ya|porfavor|favor de|oiga|oigan|mire|que|gracias|y|pero|porfa|le pido que|les pido que|"
        r"quiero que|le digo que) )*no (?:me |nos |se )?(?:llam|mand|envi|escrib|molest|contact|text|marqu|habl|"
        r"insist|busqu|comuni|jod|chingu|fastidi)(?:e|en|es|a|an|as|qu\w+)(?:me|nos)?(?: (?:mas|nunca|jamas|"
        r"por favor|gracias|a este numero|a esta casa|aqui|otra vez|de nuevo|ya|nada|mensajes?|textos?|mas mensajes|"
        r"por favor no|ni .*|nadie|este numero|al celular|a mi celular|a mi numero|a mi casa|tanto))*$"
    ),
    # no autorizo que me contacten
    "no_autorizo": (
        r"\bno (?:autorizo|doy|di|he dado|consiento|acepto|tienen|tiene) (?:\w+ )?(?:que|a que|mi|permiso|"
        r"consentimiento|autorizacion|recibir|mensajes|llamadas)\b"
    ),
    # revoco mi consentimiento
    "revoco": (
        r"\b(?:revoco|retiro|revocar|retirar|cancelo) (?:mi |el )?(?:consentimiento|permiso|autorizacion|"
        r"suscripcion)\b"
    ),
    # los voy a reportar
    "bloquear": (
        r"\b(?:los|lo|la|las|te|le) (?:voy a (?:bloquear|reportar|demandar|denunciar)|bloqueo|reporto|bloqueare|"
        r"reportare|demando|denuncio)\b"
    ),
    # ya basta de textos
    "parar_mensajes": (
        r"\b(?:paren|pare|para|parar|detengan|detenga|detener|cesen|cese|suspendan|suspenda|terminen|cancelen|"
        r"cancele|basta)(?: con| de| ya)?(?: (?:los|las|sus|estos|estas|esos|esas|tantos|tantas|el|de|todos|"
        r"todas))* (?:mensajes?|llamadas?|textos?|spam|mensajitos|comunicaciones|publicidad|acoso)\b"
    ),
    # saqueme de la lista por favor
    "fuera_de_lista": (
        r"\b(?:fuera|salir|salirme|salga|sacar|sacarme|sacame|saqueme|quitar|quitarme|remover|removerme|eliminar|"
        r"eliminarme|borrar|borrarme)\b(?: \w+){0,3} (?:lista|base de datos|sistema|registros?)\b"
    ),
    # déjeme tranquila por favor
    "dejen_ya": (
        r"^(?:por favor |ya )*(?:dejen|deje|deja|dejenme|dejeme|dejame)(?: ya| tranquil\w+| en paz| de una vez|"
        r" por favor)*$(?<!^deje)(?<!^deja)"
    ),
    # como me salgo de esta lista
    "como_detengo": (
        r"\bcomo (?:hago para |puedo |le hago para )?(?:detengo|detener|paro|parar|cancelo|cancelar|quito|quitar|"
        r"dejar de recibir|dejo de recibir|salirme|me salgo|me doy de baja|darme de baja)(?:$| (?:de )?(?:los|las|"
        r"estos|estas|esto|esta|la|sus|este)?(?: )?(?:mensajes|llamadas|textos|lista|recibir|esto)?\b)(?! (?:seguro|"
        r"poliza))"
    ),
    # stop con los textos ya
    "alto_a": r"\b(?:alto|fin|stop) (?:a|con|de) (?:los |las |sus |estos |estas )*(?:mensajes?|llamadas?|textos?)\b",
    # no deseo ser contactado
    "no_ser": (
        r"\bno (?:quiero|deseo|quisiera) (?:ser|estar|que)(?: \w+)? (?:contactad|llamad|molestad|en (?:su|la|"
        r"esta) lista)\w*"
    ),
    # quiero cancelar los mensajes
    "como_cancelo": (
        r"\b(?:quiero|como|deseo|necesito) (?:puedo )?(?:cancel|deten|par|quit)\w* (?:de recibir )?(?:los|las|estos|"
        r"estas|sus) (?:mensajes|llamadas|textos|notificaciones)\b"
    ),
    # voy a demandarlos si siguen llamando
    "demandar": r"\b(?:demandar|reportar|denunciar)(?:los|lo|las|la)\b",
    # ya les dije que no me llamen
    "dije_que_no": r"\b(?:dije|pedi|dijimos|dicho) que (?:ya )?no (?:me |nos )?(?:llam|escrib|mand|contact|molest)\w*",
    # ya no me estén llamando
    "no_me_esten": r"\bno (?:me|nos) (?:esten?|anden?|sigan?) (?:llam|escrib|mand|molest|contact|envi)\w*",
    # por favor dejen de escribirme
    "dejar_de": (
        r"\b(?:deje|dejen|deja|dejad|dejar|paren|pare|para|parar|basta) (?:ya )?de (?:llamar|mandar|enviar|escribir|"
        r"molestar|contactar|textear|marcar|hablar|acosar|hostigar|insistir|fastidiar)\w*"
    ),
    # no me llamen
    "no_me": (
        r"\bno (?:me|nos|vuelva[ns]? a|vuelvas a|quiero que (?:me|nos)|(?:me|"
        r"nos) vuelva[ns]? a) ?(?:vuelva[ns]? a )?(?:llam|mand|envi|escrib|molest|contact|text|busqu|marqu|habl|"
        r"insist|moleste|contacte)\w*"
    ),
    # no llamen más
    "no_llamar": (
        r"\bno (?:llam(?:e|en|es|ar)|escrib(?:a|an|as|ir)|mande[ns]?|envie[ns]?|moleste[ns]?|contacte[ns]?)(?: mas|"
        r" a este numero| otra vez| de nuevo| aqui)"
    ),
    # basta de mensajes
    "basta_de": r"\b(?:basta|suficiente|no mas|cansad\w+) de (?:\w+ )?(?:mensajes|llamadas|textos|llamarme)\b",
    # ya no quiero textos
    "no_mas": (
        r"\b(?:no|ya no|ni un|ningun|nada de) (?:quiero )?(?:mas )?(?:recibir )?(?:mas )?(?:sus |estos |"
        r"estas )?(?:mensajes?|llamadas?|textos?|contacto|publicidad|spam)\b"
    ),
    # ya no deseo que me contacten
    "no_quiero_recibir": (
        r"\bno (?:quiero|deseo|quisiera|me interesa) (?:seguir )?(?:recib\w+|que me (?:llam|escrib|contact|mand|"
        r"envi)\w*)"
    ),
    # elimineme de su base de datos
    "quitar": (
        r"\b(?:quite|quiten|quita|borre|borren|borra|elimine|eliminen|elimina|saque|saquen|saca|remueva|remuevan|"
        r"retire|retiren|tache|tachen)(?:me|nos)\b(?! (?:el|la|los|las|un|una|una cita)\b)"
    ),
    # quiten mi numero de su lista
    "borrar_numero": (
        r"\b(?:quit|borr|elimin|saqu|sacar|olvid|remuev|remov|pierd|retir|tach)\w* (?:de su lista )?(?:mi|este|el|"
        r"mis|nuestro) (?:numero|telefono|nombre|celular|datos)"
    ),
    # déjennos en paz
    "en_paz": r"\b(?:deje|dejen|deja)(?:me|nos)? (?:ya )?(?:en paz|tranquil\w+|quiet[oa]s?|sol[oa]s?)\b",
    # no quiero que me estén llamando
    "que_me_sigan": (
        r"\bno (?:quiero|deseo|quisiera) que (?:me|nos) (?:sigan?|esten?|anden?) (?:llam|escrib|mand|molest|contact|"
        r"envi)\w*"
    ),
    # que sea la última vez que me llaman
    "ultima_vez": (
        r"\b(?:ultima vez|ultimo mensaje|ultima llamada) que (?:me|nos) (?:llam|escrib|mand|contact|molest)\w*"
    ),
    # hagan como que no existo
    "no_existo": r"\bcomo (?:que|si) no (?:existo|exista|existiera)\b",
    # quiero darme de baja de esto
    "darse_de_baja": r"\b(?:dar(?:me|nos)?|darnos|deme|denme|quiero|de) (?:darme )?de baja\b",
    # cancelen mi suscripcion
    "desuscribir": r"\b(?:desuscrib|desinscrib|cancel\w* (?:mi |la )?suscrip)\w*",
    # les solicito suspender todo mensaje
    "suspender": (
        r"\b(?:suspender|suspendan?|cesar|cancelar) (?:\w+ )?(?:todo|todos|todas|toda|cualquier) (?:los |"
        r"las )?(?:mensajes?|llamadas?|contacto|comunicacion\w*)\b"
    ),
    # lárguese
    "larguese": r"\b(?:larguese|vayase|vete al|no (?:chingue|joda|jodas|fastidie)[ns]?)\b",
    # pónganme en la lista de no llamar
    "lista": r"\b(?:de|en) (?:su|la|esta|esa) lista (?:de )?(?:no llamar|llamadas|contactos)?$",
}
