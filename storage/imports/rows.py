"""A sheet's columns are matched by name, and each row is read cell by cell, to the end of the file.

* A refused cell does not stop its row, nor a refused row its file: all problems are gathered.
* Column names are compared without case, accents or signs; unknown ones are reported and ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TypeVar

from storage.imports.cells import CellRefused, folded
from storage.imports.problems import Fault, SheetProblem
from storage.imports.sheets import Cell, Row, Sheet

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Columns:
    """Which known column stands at which place, and what is wrong with the header.

    `labels` are the headers of those columns that the file calls by another name.
    """

    places: Mapping[str, int]
    problems: tuple[SheetProblem, ...]
    warnings: tuple[SheetProblem, ...]
    labels: Mapping[str, str] = field(default_factory=dict)


def match_columns(
    sheet: Sheet, *, known: Collection[str], required: Collection[str], aliases: Mapping[str, str] | None = None
) -> Columns:
    """Find the known columns of a header, by their names or by what else they are called (`aliases`); a required one
    that is missing and one that comes twice are problems. A column that stands there by its own name has no other."""
    own = {folded(header).replace(" ", "_") for header in sheet.headers} & set(known)
    others = {alias: column for alias, column in (aliases or {}).items() if column not in own}
    places: dict[str, int] = {}
    labels: dict[str, str] = {}
    problems: list[SheetProblem] = []
    warnings: list[SheetProblem] = []
    for place, header in enumerate(sheet.headers):
        said = folded(header).replace(" ", "_")
        name = said if said in known else others.get(said, said)
        if name != said:
            labels.setdefault(name, header)
        if name not in known:
            warnings.append(_unknown(sheet, place, known=known))
        elif name in places:
            message = "this column comes twice; keep one"
            problems.append(SheetProblem(sheet.header_line, name, Fault.REPEATED_COLUMN, message))
        else:
            places[name] = place
    for name in required:
        if name not in places:
            message = "this column is missing; every row needs it"
            problems.append(SheetProblem(sheet.header_line, name, Fault.MISSING_COLUMN, message))
    return Columns(places, tuple(problems), tuple(warnings), labels)


def _unknown(sheet: Sheet, place: int, *, known: Collection[str]) -> SheetProblem:
    header = sheet.headers[place]
    close = get_close_matches(folded(header).replace(" ", "_"), known, n=1)
    advice = f"; did you mean {close[0]}?" if close else ""
    label = header or f"column {place + 1}"
    return SheetProblem(
        sheet.header_line, label, Fault.UNKNOWN_COLUMN, f"this column is not known and is ignored{advice}"
    )


class RowReader:
    """Reads the cells of one row by column name, and gathers what is wrong with them."""

    def __init__(self, row: Row, columns: Columns) -> None:
        self.line = row.line
        self.problems: list[SheetProblem] = []
        self.warnings: list[SheetProblem] = []
        self._labels = columns.labels
        self._cells: Mapping[str, Cell] = {name: row.cells[place] for name, place in columns.places.items()}

    def cell(self, column: str) -> Cell:
        """The cell as it stands, "" if it is empty or the column missing."""
        return self._cells.get(column, "")

    def read(self, column: str, reader: Callable[[Cell], T]) -> T | None:
        """The cell's value; None if the column is missing, the cell empty, or refused (then it is a problem)."""
        cell = self.cell(column)
        if cell == "":
            return None
        try:
            return reader(cell)
        except CellRefused as refused:
            self.refuse(column, str(refused), code=refused.code)
            return None

    def require(self, column: str, reader: Callable[[Cell], T]) -> T | None:
        """As `read`, but an empty cell is a problem too; a missing column is told once, for the file."""
        if column in self._cells and self.cell(column) == "":
            self.refuse(column, "is empty; every row needs it", code=Fault.EMPTY_CELL)
        return self.read(column, reader)

    def refuse(self, column: str, message: str, *, code: Fault = Fault.BAD_CELL) -> None:
        """Record a problem: the row can't be used."""
        self.problems.append(SheetProblem(self.line, self._labels.get(column, column), code, message))

    def warn(self, column: str, message: str, *, code: Fault) -> None:
        """Record something that its author should look at; the row is used."""
        self.warnings.append(SheetProblem(self.line, self._labels.get(column, column), code, message))
