"""What XLSForm has and a chat has not: each refused with its sheet, its row, and what to do instead."""

from pathlib import Path

import pytest

from conversations.dialects import COLUMNS, REFUSED_APPEARANCES, REFUSED_SHEETS, REFUSED_TYPES
from conversations.errors import InstrumentInvalid, Problem
from conversations.xlsform import parse_instrument, read_instrument
from tests.xlsforms.workbooks import KOBO, written

SETTINGS = "| version |\n| 1 |"
CHOICES = "| list_name | name | label |\n| l | a | A |\n| l | b | B |"


def refused(survey: str = "", choices: str = CHOICES, settings: str = SETTINGS, more: str = "") -> list[Problem]:
    """What is wrong with a form of these sheets; the rows stand without the first, empty column of Markdown."""
    sheets = {
        "settings": settings,
        "survey": survey or "| type | name | label |\n| text | a | ¿A? |",
        "choices": choices,
    }
    tables = [
        f"| {name} |\n" + "".join(f"| {row.strip()}\n" for row in rows.strip().splitlines())
        for name, rows in sheets.items()
        if rows
    ]
    with pytest.raises(InstrumentInvalid) as told:
        parse_instrument("prueba", "\n".join([*tables, more]))
    return list(told.value.problems)


TYPES = {
    "geopoint": "ask for the municipality in words", "geotrace": "ask for the municipality in words",
    "geoshape": "ask for the municipality in words", "start-geopoint": "remove the row",
    "background-geopoint": "remove the row", "osm": "ask for the municipality in words",
    "image": "ask for words or a voice note", "video": "ask for words or a voice note",
    "file": "ask for words or a voice note", "barcode": "ask for words or a voice note",
    "background-audio": "remove the row", "range": "write 'integer' with a constraint",
    "rank l": "'select_one LIST'", "time": "write 'text'", "dateTime": "write 'date'",
    "begin repeat": "write its questions once for each time", "begin_repeat": "write its questions once",
    "select_one_from_file sitios.csv": "copy the choices to the choices sheet",
    "select_multiple_from_file sitios.csv": "copy the choices to the choices sheet",
    "select_one_external l": "copy the choices to the choices sheet",
    "select_multiple_external l": "copy the choices to the choices sheet",
    "xml-external": "copy what it holds to the choices sheet", "csv-external": "copy what it holds",
    "hidden": "write 'calculate'", "calculate_here": "write 'calculate'", "entities": "remove the row",
    "begin_score": "write each of its rows as a question", "begin_rank": "'select_one LIST'",
    "begin_kobomatrix": "write each of its rows as a question",
    "select_one l or_other": "add a choice 'otro' to the list", "rango": "use one of select_one, ",
    "select_one": "write 'select_one LIST'", "text l": "write just 'text'",
    "select_one m": "add it or correct the name",
}  # fmt: skip


def test_every_refused_type_is_tried() -> None:
    tried = {"datetime" if written == "dateTime" else written.split()[0].replace("begin repeat", "begin_repeat")
             for written in TYPES} | {"begin_repeat"}  # fmt: skip
    assert len(REFUSED_TYPES) > 0
    assert set(REFUSED_TYPES) <= tried


@pytest.mark.parametrize(("type_", "remedy"), TYPES.items())
def test_a_type(type_: str, remedy: str) -> None:
    (only,) = refused(f"| type | name | label |\n| text | a | ¿A? |\n| {type_} | b | ¿B? |")
    assert (only.sheet, only.row) == ("survey", 3)
    assert remedy in only.message


