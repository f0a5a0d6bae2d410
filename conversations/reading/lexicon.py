"""The words in which Mexican women speak of money and numbers, and what part each plays in a reading: data only.

* A word or phrase that stands here is understood; one that does not makes any reading doubtful.
* What says something else than income (`debo`, `me prestaron`, `antes`) must therefore stay out.
* Words are written folded (lower case, no accents); spellings that merely sound alike need not be listed.
"""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """The part that a word, number or mark plays in what she says about money or numbers."""

    DIGITS = "digits"
    NUMBER = "number below a thousand, in words"
    THOUSAND = "mil"
    MILLION = "millon"
    HALF = "half of one"
    HALF_MORE = "half of the last step more"
    AND = "and"
    OR = "or"
    TO = "up to, or a mere preposition"
    DASH = "dash"
    BETWEEN = "between"
    CURRENCY = "pesos"
    SLANG = "pesos, or just money"
    CENTS = "hundredths of a peso"
    PERIOD = "span of pay"
    DAYS = "days"
    SCHEDULE = "days of a week"
    EACH = "per piece"
    PIECE = "pieces"
    KIN = "people and years of age: counted beside money, and never part of it"
    COUNTED = "what else a number may count besides money"
    TIMES = "what an amount may have to be multiplied by"
    THANKS = "courtesy that may come a thousandfold"
    NOT_OURS = "another currency, or a span of pay that no period covers"
    CLOCK = "comes before a time of day"
    YEAR_OF = "comes before a year"
    MONTH_NAME = "month of the year"
    OF = "of"
    MINIMUM = "minimum wage"
    AT_LEAST = "minimum wage, or a lower bound when a number follows"
    NOT = "negation"
    NIL = "nothing"
    LESS = "less"
    MORE = "more"
    EARNING = "earning, pay, work"
    MAKING = "making: of pieces, or of money"
    TOTAL = "in all"
    SOLD = "selling: of pieces, not yet an income"
    HEDGE = "about, it depends"
    FILLER = "changes nothing"
    PAUSE = "pause"
    UNKNOWN = "not understood"


NUMBERS = """
uno|un|una
dos
tres
cuatro
cinco
seis
siete
ocho
nueve
diez
once
doce
trece
catorce
quince
dieciseis|diez y seis|dieci seis
diecisiete|diez y siete|dieci siete
dieciocho|diez y ocho|dieci ocho
diecinueve|diez y nueve|dieci nueve
veinte
veintiuno|veintiun|veintiuna|veinte y un|veinte y uno|veinti uno|veinti un
veintidós|veinte y dos|veinti dos
veintitrés|veinte y tres|veinti tres
veinticuatro|veinte y cuatro|veinti cuatro
veinticinco|veinte y cinco|veinti cinco
veintiseis|veinte y seis|veinti seis
veintisiete|veinte y siete|veinti siete
veintiocho|veinte y ocho|veinti ocho
veintinueve|veinte y nueve|veinti nueve
treinta|trenta
cuarenta|curenta
cincuenta|cinquenta
sesenta
setenta
ochenta
noventa
cien
ciento
doscientos|doscientas|dos cientos
trescientos|trescientas|tres cientos
cuatrocientos|cuatrocientas|cuatro cientos
quinientos|quinientas|cinco cientos|cincocientos|quiniento
seiscientos|seiscientas|seis cientos
setecientos|setecientas|siete cientos|sietecientos
ochocientos|ochocientas|ocho cientos
novecientos|novecientas|nueve cientos|nuevecientos
"""
"""Each number as text2num spells it (so with accents), then the spellings that it does not take.

Measured on the corpus of amounts (words only): text2num alone finds 28 of 61, since it takes neither "veintiún mil",
"diez y seis", "2 mil 300" nor any misspelling; with these it composes all, and turns down "veinte quinientos".
"""

