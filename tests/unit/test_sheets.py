"""Sheets as people make them: encodings, separators, workbooks, blank lines, and files that are no sheets at all."""

from __future__ import annotations

import csv
import warnings
import zipfile
from datetime import date, datetime
from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook

from storage.imports.problems import Fault
from storage.imports.sheets import MAX_BYTES, Row, Sheet, read_sheet

PLAIN = Sheet(
    headers=("record_id", "name"),
    rows=(Row(2, ("A-1", "Rosa Ñúñez")), Row(3, ("A-2", "Inés"))),
)


def csv_of(text: str, encoding: str = "utf-8") -> Sheet:
    return read_sheet(text.encode(encoding), "people.csv")


def workbook_of(*rows: list[Any]) -> bytes:
    workbook = Workbook()
    for row in rows:
        workbook.active.append(row)
    return saved(workbook)


def saved(workbook: Workbook) -> bytes:
    out = BytesIO()
    workbook.save(out)
    return out.getvalue()


def rewritten(data: bytes, member: str, change: tuple[bytes, bytes]) -> bytes:
    """The workbook with some bytes of one member replaced."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == member:
                assert change[0] in content
                content = content.replace(*change)
            new.writestr(name, content)
    return out.getvalue()


def only_problem(sheet: Sheet) -> tuple[int | None, str | None, Fault]:
    assert len(sheet.problems) == 1, sheet.problems
    problem = sheet.problems[0]
    assert problem.message
    return problem.line, problem.column, problem.code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_encoding_separator_and_line_ending(encoding: str, delimiter: str, ending: str) -> None:
    lines = ["record_id,name", "A-1,Rosa Ñúñez", "A-2,Inés", ""]
    assert csv_of(ending.join(lines).replace(",", delimiter), encoding) == PLAIN


def test_windows_quotes_and_euros_are_not_lost() -> None:
    assert csv_of("record_id,name\nA-1,“Rosa” – 3 €\n", "cp1252").rows[0].cells == ("A-1", "“Rosa” – 3 €")


def test_cells_are_stripped_and_short_rows_filled() -> None:
    sheet = csv_of("record_id , name,phone\n  A-1 ,\u00a0Rosa \n")
    assert sheet.headers == ("record_id", "name", "phone")
    assert sheet.rows == (Row(2, ("A-1", "Rosa", "")),)


def test_blank_lines_are_skipped_but_counted() -> None:
    sheet = csv_of("\nrecord_id,name\n\n,,\nA-1,Rosa\n\n")
    assert sheet.header_line == 2
    assert sheet.rows == (Row(5, ("A-1", "Rosa")),)
    assert csv_of("\n" * 2000 + "record_id,name\nA-1,Rosa\n").rows[0].line == 2002


def test_a_cell_of_several_lines_is_one_row() -> None:
    sheet = csv_of('record_id,name\nA-1,"Calle 1\nColonia 2"\nA-2,Inés\n')
    assert sheet.rows == (Row(2, ("A-1", "Calle 1\nColonia 2")), Row(3, ("A-2", "Inés")))


def test_separators_inside_quotes_and_in_free_text_mislead_nobody() -> None:
    sheet = csv_of('record_id;name;notes, other\nA-1;"Pérez; Rosa";a, b, c, d\nA-2;Inés;1,5\n')
    assert sheet.headers == ("record_id", "name", "notes, other")
    assert sheet.rows[0].cells == ("A-1", "Pérez; Rosa", "a, b, c, d")


def test_more_separators_in_the_header_than_columns() -> None:
    sheet = csv_of("record_id;dependants (0,5,11,17)\nA-1;2\nA-2;3\n")
    assert sheet.headers == ("record_id", "dependants (0,5,11,17)")


def test_one_column_keeps_its_commas() -> None:
    assert csv_of("name\nPérez, Rosa\n").rows == (Row(2, ("Pérez, Rosa",)),)


def test_what_looks_like_a_formula_is_just_text() -> None:
    cells = ("=1+1", "+52 55", "-3", "@SUM(A1)")
    assert csv_of("a,b,c,d\n" + ",".join(cells)).rows[0].cells == cells


def test_columns_without_a_name_at_the_end_are_dropped() -> None:
    sheet = csv_of("record_id,name,,\nA-1,Rosa,,\n")
    assert sheet.headers == ("record_id", "name")
    assert sheet.problems == ()


def test_more_cells_than_columns() -> None:
    sheet = csv_of("record_id,name\nA-1,Pérez, Rosa\n")
    assert only_problem(sheet) == (2, None, Fault.EXTRA_CELLS)


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_quote_that_never_closes(end: str) -> None:
    sheet = csv_of(f'record_id,name\nA-1,"Rosa\nA-2,Inés\nA-3,Luz{end}')
    assert only_problem(sheet) == (2, None, Fault.UNCLOSED_QUOTE)
    assert sheet.rows == ()


@pytest.mark.parametrize("limit", [131_072, 10_000_000], ids=["as Python has it", "as another library raised it"])
def test_a_cell_too_long_for_any_sheet(limit: int, request: pytest.FixtureRequest) -> None:
    before = csv.field_size_limit(limit)
    request.addfinalizer(lambda: csv.field_size_limit(before))
    assert only_problem(csv_of("a,b\n1,2\n3," + "x" * 200_000)) == (3, None, Fault.UNCLOSED_QUOTE)


def test_a_header_without_rows() -> None:
    assert only_problem(csv_of("record_id,name\n")) == (None, None, Fault.NO_ROWS)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", Fault.EMPTY_FILE),
        (b" \r\n\r\n", Fault.EMPTY_FILE),
        (b"\xef\xbb\xbf", Fault.EMPTY_FILE),
        (b"\n" * 2000, Fault.EMPTY_FILE),
        (b";;\n;;\n", Fault.EMPTY_FILE),
        (b",,,\n,,\n", Fault.EMPTY_FILE),
        (b"%PDF-1.7\n%\xe2\xe3", Fault.NOT_A_SHEET),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Fault.NOT_A_SHEET),
        (b"\x89PNG\r\n\x1a\n", Fault.NOT_A_SHEET),
        (b"<html><table></table></html>", Fault.NOT_A_SHEET),
        (b"record_id,name\n\x00\x01\x02,x\n", Fault.NOT_A_SHEET),
        (b"\xff\xfe\x00", Fault.NOT_A_SHEET),
        (b"PK\x03\x04 not a zip", Fault.BROKEN_WORKBOOK),
    ],
)
def test_what_is_no_sheet(data: bytes, code: Fault) -> None:
    assert only_problem(read_sheet(data, "people.csv")) == (None, None, code)


def test_a_file_too_large() -> None:
    sheet = read_sheet(b"a" * (MAX_BYTES + 1), "people.csv")
    assert only_problem(sheet) == (None, None, Fault.TOO_LARGE)


def test_a_zip_that_is_no_workbook() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert only_problem(read_sheet(out.getvalue(), "people.ods")) == (None, None, Fault.BROKEN_WORKBOOK)


def test_a_workbook_cut_short() -> None:
    data = workbook_of(["record_id", "name"], ["A-1", "Rosa"])
    assert only_problem(read_sheet(data[: len(data) // 2], "people.xlsx")) == (None, None, Fault.BROKEN_WORKBOOK)


def test_a_workbook_reads_as_its_csv() -> None:
    data = workbook_of(["record_id", "name"], ["A-1", "Rosa Ñúñez"], ["A-2", " Inés "])
    assert read_sheet(data, "people.xlsx") == PLAIN
    assert read_sheet(data, "people.csv") == PLAIN


def test_a_workbooks_numbers_dates_and_yes_or_no() -> None:
    row = [datetime(2026, 3, 5), date(2026, 3, 6), 3, 3.0, 5512345678.0, 2.5, True, False, None]  # noqa: DTZ001
    sheet = read_sheet(workbook_of(list("abcdefghi"), row), "people.xlsx")
    dates = (date(2026, 3, 5), date(2026, 3, 6))
    assert sheet.rows[0].cells == (*dates, "3", "3", "5512345678", "2.5", "si", "no", "")


def test_a_workbooks_blank_lines() -> None:
    sheet = read_sheet(workbook_of([], ["record_id", "name"], [], ["A-1", "Rosa"]), "people.xlsx")
    assert (sheet.header_line, sheet.rows) == (2, (Row(4, ("A-1", "Rosa")),))


def test_the_first_visible_sheet_counts() -> None:
    workbook = Workbook()
    workbook.active.append(["lists"])
    workbook.active.sheet_state = "hidden"
    people = workbook.create_sheet("people")
    for row in (["record_id", "name"], ["A-1", "Rosa Ñúñez"], ["A-2", "Inés"]):
        people.append(row)
    assert read_sheet(saved(workbook), "people.xlsx") == PLAIN


def test_a_size_that_the_workbook_gets_wrong_hides_nothing() -> None:
    data = workbook_of(["record_id", "name"], ["A-1", "Rosa Ñúñez"], ["A-2", "Inés"])
    data = rewritten(data, "xl/worksheets/sheet1.xml", (b'ref="A1:B3"', b'ref="A1:A1"'))
    assert read_sheet(data, "people.xlsx") == PLAIN


def test_a_formula_has_the_value_it_was_saved_with() -> None:
    data = workbook_of(["record_id", "name"], ["A-1", "=UPPER(A1)"])
    data = rewritten(data, "xl/worksheets/sheet1.xml", (b"<v />", b"<v>Rosa</v>"))
    data = rewritten(data, "xl/worksheets/sheet1.xml", (b'r="B2"', b'r="B2" t="str"'))
    sheet = read_sheet(data, "people.xlsx")
    assert (sheet.rows[0].cells, sheet.problems) == (("A-1", "Rosa"), ())


def test_a_formula_without_a_saved_value_is_told_not_taken_for_empty() -> None:
    sheet = read_sheet(workbook_of(["record_id", "name"], ["A-1", "=UPPER(A1)"]), "people.xlsx")
    assert only_problem(sheet) == (2, "name", Fault.FORMULA)


def test_a_formula_that_fails_is_told() -> None:
    sheet = read_sheet(workbook_of(["record_id", "name"], ["A-1", "#N/A"]), "people.xlsx")
    assert only_problem(sheet) == (2, "name", Fault.FORMULA)


def test_no_warning_filter_is_left_behind() -> None:
    before = list(warnings.filters)
    read_sheet(workbook_of(["record_id", "name"], ["A-1", "=UPPER(A1)"]), "people.xlsx")
    assert list(warnings.filters) == before


def test_a_problem_says_where() -> None:
    sheet = read_sheet(workbook_of(["record_id", "name"], ["A-1", "=UPPER(A1)"]), "people.xlsx")
    assert str(sheet.problems[0]).startswith("line 2, name: ")