SURVEY_CELLS = [
    ("text", "image", "planta.png", "say it in the label"),
    ("text", "media::image::Español (es)", "planta.png", "say it in the label"),
    ("text", "big-image", "planta.png", "say it in the label"),
    ("text", "media::video", "planta.mp4", "say it in the label"),
    ("calculate", "trigger", "${a}", "empty this cell"),
    ("text", "save_to", "nombre", "empty this cell"),
    ("text", "disabled", "yes", "remove the row"),
    ("text", "repeat_count", "3", "write the questions once for each time"),
    ("text", "readonly", "yes", "write type 'note'"),
    ("text", "read_only", "${a} = 'x'", "write type 'note'"),
    ("text", "required", "${a} = 'x'", "'required' takes yes or no"),
    ("text", "hilo::sensitive", "quizá", "'hilo::sensitive' takes yes or no"),
    ("integer", "hilo::money", "yes", "belongs to type text"),
    ("select_one l", "parameters", "randomize=true", "choices stand as they are written"),
    ("select_one l", "parameters", "value=id", "empty this cell"),
    ("select_one l", "appearance", "minimal search('sitios')", "copy the choices to the choices sheet"),
    ("select_one l", "appearance", "label", "write type 'note'"),
    ("text", "appearance", "ex:org.app(x)", "empty this cell"),
    ("text", "choice_filter", "true()", "belongs to select_one or select_multiple"),
    ("select_one l", "choice_filter", "zona = 'x'", "write ${zona}, or put it in quotes"),
    ("select_one l", "choice_filter", "label = 'x'", "write ${label}, or put it in quotes"),
    ("text", "media::audio", "voces/a.ogg", "write the file's name alone"),
    ("text", "default", "concat('a', 'b')", "what is worked out belongs in a 'calculate' row"),
    ("text", "default", "${a}", "what is worked out belongs in a 'calculate' row"),
    ("date", "default", "today()", "write a fixed value"),
    ("date", "default", "3/5/2026", "as in 2026-03-31"),
    ("integer", "default", "1.5", "write a whole number"),
    ("decimal", "default", "mucho", "write a number"),
    ("select_one l", "default", "c", "use one of a, b"),
    ("select_multiple l", "default", "a c", "use one of a, b"),
    ("note", "default", "a", "empty this cell"),
    ("audio", "default", "a.ogg", "empty this cell"),
    ("acknowledge", "default", "ok", "empty this cell"),
    ("text", "relevant", "once(${a}) = 1", "write what stands inside it"),
    ("text", "relevant", "pulldata('a', 'b', 'c', ${a}) = 1", "put the list on the choices sheet"),
    ("text", "relevant", "jr:choice-name(${a}, '${a}') = 'x'", "without the quotes"),
    ("text", "relevant", "jr:choice-name(${a}, a) = 'x'", "compare the choice's name"),
    ("text", "relevant", "indexed-repeat(${a}, ${a}, 1) = 1", "there are no repeats here"),
    ("text", "relevant", "position(..) = 1", "there are no repeats here"),
    ("text", "relevant", "now() > 1", "use today()"),
    ("text", "relevant", "random() > 0.5", "leave it out"),
    ("text", "relevant", "sin(1) = 1", "there are coalesce, "),
    ("text", "relevant", "${last-saved#a} = 1", "with nothing else inside"),
    ("text", "relevant", "/data/a = 1", "name questions as in ${name}"),
    ("text", "relevant", "${z} = 1", "move it up or correct it"),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "column", "cell", "remedy"), SURVEY_CELLS)
def test_a_cell_of_the_survey(type_: str, column: str, cell: str, remedy: str) -> None:
    label, calculation = ("", "1") if type_ == "calculate" else ("¿B?", "")
    survey = (
        f"| type | name | label | calculation | {column} |\n| text | a | ¿A? | | |\n"
        f"| {type_} | b | {label} | {calculation} | {cell} |"
    )
    (only,) = refused(survey)
    assert (only.sheet, only.row) == ("survey", 3)
    assert remedy in only.message


def test_a_group_that_repeats_by_its_count() -> None:
    (only,) = refused(
        "| type | name | label | repeat_count |\n| begin_group | g | G | 3 |\n| text | a | ¿A? | |\n| end_group | | | |"
    )
    assert (only.sheet, only.row) == ("survey", 2)
    assert "write the questions once for each time" in only.message


CHOICE_CELLS = [
    ("media::image", "a.png", 3, "say it in the label"),
    ("image", "a.png", 3, "say it in the label"),
    ("big-image", "a.png", 3, "say it in the label"),
    ("video", "a.mp4", 3, "say it in the label"),
    ("media::audio", "a.ogg", 3, "record the whole question"),
    ("hilo::exclusive", "quizá", 3, "takes yes or no"),
    ("zona", "norte", 1, "name it in a choice_filter, or remove it"),
    ("label::English", "B", 1, "end the language with its code, as in 'label::Español (es)'"),
    ("label::Español (es)", "B", 1, "keep one"),
]


@pytest.mark.parametrize(("column", "cell", "row", "remedy"), CHOICE_CELLS)
def test_a_cell_of_the_choices(column: str, cell: str, row: int, remedy: str) -> None:
    found = refused(choices=f"| list_name | name | label | {column} |\n| l | a | A | |\n| l | b | B | {cell} |")
    assert [(problem.sheet, problem.row) for problem in found if remedy in problem.message] == [("choices", row)]


SETTINGS_CELLS = [
    ("public_key", "MIIB", 2, "empty this cell"),
    ("submission_url", "https://example.org/x", 2, "empty this cell"),
    ("add_none_option", "yes", 2, "write the choice on the choices sheet"),
    ("color", "azul", 1, "remove it"),
]


@pytest.mark.parametrize(("column", "cell", "row", "remedy"), SETTINGS_CELLS)
def test_a_cell_of_the_settings(column: str, cell: str, row: int, remedy: str) -> None:
    (only,) = refused(settings=f"| version | {column} |\n| 1 | {cell} |")
    assert (only.sheet, only.row) == ("settings", row)
    assert remedy in only.message


