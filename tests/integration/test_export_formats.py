"""Each file read back by a program that is not ours, and equal to the store."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest
from frictionless import validate
from sqlalchemy import select

from conversations.answers import AnswerStatus
from storage import instruments
from storage.exports.exporting import FORMATS, ExportRefused
from storage.exports.shape import TEXT, Column, Table
from storage.exports.statistics import StatisticsWriter
from storage.exports.workbook import WorkbookWriter
from storage.schema import answers, checkins, enrolments, measurements, participants
from tests.support.exports import FORM, NAME, answer, checkin_of, fill, given, write_export
from tests.support.world import START, Store

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture
async def answered(store: Store) -> Store:
    await fill(store)
    return store


async def in_store(store: Store) -> dict[str, tuple[str, int]]:
    """Whose answers stand, by question: her pseudonym and their status."""
    async with store.database.read() as tx:
        statement = (
            select(participants.c.person, answers.c.variable, answers.c.status)
            .join_from(answers, checkins, checkins.c.id == answers.c.checkin_id)
            .join(participants, participants.c.id == checkins.c.participant_id)
            .where(answers.c.replaced_at.is_(None))
        )
        return {row.variable: (row.person, row.status) for row in await tx.run(statement)}


def out_of(folder: Path, format_: str) -> Path:
    return folder / ("out.xlsx" if format_ == "xlsx" else "out")


def long_answers(out: Path, format_: str) -> list[dict[str, Any]]:
    """The answers as another program reads them, None where there is nothing."""
    match format_:
        case "csv":
            frame = pd.read_csv(out / "answers.csv", encoding="utf-8-sig", dtype={"value": str, "version": str})
        case "xlsx":
            frame = pd.read_excel(out, sheet_name="answers", dtype={"value": str, "version": str})
        case "parquet":
            return pq.read_table(out / "answers.parquet").to_pylist()  # type: ignore[no-any-return]
        case _:
            return [json.loads(line) for line in (out / "answers.jsonl").read_text(encoding="utf-8").splitlines()]
    return frame.astype(object).where(frame.notna(), None).to_dict("records")  # type: ignore[no-any-return]


@pytest.mark.parametrize("format_", ["csv", "xlsx", "parquet", "jsonl"])
async def test_answers_are_those_of_the_store(answered: Store, tmp_path: Path, format_: str) -> None:
    out = out_of(tmp_path, format_)
    await write_export(answered, out, format=format_)
    found = long_answers(out, format_)
    stored = await in_store(answered)
    assert {row["variable"]: (row["person"], row["status"]) for row in found} == stored
    values = {row["variable"]: row["value"] for row in found}
    formula = "=1+1" if format_ in {"parquet", "jsonl"} else "'=1+1"
    assert values == {
        **{"trabaja": "si", "tipos": "autoempleo", "ingreso": "1500.50", "hijos": "-88", "edad": "-3"},
        **{"cuando": "2026-01", "formula": formula, "gasto": "nota de voz", "cuenta": None},
    }
    assert {row["variable"]: row["number"] for row in found if row["number"] is not None} == {
        "ingreso": 1500.5,
        "edad": -3,
    }


async def test_spss_reads_labels_and_missing_codes(answered: Store, tmp_path: Path) -> None:
    await write_export(answered, tmp_path / "out", format="sav")
    found, about = pyreadstat.read_sav(str(tmp_path / "out" / "wide.sav"), user_missing=True)
    (her,) = found[found["trabaja_m1"].notna()].to_dict("records")
    assert (her["trabaja_m1"], her["hijos_m1"], her["edad_m1"], her["ingreso_m1"]) == (1.0, -88.0, -3.0, 1500.5)
    assert (her["tipos___autoempleo_m1"], her["tipos___otro_m1"], her["cuando_m1"]) == (1.0, 0.0, "2026-01")
    assert about.column_names_to_labels["trabaja_m1"] == "¿Trabajas? (m1)"
    assert about.variable_value_labels["trabaja_m1"][1.0] == "=Sí"
    assert about.variable_value_labels["trabaja_m1"][-88.0] == "prefiere no decir"
    assert about.missing_ranges["hijos_m1"] == [{"lo": -99.0, "hi": -66.0}]
    assert about.creation_time == START.replace(tzinfo=None)
    plain, _ = pyreadstat.read_sav(str(tmp_path / "out" / "wide.sav"))
    assert plain["hijos_m1"].isna().all()
    ledger, _ = pyreadstat.read_sav(str(tmp_path / "out" / "checkins.sav"))
    assert len(ledger) == 12
    assert not (tmp_path / "out" / "answers.sav").exists()


async def test_stata_reads_labels_and_missing_codes(answered: Store, tmp_path: Path) -> None:
    await write_export(answered, tmp_path / "out", format="dta")
    found, about = pyreadstat.read_dta(str(tmp_path / "out" / "wide.dta"), user_missing=True)
    (her,) = found[found["trabaja_m1"].notna()].to_dict("records")
    assert (her["trabaja_m1"], her["hijos_m1"], her["edad_m1"], her["ingreso_m1"]) == (1.0, "c", -3.0, 1500.5)
    assert about.variable_value_labels["hijos_m1"]["c"] == "prefiere no decir"
    assert about.variable_value_labels["trabaja_m1"][1] == "=Sí"
    assert about.column_names_to_labels["trabaja_m1"] == "¿Trabajas? (m1)"
    assert about.creation_time == START.replace(tzinfo=None)
    labelled = pd.read_stata(tmp_path / "out" / "wide.dta", convert_categoricals=True)
    assert labelled["trabaja_m1"].dropna().tolist() == ["=Sí"]
    assert all(len(name) <= 32 and name.isascii() and name == name.lower() for name in found.columns)


def test_a_large_table_is_in_numbered_parts(tmp_path: Path) -> None:
    columns = (Column("person", TEXT, "Seudónimo"),)
    writer = StatisticsWriter(tmp_path, "sav", at=START, most_rows=5)
    writer.open(Table("people", "", columns))
    for size in (3, 4, 6):
        writer.write(pa.RecordBatch.from_pydict({"person": [f"p{size}"] * size}))
    parts = writer.close()
    assert [path.name for path in parts] == ["people_1.sav", "people_2.sav", "people_3.sav"]
    assert [len(pyreadstat.read_sav(str(path))[0]) for path in parts] == [5, 5, 3]


async def test_a_workbook_is_typed_and_can_be_filtered(answered: Store, tmp_path: Path) -> None:
    await write_export(answered, tmp_path / "out.xlsx", format="xlsx", identified=False)
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert {"people", "wide", "indicators", "funnel", "codebook", "codebook_redcap", "metadata"} <= set(book.sheetnames)
    for sheet in book:
        assert sheet.freeze_panes == "A2", sheet.title
        assert sheet.auto_filter.ref == sheet.dimensions or sheet.max_row == 1, sheet.title
        assert all(cell.data_type in {"s", "n", "inlineStr"} for row in sheet for cell in row), sheet.title
        assert not any(str(cell.value).startswith(("=", "@", "+")) for row in sheet for cell in row), sheet.title
    ledger = {row[1].value: row for row in book["checkins"].iter_rows(min_row=2) if row[7].value}
    assert isinstance(ledger["m1"][12].value, int)


def test_a_long_table_goes_on_in_a_numbered_sheet(tmp_path: Path) -> None:
    writer = WorkbookWriter(tmp_path / "b.xlsx", at=START, most_rows=3)
    writer.open(Table("long", "", (Column("n", pa.int64(), ""),)))
    writer.write(pa.RecordBatch.from_pydict({"n": [1, 2, 3, 4, 5]}))
    writer.close()
    writer.finish()
    book = openpyxl.load_workbook(tmp_path / "b.xlsx")
    assert {sheet.title: [row[0].value for row in sheet] for sheet in book} == {
        "long": ["n", 1, 2],
        "long_2": ["n", 3, 4],
        "long_3": ["n", 5],
    }


def test_a_sheet_that_is_heavy_goes_on_too(tmp_path: Path) -> None:
    writer = WorkbookWriter(tmp_path / "b.xlsx", at=START, most_bytes=400)
    writer.open(Table("long", "", (Column("text", pa.string(), ""),)))
    for letter in "abc":
        writer.write(pa.RecordBatch.from_pydict({"text": [letter * 500]}))
    writer.close()
    writer.finish()
    book = openpyxl.load_workbook(tmp_path / "b.xlsx")
    assert {sheet.title: sheet["A2"].value[0] for sheet in book} == {"long": "a", "long_2": "b", "long_3": "c"}


def test_any_text_stands_in_a_cell_as_it_is(tmp_path: Path) -> None:
    plain = [" a ", "two\nlines", "ñandú 🧵", '<b> & "c"']
    escaped = {"\x07": "_x0007_", "x\ry": "x_x000D_y", "_x0041_": "_x005F_x0041_", "\ufffe": "_xFFFE_"}
    texts = [*plain, *escaped, "z" * 40_000, None]
    writer = WorkbookWriter(tmp_path / "b.xlsx", at=START)
    writer.open(Table("texts", "", tuple(Column(f"t{place}", pa.string(), "") for place in range(30))))
    for text in texts:
        writer.write(pa.RecordBatch.from_pydict({f"t{place}": pa.array([text], pa.string()) for place in range(30)}))
    writer.close()
    writer.finish()
    with ZipFile(tmp_path / "b.xlsx") as file:
        sheet = ElementTree.fromstring(file.read("xl/worksheets/sheet1.xml"))
    rows = [[cell.findtext(f".//{MAIN}t") for cell in row] for row in sheet.iter(f"{MAIN}row")][1:]
    assert rows == [[text] * 30 for text in (*plain, *escaped.values(), "z" * 32_767)] + [[]]
    assert [cell.get("r") for cell in next(sheet.iter(f"{MAIN}row"))][25:28] == ["Z1", "AA1", "AB1"]


def test_a_table_that_is_wider_than_a_sheet_is_refused(tmp_path: Path) -> None:
    writer = WorkbookWriter(tmp_path / "b.xlsx", at=START)
    with pytest.raises(ExportRefused, match="16385 columns"):
        writer.open(Table("wide", "", tuple(Column(f"c{n}", pa.int64(), "") for n in range(16_385))))
    writer.give_up()


@pytest.mark.parametrize("format_", FORMATS)
async def test_the_same_rows_are_the_same_bytes(answered: Store, tmp_path: Path, format_: str) -> None:
    suffix = "xlsx" if format_ == "xlsx" else "zip"
    await write_export(answered, tmp_path / f"one.{suffix}", format=format_)
    await write_export(answered, tmp_path / f"two.{suffix}", format=format_)
    assert (tmp_path / f"one.{suffix}").read_bytes() == (tmp_path / f"two.{suffix}").read_bytes()
    with ZipFile(tmp_path / f"one.{suffix}") as archive:
        assert archive.testzip() is None
    answered.clock.advance(days=1)
    await write_export(answered, tmp_path / f"later.{suffix}", format=format_)
    assert (tmp_path / f"later.{suffix}").read_bytes() != (tmp_path / f"one.{suffix}").read_bytes()


@pytest.mark.parametrize("separator", ["comma", "semicolon", "tab"])
async def test_the_package_is_valid(answered: Store, tmp_path: Path, separator: str) -> None:
    await write_export(answered, tmp_path / "out", separator=separator)
    told = validate(str(tmp_path / "out" / "datapackage.json"))
    assert told.valid, told.flatten(["title", "type", "message"])
    assert len(told.tasks) == 14


async def test_a_changed_file_is_noticed(answered: Store, tmp_path: Path) -> None:
    await write_export(answered, tmp_path / "out")
    people = tmp_path / "out" / "people.csv"
    people.write_bytes(people.read_bytes().replace(b"SMA", b"XYZ"))
    assert not validate(str(tmp_path / "out" / "datapackage.json")).valid


async def versions(store: Store, *forms: tuple[str, str, str]) -> None:
    """Further versions, each with an answer of hers at a point of its own."""
    points = iter(("m3", "m6", "m12"))
    async with store.database.transact() as tx:
        her = (await tx.run(select(participants.c.id).where(participants.c.release_on.is_not(None)))).scalar_one()
        for version, kind, label in forms:
            store.clock.advance(hours=1)
            source = FORM.format(version=version, type=kind, label=label)
            row = {"name": NAME, "version": version, "source": source, "added_at": store.clock()}
            await tx.run(instruments.instruments.insert(), [row])
            told = given(3 if kind == "integer" else "si")
            await answer(tx, await checkin_of(tx, her, next(points)), "trabaja", given=told, version=version)


async def test_new_wording_keeps_the_name_and_new_meaning_gets_one(answered: Store, tmp_path: Path) -> None:
    await versions(answered, ("8", "select_one si_no", "¿Hoy trabajas?"), ("9", "integer", "¿Cuántos trabajos?"))
    await write_export(answered, tmp_path / "out")
    frame = pd.read_csv(tmp_path / "out" / "wide.csv", encoding="utf-8-sig")
    assert [name for name in frame.columns if name.startswith("trabaja")] == [
        *("trabaja_m1", "trabaja_m3", "trabaja_v9_m6"),
    ]
    (her,) = frame[frame["trabaja_m1"].notna()].to_dict("records")
    assert (her["trabaja_m1"], her["trabaja_m3"], her["trabaja_v9_m6"]) == ("si", "si", 3)
    dictionary = pd.read_csv(tmp_path / "out" / "codebook_redcap.csv", encoding="utf-8-sig")
    own = dictionary[dictionary["Variable / Field Name"].str.startswith("trabaja")]
    assert own["Field Label"].tolist()[:2] == ["¿Hoy trabajas?", "¿Cuántos trabajos?"]


async def test_ten_thousand_rows_without_anything_first(store: Store, tmp_path: Path) -> None:
    """ADBC on SQLite takes a column's type from its first rows (design.md D12)."""
    empty, full = 10_000, {"person": "z", "plan": "p", "cohort": "2024", "centre": "SMA", "schooling": "primaria"}
    last = {
        **full,
        **{"release_on": date(2025, 1, 2), "birth_year": 1990, "died_on": date(2026, 1, 2), "enrolled_at": START},
        **{f"dependants_{band}": 1 for band in ("0_5", "6_11", "12_17", "adult")},
    }
    women = [dict.fromkeys(last) | {"id": n, "person": f"p{n:05d}", "added_at": START} for n in range(1, empty + 1)]
    async with store.database.transact() as tx:
        await tx.run(participants.insert(), [*women, {**last, "id": empty + 1, "added_at": START}])
        trained = {"participant_id": 1, "axis": "laboral", "workshop": "w", "centre": "c", "learned_at": START}
        bare = [
            {**trained, "started_on": date(2025, 1, 1)} | dict.fromkeys(("ended_on", "completed", "sessions_attended"))
        ]
        rows = [{**bare[0], "id": n} for n in range(1, empty + 1)]
        whole = {"ended_on": date(2025, 3, 1), "completed": False, "sessions_attended": 9}
        await tx.run(
            enrolments.insert(), [*rows, {**rows[0], **whole, "id": empty + 1, "started_on": date(2025, 2, 1)}]
        )
        scored = {"participant_id": 1, "instrument": "gad7", "version": "1", "moment": "pre", "learned_at": START}
        scores = [
            {**scored, "id": n, "taken_on": date(2025, 1, 1), "score": Decimal("1"), "answered": None, "subscale": ""}
            for n in range(1, empty + 1)
        ]
        more = {"id": empty + 1, "taken_on": date(2025, 2, 1), "score": Decimal("1.25"), "answered": 7, "subscale": "s"}
        await tx.run(measurements.insert(), [*scores, {**scores[0], **more}])
    await write_export(store, tmp_path / "out", format="parquet")
    people = pq.read_table(tmp_path / "out" / "people.parquet")
    assert people.num_rows == empty + 1
    for name in set(people.column_names) - {"person", "added_month"}:
        assert people.column(name).null_count == empty, name
    assert people.slice(empty).to_pylist()[0] == {
        **full,
        **{"release_month": "2025-01", "age_band": "35-44", "died_month": "2026-01", "enrolled_month": "2026-03"},
        **{"added_month": "2026-03", **{f"dependants_{band}": 1 for band in ("0_5", "6_11", "12_17", "adult")}},
    }
    (last_one,) = pq.read_table(tmp_path / "out" / "enrolments.parquet").slice(empty).to_pylist()
    assert (last_one["ended_month"], last_one["completed"], last_one["sessions_attended"]) == ("2025-03", 0, 9)
    (last_score,) = pq.read_table(tmp_path / "out" / "measurements.parquet").slice(empty).to_pylist()
    assert (last_score["score"], last_score["answered"], last_score["subscale"]) == (1.25, 7, "s")


async def test_every_reason_has_its_code_in_a_wide_cell(answered: Store, tmp_path: Path) -> None:
    async with answered.database.transact() as tx:
        her = (await tx.run(select(participants.c.id).where(participants.c.release_on.is_not(None)))).scalar_one()
        checkin = await checkin_of(tx, her)
        for name in ("trabaja", "tipos", "ingreso", "cuando"):
            await answer(tx, checkin, name, given=given(None, AnswerStatus.NO_CONSENT))
    await write_export(answered, tmp_path / "out", format="parquet")
    (her,) = [
        row for row in pq.read_table(tmp_path / "out" / "wide.parquet").to_pylist() if row["trabaja_m1"] is not None
    ]
    assert (her["trabaja_m1"], her["tipos___otro_m1"], her["ingreso_m1"], her["cuando_m1"]) == ("-66", -66, -66, "-66")
    assert her["ingreso_period_m1"] == "-66"
    assert her["formula_m1"] == "=1+1"
