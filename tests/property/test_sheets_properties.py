"""Any sheet survives any way of saving it, and any bytes at all give a sheet or a problem, never an exception."""

from __future__ import annotations

import csv
import zipfile
from datetime import date
from io import BytesIO, StringIO

from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from scheduler.zones import zone_for
from storage.imports.participants import COLUMNS, read_participants
from storage.imports.sheets import Cell, Row, Sheet, read_sheet

TODAY = date(2026, 11, 20)
# None of ¡ ¿ “ €: after an accented letter their cp1252 bytes can be valid UTF-8, and then no program could tell.
LETTERS = "abcxyzABC019 ñÑáéíóúüÁÉÍ,;.:'\"=+-@\t\n#/()_"
names = st.text("abcdefgh_", min_size=1, max_size=8)
texts = st.text(LETTERS, max_size=12).map(str.strip)
Table = tuple[list[str], list[list[str]]]


@st.composite
def tables(draw: st.DrawFn) -> Table:
    headers = draw(st.lists(names, min_size=1, max_size=5, unique=True))
    width = len(headers)
    rows = draw(st.lists(st.lists(texts, min_size=width, max_size=width), min_size=1, max_size=8))
    return headers, rows


def expected(headers: list[str], rows: list[list[Cell]]) -> Sheet:
    filled = ((line, row) for line, row in enumerate(rows, start=2) if any(cell != "" for cell in row))
    return Sheet(headers=tuple(headers), rows=tuple(Row(line, tuple(row)) for line, row in filled))


def without_notice_of_no_rows(sheet: Sheet) -> Sheet:
    return sheet if sheet.rows else Sheet(sheet.header_line, sheet.headers)


@given(
    table=tables(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]),
    delimiter=st.sampled_from([",", ";", "\t"]),
    ending=st.sampled_from(["\n", "\r\n"]),
    quoted=st.booleans(),
)
@settings(max_examples=300)
def test_a_csv_reads_back_as_it_was_written(
    table: Table, encoding: str, delimiter: str, ending: str, quoted: bool
) -> None:
    headers, rows = table
    out = StringIO(newline="")
    writer = csv.writer(
        out, delimiter=delimiter, lineterminator=ending, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    )
    writer.writerows([headers, *rows])
    sheet = read_sheet(out.getvalue().encode(encoding), "people.csv")
    assert without_notice_of_no_rows(sheet) == expected(headers, [list(row) for row in rows])


cells = texts.filter(lambda text: not text.startswith("=")) | st.dates(date(1950, 1, 1), date(2090, 1, 1))


@given(
    headers=st.lists(names, min_size=1, max_size=5, unique=True),
    drawn=st.lists(st.lists(cells, min_size=5, max_size=5), min_size=1, max_size=8),
)
@settings(max_examples=60, deadline=None)
def test_a_workbook_reads_back_as_it_was_written(headers: list[str], drawn: list[list[Cell]]) -> None:
    rows = [row[: len(headers)] for row in drawn]
    workbook = Workbook()
    workbook.active.append(headers)
    for row in rows:
        workbook.active.append([cell if cell != "" else None for cell in row])
    out = BytesIO()
    workbook.save(out)
    sheet = read_sheet(out.getvalue(), "people.xlsx")
    assert without_notice_of_no_rows(sheet) == expected(headers, rows)


def small_workbook() -> bytes:
    workbook = Workbook()
    for row in (["record_id", "name"], ["A-1", "=A1"], ["A-2", date(2026, 1, 1)], ["A-3", 2.5]):
        workbook.active.append(row)
    out = BytesIO()
    workbook.save(out)
    return out.getvalue()


SMALL_WORKBOOK = small_workbook()


def damaged(draw: st.DrawFn, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(draw(st.integers(1, 6))):
        changed[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255) | st.sampled_from(b'09<>/"AZ '))
    return bytes(changed)


@st.composite
def damaged_workbooks(draw: st.DrawFn) -> bytes:
    """Damaged as a file, or in a sound zip where only the sheet's own XML is wrong."""
    if draw(st.booleans()):
        return damaged(draw, SMALL_WORKBOOK)
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(SMALL_WORKBOOK)) as sound, zipfile.ZipFile(out, "w") as archive:
        for name in sound.namelist():
            content = sound.read(name)
            archive.writestr(name, damaged(draw, content) if name.endswith("sheet1.xml") else content)
    return out.getvalue()


headed = st.tuples(st.sampled_from([b"record_id,name\n", b"PK\x03\x04", b"\xff\xfe", b"\xef\xbb\xbf"]), st.binary())


@given(data=st.binary() | headed.map(b"".join) | damaged_workbooks())
@settings(max_examples=500, deadline=None)
def test_no_bytes_raise(data: bytes) -> None:
    sheet = read_sheet(data, "people.csv")
    assert sheet.problems or sheet.rows
    read_participants(sheet, today=TODAY, zone_for=zone_for)


anything = st.text(max_size=25) | st.sampled_from(
    ["A-1", "Rosa", "2026-01-01", "31/02/2026", "55 1234 5678", "1990", "tu", "CDMX", "5", "Barrientos"]
)


@given(
    headers=st.lists(st.sampled_from(COLUMNS) | names, min_size=1, max_size=8),
    rows=st.lists(st.lists(anything | st.dates(), min_size=8, max_size=8), max_size=5),
)
@settings(max_examples=300)
def test_every_row_is_read_or_told(headers: list[str], rows: list[list[Cell]]) -> None:
    numbered = tuple(Row(line, tuple(row[: len(headers)])) for line, row in enumerate(rows, start=2))
    file = read_participants(Sheet(headers=tuple(headers), rows=numbered), today=TODAY, zone_for=zone_for)
    read = {row.line for row in file.rows}
    refused = {problem.line for problem in file.problems}
    assert not read & refused
    assert 1 in refused or read | refused == {row.line for row in numbered}
    ids = [row.record_id.casefold() for row in file.rows]
    assert len(ids) == len(set(ids))
