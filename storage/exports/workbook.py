"""Tables into one workbook (XLSX): a sheet each, typed cells, a header that stays, and filters.

* Rows go to disk as they come (XlsxWriter's constant memory); a table with more rows than a sheet holds goes on in a
  numbered sheet.
* No cell is a formula or a link, and none begins as one. The same rows are the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from storage.exports.cells import harmless
from storage.exports.exporting import ExportRefused
from storage.exports.shape import Table

MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384
"""What a sheet holds (Excel's specifications and limits)."""

_AT_ONCE = 1_024
"""Rows that are objects of Python at a time."""

_EPOCH = date(1899, 12, 30).toordinal()
_PLAIN = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


class WorkbookWriter:
    """One workbook at `path`, whose header says that it was made at `at`."""

    _sheet: Worksheet
    _table: Table

    def __init__(self, path: Path, *, at: datetime, most_rows: int = MOST_ROWS) -> None:
        self._path = path
        self._most_rows = most_rows
        self._book = xlsxwriter.Workbook(str(path), {**_PLAIN, "tmpdir": str(path.parent)})
        self._book.set_properties({"created": at.replace(tzinfo=None, microsecond=0)})
        self._head = self._book.add_format({"bold": True})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._row = self._number = 0

    def open(self, table: Table) -> None:
        """Begin a table. Raises ExportRefused if it is wider than a sheet."""
        if (columns := len(table.columns)) > MOST_COLUMNS:
            raise ExportRefused(f"{table.name} has {columns} columns, a sheet {MOST_COLUMNS}: choose another format")
        self._table, self._number = table, 0
        self._next_sheet()

    def _next_sheet(self) -> None:
        self._number += 1
        self._sheet = self._book.add_worksheet(self._table.name + (f"_{self._number}" if self._number > 1 else ""))
        self._sheet.freeze_panes(1, 0)
        for place, name in enumerate(self._table.names):
            self._sheet.write_string(0, place, name, self._head)
        self._row = 0

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows, each cell as what it is."""
        for start in range(0, batch.num_rows, _AT_ONCE):
            self._write_rows(harmless(batch.slice(start, _AT_ONCE)))

    def _write_rows(self, batch: pa.RecordBatch) -> None:
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            if self._row + 1 >= self._most_rows:
                self._end_sheet()
                self._next_sheet()
            self._row += 1
            self._write_row(row)

    def _write_row(self, row: Sequence[Any]) -> None:
        sheet, number = self._sheet, self._row
        for place, cell in enumerate(row):
            if cell is None:
                continue
            if isinstance(cell, str):
                sheet.write_string(number, place, cell)
            elif isinstance(cell, date):
                sheet.write_number(number, place, cell.toordinal() - _EPOCH, self._day)
            else:
                sheet.write_number(number, place, cell)

    def _end_sheet(self) -> None:
        self._sheet.autofilter(0, 0, self._row, len(self._table.columns) - 1)

    def close(self) -> Sequence[Path]:
        """End the table; its sheets have no file of their own."""
        self._end_sheet()
        return ()

    def finish(self) -> Sequence[Path]:
        """Write the workbook."""
        self._book.close()
        return (self._path,)

    def give_up(self) -> None:
        """Let go of the rows that went to disk; XlsxWriter has no word for it."""
        self._book.fileclosed = 1
        for sheet in self._book.worksheets():
            sheet.row_data_fh.close()
