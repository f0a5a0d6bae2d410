"""Forms as the public XLSForm documentation shows each feature, with our own questions: all of them load, and play."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from conversations.answers import Value
from conversations.dialects import COLUMNS, METADATA, TYPE_ALIASES
from conversations.expressions import Expression, ExpressionInvalid, compile_expression
from conversations.instrument import Instrument, Question, QuestionType, in_language
from conversations.sheet import column_of
from conversations.xlsform import read_instrument
from tests.xlsforms.workbooks import FOLDER, KOBO, ODK, written

AT = datetime(2026, 3, 2, 16, tzinfo=UTC)
FORMS = {path.stem: read_instrument(path) for path in sorted(FOLDER.glob("*.md"))}
SOURCES = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.md"))}

OPERATORS = {"=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "div", "mod", "and", "or"}


def expressions(question: Question) -> list[Expression]:
    single = (question.constraint, question.calculation, question.choice_filter)
    return [*question.relevant, *(expression for expression in single if expression is not None)]


def functions() -> set[str]:
    """The functions that there are, as an author who used another is told."""
    with pytest.raises(ExpressionInvalid) as refused:
        compile_expression("unheard-of(1)")
    return set(str(refused.value).split("there are ")[1].split(", "))


# --- nothing is left out


def test_every_type_is_there() -> None:
    assert {question.type for form in FORMS.values() for question in form.questions} == set(QuestionType)
    assert len(QuestionType) > 0


@pytest.mark.parametrize("sheet", list(COLUMNS))
def test_every_column_that_is_read_is_there(sheet: str) -> None:
    found = set()
    for source in SOURCES.values():
        lines = source.split(f"| {sheet} |", 1)[1].strip().splitlines() if f"| {sheet} |" in source else [""]
        found |= {column_of(header.strip(), sheet).name for header in re.split(r"(?<!\\)\|", lines[0])}
    assert len(COLUMNS[sheet].read) > 0
    assert COLUMNS[sheet].read - found == set()


def test_every_function_and_operator_is_there() -> None:
    used = " ".join(
        each.source for form in FORMS.values() for question in form.questions for each in expressions(question)
    )
    plain = re.sub(r"'[^']*'", "''", used)
    assert len(functions()) > 10
    assert set(re.findall(r"([a-z][a-z-]*)\s*\(", plain)) - {"and", "or"} == functions()
    assert {operator for operator in OPERATORS if operator in plain.split()} == OPERATORS


def test_every_other_spelling_of_a_type_that_is_asked_means_one() -> None:
    asked = {alias: meant for alias, meant in TYPE_ALIASES.items() if meant in list(QuestionType)}
    assert len(asked) > 5
    assert set(asked.values()) == {"select_one", "select_multiple", "integer", "text", "acknowledge"}


# --- what each says


def test_kinds_of_answers() -> None:
    assert [question.type.value for question in FORMS["types"].questions] == [
        "note", "acknowledge", "select_one", "select_multiple", "integer", "decimal", "text", "date", "audio",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "holds"),
    [
        ("tazas", 10, True),
        ("tazas", 11, False),
        ("peso", Decimal("40.4"), True),
        ("peso", Decimal("40.5"), False),
        ("clave", "AB123", True),
        ("clave", "AB1234", False),
        ("apodo", "x" * 12, True),
        ("apodo", "x" * 13, False),
        ("fiesta", date(2026, 3, 2), True),
        ("fiesta", date(2026, 3, 3), False),
        ("fiesta", date(2019, 12, 31), False),
        ("dias", ("lunes", "sabado"), True),
        ("dias", ("lunes", "martes"), False),
        ("dias", ("lunes", "martes", "sabado"), False),
    ],
)
def test_limits(name: str, value: Value, holds: bool) -> None:
    constraint = FORMS["limits"].by_name[name].constraint
    assert constraint is not None
    assert constraint.holds({}, at=AT, this=value) is holds


def test_hints_messages_and_what_is_required() -> None:
    questions = FORMS["limits"].by_name
    assert [question.required for question in questions.values()] == [True, True, False, False, False, False]
    assert questions["tazas"].hint == {"es": "Un día normal."}
    assert questions["clave"].constraint_message == {"es": "Así: AB123."}


def asked(form: Instrument, answers: Mapping[str, Value]) -> set[str]:
    return {
        question.name
        for question in form.questions
        if all(condition.holds(answers, at=AT) for condition in question.relevant)
    }


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, {"mascota"}),
        ({"mascota": "no"}, {"mascota"}),
        ({"mascota": "si", "cuales": ("gata",)}, {"mascota", "cuales", "llegada"}),
        (
            {"mascota": "si", "cuales": ("perro", "otro"), "otro": "gatito", "llegada": date(2026, 2, 20)},
            {"mascota", "cuales", "otro", "vueltas", "muchos", "llegada", "reciente", "comida"},
        ),
        (
            {"mascota": "si", "cuales": ("perro",), "vueltas": 2, "llegada": date(2026, 1, 20)},
            {"mascota", "cuales", "vueltas", "llegada", "comida"},
        ),
    ],
)
def test_relevance_and_groups(answers: Mapping[str, Value], expected: set[str]) -> None:
    assert asked(FORMS["relevance"], answers) == expected


def test_calculations() -> None:
    answers: dict[str, object] = {"piezas": 30, "horas": Decimal(7), "nombre": None}
    for question in FORMS["calculation"].questions:
        if question.calculation is not None:
            value = question.calculation.value(answers, at=AT)  # type: ignore[arg-type]
            answers[question.name] = int(value) if isinstance(value, float) and value.is_integer() else value
    results = {name: answers[name] for name in ("ritmo", "docenas", "sueltas", "titulo", "numero", "completa")}
    assert results == {
        "ritmo": 4.3, "docenas": 2, "sueltas": 6, "titulo": "sin nombre: 30", "numero": 4, "completa": False,
    }  # fmt: skip


def offered(question: Question, answers: Mapping[str, Value]) -> list[str]:
    assert question.choice_filter is not None
    return [
        choice.name
        for choice in question.choices
        if question.choice_filter.holds(answers, at=AT, row={**choice.attributes, "name": choice.name})
    ]


def test_choices_that_depend_on_an_earlier_answer() -> None:
    form = FORMS["cascade"]
    assert offered(form.by_name["municipio"], {"estado": "puebla"}) == ["cholula", "atlixco"]
    assert offered(form.by_name["municipio"], {"estado": "morelos"}) == ["cuautla"]
    assert offered(form.by_name["municipio"], {}) == []
    assert offered(form.by_name["mercados"], {"municipio": "cuautla"}) == ["centro", "ninguno"]


def test_only_what_its_own_filter_names_is_kept_of_a_choice() -> None:
    form = FORMS["cascade"]
    assert [choice.attributes for choice in form.by_name["estado"].choices] == [{}, {}]
    assert form.by_name["municipio"].choices[0].attributes == {"estado": "puebla"}
    assert form.by_name["mercados"].choices[0].attributes == {"municipio": "cholula"}


def test_languages_and_forms_of_address() -> None:
    sings, times = FORMS["languages"].questions
    assert sings.label == {"es": "¿Cantas?", "es-usted": "¿Usted canta?", "en": "Do you sing?"}
    assert in_language(times.label, "es-usted") == "¿Cuántas veces?"
    assert sings.hint == {"es": "En donde sea.", "en": "Anywhere."}
    assert sings.short == {"es": "Canto", "en": "Singing"}
    assert sings.audio == {"es": "canta.ogg", "en": "sing.ogg"}
    assert (times.short, times.audio) == (None, None)
    assert times.constraint_message == {"es": "Más de cero.", "en": "More than zero."}


def test_defaults() -> None:
    assert [question.default for question in FORMS["defaults"].questions] == [
        "azul", ("azul", "verde"), 3, Decimal("2.5"), date(2026, 5, 10), "En el taller (por la tarde)",
    ]  # fmt: skip


def test_our_own_columns() -> None:
    earned, needs = FORMS["ours"].questions
    assert (earned.outcome, earned.purpose, earned.money, earned.sensitive) == ("income", "ingresos", True, True)
    assert earned.short == {"es": "Ingreso"}
    assert (earned.risk, str(needs.risk)) == (None, "danger: selected(., 'papeles')")
    assert [(choice.case, choice.exclusive) for choice in needs.choices] == [("ayuda", False), (None, True)]


def test_other_spellings() -> None:
    form = FORMS["spellings"]
    assert (form.name, form.title, form.version) == ("otra_mano", {"es": "De otra mano"}, "v7")
    assert [question.type.value for question in form.questions] == [
        "select_one", "select_multiple", "select_one", "select_one", "integer", "text", "acknowledge",
    ]  # fmt: skip
    assert form.by_name["tres"].relevant[0].holds({"uno": "si"}, at=AT)
    assert not METADATA & set(form.by_name)


# --- workbooks of other builders


def test_a_form_of_kobotoolbox(tmp_path: Path) -> None:
    form = read_instrument(written(tmp_path / "huerto.xlsx", KOBO))
    assert (form.name, form.version) == ("huerto", "2 (2026-03-01 10:00:00)")
    assert list(form.by_name) == ["tienes_huerto", "que_siembras", "cuantas_plantas", "ultima_cosecha"]
    plants = form.by_name["cuantas_plantas"]
    assert (plants.default, plants.quick) == (2, (1, 2, 3, 4, 5, 6, 7, 8))
    assert asked(form, {"tienes_huerto": "si", "que_siembras": ("chile",)}) == set(form.by_name)
    assert asked(form, {"tienes_huerto": "no"}) == {"tienes_huerto", "ultima_cosecha"}
    assert form.by_name["tienes_huerto"].required


def test_a_form_of_odk_build(tmp_path: Path) -> None:
    form = read_instrument(written(tmp_path / "converted.xlsx", ODK))
    assert (form.name, form.version, form.title) == ("panaderia", "20260301", {"es": "Panadería"})
    assert [question.default for question in form.questions] == [None, Decimal("2.5"), "si"]
    street = form.by_name["calle"].constraint
    assert street is not None
    assert street.holds({}, at=AT, this="Hidalgo")
    assert not street.holds({}, at=AT, this="x" * 41)
