"""A coordinator's file becomes Markdown that loads to the same instrument; whatever else she sends is told apart."""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook
from pyxform.xls2json_backends import md_table_to_workbook

from bot.library import SHIPPED
from conversations.errors import InstrumentInvalid
from conversations.workbook import MAX_BYTES, MAX_UNPACKED, read_draft
from conversations.xlsform import parse_instrument
from tests.support.instruments import EVERYTHING
from tests.xlsforms.workbooks import FOLDER, KOBO, ODK, Sheets

FORMS = [*sorted(SHIPPED.glob("*.md")), *sorted(FOLDER.glob("*.md")), EVERYTHING]
Rows = list[list[object]]

SMALL: dict[str, Rows] = {
    "survey": [
        ["type", "name", "label"],
        ["text", "unica", "¿Qué pasó?"],
    ],
    "settings": [["form_id", "version"], ["una", "1"]],
}


def saved(sheets: Mapping[str, Rows]) -> bytes:
    """A workbook of these sheets, as a spreadsheet program would save it."""
    workbook = Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return _bytes(workbook)


def _bytes(workbook: Workbook) -> bytes:
    data = BytesIO()
    workbook.save(data)
    return data.getvalue()


def told(name: str, data: bytes) -> list[str]:
    """What is wrong with a file."""
    with pytest.raises(InstrumentInvalid) as invalid:
        read_draft(name, data)
    return [str(problem) for problem in invalid.value.problems]


@pytest.mark.parametrize("path", FORMS, ids=[path.stem for path in FORMS])
def test_a_workbook_is_kept_as_markdown_that_says_the_same(path: Path) -> None:
    markdown = path.read_text(encoding="utf-8")
    draft = read_draft(f"{path.stem}.xlsx", _bytes(md_table_to_workbook(markdown)))
    assert draft.instrument == parse_instrument(path.stem, markdown)
    assert parse_instrument(draft.instrument.name, draft.source) == draft.instrument
    assert read_draft(f"{path.stem}.md", draft.source.encode()).instrument == draft.instrument


@pytest.mark.parametrize("sheets", [KOBO, ODK], ids=["kobo", "odk"])
def test_what_form_builders_export_is_kept_as_markdown(sheets: Sheets) -> None:
    rows = {name: [list(row) for row in sheet] for name, sheet in sheets.items()}
    draft = read_draft("huerto.xlsx", saved(rows))
    assert parse_instrument(draft.instrument.name, draft.source) == draft.instrument
    assert draft.instrument.questions


def test_a_markdown_file_is_kept_as_it_stands() -> None:
    text = EVERYTHING.read_text(encoding="utf-8")
    assert read_draft("everything.md", text.encode()).source == text
    assert read_draft("everything.md", b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()).source == text


def test_cells_with_breaks_bars_and_odd_signs_survive() -> None:
    label = 'Primera línea\nsegunda | con barra, "comillas", # y ` y \\ y 🧶'
    survey: Rows = [["type", "name", "label"], ["note", "uno", label], [None, None, None], ["text", "dos", "¿Sí?"]]
    draft = read_draft("una.xlsx", saved({**SMALL, "survey": survey}))
    assert draft.instrument.by_name["uno"].label == {"es": label}
    assert parse_instrument("una", draft.source) == draft.instrument


def test_empty_columns_and_rows_are_not_kept() -> None:
    survey: Rows = [["type", "name", "label", "hint"], ["text", "unica", "¿Qué pasó?", None], [None, None, None, None]]
    draft = read_draft("una.xlsx", saved({**SMALL, "survey": survey}))
    assert draft.source == (
        "| settings |\n|          | form_id | version |\n|          | una     | 1       |\n\n"
        "| survey |\n|        | type | name  | label      |\n|        | text | unica | ¿Qué pasó? |\n"
    )


def test_problems_keep_the_rows_of_the_workbook() -> None:
    survey: Rows = [*SMALL["survey"], [None, None, None], ["telepathy", "otra", "¿Y?"], ["text", "¿?", None]]
    problems = told("una.xlsx", saved({**SMALL, "survey": survey}))
    assert any(problem.startswith("[survey, row 4]") and "telepathy" in problem for problem in problems)
    assert sum(problem.startswith("[survey, row 5]") for problem in problems) >= 2


