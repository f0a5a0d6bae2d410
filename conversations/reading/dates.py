"""Dates as they are written and said in Mexico; day before month, always.

* Without a year, or by the name of a weekday, the most recent such day is meant, today included for a day and month.
* A century, a month or a week that she left out, or a day and month nearer ahead than behind, is confirmed; 31/02 is
  no date.
* dateparser is not used: of the first 67 rows of tests/corpus/dates.tsv 1.5.0 reads 34 (this module all) and makes
  dates of 9 that are none; it guesses month before day where the day is impossible, and never says that it guessed.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta

from conversations.reading.numbers import read_integer
from conversations.reading.result import Clear, Doubtful, Reading, Unclear, Unreadable
from conversations.reading.words import entries, normalise, sound

LONGEST_TEXT = 80
"""Characters; a longer message is a story, not a date."""
_YEARS = range(1900, 2101)

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "enero ene", "febrero feb", "marzo mar", "abril abr", "mayo may", "junio jun", "julio jul", "agosto ago",
            "septiembre setiembre sep sept", "octubre oct", "noviembre nov", "diciembre dic",
        ),
        start=1,
    )
    for name in map(sound, names.split())
}  # fmt: skip
_WEEKDAYS = {
    sound(day): number for number, day in enumerate(entries("lunes|martes|miercoles|jueves|viernes|sabado|domingo"))
}
_DAYS_AWAY = {
    "hoy": 0, "hoy mismo": 0, "ayer": -1, "antier": -2, "anteayer": -2, "antes de ayer": -2, "antiayer": -2,
    "mañana": 1, "pasado mañana": 2, "anoche": -1, "ayer en la noche": -1, "hoy en la mañana": 0,
    "de hoy": 0, "de ayer": -1, "de mañana": 1, "ayer en la tarde": -1, "ayer en la mañana": -1,
    "hoy en la tarde": 0, "mañana en la mañana": 1, "mañana en la tarde": 1, "mañana en la noche": 1,
}  # fmt: skip
_DAYS_THAT_ARE_WEEKS = {8: timedelta(weeks=1), 15: timedelta(weeks=2)}
"""In Mexico "hace ocho días" is a week ago, and "hace quince días" two."""

_NUMERIC = re.compile(r"(?P<day>\d{1,2})\s?[/.-]\s?(?P<month>\d{1,2})(?:\s?[/.-]\s?(?P<year>\d{4}|\d{2}))?", re.ASCII)
_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})", re.ASCII)
_NAMED = re.compile(
    r"(?P<day>1 ?ro|1 ?o|primero|\d{1,2}|[a-z]+(?: y [a-z]+)?)(?: |\s?[/.-]\s?)(?:de |d )?(?P<month>[a-z]+)"
    r"(?:(?:,? (?:de |del |del año |d )?|\s?[/.-]\s?)(?P<year>\d{4}|\d{2}|(?:dos mil|mil novecientos)[a-z ]*))?",
    re.ASCII,
)
_SPACED = re.compile(r"(?P<day>\d{1,2}) (?P<month>\d{1,2}) (?P<year>\d{4})", re.ASCII)
_MONTH_FIRST = re.compile(r"(?P<month>[a-z]+) (?P<day>\d{1,2})(?:,? (?:de |del )?(?P<year>\d{4}))?", re.ASCII)
_AGO = re.compile(
    r"(?P<way>hace|ase|dentro de|en) (?P<number>[a-z0-9]+(?: y [a-z]+)?) (?P<unit>dia|semana|mes|año)(?:e?s)?"
)
_WEEKDAY = re.compile(
    r"(?:(?:el|(?P<this>este)|al) )?(?P<next>proximo )?(?P<day>[a-z]+)"
    r"(?: (?P<when>pasado|que paso|anterior|proximo|que viene|que entra))?"
)
_WEEKDAY_AND_DAY = re.compile(r"(?P<weekday>[a-z]+),? (?P<day>\d{1,2}|[a-z]+(?: y [a-z]+)?)", re.ASCII)
_OF_A_MONTH = re.compile(
    r"(?P<day>1 ?ro|1 ?o|\d{1,2}|[a-z]+(?: y [a-z]+)?) (?:de|del) "
    r"(?:(?P<this>este mes|presente mes|mes (?:en curso|actual))"
    r"|(?P<next>mes (?:que (?:entra|viene|sigue)|proximo|siguiente|entrante)|(?:proximo|siguiente) mes)"
    r"|mes (?:pasado|anterior|que (?:paso|acaba de pasar)))",
    re.ASCII,
)
_LEADING = re.compile(r"^(?:(?:fue|era|es|desde|para|como|el|dia|del|al|pues|ps) )+(?=.)")
_BARE = re.compile(r"(?:(?:fue|era|es|desde|para|como|el|al|del|pues|ps) )*(?:el|al|del|dia) (?P<day>\w+(?: y \w+)?)")
"""Without one of these words before it a number alone is no day."""
_A_MONTH = timedelta(days=31)
_WITHIN = timedelta(days=366)
"""Beyond it a weekday that does not fit is a slip, and no other year is meant."""


def read_date(text: str, today: date) -> Reading[date]:
    """Return the day that `text` names, seen from `today`; never raises."""
    if not text.strip():
        return Unclear(Unreadable.EMPTY)
    if len(text) > LONGEST_TEXT:
        return Unclear(Unreadable.TOO_LONG)
    whole = normalise(text)
    said = _LEADING.sub("", whole)
    try:
        for read in _WAYS:
            if (reading := read(said, today)) is not None:
                return reading
        return _by_bare_day(whole, today) or Unclear(Unreadable.NOT_A_DATE)
    except (ValueError, OverflowError):
        return Unclear(Unreadable.NOT_A_DATE)


def other_days(text: str, day: date, *, today: date) -> tuple[date, ...]:
    """Return what else `text`, read as `day`, may name: another week, month or year, where she named none.

    Today comes first, then the next such day, then the last one; empty where her words leave nothing open.
    """
    if len(text) > LONGEST_TEXT:
        return ()
    whole = normalise(text)
    try:
        days = _left_open(_LEADING.sub("", whole), today) or _bare_days(whole, today)
    except (ValueError, OverflowError):
        return ()
    ahead, behind = [d for d in days if d > today], [d for d in days if d < today]
    nearest = ([today] if today in days else []) + sorted(ahead)[:1] + sorted(behind)[-1:]
    return tuple(other for other in nearest if other != day)


def next_month_named(name: str, today: date) -> date | None:
    """The first day of the next month of that name, or None if it is the name of none."""
    month = _MONTHS.get(sound(name))
    return None if month is None else date(today.year + (month <= today.month), month, 1)


def _left_open(said: str, today: date) -> Sequence[date]:
    """The days around `today` that a weekday, or a day and month without a year, may name."""
    if (numeric := _NUMERIC.fullmatch(said)) is not None:
        return [] if numeric["year"] else _yearly(int(numeric["day"]), int(numeric["month"]), today=today)
    if (weekday := _WEEKDAY.fullmatch(said)) is not None and sound(weekday["day"]) in _WEEKDAYS:
        named = _WEEKDAYS[sound(weekday["day"])]
        return [] if weekday["next"] or weekday["when"] else _weekly(named, today)
    if days := _weekday_and_day(said, today):
        return days
    on, found = _weekday_and_month(said)
    if found is None or found["year"]:
        return []
    days = _yearly(_day_number(found["day"]), _MONTHS[sound(found["month"])], today=today)
    return days if on is None else [day for day in days if day.weekday() == on and abs(day - today) <= _WITHIN]


def _by_name(said: str, today: date) -> Reading[date] | None:
    away = _DAYS_AWAY.get(said)
    return None if away is None else Clear(today + timedelta(days=away))


def _by_figures(said: str, today: date) -> Reading[date] | None:
    found = _ISO.fullmatch(said) or _NUMERIC.fullmatch(said) or _SPACED.fullmatch(said)
    return _day(int(found["day"]), int(found["month"]), year=found["year"], today=today) if found else None


def _by_month_name(said: str, today: date) -> Reading[date] | None:
    named, found = _weekday_and_month(said)
    if found is None:
        return None
    reading = _day(_day_number(found["day"]), _MONTHS[sound(found["month"])], year=found["year"], today=today)
    if isinstance(reading, Unclear) or named in {None, reading.value.weekday()}:
        return reading
    return Doubtful(reading.value)


def _weekday_and_month(said: str) -> tuple[int | None, re.Match[str] | None]:
    """The weekday before a date, if any, and the date itself where it has the name of a month."""
    weekday, _, rest = said.partition(" ")
    named = _WEEKDAYS.get(sound(weekday.rstrip(",")))
    rest = rest.removeprefix("el ") if named is not None else said
    found = _NAMED.fullmatch(rest) or _MONTH_FIRST.fullmatch(rest)
    return named, found if found and sound(found["month"]) in _MONTHS else None


def _day_number(words: str) -> int:
    """A day of the month in figures or words; 0, which is none, for anything else."""
    if words in {"primero", "1ro", "1 ro", "1o", "1 o"}:
        return 1
    if words.isdecimal():
        return int(words)
    number = read_integer(words)
    return number.value if isinstance(number, Clear) else 0


def _day(day: int, month: int, *, year: str | None, today: date) -> Reading[date]:
    """That day; the year in figures or words, or None if she left it out."""
    if year is None:
        return _most_recent(day, month, today=today)
    if not year.isdecimal():
        said = read_integer(year)
        return (
            _day(day, month, year=str(said.value), today=today)
            if isinstance(said, Clear)
            else Unclear(Unreadable.NOT_A_DATE)
        )
    if len(year) == 2:
        century = today.year // 100 * 100
        likely = century + int(year)
        return Doubtful(date(likely if likely <= today.year + 10 else likely - 100, month, day))
    return Clear(date(int(year), month, day)) if int(year) in _YEARS else Unclear(Unreadable.NOT_A_DATE)


def _most_recent(day: int, month: int, *, today: date) -> Reading[date]:
    if day > calendar.monthrange(2000, month)[1] or day < 1:
        return Unclear(Unreadable.NOT_A_DATE)
    days = _yearly(day, month, today=today)
    last, following = max(d for d in days if d <= today), min(d for d in days if d > today)
    return Clear(last) if today - last <= following - today else Doubtful(last)


def _yearly(day: int, month: int, *, today: date) -> list[date]:
    years = range(today.year - 8, today.year + 9)  # 8: the longest time between two leap days
    return _existing(day, ((year, month) for year in years))


def _monthly(day: int, today: date) -> list[date]:
    """That day of the months around this one; of three months in a row two have every day."""
    return _existing(day, (_month(today, months) for months in range(-2, 3)))


def _weekly(weekday: int, today: date) -> list[date]:
    days = [today + timedelta(days=away) for away in range(-7, 8)]
    return [day for day in days if day.weekday() == weekday]


def _existing(day: int, months: Iterable[tuple[int, int]]) -> list[date]:
    return [date(year, month, day) for year, month in months if day <= calendar.monthrange(year, month)[1]]


def _by_distance(said: str, today: date) -> Reading[date] | None:
    found = _AGO.fullmatch(said)
    number = read_integer(found["number"]) if found else None
    if found is None or not isinstance(number, Clear):
        return None
    count = number.value if found["way"] in {"en", "dentro de"} else -number.value
    match found["unit"]:
        case "dia":
            weeks = _DAYS_THAT_ARE_WEEKS.get(abs(count))
            way = 1 if count > 0 else -1
            return Doubtful(today + way * weeks) if weeks else Clear(today + timedelta(days=count))
        case "semana":
            return Clear(today + timedelta(weeks=count))
        case unit:
            return Doubtful(months_away(today, count * (12 if unit == "año" else 1)))


def months_away(today: date, months: int) -> date:
    """The same day so many months from `today`, or the last of that month where it is shorter."""
    year, month = _month(today, months)
    return date(year, month, min(today.day, calendar.monthrange(year, month)[1]))


def _month(today: date, months: int) -> tuple[int, int]:
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    return year, month + 1


def _by_weekday(said: str, today: date) -> Reading[date] | None:
    """The last such day before today; where nothing says which week she means, it may be another."""
    found = _WEEKDAY.fullmatch(said)
    named = _WEEKDAYS.get(sound(found["day"])) if found else None
    if found is None or named is None:
        return None
    if found["next"] or found["when"] in {"proximo", "que viene", "que entra"}:
        return Clear(today + timedelta(days=(named - today.weekday() - 1) % 7 + 1))
    last = today - timedelta(days=(today.weekday() - named - 1) % 7 + 1)
    return Doubtful(last) if found["this"] or found["when"] is None else Clear(last)


def _by_weekday_and_day(said: str, today: date) -> Reading[date] | None:
    """The nearest day that is both ("lunes 16"); sure where it is near and no other month around has one."""
    days = _weekday_and_day(said, today)
    if not days:
        return None
    nearest = min(days, key=lambda day: (abs(day - today), day))
    return Clear(nearest) if len(days) == 1 and abs(nearest - today) <= _A_MONTH else Doubtful(nearest)


def _weekday_and_day(said: str, today: date) -> list[date]:
    found = _WEEKDAY_AND_DAY.fullmatch(said)
    named = _WEEKDAYS.get(sound(found["weekday"])) if found else None
    if found is None or named is None:
        return []
    return [day for day in _monthly(_day_number(found["day"]), today) if day.weekday() == named]


def _by_month_around(said: str, today: date) -> Reading[date] | None:
    """A day of this month, the next or the last ("el 5 del mes que entra")."""
    found = _OF_A_MONTH.fullmatch(said)
    if found is None:
        return None
    away = 0 if found["this"] else (1 if found["next"] else -1)
    return Clear(date(*_month(today, away), _day_number(found["day"])))


def _by_bare_day(whole: str, today: date) -> Reading[date] | None:
    """The last such day of a month, today included; which month she means is confirmed."""
    days = [day for day in _bare_days(whole, today) if day <= today]
    return Doubtful(max(days)) if days else None


def _bare_days(whole: str, today: date) -> list[date]:
    found = _BARE.fullmatch(whole)
    return _monthly(_day_number(found["day"]), today) if found else []


_WAYS: tuple[Callable[[str, date], Reading[date] | None], ...] = (
    _by_name,
    _by_figures,
    _by_month_name,
    _by_distance,
    _by_weekday,
    _by_weekday_and_day,
    _by_month_around,
)
