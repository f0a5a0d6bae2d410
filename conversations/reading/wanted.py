"""What she may want of us beside answering: a rest, other hours, fewer reminders, no sound, to be written to again.

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
from conversations.reading.tables import heard, load
from conversations.reading.words import fold, normalise


class Wanted(StrEnum):
    """What she wants."""

    HOURS = "hours"
    NO_REMINDERS = "no_reminders"
    REMINDERS = "reminders"
    SILENT = "silent"
    SOUND = "sound"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Rest:
    """She wants to rest, and to be asked again on that local day; None: she did not say when."""

    until: date | None


LONGEST = 120
"""Characters; a longer message is a story."""

LONGEST_REST = timedelta(days=366)

_TABLES = load(
    "wanted.toml",
    shape={
        "wishes": tuple(Wanted),
        "rests": ("rest", "write", "away", "busy"),
        "spans": ("until", "from", "about", "in_a_week", "in_a_fortnight", "in_a_month"),
        "around": ("first", "last"),
    },
)
_WANTED = {phrase: wanted for wanted in Wanted for phrase in _TABLES.sounds("wishes", wanted)}
_RESTS, _BESIDE = _TABLES.sounds("rests", "rest"), _TABLES.sounds("rests", "busy")
_BEFORE = re.compile(rf"^(?:{_TABLES.one_of('around', 'first')} )+")
_BEHIND = re.compile(rf"(?: {_TABLES.one_of('around', 'last')})+$")
_LATER = re.compile(
    rf"(?:(?:(?P<write>{_TABLES.one_of('rests', 'write')})|(?P<away>{_TABLES.one_of('rests', 'away')})) )?"
    rf"(?:(?P<until>{_TABLES.one_of('spans', 'until')}) |(?P<then>{_TABLES.one_of('spans', 'from')}) )?(?P<span>.+)"
)
_CLAUSES = re.compile(r"[,.;:!?¡¿()\n…]+(?![0-9])")
_WEEKS = {
    span: timedelta(days=days)
    for table, days in (("in_a_week", 7), ("in_a_fortnight", 15))
    for span in _TABLES.sounds("spans", table)
}
_NEXT_MONTH = _TABLES.sounds("spans", "in_a_month")
_COUNTED = re.compile(
    rf"(?:{_TABLES.one_of('spans', 'about')} )?(?P<number>\w+) "
    r"(?P<unit>dia|diita|semana|semanita|quincena|mes|mesecito|mesesito)(?:e?s)?(?: mas)?"
)
_UNITS = {"dia": 1, "diita": 1, "semana": 7, "semanita": 7, "quincena": 15}


def read_wanted(text: str) -> Wanted | None:
    """Return what `text` asks for as a whole, or None."""
    if len(text) > LONGEST:
        return None
    said = " ".join(re.findall(r"\w+", normalise(text)))
    return _WANTED.get(heard(said)) or _WANTED.get(heard(_bare(said)))


def read_rest(text: str, today: date) -> Rest | None:
    """Return the rest that `text` asks for, seen from `today`, or None. Never raises."""
    if len(text) > LONGEST:
        return None
    said = [one for clause in _CLAUSES.split(fold(text)) if (one := _bare(clause.strip()))]
    rests = [_rest(clause, today) for clause in said if heard(clause) not in _BESIDE]
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
    if heard(clause) in _RESTS:
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
    if (weeks := _WEEKS.get(heard(span))) is not None:
        return today + weeks
    if heard(span) in _NEXT_MONTH:
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
