"""Spanish phrases about when to call, said in the English that the time grammar reads.

"Mañana por la tarde" becomes "tomorrow afternoon", "a las tres y media" "at 3:30". One grammar then serves both
languages. The phrases come cleaned (`agent.words.clean`): lower case, no accents.
"""

import re

_HOURS = {
    "una": 1,
    "dos": 2,
    "tres": 3,
    "cuatro": 4,
    "cinco": 5,
    "seis": 6,
    "siete": 7,
    "ocho": 8,
    "nueve": 9,
    "diez": 10,
    "once": 11,
    "doce": 12,
}
_COUNTS = _HOURS | {"un": 1, "quince": 15, "veinte": 20, "treinta": 30, "cuarenta": 40, "cuarenta y cinco": 45}
_DAYS = {
    "lunes": "monday",
    "martes": "tuesday",
    "miercoles": "wednesday",
    "jueves": "thursday",
    "viernes": "friday",
    "sabado": "saturday",
    "domingo": "sunday",
}
_MONTHS = {
    "enero": "january",
    "febrero": "february",
    "marzo": "march",
    "abril": "april",
    "mayo": "may",
    "junio": "june",
    "julio": "july",
    "agosto": "august",
    "septiembre": "september",
    "octubre": "october",
    "noviembre": "november",
    "diciembre": "december",
}

_H = rf"(?P<h>\d{{1,2}}(?::\d\d)?|{'|'.join(_HOURS)})"
_N = rf"(?P<n>\d+|{'|'.join(sorted(_COUNTS, key=len, reverse=True))})"
_DAY = "|".join(_DAYS)

