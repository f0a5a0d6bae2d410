"""The few words that steer the conversation instead of answering it.

* Only a message that is such a phrase as a whole steers; "no", "nada" and answers with such words in them never do.
* A request to be left alone must be plain: only phrases that can mean nothing else stop the messages.
"""

from __future__ import annotations

from enum import StrEnum

from conversations.reading.words import entries, normalise, sound


class Control(StrEnum):
    """What she may ask for at any question."""

    BACK = "back"
    SKIP = "skip"
    REFUSE = "refuse"
    DONT_KNOW = "dont_know"
    PAUSE = "pause"
    HELP = "help"
    STOP = "stop"
    EXIT = "exit"


_PHRASES = {
    Control.BACK: """
        atras|regresar|regresa|volver|vuelve|anterior|la anterior|pregunta anterior|para atras|pa atras|hacia atras
        ir atras|volver atras|quiero regresar|regresame|me equivoque|corregir|quiero corregir|back
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
        no recuerdo|no estoy segura|la verdad no se|pues no se|ps no se|no se la verdad
        """,
    Control.PAUSE: """
        pausa|pausar|luego|despues|al rato|mas tarde|mas al rato|ahorita no|ahora no|ahorita no puedo|ahora no puedo
        no puedo ahora|no puedo ahorita|luego sigo|luego te contesto|al rato te contesto|despues te contesto
        mejor luego|mejor al rato|mejor despues|estoy ocupada|dame un rato|esperame|luego seguimos
        """,
    Control.HELP: """
        ayuda|auxilio|socorro|necesito ayuda|ayudame|ayudenme|quiero ayuda|pido ayuda|help|sos|me ayudas
        me pueden ayudar
        me puedes ayudar|quiero hablar con alguien|hablar con alguien|necesito hablar con alguien
        """,
    Control.STOP: """
        ya no me escriban|ya no me escribas|no me escriban|no me escribas|no me escriban mas|ya no me escriban mas
        baja
        dejen de escribirme|deja de escribirme|ya no me manden mensajes|no me manden mensajes
        no me manden mas mensajes
        darme de baja|quiero darme de baja|denme de baja|dame de baja|alto|stop|ya no quiero mensajes
        no quiero mas mensajes
        ya no quiero recibir mensajes|ya no quiero que me escriban|no quiero que me escriban
        no quiero que me vuelvan a escribir|ya no quiero que me vuelvan a escribir|no me vuelvan a escribir
        ya no quiero
        """,
    Control.EXIT: "salir|quiero salir|salirme|cerrar|exit",
}
_POLITE = ("por favor", "porfavor", "porfa", "porfis", "plis", "gracias", "pls")


def _heard(phrase: str) -> str:
    return " ".join(sound(word) for word in phrase.split())


_CONTROLS = {_heard(phrase): control for control, phrases in _PHRASES.items() for phrase in entries(phrases)}
_LONGEST = 60


def read_control(text: str) -> Control | None:
    """Return what `text` asks for when all of it is such a request, with or without "/" or "por favor"; else None."""
    if len(text) > _LONGEST:
        return None
    said = " ".join(normalise(text).replace(",", " ").replace("_", " ").split())
    for courtesy in _POLITE:
        said = said.removesuffix(f" {courtesy}").removeprefix(f"{courtesy} ")
    return _CONTROLS.get(_heard(said))
