"""The measurements format: instruments by any spelling, scores held against their pack, and items scored here."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from storage.imports.facts import FactFile, Value
from storage.imports.measurements import read_measurements
from storage.imports.problems import Fault
from storage.imports.sheets import read_sheet

TODAY = date(2026, 11, 20)
HEADER = "record_id,instrument,moment,taken_on,score,subscale,version\n"
ITEMS = ",".join(f"gad7_{n}" for n in range(1, 8))


def measurements(text: str) -> FactFile:
    return read_measurements(read_sheet(text.encode(), "scores.csv"), today=TODAY, points=["m1", "m3"])


def one(row: str) -> FactFile:
    return measurements(HEADER + row + "\n")


def items(row: str, header: str = "") -> FactFile:
    return measurements(f"record_id,instrument,moment,taken_on,{ITEMS}{header}\nA-1,{row}\n")


def told(file: FactFile) -> list[tuple[int | None, str | None, Fault]]:
    return [(problem.line, problem.column, problem.code) for problem in file.problems]


def scores(file: FactFile) -> list[tuple[Value, Value, Value, Value]]:
    assert file.problems == ()
    return [
        (fact.key["instrument"], fact.key["subscale"], fact.says["score"], fact.says["answered"]) for fact in file.facts
    ]


def test_a_row_is_a_score() -> None:
    (fact,) = one("A-1,gad7,pre,2024-02-01,12,,").facts
    assert (fact.line, fact.record_id, fact.table) == (2, "A-1", "measurements")
    about = {"instrument": "gad7", "version": "1", "subscale": "", "moment": "pre", "taken_on": date(2024, 2, 1)}
    assert fact.key == about
    assert fact.says == {"score": Decimal(12), "answered": None}


@pytest.mark.parametrize("name", ["GAD-7", "gad 7", "Gad7", "GAD_7"])
def test_an_instrument_by_any_spelling(name: str) -> None:
    assert one(f"A-1,{name},antes,01/02/2024,12,,1") == one("A-1,gad7,pre,2024-02-01,12,,")


def test_headers_in_spanish() -> None:
    file = measurements(
        "Folio,Instrumento,Momento,Fecha,Puntaje,Subescala\nA-1,ERQ-CA-9,m3,2024-02-01,3.5,Reevaluación\n"
    )
    assert scores(file) == [("erq_ca9", "reevaluacion", Decimal("3.5"), None)]
    assert file.facts[0].key["moment"] == "m3"


@pytest.mark.parametrize(
    ("row", "column", "fault"),
    [
        ("A-1,gad7,pre,2024-02-01,22,,", "score", Fault.OUT_OF_RANGE),
        ("A-1,gem,pre,2024-02-01,3.2,,", "score", Fault.OUT_OF_RANGE),
        ("A-1,valoracion,post,2024-02-01,0,,", "score", Fault.OUT_OF_RANGE),
        ("A-1,brs,pre,2024-02-01,-1,,", "score", Fault.OUT_OF_RANGE),
        ("A-1,gad7,pre,2024-02-01,doce,,", "score", Fault.BAD_CELL),
        ('A-1,gem,pre,2024-02-01,"2,5",,', "score", Fault.BAD_CELL),
        ("A-1,gad7,pre,2024-02-01,,,", "score", Fault.EMPTY_CELL),
        ("A-1,gad7,m99,2024-02-01,12,,", "moment", Fault.BAD_CELL),
        ("A-1,gad7,pre,2027-02-01,12,,", "taken_on", Fault.OUT_OF_RANGE),
        ("A-1,erq_ca9,pre,2024-02-01,3,,", "subscale", Fault.BAD_CELL),
        ("A-1,gad7,pre,2024-02-01,12,calma,", "subscale", Fault.BAD_CELL),
        ("A-1,,pre,2024-02-01,12,,", "instrument", Fault.EMPTY_CELL),
    ],
)
def test_what_cannot_be_is_told(row: str, column: str, fault: Fault) -> None:
    assert told(one(row)) == [(2, column, fault)]


def test_an_instrument_without_a_pack_is_kept_with_a_warning() -> None:
    file = one("A-1,PHQ-8,pre,2024-02-01,30,,")
    assert scores(file) == [("phq_8", "", Decimal(30), None)]
    assert [warning.column for warning in file.warnings] == ["instrument"]


def test_one_measurement_has_one_score() -> None:
    row = "A-1,gad7,pre,2024-02-01,{},,\n"
    file = measurements(HEADER + row.format(12) + row.format(11))
    assert told(file) == [(2, "record_id", Fault.CONTRADICTION), (3, "record_id", Fault.CONTRADICTION)]
    file = measurements(HEADER + row.format(12) + row.format("12.0"))
    assert (len(file.facts), len(file.warnings)) == (1, 1)


# --- item by item


def test_items_are_scored_by_the_pack() -> None:
    assert scores(items("gad7,pre,2024-02-01,3,2,1,0,1,2,3")) == [("gad7", "", Decimal(12), 7)]


@pytest.mark.parametrize("gap", ["", "-88", "no sabe"])
def test_a_gap_among_items_is_no_nought(gap: str) -> None:
    assert scores(items(f"gad7,pre,2024-02-01,1,1,1,1,1,1,{gap}")) == [("gad7", "", Decimal(7), 6)]


def test_a_short_form_takes_its_own_items() -> None:
    assert scores(items("gad2,pre,2024-02-01,3,2,,,,,")) == [("gad2", "", Decimal(5), 2)]


def test_subscales_each_have_their_score() -> None:
    names = [*(f"reevaluacion_{n}" for n in range(1, 6)), *(f"supresion_{n}" for n in range(1, 5))]
    row = f"A-1,erq_ca9,post,2024-02-01,{{}},{','.join('544441111')}\n"
    header = f"record_id,instrument,moment,taken_on,subscale,{','.join(names)}\n"
    both = measurements(header + row.format(""))
    assert scores(both) == [
        ("erq_ca9", "reevaluacion", Decimal("4.2"), 5),
        ("erq_ca9", "supresion", Decimal(1), 4),
    ]
    assert scores(measurements(header + row.format("supresion"))) == scores(both)[1:]


@pytest.mark.parametrize(
    ("row", "faults"),
    [
        ("gad7,pre,2024-02-01,1,1,1,1,1,,", [("instrument", Fault.INCOMPLETE)]),
        ("gad7,pre,2024-02-01,1,1,1,1,1,4,9", [("gad7_6", Fault.OUT_OF_RANGE), ("gad7_7", Fault.OUT_OF_RANGE)]),
        ("gad7,pre,2024-02-01,1,1,1,1,1,x,1", [("gad7_6", Fault.BAD_CELL)]),
        ("brs,pre,2024-02-01,1,1,1,1,1,1,1", [("score", Fault.EMPTY_CELL)]),
        ("gad7,pre,2024-02-01,,,,,,,", [("score", Fault.EMPTY_CELL)]),
    ],
)
def test_items_without_a_score_are_told(row: str, faults: list[tuple[str, Fault]]) -> None:
    assert told(items(row)) == [(2, column, fault) for column, fault in faults]


def test_a_score_beside_its_items_is_one_too_many() -> None:
    assert told(items("gad7,pre,2024-02-01,1,1,1,1,1,1,1,7", ",score")) == [(2, "score", Fault.CONTRADICTION)]


def test_without_score_and_items_the_column_is_missing() -> None:
    file = measurements("record_id,instrument,moment,taken_on\nA-1,gad7,pre,2024-02-01\n")
    assert (1, "score", Fault.MISSING_COLUMN) in told(file)
