"""Names that cannot be stored get others, and all that refers to them follows; a form without a version gets one."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from conversations.errors import InstrumentInvalid
from conversations.instrument import MAX_NAME, Instrument
from conversations.xlsform import Reading, parse_instrument, read_source
from tests.xlsforms.workbooks import KOBO_AUTONAMED, written

AT = datetime(2026, 3, 2, 16, tzinfo=UTC)
SETTINGS = "| settings |\n| | version |\n| | 1 |\n"
NUMBERED = "| choices |\n| | list_name | name | label |\n| | l | 1 | Uno |\n| | l | 2 | Dos |\n"


@pytest.fixture(name="kobo")
def kobo_fixture(tmp_path: Path) -> Reading:
    return read_source("empleo", written(tmp_path / "empleo.xlsx", KOBO_AUTONAMED).read_bytes())


def survey(*rows: str, column: str = "relevant", choices: str = NUMBERED) -> str:
    lines = "".join(f"| | {row} |\n" for row in (f"type | name | label | {column}", *rows))
    return f"{SETTINGS}| survey |\n{lines}{choices}"


def test_questions_of_kobotoolbox_get_names_apart(kobo: Reading) -> None:
    assert list(kobo.instrument.by_name) == [
        "tienes_trabajo_2", "cu_ntas_horas", "cu_ntas_horas_trabajaste_la_sema", "cu_ntas_horas_trabajaste_la_se_2",
        "qu_d_as", "d_as_de_descanso", "en_qu_zona", "en_qu_colonia", "tienes_trabajo", "tienes_trabajo_001",
    ]  # fmt: skip
    assert max(map(len, kobo.instrument.by_name)) == MAX_NAME


def test_choices_get_names_apart_in_each_list(kobo: Reading) -> None:
    names = kobo.instrument.by_name
    found = {name: [choice.name for choice in question.choices] for name, question in names.items() if question.choices}
    assert found == {
        "tienes_trabajo_2": ["s", "no"],
        "qu_d_as": ["op_1", "op_2", "op_3"],
        "en_qu_zona": ["norte_2", "norte"],
        "en_qu_colonia": ["op_5_de_mayo", "roma", "otra"],
    }


def test_defaults_follow(kobo: Reading) -> None:
    names = kobo.instrument.by_name
    assert (names["tienes_trabajo_2"].default, names["qu_d_as"].default) == ("s", ("op_1", "op_2"))


def sources(form: Instrument, name: str) -> list[str]:
    return [condition.source for condition in form.by_name[name].relevant]


def test_expressions_follow(kobo: Reading) -> None:
    form = kobo.instrument
    assert sources(form, "cu_ntas_horas") == ["${tienes_trabajo_2} = 's'"]
    assert sources(form, "cu_ntas_horas_trabajaste_la_se_2")[1] == "${cu_ntas_horas_trabajaste_la_sema} > 40"
    assert sources(form, "tienes_trabajo") == ["${tienes_trabajo_2} = 's'"]
    calculation = form.by_name["d_as_de_descanso"].calculation
    assert calculation is not None
    assert calculation.source == "if(selected(${qu_d_as}, 'op_3'), 'Lunes', 'op_1')"
    assert sources(form, "en_qu_zona") == ["${d_as_de_descanso} = 'op_1'"]


def test_a_text_that_she_writes_is_no_choice(kobo: Reading) -> None:
    assert sources(kobo.instrument, "tienes_trabajo_001") == ["${tienes_trabajo} != 'S_'"]


def test_what_a_filter_compares_follows(kobo: Reading) -> None:
    question = kobo.instrument.by_name["en_qu_colonia"]
    assert question.choice_filter is not None

    def offered(zone: str) -> list[str]:
        rows = [{**choice.attributes, "name": choice.name} for choice in question.choices]
        return [row["name"] for row in rows if question.choice_filter.holds({"en_qu_zona": zone}, at=AT, row=row)]  # type: ignore[union-attr]

    assert (offered("norte_2"), offered("norte")) == (["op_5_de_mayo", "otra"], ["roma", "otra"])


def test_every_new_name_is_told(kobo: Reading) -> None:
    notes = kobo.notes
    assert notes[:3] == (
        "question _Tienes_trabajo → tienes_trabajo_2",
        "question _Cu_ntas_horas → cu_ntas_horas",
        "question _Cu_ntas_horas_trabajaste_la_semana_pasa → cu_ntas_horas_trabajaste_la_sema",
    )
    assert {"choice Norte → norte_2", "choice 1 → op_1", "list Sino → sino", "list Dias_ → dias"} <= set(notes)
    assert not any("tienes_trabajo →" in note for note in notes)


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("Cu_nto_ganas", "cu_nto_ganas"),
        ("_1_hijos", "p_1_hijos"),
        ("¿Cuántos años?", "cuantos_anos"),
        ("a-b.c", "a_b_c"),
        ("group/x", "group_x"),
        ("a" * 40, "a" * 32),
        ("a__b_", "a__b_"),
    ],
)
def test_names_that_builders_make(name: str, stored: str) -> None:
    form = parse_instrument("prueba", survey(f"text | {name} | ¿A? | ", f"text | ultima | ¿B? | ${{{name}}} != ''"))
    assert list(form.by_name) == [stored, "ultima"]
    assert form.by_name["ultima"].relevant[0].reads == {stored}


def test_a_name_twice_stays_a_name_twice() -> None:
    with pytest.raises(InstrumentInvalid, match="row 2 is named 'nombre', too"):
        parse_instrument("prueba", survey("text | Nombre | ¿A? | ", "text | Nombre | ¿B? | "))


@pytest.mark.parametrize(
    "condition",
    ["${q} = 1", "${q} > 1", "1 != ${q}", "number(${q}) = 1", "${q} + ${n} = 3", "${n} <= ${q}", "${q} = ${n}",
     "selected(${q}, '1') and ${q} * 2 = 2", "${q} mod 2 = 0"],
)  # fmt: skip
def test_a_choice_is_no_number(condition: str) -> None:
    with pytest.raises(InstrumentInvalid) as told:
        parse_instrument(
            "prueba", survey("select_one l | q | ¿A? | ", "integer | n | ¿B? | ", f"text | t | ¿C? | {condition}")
        )
    assert [(problem.sheet, problem.row) for problem in told.value.problems] == [("survey", 4)]
    assert "put it in quotes" in told.value.problems[0].message


@pytest.mark.parametrize(
    ("condition", "stored"),
    [
        ("${q} = '1'", "${q} = 'op_1'"),
        ('selected(${q}, "2") and ${n} > 1', 'selected(${q}, "op_2") and ${n} > 1'),
        ("count-selected(${q}) > 1 or ${n} = 1", "count-selected(${q}) > 1 or ${n} = 1"),
        ("${q} != '' and today() > date('2026-01-01')", "${q} != '' and today() > date('2026-01-01')"),
        ("${n} = '1'", "${n} = '1'"),
    ],
)
def test_numbers_beside_choices_stay(condition: str, stored: str) -> None:
    form = parse_instrument(
        "prueba", survey("select_multiple l | q | ¿A? | ", "integer | n | ¿B? | ", f"text | t | ¿C? | {condition}")
    )
    assert sources(form, "t") == [stored]


def test_a_constraint_takes_no_choice_for_a_number() -> None:
    with pytest.raises(InstrumentInvalid, match="constraint takes a choice for a number"):
        parse_instrument("prueba", survey("select_one l | q | ¿A? | . > 1", column="constraint"))


def test_a_filter_takes_no_choice_for_a_number() -> None:
    choices = NUMBERED + "| | z | a | A |\n"
    choices = "".join(
        f"{line} {cell} |\n" for line, cell in zip(choices.splitlines()[1:], ["zona", "", "", 1], strict=True)
    )
    with pytest.raises(InstrumentInvalid, match="choice_filter takes a choice for a number"):
        parse_instrument(
            "prueba",
            survey("select_one z | q | ¿A? | zona = 1", column="choice_filter", choices=f"| choices |\n{choices}"),
        )


# --- versions


def test_a_version_comes_from_the_content_alone(kobo: Reading) -> None:
    rows = "| survey |\n| | type | name | label |{}\n| | text | a | ¿A{}? |{}\n"
    first, again, passed_over, other = (
        parse_instrument(name, rows.format(*parts)).version
        for name, parts in (
            ("uno", ("", "", "")), ("dos", ("", "", "")), ("uno", (" $kuid |", "", " k1 |")), ("uno", ("", "!", "")),
        )
    )  # fmt: skip
    assert first == again == passed_over == "h25f24780ec"
    assert other != first
    assert kobo.given_version
    assert kobo.notes[-1].startswith(f"no 'version' among the settings → {kobo.instrument.version}")


def test_a_version_that_is_written_stays() -> None:
    reading = read_source("prueba", survey("text | a | ¿A? | "))
    assert (reading.instrument.version, reading.given_version) == ("1", False)
    assert not any("version" in note for note in reading.notes)