PERIODS = {
    "mes": """
        mes|mensual|mensuales|mensualmente|mensualidad|mens|mez|cada 30 dias|cada treinta dias
        """,
    "quincena": """
        quincena|quincenal|quincenales|quincenalmente|quincenita|qna|qncena|qcna|15na|15nal|15cena|15cenal|cada 15
        cada quince
        cada 15 dias|cada quince dias|c/15|c/quince|c/15 dias|c/quince dias|c/15na
        los dias 15 y 30|los 15 y 30|los 15 y los 30|los quince y los treinta|cada 15 y 30|los dias quince y treinta
        los dias 15 y ultimo|15 y ultimo|cada 15 y ultimo
        """,
    "catorcena": """
        catorcena|catorcenal|catorcenales|14na|14nal|cada 14|cada catorce|cada 14 dias|cada catorce dias|c/14
        c/14 dias
        cada 2 semanas|cada dos semanas|c/2 semanas
        """,
    "semana": """
        semana|semanal|semanales|semanalmente|semanaria|semanario|semanita|sem|smna|cada 8|cada ocho|cada 8 dias
        cada ocho dias|cada 7 dias|cada siete dias|c/8|c/8 dias|c/ocho dias|c/7 dias
        """,
    "dia": """
        dia|diario|diarios|diaria|diarias|diariamente|diarito
        """,
}
"""Every name of a period; eight days are a week, and fifteen a fortnight, as people in Mexico count."""

SCHEDULES = {
    5: "de lunes a viernes|lunes a viernes|lun a vie|de lun a vie|l a v|de l a v",
    6: "de lunes a sabado|lunes a sabado|lun a sab|de lun a sab|l a s|de l a s|de martes a domingo|martes a domingo",
    7: "todos los dias|de lunes a domingo|lunes a domingo|de domingo a domingo|los siete dias|los 7 dias",
}

PIECES = {
    "pieza": "piezas", "pza": "pzas", "par": "pares", "prenda": "prendas", "blusa": "blusas", "bolsa": "bolsas",
    "casa": "casas", "vestido": "vestidos", "juego": "juegos", "docena": "docenas", "kilo": "kilos", "caja": "cajas",
    "corte": "cortes", "cabeza": "cabezas", "servicio": "servicios", "clienta": "clientas", "cliente": "clientes",
    "muñeco": "muñecos", "muñeca": "muñecas", "gorro": "gorros", "bufanda": "bufandas", "tejido": "tejidos",
    "pulsera": "pulseras", "bordado": "bordados", "servilleta": "servilletas", "plato": "platos", "pastel": "pasteles",
    "unidad": "unidades", "playera": "playeras", "pantalon": "pantalones", "falda": "faldas", "mantel": "manteles",
    "collar": "collares", "bolso": "bolsos", "monedero": "monederos", "cojin": "cojines", "costal": "costales",
    "tamal": "tamales", "gelatina": "gelatinas", "torta": "tortas",
    "cobija": "cobijas", "sueter": "sueteres", "chambrita": "chambritas",
}  # fmt: skip
"""What is made, sold or done by the piece: one, and many."""

PER_PIECE = ("la", "el", "por", "x", "cada", "c/", "por cada", "x cada")
"""Before the name of one piece, these make an amount its price."""

