"""How long a pause she asks for: an hour, until tomorrow, or a week.

* Only a message that says this as a whole is read; any other span is none of ours, and is answered with the offer.
* "Mañana" alone may also answer a question about a date: ask here only when a pause is what she may mean.
"""

from __future__ import annotations

import re
from enum import StrEnum

from conversations.reading.words import entries, normalise, sound


class PauseFor(StrEnum):
    """The pauses that are offered."""

    HOUR = "hour"
    TOMORROW = "tomorrow"
    WEEK = "week"


_SPANS = {
    PauseFor.HOUR: """
        una hora|1 hora|1 h|1 hr|una horita|1 horita|una hora mas|una horita mas|60 minutos|sesenta minutos
        una hora o asi
        """,
    PauseFor.TOMORROW: """
        mañana|mañana mismo|mañana temprano|mañana por la mañana|mañana en la mañana|mañana a mediodia
        mañana al mediodia|mañana en la tarde|mañana por la tarde|mañana en la noche|mañana por la noche
        mañana en la nochecita|mañana noche|mañana tarde|mañana a esta hora|mañana a la misma hora|el dia de mañana
        mañanita|un dia|1 dia|el dia siguiente
        """,
    PauseFor.WEEK: """
        la proxima semana|la prosima semana|la semana proxima|proxima semana
        la siguiente semana|la semana siguiente|la otra semana
        otra semana|la semana que entra|la semana que viene|una semana|1 semana|una semanita|ocho dias|8 dias
        siete dias|7 dias
        """,
}
"""In Mexico eight days are a week."""

_WISHES = """
    pausa|pausar|pausalo|pausame|pon pausa|haz pausa|quiero una pausa|quiero pausa|mejor|mejor luego|al rato|al ratito
    luego|despues|mas tarde|ahorita no|ahora no|hoy no|ahorita no puedo|ahora no puedo|hoy no puedo|no puedo
    no puedo ahorita|no puedo ahora|no puedo hoy|esperame|espereme|dame|deme|te contesto|le contesto|te respondo
    le respondo|te escribo|le escribo|seguimos|le seguimos|lo seguimos|sigo|le sigo|continuo|continuamos|contesto
    escribeme|escribame|preguntame|pregunteme|buscame|busqueme|puedo|si puedo|ya puedo
    """
"""Beside a span these say that a pause is meant."""
_AROUND = """
    pues|ps|pos|bueno|ay|no|si|ok|oye|oiga|porfa|por favor|es que|gracias|yo creo que|creo que|esta bien|en|dentro de
    hasta|para|como|a|por
    """

_LONGEST = 60


def _heard(phrase: str) -> str:
    return " ".join(sound(word) for word in phrase.split())


def _longest_first(table: str) -> list[str]:
    return sorted(map(_heard, entries(table)), key=len, reverse=True)


_PAUSES = {_heard(span): pause for pause, spans in _SPANS.items() for span in entries(spans)}
_WISHED = set(_longest_first(_WISHES))
_STRIPPED = _longest_first(_WISHES + "\n" + _AROUND)


def read_pause(text: str) -> PauseFor | None:
    """Return how long she wants to pause, when all of `text` says so; None for another span, or none."""
    return _PAUSES.get(_span(text)[0])


def wishes_pause(text: str) -> bool:
    """Return whether `text` asks for one of these pauses in so many words ("mejor mañana", "te contesto en una hora");
    a bare "mañana" does not."""
    span, wished = _span(text)
    return wished and span in _PAUSES


def _span(text: str) -> tuple[str, bool]:
    """What is left of `text` without the words that go around a span, and whether she wished for a pause in these."""
    if len(text) > _LONGEST:
        return "", False
    said = _heard(" ".join(re.findall(r"\w+", normalise(text))))
    wished = False
    while said not in _PAUSES:
        found = next(
            (phrase for phrase in _STRIPPED if said.startswith(phrase + " ") or said.endswith(" " + phrase)), ""
        )
        if not found:
            break
        wished = wished or found in _WISHED
        said = said.removeprefix(found + " ") if said.startswith(found + " ") else said.removesuffix(" " + found)
    return said, wished
