"""The words in which Mexican women speak of money and numbers, and what part each plays in a reading: data only.

* A word or phrase that stands here or in `chatter` is understood where it stands; of any other, `asides` decides.
* Single words for something else than income (`debo`, `prestaron`, `antes`) are in `telling`; phrases of them are here.
* Words are written folded (lower case, no accents); spellings that merely sound alike need not be listed.
"""

from __future__ import annotations

from enum import StrEnum

from conversations.reading.chatter import NEUTRAL


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
    SCHEDULE = "how many days of a week"
    WEEKDAY = "day of the week"
    PAYDAY = "a weekday that comes back every week"
    TODAY = "today or another single day"
    REST = "days without work"
    EACH = "per piece"
    PER_HOUR = "per hour"
    PIECE = "pieces"
    KIN = "people and years of age: counted beside money, and never part of it"
    HOURS = "hours"
    OCLOCK = "comes after a time of day"
    COUNTED = "what else a number may count besides money"
    THING = "a thing that we do not know, and that a number counts"
    VISITS = "times that she goes to work"
    TIMES = "what an amount may have to be multiplied by"
    THANKS = "courtesy that may come a thousandfold"
    NOT_OURS = "another currency, or a span of pay that no period covers"
    CLOCK = "comes before a time of day"
    YEAR_OF = "comes before a year"
    MONTH_NAME = "month of the year"
    OF = "of"
    MINIMUM = "minimum wage"
    AT_LEAST = "minimum wage, or a lower bound when a number follows"
    LOWER = "lower bound"
    UPPER = "upper bound"
    NOT = "negation"
    NIL = "nothing"
    LESS = "less"
    MORE = "more"
    EARNING = "earning, work"
    PAYING = "being paid"
    GOING = "going to work"
    WORKING = "doing something for a living"
    MAKING = "making: of pieces, or of money"
    TOTAL = "in all"
    SOLD = "sold: of pieces, not yet an income"
    SELLING = "selling for a living"
    IN_KIND = "what she may get besides money, and may also have to buy"
    WITH = "with"
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
cien|cienes|ciencito
ciento
doscientos|doscientas|dos cientos|doscientitos|dosciento
trescientos|trescientas|tres cientos|trecientos|trescientitos|tresciento
cuatrocientos|cuatrocientas|cuatro cientos|cuatrocientitos|cuatrociento
quinientos|quinientas|cinco cientos|cincocientos|quiniento|quiñentos|quinientitos|quinientito|quinienton|quini
seiscientos|seiscientas|seis cientos|seiscientitos|seisciento
setecientos|setecientas|siete cientos|sietecientos|setecientitos|seteciento
ochocientos|ochocientas|ocho cientos|ochocientitos|ochociento
novecientos|novecientas|nueve cientos|nuevecientos|novecientitos|noveciento
"""
"""Each number as text2num spells it (so with accents), then the spellings that it does not take.

