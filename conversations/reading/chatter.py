"""What may stand around an amount and changes nothing: greetings, openers, closers, where she works. Data only.

* A word stands here only if an amount with it and without it is the same amount for the same time.
* A single word needs no place here (`asides` overlooks it), unless it may touch the number or has another role too.
* What may tell of a debt, a loan, another person or another time is in `telling`.
"""

from __future__ import annotations

_LITTLE_WORDS = """
    solo|solos|sola|solamente|unicamente|un billete|en un billete|al|ala|a la|a el|alos|la|el|lo|los|las|por|x|p/
    cada|c/|/|mi|mis|me|m|te|se|yo|a mi|nos|todos los|todas las|que|lo q|de lo q|es|son|eran|fue|fueron|era|esta
    este|estos|estas|esa|ese|eso|esto|pero|muy|bien|tambien|he|ha|han|si|aqui|ahi|alli|va|van|voy|vengo|ando|estoy
    tengo|a ver|esta a|estan a|solo que|luego|y son|y fueron
    """

_GREETINGS = """
    para usted|para ustedes|para ti|para todas|para su familia|por escribirme|por escribir|por su mensaje
    por el mensaje|por preguntarme|por la atencion|por su atencion|por su apoyo|por tu mensaje|no habia visto
    no habia visto su mensaje|no habia visto el mensaje|no vi su mensaje|no vi el mensaje|apenas vi su mensaje
    apenas vi el mensaje|todo bien|aqui andamos|aqui ando|aqui estamos|aqui batallando|ahi le va|ahi te va
    ahi le va pues|ai le va|hola|holi|ola|holaa|que tal|buenas|muy buenas|buenas tardes|buenos dias|buen dia
    buenas noches|bonita tarde|bonito dia|linda tarde|bonita noche|buena tarde|saludos|un saludo|saludos cordiales
    hasta luego|nos vemos|que este bien|que tenga buen dia|que tenga bonito dia|buen inicio de semana|feliz dia
    disculpe|disculpa|perdon la hora|perdone la hora|perdon por la tardanza|disculpe la tardanza
    perdone la tardanza|disculpe la hora|disculpe la demora|perdon la demora|por favor|porfa|porfavor|con permiso
    con gusto|con todo gusto|a sus ordenes|para servirle|con confianza|bendito dios|primero dios|dios mediante
    si dios quiere|con el favor de dios|con la bendicion de dios|bendiciones|dios la bendiga|dios lo bendiga
    dios te bendiga|dios me la bendiga|dios los bendiga|que dios la bendiga|que dios te bendiga|bendicion
    gracias a la virgen|bendecida|bendecido dia|ay dios|ay diosito|dios mio|santo dios|señorita|señora mia|maestra
    licenciada|lic|amiga|amiguita|mija|mijita|doctora|doc|oiga|oye|mire|mira|miren|seño|doñita|jefa|jefecita
    manita|reina|mi reina|corazon|linda|preciosa|joven
    """

_OPENERS = """
    pues|pus|ps|pz|pos|pss|psss|puss|bueno|este pues|ay|uy|eh|ah|oh|aja|ajam|mm|mmm|mmmm|em|hmm|hijole|ijole|uff
    uf|ups|hey|jaja|jajaja|jajajaja|jajajajaja|jeje|jejeje|jiji|ja|lol|ok|okay|oki|okey|vale|va pues|sale
    sale pues|claro|claro que si|si claro|si pues|asi|asi es|o sea|osea|entonces|verdad|la verdad|la mera verdad
    la neta|neta|de verdad|en serio|a decir verdad|la verdad es que|le comento|te comento|te cuento|le cuento
    yo le cuento|le digo|te digo|le dire|te dire|como le digo|como te digo|que le digo|que le dire|que te digo
    que te dire|le platico|te platico|le contesto|te contesto|le respondo|le informo|fijese|fijate|fijese que
    fijate que|imaginese|imaginate|que cree|que crees|no pues|no ps|no pos|no pss|no pus|no , pues|no hombre
    no ombre|no mire|no mija|no manches|no bueno|ay no ,|uy no ,|uy no pues|ay no pues|ay no bueno|que pena
    ay que pena|me da pena|con pena|la pura verdad|de hecho|pues si|por fin|gracias por preguntar|ya ve|ya ves
    ya sabe|ya sabes|usted sabe|tu sabes|ya vera
    """

