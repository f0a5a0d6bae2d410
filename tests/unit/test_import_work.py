"""The work format: jobs, incomes and answers of one row, each kept on its own and for its own day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from storage.imports.facts import Fact, FactFile
from storage.imports.problems import Fault
from storage.imports.sheets import read_sheet
from storage.imports.work import read_work

TODAY = date(2026, 11, 20)
HEADER = (
    "record_id,scope,kind,started_on,ended_on,as_of,gave_to_family,"
    "income_amount,income_period,days_per_week,income_moment\n"
)


def work(text: str) -> FactFile:
    return read_work(read_sheet(text.encode(), "work.csv"), today=TODAY)


def one(row: str) -> FactFile:
    return work(HEADER + row + "\n")


def told(file: FactFile) -> list[tuple[int | None, str | None, Fault]]:
    return [(problem.line, problem.column, problem.code) for problem in file.problems]


def income(cells: str) -> Fact:
    file = one(f"A-1,dentro,,,,2025-01-31,,{cells}")
    assert file.problems == ()
    (fact,) = file.facts
    assert fact.table == "incomes"
    return fact


def test_one_row_may_bring_three_facts() -> None:
    file = one("A-1,dentro,produccion_la_cana,2024-05-01,2024-09-30,2024-10-01,si,1500,quincena,,actual")
    assert (file.problems, file.warnings) == ((), ())
    job, pay, gave = file.facts
    day = date(2024, 10, 1)
    assert job.key == {
        "scope": "dentro",
        "kind": "produccion_la_cana",
        "started_on": date(2024, 5, 1),
        "as_of_on": day,
    }
    assert job.says == {"ended_on": date(2024, 9, 30)}
    assert pay.key == {"scope": "dentro", "moment": "actual", "as_of_on": day}
    assert (pay.says["amount"], pay.says["period"], pay.says["monthly"]) == (Decimal(1500), "quincena", Decimal(3000))
    assert (gave.table, gave.key, gave.says) == ("supports", {"as_of_on": day}, {"given": 1})
    assert not any(fact.undated for fact in file.facts)


@pytest.mark.parametrize(
    ("cells", "day", "undated"),
    [
        ("autoempleo,2024-05-01,,2025-01-31", date(2025, 1, 31), False),
        ("autoempleo,2024-05-01,,", date(2024, 5, 1), False),
        ("autoempleo,,,", TODAY, True),
    ],
)
def test_without_a_day_it_is_as_of_its_beginning_or_of_the_import(cells: str, day: date, undated: bool) -> None:
    (job,) = one(f"A-1,en_libertad,{cells},,,,,").facts
    assert (job.key["as_of_on"], job.undated) == (day, undated)


@pytest.mark.parametrize(
    ("cells", "monthly"),
    [
        ('"1,500",mes,,', "1500"),
        ("$1 500,quincenal,,", "3000"),
        ("1000,semana,,", "4348"),
        ("1000,catorcena,,", "2174"),
        ("250,dia,5,", "5435"),
        ("250 por día,,5,", "5435"),
        ("1500 a la quincena,,,", "3000"),
        ("entre 500 y 700,semana,,", "2608.80"),
        ("0,,,", "0"),
        ("nada,,,", "0"),
    ],
)
def test_an_amount_becomes_pesos_a_month(cells: str, monthly: str) -> None:
    says = income(cells).says
    assert (says["status"], says["monthly"]) == (0, Decimal(monthly))


def test_a_range_keeps_both_ends_and_the_words() -> None:
    fact = income("entre 500 y 700,semana,,")
    assert (fact.says["amount"], fact.says["high"], fact.words) == (Decimal(500), Decimal(700), "entre 500 y 700")


def test_a_days_pay_without_its_days_has_no_monthly_figure() -> None:
    file = one("A-1,dentro,,,,2025-01-31,,250,dia,,pre_taller")
    assert (file.facts[0].says["amount"], file.facts[0].says["monthly"]) == (Decimal(250), None)
    assert [warning.column for warning in file.warnings] == ["days_per_week"]


@pytest.mark.parametrize(("said", "code"), [("prefiere no decir", -88), ("-88", -88), ("no sabe", -77), ("-77", -77)])
def test_what_is_not_known_is_kept_as_that(said: str, code: int) -> None:
    file = one(f"A-1,dentro,,,,2025-01-31,{said},{said},mes,,")
    pay, gave = file.facts
    assert (pay.says["status"], pay.says["amount"], pay.says["monthly"]) == (code, None, None)
    assert gave.says == {"given": code}


@pytest.mark.parametrize(
    ("row", "faults"),
    [
        ("A-1,dentro,,,,,,1.500,mes,,", [("income_amount", Fault.BAD_CELL)]),
        ("A-1,dentro,,,,,,-50,mes,,", [("income_amount", Fault.OUT_OF_RANGE)]),
        ("A-1,dentro,,,,,,99999999,mes,,", [("income_amount", Fault.OUT_OF_RANGE)]),
        ("A-1,dentro,,,,,,1500,,,", [("income_period", Fault.EMPTY_CELL)]),
        ("A-1,dentro,,,,,,1500,siglo,,", [("income_period", Fault.BAD_CELL)]),
        ("A-1,dentro,,,,,,1500 al mes,semana,,", [("income_period", Fault.CONTRADICTION)]),
        ("A-1,dentro,,,,,,250,dia,8,", [("days_per_week", Fault.OUT_OF_RANGE)]),
        ("A-1,dentro,,,,,,1500,mes,,antier", [("income_moment", Fault.BAD_CELL)]),
        ("A-1,dentro,sin_trabajo,,,,,,,,", [("as_of", Fault.EMPTY_CELL)]),
        ("A-1,dentro,sin_trabajo,2024-01-01,,2024-02-01,,,,,", [("started_on", Fault.CONTRADICTION)]),
        ("A-1,dentro,autoempleo,2024-03-01,,2024-02-01,,,,,", [("as_of", Fault.CONTRADICTION)]),
        ("A-1,dentro,autoempleo,2024-03-01,2024-02-01,,,,,,", [("ended_on", Fault.CONTRADICTION)]),
        ("A-1,dentro,vendedora,,,,,,,,", [("kind", Fault.BAD_CELL)]),
        ("A-1,,autoempleo,,,,,,,,", [("scope", Fault.EMPTY_CELL)]),
        ("A-1,cárcel,autoempleo,,,,quizá,,,,", [("scope", Fault.BAD_CELL), ("gave_to_family", Fault.BAD_CELL)]),
        ("A-1,dentro,,,,2025-01-31,,,,,", [("kind", Fault.EMPTY_CELL)]),
    ],
)
def test_what_cannot_be_is_told(row: str, faults: list[tuple[str, Fault]]) -> None:
    assert told(one(row)) == [(2, column, fault) for column, fault in faults]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("-50", "is below zero; write what came in, or 0"),
        ("=1+2", "is a formula; write plain pesos, such as 1500 or 1500.50"),
        ("mucho", "is no amount; write plain pesos, such as 1500 or 1500.50"),
        ("1.500", "can be read in more than one way; write plain pesos, such as 1500 or 1500.50"),
        ("99999999999", "is more than anybody earns; mind a nought too many"),
    ],
)
def test_why_an_amount_is_refused_is_the_right_reason(said: str, told: str) -> None:
    (problem,) = one(f"A-1,dentro,,,,2025-01-31,,{said},mes,,").problems
    assert problem.message == told


def test_headers_in_spanish() -> None:
    spanish = work(
        "Folio;Ámbito;Tipo de trabajo;Inicio;Fecha;Dio a su familia;Ingreso;Periodo;Días por semana;Momento\n"
        "A-1;En libertad;Autoempleo;01/05/2024;31/01/2025;Sí;$250;Diario;5;Actual\n"
    )
    assert spanish == one("A-1,en_libertad,autoempleo,2024-05-01,,2025-01-31,si,$250,dia,5,actual")


def test_two_incomes_of_one_day_are_two() -> None:
    row = "A-1,dentro,{},,,2025-01-31,si,500,semana,,\n"
    file = work(HEADER + row.format("autoempleo") + row.format("produccion_la_cana"))
    tables = [fact.table for fact in file.facts]
    assert file.problems == ()
    assert (tables.count("incomes"), tables.count("employments"), tables.count("supports")) == (2, 2, 1)


def test_the_same_row_twice_is_one() -> None:
    row = "A-1,dentro,autoempleo,,,2025-01-31,si,500,semana,,\n"
    file = work(HEADER + row + row)
    assert (len(file.facts), [warning.line for warning in file.warnings]) == (3, [3])


def test_she_gave_or_she_did_not() -> None:
    row = "A-1,dentro,,,,2025-01-31,{},,,,\n"
    assert told(work(HEADER + row.format("si") + row.format("no"))) == [
        (2, "record_id", Fault.CONTRADICTION),
        (3, "record_id", Fault.CONTRADICTION),
    ]


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("Empleo externo formal", "empleo_externo_formal"),
        ("producción la cana", "produccion_la_cana"),
        ("EMPRESA_ALIADA", "empresa_aliada"),
        ("Taller o actividad dentro", "taller_o_actividad_dentro"),
    ],
)
def test_kinds_are_forgiven_their_spelling(written: str, kind: str) -> None:
    (job,) = one(f"A-1,dentro,{written},,,2025-01-31,,,,,").facts
    assert job.key["kind"] == kind
