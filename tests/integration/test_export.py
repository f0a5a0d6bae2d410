"""What an export writes as CSV, byte for byte where it matters, and what never leaves the store."""

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest

from bot.cli.opening import open_plan
from conversations.answers import AnswerStatus
from scheduler.applied import Plans
from scheduler.enrolment import enrol
from scheduler.plan import SHIPPED_PLAN
from storage.roster import checkins_of
from storage.schema import checkins, participants
from tests.support.exports import answer, checkin_of, fill, given, read_roster, write_export
from tests.support.world import Store

TABLES = (
    *("people", "enrolments", "employments", "incomes", "supports", "measurements", "checkins", "answers", "wide"),
    *("indicators", "funnel", "codebook", "codebook_redcap", "metadata"),
)
FILES = sorted([*(f"{name}.csv" for name in TABLES), "datapackage.json", "read_hilo.R"])


@pytest.fixture
async def answered(store: Store) -> Store:
    await fill(store)
    return store


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


async def test_every_woman_is_a_row(answered: Store, tmp_path: Path) -> None:
    await write_export(answered, tmp_path / "out")
    found = rows(tmp_path / "out" / "people.csv")
    assert sorted(row["person"] for row in found) == [row["person"] for row in found]
    (dated,) = [row for row in found if row["release_month"]]
    assert {name: dated[name] for name in ("release_month", "age_band", "centre", "enrolled_month", "added_month")} == {
        **{"release_month": "2026-02", "age_band": "35-44", "centre": "SMA"},
        **{"enrolled_month": "", "added_month": "2026-03"},
    }
    assert not {"release_on", "birth_year", "record_id"} & set(dated)


async def test_the_ledger_is_written(answered: Store, tmp_path: Path) -> None:
    made = await write_export(answered, tmp_path / "out")
    found = rows(tmp_path / "out" / "checkins.csv")
    assert len(found) == made.counts["checkins"] == 12
    dated = [row for row in found if row["due_month"]]
    assert [row["point"] for row in dated] == ["s1", "m1", "m3", "m6", "m12", "m24"]
    assert {row["state"] for row in found} == {"expected", "waiting_for_date"}
    assert dated[1] == {
        **{"person": dated[1]["person"], "point": "m1", "plan": "seguimiento", "instrument": "seguimiento"},
        **{"state": "expected", "fate": "", "fate_reason": "", "due_month": "2026-03", "reminders_sent": "0"},
        **{"invited_month": "", "reminded_month": "", "started_month": "", "closed_month": "", "mode": "chat"},
    }


async def test_answers_that_stand_are_written(answered: Store, tmp_path: Path) -> None:
    await write_export(answered, tmp_path / "out")
    found = rows(tmp_path / "out" / "answers.csv")
    assert {row["variable"]: (row["value"], row["number"], row["status"]) for row in found} == {
        "trabaja": ("si", "", "0"),
        "tipos": ("autoempleo", "", "0"),
        "ingreso": ("1500.50", "1500.5", "0"),
        "hijos": ("-88", "", "-88"),
        "edad": ("-3", "-3", "0"),
        "cuando": ("2026-01", "", "0"),
        "formula": ("'=1+1", "", "0"),
        "gasto": ("nota de voz", "", "0"),
        "cuenta": ("", "", "0"),
    }
    assert {row["variable"]: row["reason"] for row in found if row["reason"] != "given"} == {"hijos": "refused"}
    income = next(row for row in found if row["variable"] == "ingreso")
    assert (income["amount_high"], income["amount_period"]) == ("1600", "quincena")
    assert list(income)[:2] == ["person", "point"]
    assert (income["mode"], income["version"], income["answered_month"]) == ("chat", "7", "2026-03")


@pytest.mark.parametrize("status", AnswerStatus)
async def test_the_reason_stands_beside_one_of_four_codes(store: Store, tmp_path: Path, status: AnswerStatus) -> None:
    async with store.database.transact() as tx:
        her, _ = await enrol(tx, read_roster().rows, plans=Plans.of(open_plan(SHIPPED_PLAN)))
        told = given("si" if status is AnswerStatus.GIVEN else None, status)
        await answer(tx, await checkin_of(tx, her), "trabaja", given=told)
    await write_export(store, tmp_path / "out")
    (found,) = rows(tmp_path / "out" / "answers.csv")
    assert found["status"] in {"0", "-66", "-77", "-88", "-99"}
    assert found["status"] == str(status.missing_code or 0)
    assert found["value"] == ("si" if status is AnswerStatus.GIVEN else found["status"])
    assert found["reason"] == status.name.lower()
    codebook = rows(tmp_path / "out" / "codebook.csv")
    assert {found["status"], found["reason"]} <= {"0", *(row["choice"] for row in codebook)}


