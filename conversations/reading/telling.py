"""Words that make an amount another than her pay now: debts, costs, gifts, plans, guesses, other people, other times.

* Any other word we do not know is taken as a story and changes nothing; so what is missing here may be overheard.
* An entry ending in `*` covers every word that begins so; all are compared by their sound (`devo` is `debo`).
* Words for her own people are set apart: what they stand in decides whose money it is (`asides`).
"""

from __future__ import annotations

import re

from conversations.reading.words import entries, sound

_DEBTS = """
    debo|debe|deben|debemos|debi|debia|debian|deber|debiendo|debera|deberia|deberian|adeud*|endeud*|endrog*|deuda
    deudas
    prest*|fiad*|fie|abono|abonos|abone|abonar|abonando|abonan|abonaron|credito|creditos|tanda|tandas|empeñ*|plazos
    interes|intereses|falt*|restan
    adelant*|anticip*|cuenta|cuentas|parte|partes|resto|demas|primero|pendiente|pendientes|atrasad*|complet*
    """

_COSTS = """
    pago|cuota|cuotas|cambio
    gast*|compr*|pague|pagamos|pagar|pagare|pagas|cuest*|costo|costos|costaba|costaron|cobran|cobraron|invert*
    inviert*
    inversion|mercancia|renta|rento|rentas|rente|luz|medicin*|colegiatura|multa|multas|ahorr*|guard*|perdi|perdio
    perdimos|perdiendo|perdida|perdidas|pierd*|rob*|estaf*
    quita|quitan|quito|quitaron|quite|quitar|descuent*|descont*|rebaj*|menos|cajero|doy|damos|dar|di|mando|mande|manda
    mandan|mandaron|invito|consumo|uso|ocupo|precio|precios|caro|cara|caros|caras|inscrip*|curso|cursos|surt*|resurt*
    vale|valen|vales|falso|falsos
    """

_GIFTS = """
    bingo|maquinitas|apuesta|apuestas|baraja
    regal*|limosna|herenc*|rif*|loteria|sorteo|premio|beca|becas|pension|pensiones|apoy*|ayuda|ayudan|ayudas|ayudaron
    coopera*|aport*|dif
    remesa|remesas|bienestar|gobierno|programa|programas|donativo|caridad|cumpleaños|finiquito|liquid*|utilidades
    indemniz*|retroactivo|extra|extras|gratis
    """

_PLANS = """
    quier*|quis*|queria|esper*|ojala|gustaria|necesit*|busc*|pued*|podria|podrian|pid*|pedi|pedir|pedimos|promet*
    ofrez*|ofrece*|ofreci*|tendria|deberian|aspir*|meta|firm*|trato|acord*|conform*|supuest*|mañana|proxim*|entrante
    siguiente|viene
    paguen|pague|depositen|den|salga|cuando|aunque|cuant*|cual|cuales|hubiera|estaria|estarian|fueran|fuera|tuviera
    dieran
    suban|subir|aument*|subio|subieron|bajo|bajaron|bajar
    """

_GUESSES = """
    borr*|ojo|calcul*|redond*|pasadit*|alcanzo|logro|tanteo
    dice|dicen|dijo|dijeron|digo|decir|piens*|pienso|cuarto|cuartos|siento|acuerd*|recuerd*|entend*|entiend*|mentira
    equivoq*|corrij*|correg*|error|sabr*|nose|dud*|mitad|doble|triple|millar|bruto|brutos|bruta|brutas|aproxim*|rond*
    arribit*|abajit*|cachit*|piquito
    """

_OTHER_TIMES = """
    inicio|principio|principios|temporada|empece|empiezo|empezar|empezo
    antes|ante|antier|ayer|anteriormente|hace|pasaba|vendia|recibia|tenia|hacia|podia|daba|daban|nunca
    """

_OTHER_PEOPLE = """
    mio|mios|mia|mias|suyo|suyos|ella|ellas|ellos|les|todas|todos|nosotras|nosotros|ambas|ambos|juntas|juntos|varias
    varios|repart*|compart*|divid*
    gana|ganan|saca|sacan|cobra|recibe|reciben|percibe|percibieron|trae|traen|somos|eramos|otro|otras|otros
    """

_NUMBERED = """
    calle|numero|num|telefono|tel|cel|celular|whatsapp|cp|codigo|postal|colonia|manzana|mz|lote|lt|interior|int|ruta
    talla|calzo|edad|folio|clave|peso|pesa|mido|mide|grado|curp|pagina|piso|seccion
    """

_RELATIVES = """
    esposo|esposa|marido|pareja|novio|novia|viejo|hermana|hermano|mama|papa|mami|papi|papas|madre|padre|padres|jefita
    vecina|vecino
    vecinas|hija|hijo|hijas|hijos|comadre|compadre|comadres|compañer*|amiga|amigo|amigas|cuñad*|suegr*|prima|primo
    nuera
    yerno|tia|tio|tias|tios|sobrin*|abuel*|nieto|nieta|nietos|nietas|ahijad*|madrina|padrino|familia|familiares|ex
    concuñ*|consuegr*|hermanas|niño|niña|niños|niñas|bebe|bebes
    """

_Sounds = tuple[frozenset[str], tuple[str, ...]]


def _sounds(*tables: str) -> _Sounds:
    words = [entry for table in tables for entry in entries(table)]
    begun = tuple(sound(word.removesuffix("*")) for word in words if word.endswith("*"))
    return frozenset(sound(word) for word in words if not word.endswith("*")), begun


_TELLING = _sounds(_DEBTS, _COSTS, _GIFTS, _PLANS, _GUESSES, _OTHER_TIMES, _OTHER_PEOPLE, _NUMBERED)
_KIN = _sounds(_RELATIVES)
_PAY_AT_OTHER_TIMES = re.compile(
    r"(?:gan|sak|pag|kobr|trabaj|ked|junt|deposit|yeg|yeb|dej|bend|resib|persib|sal|d)"
    r"(?:ab|ar|er|ir|dr|as|es|ier|ies|ari|eri|iri|dri)(?:e|a|an|amos|emos|ia|ian|iamos)"
)
"""Pay in a tense that is not now and not the last time: `ganaba`, `sacaré`, `pagarían`, `cobrara`."""


def _is_among(word: str, listed: _Sounds) -> bool:
    heard = sound(word)
    exact, begun = listed
    return heard in exact or heard.startswith(begun)


def is_relative(word: str) -> bool:
    """Return whether the folded `word` is one for somebody of hers."""
    return _is_among(word, _KIN)


def is_telling(word: str) -> bool:
    """Return whether the folded `word` may make an amount beside it another than her pay."""
    return _is_among(word, _TELLING) or _PAY_AT_OTHER_TIMES.fullmatch(sound(word)) is not None
