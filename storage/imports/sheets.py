"""A spreadsheet's bytes become a header and rows of cells, whatever program wrote them.

* The content decides what a file is, never its name.
* Lines are numbered as Excel shows them: a blank line counts, and a cell of several lines is one row.
* Any bytes give a `Sheet`: what can't be read is in its `problems`, and nothing raises.
"""

from __future__ import annotations

import codecs
import csv
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from itertools import islice, repeat, zip_longest
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from openpyxl import load_workbook

from storage.imports.problems import Fault, SheetProblem

MAX_BYTES = 100 * 1024 * 1024
MAX_UNPACKED_BYTES = 1024 * 1024 * 1024  # an .xlsx is a zip: small ones can unpack without end
MAX_LINES = 1_048_576  # Excel's own limit
SAMPLE_LINES = 20
LONGEST_CELL = 131_072  # characters: what the csv module takes, four times what Excel does

Cell = str | date


@dataclass(frozen=True, slots=True)
class Row:
    """One line with something in it; as many cells as the sheet has headers, "" where one is empty."""

    line: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The header as written and the rows under it; a file that is no sheet has neither, only problems."""

    header_line: int = 1
    headers: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    problems: tuple[SheetProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Lost:
    """A cell whose value the file does not hold."""

    message: str


_Raw = Cell | _Lost


class _Unreadable(Exception):
    """The file as a whole can't be read."""

    def __init__(self, code: Fault, message: str, *, line: int | None = None) -> None:
        super().__init__(message)
        self.problem = SheetProblem(line, None, code, message)


def bytes_of(path: Path) -> bytes:
    """The bytes of a file, and of one that is too large only so many that `read_sheet` sees it. Raises OSError."""
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def read_sheet(data: bytes, filename: str) -> Sheet:
    """Read a CSV (UTF-8, UTF-16 or cp1252; comma, semicolon or tab) or the first visible sheet of an XLSX.

    `filename` is only for the messages. Cells are stripped text or dates; a workbook's numbers and yes/no values are
    text too (`3`, `2.5`, `si`, `no`), and a formula has the value that it had when the file was saved.
    """
    try:
        _refuse_what_is_no_sheet(data, filename)
        return _sheet(_workbook_rows(data) if data.startswith(b"PK") else _csv_rows(data, filename))
    except _Unreadable as unreadable:
        return Sheet(problems=(unreadable.problem,))


# What people send by mistake, by its first bytes.
_OTHER_KINDS = (
    (b"%PDF", "is a PDF"),
    (b"\xd0\xcf\x11\xe0", "is an old .xls or has a password"),
    (b"\x89PNG", "is a picture"),
    (b"\xff\xd8\xff", "is a picture"),
    (b"<", "is a web page or XML"),
    (b"{\\rtf", "is a text document"),
)


def _refuse_what_is_no_sheet(data: bytes, filename: str) -> None:
    if len(data) > MAX_BYTES:
        raise _Unreadable(Fault.TOO_LARGE, f"{filename} has more than {MAX_BYTES // 1024**2} MB; split it")
    start = data.lstrip()
    if not start:
        raise _Unreadable(Fault.EMPTY_FILE, f"{filename} is empty")
    for first_bytes, what in _OTHER_KINDS:
        if start.startswith(first_bytes):
            raise _Unreadable(Fault.NOT_A_SHEET, f"{filename} {what}; save the sheet as .xlsx or .csv")


def _sheet(rows: Iterable[Sequence[_Raw]]) -> Sheet:
    filled = ((line, row) for line, row in enumerate(rows, start=1) if any(cell != "" for cell in row))
    header_line, header = next(filled, (1, ()))
    headers = tuple(_header(cell) for cell in header)
    while headers and not headers[-1]:
        headers = headers[:-1]
    if not headers:
        raise _Unreadable(Fault.EMPTY_FILE, "the sheet is empty: it needs a header line and rows under it")
    kept: list[Row] = []
    problems: list[SheetProblem] = []
    for line, row in filled:
        problems += _row_problems(line, row, headers=headers)
        cells = tuple("" if isinstance(cell, _Lost) else cell for cell in row[: len(headers)])
        kept.append(Row(line, cells + ("",) * (len(headers) - len(cells))))
    if not kept:
        problems.append(SheetProblem(None, None, Fault.NO_ROWS, "there is no row under the header"))
    return Sheet(header_line, headers, tuple(kept), tuple(problems))


def _header(cell: _Raw) -> str:
    return "" if isinstance(cell, _Lost) else str(cell)


def _row_problems(line: int, row: Sequence[_Raw], *, headers: Sequence[str]) -> Iterator[SheetProblem]:
    if any(cell != "" for cell in row[len(headers) :]):
        yield SheetProblem(
            line, None, Fault.EXTRA_CELLS, "there are more cells than columns; look for a stray separator or quote"
        )
    for cell, header in zip(row, headers, strict=False):
        if isinstance(cell, _Lost):
            yield SheetProblem(line, header or None, Fault.FORMULA, cell.message)


# --- CSV

_DELIMITERS = (",", ";", "\t")
_NO_DELIMITER = "\x1f"  # of one column only: a sign that no text file holds (see _BINARY)
_BINARY = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")