async def test_months_are_those_of_her_zone(answered: Store, tmp_path: Path) -> None:
    late = datetime(2026, 4, 1, 2, tzinfo=UTC)  # the evening of March 31 in Mexico City
    async with answered.database.transact() as tx:
        await tx.run(checkins.update().where(checkins.c.point == "m1").values(invited_at=late))
    await write_export(answered, tmp_path / "out")
    assert {row["invited_month"] for row in rows(tmp_path / "out" / "checkins.csv")} == {"", "2026-03"}


async def test_outcomes_are_written(answered: Store, tmp_path: Path) -> None:
    await write_export(answered, tmp_path / "out")
    (trained,) = rows(tmp_path / "out" / "enrolments.csv")
    assert (trained["workshop"], trained["started_month"], trained["completed"]) == ("costura", "2025-01", "1")
    (scored,) = rows(tmp_path / "out" / "measurements.csv")
    assert (scored["point"], scored["score"], scored["source"]) == ("", "12.5", "import")
    (support,) = rows(tmp_path / "out" / "supports.csv")
    assert (support["point"], support["given"], support["received"]) == ("m1", "1", "-88")
    found = rows(tmp_path / "out" / "indicators.csv")
    assert [row["numerator"] for row in found if (row["id"], row["dimension"]) == ("F1", "")] == ["1"]
    assert [row["expected"] for row in rows(tmp_path / "out" / "funnel.csv")] == ["2"] * 6


@pytest.mark.holds("S-39")
async def test_nothing_that_names_her_leaves(answered: Store, tmp_path: Path) -> None:
    await write_export(answered, tmp_path / "out")
    written = [path.read_text(encoding="utf-8") for path in (tmp_path / "out").iterdir()]
    assert len(written) == len(FILES)
    for secret in ("LC-001", "Rosa", "Prueba", "5512345678", "sus palabras", "Me llamo", "ref-of-a-voice-note"):
        assert not any(secret in text for text in written), secret
    assert not any("2026-02-28" in text or "1990" in text for text in written)


async def test_codebook_and_metadata(answered: Store, tmp_path: Path) -> None:
    await write_export(answered, tmp_path / "out")
    codebook = rows(tmp_path / "out" / "codebook.csv")
    own = [row for row in codebook if row["instrument"] == "seguimiento" and row["version"] == "7"]
    assert [(row["variable"], row["choice"], row["choice_label"]) for row in own][:6] == [
        ("trabaja", "", ""),
        ("trabaja", "si", "'=Sí"),
        ("trabaja", "no", "No"),
        ("tipos", "", ""),
        ("tipos", "autoempleo", "Por mi cuenta"),
        ("tipos", "otro", "Otro, o varios"),
    ]
    codes = {row["choice"] for row in codebook if (row["type"], row["variable"]) == ("missing", "hijos_m1")}
    assert codes == {"-66", "-77", "-88", "-99"}
    reasons = [row for row in codebook if (row["table"], row["variable"]) == ("answers", "reason") and row["choice"]]
    assert len(reasons) == len(AnswerStatus)
    for name in TABLES[:-2]:
        columns = list(rows(tmp_path / "out" / f"{name}.csv")[0]) if name not in {"employments", "incomes"} else []
        told = {row["variable"] for row in codebook if row["table"] == name}
        assert name == "codebook" or set(columns) <= told, name
    told_of = {row["name"]: row["value"] for row in rows(tmp_path / "out" / "metadata.csv")}
    assert told_of["cut_off"] == "2026-03-02T16:00:00+00:00"
    assert (told_of["rows_checkins"], told_of["rows_answers"], told_of["definitions"]) == ("12", "9", "1")


