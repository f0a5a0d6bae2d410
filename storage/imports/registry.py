"""The import format `registry`: one row an enrolment, a woman in a workshop of a centre.

* Who is transferred has a row for each centre: the centre belongs to the enrolment, not to her.
* Unknown workshops and centres are kept as written, and told with the known one that is nearest.
"""

from __future__ import annotations

from datetime import date

from conversations.answers import AnswerStatus
from storage.imports.catalogue import SHIPPED, Catalogue, Names
from storage.imports.cells import CellRefused, read_record_id, read_text, read_whole
from storage.imports.facts import ENROLMENT, Fact, FactFile, gather
from storage.imports.headers import also_called
from storage.imports.outcome_cells import read_past, read_yes_no
from storage.imports.problems import Fault
from storage.imports.rows import RowReader, match_columns
from storage.imports.sheets import Cell, Sheet
from storage.imports.workshops import Axis, axis_of

REQUIRED = ("record_id", "axis", "workshop", "centre", "started_on", "completed")
COLUMNS = (*REQUIRED, "ended_on", "sessions_attended")
MAX_SESSIONS = 1000


def read_registry(sheet: Sheet, *, today: date, catalogue: Catalogue = SHIPPED) -> FactFile:
    """Read every row of a registry; `today` is the local day that none of its days may lie beyond."""
    if not sheet.headers:
        return FactFile((), sheet.problems, ())
    columns = match_columns(sheet, known=COLUMNS, required=REQUIRED, aliases=also_called(COLUMNS))
    centres, workshops = catalogue.centres, catalogue.workshops

    def enrolment(row: RowReader) -> list[Fact]:
        record_id, axis = row.require("record_id", read_record_id), row.require("axis", _axis)
        workshop, centre = _read_named(row, "workshop", names=workshops), _read_named(row, "centre", names=centres)
        _warn_of_another_axis(row, axis, known=catalogue.axis(workshop or ""))
        started, ended = read_span(row, today, needs_start=True)
        says = {"ended_on": ended, "completed": _completed(row), "sessions_attended": _sessions(row)}
        if row.problems or record_id is None:
            return []
        key = {"axis": axis and axis.value, "workshop": workshop, "centre": centre, "started_on": started}
        return [Fact(row.line, record_id, ENROLMENT, key, says)]

    return gather(sheet, columns, facts_of=enrolment)


def _axis(cell: Cell) -> Axis:
    axis = axis_of(read_text(cell))
    if axis is None:
        raise CellRefused(f"write {', '.join(Axis)}")
    return axis


def _read_named(row: RowReader, column: str, *, names: Names) -> str | None:
    """The code of the centre or workshop, or the name as it is written, with a warning that names the nearest."""
    written = row.require(column, read_text)
    if written is None:
        return None
    code = names.code(written)
    if code is None:
        near = names.nearest(written)
        advice = f"; the nearest that we know is {near}" if near else ""
        row.warn(column, f"is not in the catalogue; kept as written{advice}", code=Fault.UNKNOWN_NAME)
    return code or " ".join(written.split())


def _warn_of_another_axis(row: RowReader, said: Axis | None, *, known: Axis | None) -> None:
    if said is not None and known is not None and said is not known:
        row.warn("axis", f"the catalogue has this workshop under {known}; kept as written", code=Fault.UNKNOWN_NAME)


def read_span(row: RowReader, today: date, *, needs_start: bool = False) -> tuple[date | None, date | None]:
    """When it began and when it ended; an end before its beginning is a problem."""
    read = row.require if needs_start else row.read
    started = read("started_on", lambda cell: read_past(cell, today))
    ended = row.read("ended_on", lambda cell: read_past(cell, today))
    if started is not None and ended is not None and ended < started:
        row.refuse("ended_on", "lies before its beginning", code=Fault.CONTRADICTION)
    return started, ended


def _completed(row: RowReader) -> bool | None:
    said = row.require("completed", read_yes_no)
    return None if isinstance(said, AnswerStatus) else said


def _sessions(row: RowReader) -> int | None:
    number = row.read("sessions_attended", read_whole)
    if number is not None and number > MAX_SESSIONS:
        row.refuse("sessions_attended", f"must lie between 0 and {MAX_SESSIONS}", code=Fault.OUT_OF_RANGE)
    return number
