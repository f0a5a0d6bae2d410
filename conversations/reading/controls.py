"""The few words that steer the conversation instead of answering it.

* Only a message that is such a phrase as a whole steers; "no", "nada" and answers with such words in them never do.
* A request to be left alone must be plain (`stopping` reads it); what is doubtful steers nothing.
"""

from __future__ import annotations

from enum import StrEnum

from conversations.reading.pauses import wishes_pause
from conversations.reading.stopping import Stop, read_stop
from conversations.reading.words import entries, normalise, sound


class Control(StrEnum):
    """What she may ask for at any question."""

    BACK = "back"
    SKIP = "skip"
    REFUSE = "refuse"
    DONT_KNOW = "dont_know"
    PAUSE = "pause"
    CONTINUE = "continue"
    HELP = "help"
    CORRECT = "correct"
    LISTEN = "listen"
    QUIET = "quiet"
    USTED = "usted"
    TU = "tu"
    ENGLISH = "english"
    SPANISH = "spanish"
    STOP = "stop"
    EXIT = "exit"


_PHRASES = {
    Control.BACK: """
        atras|regresar|regresa|volver|vuelve|anterior|la anterior|pregunta anterior|para atras|pa atras|hacia atras
        ir atras|volver atras|quiero regresar|regresame|me equivoque|back
        """,
    Control.SKIP: """
        saltar|saltar pregunta|saltar esta|saltar la pregunta|saltarla|saltatela|siguiente|la siguiente|la que sigue
        siguiente pregunta|otra pregunta|paso|paso de esta|omitir|omitela|brincar|brincatela|sin respuesta|skip
        """,
    Control.REFUSE: """
        prefiero no decir|prefiero no decirlo|prefiero no responder|prefiero no contestar|no quiero decir
        no quiero decirlo
        no quiero responder|no quiero contestar|no quiero hablar de eso|mejor no digo|no te quiero decir|me lo reservo
        prefiero no hablar de eso|no quiero contestar eso|no quiero responder eso|prefiero no
        """,
    Control.DONT_KNOW: """
        no se|nose|no lo se|ni idea|no tengo idea|quien sabe|no sabria decirte|no sabria decir|no se decir
        no me acuerdo
        no se cuanto|no se cuantos|no se cuanta|no se cuantas|no se bien|no se bien cuanto|no se bien cuantos
        no se exactamente|no se exacto|no se cuando|no sabria|no sabria decirle|no se decirle|no sabria cuanto
        no recuerdo|no estoy segura|la verdad no se|pues no se|ps no se|no se la verdad
        """,
    Control.PAUSE: """
        pausa|pausar|luego|despues|al rato|mas tarde|mas al rato|ahorita no|ahora no|ahorita no puedo|ahora no puedo
        no puedo ahora|no puedo ahorita|luego sigo|luego te contesto|al rato te contesto|despues te contesto
        mejor luego|mejor al rato|mejor despues|estoy ocupada|dame un rato|esperame|luego seguimos
        """,
    Control.CONTINUE: """
        seguir|sigo|sigamos|seguimos|sigue|siga|le seguimos|le sigo|quiero seguir|podemos seguir|puedo seguir
        vamos a seguir|ya podemos seguir|seguir contestando|continuar|continuo|continuamos|continuemos|continua
        quiero continuar|podemos continuar|ya puedo|ahora si puedo|ahorita si puedo|ya puedo seguir|ya puedo contestar
        ya estoy|ya estoy lista|ya estoy aqui|aqui sigo|aqui estoy|aqui ando|ya regrese|ya volvi|sigo aqui|retomar
        continue
        """,
    Control.HELP: """
        ayuda|auxilio|socorro|necesito ayuda|ayudame|ayudenme|quiero ayuda|pido ayuda|help|sos|me ayudas
        me pueden ayudar
        me puedes ayudar|quiero hablar con alguien|hablar con alguien|necesito hablar con alguien
        mejor llamenme|mejor llameme|mejor llamame|llamenme|llamame|llameme|marquenme|marcame|mejor marquenme
        mejor marcame|prefiero que me llamen|quiero que me llamen|que me llamen|que me llame alguien|mejor por telefono
        prefiero por telefono|prefiero una llamada|mejor una llamada|llamenme mejor|llameme mejor|llamame mejor
        hablenme|hableme|hablame|mejor hablenme|mejor hableme|mejor hablame|hablenme mejor|hableme mejor|hablame mejor
        hablenme por telefono|hableme por telefono|hablame por telefono|llamenme por telefono|llameme por telefono
        llamame por telefono|mejor por llamada|prefiero que me hablen|quiero que me hablen|que me hablen
        que me hable alguien|que alguien me hable|que alguien me llame|que alguien me marque|que me marque alguien
        que me marquen
        """,
    Control.CORRECT: """
        corregir|quiero corregir|corregir respuesta|corregir una respuesta|corregir mi respuesta|quiero corregirla
        quiero corregirlo|quiero corregir una respuesta|quiero corregir mi respuesta|quiero corregir algo|corrigeme
        cambiar respuesta|cambiar una respuesta|cambiar mi respuesta|quiero cambiar una respuesta
        quiero cambiar mi respuesta|quiero cambiar lo que puse|quiero cambiar lo que dije|cambiar lo que puse
        puse mal una respuesta|conteste mal una|conteste mal|puse mal
        """,
    Control.LISTEN: """
        escuchar|quiero escuchar|quiero escucharla|quiero escucharlo|oir|quiero oir|quiero oirla|quiero oirlo|leemela
        leemelo|me la lees|me lo lees|leela|leemelas|leame la pregunta|lee la pregunta|leeme la pregunta|mandame audio
        mandame un audio|mandame audios|mandeme audio|mandeme un audio|con audio|en audio|por audio|quiero audio
        quiero audios|ponme audio|pon audio|audio|audios|no se leer|no puedo leer|dimela|dimelo hablado
        """,
    Control.QUIET: """
        ya no audio|ya no audios|sin audio|sin audios|solo texto|nomas texto|puro texto|sin voz|no quiero audio
        no quiero audios|ya no quiero audio|ya no quiero audios|no me mandes audio|no me mandes audios
        ya no me mandes audio|ya no me mandes audios|ya no me mande audios|no me mande audios|quita el audio
        quita los audios|apaga el audio|mejor escrito|mejor texto|mejor sin audio|prefiero leer|quiero leer
        """,
    Control.USTED: """
        usted|mejor usted|de usted mejor|hablenme de usted
        hableme de usted|hablame de usted|de usted|tratame de usted|trateme de usted|prefiero de usted
        mejor de usted|no me tutee|no me tutees|no me hable de tu|no me hables de tu|no me gusta que me tuteen
        prefiero que me hable de usted|quiero que me hable de usted
        """,
    Control.TU: """
        tu|de tu|mejor tu|de tu mejor|tuteame otra vez|otra vez de tu|hablame otra vez de tu|hablame de tu otra vez
        ya tuteame|hablenme de tu|tuteenme|tuteeme|mejor tuteame
        tuteame|me puedes tutear|me puede tutear|puedes tutearme|puede tutearme|hablame de tu|hableme de tu
        tratame de tu|trateme de tu|no me hables de usted|no me hable de usted|prefiero de tu|mejor de tu
        prefiero que me hables de tu|mejor hablame de tu
        """,
    Control.ENGLISH: """
        english|in english|ingles|en ingles|quiero ingles|quiero en ingles|hablame en ingles|i want english
        i speak english|english language|speak english|switch to english
        """,
    Control.SPANISH: """
        español|en español|espanol|en espanol|quiero español|quiero en español|hablame en español|spanish|in spanish
        castellano|en castellano|regresa al español|cambia a español
        """,
    Control.EXIT: "salir|quiero salir|salirme|cerrar|exit",
}
_NOT_NOW = """
    luego|despues|mas tarde|ahorita no|ahora no|ahorita no puedo|ahora no puedo|no puedo ahora|no puedo ahorita
    """
