"""Whatever stands in the cells of a workbook, the Markdown that is kept of it loads to an equal instrument."""

from io import BytesIO
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, WriteOnlyCell

from conversations.workbook import read_draft
from conversations.xlsform import parse_instrument

nasty = st.sampled_from([*"|\\#-_`<>*&;=+\n\t\r\"'¿é🧶 \u00a0\u2028", "<br>", "| survey |", "---", "\\|"])
texts = (
    st.lists(nasty | st.characters(codec="utf-8"), max_size=12)
    .map("".join)
    .map(lambda text: ILLEGAL_CHARACTERS_RE.sub("", text))
)


@settings(max_examples=60, deadline=None)
@given(label=texts, hint=texts, choices=st.lists(texts, min_size=1, max_size=3), title=texts)
def test_markdown_loads_to_the_same_instrument(label: str, hint: str, choices: list[str], title: str) -> None:
    workbook = Workbook()
    survey = workbook.active
    survey.title = "survey"
    for row in (
        ["type", "name", "label::Español (es)", "hint::Español (es)"],
        ["select_one lista", "primera", f"¿Qué {label}", f"Por {hint}"],
        ["text", "otra", f"{label}?", hint],
    ):
        _write(survey, row)
    sheet = workbook.create_sheet("choices")
    _write(sheet, ["list_name", "name", "label::Español (es)"])
    for number, choice in enumerate(choices):
        _write(sheet, ["lista", f"opcion_{number}", f"Sí {choice} {number}"])
    sheet = workbook.create_sheet("settings")
    _write(sheet, ["form_id", "form_title", "version"])
    _write(sheet, ["una", title, "1"])
    data = BytesIO()
    workbook.save(data)
    draft = read_draft("una.xlsx", data.getvalue())
    assert parse_instrument("una", draft.source) == draft.instrument


def _write(sheet: Any, row: list[str]) -> None:
    cells = []
    for text in row:
        cell = WriteOnlyCell(sheet, text)
        cell.data_type = "s"  # a text that begins with "=" is no formula here
        cells.append(cell)
    sheet.append(cells)
