"""The participants format: what each cell may say, and all that is wrong with a file told at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from openpyxl import Workbook

from scheduler.zones import zone_for
from storage.imports.cells import CellRefused, read_date, read_phone
from storage.imports.centres import CENTRES, centre_code
from storage.imports.participants import ParticipantFile, ParticipantRow, read_days, read_participants
from storage.imports.problems import Fault
from storage.imports.sheets import read_sheet
from storage.preferences import Trato

TODAY = date(2026, 11, 20)


def participants(text: str) -> ParticipantFile:
    sheet = read_sheet(text.encode(), "people.csv")
    return read_participants(sheet, today=TODAY, zone_for=zone_for)


def one(column: str, value: str) -> ParticipantFile:
    return participants(f'record_id,name,{column}\nA-1,Rosa Pérez,"{value}"\n')


def told(file: ParticipantFile) -> list[tuple[int | None, str | None, Fault]]:
    return [(problem.line, problem.column, problem.code) for problem in file.problems]


BARE = ParticipantRow(
    line=2,
    record_id="A-1",
    name="Rosa Pérez",
    phone=None,
    birth_year=None,
    release_date=None,
    centre=None,
    zone=None,
    trato=None,
    staff=None,
    plan=None,
    schooling=None,
    dependants_0_5=None,
    dependants_6_11=None,
    dependants_12_17=None,
    dependants_adult=None,
    consent_on_paper=None,
    consent_version=None,
    consent_witness=None,
)


def test_two_columns_are_enough() -> None:
    assert participants("record_id,name\nA-1,Rosa Pérez\n") == ParticipantFile((BARE,), (), ())


def test_every_column() -> None:
    file = participants(
        "Record ID;NAME;phone;birth_year;release_date;centre;state;municipality;trato;staff;plan;schooling;"
        "dependants_0_5;dependants_6_11;dependants_12_17;dependants_adult;"
        "consent_on_paper;consent_version;consent_witness\n"
        "A-1;Rosa Pérez;+52 1 55-1234 5678;1990;05/03/2026;neza bordo;Chih.;Cd. Juárez;Usted;promo-1;seguimiento;"
        "secundaria;0;1;2;3;2026-02-01;v1;Luz Ríos\n"
    )
    assert file.problems == file.warnings == ()
    expected = replace(
        BARE,
        phone="5512345678",
        birth_year=1990,
        release_date=date(2026, 3, 5),
        centre="NZB",
        zone="America/Ciudad_Juarez",
        state="Chih.",
        trato=Trato.USTED,
        staff="promo-1",
        plan="seguimiento",
        schooling="secundaria",
        dependants_0_5=0,
        dependants_6_11=1,
        dependants_12_17=2,
        dependants_adult=3,
        consent_on_paper=date(2026, 2, 1),
        consent_version="v1",
        consent_witness="Luz Ríos",
    )
    assert file.rows == (expected,)


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("lu,mi,vi", "024"),
        ("Lunes, Miércoles y Viernes", "024"),
        ("vi; lu", "04"),
        ("sáb dom", "56"),
        ("entre semana", "01234"),
        ("Lunes a viernes", "01234"),
        ("fin de semana", "56"),
        ("todos", ""),
        ("lu ma mi ju vi sa do", ""),
    ],
)
def test_days_of_the_week(written: str, days: str) -> None:
    assert read_days(written) == days


@pytest.mark.parametrize("written", ["m", "martes 13", "l", "mañana", "lu-vi", "lu a vi", ""])
def test_days_that_are_not_clear_are_refused(written: str) -> None:
    with pytest.raises(CellRefused):
        read_days(written)


def test_her_hours_her_group_and_any_number_of_dates() -> None:
    file = participants(
        "record_id;name;cohort;slot;days;date_course_end;Date Parole;date_release;date_9\n"
        "A-1;Rosa Pérez;2026-1;En la mañana;entre semana;30/06/2026;;2026-01-01;2026-01-01\n"
        "A-2;Inés Luz;;tarde;;2026-07-01;2026-08-01;;\n"
    )
    assert file.problems == ()
    first, second = file.rows
    assert (first.cohort, first.slot, first.days) == ("2026-1", "manana", "01234")
    assert first.dates == {"course_end": date(2026, 6, 30)}
    assert (second.slot, second.days) == ("tarde", None)
    assert second.dates == {"course_end": date(2026, 7, 1), "parole": date(2026, 8, 1)}
    assert [warning.column for warning in file.warnings] == ["date_release", "date_9"], "taken, and no name"


def test_all_problems_of_all_rows_at_once() -> None:
    file = participants(
        "record_id,name,release_date,birth_year,phone,color\n"
        "A-1,Rosa Pérez,13/31/2026,2050,5512,rojo\n"
        "\n"
        ",Inés,,,,\n"
        "A-2,Luz,2026-03-05,1990,55 1234 5678,\n"
        "A-3,,31/02/2026,1990,,\n"
    )
    assert told(file) == [
        (2, "phone", Fault.BAD_CELL),
        (2, "birth_year", Fault.OUT_OF_RANGE),
        (2, "release_date", Fault.BAD_CELL),
        (4, "record_id", Fault.EMPTY_CELL),
        (6, "name", Fault.EMPTY_CELL),
        (6, "release_date", Fault.BAD_CELL),
    ]
    assert [(warning.line, warning.column, warning.code) for warning in file.warnings] == [
        (1, "color", Fault.UNKNOWN_COLUMN)
    ]
    assert [row.record_id for row in file.rows] == ["A-2"]


def test_a_missing_column_is_told_once_beside_the_other_problems() -> None:
    file = participants("nombre,names,release_date\nRosa,Rosa,13/31/2026\nInés,Inés,\n")
    assert told(file) == [
        (1, "record_id", Fault.MISSING_COLUMN),
        (1, "name", Fault.MISSING_COLUMN),
        (2, "release_date", Fault.BAD_CELL),
    ]
    assert file.rows == ()
    assert "did you mean name?" in file.warnings[1].message


def test_a_column_that_comes_twice() -> None:
    file = participants("record_id,name,Name\nA-1,Rosa,Luz\n")
    assert told(file) == [(1, "name", Fault.REPEATED_COLUMN)]
    assert file.rows == ()


def test_a_column_without_a_name_is_a_warning() -> None:
    file = participants("record_id,,name\nA-1,x,Rosa\n")
    assert [warning.column for warning in file.warnings] == ["column 2"]
    assert len(file.rows) == 1


def test_a_repeated_record_id_refuses_both_rows() -> None:
    file = participants("record_id,name\nA-1,Rosa\nB-1,Inés\na-1,Luz\n")
    assert told(file) == [(2, "record_id", Fault.REPEATED_RECORD), (4, "record_id", Fault.REPEATED_RECORD)]
    assert "line 4" in file.problems[0].message
    assert [row.record_id for row in file.rows] == ["B-1"]


@pytest.mark.parametrize(
    "record_id",
    [
        "PEGR900101MDFRRS09",
        "pegr 900101 mdfrrs 09",
        "PRGRRS90010109M100",
        "5512345678",
        "+52 55 1234 5678",
        "Rosa Pérez",
        "María de los Ángeles Núñez",
        "rosa",
        "PÉREZ",
    ],
)
def test_a_record_id_that_names_her_is_refused(record_id: str) -> None:
    file = participants(f"record_id,name\n{record_id},Rosa Pérez\n")
    assert told(file) == [(2, "record_id", Fault.IDENTIFYING)]
    assert file.rows == ()


@pytest.mark.parametrize("record_id", ["A-1", "LC 2026 014", "CANA240115", "7", "00017", "EDOMEX", "=A1", "x" * 64])
def test_codes_of_their_own_are_welcome(record_id: str) -> None:
    assert participants(f"record_id,name\n{record_id},Rosa Pérez\n").rows == (replace(BARE, record_id=record_id),)


def test_a_record_id_too_long() -> None:
    assert told(participants(f"record_id,name\n{'x' * 65},Rosa Pérez\n")) == [(2, "record_id", Fault.BAD_CELL)]


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-03-05", date(2026, 3, 5)),
        ("05/03/2026", date(2026, 3, 5)),
        ("5/3/2026", date(2026, 3, 5)),
        ("2026-03-05 00:00:00", date(2026, 3, 5)),
        ("29/02/2028", date(2028, 2, 29)),
    ],
)
def test_dates(written: str, day: date) -> None:
    assert read_date(written) == day


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("13/31/2026", "no month 31; the month comes after the day: dd/mm/aaaa"),
        ("2026-13-01", "no month 13; the month comes after the year: aaaa-mm-dd"),
        ("31/02/2026", "no such day"),
        ("29/02/2027", "no such day"),
        ("00/01/2026", "no such day"),
        ("01/01/0000", "no such day"),
        ("05/03/26", "four digits"),
        ("5 de mayo", "aaaa-mm-dd"),
        ("46086", "aaaa-mm-dd"),
        ("2026/03/05", "aaaa-mm-dd"),
        ("٢٠٢٦-٠٣-٠٥", "aaaa-mm-dd"),
    ],
)
def test_dates_that_are_refused_with_their_reason(written: str, reason: str) -> None:
    with pytest.raises(CellRefused, match=reason):
        read_date(written)


@pytest.mark.parametrize(
    "written",
    [
        "5512345678",
        "55 1234 5678",
        "(55) 1234-5678",
        "+52 55 1234 5678",
        "+52 1 55 1234 5678",
        "52 55 1234 5678",
        "5215512345678",
        "0052 55 1234 5678",
        "044 55 1234 5678",
        "045 55 1234 5678",
        "01 55 1234 5678",
        "55.1234.5678",
        "\u202a+52 55 1234 5678\u202c",
    ],
)
def test_phones(written: str) -> None:
    assert read_phone(written) == "5512345678"


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("12345678", "ten digits"),
        ("+1 213 555 0123", "ten digits"),
        ("551234567", "ten digits"),
        ("5512345678 / 5587654321", "one Mexican number"),
        ("0512345678", "ten digits"),
        ("no tiene", "ten digits"),
        ("5.51E+09", "shortened"),
        ("5,51234E+09", "shortened"),
        ("５５１２３４５６７８", "ten digits"),
    ],
)
def test_phones_that_are_refused_with_their_reason(written: str, reason: str) -> None:
    with pytest.raises(CellRefused, match=reason):
        read_phone(written)


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("birth_year", "2009", Fault.OUT_OF_RANGE),
        ("birth_year", "2050", Fault.OUT_OF_RANGE),
        ("birth_year", "1925", Fault.OUT_OF_RANGE),
        ("birth_year", "90", Fault.OUT_OF_RANGE),
        ("birth_year", "noventa", Fault.BAD_CELL),
        ("birth_year", "01/02/1990", Fault.BAD_CELL),
        ("release_date", "05/03/2126", Fault.OUT_OF_RANGE),
        ("release_date", "05/03/1926", Fault.OUT_OF_RANGE),
        ("dependants_0_5", "-1", Fault.BAD_CELL),
        ("dependants_0_5", "1.5", Fault.BAD_CELL),
        ("dependants_adult", "31", Fault.OUT_OF_RANGE),
        ("trato", "vos", Fault.BAD_CELL),
        ("zone", "Mexico City", Fault.UNKNOWN_PLACE),
        ("zone", "../etc/passwd", Fault.UNKNOWN_PLACE),
        ("state", "Texas", Fault.UNKNOWN_PLACE),
        ("staff", "x" * 201, Fault.BAD_CELL),
        ("schooling", "a\nb", Fault.BAD_CELL),
    ],
)
def test_refused_cells(column: str, value: str, code: Fault) -> None:
    file = one(column, value)
    assert told(file) == [(2, column, code)]
    assert file.rows == ()


@pytest.mark.parametrize(
    ("column", "value", "read"),
    [
        ("birth_year", "2008", 2008),
        ("birth_year", "1926", 1926),
        ("release_date", "2027-01-15", date(2027, 1, 15)),
        ("trato", "Tú", Trato.TU),
        ("zone", "America/Tijuana", "America/Tijuana"),
        ("centre", "santa martha", "SMA"),
        ("centre", "eca", "ECA"),
        ("dependants_0_5", "0", 0),
        ("phone", " ", None),
        ("schooling", "=1+1", "=1+1"),
    ],
)
def test_read_cells(column: str, value: str, read: object) -> None:
    file = one(column, value)
    assert (file.problems, file.warnings) == ((), ())
    assert file.rows == (replace(BARE, **{column: read}),)  # type: ignore[arg-type]


def test_an_unknown_centre_is_kept_with_a_warning() -> None:
    file = one("centre", "Tepepan")
    assert [row.centre for row in file.rows] == ["Tepepan"]
    assert [(warning.line, warning.column) for warning in file.warnings] == [(2, "centre")]
    assert file.problems == ()


def test_a_zone_of_her_own_wins_over_her_states() -> None:
    file = participants("record_id,name,zone,state\nA-1,Rosa,America/Tijuana,CDMX\n")
    assert [row.zone for row in file.rows] == ["America/Tijuana"]


def test_a_municipality_without_its_state_is_a_warning() -> None:
    file = one("municipality", "Juárez")
    assert [row.zone for row in file.rows] == [None]
    assert [warning.column for warning in file.warnings] == ["municipality"]


def test_every_name_of_a_centre_leads_to_its_code() -> None:
    assert len(CENTRES) == 8
    assert {centre_code(name.upper()) for name in CENTRES["NZS"]} == {"NZS"}
    assert all(centre_code(name) == code for code, names in CENTRES.items() for name in (code, *names))


def test_a_workbooks_dates_are_dates_and_nothing_else() -> None:
    workbook = Workbook()
    workbook.active.append(["record_id", "name", "release_date", "birth_year"])
    workbook.active.append(["A-1", "Rosa", date(2026, 3, 5), 1990])
    workbook.active.append([date(2026, 12, 3), "Luz", "05/03/2026", date(1990, 5, 5)])
    out = BytesIO()
    workbook.save(out)
    file = read_participants(read_sheet(out.getvalue(), "people.xlsx"), today=TODAY, zone_for=zone_for)
    assert [(row.release_date, row.birth_year) for row in file.rows] == [(date(2026, 3, 5), 1990)]
    assert told(file) == [(3, "record_id", Fault.TURNED_INTO_DATE), (3, "birth_year", Fault.BAD_CELL)]


def test_the_problems_of_the_sheet_are_the_files_too() -> None:
    file = participants("record_id,name\nA-1,Rosa\nA-2,Luz,x\n")
    assert told(file) == [(3, None, Fault.EXTRA_CELLS)]
    assert [row.record_id for row in file.rows] == ["A-1"]
    nothing = read_participants(read_sheet(b"%PDF-1.7", "a.pdf"), today=TODAY, zone_for=zone_for)
    assert told(nothing) == [(None, None, Fault.NOT_A_SHEET)]


def test_no_message_repeats_a_cell() -> None:
    cells = ("PEGR900101MDFRRS09", "Rosa Secreta", "5599", "41/12/1987", "77")
    file = participants("record_id,name,phone,release_date,birth_year\n" + ",".join(cells) + "\n")
    messages = " ".join(map(str, [*file.problems, *file.warnings]))
    assert len(file.problems) == 4
    assert not any(cell in messages for cell in cells)