def test_an_instrument_needs_a_name_that_can_be_stored() -> None:
    settings: Rows = [["version"], ["1"]]
    (problem,) = told("Mi encuesta (2).xlsx", saved({**SMALL, "settings": settings}))
    assert "rename it 'mi_encuesta_2', as 'form_id' or as the file's name" in problem
    assert read_draft("mi_encuesta.xlsx", saved({**SMALL, "settings": settings})).instrument.name == "mi_encuesta"


@pytest.mark.parametrize("settings", [[["form_id", "version"], ["una", None]], [["form_title"], ["Una"]], []])
def test_a_version_that_was_given_is_kept_with_the_form(settings: Rows) -> None:
    draft = read_draft("una.xlsx", saved({**SMALL, "settings": settings}))
    version = draft.instrument.version
    assert (len(version), version[0]) == (11, "h")
    assert draft.notes == (f"no 'version' among the settings → {version}, which changes with the content",)
    kept = read_draft("una.md", draft.source.encode())
    assert (kept.instrument, kept.source, kept.notes) == (draft.instrument, draft.source, ())


def test_markdown_without_a_version_is_kept_with_the_same() -> None:
    survey = "| survey |\n| | type | name | label |\n| | text | unica | ¿Qué pasó? |\n"
    draft = read_draft("una.md", survey.encode())
    assert f"| {draft.instrument.version} |" in draft.source
    assert parse_instrument("una", draft.source) == draft.instrument


def test_a_version_is_short() -> None:
    (problem,) = told("una.xlsx", saved({**SMALL, "settings": [["form_id", "version"], ["una", "1" * 33]]}))
    assert "'version' is too long" in problem


@pytest.mark.parametrize("name", ["form.xls", "form.csv", "form.pdf", "form"])
def test_another_kind_of_file_is_refused(name: str) -> None:
    (problem,) = told(name, b"whatever")
    assert ".xlsx" in problem


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 not quite", b"\xff" * 100], ids=["empty", "torn", "noise"])
def test_what_is_no_workbook_is_refused(data: bytes) -> None:
    (problem,) = told("una.xlsx", data)
    assert "no Excel workbook" in problem


def test_another_zip_is_no_workbook() -> None:
    data = BytesIO()
    with ZipFile(data, "w") as package:
        package.writestr("letter.txt", "hola")
    assert "no Excel workbook" in told("una.xlsx", data.getvalue())[0]


def test_a_damaged_workbook_is_refused() -> None:
    sound = BytesIO(saved(SMALL))
    data = BytesIO()
    with ZipFile(sound) as package, ZipFile(data, "w") as torn:
        for part in package.infolist():
            torn.writestr(part, b"<worksheet" if "sheet1" in part.filename else package.read(part))
    (problem,) = told("una.xlsx", data.getvalue())
    assert "damaged" in problem


def test_a_zip_bomb_is_refused_unopened() -> None:
    data = BytesIO(saved(SMALL))
    with ZipFile(data, "a", ZIP_DEFLATED) as package:
        package.writestr("xl/media/picture.bin", b"\0" * (MAX_UNPACKED + 1))
    assert len(data.getvalue()) < MAX_BYTES
    (problem,) = told("una.xlsx", data.getvalue())
    assert "unpacks to far too much" in problem


def test_a_big_file_is_refused() -> None:
    (problem,) = told("una.md", b" " * (MAX_BYTES + 1))
    assert "more than 2 MB" in problem


def test_markdown_is_utf8() -> None:
    (problem,) = told("una.md", "¿Qué?".encode("latin-1"))
    assert "UTF-8" in problem


def test_a_bar_after_a_backslash_survives() -> None:
    survey: Rows = [["type", "name", "label"], ["text", "unica", "una barra \\| así"]]
    draft = read_draft("una.xlsx", saved({**SMALL, "survey": survey}))
    assert parse_instrument("una", draft.source) == draft.instrument