_RULES: tuple[tuple[str, str], ...] = (
    # The clock: "a las tres y media" → "at 3:30". The article tells an hour from any other number.
    (rf"(?:las|la) {_H} y media", "<h>:30"),
    (rf"(?:las|la) {_H} y (?:cuarto|15|quince)", "<h>:15"),
    (rf"cuarto para las? {_H}", "quarter to <h>"),
    (rf"(?:las|la) {_H} menos cuarto", "quarter to <h>"),
    (
        rf"(?:de|entre|desde) (?:las |la )?{_H} (?:a|y|hasta) (?:las |la )?(?P<h2>\d{{1,2}}(?::\d\d)?|"
        rf"{'|'.join(_HOURS)})",
        "between <h> and <h2>",
    ),
    (rf"(?:a |como a |hasta )?(?:las|la) {_H}(?: en punto)?(?= |$)", "<at><h>"),
    (r"(?:al |el )?mediodia", "noon"),
    (r"(?:a la )?medianoche", "midnight"),
    # Days and their parts; "mañana" last, since it is a morning too.
    (r"(?:de )?hoy en ocho(?: dias)?", "a week from today"),
    (r"pasado manana", "day after tomorrow"),
    (r"(?:por|en|de) la manana", "<morning>"),
    (r"(?:esta|en la|por la|de la) tarde", "<afternoon>"),
    (r"esta noche", "tonight"),
    (r"(?:en|por|de) la noche", "<night>"),
    (r"(?:toda la |temprano en la )manana", "morning"),
    (r"(?:la|una) (?:proxima semana|semana (?:que viene|proxima|entrante))", "next week"),
    (r"(?:el )?(?:proximo mes|mes (?:que viene|proximo|entrante))", "next month"),
    (r"(?:este|el) (?:proximo )?fin de semana", "this weekend"),
    (r"(?:a |para )?(?:fin|fines|final|finales) (?:de|del) (?:este )?mes", "end of the month"),
    (r"esta semana", "this week"),
    (rf"(?:el )?(?:proximo (?P<day>{_DAY})|(?P<day2>{_DAY}) (?:que viene|proximo|entrante))", "next <day>"),
    (rf"(?:el |este |los )?(?P<day>{_DAY})", "<day>"),
    (rf"(?:el )?(?P<n>\d{{1,2}}) de (?P<month>{'|'.join(_MONTHS)})", "<month> <n>"),
    (r"el (?:dia )?(?P<n>\d{1,2})", "the <n>th"),
    (r"manana temprano|temprano manana", "tomorrow morning"),
    (r"manana", "tomorrow"),
    (r"temprano", "morning"),
    (r"hoy", "today"),
    (r"dia de accion de gracias|accion de gracias", "thanksgiving"),
    (r"navidad", "christmas"),
    (r"(?:el |los )?(?:dia|dias) (?:festivo|feriado)s?|feriado|fiestas", "the holiday"),
    # Distances.
    (r"(?:en )?tres cuartos de hora", "in 45 minutes"),
    (r"(?:en )?(?:un )?cuarto de hora", "in 15 minutes"),
    (r"en (?:una )?media hora|media hora", "in half an hour"),
    (r"en (?:una )?hora y media|hora y media", "in an hour and a half"),
    (rf"(?:dame|deme|denme|espereme) (?:unos )?{_N} (?P<unit>minutos?|horas?)", "in <n> <unit>"),
    (rf"(?:en|dentro de) {_N} (?P<unit>minutos?|horas?|dias?|semanas?|meses|mes)", "in <n> <unit>"),
    (r"(?:en|dentro de) un(?:os)? (?:par de )horas", "in a couple hours"),
    (r"(?:en un|al) (?:rato|ratito)|en unos minutos|mas tard(?:e|ecito)|mas al rato|luego|despues(?! del?\b)", "later"),
    # Not, before, after, between.
    (r"(?:no )?hasta (?P<rest>.+) no", "not until <rest>"),
    (r"hasta (?P<rest>.+) puedo", "not until <rest>"),
    (r"no (?:me llame |me llamen )?(?:antes del?|hasta(?: el)?)", "not before"),
    (r"(?:despues|a partir|pasad[ao]s?) del?(?: las?)?(?! trabajo| comer| cenar| la cena)", "after"),
    (r"pasad[ao]s(?= at)", "after"),
    (r"antes del?(?: las?)?", "before"),
    (r"(?:como|alrededor|cerca|a eso|mas o menos)(?: a| de)? at", "around"),
    (r"entre", "between"),
    # Calling.
    (
        r"(?:ahora |ahorita |now |today )?no puedo (?:hablar|contestar|atender|now)(?: now| ahora| ahorita)?|"
        r"estoy (?:ocupad[oa]|manejando|trabajando|en el trabajo|en una (?:junta|reunion))(?: now| ahora| ahorita)?",
        "cant talk",
    ),
    (r"ahora no|ahorita no|no ahora|no por ahora|por ahora no|no ahorita", "not now"),
    (r"(?:quizas?|tal vez|a lo mejor) (?:later|otro dia|en otro momento)", "maybe later"),
    (r"today no|no today", "not today"),
    (r"ahora mismo|ahorita|ahora|ya mismo|en este momento|de una vez", "now"),
    (r"lo antes posible|cuanto antes|lo mas pronto(?: posible)?", "asap"),
    (r"(?:yo )?(?:les?|l[oa]s?|te) (?:llamo|marco|hablo|llamare|marcare)(?: yo)?|yo llamo", "ill call you"),
    (
        r"(?:prefiero|mejor|solo|es mejor|solamente)(?: por| que me escriba| un)? (?:mensajes?|textos?|escribame|"
        r"escribeme|mandeme (?:un )?(?:mensaje|texto)|por escrito|escrito)(?: de texto)?",
        "id rather text",
    ),
    (r"(?:por )?(?:mensajes?|textos?) (?:mejor|por favor|solamente|nada mas|nomas)", "id rather text"),
    (r"(?:escribame|escribeme|mandeme (?:un )?(?:mensaje|texto))(?: mejor| por favor)?", "id rather text"),
    (
        r"(?:me )?(?:puede|puedes|pueden|podria)?(?: )?(?:llamarme|hablarme|llameme|llamame|llamenme|marqueme|marcame|marcarme|"
        r"llamar|llame)",
        "call me",
    ),
    (r"call me ya|ya call me", "call me now"),
    (r"cuando (?:salga|llegue|termine|acabe|este|regrese|pueda hablar)(?: .*)?", "when i get home"),
    (
        r"(?:despues|saliendo) del? (?:trabajo|la escuela|la cena|comer|cenar|almuerzo|la junta|la iglesia).*",
        "after work",
    ),
    (r"now (?:puedo|estoy libre|esta bien|si)|(?:puedo|estoy libre|si) now", "now works"),
    (r"todavia no|aun no", "not yet"),
    (r"por favor|porfa", "please"),
    (r"cuando (?:quiera|pueda|guste)|(?:en )?cualquier momento|a cualquier hora", "whenever"),
    (
        r"ya (?:puede|puedes|pueden) (?:marcarme|marcar|llamar|hablar)(?:me)?|ya call me|ya estoy (?:libre|disponible|desocupad[oa])",
        "call me now",
    ),
    (r"estoy list[oa]|list[oa]", "im ready"),
    (r"estoy (?:libre|disponible|desocupad[oa])", "im free"),
)
_COMPILED = tuple((re.compile(rf"(?<!\S)(?:{pattern})(?!\S)"), said) for pattern, said in _RULES)
_SPANISH = re.compile(
    rf"(?<!\S)(?:manana|hoy|ahora|ahorita|tarde|noche|mediodia|medianoche|las|semanas?|mes|meses|horas?|minutos?|"
    rf"dias?|mensajes?|textos?|"
    rf"texto|despues|antes|luego|rato|llam\w+|marqu\w+|marc\w+|hablar|escrib\w+|mandeme|feriado|navidad|fiestas|"
    rf"quizas?|list[oa]|accion de gracias|cuando|momento|entre|"
    rf"lo antes|estoy|temprano|dame|deme|cuarto|cuartos|ya|decido|decidido|pens\w+|a la una|de \d+ a \d+|todavia|aun|por mensaje|{_DAY}|{'|'.join(_MONTHS)})(?!\S)"
)
_UNITS = {"minuto": "minutes", "hora": "hours", "dia": "days", "semana": "weeks", "mes": "months"}


