"""What a lead says in Spanish, put into the English that campaigns' words and the grammars of time are written in.

A glossary, not a translation: what matters to a quote, a loan, a course or a visit is carried over word by word, the
rest stays as it is. One set of questions, synonyms and rules of time then understands both languages.
"""

import re

from agent.guard.language import is_spanish as is_mostly_spanish
from agent.understanding.spanish_time import in_english as times_in_english
from agent.words import clean
from state.view import View

_GLOSSARY = """
no (?:tengo|tenemos) (?:ningun[oa]?|nada|seguro)(?: todavia| aun)? = i dont have any
no (?:lo )?(?:tengo|tenemos) = i dont have
(?:estamos|estoy) comprando = were buying
(?:acabamos|acabo) de comprar = we just bought
(?:compramos|compre) = we bought
(?:vamos|voy) a comprar = were buying
nuestra primera casa|mi primera casa = our first house
(?:el|del|al) cierre|cerramos|cerrar|cierra = closing
(?:nos|me) mudamos|nos vamos a mudar|mudarnos|mudarme|mudarse|mudanza|me mudo = move in
piensan move in|piensa move in = plan to move in
seguro de (?:auto|carro|coche) = auto insurance
seguro de (?:casa|hogar|vivienda) = home insurance
seguro de inquilino = renters insurance
(?:los|las) dos(?: cosas)?|ambos|ambas = both
empezar de cero|empieza de cero|empiezo de cero|desde cero|de cero = starting fresh
se (?:me )?vencio|vencid[oa] = lapsed
se vence|vence|vencimiento = expires
(?:me|nos) cancelaron|cancelad[oa]|cancelaron = cancelled
ningun[oa]?|nada = none
todavia no|aun no = not yet
todavia|aun = yet
asegurad[oa]s? = insured
aseguradora|compania = provider
seguro = insurance
poliza = policy
cobertura = coverage
cotizacion = quote
comparar = compare
mas barat[oa]|mas economic[oa]|bajar el precio|precio mas bajo = cheaper
(?:el )?precio = price
condominio = condo
casa movil|traila = mobile home
duplex = duplex
(?:la |una |de |mi |nuestra )?(?:casa|vivienda|hogar) = the house
apartamento|departamento = apartment
(?:los |mis |de )?(?:carros|autos|coches|vehiculos) = cars
(?:el |mi |un |de )?(?:carro|auto|coche|vehiculo) = car
camioneta|troca = truck
conductores|choferes|personas manejan = drivers
accidentes? = accidents
multas|infracciones = tickets
(?:rento|rentamos|alquilo|alquilamos|arriendo) = i rent
(?:la )?rentad[oa] = i rent it
inquilin[oa] = tenant
(?:el |la )?due[nñ][oa](?: de la casa)? (?:esta|estan) (?:de acuerdo|conforme) = owner said its ok
(?:el |la )?(?:dueno|duena|propietario|propietaria|casero|casera) = the owner
(?:la casa|el lugar|la propiedad|the house) es (?:suya|suyo|de usted|propia) = do you own the house
(?:el |la )?(?:codigo postal) = zip
es (?:mia|mio|nuestra|nuestro|propia) = its mine
soy (?:dueno|duena|the owner|propietari[oa]) = i own it
(?:ya )?(?:le|lo|la|se lo) pregunte = i asked
dijo que (?:si|esta bien|no hay problema) = said its ok
esta (?:bien|de acuerdo) = its ok
de acuerdo = ok
cuando|que dia = when
cuantos|cuantas = how many
cuanto = how much
que tan pronto|con que urgencia = how soon
le (?:va|queda|conviene|parece) (?:mejor|bien) = would work better
prefiere|prefieres = do you prefer
necesita|necesitan|ocupa = need
a alguien|alguien = someone
lo necesit[oa] = need it
(?:le|te) puedo (?:llamar|marcar)|puedo (?:llamarle|llamarlo|llamarla|marcarle) = can i call you
busca|buscan|buscas = are you looking for
estoy buscando|estamos buscando|busco|buscamos = im looking for
me interesa|estoy interesad[oa]|estamos interesados = im interested
no me interesa|no estoy interesad[oa] = not interested
quiero|queremos|quisiera|me gustaria = i want
(?:prestamo|credito) personal = personal loan
prestamo = loan
refinanciar = refinance
deudas? = debt
tarjetas? de credito|tarjetas = credit cards
(?:de )?mil = thousand
mi credito es = my credit is
excelente = excellent
buen[oa]|muy bien = good
regular|mas o menos = fair
mal[oa]? = bad
trabajo por mi cuenta|tengo mi (?:propio )?negocio|mi propio negocio = self employed
trabajo tiempo completo|empleo fijo = full time job
jubilad[oa]|retirad[oa] = retired
desemplead[oa]|sin trabajo = unemployed
estudiante = student
enfermeria = nursing
contabilidad|contaduria = accounting
administracion de (?:empresas|negocios) = business administration
educacion = education
psicologia = psychology
informatica|computacion = computer science
criminologia = criminal justice
trabajo social = social work
licenciatura = bachelors degree
maestria = masters degree
doctorado = doctorate
en linea = online
presencial|en persona|en el campus = on campus
mixto|hibrid[oa]|un poco de las dos = hybrid
preparatoria|secundaria|la prepa|bachillerato = high school diploma
termine|acabe|me gradue de = finished
otono = fall
primavera = spring
verano = summer
solicitud|aplicacion = application
no he (?:empezado|comenzado|aplicado|llenado) = havent started
ya (?:la )?(?:empece|comence) = started it
ya (?:la )?(?:mande|envie|aplique) = already submitted
ayuda financiera|becas? = financial aid
dinero = money
calefaccion|calenton = heating
calentador(?: de agua)? = water heater
aire acondicionado|el clima = air conditioner
plomer[oi]a? = plumber
fuga|gotera|gotea|goteando = leak
tuberias?|tubo = pipe
fregadero = sink
inodoro|excusado|bano tapado = toilet
tapad[oa] = clogged
techo|tejado = roof
ventanas? = windows
enchufes?|contactos? de luz = outlets
electricista = electrician
cocina = kitchen
bano = bathroom
remodelar|remodelacion = remodel
cucarachas? = roaches
ratones|raton = mice
ratas? = rats
hormigas? = ants
chinches = bed bugs
termitas = termites
plagas? = pests
no funciona|no sirve|descompuest[oa]|se descompuso = stopped working
emergencia = emergency
urgente = urgent
lo antes posible|cuanto antes|lo mas pronto posible = as soon as possible
lo mas pronto = as soon as possible
no (?:hay|tengo|tenemos) prisa|sin prisa = no rush
si se puede|si es posible = please
claro que si|claro|si|asi es|correcto|por supuesto|como no = yes
gracias = thanks
por favor = please
hola|buenas tardes|buenos dias|buenas = hi
mi (?:esposo|marido) y yo|mi (?:esposa|mujer) y yo = my wife and i
solo yo|nada mas yo|nomas yo = just me
una? persona (?:real|de verdad)|alguien real = a real person
y yo = and i
y = and
pero = but
tambien = also
solamente|solo|nomas = just
nuev[oa]s? = new
uno|una|un = 1
dos = 2
tres = 3
cuatro = 4
cinco = 5
seis = 6
siete = 7
ocho = 8
nueve = 9
diez = 10
veinte = 20
treinta = 30
cuarenta = 40
cincuenta = 50
cien = 100
"""
_ENTRIES = tuple(
    (re.compile(rf"(?<!\S)(?:{spanish.strip()})(?!\S)"), clean(english))
    for spanish, _, english in (line.partition(" = ") for line in _GLOSSARY.strip().splitlines())
)
_TELLING = re.compile(
    r"[¿¡ñ]|\b(?:espa[nñ]ol|hola|gracias|por favor|estamos|estoy|tengo|tenemos|quiero|necesito|busco|seguro de|casa|"
    r"carro|ma[nñ]ana|lunes|martes|mi[eé]rcoles|jueves|viernes|s[aá]bado|domingo|s[ií],|pero|cu[aá]ndo|prefiero)\b",
    re.IGNORECASE,
)


def speaks_spanish(text: str, view: View) -> bool:
    """Whether words are to be read as Spanish: he asked for it, or they are."""
    if view.known("preferred_language") == "es" or is_mostly_spanish(text):
        return True
    # One word proves nothing: "casa" stands on English signs.
    return len(set(_TELLING.findall(text))) >= 2 or "¿" in text


def in_english(text: str, *, is_spanish: bool) -> str:
    """The plain form of a text (`agent.words.clean`), Spanish words of the matter said in English.

    >>> in_english("No tengo ninguno todavía", is_spanish=True)
    'i dont have any'
    """
    if not is_spanish:
        return clean(text)
    # Before numbers are read: in "de 9 a 11 o el viernes" the "o" is no zero.
    said = times_in_english(clean(re.sub(r"\b[oóOÓ]\b", "or", text)))
    for pattern, english in _ENTRIES:
        said = pattern.sub(english, said)
    return said
