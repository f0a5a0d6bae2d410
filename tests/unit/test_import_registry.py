"""The registry format: names that are forgiven, what is wrong with a file told at once, and open catalogues."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from storage.imports.catalogue import SHIPPED, CatalogueInvalid, read_catalogue
from storage.imports.centres import CENTRES
from storage.imports.facts import FactFile
from storage.imports.measurements import read_measurements
from storage.imports.problems import Fault
from storage.imports.registry import read_registry
from storage.imports.sheets import read_sheet
from storage.imports.work import read_work
from storage.imports.workshops import WORKSHOPS, Axis, axis_of

TODAY = date(2026, 11, 20)
HEADER = "record_id,axis,workshop,centre,started_on,completed,ended_on,sessions_attended\n"


def registry(text: str) -> FactFile:
    return read_registry(read_sheet(text.encode(), "registry.csv"), today=TODAY)


def one(row: str) -> FactFile:
    return registry(HEADER + row + "\n")


def told(file: FactFile) -> list[tuple[int | None, str | None, Fault]]:
    return [(problem.line, problem.column, problem.code) for problem in file.problems]


def test_a_row_is_an_enrolment() -> None:
    file = one("A-1,laboral,costura,BAR,2024-02-01,si,2024-05-01,12")
    assert (file.problems, file.warnings) == ((), ())
    (fact,) = file.facts
    assert (fact.line, fact.record_id, fact.table) == (2, "A-1", "enrolments")
    start = date(2024, 2, 1)
    assert fact.key == {"axis": "laboral", "workshop": "costura", "centre": "BAR", "started_on": start}
    assert fact.says == {"ended_on": date(2024, 5, 1), "completed": True, "sessions_attended": 12}


def test_headers_and_names_in_spanish_are_the_same() -> None:
    spanish = registry(
        "Folio;Eje;Taller;Centro;Inicio;Concluyó;Fin;Sesiones\n"
        "A-1;Capacitación laboral;Corte y confección;Barrientos;01/02/2024;Sí;01/05/2024;12\n"
    )
    assert spanish == one("A-1,laboral,costura,BAR,2024-02-01,1,2024-05-01,12")


def test_a_column_under_its_own_name_leaves_no_room_for_another() -> None:
    file = registry("record_id,axis,workshop,centre,started_on,completed,Taller\nA-1,laboral,yoga,BAR,2024-02-01,0,x\n")
    assert file.problems == ()
    assert [warning.code for warning in file.warnings] == [Fault.UNKNOWN_COLUMN, Fault.UNKNOWN_NAME]


def test_all_is_told_at_once_under_the_files_own_headers() -> None:
    file = registry(
        "Folio,Eje,Taller,Centro,Inicio,Concluyó,Fin,Sesiones\n"
        "A-1,deportivo,Costura,BAR,2030-01-01,quizá,2024-01-01,muchas\n"
        ",laboral,,BAR,2024-02-01,,2024-01-31,5000\n"
    )
    assert told(file) == [
        (2, "Eje", Fault.BAD_CELL),
        (2, "Inicio", Fault.OUT_OF_RANGE),
        (2, "Concluyó", Fault.BAD_CELL),
        (2, "Sesiones", Fault.BAD_CELL),
        (3, "Folio", Fault.EMPTY_CELL),
        (3, "Taller", Fault.EMPTY_CELL),
        (3, "Fin", Fault.CONTRADICTION),
        (3, "Concluyó", Fault.EMPTY_CELL),
        (3, "Sesiones", Fault.OUT_OF_RANGE),
    ]
    assert file.facts == ()


def test_a_missing_column_is_told_once() -> None:
    file = registry(
        "record_id,axis,workshop,centre,completed\nA-1,laboral,costura,BAR,si\nA-2,laboral,costura,BAR,si\n"
    )
    assert told(file) == [(1, "started_on", Fault.MISSING_COLUMN)]
    assert file.facts == ()


@pytest.mark.parametrize("said", ["no sabe", "prefiere no decir", "-77", "−88"])
def test_a_completion_that_is_not_known_is_no_no(said: str) -> None:
    (fact,) = one(f"A-1,laboral,costura,BAR,2024-02-01,{said},,").facts
    assert fact.says["completed"] is None


def test_what_no_catalogue_has_is_kept_and_told_once_with_the_nearest() -> None:
    rows = "".join(f"A-{n},laboral,  Ceramica   fina,Barientos,2024-02-01,si,,\n" for n in range(3))
    file = registry(HEADER + rows)
    assert file.problems == ()
    assert {(fact.key["workshop"], fact.key["centre"]) for fact in file.facts} == {("Ceramica fina", "Barientos")}
    assert len(file.warnings) == 2
    assert "barrientos (and on 2 more lines)" in str(file.warnings[1])
    assert not any("Barientos" in str(warning) or "eramica" in str(warning) for warning in file.warnings)


def test_the_files_axis_holds_over_the_catalogues() -> None:
    file = one("A-1,integracion,costura,BAR,2024-02-01,si,,")
    assert file.facts[0].key["axis"] == "integracion"
    assert "laboral" in str(file.warnings[0])


def test_the_same_row_twice_is_one() -> None:
    row = "A-1,laboral,costura,BAR,2024-02-01,si,,\n"
    file = registry(HEADER + row + row.replace("A-1", "a-1").replace("costura", "Corte y confección"))
    assert (len(file.facts), file.problems) == (1, ())
    assert [(warning.line, warning.code) for warning in file.warnings] == [(3, Fault.REPEATED_RECORD)]


def test_two_rows_that_contradict_each_other_are_both_refused() -> None:
    row = "A-1,laboral,costura,BAR,2024-02-01,{},,\n"
    file = registry(HEADER + row.format("si") + row.format("no"))
    assert told(file) == [(2, "record_id", Fault.CONTRADICTION), (3, "record_id", Fault.CONTRADICTION)]
    assert file.facts == ()


def test_a_transfer_is_an_enrolment_of_its_own() -> None:
    row = "A-1,laboral,costura,{},2024-02-01,si,,\n"
    assert len(registry(HEADER + row.format("BAR") + row.format("CHA")).facts) == 2


@pytest.mark.parametrize(
    ("said", "axis"),
    [
        ("job training", Axis.WORK),
        ("Independencia económica", Axis.WORK),
        ("CAPACITACION LABORAL", Axis.WORK),
        ("Salud Mental", Axis.MENTAL_HEALTH),
        ("Integración", Axis.INTEGRATION),
        ("Educación, arte, cultura y deportes", Axis.INTEGRATION),
        ("otro", None),
    ],
)
def test_an_axis_has_many_names(said: str, axis: Axis | None) -> None:
    assert axis_of(said) is axis


def test_no_two_shipped_entries_share_a_name() -> None:
    for names, entries in (
        (SHIPPED.centres, CENTRES),
        (SHIPPED.workshops, {code: one.names for code, one in WORKSHOPS.items()}),
    ):
        assert all(names.code(name) == code for code, all_of in entries.items() for name in (code, *all_of))


# --- an installation's own catalogue


def test_a_catalogue_adds_entries_and_names(tmp_path: Path) -> None:
    (tmp_path / "catalogue.toml").write_text(
        '[[centres]]\ncode = "TEP"\nnames = ["Tepepan"]\n'
        '[[workshops]]\ncode = "ceramica"\naxis = "laboral"\nnames = ["Cerámica", "Barro"]\n'
        '[[workshops]]\ncode = "costura"\nnames = ["Máquina recta"]\n',
        encoding="utf-8",
    )
    catalogue = read_catalogue(tmp_path / "catalogue.toml")
    sheet = read_sheet(f"{HEADER}A-1,laboral,barro,tepepan,2024-02-01,si,,\n".encode(), "r.csv")
    file = read_registry(sheet, today=TODAY, catalogue=catalogue)
    assert (file.facts[0].key["workshop"], file.facts[0].key["centre"]) == ("ceramica", "TEP")
    assert file.warnings == ()
    assert catalogue.workshops.code("maquina recta") == "costura"
    assert catalogue.axis("costura") is Axis.WORK
    assert read_catalogue(tmp_path / "none.toml") is SHIPPED


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("centres = 3", "[[centres]]"),
        ("[[places]]\n", "places is not known"),
        ('[[centres]]\ncode = "X-1"\nnames = ["X"]', "code: write letters"),
        ('[[centres]]\ncode = "X"\nnames = []', "names: write a list"),
        ('[[centres]]\ncode = "X"\nnames = ["Barrientos"]', "already another's (BAR)"),
        ('[[workshops]]\ncode = "x"\nnames = ["X"]', "axis: write laboral"),
        ('[[workshops]]\ncode = "costura"\naxis = "trade"\nnames = ["X"]', "axis: write laboral"),
        ('[[centres]]\ncode = "X"\nnames = ["X"]\ncolour = 1', "colour is not known"),
        ("[[", "can't be read"),
    ],
)
def test_a_catalogue_that_cannot_be_used_says_why(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "catalogue.toml").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueInvalid) as invalid:
        read_catalogue(tmp_path / "catalogue.toml")
    assert words in str(invalid.value)


# --- whatever comes


def readings(data: bytes) -> list[FactFile]:
    sheet = read_sheet(data, "file")
    return [
        read_registry(sheet, today=TODAY),
        read_measurements(sheet, today=TODAY, points=["m1", "m3"]),
        read_work(sheet, today=TODAY),
    ]


@given(some.binary(max_size=400))
def test_any_bytes_give_problems_and_never_raise(data: bytes) -> None:
    assert all(file.problems and not file.facts for file in readings(data))


CELLS = some.sampled_from(
    [
        *(
            "",
            "A-1",
            "si",
            "-88",
            "no sabe",
            "laboral",
            "costura",
            "BAR",
            "gad7",
            "erq_ca9",
            "12",
            "3.5",
            "1.500",
            "=1+1",
        ),
        *("2024-02-01", "31/02/2024", "dentro", "autoempleo", "sin_trabajo", "quincena", "dia", "pre", "m3", "-5", "²"),
        *("reevaluacion", "1e5", "٣", "9999999999", "entre 500 y 700", "x" * 201, "😀", "0001-01-01", "1500 al mes"),
    ]
) | some.text(max_size=12)
HEADERS = some.lists(
    some.sampled_from(
        [
            *("record_id", "axis", "workshop", "centre", "started_on", "ended_on", "completed", "sessions_attended"),
            *("instrument", "version", "moment", "taken_on", "score", "subscale", "gad7_1", "gad7_2", "scope", "kind"),
            *("as_of", "income_amount", "income_period", "days_per_week", "income_moment", "gave_to_family", "fecha"),
        ]
    ),
    min_size=1,
)


@given(HEADERS, some.lists(some.lists(CELLS, min_size=1, max_size=24), max_size=4))
def test_any_cells_give_facts_or_problems_that_never_repeat_them(headers: list[str], rows: list[list[str]]) -> None:
    text = "\n".join("\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in row) for row in [headers, *rows])
    for file in readings(text.encode("utf-8", "surrogatepass")):
        refused = {problem.line for problem in file.problems}
        assert not refused & {fact.line for fact in file.facts}
        assert not any("😀" in str(problem) for problem in (*file.problems, *file.warnings))
