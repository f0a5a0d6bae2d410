"""A day and an hour that are still to come, as they are written in Mexico: "mañana a las 10", "el lunes a las 4".

* Without a day the next such hour is meant; without a part of the day, one in which people are awake.
* Full hours only: what is sent by the hour of each one's own zone has no minutes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from conversations.reading.dates import LONGEST_TEXT, other_days, read_date
from conversations.reading.numbers import read_integer
from conversations.reading.result import Clear, Unclear
from conversations.reading.words import normalise

NOW = frozenset({"ahora", "ahora mismo", "ahorita", "ahorita mismo", "ya", "ya mismo", "de una vez", "de inmediato"})

FIRST_AWAKE = 8
"""An hour below this without a part of the day is one of the afternoon."""

_HOUR = re.compile(
    r"(?P<at>\b(?:a las?|alas|tipo) )?"
    r"\b(?P<hour>\d{1,2}|una|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce)(?!\d)"
    r"(?P<minutes>[:.]\d{2}| y (?:media|cuarto))?(?P<unit> ?(?:hrs?|horas?|h)\b)?"
    r"(?P<half> ?[ap]\.? ?m\b\.?)?(?P<part> (?:de|en|por) la (?:mañana|tarde|noche)| de la? madrugada)?"
    r"|\b(?:al |a )?(?P<noon>medio ?dia)\b"
)
_JOINING = re.compile(r"(?:^|\s)(?:a|las|y|,)(?=\s|$)|[,;]")


class Unset(StrEnum):
    """Why no moment could be read."""

    UNREADABLE = "unreadable"
    PAST = "past"
    NO_HOUR = "no_hour"
    NOT_FULL = "not_full"


@dataclass(frozen=True, slots=True)
class Moment:
    """A day and a full hour, 0 to 23, on whichever wall."""

    day: date
    hour: int


def read_moment(text: str, *, now: datetime) -> Moment | Unset | None:
    """The moment that `text` names, seen from `now` by the wall of whoever writes; None is at once. Never raises."""
    said = normalise(text)
    if said in NOW:
        return None
    if len(said) > LONGEST_TEXT:
        return Unset.UNREADABLE
    found = next((one for one in _HOUR.finditer(said) if _is_hour(one)), None)
    rest = said if found is None else f"{said[: found.start()]} {said[found.end() :]}"
    days = _days(" ".join(_JOINING.sub(" ", rest).split()), now.date())
    if found is None:
        return Unset.NO_HOUR if days is not None else Unset.UNREADABLE
    if found["minutes"] and not found["minutes"].endswith("00"):
        return Unset.NOT_FULL
    hour = _hour(found)
    if hour is None or days is None:
        return Unset.UNREADABLE
    ahead = [day for day in days if (day, hour) > (now.date(), now.hour)]
    return Moment(min(ahead), hour) if ahead else Unset.PAST


def _is_hour(found: re.Match[str]) -> bool:
    return any(found[name] for name in ("noon", "at", "minutes", "unit", "half", "part"))


def _hour(found: re.Match[str]) -> int | None:
    if found["noon"]:
        return 12
    number = read_integer(found["hour"])
    hour = number.value if isinstance(number, Clear) else -1
    late = "p" in (found["half"] or "") or any(one in (found["part"] or "") for one in ("tarde", "noche"))
    early = "a" in (found["half"] or "") or any(one in (found["part"] or "") for one in ("mañana", "madrugada"))
    if not 0 <= hour <= 23:
        return None
    if hour > 12:
        return hour
    if late or (not early and hour < FIRST_AWAKE):
        return hour % 12 + 12
    return hour % 12 if early else hour


def _days(said: str, today: date) -> tuple[date, ...] | None:
    """The days that the words may name; where there are none today and tomorrow, None for what is no day."""
    if not said:
        return today, today + timedelta(days=1)
    reading = read_date(said, today)
    return None if isinstance(reading, Unclear) else (reading.value, *other_days(said, reading.value, today=today))