async def test_redcap_gets_its_eighteen_columns(answered: Store, tmp_path: Path) -> None:
    await write_export(answered, tmp_path / "out", separator="semicolon")
    found = rows(tmp_path / "out" / "codebook_redcap.csv")
    assert len(found[0]) == 18
    names = [row["Variable / Field Name"] for row in found]
    assert len(names) == len(set(names))
    works, kinds = found[1], found[2]
    assert (works["Field Type"], works["Choices, Calculations, OR Slider Labels"]) == ("radio", "si, =Sí | no, No")
    assert (kinds["Field Type"], kinds["Branching Logic (Show field only if...)"]) == ("checkbox", "[trabaja] = 'si'")
    assert {row["Field Type"] for row in found} <= {"text", "radio", "checkbox", "notes", "descriptive"}
    assert [row["Identifier?"] for row in found if row["Variable / Field Name"] == "cuenta"] == ["y"]


async def test_the_bytes_are_what_excel_reads(answered: Store, tmp_path: Path) -> None:
    await write_export(answered, tmp_path / "out")
    data = (tmp_path / "out" / "checkins.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbfperson,point,")
    assert data.count(b"\r\n") == data.count(b"\n") == 13
    await write_export(answered, tmp_path / "other", separator="semicolon")
    assert (tmp_path / "other" / "checkins.csv").read_bytes() == data.replace(b",", b";")


@pytest.mark.parametrize("name", ["out", "out.zip"])
async def test_what_is_there_is_kept_unless_forced(answered: Store, tmp_path: Path, name: str) -> None:
    await write_export(answered, tmp_path / name)
    with pytest.raises(FileExistsError):
        await write_export(answered, tmp_path / name)
    await write_export(answered, tmp_path / name, force=True)


async def test_force_touches_no_other_file(answered: Store, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("kept", encoding="utf-8")
    await write_export(answered, out, force=True)
    assert (out / "mine.txt").read_text(encoding="utf-8") == "kept"
    assert sorted(path.name for path in out.iterdir()) == sorted([*FILES, "mine.txt"])


async def test_files_are_their_owners_alone(answered: Store, tmp_path: Path) -> None:
    await write_export(answered, tmp_path / "out")
    await write_export(answered, tmp_path / "out.zip")
    await write_export(answered, tmp_path / "out.xlsx", format="xlsx")
    written = [*(tmp_path / "out").iterdir(), tmp_path / "out.zip", tmp_path / "out.xlsx"]
    assert {path.stat().st_mode & 0o777 for path in written} == {0o600}
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o700


async def test_a_zip_holds_what_a_folder_holds(answered: Store, tmp_path: Path) -> None:
    await write_export(answered, tmp_path / "out")
    await write_export(answered, tmp_path / "out.ZIP")
    with ZipFile(tmp_path / "out.ZIP") as archive:
        assert sorted(archive.namelist()) == FILES
        assert archive.testzip() is None
        for name in FILES:
            assert archive.read(name) == (tmp_path / "out" / name).read_bytes(), name


async def test_two_women_are_no_secret_of_each_other(answered: Store, tmp_path: Path) -> None:
    """Without a reason, what would single them out stays in the store."""
    made = await write_export(answered, tmp_path / "out", reason=None)
    found = rows(tmp_path / "out" / "people.csv")
    assert {(row["centre"], row["age_band"], row["cohort"], row["release_month"]) for row in found} == {
        ("", "", "", "")
    }
    (trained,) = rows(tmp_path / "out" / "enrolments.csv")
    assert (trained["workshop"], trained["centre"], trained["started_month"]) == ("", "", "")
    assert made.facts["left_out_centre"] == "2"
    assert {row["person"] for row in found} == {row["person"] for row in rows(tmp_path / "out" / "wide.csv")}


async def test_her_check_ins_are_listed_in_order(answered: Store) -> None:
    async with answered.database.read() as tx:
        (row,) = await tx.run(checkins.select().where(checkins.c.point == "m1", checkins.c.due_on.is_not(None)))
        cards = await checkins_of(tx, row.participant_id)
    assert [card.point for card in cards] == ["s1", "m1", "m3", "m6", "m12", "m24"]
    assert cards[1].due_on is not None
    assert cards[1].due_on - timedelta(days=28) == date(2026, 2, 28)


async def test_an_empty_store_is_exported(store: Store, tmp_path: Path) -> None:
    made = await write_export(store, tmp_path / "out")
    assert made.counts["people"] == made.counts["wide"] == 0
    async with store.database.read() as tx:
        assert (await tx.run(participants.select())).first() is None