def test_every_refused_column_and_appearance_is_tried() -> None:
    tried = {
        "survey": {column for _, column, *_ in SURVEY_CELLS} | {"media::big-image"},
        "choices": {column for column, *_ in CHOICE_CELLS} | {"media::big-image", "media::video"},
        "settings": {column for column, *_ in SETTINGS_CELLS},
    }
    tried["survey"].add("media::image")
    for sheet, columns in COLUMNS.items():
        assert len(columns.refused) > 0
        assert set(columns.refused) <= tried[sheet]
    cells = [cell for _, column, cell, _ in SURVEY_CELLS if column == "appearance"]
    assert all(any(start in cell for cell in cells) for start in REFUSED_APPEARANCES)


@pytest.mark.parametrize("sheet", list(REFUSED_SHEETS))
def test_a_sheet(sheet: str) -> None:
    (only,) = refused(more=f"| {sheet} |\n| | list_name | name | label |\n| | l | a | A |\n")
    assert (only.sheet, only.row) == (sheet, None)
    assert "remove it" in only.message


@pytest.mark.parametrize(
    ("column", "told"),
    [
        ("label::English", "end the language with its code, as in 'label::Español (es)'"),
        ("hint::Náhuatl", "end the language with its code, as in 'hint::Español (es)'"),
        ("hilo::short::Corto", "as in 'hilo::short::Español (es)'"),
        ("media::audio::Voz", "as in 'media::audio::Español (es)'"),
        ("label::Español (es)", "the columns 'label' and 'label::Español (es)' are in the same language: keep one"),
        ("relevant::Español (es)", "column 'relevant::Español (es)' has no languages: write 'relevant'"),
        ("color", "column 'color' is not supported: remove it (known: appearance, "),
    ],
)
def test_a_header_of_the_survey(column: str, told: str) -> None:
    found = refused(f"| type | name | label | {column} |\n| text | a | ¿A? | x |")
    assert [(problem.sheet, problem.row) for problem in found if told in problem.message] == [("survey", 1)]


def test_a_name_without_a_letter_has_no_suggestion() -> None:
    (only,) = refused("| type | name | label |\n| text | ¿? | ¿A? |")
    assert only.message.endswith("at most 32 characters")


def test_what_a_metadata_row_would_have_held() -> None:
    (only,) = refused(
        "| type | name | label | relevant |\n| start | inicio | | |\n| text | a | ¿A? | ${inicio} != '' |"
    )
    assert (only.sheet, only.row) == ("survey", 3)
    assert "use today(), or leave it out" in only.message


def test_texts_cannot_repeat_answers() -> None:
    (only,) = refused("| type | name | label | hint |\n| text | a | ¿A? | |\n| text | b | ¿B? | Dijiste ${a}. |")
    assert (only.sheet, only.row) == ("survey", 3)
    assert "write it without" in only.message


def test_a_default_that_its_own_question_refuses() -> None:
    (only,) = refused("| type | name | label | default | constraint |\n| integer | a | ¿A? | 12 | . < 10 |")
    assert (only.sheet, only.row) == ("survey", 2)
    assert "the question's own constraint refuses it" in only.message


def test_a_default_of_an_exclusive_choice_and_another() -> None:
    (only,) = refused(
        "| type | name | label | default |\n| select_multiple l | a | ¿A? | a b |",
        "| list_name | name | label | hilo::exclusive |\n| l | a | A | |\n| l | b | B | yes |",
    )
    assert (only.sheet, only.row) == ("survey", 2)
    assert "an exclusive choice stands alone" in only.message


def test_money_has_no_default() -> None:
    (only,) = refused("| type | name | label | default | hilo::money |\n| text | a | ¿A? | 1500 | yes |")
    assert (only.sheet, only.row) == ("survey", 2)
    assert "nobody's income is known beforehand: empty this cell" in only.message


def test_a_question_without_spanish() -> None:
    (only,) = refused("| type | name | label::English (en) |\n| text | a | What? |")
    assert (only.sheet, only.row) == ("survey", 2)
    assert "'a' has no label in Spanish: write the question" in only.message


def test_a_repeat_is_told_once_and_its_questions_are_read() -> None:
    found = refused(
        "| type | name | label |\n| begin repeat | r | R |\n| text | a | |\n| end repeat | | |\n| text | b | ¿B? |"
    )
    assert [problem.row for problem in found] == [2, 3]


def test_a_workbook_of_kobotoolbox_with_what_a_chat_has_not(tmp_path: Path) -> None:
    survey = [*KOBO["survey"], ["geopoint", "Donde_esta", "¿Dónde está?"], ["range", "_5_estrellas", "¿Cuántas?"]]
    with pytest.raises(InstrumentInvalid) as told:
        read_instrument(written(tmp_path / "huerto.xlsx", {**KOBO, "survey": survey}))
    found = [(problem.sheet, problem.row, problem.message.split(" ")[0]) for problem in told.value.problems]
    assert found == [("survey", 10, "type"), ("survey", 11, "type")]