_CLOSERS = """
    sin falta|me fue bien|nos fue bien|me fue mal|nos fue mal|no me fue bien|no me fue mal|no me fue tan bien
    no nos fue bien|no me fue tan mal|me fue regular|me ha ido bien|me ha ido mal|no me ha ido bien|puro cambio
    en puro cambio|estuvo flojo|estuvo bajo|estuvo bien|estuvo mal|estuvo floja|no hubo mucho|hubo poco
    hubo poquito|esta dificil|esta duro|esta muy duro|esta cañon|esta canijo|batallando|batallandole
    echandole ganas|ahi va saliendo|con mucho esfuerzo|con esfuerzo|con sacrificio|y ya|ya|y ya esta|y ya nada mas
    ya nada mas|nada mas|nada mas que|nomas|nomas eso|nomas que|namas|no mas|na mas|mas nada|y nada mas|y mas nada
    y nomas|y ya no mas|es todo|eso es todo|eso fue todo|es lo que hay|seria todo|y es todo|y eso es todo|y eso
    y listo|y parele de contar|y para de contar|y parale de contar|parele de contar|punto|y punto|y gracias
    no es mucho|no es mucho pero|no gano mucho|no gano tanto|no gano gran cosa|no saco mucho
    no saco tanto|no pagan mucho|no me pagan mucho|no me pagan bien|no pagan bien|pagan poco|me pagan poco
    me pagan muy poco|pagan mal|me pagan mal|gano poco|gano poquito|gano muy poco|saco poco|saco poquito
    no mucho|no es gran cosa|no es tanto|no es nada|no esta mal|no se ria|no se burle
    no alcanza|no me alcanza|no alcanza para nada|ni alcanza|no rinde|no me quejo|no nos quejamos
    no me puedo quejar|para que me quejo|poco|poquito|muy poco|muy poquito|bien poco|bien poquito|poca cosa
    un poquito|es poco|es muy poco|es poquito|poquitito|poquillo|algo es algo|peor es nada|de algo a nada
    con eso la voy pasando|ahi la llevamos|ahi la llevo|ahi vamos|ahi voy|ahi nomas|ni modo|asi nomas|con trabajos
    a duras penas|a penas|apenitas
    """

_NET = """
    libre|libres|libresitos|limpio|limpios|limpia|limpiecitos|limpiecito|limpitos|neto|netos|ya neto|ya netos
    ya libre|ya libres|ya limpio|ya limpios|ya con descuentos|ya con los descuentos|con descuentos|ya descontado
    ya descontados|ya con todo|ya con impuestos|ya sin impuestos|sin impuestos|despues de impuestos
    ya con todo y descuentos|ya con el descuento|con el descuento|con los descuentos|con descuento
    con mis descuentos|con sus descuentos|con descuentos de ley|menos descuentos|exactos|exactamente|exacto|justos
    justo|cerrados|cerraditos
    cabales|cabalitos
    """

_RECEIVED = """
    cae|caen|cayo|cayeron|me cae|me caen|me cayo|me cayeron|cayendo|llega|llegan|llego|llegaron|me llega|me llegan
    me llego|me llegaron|toca|tocan|toco|tocaron|me toca|me tocan|me toco|me tocaron|salen|sale|salio|salieron
    salgo|me sale|me salen|me salio|me salieron|vino|vinieron|viene|vienen|me viene|me vienen|me vinieron
    vienen siendo|viene siendo|vienen saliendo|viene saliendo|me viene saliendo|me vienen saliendo|dando|saliendo
    siendo|sumando|monto|cantidad|respuesta|mi respuesta es|mi respuesta|la cantidad de|la cantidad es|acabo|hacen
    se hacen|se hizo|se hicieron|se junta|se juntan|se junto|se juntaron|equivale a|en efectivo|efectivo|cash
    en mano|a la mano|en la mano|por transferencia|en transferencia|a mi tarjeta|en mi tarjeta|en la tarjeta
    en tarjeta|a la tarjeta|en el banco|al banco|en mi cuenta|a mi cuenta|en un sobre|en el sobre|la patrona
    mi patrona|el patron|mi patron|mi jefa|mi jefe|la señora|la dueña|el dueño|la jefa|el jefe|el encargado
    de nomina|por nomina|de mi nomina|en la nomina|nomina
    la encargada|el contratista|el inge|el ingeniero|la maestra|los patrones
    """

