"""What she may want of us beside answering: a rest, other hours, fewer reminders, to be written to again.

* Only a message that says this as a whole is read; a question that is open comes before all of it.
* No reason is asked for a rest, and none that she tells is kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from conversations.reading.dates import months_away, next_month_named, other_days, read_date
from conversations.reading.numbers import read_integer
from conversations.reading.result import Clear, Unclear
from conversations.reading.words import entries, fold, normalise, sound


class Wanted(StrEnum):
    """What she wants."""

    HOURS = "hours"
    NO_REMINDERS = "no_reminders"
    REMINDERS = "reminders"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Rest:
    """She wants to rest, and to be asked again on that local day; None: she did not say when."""

    until: date | None


LONGEST = 120
"""Characters; a longer message is a story."""

LONGEST_REST = timedelta(days=366)

_HOURS = """
    horario|horarios|mi horario|cambiar horario|cambiar el horario|cambiar mi horario|cambiar de horario
    cambio de horario|quiero cambiar el horario|quiero cambiar mi horario|quiero cambiar de horario|otro horario
    quiero otro horario|hora|la hora|otra hora|quiero otra hora|cambiar hora|cambiar la hora|cambiar mi hora
    cambiar de hora|cambio de hora|quiero cambiar la hora|quiero cambiar de hora|puedo cambiar la hora|a que hora
    a que hora me escriben|a que hora me escribes|a que hora me van a escribir|mejor a otra hora|a otra hora
    escribanme a otra hora|a esta hora no puedo|no puedo a esta hora|a esa hora no puedo|no puedo a esa hora
    esta hora no me queda|no me escriban a esta hora|ya no me escriban a esta hora|no me escriban a esa hora
    no me escriban a esas horas|ya no me escriban a esas horas|no me escriban tan temprano
    ya no me escriban tan temprano|no me escriban tan tarde|ya no me escriban tan tarde|no me escriban tan noche
    ya no me escriban tan noche|no me escriban en la noche|ya no me escriban en la noche
    no me escriban en las noches|no me escriban en la mañana|no me escriban en las mañanas
    no me escriban en la tarde|no me escriban en las tardes|no me escriban los domingos
    ya no me escriban los domingos|no me escriban los sabados|no me escriban entre semana
    no me escriban en fin de semana|no me escriban los fines de semana|no me manden mensajes en la noche
    no me manden mensajes tan tarde|no me manden mensajes tan temprano|escribanme en la mañana
    escribanme en la tarde|escribanme en la noche|escribanme mejor en la mañana|mejor escribanme en la mañana
    mejor escribanme en la tarde|mejor escribanme en la noche|cambiar dias|cambiar los dias|cambiar el dia
    otros dias|otro dia de la semana|que dias|que dias me escriben|dias y horas|schedule|change time
    """
_NO_REMINDERS = """
    ya no me recuerden|no me recuerden|no me recuerdes|ya no me recuerdes|sin recordatorios|sin recordatorio
    no quiero recordatorios|ya no quiero recordatorios|no quiero que me recuerden|ya no quiero que me recuerden
    ya no me manden recordatorios|no me manden recordatorios|no me mandes recordatorios|quita los recordatorios
    quiten los recordatorios|no me esten recordando|ya no me esten recordando|no mas recordatorios
    no me escriban tanto|ya no me escriban tanto|no me escriban tan seguido|ya no me escriban tan seguido
    no me manden tantos mensajes|no me escriban diario|no me escriban todos los dias|no reminders
    """
_REMINDERS = """
    recuerdenme|recuerdame|recuerdeme|si recuerdenme|si recuerdame|quiero recordatorios|si quiero recordatorios
    con recordatorios|quiero que me recuerden|si quiero que me recuerden|mandenme recordatorios
    mandame recordatorios|vuelvanme a recordar|vuelvan a recordarme|otra vez recordatorios|pon los recordatorios
    pongan los recordatorios|ya pueden recordarme|reminders
    """
_BACK = """
    quiero volver|volver|quiero regresar|regresar|escribanme otra vez|escribeme otra vez|escribame otra vez
    vuelvan a escribirme|vuelve a escribirme|vuelvanme a escribir|ya escribanme|escribanme|escribeme
    escribanme de nuevo|ya pueden escribirme|ya me pueden escribir|ya puedes escribirme|pueden escribirme
    si escribanme|si quiero que me escriban|quiero que me escriban|quiero que me escriban otra vez
    quiero que me vuelvan a escribir|quiero participar otra vez|quiero volver a participar
    quiero seguir participando|quiero participar|si quiero participar|quiero seguir|si quiero seguir|me arrepenti
    reactivar|quiero reactivar|darme de alta|quiero darme de alta|denme de alta|quiero mensajes
    quiero recibir mensajes|quiero volver a recibir mensajes|quiero estar otra vez|start|i want to come back
    text me again
    """

_REST = """
    pausa|pausar|pausenlo|quiero una pausa|quiero pausar|necesito una pausa|pongan pausa|pon pausa|ponme en pausa
    hacer una pausa|voy de viaje|me voy de viaje|salgo de viaje|voy a salir de viaje|ando de viaje|estoy de viaje
    estare de viaje|voy a viajar|voy a estar de viaje|voy a estar fuera|estoy fuera|ando fuera|estoy en el hospital
    ando en el hospital|estoy hospitalizada|voy a estar en el hospital|estoy internada|me internaron
    me van a internar|me van a operar|me operaron|me acaban de operar|estoy enferma|ando enferma|estoy muy enferma
    estoy malita|estoy recuperandome|estoy cuidando a mi mama|estoy cuidando a mi papa|estoy cuidando a mi hijo
    estoy cuidando a mi hija|estoy cuidando a un familiar|estoy cuidando a mi bebe|estoy de duelo|estoy de luto
    acabo de tener a mi bebe|acabo de dar a luz|necesito descansar|quiero descansar|necesito un descanso
    quiero un descanso|necesito un tiempo|quiero un tiempo|dame un tiempo|denme un tiempo|denme tiempo|dame tiempo
    un descanso|no voy a poder contestar|no puedo contestar por ahora|por ahora no puedo contestar
    por ahora no puedo|por el momento no puedo|ahorita no voy a poder|estos dias no puedo|estos dias no voy a poder
    esta semana no puedo|no puedo esta semana|este mes no puedo|no puedo este mes|no me escriban por ahora
    por ahora no me escriban|por el momento no me escriban|no me escriban esta semana|esta semana no me escriban
    no me escriban por un tiempo|no me escriban un tiempo|dejen de escribirme un tiempo
    me pueden dejar de escribir un tiempo|no voy a tener señal|no voy a tener celular|no voy a tener telefono|pause
    """
_WRITE = """
    escribanme|escribeme|escribame|me escriben|me escribes|busquenme|buscame|busqueme|me buscan|hablamos|seguimos
    le seguimos|contesto|te contesto|les contesto|regreso|vuelvo|puedo|ya puedo|mejor|preguntenme|preguntame
    """
"""Beside a time to come these say when she is to be asked again."""
_AWAY = """
    no me escriban|ya no me escriban|no me busquen|no puedo|no voy a poder|no voy a poder contestar
    no puedo contestar|pausa|una pausa|quiero una pausa|quiero pausar|descanso|quiero descansar|voy de viaje
    me voy de viaje|estoy de viaje|estoy fuera|voy a estar fuera|ando fuera|estoy en el hospital
    voy a estar en el hospital|ando de viaje|me voy|salgo|dejen de escribirme|denme|dame|me dan|salgo de viaje
    estare fuera|estoy internada|ahorita no puedo
    """
"""Beside a time to come these say that she is away: with a day they need to say that it lasts until then."""
_BUSY = "no puedo|ahorita no puedo|ahora no puedo|hoy no puedo|estoy ocupada|ando ocupada|estoy trabajando|ahorita no"
"""None of these asks for a rest, and each may stand beside what does."""
_UNTIL = "hasta|hasta en|hasta dentro de|por|durante|como hasta"
_FROM = "en|dentro de|para|despues de|como en|desde|a partir de"
_AROUND = """
    pues|ps|bueno|ay|hola|buenas|buenos dias|buenas tardes|buenas noches|por favor|porfa|gracias|es que|oigan|oye
    disculpen|disculpa|perdon|yo creo que|creo que|ok|la verdad|señorita|y
    """


def _heard(phrase: str) -> str:
    return " ".join(sound(word) for word in phrase.split())


def _table(phrases: str) -> frozenset[str]:
    return frozenset(map(_heard, entries(phrases)))


def _one_of(table: str) -> str:
    return "(?:" + "|".join(sorted(map(fold, entries(table)), key=len, reverse=True)) + ")"


_WANTED = {
    phrase: wanted
    for wanted, phrases in (
        (Wanted.HOURS, _HOURS),
        (Wanted.NO_REMINDERS, _NO_REMINDERS),
        (Wanted.REMINDERS, _REMINDERS),
        (Wanted.BACK, _BACK),
    )
    for phrase in _table(phrases)
}
_RESTS, _BESIDE = _table(_REST), _table(_BUSY)
_BEFORE = re.compile(rf"^(?:{_one_of(_AROUND)} )+")
_BEHIND = re.compile(rf"(?: {_one_of('por favor|porfa|gracias|please|ya|ok|mejor')})+$")
_LATER = re.compile(
    rf"(?:(?:(?P<write>{_one_of(_WRITE)})|(?P<away>{_one_of(_AWAY)})) )?"
    rf"(?:(?P<until>{_one_of(_UNTIL)}) |(?P<then>{_one_of(_FROM)}) )?(?P<span>.+)"
)
_CLAUSES = re.compile(r"[,.;:!?¡¿()\n…]+(?![0-9])")
_WEEKS = {
    _heard(span): timedelta(days=days)
    for days, spans in (
        (7, "la otra semana|la proxima semana|la semana proxima|la siguiente semana"),
        (7, "la semana que entra|la semana que viene"),
        (15, "la otra quincena|la proxima quincena|la quincena que entra|una quincena|la siguiente quincena"),
    )
    for span in entries(spans)
}
_NEXT_MONTH = _table("el otro mes|el proximo mes|el mes que entra|el mes que viene|el siguiente mes|el mes proximo")
_COUNTED = re.compile(
    rf"(?:{_one_of('unos|unas|como|otro|otra|otros|otras')} )?(?P<number>\w+) "
    r"(?P<unit>dia|diita|semana|semanita|quincena|mes|mesecito|mesesito)(?:e?s)?(?: mas)?"
)
_UNITS = {"dia": 1, "diita": 1, "semana": 7, "semanita": 7, "quincena": 15}


def read_wanted(text: str) -> Wanted | None:
    """Return what `text` asks for as a whole, or None."""
    if len(text) > LONGEST:
        return None
    said = " ".join(re.findall(r"\w+", normalise(text)))
    return _WANTED.get(_heard(said)) or _WANTED.get(_heard(_bare(said)))


def read_rest(text: str, today: date) -> Rest | None:
    """Return the rest that `text` asks for, seen from `today`, or None. Never raises."""
    if len(text) > LONGEST:
        return None
    said = [one for clause in _CLAUSES.split(fold(text)) if (one := _bare(clause.strip()))]
    rests = [_rest(clause, today) for clause in said if _heard(clause) not in _BESIDE]
    known = [rest for rest in rests if rest is not None]
    if not known or len(known) < len(rests):
        return None
    return Rest(max((rest.until for rest in known if rest.until is not None), default=None))


def read_until(text: str, today: date) -> date | None:
    """Return the day until which she wants to rest, when all of `text` names it; None if it names none to come."""
    found = _LATER.fullmatch(_bare(normalise(text)))
    return None if found is None or len(text) > LONGEST else _day(found["span"], today)


def _bare(said: str) -> str:
    """What is left without the courtesies around it."""
    return _BEHIND.sub("", " " + _BEFORE.sub("", f"{said} ", count=1).strip()).strip()


def _rest(clause: str, today: date) -> Rest | None:
    if _heard(clause) in _RESTS:
        return Rest(None)
    found = _LATER.fullmatch(clause)
    if found is None or not any((found["write"], found["away"], found["until"], found["then"])):
        return None
    leaves_on_a_day = found["away"] and not found["until"] and _after(found["span"], today) is None
    day = None if leaves_on_a_day else _day(found["span"], today)
    return None if day is None else Rest(day)


def _day(span: str, today: date) -> date | None:
    """The day to come that a span ends with, or that is named; at most LONGEST_REST away."""
    day = _after(span, today) or next_month_named(span, today) or _named(span, today)
    return day if day is not None and today < day <= today + LONGEST_REST else None


def _after(span: str, today: date) -> date | None:
    if (weeks := _WEEKS.get(_heard(span))) is not None:
        return today + weeks
    if _heard(span) in _NEXT_MONTH:
        return months_away(today, 1)
    found = _COUNTED.fullmatch(span)
    number = read_integer(found["number"]) if found else None
    if found is None or not isinstance(number, Clear) or not 0 < number.value <= LONGEST_REST.days:
        return None
    days = _UNITS.get(found["unit"])
    return months_away(today, number.value) if days is None else today + timedelta(days=days * number.value)


def _named(span: str, today: date) -> date | None:
    read = read_date(span, today)
    if isinstance(read, Unclear):
        return None
    return min((day for day in (read.value, *other_days(span, read.value, today=today)) if day > today), default=None)
