"""Loading instruments: `.xlsx` loads as Markdown does, and every fault is told at once, with its place and remedy."""

from pathlib import Path

import pytest
from openpyxl import Workbook

from conversations.errors import InstrumentInvalid, Problem
from conversations.instrument import Instrument, QuestionType, in_language
from conversations.xlsform import parse_instrument, read_instrument
from tests.support.instruments import EVERYTHING, EVERYTHING_READ, every, shipped

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
    assert set(loaded) == {"llegada", "seguimiento"}
    assert [question.name for question in loaded["llegada"].questions] == ["papeles", "lugar", "necesita"]
    income = loaded["seguimiento"].by_name["ingreso"]
    assert (income.type, income.money, income.purpose) == (QuestionType.TEXT, True, "ingresos")
    assert loaded["seguimiento"].questions[-1].name == "necesita"
    assert loaded["seguimiento"].by_name["necesita"].choices[-1].exclusive


@pytest.mark.parametrize("instrument", shipped(), ids=lambda instrument: instrument.name)
def test_what_is_shipped_is_said_in_both_languages(instrument: Instrument) -> None:
    for question in instrument.questions:
        texts = [text for text in (question.label, question.hint) if text]
        assert all(set(text) == {"es", "en"} for text in [*texts, *(choice.label for choice in question.choices)])


def test_every_type_is_tried() -> None:
    assert {question.type for instrument in every() for question in instrument.questions} == set(QuestionType)


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
        ("| range | a | ¿A? |", "type 'range' is not supported: use one of select_one"),
        ("| begin repeat | a | ¿A? |", "type 'begin repeat' is not supported"),
        ("| audio | a | ¿A? |", "type 'audio' is not supported"),
        ("|  | a | ¿A? |", "type '' is not supported"),
        ("| select_one | a | ¿A? |", "write 'select_one LIST'"),
        ("| select_one l or_other | a | ¿A? |", "write 'select_one LIST'"),
        ("| text l | a | ¿A? |", "write just 'text'"),
        ("| select_one m | a | ¿A? |", "there is no list 'm' on the choices sheet"),
        ("| text | A | ¿A? |", "name 'A': use lower-case letters"),
        ("| text | 1a | ¿A? |", "name '1a'"),
        ("| text | con espacio | ¿A? |", "name 'con espacio'"),
        (f"| text | {'a' * 33} | ¿A? |", "at most 32 characters"),
        ("| text |  | ¿A? |", "name ''"),
        ("| text | a |  |", "'a' has no label: write the question"),
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
    assert "a 'calculation' belongs to type calculate" in only.message


def test_money_is_read_from_text_only() -> None:
    (only,) = problems("| type | name | label | hilo::money |\n| integer | a | ¿A? | yes |")
    assert only == Problem("survey", 2, "'a': 'hilo::money' belongs to type text, and only there")


@pytest.mark.parametrize(
    ("survey", "choices", "settings", "expected"),
    [
        (f"{HEADER}\n| text | a | ¿A? |\n| text | a | ¿B? |", "", SETTINGS, "[survey] 2 rows are named 'a'"),
        (f"{HEADER}\n| begin group | g | G |\n| text | a | ¿A? |", "", SETTINGS, "[survey] a 'begin group' is never"),
        (f"{HEADER}\n| text | a | ¿A? |", "", "", "[settings] add a 'version'"),
        (HEADER, "", SETTINGS, "[survey] there is no question"),
        ("| type | name | label | appearance |\n| text | a | ¿A? | w1 |", "", SETTINGS, "[survey, row 1] column 'app"),
        ("| type | name | label::Nahuatl |\n| text | a | ¿A? |", "", SETTINGS, "as in 'label::Español (es)'"),
        ("| type | name | label | relevant::Español (es) |\n| text | a | ¿A? | x |", "", SETTINGS, "[survey, row 1]"),
        (f"{HEADER}\n| select_one l | a | ¿A? |", "| list_name | name | label | media::image |\n| l | a | A | x |",
         SETTINGS, "[choices, row 1] column 'media::image' is not supported: remove it"),
        (f"{HEADER}\n| text | a | ¿A? |", "| list_name | name | label |\n| l | a | A |\n| l | a | B |",
         SETTINGS, "[choices, row 3] list 'l' has the choice 'a' twice"),
        (f"{HEADER}\n| text | a | ¿A? |", "| list_name | name | label |\n| l | a | |",
         SETTINGS, "[choices, row 2] choice 'a' has no label"),
        (f"{HEADER}\n| text | a | ¿A? |", "| list_name | name | label |\n| | a | A |",
         SETTINGS, "[choices, row 2] fill in 'list_name'"),
        (f"{HEADER}\n| text | a | ¿A? |", "", SETTINGS.replace("version |", "version | style |"), "column 'style'")
    ],
)  # fmt: skip
def test_a_sheet_that_cannot_be_used(survey: str, choices: str, settings: str, expected: str) -> None:
    if "style" in settings:
        settings = settings.replace("| 1       |", "| 1 | pages |")
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
        "| text | B | | ${z} = 1 | |\n"
        "| select_one m | c | ¿C? | | |",
        "| list_name | name | label |\n| l | X | |",
        "",
    )
    assert [(problem.sheet, problem.row) for problem in found] == [
        ("choices", 2),
        ("choices", 2),
        ("survey", 1),
        ("survey", 2),
        ("survey", 3),
        ("survey", 3),
        ("survey", 3),
        ("survey", 4),
        ("settings", None),
    ]


def test_all_told_together_is_the_errors_text() -> None:
    with pytest.raises(InstrumentInvalid, match=r"instrument prueba has 2 problem\(s\):\n\[survey, row 2\]"):
        parse_instrument("prueba", f"{SETTINGS}\n| survey |\n| {HEADER}\n| | text | A | |\n")


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
