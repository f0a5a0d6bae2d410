"""What is wrong with a roster, said to whoever sent it: the first of it in the chat, all of it in a file.

* A mistake is told by its line, its column in Spanish and as the file has it, and what to do. No cell is repeated.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO

from bot.fitting import clipped
from bot.staff.wording import in_words
from conversations.speech import FileHanded, Phrase
from scheduler.registering import MOST_ROWS
from storage.imports.participants import COLUMNS
from storage.imports.problems import Fault, SheetProblem

MOST_TOLD = 10
"""Problems in one message; where there are more, all of them stand in a file."""

LONGEST_NAME = 80
"""Characters of the name of a file or a column, which is whatever somebody wrote."""

FILE = "errores.csv"
TITLE_KEYS = ("staff.errors_line", "staff.errors_column", "staff.errors_what")

WHOLE_KEYS = (
    *("staff.fault_empty_file", "staff.fault_too_large", "staff.fault_not_a_sheet", "staff.fault_broken_workbook"),
    *("staff.fault_no_rows", "staff.fault_missing_column", "staff.fault_repeated_column"),
)
_WHOLE = dict(
    zip(
        (
            *(Fault.EMPTY_FILE, Fault.TOO_LARGE, Fault.NOT_A_SHEET, Fault.BROKEN_WORKBOOK),
            *(Fault.NO_ROWS, Fault.MISSING_COLUMN, Fault.REPEATED_COLUMN),
        ),
        WHOLE_KEYS,
        strict=True,
    )
)
ROW_KEYS = (
    *("staff.fault_unclosed_quote", "staff.fault_extra_cells", "staff.fault_formula", "staff.fault_empty_cell"),
    *("staff.fault_turned_into_date", "staff.fault_out_of_range", "staff.fault_identifying"),
    *("staff.fault_repeated_record", "staff.fault_unknown_place", "staff.fault_unknown_column"),
)
_ROWS = dict(
    zip(
        (
            *(Fault.UNCLOSED_QUOTE, Fault.EXTRA_CELLS, Fault.FORMULA, Fault.EMPTY_CELL),
            *(Fault.TURNED_INTO_DATE, Fault.OUT_OF_RANGE, Fault.IDENTIFYING),
            *(Fault.REPEATED_RECORD, Fault.UNKNOWN_PLACE, Fault.UNKNOWN_COLUMN),
        ),
        ROW_KEYS,
        strict=True,
    )
)
CELL_KEYS = (
    *("staff.cell_phone", "staff.cell_birth_year", "staff.cell_release_date", "staff.cell_slot", "staff.cell_days"),
    *("staff.cell_trato", "staff.cell_staff", "staff.cell_plan"),
)
_CELLS = dict(
    zip(("phone", "birth_year", "release_date", "slot", "days", "trato", "staff", "plan"), CELL_KEYS, strict=True)
)
COLUMN_KEYS = (
    *("staff.column_record_id", "staff.column_name", "staff.column_phone", "staff.column_birth_year"),
    *("staff.column_release_date", "staff.column_centre", "staff.column_cohort", "staff.column_zone"),
    *("staff.column_state", "staff.column_municipality", "staff.column_slot", "staff.column_days"),
    *("staff.column_trato", "staff.column_staff", "staff.column_plan", "staff.column_schooling"),
    *("staff.column_dependants_0_5", "staff.column_dependants_6_11", "staff.column_dependants_12_17"),
    *("staff.column_dependants_adult", "staff.column_consent_on_paper", "staff.column_consent_version"),
    "staff.column_consent_witness",
)
_COLUMNS = dict(zip(COLUMNS, COLUMN_KEYS, strict=True))


def wrong(name: str, problems: Sequence[SheetProblem]) -> Phrase:
    """The message about a file with these problems."""
    told: dict[str, str | int] = {"count": len(problems), "file": clipped(name, LONGEST_NAME)}
    return Phrase("staff.file_problems", told, shortly(problems))


def shortly(problems: Sequence[SheetProblem]) -> tuple[Phrase, ...]:
    """The first of them, a line each, and how many more there are."""
    lines = [_line(problem) for problem in problems[:MOST_TOLD]]
    if (more := len(problems) - MOST_TOLD) > 0:
        lines.append(Phrase("staff.file_more_problems", {"count": more}))
    return tuple(lines)


def handed(problems: Sequence[SheetProblem], session: int) -> tuple[FileHanded, ...]:
    """All of them in a file for Excel, where they are more than a message tells."""
    if len(problems) <= MOST_TOLD:
        return ()
    sheet = StringIO()
    rows = csv.writer(sheet)
    rows.writerow([in_words(Phrase(key)) for key in TITLE_KEYS])
    rows.writerows([problem.line or "", _called(problem.column), in_words(_line(problem))] for problem in problems)
    return (FileHanded(FILE, sheet.getvalue().encode("utf-8-sig"), session),)


def _line(problem: SheetProblem) -> Phrase:
    """A mistake, or what is worth a look, with its place and what to do."""
    column = problem.column or "—"
    called = _called(problem.column) or column
    if problem.code in _WHOLE:
        return Phrase(_WHOLE[problem.code], {"column": called, "most": MOST_ROWS})
    key = _ROWS.get(problem.code) or _CELLS.get(column)
    where: dict[str, str | int] = {"line": problem.line or 0, "column": called}
    return Phrase("staff.cell_other", where) if key is None else Phrase(key, where)


def _called(column: str | None) -> str:
    """The column in Spanish and by its own name; one that we do not know as it is, never as a formula."""
    if column is None:
        return ""
    key = _COLUMNS.get(column)
    return f"{in_words(Phrase(key))} ({column})" if key else clipped(column, LONGEST_NAME).lstrip("=+-@")