"""Of the words that put off, those that may be a "no" to what was asked as well."""
_POLITE = ("por favor", "porfavor", "porfa", "porfis", "plis", "gracias", "pls", "please")


def _heard(phrase: str) -> str:
    return " ".join(sound(word) for word in phrase.split())


_CONTROLS = {_heard(phrase): control for control, phrases in _PHRASES.items() for phrase in entries(phrases)}
_PUTTING_OFF = frozenset(map(_heard, entries(_NOT_NOW)))
_LONGEST = 60


def read_control(text: str) -> Control | None:
    """Return what `text` asks for when all of it is such a request, with or without "/" or "por favor"; else None."""
    if read_stop(text) in (Stop.PLAIN, Stop.FORGET):
        return Control.STOP
    if len(text) > _LONGEST:
        return None
    return _CONTROLS.get(_plainly(text)) or (Control.PAUSE if wishes_pause(text) else None)


def may_be_a_no(text: str) -> bool:
    """Return whether words that put off ("ahorita no") may be a plain no where the open question takes one."""
    return len(text) <= _LONGEST and _plainly(text) in _PUTTING_OFF


def _plainly(text: str) -> str:
    """How it sounds, without what is only polite."""
    said = " ".join(normalise(text).replace(",", " ").replace("_", " ").split())
    for courtesy in _POLITE:
        said = said.removesuffix(f" {courtesy}").removeprefix(f"{courtesy} ")
    return _heard(said)
