"""The import format `participants`: one row a woman, checked whole before anything is stored.

* A row with any problem is not among `rows`; the caller decides whether the others may go in without it.
* Zones come from the file or from a function that is handed in, since where a place lies is the scheduler's knowledge.
* Two rows with one record_id are both refused: choosing one could give a woman another's follow-up.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from zoneinfo import available_timezones

from storage.imports.cells import (
    CellRefused,
    folded,
    read_date,
    read_name,
    read_phone,
    read_record_id,
    read_text,
    read_whole,
)
from storage.imports.centres import centre_code
from storage.imports.problems import Fault, SheetProblem
from storage.imports.rows import RowReader, match_columns
from storage.imports.sheets import Cell, Sheet
from storage.preferences import Trato

ZoneFor = Callable[[str, str | None], str | None]
"""(state, municipality) → IANA zone, or None for a state that it does not know."""

YOUNGEST, OLDEST = 18, 100  # adult prisons hold adults; an age beyond either is a slip
EARLIEST_RELEASE_YEAR = 1990  # long before any follow-up: an older date is a slip too
RELEASE_YEARS_AHEAD = 10  # a date that far off is a sentence's end mistyped
MAX_DEPENDANTS = 30

REQUIRED = ("record_id", "name")
PAPER = ("consent_on_paper", "consent_version", "consent_witness")
"""What makes a consent on paper."""

COLUMNS = (
    *REQUIRED,
    *("phone", "birth_year", "release_date", "centre", "cohort", "zone", "state", "municipality", "slot", "days"),
    *("trato", "staff", "plan"),
    *("schooling", "dependants_0_5", "dependants_6_11", "dependants_12_17", "dependants_adult"),
    *PAPER,
)

DATE_PREFIX = "date_"
"""Before the name of a date of hers that a plan counts from: `date_course_end` is the anchor `course_end`."""

_DATE_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_TAKEN = ("release", "enrolment")
"""Anchors that have a column, or come about, by themselves."""

SLOTS = {"manana": "manana", "en la manana": "manana", "tarde": "tarde", "en la tarde": "tarde"} | {
    **{"noche": "noche", "en la noche": "noche", "cualquiera": "cualquiera", "cualquier hora": "cualquiera"},
}
"""What people write for the part of the day → its code."""

_WEEK = ("lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo")
_WHOLE_WEEK = ""
_SPANS = {
    **{"entre semana": "01234", "lunes a viernes": "01234", "fin de semana": "56"},
    **{"todos": _WHOLE_WEEK, "todos los dias": _WHOLE_WEEK, "cualquiera": _WHOLE_WEEK},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantRow:
    """One woman as the file tells of her; None where it says nothing. `phone` has ten digits, `zone` is an IANA name.

    `centre` is one of the eight codes, or the centre's name as written; `slot` a code of the part of the day; `days`
    are sorted digits, Monday being 0 ("": all of the week); `dates` are hers beside the release, by name.
    """

    line: int
    record_id: str
    name: str
    phone: str | None = None
    birth_year: int | None = None
    release_date: date | None = None
    centre: str | None = None
    cohort: str | None = None
    zone: str | None = None
    state: str | None = None
    slot: str | None = None
    days: str | None = None
    trato: Trato | None = None
    staff: str | None = None
    plan: str | None = None
    schooling: str | None = None
    dependants_0_5: int | None = None
    dependants_6_11: int | None = None
    dependants_12_17: int | None = None
    dependants_adult: int | None = None
    consent_on_paper: date | None = None
    consent_version: str | None = None
    consent_witness: str | None = None
    dates: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ParticipantFile:
    """The rows without a problem, every problem of the file, and what is only worth a look."""

    rows: tuple[ParticipantRow, ...]
    problems: tuple[SheetProblem, ...]
    warnings: tuple[SheetProblem, ...]


def read_participants(sheet: Sheet, *, today: date, zone_for: ZoneFor) -> ParticipantFile:
    """Read every row of a participants file; `today` is the local date against which years and dates are judged."""
    if not sheet.headers:
        return ParticipantFile((), sheet.problems, ())
    named = _date_columns(sheet)
    columns = match_columns(sheet, known=(*COLUMNS, *named), required=REQUIRED)
    readers = [RowReader(row, columns) for row in sheet.rows]
    read = [
        None if told is None else replace(told, dates=_dates(reader, named, today=today))
        for reader in readers
        for told in [_participant(reader, today=today, zone_for=zone_for)]
    ]
    _refuse_repeated(readers)
    problems = [*sheet.problems, *columns.problems, *(problem for reader in readers for problem in reader.problems)]
    refused = {problem.line for problem in problems}
    rows = [] if columns.problems else [row for row in read if row is not None and row.line not in refused]
    warnings = [*columns.warnings, *(warning for reader in readers for warning in reader.warnings)]
    return ParticipantFile(tuple(rows), tuple(sorted(problems, key=_place)), tuple(warnings))


def _date_columns(sheet: Sheet) -> list[str]:
    names = [folded(header).replace(" ", "_") for header in sheet.headers]
    return [name for name in names if name.startswith(DATE_PREFIX) and is_date_name(name.removeprefix(DATE_PREFIX))]


def is_date_name(name: str) -> bool:
    """Whether a date of hers can be called so, for a plan to count from."""
    return _DATE_NAME.fullmatch(name) is not None and name not in _TAKEN


def _dates(row: RowReader, columns: Sequence[str], *, today: date) -> dict[str, date]:
    read = {name.removeprefix(DATE_PREFIX): row.read(name, lambda cell: read_release(cell, today)) for name in columns}
    return {name: day for name, day in read.items() if day is not None}


def _place(problem: SheetProblem) -> int:
    return problem.line or 0


def _participant(row: RowReader, *, today: date, zone_for: ZoneFor) -> ParticipantRow | None:
    record_id = row.require("record_id", read_record_id)
    name = row.require("name", read_name)
    if record_id and name and folded(record_id) in (folded(name), *folded(name).split()):
        row.refuse("record_id", "is her name; use a code that says nothing about her", code=Fault.IDENTIFYING)
    told = ParticipantRow(
        line=row.line,
        record_id=record_id or "",
        name=name or "",
        phone=row.read("phone", read_phone),
        birth_year=row.read("birth_year", lambda cell: read_birth_year(cell, today)),
        release_date=row.read("release_date", lambda cell: read_release(cell, today)),
        centre=_centre(row),
        cohort=row.read("cohort", read_text),
        zone=_zone(row, zone_for),
        state=row.read("state", read_text),
        slot=row.read("slot", lambda cell: read_slot(read_text(cell))),
        days=row.read("days", lambda cell: read_days(read_text(cell))),
        trato=row.read("trato", _trato),
        staff=row.read("staff", read_text),
        plan=row.read("plan", read_text),
        schooling=row.read("schooling", read_text),
        dependants_0_5=row.read("dependants_0_5", _dependants),
        dependants_6_11=row.read("dependants_6_11", _dependants),
        dependants_12_17=row.read("dependants_12_17", _dependants),
        dependants_adult=row.read("dependants_adult", _dependants),
        consent_on_paper=row.read("consent_on_paper", lambda cell: _past_date(cell, today)),
        consent_version=row.read("consent_version", read_text),
        consent_witness=row.read("consent_witness", read_name),
    )
    _refuse_half_a_paper(row)
    return told if record_id and name else None


def _refuse_half_a_paper(row: RowReader) -> None:
    """A consent on paper counts with its date, its version and its witness, or it is none."""
    given = [column for column in PAPER if str(row.cell(column)).strip()]
    for column in PAPER if given else ():
        if column not in given:
            row.refuse(column, "is missing; a consent on paper needs its date, its version and its witness")


def _refuse_repeated(readers: Sequence[RowReader]) -> None:
    by_id: defaultdict[str, list[RowReader]] = defaultdict(list)
    for reader in readers:
        if record_id := str(reader.cell("record_id")).casefold():
            by_id[record_id].append(reader)
    for same in by_id.values():
        for reader in same if len(same) > 1 else ():
            others = ", ".join(str(other.line) for other in same if other is not reader)
            reader.refuse("record_id", f"is also on line {others}; keep one row", code=Fault.REPEATED_RECORD)


def read_birth_year(cell: Cell, today: date) -> int:
    """The year in which she was born. Raises CellRefused."""
    if isinstance(cell, date):
        raise CellRefused("write only the year, as a number of four digits")
    year = read_whole(cell)
    if not today.year - OLDEST <= year <= today.year - YOUNGEST:
        raise CellRefused(
            f"must lie between {today.year - OLDEST} and {today.year - YOUNGEST}", code=Fault.OUT_OF_RANGE
        )
    return year


def read_release(cell: Cell, today: date) -> date:
    """A date of hers that a plan may count from, past or to come. Raises CellRefused."""
    released = read_date(cell)
    last_year = today.year + RELEASE_YEARS_AHEAD
    if not EARLIEST_RELEASE_YEAR <= released.year <= last_year:
        message = f"the year must lie between {EARLIEST_RELEASE_YEAR} and {last_year}"
        raise CellRefused(message, code=Fault.OUT_OF_RANGE)
    return released


def _past_date(cell: Cell, today: date) -> date:
    day = read_date(cell)
    if day > today:
        raise CellRefused("this day has not come yet", code=Fault.OUT_OF_RANGE)
    return day


def _dependants(cell: Cell) -> int:
    number = read_whole(cell)
    if number > MAX_DEPENDANTS:
        raise CellRefused(f"must lie between 0 and {MAX_DEPENDANTS}", code=Fault.OUT_OF_RANGE)
    return number


def read_slot(text: str) -> str:
    """The code of a part of the day. Raises CellRefused."""
    slot = SLOTS.get(folded(text))
    if slot is None:
        raise CellRefused("write manana, tarde, noche or cualquiera")
    return slot


def read_days(text: str) -> str:
    """Days of the week as sorted digits, Monday being 0: "lu, mi, vi", "entre semana". "" is the whole week.

    Raises CellRefused.
    """
    said = folded(text)
    if said in _SPANS:
        return _SPANS[said]
    words = [word for word in said.split() if word != "y"]
    named = [[str(n) for n, day in enumerate(_WEEK) if len(word) > 1 and day.startswith(word)] for word in words]
    if not words or "-" in text or any(len(days) != 1 for days in named):  # «lu-vi» may mean two days or five
        raise CellRefused("write days such as lu, mi, vi, or entre semana, fin de semana, todos")
    days = sorted({day for (day,) in named})
    return _WHOLE_WEEK if len(days) == len(_WEEK) else "".join(days)


def _trato(cell: Cell) -> Trato:
    try:
        return Trato(folded(read_text(cell)))
    except ValueError as error:
        raise CellRefused("write tu or usted") from error


def _centre(row: RowReader) -> str | None:
    written = row.read("centre", read_text)
    code = centre_code(written) if written else None
    if written and code is None:
        row.warn("centre", "is not a centre that we know; kept as written", code=Fault.UNKNOWN_PLACE)
    return code or written


def _zone(row: RowReader, zone_for: ZoneFor) -> str | None:
    """The zone that the file names, or else the one of the state and municipality."""
    named = row.read("zone", read_zone)
    state = row.read("state", read_text)
    municipality = row.read("municipality", read_text)
    if municipality and not state:
        row.warn("municipality", "is of no use without its state", code=Fault.UNKNOWN_PLACE)
    found = zone_for(state, municipality) if state else None
    if state and found is None:
        row.refuse("state", "is not a state of Mexico", code=Fault.UNKNOWN_PLACE)
    return named or found


def read_zone(cell: Cell) -> str:
    """The IANA name of a zone. Raises CellRefused."""
    zone = read_text(cell)
    if zone not in _iana_zones():
        raise CellRefused("is not an IANA zone; write one such as America/Mexico_City", code=Fault.UNKNOWN_PLACE)
    return zone


@cache
def _iana_zones() -> set[str]:
    # Collected from the files of the zone database, which takes a while.
    return available_timezones()
