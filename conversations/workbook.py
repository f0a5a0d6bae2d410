"""An author's file as it comes, checked and turned into the Markdown tables in which versions are kept.

* Whatever the file holds, the author learns what to do about it: a broken, packed or foreign file is a problem among
  others, never an error of ours.
* What is kept loads to an instrument equal to the one that the file holds; a file for which it would not is refused.
* Cells stand in columns of even width, so that two versions show their differences line by line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePath
from zipfile import BadZipFile, ZipFile

from pyxform.xls2json_backends import DefinitionData, get_xlsform

from conversations.errors import InstrumentInvalid, Problem
from conversations.instrument import Instrument
from conversations.sheet import name_problem
from conversations.xlsform import CHOICES, LINE_BREAK, SETTINGS, SURVEY, Reading, parse_instrument, read_source

XLSX, MARKDOWN = ".xlsx", ".md"
KINDS = (XLSX, MARKDOWN)

MAX_BYTES = 2_000_000
"""Of a file as it comes; the shipped instruments have less than 20 kB."""

MAX_UNPACKED = 40_000_000
"""Bytes in all parts of an .xlsx: twenty times what it may have packed, more than any form and far from a zip bomb."""

WORKBOOK = "workbook"
"""Stands for the file as a whole, where a problem has no sheet."""

_MAX_VERSION = 32


@dataclass(frozen=True, slots=True)
class Draft:
    """An instrument that could be installed, with the Markdown in which it would be kept.

    `notes` are what its author is told though nothing is wrong, a line each.
    """

    instrument: Instrument
    source: str
    notes: tuple[str, ...] = ()


def read_draft(file_name: str, data: bytes) -> Draft:
    """The instrument in a file of that name (.xlsx or .md). Raises InstrumentInvalid with every problem found."""
    path = PurePath(file_name)
    name = path.stem
    if len(data) > MAX_BYTES:
        raise _refusal(name, f"the file has more than {MAX_BYTES // 1_000_000} MB: remove pictures and unused sheets")
    if path.suffix.lower() == MARKDOWN:
        draft = _from_markdown(name, data)
    elif path.suffix.lower() == XLSX:
        draft = _from_xlsx(name, data)
    else:
        raise _refusal(name, f"this is no {' or '.join(KINDS)} file: save the form as Excel workbook (.xlsx)")
    if problems := list(_unfit(draft.instrument)):
        raise InstrumentInvalid(name, problems)
    return draft


def _refusal(name: str, message: str) -> InstrumentInvalid:
    return InstrumentInvalid(name, [Problem(WORKBOOK, None, message)])


def _unfit(instrument: Instrument) -> Iterator[Problem]:
    """What does not matter while a file is only read, and does once others refer to it."""
    if (told := name_problem(instrument.name, otherwise="form")) is not None:
        yield Problem(SETTINGS, 2, f"{told}, as 'form_id' or as the file's name")
    if len(instrument.version) > _MAX_VERSION:
        yield Problem(SETTINGS, 2, f"the 'version' is too long: write at most {_MAX_VERSION} characters")


def _from_markdown(name: str, data: bytes) -> Draft:
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise _refusal(name, "this is not UTF-8 text: save the file as UTF-8") from None
    reading = read_source(name, text)
    if reading.given_version:
        text = as_markdown(_with_version(get_xlsform(text.encode(), file_type=MARKDOWN), reading))
    return Draft(reading.instrument, text, reading.notes)


def _from_xlsx(name: str, data: bytes) -> Draft:
    _check_package(name, data)
    try:
        reading = read_source(name, data)
        source = as_markdown(_with_version(get_xlsform(BytesIO(data), file_type=XLSX), reading))
    except InstrumentInvalid:
        raise
    except Exception as error:  # openpyxl raises whatever its parts of XML happen to meet
        raise _refusal(name, "this file is damaged: open it in a spreadsheet and save it again as .xlsx") from error
    if not _loads_to(reading.instrument, source):
        what = "a cell holds what Markdown tables cannot: look for '\\' beside '|' or at the end of a cell"
        raise _refusal(name, f"{what}, and write it otherwise")
    return Draft(reading.instrument, source, reading.notes)


def _with_version(workbook: DefinitionData, reading: Reading) -> DefinitionData:
    """The workbook with the version that was given to it: what is kept says its own."""
    if reading.given_version:
        first, *rest = [row for row in workbook.settings or () if row] or [{}]
        header = (workbook.settings_header or [{}])[0]
        workbook.settings = [{**first, "version": reading.instrument.version}, *rest]
        workbook.settings_header = [{**header, "version": None}]
    return workbook


def _check_package(name: str, data: bytes) -> None:
    try:
        with ZipFile(BytesIO(data)) as package:
            unpacked = sum(part.file_size for part in package.infolist())
            names = set(package.namelist())
    except (BadZipFile, ValueError, OSError):
        raise _refusal(name, "this is no Excel workbook: save the form as .xlsx") from None
    if "[Content_Types].xml" not in names:
        raise _refusal(name, "this is no Excel workbook: save the form as .xlsx")
    if unpacked > MAX_UNPACKED:
        raise _refusal(name, "the workbook unpacks to far too much: copy its cells into a new one")


def _loads_to(instrument: Instrument, source: str) -> bool:
    try:
        return parse_instrument(instrument.name, source) == instrument
    except InstrumentInvalid:
        return False


# --- writing Markdown


def as_markdown(workbook: DefinitionData) -> str:
    """The sheets that make an instrument as Markdown tables; empty rows and columns are left out."""
    tables = [
        _table(sheet, header=header, rows=rows)
        for sheet, header, rows in (
            (SETTINGS, workbook.settings_header, workbook.settings),
            (SURVEY, workbook.survey_header, workbook.survey),
            (CHOICES, workbook.choices_header, workbook.choices),
        )
        if rows
    ]
    return "\n".join(tables)


def _table(sheet: str, *, header: Sequence[dict[str, object]] | None, rows: Sequence[dict[str, str]]) -> str:
    filled = [row for row in rows if row]
    used = {column for row in filled for column in row}
    columns = [column for column in (header or [{}])[0] if column in used]
    lines = [columns, *([row.get(column, "") for column in columns] for row in filled)]
    cells = [[_cell(text) for text in line] for line in lines]
    widths = [max(len(line[place]) for line in cells) for place in range(len(columns))]
    first = f"| {sheet} |"
    indent = f"| {' ' * len(sheet)} |"
    return "\n".join([first, *(f"{indent}{_line(line, widths)}" for line in cells), ""])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "".join(f" {cell.ljust(width)} |" for cell, width in zip(cells, widths, strict=True))


def _cell(text: str) -> str:
    return text.strip().replace("\n", LINE_BREAK).replace("|", r"\|")