_TIME = """
    el dia de las madres|dia de las madres|dia de la madre|dia de muertos|dia del niño|dia de reyes|dia del amor
    dia del maestro|en la mañana|en las mañanas|por la mañana|por las mañanas|x la mañana|en la tarde|en las tardes
    por las tardes|x las tardes|en las noches|por las noches
    al terminar|al final de|al finalizar|al fin de|al cabo de|a fin de|medio turno|media jornada|el dia primero
    el primero de mes|el dia ultimo|el ultimo dia|por toda|de toda|en toda|toda|apenas|ahora|ahorita|orita|ora
    hoy en dia|actualmente|ultimamente|por ahora|por el momento|por lo pronto|de momento|momento|todavia|aun
    siempre|normalmente|generalmente|por lo general|por lo regular|regularmente|lo normal|normal|lo de siempre
    como siempre|lo mismo|lo mismo de siempre|casi siempre igual|fijo|fijos|fija|ya fijo|estable|igual
    la ultima vez|la vez pasada|esta vez|la otra vez|pasada|pasado|ultima|ultimo|anterior|antepasada|antepasado
    que paso|que acaba de pasar|que termino|completa|de este|de esta|entro|entrando|salida|entrada
    mi horario es|horario|mi horario|el turno es|tiempo completo|medio tiempo
    """

_WORK = """
    lo que|q me|q nos|q m|d la|d los|d las|d el|d mi|mero|mera|propina|propinas|de propina|de propinas|puro|pura
    puras|puros|puro trabajar|puro trabajo
    puro batallar|lavo ajeno|lavando ajeno|lavo ropa ajena|lavo y plancho|lavando y planchando|costura|la costura
    de la costura|maquila|tianguis|puesto|limpieza|haciendo limpieza|haciendo el quehacer|el quehacer|quehacer
    aseo|haciendo el aseo|hago limpieza|hago aseo|hago el aseo|hago quehacer|hago el quehacer|hago uñas
    haciendo uñas|poniendo uñas|pongo uñas|uñas|de las uñas|de uñas|por mi cuenta|por cuenta propia|de mi cuenta
    lo de la|lo del|por mi trabajo|con mi trabajo|de mi trabajo|de mi chamba|de mi jale|de mi puesto|de mi negocio
    de mi negocito|de mi puestecito|de mi tienda|en mi tiendita|en casas|en casa|y me los|y me las
    bordadas|tejidas|pintadas|pintados|grandes|chicas|chicos|chiquitas|chiquitos|completas|sencillas|sencillos
    medianas|medianos|rellenas|rellenos
    """

NEUTRAL = "\n".join((_LITTLE_WORDS, _GREETINGS, _OPENERS, _CLOSERS, _NET, _RECEIVED, _TIME, _WORK))

PLACES = """
    casa|casa de una señora|casa de la señora|oficina|calle|centro|campo|obra|tienda|fonda|taller|maquila|tianguis
    puesto
    local|negocio|trabajo|chamba|jale|limpieza|costura|cocina
    """
"""Where she works, where the word alone has another sense or is so common that it needs no verb beside it."""

BEFORE_A_PLACE = (
    "en la", "en el", "en un", "en una", "en mi", "en", "de la", "del", "de el", "de", "de mi", "de un", "de una",
    "con lo de la", "con lo del", "lo de la", "lo del", "afuera de la", "afuera del", "fuera de la",
)  # fmt: skip
