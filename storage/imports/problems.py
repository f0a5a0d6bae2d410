"""What can be wrong with a sheet, in words for whoever made it.

* A problem names its line as Excel numbers it, its column, and what to do.
* It never repeats the cell: names, phones and dates of people stay in their file.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """The kinds of problem, for programs; people read the message."""

    EMPTY_FILE = "empty_file"
    TOO_LARGE = "too_large"
    NOT_A_SHEET = "not_a_sheet"
    BROKEN_WORKBOOK = "broken_workbook"
    UNCLOSED_QUOTE = "unclosed_quote"
    EXTRA_CELLS = "extra_cells"
    FORMULA = "formula"
    NO_ROWS = "no_rows"
    MISSING_COLUMN = "missing_column"
    REPEATED_COLUMN = "repeated_column"
    UNKNOWN_COLUMN = "unknown_column"
    EMPTY_CELL = "empty_cell"
    BAD_CELL = "bad_cell"
    TURNED_INTO_DATE = "turned_into_date"
    OUT_OF_RANGE = "out_of_range"
    IDENTIFYING = "identifying"
    REPEATED_RECORD = "repeated_record"
    UNKNOWN_PLACE = "unknown_place"
    UNKNOWN_PERSON = "unknown_person"
    UNKNOWN_NAME = "unknown_name"
    CONTRADICTION = "contradiction"
    LIKELY_DUPLICATE = "likely_duplicate"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class SheetProblem:
    """One thing to mend: `line` and `column` are None where it concerns the whole file or the whole line."""

    line: int | None
    column: str | None
    code: Fault
    message: str

    def __str__(self) -> str:
        line = None if self.line is None else f"line {self.line}"
        where = ", ".join(filter(None, [line, self.column]))
        return f"{where}: {self.message}" if where else self.message