WORDS: dict[Role, str] = {
    Role.THOUSAND: "mil|mill|k|miles",
    Role.MILLION: "millon|millones",
    Role.HALF: "medio|media",
    Role.HALF_MORE: "y medio|y media",
    Role.AND: "y|e|i|y los|y unos",
    Role.OR: """
        o|u|a veces|y a veces|o a veces|otras|otras veces|y otras|y otras veces|otra|o hasta|y hasta
        """,
    Role.TO: "a|a los|a unos|hasta|hasta los",
    Role.DASH: "-",
    Role.BETWEEN: "entre|entre los|entre unos|como entre",
    Role.CURRENCY: """
        $|peso|pesos|pesito|pesitos|pesotes|mxn|mn|m.n.|m.n|m/n|pesos mxn|pesos mn|pesos m.n.|pesos m/n
        pesos mexicanos
        pesos moneda nacional
        """,
    Role.SLANG: """
        varo|varos|varito|varitos|baritos|bola|bolas|de lana|de feria|lana|lanita|feria|morlacos|del aguila
        """,
    Role.CENTS: "centavo|centavos|ctvs|cts",
    Role.DAYS: "dias|dias trabajados|dias laborales|dias habiles",
    Role.EACH: "cada una|cada uno|c/u|c/una|c/uno|cu",
    Role.KIN: """
        año|años|ano|anos|hijo|hijos|hija|hijas|niño|niños|niña|niñas|nieto|nietos|nieta|nietas|bebe|bebes|personas
        hermanos
        """,
    Role.COUNTED: """
        hora|horas|hrs|hr|h|am|pm|a m|p m|minutos|min|km|kilometros|trabajos|puestos|empleos|chambas|patrones|patronas
        de la mañana|de la tarde|de la noche|cosas|señoras|señores|ro|er|ra|da|ta|to|quintos|familias|lugares|locales
        colonias
        """,
    Role.TIMES: """
        vez|veces|semanas|meses|quincenas|catorcenas|turno|turnos|tandas|eventos|comidas|maneras
        """,
    Role.THANKS: "gracias|gracias a dios|muchas gracias|disculpas|perdones|bendiciones|besos|abrazos",
    Role.NOT_OURS: """
        la hora|por hora|x hora|cada hora|c/hora|la hr|por hr|x hr|al año|por año|x año|cada año|anual|anuales
        anualmente
        bimestre|bimestral|bimestrales|trimestre|trimestral|trimestrales|semestre|semestral|cada dos meses
        cada 2 meses|cada tres meses|cada 3 meses
        cada tres semanas|cada 3 semanas|cada 10 dias|cada diez dias|cada 20 dias|cada veinte dias|cada tercer dia
        dolar|dolares|dlls|dls|usd|us$|euro|euros|€|£|quetzal|quetzales|lempiras|soles|por ciento|porciento|%
        por minuto|al millar|de cada|mas iva
        """,
    Role.CLOCK: "a las|como a las|desde las|hasta las",
    Role.YEAR_OF: "en|del|desde|año|en el|del año|en el año|desde el|el año",
    Role.MONTH_NAME: """
        enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre|diciembre
        """,
    Role.OF: "de",
    Role.MINIMUM: """
        salario minimo|salarios minimos|sueldo minimo|sueldos minimos|minimos|salario minimo general
        """,
    Role.AT_LEAST: "minimo|como minimo|lo minimo|el minimo|el mero minimo",
    Role.NOT: """
        no|ni|nadie|nunca|jamas|sin|tampoco|ya no|aun no|todavia no|nel|nop|ningun|ninguno|ninguna
        """,
    Role.NIL: """
        nada|nadita|nadota|nada de nada|cero|ni un peso|ni un quinto|ni un cinco|ni un centavo|ni un varo
        ningun ingreso
        ningun peso|sin ingresos|sin ingreso|sin dinero|sin sueldo|sin salario|sin ganancias|sin ganancia|sin paga
        """,
    Role.LESS: "menos",
    Role.MORE: "mas|ademas|aparte|y aparte",
    Role.EARNING: """
        gano|gane|ganar|ganado|ganando|gana|ganamos|saco|saque|sacar|sacado|sacando|cobro|cobre|cobrado|cobrando
        recibo
        recibi|recibido|recibiendo|pagan|pagaron|pagado|mi pago|ingreso|ingresos|dinero|sueldo|sueldito|salario
        trabajo
        trabaje|trabajado|trabajando|chamba|jale|ganancia|ganancias|paga|dan|dieron|da|dio|percibo|gano yo|depositan
        depositaron|raya|rayan
        """,
    Role.MAKING: """
        hago|hice|hize|haciendo|hacemos|hicimos|termino|terminamos|tejo|bordo|coso|entrego|entregue|entregamos
        """,
    Role.TOTAL: "total|en total|un total de|de total|todo|todo junto|por todo",
    Role.SOLD: "vendi|vendo|vende|vendiendo|vendido|venta|ventas",
    Role.HEDGE: """
        como|unos|unas|aprox|aproximado|aproximadamente|mas o menos|masomenos|mas menos|+ o -|o + -|+-|+/-|±|~|?|¿
        casi|cerca de
        alrededor|alrededor de|creo|creo que|creo q|yo creo|yo creo que|tal vez|talvez|quiza|quizas|depende|dependiendo
        segun|varia
        cuando hay|cuando hay trabajo|cuando hay chamba|si hay|si me va bien|cuando me va bien|si bien me va
        por ahi de|por ahi|por ai|por hay|mas de|menos de|no mas de|no menos de|poco mas de|poco menos de
        un poco mas de
        un poco menos de|o un poco mas|o un poco menos|poco mas|poco menos|desde|a partir de|a lo mucho|a lo mas
        maximo
        como maximo|al menos|por lo menos|lo menos|lo mas|si acaso|arriba de|abajo de|debajo de|y pico|pico|y tantos
        y tanto|y algo
        y cacho|y fraccion|y feria|y feriecita|y tantito|digamos|supongo|o algo asi|algo asi|o asi|o mas|o menos|ponle
        ponle que|a lo mejor|en promedio|promedio|no es fijo|no siempre|seria|serian|sera|seran|variable|pongale
        tirandole a
        no estoy segura|no recuerdo bien|quien sabe|que sera|a veces mas a veces menos|a veces mas|a veces menos
        cuando me llaman|cuando me hablan|cuando bien me va|no se bien|se supone
        """,
    Role.FILLER: """
        al|ala|a la|a el|alos|la|el|lo|los|las|por|x|p/|cada|c/|/|con|cn|mi|mis|me|te|se|yo|a mi|que|lo q|de lo q|es|son
        eran|fue|fueron|era|esta|este|estos|estas|esa|ese|eso|esto|pasada|pasado|ultima|ultimo|anterior|pues|ps|pz|pos|pss|bueno
        muy buenas|hola|holi
        buenas|buenas tardes|buenos dias|buen dia|buenas noches|bendito dios|primero dios|le comento
        te cuento|le cuento|por favor|porfa|porfavor|saludos
        jaja|jajaja|jajajaja|jeje|jejeje|solo|solos|solamente|nomas|no mas|nada mas|nada mas que|nomas que|namas
        unicamente
        apenas|ahora|ahorita|orita|ora|hoy en dia|actualmente|ultimamente|por ahora|por el momento|por lo pronto
        de momento
        momento|todavia|aun|ya|si|aqui|ahi|alli|he|ha|han|eh|tengo|sale|salen|salio|salieron|salgo|queda|quedan
        me queda|me quedan|libre|libres|limpio|limpios|neto|netos
        exactos|exactamente|justos|cerrados|fijo|fijos|fija|siempre|normalmente|generalmente|por lo general
        por lo regular
        regularmente|lo que|mero|entonces|ok|okay|o sea|osea|ay|uy|mm|mmm|em|verdad|la verdad|asi|asi es|fijese
        señorita|maestra|licenciada|lic|amiga|oiga|oye|mire|mira|en efectivo|efectivo|en mano|seño|doñita
        limpiando|limpiando casas|limpieza|haciendo limpieza|lavando|lavando ropa|lavando ajeno|planchando|cosiendo
        tejiendo|bordando|cocinando|cuidando|cuidando niños|atendiendo|ayudando|haciendo uñas|poniendo uñas|uñas
        costura
        maquila|tianguis|en el tianguis|en un tianguis|en el puesto|en un puesto|puesto|en el mercado|en casas
        en mi casa|en la casa|en casa
        en la tienda|en una tienda|en la fonda|en una fonda|en la estetica|en la maquila|en la fabrica|en una fabrica
        en mi trabajo|por mi trabajo|de mi trabajo|en el trabajo|en la chamba|en mi chamba|en mi puesto|en la cocina
        propina|propinas|de propina|de propinas
        puro|pura|puras|puros|voy|vengo|va|ando|estoy|y me los|y me las|y son|y fueron|en|sumando
        vienen siendo|viene siendo|monto|cantidad|respuesta|mi respuesta es|la cantidad de|la cantidad es|del mes
        acabo
        """,
    Role.PAUSE: ",|.|;|:|!|¡|(|)|…|«|»|“|”|[|]|*|_|'|’|‘|\"|°",
    Role.UNKNOWN: """
        toda la semana|siento|lo siento|de nada|para nada|por nada|no pasa nada|nada nuevo|casi nada|cuarto|cuartos
        cuanto|cuantos|cuanta
        """,
}
"""Words and phrases by the part they play; a longer phrase goes before a shorter one."""
