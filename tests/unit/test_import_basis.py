"""On what consent an imported amount or score stands: whole, or none; a row's own word before that of the file."""

from __future__ import annotations

from datetime import date

import pytest

from storage.imports.basis import Basis, BasisKind, stated
from storage.imports.facts import FactFile
from storage.imports.measurements import read_measurements
from storage.imports.problems import Fault
from storage.imports.sheets import read_sheet
from storage.imports.work import read_work

TODAY = date(2026, 11, 20)
PAPER = Basis(BasisKind.PAPER, date(2024, 3, 1), "2", "Luz Ríos")
CHAT = Basis(BasisKind.CHAT, date(2024, 3, 1), "2")
CONSENT = "consent_basis,consent_on,consent_version,consent_witness\n"
SCORES = "record_id,instrument,moment,taken_on,score," + CONSENT
WORK = "record_id,scope,kind,as_of,gave_to_family,income_amount,income_period," + CONSENT
SCORE, EARNED = "A-1,GAD-7,pre,2024-02-01,9,", "A-1,dentro,autoempleo,2024-09-01,si,1500,quincena,"


def scores(*cells: str, basis: Basis | None = None) -> FactFile:
    text = SCORES + "".join(f"{SCORE}{each}\n" for each in cells)
    return read_measurements(read_sheet(text.encode(), "m.csv"), today=TODAY, points=(), basis=basis)


def work(cells: str, basis: Basis | None = None) -> FactFile:
    return read_work(read_sheet(f"{WORK}{EARNED}{cells}\n".encode(), "w.csv"), today=TODAY, basis=basis)


@pytest.mark.parametrize(
    ("cells", "faults"),
    [
        (",,,", []),
        ("papel,2024-03-01,2,Luz Ríos", []),
        ("Firmado,01/03/2024,2,Luz Ríos", []),
        ("chat,2024-03-01,2,", []),
        ("convenio,2024-03-01,IMSS-3,", []),
        ("papel,2024-03-01,2,", [("consent_witness", Fault.INCOMPLETE)]),
        ("papel,,,", [(f"consent_{name}", Fault.INCOMPLETE) for name in ("on", "version", "witness")]),
        (",2024-03-01,,", [("consent_basis", Fault.INCOMPLETE), ("consent_version", Fault.INCOMPLETE)]),
        ("chat,2024-03-01,2,Luz Ríos", [("consent_witness", Fault.CONTRADICTION)]),
        ("papel,2024-03-01,2,007", [("consent_witness", Fault.BAD_CELL)]),
        ("de palabra,2026-11-21,2,", [("consent_basis", Fault.BAD_CELL), ("consent_on", Fault.OUT_OF_RANGE)]),
    ],
)
def test_a_basis_is_whole_or_none_and_all_that_is_wrong_is_told(cells: str, faults: list[tuple[str, Fault]]) -> None:
    for file in (scores(cells), work(cells)):
        assert sorted((one.column, one.code) for one in file.problems) == sorted(faults)
        assert bool(file.facts) == (not faults)


def test_what_is_wrong_with_a_basis_is_told_beside_all_else() -> None:
    text = SCORES + "A-1,GAD-7,pre,2024-02-01,99,papel,,,\n"
    file = read_measurements(read_sheet(text.encode(), "m.csv"), today=TODAY, points=())
    assert [one.column for one in file.problems] == ["score", "consent_on", "consent_version", "consent_witness"]


def test_every_fact_of_a_row_stands_on_what_the_row_says() -> None:
    facts = work("papel,2024-03-01,2,Luz Ríos").facts
    assert [fact.table for fact in facts] == ["employments", "incomes", "supports"]
    assert {fact.basis for fact in facts} == {PAPER}


def test_a_row_that_says_nothing_stands_on_what_was_said_of_the_file() -> None:
    assert {fact.basis for fact in work(",,,", CHAT).facts} == {CHAT}
    assert {fact.basis for fact in work("papel,2024-03-01,2,Luz Ríos", CHAT).facts} == {PAPER}
    assert {fact.basis for fact in work(",,,").facts} == {None}


def test_one_score_on_two_consents_is_a_contradiction() -> None:
    file = scores("chat,2024-03-01,2,", "chat,2024-03-02,2,")
    assert [(one.line, one.code) for one in file.problems] == [(2, Fault.CONTRADICTION), (3, Fault.CONTRADICTION)]


def test_what_is_said_of_a_whole_file_is_judged_as_a_row_is() -> None:
    said = {"consent_basis": "papel", "consent_on": "2024-03-01", "consent_version": "2", "consent_witness": "Luz Ríos"}
    assert stated(said, TODAY) == (PAPER, [])
    basis, problems = stated({"consent_basis": "papel", "consent_on": "mañana"}, TODAY)
    assert basis is None
    assert [one.column for one in problems] == ["consent_on", "consent_version", "consent_witness"]