def in_english(said: str) -> str:
    """The cleaned phrase with its Spanish words of time and calling said in English; English stays as it is.

    >>> in_english("manana a las 3 y media")
    'tomorrow at 3:30'
    """
    if not _SPANISH.search(said):
        return said
    for pattern, english in _COMPILED:
        said = pattern.sub(lambda match, english=english: _filled(english, match), said)  # type: ignore[misc]  # a lambda's default has no type
    return _parts_of_day(" ".join(said.split()))


def _filled(english: str, match: re.Match[str]) -> str:
    found = {name: value for name, value in match.groupdict().items() if value is not None}
    if "day2" in found:
        found["day"] = found.pop("day2")
    for name, value in found.items():
        english = english.replace(f"<{name}>", _word(name, value))
    return english.replace(
        "<at>", "around " if match[0].startswith("como") else "until " if match[0].startswith("hasta") else "at "
    )


def _word(name: str, value: str) -> str:
    match name:
        case "h" | "h2":
            return str(_HOURS.get(value, value))
        case "n":
            return str(_COUNTS.get(value, value))
        case "day":
            return _DAYS[value]
        case "month":
            return _MONTHS[value]
        case "unit":
            return next(unit for stem, unit in _UNITS.items() if value.startswith(stem))
        case _:
            return value


_HOUR_IN = re.compile(r"(?P<clock>\d{1,2}(?::\d\d)?) <(?P<part>morning|afternoon|night)>")


def _parts_of_day(said: str) -> str:
    """ "4 de la tarde" is 4 pm; "en la tarde" alone an afternoon."""
    said = re.sub(r"\b(after|before|between|and|from|around|until) (?:at|a) (?=\d)", r"\1 ", said)
    said = re.sub(r"\ba (?=\d)", "at ", said)
    said = _HOUR_IN.sub(lambda match: f"{match['clock']}{'am' if match['part'] == 'morning' else 'pm'}", said)
    said = said.replace("<morning>", "morning").replace("<afternoon>", "afternoon").replace("<night>", "tonight")
    return said.replace("today afternoon", "this afternoon").replace("tomorrow tonight", "tomorrow evening")