Measured on the corpus of amounts (words only): text2num alone finds 28 of 61, since it takes neither "veintiún mil",
"diez y seis", "2 mil 300" nor any misspelling; with these it composes all, and turns down "veinte quinientos".
"""

PERIODS = {
    "mes": """
        mes|mensual|mensuales|mensualmente|mensualidad|mens|mez|cada 30 dias|cada treinta dias|cada mes|c/mes
        por mensualidad|cada fin de mes
        """,
    "quincena": """
        quincena|quincenal|quincenales|qnal|qnales|quincenalmente|quincenita|qna|qncena|qcna|15na|15nal|15cena
        15cenal|cada 15
        cada quince|cada 15 dias|cada quince dias|c/15|c/quince|c/15 dias|c/quince dias|c/15na|los dias 15 y 30
        los 15 y 30|los 15 y los 30|los quince y los treinta|cada 15 y 30|los dias quince y treinta
        los dias 15 y ultimo|15 y ultimo|cada 15 y ultimo|cada dia 15 y 30|cada dia 15 y ultimo|el 15 y el 30
        los 15 y los ultimos|el dia 15 y el 30|el dia 15 y el dia 30|el 15 y el ultimo
        """,
    "catorcena": """
        catorcena|catorcenal|catorcenales|catorcenalmente|14na|14nal|cada 14|cada catorce|cada 14 dias
        cada catorce dias|c/14
        c/14 dias|cada 2 semanas|cada dos semanas|c/2 semanas
        """,
    "semana": """
        semana|semanal|semanales|semanalmente|semanaria|semanario|semanita|sem|smna|cada fin de semana|raya|rayita
        rayo|rayan|rayaron|rayamos|cada 8|cada ocho|cada 8 dias|cada ocho dias|cada 7 dias|cada siete dias|c/8
        c/8 dias|c/ocho dias|c/7 dias
        """,
    "dia": """
        dia|diario|diarios|diaria|diarias|diariamente|diarito|diariario|jornal|jornada|jornalito
        """,
}
"""Every name of a period; eight days are a week, and fifteen a fortnight, as people in Mexico count."""

WEEKDAYS = (
    "lunes|lun", "martes", "miercoles|mierc", "jueves|juev", "viernes|vier|biernes", "sabado|sabados|sab",
    "domingo|domingos|dom",
)  # fmt: skip
"""Monday first; how many of them make a schedule is counted, not listed."""

SCHEDULES = {
    2: "los fines de semana|fines de semana|fin de semana|el fin de semana|descanso cinco dias|descanso 5 dias",
    5: """
        l a v|lun a vie|lun a vier|entre semana|descanso dos dias|descanso 2 dias|dos dias de descanso
        2 dias de descanso
        """,
    6: """
        l a s|lun a sab|descanso un dia|descanso 1 dia|descanso uno|un dia de descanso|1 dia de descanso
        """,
    7: """
        todos los dias|todos los santos dias|todita la semana|sin descanso|sin descansar|sin dia de descanso
        no descanso|no descanso nada|no descanso ningun dia|no tengo descanso|no tengo dia de descanso|sin parar
        """,
}

PIECES = {
    "pieza": "piezas", "pza": "pzas", "par": "pares", "prenda": "prendas", "blusa": "blusas", "bolsa": "bolsas",
    "casa": "casas", "vestido": "vestidos", "juego": "juegos", "docena": "docenas", "kilo": "kilos", "caja": "cajas",
    "corte": "cortes", "cabeza": "cabezas", "servicio": "servicios", "clienta": "clientas", "cliente": "clientes",
    "muñeco": "muñecos", "muñeca": "muñecas", "gorro": "gorros", "bufanda": "bufandas", "tejido": "tejidos",
    "pulsera": "pulseras", "bordado": "bordados", "servilleta": "servilletas", "plato": "platos", "pastel": "pasteles",
    "unidad": "unidades", "playera": "playeras", "pantalon": "pantalones", "falda": "faldas", "mantel": "manteles",
    "collar": "collares", "bolso": "bolsos", "monedero": "monederos", "cojin": "cojines", "costal": "costales",
    "tamal": "tamales", "gelatina": "gelatinas", "torta": "tortas", "taco": "tacos", "quesadilla": "quesadillas",
    "gordita": "gorditas", "sope": "sopes", "dulce": "dulces", "paleta": "paletas", "dona": "donas", "flan": "flanes",
    "empanada": "empanadas", "elote": "elotes", "jugo": "jugos", "atole": "atoles", "agua": "aguas", "litro": "litros",
    "cobija": "cobijas", "sueter": "sueteres", "chambrita": "chambritas", "mandil": "mandiles", "moño": "moños",
    "diadema": "diademas", "arete": "aretes", "anillo": "anillos", "rosario": "rosarios", "llavero": "llaveros",
    "camisa": "camisas", "short": "shorts", "colcha": "colchas", "cortina": "cortinas",
    "tinte": "tintes", "peinado": "peinados", "planchado": "planchados", "maquillaje": "maquillajes",
    "masaje": "masajes", "facial": "faciales", "ceja": "cejas", "pestaña": "pestañas", "depilacion": "depilaciones",
    "corte de pelo": "cortes de pelo", "corte de cabello": "cortes de cabello", "manicure": "manicures",
    "pedicure": "pedicures", "aplicacion": "aplicaciones", "trenza": "trenzas", "permanente": "permanentes",
    "docena de ropa": "docenas de ropa", "kilo de ropa": "kilos de ropa", "bolsa de ropa": "bolsas de ropa",
    "departamento": "departamentos", "oficina": "oficinas", "cuarto limpio": "cuartos limpios", "baño": "baños",
    "viaje": "viajes", "encargo": "encargos", "pedido": "pedidos", "sesion": "sesiones", "visita": "visitas",
    "charola": "charolas", "bote": "botes", "cubeta": "cubetas", "reja": "rejas", "paquete": "paquetes",
    "metro": "metros", "lavada": "lavadas", "limpieza": "limpiezas", "maceta": "macetas",
    "tortillero": "tortilleros", "bolsita": "bolsitas", "cajita": "cajitas",
    "billete": "billetes", "moneda": "monedas", "consulta": "consultas", "clase": "clases",
}  # fmt: skip
"""What is made, sold, done or handed over by the piece: one, and many."""

PER_PIECE = ("la", "el", "por", "x", "cada", "c/", "por cada", "x cada")
"""Before the name of one piece, these make an amount its price."""

WORDS: dict[Role, str] = {
    Role.THOUSAND: "mil|mill|k|miles|milito|militos|milecito|milecitos|milpesitos",
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
        $|peso|pesos|pesito|pesitos|pesotes|pesillos|mxn|mn|m.n.|m.n|m/n|pesos mxn|pesos mn|pesos m.n.|pesos m/n
        pesos mexicanos|pesos moneda nacional
        """,
    Role.SLANG: """
        varo|varos|varito|varitos|baritos|varillos|bola|bolas|bolitas|de lana|de feria|lana|lanita|feria|morlacos
        del aguila
        """,
    Role.CENTS: "centavo|centavos|ctvs|cts",
    Role.DAYS: "dias|dias trabajados|dias laborales|dias habiles",
    Role.EACH: """
        de cada una|de cada uno|por cada una|por cada uno|en cada una|en cada uno|cada una|cada uno|c/u|c/una|c/uno
        cu|cada quien|por cabeza|por persona|las uñas|unas uñas|las cejas
        las pestañas|por uñas
        """,
    Role.PER_HOUR: "la hora|por hora|x hora|cada hora|c/hora|la hr|por hr|x hr|la horita",
    Role.HOURS: "hora|horas|hrs|hr|h|horitas",
    Role.OCLOCK: """
        am|pm|a m|p m|de la mañana|de la tarde|de la noche|de la madrugada|en punto|del dia siguiente|de la tardecita
        """,
    Role.VISITS: "vez|veces",
    Role.TODAY: "hoy|ayer|antier|anteayer|antes de ayer|el dia de hoy|el dia de ayer",
    Role.REST: """
        descanso|descansando|descansamos|excepto|salvo|no trabajo el|no trabajo los|no voy el|no voy los|no abro el
        no abro los|no laboro el|no laboro los|mi descanso es|con descanso|de descanso
        """,
    Role.KIN: """
        año|años|ano|anos|hijo|hijos|hija|hijas|niño|niños|niña|niñas|nieto|nietos|nieta|nietas|bebe|bebes|personas
        hermanos
        """,
    Role.COUNTED: """
        minutos|min|km|kilometros|trabajos|puestos|empleos|chambas|patrones|patronas|cosas|señoras|señores|ro|er|ra|da
        ta|to|quintos|familias|lugares|locales|colonias
        """,
    Role.TIMES: """
        semanas|meses|quincenas|catorcenas|turno|turnos|tandas|eventos|comidas|maneras
        """,
    Role.THANKS: "gracias|gracias a dios|muchas gracias|disculpas|perdones|bendiciones|besos|abrazos",
    Role.NOT_OURS: """
        al año|por año|x año|cada año|anual|anuales|anualmente|bimestre|bimestral|bimestrales|trimestre|trimestral
        trimestrales|semestre|semestral|cada dos meses|cada 2 meses|cada tres meses|cada 3 meses|cada tres semanas
        cada 3 semanas|cada 10 dias|cada diez dias|cada 20 dias|cada veinte dias|cada tercer dia|dolar|dolares|dlls
        dls|usd|us$|euro|euros|€|£|quetzal|quetzales|lempiras|soles|por ciento|porciento|%|por minuto|al millar
        de cada|mas iva
        """,
    Role.CLOCK: """
        a las|como a las|desde las|hasta las|a partir de las|despues de las|antes de las|de las|entre las|alas|y las
        """,
    Role.YEAR_OF: "en|del|desde|año|en el|del año|en el año|desde el|el año",
    Role.MONTH_NAME: """
        enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre|diciembre
        """,
    Role.OF: "de|d",
    Role.MINIMUM: """
        salario minimo|salarios minimos|sueldo minimo|sueldos minimos|minimos|salario minimo general
        """,
    Role.AT_LEAST: "minimo|como minimo|lo minimo|el minimo|el mero minimo",
    Role.LOWER: "al menos|por lo menos|lo menos|cuando menos",
    Role.UPPER: "maximo|como maximo|a lo mucho|a lo mas|lo mas|cuando mucho|el maximo|lo maximo",
    Role.NOT: """
        no|ni|nadie|nunca|jamas|sin|tampoco|ya no|aun no|todavia no|nel|nop|ningun|ninguno|ninguna
        """,
    Role.NIL: """
        nada|nadita|nadota|nada de nada|sin nada|cero|ceros|en ceros|en cero|ni quinto|ni cinco|ni un clavo
        ni un peso partido|nadita de nada|ni un peso|ni un quinto|ni un cinco|ni un centavo|ni un varo|ningun ingreso
        ningun peso|ningun pago|ningun sueldo|ningun dinero|ninguna paga|sin ingresos|sin ingreso|sin dinero
        sin sueldo|sin salario|sin ganancias|sin ganancia|sin paga
        """,
    Role.LESS: "menos",
    Role.MORE: "mas|ademas|aparte|y aparte",
    Role.EARNING: """
        el pago|un pago|primer pago|ultimo pago|del pago|este pago|ese pago|el ultimo pago|mi ultimo pago
        mi primer pago
        el primer pago|la paga|como ganancia|de ganancia|de ganancias|como sueldo|como pago|gano|gane|ganar|ganado
        ganando|se gana
        lo que se gana|ganamos|saco|saque|sacar|sacado|sacando|gano yo|sacamos
        me gano|me gane|junto|junte|juntando|juntamos|junte yo|complete|completo|mi ingreso|ingreso|ingresos|dinero
        sueldo|sueldito|salario|trabajo|trabaje|trabajado|chamba|jale|ganancia|ganancias|percibo|saco yo|me saco
        me saque|me llevo|me lleve|agarro|agarre|queda|quedan|quedo|quedaron|quedaban|quede|me queda|me quedan
        me quedo|me quedaron|me vienen quedando|viene quedando|vienen quedando|qda|qdan|qdo|qdaron|kda|kdan|kdo|kdaron
        nos queda|nos quedan|nos quedaron|dejo de ganancia|me deja|me dejan|me dejo|me dejaron
        """,
    Role.PAYING: """
        me da|nos da|cobro|cobre|cobrado|cobrando|cobramos|recibo|recibi|recibido|recibiendo|recibimos|pagan
        pagaron|pagado|me pago|me paga|mi pago|paga|dan|dieron|da|dio|depositan|depositaron|deposita|me depositan
        me entregan|me entregaron|me incluye|me incluyen|incluye|incluyen|incluido|incluida|incluyendo|nos pagan
        nos dan|nos dieron|pagandome|me dan de|nos dan de|dan de|es de pago|de pago
        """,
    Role.GOING: "voy|vamos|asisto|laboro|me toca ir|acudo|abro|me presento|nomas voy|voy a trabajar",
    Role.WORKING: """
        limpiando|lavando|planchando|cosiendo|tejiendo|bordando|cocinando|cuidando|atendiendo|ayudando|haciendo
        trabajando|barriendo|trapeando|sirviendo|repartiendo|empacando|poniendo|pintando|peinando|cortando|armando
        preparando|guisando|pegando|pelando|moliendo|recogiendo|separando|acomodando|despachando|cuido|lavo|plancho
        cocino|atiendo|guiso|preparo|barro|trapeo|empaco|pinto|peino|corto|armo|pego|arreglo|arreglando
        """,
    Role.MAKING: """
        hago|hice|hize|hacemos|hicimos|eche|atendi|lave|planche|limpie|cosi|borde|teji|corte|pinte|peine|prepare|pegue
        arregle|empaque|pele|cargue|cuide|guise|bañe|teñi|depile|maquille|barri|trapee|reparti|arme|tape|forre|marque
        deshebre|lavamos|limpiamos|atendimos|me encargaron|me hicieron|me salieron|termino|terminamos|tejo|bordo|coso
        entrego|entregue|entregamos
        """,
    Role.TOTAL: "total|en total|un total de|de total|todo|todo junto|por todo",
    Role.SOLD: "vendi|vendido|vende|vendimos",
    Role.SELLING: "vendiendo|vendo|vendemos|venta|ventas|venta de|la venta de|mi venta",
    Role.WITH: "con|cn",
    Role.IN_KIND: """
        comida|alimentos|alimento|despensa|una despensa|desayuno|desayunos|almuerzo|lonche|comer|desayunar|almorzar
        cenar|cena|pasaje|pasajes|camion|uniforme|imss|el seguro|seguro social|prestaciones|hospedaje|de comer
        vivienda
        mandado|aguinaldo|vacaciones|bonos de despensa
        """,
    Role.HEDGE: """
        como|unos|unas|aprox|aproximado|aproximadamente|mas o menos|masomenos|mas menos|+ o -|o + -|+-|+/-|±|~|?|¿
        casi|cerca de|alrededor|alrededor de|creo|creo que|creo q|yo creo|yo creo que|tal vez|talvez|quiza|quizas
        depende|dependiendo|segun|varia|cuando hay|cuando hay trabajo|cuando hay chamba|si hay|hay|que trabajo|que voy
        cuando voy|cuando trabajo|si trabajo|si voy|que hay|si me va bien|cuando me va bien|si bien me va|por ahi de
        por ahi|por ai|por hay|mas de|menos de|no mas de|no menos de|poco mas de|poco menos de|un poco mas de
        un poco menos de|o un poco mas|o un poco menos|poco mas|poco menos|desde|a partir de|si acaso|arriba de
        abajo de|debajo de|y pico|pico|y tantos|y tanto|y algo|y cacho|y fraccion|y feria|y feriecita|y tantito
        digamos|supongo|o algo asi|algo asi|o asi|o mas|o menos|ponle|ponle que|a lo mejor|en promedio|promedio
        no es fijo|no siempre|seria|serian|sera|seran|variable|pongale|tirandole a|no estoy segura|no recuerdo bien
        quien sabe|que sera|a veces mas a veces menos|a veces mas|a veces menos|cuando me llaman|cuando me hablan
        cuando bien me va|no se bien|se supone|si vendo|si hago|si falto|si llego|si sale|si salgo|si acabo|si termino
        si completo|anda en|andan en|anda por|andan por|han de ser|ha de ser
        han de haber sido|ha de haber sido|hasta ahorita|hasta ahora|hasta hoy|hasta el momento|voy en|van|con algo
        y algo mas
        si tengo|si junto|si trabajamos|si vamos|si no hay|si vendemos|si me compran|si me pagan bien
        """,
    Role.FILLER: NEUTRAL,
    Role.PAUSE: ",|.|;|:|!|¡|(|)|…|«|»|“|”|[|]|*|_|'|’|‘|\"|°",
    Role.UNKNOWN: """
        toda la semana|siento|lo siento|de nada|para nada|por nada|no pasa nada|nada nuevo|casi nada|cuarto|cuartos
        quedaron de|quedo de|quedo en|quedaron en|mi señor|mi hombre|mi bato|mi chavo|mi muchacho|mis muchachos
        va a|van a|vas a|vamos a|iba a|iban a|ibamos a|voy a ganar|voy a sacar
        voy a cobrar|voy a recibir|voy a juntar|voy a ver|voy a pagar|ya mero|no se|no perdon|me pasa|me pasan|le pasa
        se me fue|se me fueron|se me va|se me van|se va en|se van en|le dan|le pagan|le dieron|le pagaron|que viene
        la que viene|el que viene|que entra|que sigue|contrataron por|contratan por|a ver si|año pasado|el año pasado
        año anterior|el recibo|un recibo|trabajo anterior|mi trabajo anterior|en mi trabajo anterior
        en el trabajo anterior|quedamos en|quedamos de
        al rato|mas tarde|mas al rato|un seguro
        y yo|yo y|hace un mes|hace una semana|hace una quincena|hace un dia|hace una catorcena|cuanto|cuantos|cuanta
        """,
}
"""Words and phrases by the part they play; a longer phrase goes before a shorter one."""
