"""Whether she wants to be left alone, in whatever words she says it, and how sure that is.

* Only a wish that is told to us, and that nothing limits, is plain: "ya no me escriban" is one, "… mañana" is none.
* What is told of somebody else, or asks us to go on, is no such wish; between both she is asked in one tap.
* What she did herself ("no busqué", "dejé de buscar") is no wish, with its accent or, where nothing says "me", without.
* A misspelling is mended by its sound, or by one letter that is missing or misplaced; a changed ending is another
  person's doing, and is left as it is.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache

from conversations.reading.words import entries, fold, sound


class Stop(StrEnum):
    """How what she wrote is to be taken, the strongest first."""

    FORGET = "forget"  # plain, and what is kept of her is to go as well
    PLAIN = "stop"
    MAYBE = "maybe"  # told to us, but how far it goes is not said
    WEARY = "weary"  # it may be meant so, or answer a question that is open


def _heard(words: str) -> str:
    return " ".join(map(sound, words.split()))


LONGEST = 200
"""Characters; a longer message is a story, and whoever tells one is asked what she wants."""

_TERMS = {
    "no": "ya no|no|nunca|ya nunca|jamas|ni",
    "me": "me|se|m|nos",
    "some": "mas|sus|los|esos|estos|de esos|otros|otro|ningun|un",
    "messages": """
        mensajes|mensaje|mensages|mensage|msj|msjs|mjs|mnsj|mensajitos|sms|textos|whats|wats|whatsapp|whatsapps
        wasap|wasaps|wpp
        """,
    "mail": "<messages>|nada|preguntas|cosas|mas",
    "ask": """
        escriban|escribas|escriba|contacten|contactes|molesten|molestes|insistan|insistas|insista
        texteen|textees|escribieran|escribieras|escribiera|molestaran|hostiguen|acosen|fastidien|frieguen
        busquen|busques
        """,
    "ask_me": "contacte|moleste|textee|hostigue|busque|pregunte",
    "send": "manden|mandes|envien|envies|lleguen|hagan|hagas|haga|mandaran|enviaran",
    "send_me": "mande|envie",
    "again": """
        vuelvan a|vuelvas a|vuelva a|vayan a|esten|estes|este|anden|andes|ande|sigan|sigas|siga|vuelvan a estar|quieran
        """,
    "doing": """
        escribir|contactar|buscar|molestar|insistir|chingar|preguntar
        escribiendo|contactando|buscando|molestando|insistiendo|chingando|preguntando
        """,
    "sending": "mandar|enviar|hacer|mandando|enviando|haciendo",
    "sending_me": "mandar|mandarme|enviar|enviarme|mandando|mandandome|hacerme",
    "cease": """
        dejen de|deja de|dejen d|deja d|paren de|para de|basta de|alto a|dejenme de|dejame de|dejeme de
        parenle a|parele a|parale a|stop|paren|que paren
        """,
    "of": "de|del|d",
    "list": """
        la lista|su lista|sus listas|esa lista|esta lista|lista|esto|el grupo|este grupo|su grupo|grupo|el programa
        su programa|este programa|programa|todo|todo esto|los mensajes
        su lista de contactos|la lista de contactos|el sistema|sistema|sus contactos|contactos
        """,
    "take_me": """
        quitenme|quitame|quiteme|saquenme|sacame|saqueme|borrenme|borrame|borreme|eliminenme|eliminame|elimineme
        me quiten|me saquen|me borren|me eliminen
        """,
    "erase_me": "borrenme|borrame|borreme|eliminenme|eliminame|elimineme|me borren|me eliminen|me borres",
    "erase": "borren|borra|borre|eliminen|elimina|elimine|borrar|eliminar|quiero borrar",
    "mine": """
        mis datos|mi informacion|mi info|lo mio|lo que tienen de mi|mi registro|mi cuenta
        """,
    "my_number": "mi numero|mi telefono|mi celular|mi cel|mi contacto",
    "want": """
        quiero|deseo|quisiera|necesito|ocupo|quero|pido|les pido|le pido|te pido|solicito
        prefiero|preferiria|seria mejor|mejor|como le hago para
        como hago para|que hago para|que puedo hacer para|que tengo que hacer para
        """,
    "like": """
        quiero|deseo|quisiera|necesito|quero|me interesa|ocupo|acepto|autorizo|permito|me gusta|me gustaria|es necesario
        hace falta|les permito|les autorizo
        """,
    "will": "quiero|voy a|pienso|deseo",
    "take_part": """
        participar|seguir participando|estar participando|formar parte|seguir formando parte
        """,
    "you": "suyos|de ustedes|de aqui",
    "in_peace": "en paz|en pas|enpas|enpaz|tranquila|trankila|ya en paz",
    "bothering": "chingando|molestando|fregando|jodiendo",
}
"""The words that mean the same in a rule; each may name others."""

_RULES: dict[Stop, str] = {
    Stop.FORGET: """
        (<want> que )?<erase_me>( (ya|de todo|del sistema|todo|de ahi|de aqui|de todos lados))?
        (<want>( que)? )?<erase> ((todos|toda|todo) )?<mine>
        (delete|erase) (me|my data|my information|all my data|everything)
        """,
    Stop.PLAIN: """
        <no> (<me> )?<you_do>
        <no> <me> <one_does>
        <no> <like>( que)? (<me> )?(<you_do>|<one_does>)
        (prohibo|les prohibo|les tengo prohibido) que (<me> )?(<you_do>|<one_does>)
        <no> <like> (<some> )*<messages>( <you>)?
        <no> <like> (recibir|seguir recibiendo|estar recibiendo|que me lleguen) (<some> )*<mail>( <you>)?
        <no> <like> (ser molestada|ser contactada|tener contacto|contacto|estar en contacto)( con ustedes)?
        <no> <like> (nada|saber|saber nada|volver a saber|volver a saber nada) (de|con) ustedes
        (ya )?(no mas|ya no mas|cero|no|sin) (<messages>|preguntas)
        <cease> <doing_to_me>
        <one_cease> <doing_me>
        <want> que <one_cease> <doing_to_me>
        <cease> (los )?<messages>
        <want> que paren (los )?<messages>
        (me )?(pueden|puedes|puede|podrian|podria) (ya )?dejar de <doing_to_me>
        (dejenme|dejame|dejeme|me dejen|me dejes|me deje) <in_peace>
        <want> que <no> (<me> )?(<you_do>|<one_does>)
        <want> (que )?(<out>|<cease> <doing_to_me>|(quiten|eliminen|borren) <my_number>)
        ((me )?(pueden|puedes|puede|podrian) )?<out>
        <want> (darme (de|d) baja|la baja|mi baja|baja)( definitiva)?( <of>l? ?<list>)?
        <want> (salirme|salir) <of>l? ?<list>
        me (quiero|kiero) (dar de baja|salir de)( <list>)?
        (como me doy|como me puedo dar|como puedo darme|como le hago para darme|me doy) de baja
        (quiten|quita|quite|eliminen|elimina|borren|borra) <my_number>( <of>l? ?<list>)?
        <no> (quiero|deseo|voy a|quisiera|pienso|me interesa|acepto) <take_part>( (en|con|de|a) <list>)?
        <no> (quiero|deseo) (estar|seguir) en <list>
        ((quiero|quisiera) )?(cancelar|cancelen) (mi|la|su)? ?(suscripcion|participacion|inscripcion|registro)
        (desuscribir|desuscribirme|desuscribanme|quiero desuscribirme)
        (ya )?((olvidense|olvidate) de mi|olvidenme)
        (no esten|no estes|ya no esten) <bothering>
        baja|baja definitiva|alto|alto ya|ya alto|stop|estop|stop ya|paren|ya paren|parenle|parale|parele
        ya parenle|basta|ya basta|stop it|unsubscribe|opt out|leave me alone|i want to stop|i want out|quit
        stop (texting|messaging|writing|contacting|bothering|sending)( (to me|me))?( (messages|texts|anything))?
        (dont|don t|do not|never) (text|message|write|contact|bother)( to)?( me)?( (anymore|any more|again|ever again))?
        (i (dont|don t|do not) want )?(no more|any more|any) (messages|texts)
        (remove me from|take me off) (the list|your list|this list|this)
        """,
    Stop.MAYBE: """
        <no> (<me> )?(hablen|hables|llamen|llames|marquen|marques)|<no> <me> (hable|llame|marque)
        <no> (<me> )?<ask> (aqui|por aqui|a este numero|a este telefono|en este numero|a este celular)
        <no> (esten|estes) (molestando|insistiendo) tanto
        (me )?(pueden )?dejar de <doing>( (un tiempo|un rato|unos dias))?
        <no> (me )?<send>|<no> me <send_me>|me quiero salir|<no> <like> hablar con ustedes|(no|ya no) sean insistentes
        me bajo( de <list>)?|callense|callate|alejense de mi|(dejenme|dejame) sola
        numero equivocado|se equivocaron de numero|los voy a bloquear|las voy a bloquear|esto es acoso
        (ya )?(quitenme|dejenme|dejame)|ya dejen|ya no quiero
        ya no <will> (contestar|seguir|responder|seguir contestando)
        <no> <will> (seguir|seguir contestando|contestar preguntas)
        <no> <will> (contestar|responder) (nada|preguntas|sus preguntas|mas preguntas|mas)
        me tienen harta|ya me hartaron|me hartaron|me tienen hasta la madre|me estan hartando
        <no> quiero saber nada( de (eso|ustedes|nada|esto))?
        """,
    Stop.WEARY: """
        ya no|no mas|ya no mas|mejor ya no|ya estuvo|no gracias ya no
        ya me canse|me canse|ya me canse de esto|me canse de esto|ya me aburri
        (ya )?no me interesa|no estoy interesada( en seguir)?|(ya )?no quiero nada|no se si quiero seguir
        <no> (moleste|<send_me> (<some> )*<messages>)|<one_cease> (<bothering>|molestar|<sending> (<some> )*<messages>)
        """,
}
"""One rule a line. What is in <> stands for its words; the rest is a regular expression over how words sound."""

_BUILT = {
    "you_do": """
        <ask>|<send> (<some> )*<mail>|(pregunten|preguntes)( (nada|mas))?|<again> <doing>(me)?
        <again> <sending> (<some> )*<mail>|<again> <doing> con sus preguntas|(comuniquen|comuniques|comunique) conmigo
        """,
    "one_does": "<ask_me>( (nada|mas))?|<send_me> (<some> )*<mail>",
    "one_cease": "(deje|pare) (de|d)",
    "doing_me": "(estar )?<doing>me|estarme <doing>|(estar )?(mandarme|enviarme|mandandome|hacerme) (<some> )*<mail>",
    "doing_to_me": "((estar|estarme) )?<doing>(me)?|(estar )?<sending_me> (<some> )*<mail>|mandar|enviar",
    "out": """
        (denme|dame|deme|darme|me den|me des|me de|me dan|me das|dar) <of> baja
        <take_me> <of> (la |su )?<list>|<take_me> <of>l? ?<list>
        (quitar|quitarme|sacar|sacarme|borrarme|eliminarme) <of>l? ?<list>
        """,
}

_FIRST = """
    hola|buenas|buenos dias|buen dia|buenas tardes|buenas noches|por favor|porfavor|porfa|señorita|seño|señora|oigan
    oiga|oye|disculpen|disculpe|disculpa|perdon|pero|la verdad|la neta|pues|ps|mejor|ya|mira|miren|bueno|ay|uy|ok|es que
    les pido que|le pido que|te pido que|le pido de favor que|les pido de favor que|les suplico que
    les ruego que|ya les dije que|les dije que|ya dije que
    les digo que|les agradezco|dije que|favor de|que|amiga|amigas|gracias|hey|please|muchas gracias|ey
    """
_LAST = """
    mas|nunca|nunca mas|jamas|ya|nada|por favor|porfavor|porfa|porfis|plis|gracias|please|ok|okey|ustedes|si
    señorita|seño|muchas gracias
    """
_UNSURELY = "creo que|no se si|y si|puedo|y si ya|a lo mejor|tal vez|quizas|podrian|me pueden"

_LIMITS = frozenset(
    map(
        sound,
        entries("""
        mañana|hoy|ahorita|ahora|luego|despues|rato|ratito|noche|noches|tarde|tardes|temprano|lunes|martes|miercoles
        jueves|viernes|sabado|sabados|domingo|domingos|semana|mes|hasta|cuando|mientras|pero|mejor|sino|aqui|numero
        telefono|llamenme|llamen|llameme|marquenme|hablenme|hablen|whatsapp|wats|correo|solo|nomas|excepto|menos|yo
        tiempo|dije|dijo|dijeron|dice|dicen|puse|ayuda|dejen|escribo|aviso|horas|recordatorios|audios
        """),
    )
)
"""Beside a plain wish these say that it may not go so far, or was said to somebody else."""

_TURNED_DOWN = frozenset(map(sound, entries("no|nunca|jamas|dejen|deja|deje|paren|basta|ya no|harta|cansada|molesta")))
_TOLD_TO_US = frozenset(
    map(
        sound,
        entries("""
        escriban|escribas|escribirme|contacten|contactes|contactarme|molesten|molestes|molestarme|insistan|texteen
        hostiguen|mandarme|mensajitos|escribanme|insistentes|escribiendome|ustedes
        """),
    )
)
"""With a word that turns down, one of these is asked about, whatever else is said in few words."""
_OF_OTHERS = frozenset(
    map(
        sound,
        entries("""
        mi|mis|su|ex|le|les|dije|marido|esposo|hermana|nadie|olviden|quiten|borren|den|llegan|llego|recibo|recibi|mandado
        sigan|si|trabajo|dinero|despensa|casa|otro|navidad|ingles|usted|tu|tanto|tantos|seguido|diario|dias|ir|van
        noches|mañanas|recordar|regrese|lleguen|dejen|seguir|perdon|hora|horas|porque
        """),
    )
)
"""Beside such a word it is about somebody else, or about how and when, or asks us to go on."""
_FEW_WORDS = 9
_WHY = _heard("por que")

_I_DID = re.compile(r"\b(?!(?:est|d|qu|porqu|s|cans)é)\w+é\b")
"""What ends so tells what she did; an accent is lost more often than put where none belongs."""
_DONE = "hice"

_SENTENCES = re.compile(r"[,.;:!?¡¿()\n…-]+")
_AND = " y "
_APOSTROPHES = str.maketrans("", "", "'’‘`´")
_SHORTEST_MENDED = 6


def _built(rule: str) -> str:
    """The regular expression of a rule: terms put in, and every word as it sounds."""
    return re.sub(r"<(?P<term>\w+)>|[a-zñ]+", lambda found: _term(found["term"]) or sound(found[0]), rule)


def _term(name: str | None) -> str:
    if name is None:
        return ""
    rules = entries(_TERMS[name]) if name in _TERMS else [line for line in _BUILT[name].split("\n") if line.strip()]
    return "(?:" + "|".join(_built(rule.strip()) for rule in sorted(rules, key=len, reverse=True)) + ")"


def _any_of(table: str) -> str:
    return "(?:" + "|".join(sorted(map(_heard, entries(table)), key=len, reverse=True)) + ")"


def _pattern(rules: str) -> re.Pattern[str]:
    said = "|".join(_built(line.strip()) for line in rules.split("\n") if line.strip())
    return re.compile(rf"(?:{_any_of(_FIRST)} )*(?:{said})(?: {_any_of(_LAST)})*")


_TERSE = _pattern("<no> <you_do>|<cease> <doing_to_me>|(ya )?(no mas|ya no mas|cero|no|sin) preguntas")
_ABOUT_US = re.compile(rf"\b(?:\w*me|m|nos|conmigo|{_term('messages')})\b")
"""Where such words name nobody and nothing of ours, they may answer a question as well."""
_KINDS = {kind: _pattern(rules) for kind, rules in _RULES.items()}
_COURTESIES = re.compile(rf"(?:{_any_of(_FIRST)} )*(?:{_any_of('no|si|no gracias|gracias|por favor|ya|bueno')} )?")
_UNSURE = re.compile(rf"{_any_of(_UNSURELY)} (?P<rest>.+)")
_TURN = re.compile(rf" (?={_any_of('porque|pq|xq|por que|ya que|es que|que luego|pero|aunque|mejor|sino|yo')} )")

_APART = {
    sound(joined): _heard(apart)
    for joined, apart in (("nome", "no me"), ("yano", "ya no"), ("yanome", "ya no me"), ("k", "que"), ("q", "que"))
}
"""What is written in one word, or in a letter."""

_VOCABULARY = frozenset(
    word
    for name in ("ask", "ask_me", "send", "send_me", "doing", "sending", "sending_me", "take_me")
    for entry in entries(_TERMS[name])
    for word in map(sound, entry.split())
) | set(map(sound, ("mensajes", "dejenme", "escribirme", "contact")))


def _slips(word: str) -> set[str]:
    """The word with a letter missing, or two of them in the wrong order."""
    missing = {word[:at] + word[at + 1 :] for at in range(1, len(word))}
    return missing | {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(1, len(word) - 1)}


_MENDED = {
    slip: word
    for word in sorted(_VOCABULARY)
    if len(word) >= _SHORTEST_MENDED
    for slip in _slips(word)
    if slip not in _VOCABULARY and slip[-1] not in "aeiou"
}


@lru_cache(maxsize=64)  # several readers look at one message in the same step
def read_stop(text: str) -> Stop | None:
    """Return how far `text` asks us to leave her alone; None where it does not. Never raises."""
    if len(text) > LONGEST:
        return None
    clauses = [(clause, _kind(clause)) for clause in _clauses(text)]
    told = [(clause, kind) for clause, kind in clauses if kind is not None or not _is_courtesy(clause)]
    kinds = {kind for _, kind in told}
    best = next((kind for kind in Stop if kind in kinds), None)
    if best is None or best is Stop.WEARY:
        return best if len(told) == 1 else None
    limited = any(kind is None and not _LIMITS.isdisjoint(clause.split()) for clause, kind in told)
    return Stop.MAYBE if limited else best


def is_unmistakable(text: str) -> bool:
    """Return whether `text` is a plain stop whatever question is open: "no molesten" may answer one, "no me molesten"
    answers none. Never raises."""
    if read_stop(text) not in (Stop.PLAIN, Stop.FORGET):
        return False
    plain = (clause for clause in _clauses(text) if _kind(clause) in (Stop.PLAIN, Stop.FORGET))
    return any(_TERSE.fullmatch(clause) is None or _ABOUT_US.search(clause) is not None for clause in plain)


def _clauses(text: str) -> list[str]:
    """Her sentences, and what they are joined of, as they sound."""
    said: list[str] = []
    told = _I_DID.sub(_DONE, unicodedata.normalize("NFC", text).lower())
    for part in _SENTENCES.split(fold(told.translate(_APOSTROPHES)).replace("/", " ").replace("_", " ")):
        words = " ".join(_APART.get(heard := sound(word), heard) for word in part.split()).split()
        mended = [_MENDED.get(word, word) for word in words]
        once = [word for at, word in enumerate(mended) if at == 0 or word != mended[at - 1]]
        for clause in _TURN.split(" ".join(once)):
            joined = clause.split(_AND)
            said += joined if len(joined) > 1 and any(map(_kind, joined)) else [clause]
    return [clause for clause in said if clause]


def _kind(clause: str) -> Stop | None:
    for kind, pattern in _KINDS.items():
        if pattern.fullmatch(clause):
            return kind
    unsure = _UNSURE.fullmatch(clause)
    if unsure and _kind(unsure["rest"]) in (Stop.PLAIN, Stop.MAYBE):
        return Stop.MAYBE
    words = set(clause.split())
    turns_down = not (words.isdisjoint(_TOLD_TO_US) or words.isdisjoint(_TURNED_DOWN))
    ours = words.isdisjoint(_LIMITS | _OF_OTHERS) and _WHY not in clause and len(words) <= _FEW_WORDS
    return Stop.MAYBE if turns_down and ours else None


def _is_courtesy(clause: str) -> bool:
    return _COURTESIES.fullmatch(f"{clause} ") is not None
