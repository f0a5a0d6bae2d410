"""Loading instruments: `.xlsx` loads as Markdown does, and every fault is told at once, with its place and remedy."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook

from conversations.errors import InstrumentInvalid, Problem
from conversations.instrument import Instrument, QuestionType, in_language
from conversations.xlsform import parse_instrument, read_instrument
from tests.support.instruments import EVERYTHING, EVERYTHING_READ, shipped

SETTINGS = """
| settings |
|          | version |
|          | 1       |
"""


def problems(survey: str, choices: str = "", settings: str = SETTINGS) -> tuple[Problem, ...]:
    """What is wrong with an instrument of these sheets, given as rows of Markdown without the first, empty column."""
    sheets = [("survey", survey), ("choices", choices)]
    tables = [
        f"| {name} |\n" + "".join(f"|   {row.strip()}\n" for row in rows.strip().splitlines())
        for name, rows in sheets
        if rows
    ]
    with pytest.raises(InstrumentInvalid) as refused:
        parse_instrument("prueba", "\n".join([settings, *tables]))
    return refused.value.problems


def workbook(path: Path, instrument: str) -> Path:
    """The Markdown instrument as a spreadsheet."""
    book = Workbook()
    book.remove(book.active)
    for line in filter(None, instrument.splitlines()):
        first, *row = [cell.strip() for cell in line.strip()[1:-1].split("|")]
        if first:
            sheet = book.create_sheet(first)
        else:
            sheet.append([int(cell) if cell.isdecimal() else cell or None for cell in row])
    book.save(path)
    return path


def plain(instrument: Instrument) -> list[tuple[object, ...]]:
    """An instrument without its compiled expressions, to be compared."""
    return [
        (
            question.name,
            question.type,
            dict(question.label),
            question.hint,
            question.choices,
            [condition.source for condition in question.relevant],
            question.required,
            question.constraint and question.constraint.source,
            question.constraint_message,
            question.calculation and question.calculation.source,
            (question.outcome, question.purpose, question.money, question.sensitive),
        )
        for question in instrument.questions
    ]


# --- what loads


def test_the_shipped_instruments_load() -> None:
    loaded = {instrument.name: instrument for instrument in shipped()}
    assert set(loaded) >= {"llegada", "seguimiento"}
    income = loaded["seguimiento"].by_name["ingreso"]
    assert (income.type, income.money, income.purpose) == (QuestionType.TEXT, True, "ingresos")
    assert loaded["seguimiento"].by_name["necesita"].choices[-1].exclusive


@pytest.mark.parametrize("instrument", shipped(), ids=lambda instrument: instrument.name)
def test_what_is_shipped_is_said_in_both_languages(instrument: Instrument) -> None:
    for question in instrument.questions:
        texts = [text for text in (question.label, question.hint) if text]
        assert all(
            {"es", "en"} <= set(text) <= {"es", "en", "es-usted"}
            for text in [*texts, *(choice.label for choice in question.choices)]
        )


def test_a_spreadsheet_loads_like_its_markdown(tmp_path: Path) -> None:
    path = workbook(tmp_path / "todo.xlsx", EVERYTHING.read_text(encoding="utf-8"))
    loaded = read_instrument(path)
    assert (loaded.name, loaded.version, loaded.title) == ("todo", "3", {"es": "Todo"})
    assert plain(loaded) == plain(EVERYTHING_READ)


def test_the_conditions_of_groups_reach_the_questions_inside() -> None:
    sources = {q.name: [condition.source for condition in q.relevant] for q in EVERYTHING_READ.questions}
    assert sources["trabaja"] == sources["peso"] == []
    assert sources["horas"] == ["${trabaja}='si'"]
    assert sources["cansada"] == ["${trabaja}='si'", "${horas} > 40"]


def test_a_text_is_found_in_her_language_or_in_spanish() -> None:
    assert in_language(EVERYTHING_READ.by_name["tipos"].label, "en") == "In what?"
    assert in_language(EVERYTHING_READ.by_name["peso"].label, "en") == "¿Cuánto pesas?"
    assert in_language({"nah": "Ye"}, "en") == "Ye"


def test_a_form_without_id_is_named_after_its_file(tmp_path: Path) -> None:
    path = tmp_path / "visita.md"
    path.write_text(SETTINGS + "| survey |\n| | type | name | label |\n| | text | a | ¿A? |\n", encoding="utf-8")
    instrument = read_instrument(path)
    assert (instrument.name, instrument.version, instrument.title) == ("visita", "1", {"es": "visita"})


# --- what is refused

HEADER = "| type | name | label |"
CHOICES = "| list_name | name | label |\n| l | a | A |"


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("|  | a | ¿A? |", "type '' is not supported"),
        ("| select_one | a | ¿A? |", "write 'select_one LIST'"),
        ("| select_one l m n | a | ¿A? |", "write 'select_one LIST'"),
        ("| text l | a | ¿A? |", "write just 'text'"),
        ("| select_one m | a | ¿A? |", "there is no list 'm' on the choices sheet"),
        ("| text | ¿? | ¿A? |", "name '¿?': use lower-case letters"),
        ("| text | ** | ¿A? |", "at most 32 characters"),
        ("| text |  | ¿A? |", "fill in 'name': use lower-case letters"),
        ("| text | a |  |", "'a' has no label in Spanish: write the question"),
        ("| end group |  |  |", "closes nothing: remove it or add its 'begin group'"),
    ],
)
def test_a_row_that_cannot_be_asked(row: str, told: str) -> None:
    first = problems(f"{HEADER}\n{row}", CHOICES)[0]
    assert (first.sheet, first.row) == ("survey", 2)
    assert told in first.message


@pytest.mark.parametrize(
    ("column", "cell", "told"),
    [
        ("relevant", "${nada} = 1", "relevant refers to 'nada', which no earlier row is named"),
        ("relevant", "${b} = 1", "relevant refers to 'b', which no earlier row is named"),
        ("relevant", "${a} = (", "relevant: '${a} = (' cannot be read"),
        ("constraint", "a = 1", "constraint: 'a = 1' names a: write ${a}"),
        ("calculation", "1 + 1", "a 'calculation' belongs to type calculate, and only there"),
    ],
)
def test_an_expression_that_cannot_be_evaluated(column: str, cell: str, told: str) -> None:
    survey = f"| type | name | label | {column} |\n| text | a | ¿A? | |\n| text | b | ¿B? | {cell} |"
    (only,) = problems(survey)
    assert (only.sheet, only.row) == ("survey", 3)
    assert told in only.message


def test_a_calculation_needs_its_expression() -> None:
    (only,) = problems("| type | name | label | relevant |\n| calculate | a | | |")
    assert only == Problem("survey", 2, "fill in 'calculation': how is 'a' worked out?")


def test_a_calculation_belongs_to_its_type() -> None:
    (only,) = problems("| type | name | label | calculation |\n| text | a | ¿A? | 1 |")
    assert only.message == "'a': a 'calculation' belongs to type calculate, and only there: empty this cell"


@pytest.mark.parametrize(
    "text", ["", "hola", "# Formulario\n\nsin tablas\n", SETTINGS, "| a | b |\n|---|---|\n| 1 | 2 |"]
)
def test_a_text_without_a_survey_says_so(text: str) -> None:
    with pytest.raises(InstrumentInvalid) as refused:
        parse_instrument("prueba", text)
    (only,) = refused.value.problems
    assert (only.sheet, only.row) == ("workbook", None)
    assert only.message.startswith("this file has no sheet 'survey': ")


def test_a_sheet_without_rows_is_told() -> None:
    with pytest.raises(InstrumentInvalid) as refused:
        parse_instrument("prueba", SETTINGS + "| survey |\n")
    assert [problem.message.split(":")[0] for problem in refused.value.problems] == ["a sheet is empty"]


def test_a_text_that_is_a_path_is_still_a_text() -> None:
    with pytest.raises(InstrumentInvalid, match="no sheet 'survey'"):
        parse_instrument("prueba", str(EVERYTHING))


def test_names_that_are_alike_are_told_with_their_rows() -> None:
    told = problems(f"{HEADER}\n| text | a | ¿A? |\n| text | b | ¿B? |\n| text | a | ¿C? |\n| text | a | ¿D? |")
    assert told == tuple(Problem("survey", row, "row 2 is named 'a', too: names must differ") for row in (4, 5))


def test_all_that_is_wrong_with_a_row_is_told() -> None:
    told = problems(
        "| type | name | label | relevant | required |\n| rango | ¿? | Dijiste ${x} | foo(${y}) and ${z} = 1 | |\n"
        "| select_one l | ** | | ${p} = ${q} | quizá |",
        CHOICES,
    )
    first, second = ([problem.message for problem in told if problem.row == row] for row in (2, 3))
    parts = ("type 'rango'", "name '¿?'", "without '${…}'", "uses 'foo'", "refers to 'y'", "refers to 'z'")
    assert [part for part in parts if not any(part in message for message in first)] == []
    others = ("name '**'", "no label in Spanish", "refers to 'p'", "refers to 'q'", "'required' takes yes or no")
    assert [part for part in others if not any(part in message for message in second)] == []


def test_what_refers_to_a_refused_row_is_told_nothing_more() -> None:
    (only,) = problems(
        "| type | name | label | relevant |\n| geopoint | donde | ¿Dónde? | |\n| text | a | ¿A? | ${donde} != '' |"
    )
    assert only.row == 2


def test_choices_that_a_default_has_and_the_list_has_not_are_all_told() -> None:
    (only,) = problems(
        "| type | name | label | default |\n| select_multiple l | p | ¿P? | x a y |",
        CHOICES,
    )
    assert "no choice 'x' or 'y': use one of a" in only.message


def test_money_is_read_from_text_only() -> None:
    (only,) = problems("| type | name | label | hilo::money |\n| integer | a | ¿A? | yes |")
    assert only == Problem("survey", 2, "'a': 'hilo::money' belongs to type text, and only there")


@pytest.mark.parametrize(
    ("survey", "choices", "settings", "expected"),
    [
        (f"{HEADER}\n| text | a | ¿A? |\n| text | a | ¿B? |", "", SETTINGS, "[survey, row 3] row 2 is named 'a'"),
        (f"{HEADER}\n| begin group | g | G |\n| text | a | ¿A? |", "", SETTINGS, "[survey] a 'begin group' is never"),
        (HEADER, "", SETTINGS, "[survey] there is no question"),
        ("| type | name | label | hilo::color |\n| text | a | ¿A? | w |", "", SETTINGS, "[survey, row 1] column 'hil"),
        ("| type | name | label::Nahuatl |\n| text | a | ¿A? |", "", SETTINGS, "as in 'label::Español (es)'"),
        ("| type | name | label | relevant::Español (es) |\n| text | a | ¿A? | x |", "", SETTINGS, "[survey, row 1]"),
        (f"{HEADER}\n| select_one l | a | ¿A? |", "| list_name | name | label | media::image |\n| l | a | A | x |",
         SETTINGS, "[choices, row 2] column 'media::image' is not supported: a button has no pictures"),
        (f"{HEADER}\n| text | a | ¿A? |", "| list_name | name | label |\n| l | a | A |\n| l | a | B |",
         SETTINGS, "[choices, row 3] list 'l' has the choice 'a' twice"),
        (f"{HEADER}\n| text | a | ¿A? |", "| list_name | name | label |\n| l | a | |",
         SETTINGS, "[choices, row 2] choice 'a' has no label in Spanish"),
        (f"{HEADER}\n| text | a | ¿A? |", "| list_name | name | label |\n| | a | A |",
         SETTINGS, "[choices, row 2] fill in 'list_name'"),
        (f"{HEADER}\n| text | a | ¿A? |", "", SETTINGS.replace("version |", "version | color |"), "column 'color'")
    ],
)  # fmt: skip
def test_a_sheet_that_cannot_be_used(survey: str, choices: str, settings: str, expected: str) -> None:
    if "color" in settings:
        settings = settings.replace("| 1       |", "| 1 | azul |")
    told = [str(problem) for problem in problems(survey, choices, settings)]
    assert any(expected in line for line in told), told


def test_a_sheet_that_the_engine_does_not_know() -> None:
    entities = f"{SETTINGS}\n| entities |\n| | list_name | label |\n| | l | ${{a}} |\n"
    (only,) = problems(f"{HEADER}\n| text | a | ¿A? |", settings=entities)
    assert only == Problem("entities", None, "the sheet 'entities' is not supported: remove it")


def test_everything_is_told_at_once() -> None:
    found = problems(
        "| type | name | label | relevant | color |\n"
        "| rango | a | ¿A? | | rojo |\n"
        "| text | ¿? | | ${z} = 1 | |\n"
        "| select_one m | c | ¿C? | | |",
        "| list_name | name | label |\n| l | ** | |",
        "| settings |\n| | version | color |\n| | 1 | azul |\n",
    )
    assert [(problem.sheet, problem.row) for problem in found] == [
        ("settings", 1),
        ("survey", 1),
        ("survey", 2),
        ("survey", 3),
        ("survey", 3),
        ("survey", 3),
        ("survey", 4),
        ("choices", 2),
        ("choices", 2),
    ]


def test_all_told_together_is_the_errors_text() -> None:
    with pytest.raises(InstrumentInvalid, match=r"instrument prueba has 2 problem\(s\):\n\[survey, row 2\]"):
        parse_instrument("prueba", f"{SETTINGS}\n| survey |\n| {HEADER}\n| | text | ¿? | |\n")


def test_pyxform_has_the_last_word() -> None:
    (only,) = problems(f"{HEADER}\n| text | meta | ¿A? |\n| begin group | | G |\n| text | b | ¿B? |\n| end group | | |")
    assert only.sheet == "workbook"


@pytest.mark.parametrize(("name", "content"), [("a.md", b"nada"), ("a.xlsx", b"nada"), ("a.md", "ñ".encode("latin-1"))])
def test_a_file_that_is_no_form(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InstrumentInvalid) as refused:
        read_instrument(path)
    assert [problem.sheet for problem in refused.value.problems] == ["workbook"]


# --- numbers on buttons


@pytest.mark.parametrize(
    ("constraint", "numbers"),
    [
        (". >= 0 and . <= 10", range(11)),
        (". > 0 and . < 8", range(1, 8)),
        (". = 3 or . = 4", range(3, 5)),
        ("regex(., '[1-5]')", range(1, 6)),
        (". >= 0 and . <= 11", ()),
        (". >= 0", ()),
        (". <= 5", ()),
        (". >= 995", ()),
        (". = 4", ()),
        (". = 1 or . = 3", ()),
        (". > 1980 and . < 1985", ()),
        (". >= 0 and . <= ${a}", ()),
        (". >= 0 and . <= 5 and today() > '2026-01-01'", ()),
    ],
)
def test_a_few_numbers_that_the_constraint_allows_stand_on_buttons(constraint: str, numbers: Sequence[int]) -> None:
    rows = f"| | integer | a | ¿A? | |\n| | integer | b | ¿B? | {constraint} |\n"
    form = parse_instrument("n", f"{SETTINGS}\n| survey |\n| | type | name | label | constraint |\n{rows}")
    assert form.by_name["b"].quick == tuple(numbers)
    assert form.by_name["a"].quick == ()


def test_only_whole_numbers_stand_on_buttons() -> None:
    rows = "| | decimal | a | ¿A? | . >= 0 and . <= 5 |\n"
    form = parse_instrument("n", f"{SETTINGS}\n| survey |\n| | type | name | label | constraint |\n{rows}")
    assert form.by_name["a"].quick == ()


# --- what is the same in other words


def test_a_line_break_within_a_cell() -> None:
    table = "| survey |\n| | type | name | label |\n| | note | a | Uno<br>Dos |\n"
    assert parse_instrument("n", f"{SETTINGS}\n{table}").by_name["a"].label == {"es": "Uno\nDos"}


def test_the_handle_of_another_builder_names_the_form_only_if_it_can() -> None:
    table = "| survey |\n| | type | name | label |\n| | note | a | Uno |\n"
    for handle, name in (("visita", "visita"), ("aXb3dEfGh9", "archivo")):
        settings = f"| settings |\n| | id_string | version |\n| | {handle} | 1 |\n"
        assert parse_instrument("archivo", settings + table).name == name


def test_nothing_is_complained_about_twice() -> None:
    two = "| type | name | label |\n| select_one l | a | ¿A? |\n| select_one l | b | ¿B? |"
    found = problems(two, "| list_name | name | label |\n| l | a | Mi sentencia |")
    assert [(problem.sheet, problem.row) for problem in found] == [("choices", 2)]