def _csv_rows(data: bytes, filename: str) -> list[list[_Raw]]:
    text = _text(data, filename)
    reader = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text))
    rows: list[list[_Raw]] = []
    try:
        # Grown in place: when the reader stops, the rows before it say where.
        rows.extend([_stripped(cell) for cell in record] for record in reader)
    except csv.Error as error:
        raise _Unreadable(Fault.UNCLOSED_QUOTE, _QUOTE_ADVICE, line=len(rows) + 1) from error
    if text.count('"') % 2 and rows and any(isinstance(cell, str) and "\n" in cell for cell in rows[-1]):
        raise _Unreadable(Fault.UNCLOSED_QUOTE, _QUOTE_ADVICE, line=len(rows))
    return rows


def _stripped(cell: str) -> str:
    if len(cell) > LONGEST_CELL:
        raise csv.Error("longer than any cell")  # also where another library raised the limit of the csv module
    return cell.strip()


_QUOTE_ADVICE = 'a quotation mark (") opens here and never closes; remove it or close it'


def _text(data: bytes, filename: str) -> str:
    for encoding in _encodings(data):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _BINARY.search(text):
            return text
    raise _Unreadable(Fault.NOT_A_SHEET, f"{filename} is not a sheet; save it as .xlsx or as .csv (UTF-8)")


def _encodings(data: bytes) -> Sequence[str]:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)  # Excel's «Unicode text»
    return ("utf-8-sig", "cp1252")  # Latin-1 text is cp1252 too; the reverse would lose “ ” – and €


def _delimiter(text: str) -> str:
    """The separator under which the header has several columns and most of the first lines have as many."""
    fits = {delimiter: _fit(text, delimiter) for delimiter in _DELIMITERS}
    best = max(_DELIMITERS, key=fits.__getitem__)
    return best if fits[best] > (0, 0) else _NO_DELIMITER


def _fit(text: str, delimiter: str) -> tuple[int, int]:
    """(lines as wide as the header, width of the header); (0, 0) for a header of one column.

    A text that holds nothing but this delimiter fits it, and turns out empty.
    """
    try:
        records = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
        widths = [len(record) for record in islice(filter(any, records), SAMPLE_LINES)]
    except csv.Error:
        return 0, 0
    if not widths:
        return len(text), 0
    return (widths.count(widths[0]), widths[0]) if widths[0] > 1 else (0, 0)


# --- XLSX


def _workbook_rows(data: bytes) -> list[list[_Raw]]:
    try:
        unpacked, has_formulas = _look_inside(data)
        if unpacked > MAX_UNPACKED_BYTES:
            raise _Unreadable(Fault.TOO_LARGE, "the workbook unpacks to more than 1 GB; split it")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles and validations that openpyxl does not keep are nothing to us
            formulas = _grid(data, data_only=False) if has_formulas else repeat(())
            return [
                [_value(cell, formula) for cell, formula in zip_longest(cells, written)]
                for cells, written in zip(_grid(data, data_only=True), formulas, strict=False)
            ]
    except _Unreadable:
        raise
    except Exception as error:  # a damaged workbook makes openpyxl and zipfile raise almost anything
        advice = "open it in Excel or LibreOffice and save it as .xlsx or .csv"
        raise _Unreadable(Fault.BROKEN_WORKBOOK, f"this is not a sound .xlsx workbook; {advice}") from error


def _look_inside(data: bytes) -> tuple[int, bool]:
    """The size of the unpacked workbook, and whether any of its sheets holds a formula."""
    with ZipFile(BytesIO(data)) as archive:
        unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > MAX_UNPACKED_BYTES:
            return unpacked, False
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml")]
        return unpacked, any(_has_formula(archive, name) for name in sheets)


_FORMULA = re.compile(rb"<(\w+:)?f[ >/]")
_PIECE, _LONGEST_TAG = 1024 * 1024, 64


def _has_formula(archive: ZipFile, name: str) -> bool:
    """Looked for piece by piece: a sheet unpacks to hundreds of megabytes."""
    with archive.open(name) as sheet:
        seen = b""
        while piece := sheet.read(_PIECE):
            if _FORMULA.search(seen + piece):
                return True
            seen = piece[-_LONGEST_TAG:]
    return False


def _grid(data: bytes, *, data_only: bool) -> Iterator[Sequence[Any]]:
    workbook = load_workbook(BytesIO(data), read_only=True, data_only=data_only)
    sheets = workbook.worksheets
    sheet = next((sheet for sheet in sheets if sheet.sheet_state == "visible"), sheets[0])
    sheet.reset_dimensions()  # some programs write a size that hides cells
    yield from sheet.iter_rows(max_row=MAX_LINES)


def _value(cell: Any, formula: Any) -> _Raw:
    value = None if cell is None else cell.value
    if value is None:
        lost = formula is not None and formula.data_type == "f"
        return _Lost("the formula has no saved value; open the file in Excel, save it and try again") if lost else ""
    if cell.data_type == "e":
        return _Lost("the formula or date gives an error; correct it in the sheet")
    return _plain(value)


def _plain(value: object) -> Cell:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, bool):
        return "si" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")
    return str(value).strip()
